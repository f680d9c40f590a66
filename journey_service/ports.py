"""What the core needs from outside, each method with its contract in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from journey.v1.events_pb2 import Event, Occurrence
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.sessions_pb2 import Device, Session
from journey_service.domain.batch import Batch, Stamp
from journey_service.domain.customers import Member
from journey_service.domain.leases import Held, LeaseRow, Paused
from journey_service.domain.wire_event import WireEvent


@dataclass(frozen=True, slots=True)
class Appended:
    """A durable write: results with places, the watermark after it, and where the stream stands.

    `paused` are devices that lost a lease by it.
    """

    results: tuple[RecordResult, ...]
    processed_seq: int
    partition: int
    position: int
    version: int
    clock_warning: bool = False
    paused: Sequence[Paused] = ()


@dataclass(frozen=True, slots=True)
class StreamHead:
    """Where a stream stands: last version (0 = empty) and greatest stamp in it."""

    version: int
    floor: Stamp


class Clock(Protocol):
    """Database time, the same for all processes."""

    def now_ms(self) -> int:
        """Ms since 1970 UTC; this process's clock plus its measured offset to the database.

        Raises StorageUnavailable while the offset is unknown or older than 60 s.
        """

    def ms_at(self, moment_s: float) -> int:
        """What `now_ms` said or would have said when `time.monotonic()` was `moment_s`."""


Deliver = Callable[[Sequence[Event]], None]


class Journal(Protocol):
    """The log: fixed partitions, each dense and in commit order."""

    @property
    def journal_id(self) -> str:
        """Made with the database, never changes."""

    @property
    def epoch(self) -> str:
        """Changes at restore and failover."""

    @property
    def partition_count(self) -> int:
        """Chosen when the database is created."""

    async def append(self, batch: Batch, *, deadline: float | None = None) -> Appended:
        """Decide the batch against what is known and write it; returns after COMMIT.

        `deadline` is loop time in seconds. Raises what `decide` raises (VersionConflict, SeqGap,
        InstallationCloned, SubjectErased, BatchRefused: nothing written), RateLimited when the
        lane is full, ExpiredInQueue when the deadline passed before BEGIN, StorageUnavailable
        (nothing written) and OutcomeUnknown (perhaps written; a repeat is recognised).
        Cancelling the caller never cancels the transaction.
        """

    async def release(
        self, subject_id: str, kind: str, journey_id: str, epoch: int, *, limit_group: str = ""
    ) -> bool:
        """End a lease early, without an event; False = it has ended, or is of another epoch.
        `limit_group`: for which it counted."""

    async def held_in(self, limit_group: str) -> list[Held]:
        """Leases that count for a limit group and have not ended; a batch counts them anew."""

    async def read_stream(
        self,
        subject_id: str,
        *,
        after_version: int = 0,
        up_to_version: int | None = None,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """Events with after_version < version <= up_to_version, by version, at most `limit`.

        Backwards: the newest of that range first. Raises EventUnreadable for damaged bytes.
        """

    async def read_by_occurrence(
        self,
        subject_id: str,
        *,
        after: Occurrence | None = None,
        up_to_version: int,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """Events with version <= up_to_version behind `after`, as things happened.

        Ordered by (t_ms, counter, installation_id, seq), ids by bytes; backwards: newest first.
        """

    async def read_partition(
        self,
        partition: int,
        *,
        after_position: int = 0,
        up_to_position: int | None = None,
        limit: int = 1_000,
        backwards: bool = False,
    ) -> list[Event]:
        """The same by position of one partition."""

    async def read_stream_on_wire(
        self, subject_id: str, after: int, up_to: int, limit: int, *, backwards: bool
    ) -> list[WireEvent]:
        """What `read_stream` reads, not parsed, for who passes it on."""

    async def read_partition_on_wire(
        self, partition: int, after: int, up_to: int, limit: int, *, backwards: bool
    ) -> list[WireEvent]:
        """What `read_partition` reads, not parsed, for who passes it on."""

    async def heads(self) -> dict[int, int]:
        """Last position of every partition, 0 = empty."""

    async def stream_head(self, subject_id: str) -> StreamHead:
        """Where a stream stands now."""

    async def position_of(self, subject_id: str, version: int) -> int:
        """Position, in the subject's partition, of the event with this version; 0 = there is none.
        The event itself is not opened."""

    async def keeps(self, epoch: str, partition: int, position: int) -> bool:
        """Whether a place that was told in `epoch` still names what it named then.

        It does up to the least head at which any later epoch began; nothing is kept of an epoch
        that this journal does not know (it was opened behind the backup that was restored).
        """

    def follow(self, partition: int, deliver: Deliver) -> AbstractContextManager[None]:
        """Call `deliver` with every event committed from now on, whoever wrote it.

        In position order, without hole or repeat, on the event loop, soon after COMMIT. `deliver`
        must not block. Leaving the context ends it. An event that is committed while `follow` is
        entered is delivered or already readable, never neither.
        """


@dataclass(frozen=True, slots=True)
class SubjectSnapshot:
    """One consistent read of a subject: stored states, and the events behind them.

    `states` were folded to `folded_version`; `tail` holds the events with greater versions in
    version order, to `head.version`. `processed_seq` is the watermark of the installation asked
    for, 0 = none. `leases` are those that have not ended, by key. `members` are the subjects of the
    customer by id, its own among them, empty = it is linked to nobody; `membership` counts how
    often they changed, and `member` is what is stored of the subject itself as one of them.
    """

    head: StreamHead
    generation: int
    folded_version: int
    states: Mapping[str, bytes]
    tail: Sequence[Event]
    processed_seq: int = 0
    leases: Mapping[str, LeaseRow] = field(default_factory=dict)
    members: Sequence[str] = ()
    membership: int = 0
    member: Member | None = None


@dataclass(frozen=True, slots=True)
class PartitionLease:
    """The right to fold one partition for one projection generation."""

    projection: str
    generation: int
    partition: int
    epoch: int
    position: int


@dataclass(frozen=True, slots=True)
class StateRow:
    """One folded state, serialized, folded to `version` of its subject. `index`: field and value by
    which it is found, None = its projection declares none; rows that were read do not tell."""

    subject_id: str
    key: str
    version: int
    state: bytes
    index: Sequence[tuple[str, str]] | None = None


class States(Protocol):
    """Folded states and checkpoints of projections."""

    async def read_subject(
        self,
        projection: str,
        subject_id: str,
        *,
        keys: Collection[str] | None = None,
        cached_version: int | None = None,
        installation_id: str = "",
    ) -> SubjectSnapshot:
        """Read a subject's live states and tail in one snapshot.

        `keys` limits the states (None = all); the tail is never limited by key. With
        `cached_version` the caller holds states folded to that version and gets no states and
        the tail behind it (if that is behind the stored states, it may get states instead: look
        at folded_version). Unknown subjects give version 0 and nothing.
        """

    async def register(self, projection: str, version: int) -> int:
        """Make the projection known with this fold version; returns its live generation."""

    async def acquire(
        self, projection: str, owner: str, partitions: Collection[int], *, life_ms: int
    ) -> list[PartitionLease]:
        """Take or renew the free, expired or own leases of these partitions; a take-over raises
        the epoch. Partitions that another owner holds are left out."""

    async def load(
        self, lease: PartitionLease, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], StateRow]:
        """States by (subject_id, key); absent ones are left out."""

    async def save(
        self,
        lease: PartitionLease,
        rows: Sequence[StateRow],
        versions: Mapping[str, int],
        position: int,
    ) -> PartitionLease:
        """Write states, the folded version of every subject in the range, and the checkpoint, in
        one transaction. Raises LeaseLost when the lease's epoch is stale: nothing is written."""

    async def release(self, leases: Collection[PartitionLease]) -> None:
        """Give leases back at once."""

    async def checkpoints(self, projection: str) -> dict[int, int]:
        """Position folded to, per partition, of the live generation."""


@dataclass(frozen=True, slots=True)
class CommandKey:
    """A repeatable call: its id, bound to the caller, and the hash of its content."""

    command_id: str
    caller: str
    content_hash: bytes


class Sessions(Protocol):
    """Installations, devices and sessions. Rows are sealed under their subject's key."""

    async def open(
        self, command: CommandKey, session: Session, *, issued_ms: int | None = None
    ) -> Session:
        """Register installation and device, store the session and the command, in one transaction.

        A known command with the same content returns the session stored then and writes nothing;
        with other content it raises CommandIdReused. The epoch in force is the greater of the
        installation's and session.epoch (at most 16 ahead). `issued_ms` is when the caller's
        credential was issued, None = that does not matter. Raises SignedOut where the device was
        signed out since, InstallationLost where it was reported lost; one that was signed out
        before is ACTIVE from now on, and the session says when that was.
        """

    async def load(self, session_id: str) -> Session | None:
        """A session as stored; None where unknown. The caller judges expiry."""

    async def save(self, session: Session) -> None:
        """Overwrite a stored session."""

    async def list_of(self, subject_id: str, *, limit: int, before: str = "") -> list[Session]:
        """Sessions of a subject, newest first, behind session id `before`."""

    async def sign_out(self, session: Session) -> int:
        """Store the closed session and raise the installation's epoch; returns the epoch."""

    async def devices_of(self, subject_id: str) -> dict[str, Device]:
        """Device by installation id, of the installations that had a session of the subject."""
