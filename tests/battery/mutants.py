"""Services that break one promise each, so that the checker can show that it notices.

A mutant changes names in modules of the service, in its own process, after they were imported and
before the service starts; `tests.battery.entry` puts it in. Nothing of it is in the service.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import asyncpg

from journey.v1.events_pb2 import Event
from journey_service import bootstrap
from journey_service.application import feed
from journey_service.domain import append, group_book
from journey_service.domain.errors import ExpiredInQueue, JourneyError, VersionConflict
from journey_service.store.postgres import facts, group, lanes, streams, writer, writing
from journey_service.store.postgres.resolving import Resolution

_EARLY_S = 0.05
_NOW_AND_THEN = 7

# The module under its full name is what is changed; types of such changes cannot be stated.
_Changed = Any


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken service: the rule that must notice, and the row and size that bring it out.

    What is not `in_ci` takes longer, and CI shows its rule with another one.
    """

    rule: str
    row: str
    size: int
    why: str
    apply: Callable[[], None]
    in_ci: bool = True


def _acknowledge(draft: group.Draft) -> None:
    for request, outcome in draft.decided:
        if isinstance(outcome, JourneyError):
            request.refuse(outcome)
        else:
            request.answer(outcome)


def _early_acknowledgement() -> None:
    changed: _Changed = writer.Writer
    at_once, commit = changed._at_once, changed._commit

    async def at_once_after(self: Any, connection: Any, draft: group.Draft) -> Any:
        _acknowledge(draft)
        await asyncio.sleep(_EARLY_S)
        return await at_once(self, connection, draft)

    async def commit_after(self: Any, connection: Any, transaction: Any, draft: Any) -> None:
        _acknowledge(draft)
        await asyncio.sleep(_EARLY_S)
        await commit(self, connection, transaction, draft)

    changed._at_once, changed._commit = at_once_after, commit_after


def _unknown_acknowledged() -> None:
    async def hope(*_: object, **__: object) -> Resolution:
        return Resolution(committed=True, now_ms=time.time_ns() // 1_000_000)

    changed: _Changed = lanes
    changed.resolve = hope


def _ids_unchecked() -> None:
    changed: _Changed = facts
    changed._LEARN = {**changed._LEARN, "e": lambda stream, row: None}
    _without_constraints("events_id")


def _watermark_unchecked() -> None:
    changed: _Changed = append
    changed._check_sequence = lambda batch, known: None


def _versions_remembered() -> None:
    """Heads are set to what this process remembers, whatever they have become."""
    changed: _Changed = writing
    compare_and_set = changed._compare_and_set

    async def set_anyway(connection: Any, draft: group.Draft, *rest: Any) -> Any:
        found = await connection.fetch(
            "SELECT partition, head FROM partitions WHERE partition = ANY($1::int[])",
            list(draft.heads_before),
        )
        heads = {row["partition"]: row["head"] for row in found}
        return await compare_and_set(connection, replace(draft, heads_before=heads), *rest)

    changed._compare_and_set = set_anyway
    memory: _Changed = streams.Memory
    memory.contended = lambda self, partitions: None
    _without_constraints("events_position", "events_version")


def _conditions_ignored() -> None:
    changed: _Changed = append
    changed._check_conditions = lambda batch, known: None


def _conditions_before_identity() -> None:
    changed: _Changed = append
    check = changed._check_conditions

    def check_version_first(batch: Any, known: Any) -> None:
        if batch.expected_version is not None and batch.expected_version != known.version:
            raise VersionConflict(batch.subject_id, batch.expected_version, known.version)
        check(batch, known)

    changed._check_conditions = check_version_first


def _refused_after_commit() -> None:
    changed: _Changed = lanes.Lane
    finish, passes = changed._finish, itertools.count(1)

    async def refuse_some(self: Any, durable: Any) -> None:
        if next(passes) % _NOW_AND_THEN == 0:
            for request, _ in durable.draft.decided:
                request.refuse(ExpiredInQueue())
        await finish(self, durable)

    changed._finish = refuse_some


def _places_made_up() -> None:
    changed: _Changed = group
    place, passes = changed.place, itertools.count(1)

    def place_wrongly(decision: Any, **places: Any) -> None:
        place(decision, **places)
        if next(passes) % _NOW_AND_THEN == 0:
            decision.results[0].position += 1

    changed.place = place_wrongly


def _content_altered() -> None:
    changed: _Changed = group
    seal, passes = changed.seal_events, itertools.count(1)

    def seal_others(keys: Any, events: tuple[Event, ...]) -> Any:
        if next(passes) % _NOW_AND_THEN == 0:
            events[0].interaction.wall_ms += 1
        return seal(keys, events)

    changed.seal_events = seal_others


def _seam_skipped() -> None:
    changed: _Changed = feed.Feed
    note = changed.note

    def note_from_there(self: Any, events: Sequence[Event]) -> Any:
        part = self._parts.get(events[0].partition)
        if part is not None:
            part.seen = max(part.seen, events[0].position - 1)
        return note(self, events)

    changed.note = note_from_there


def _places_ahead() -> None:
    changed: _Changed = feed.Feed
    places = changed.places
    changed.places = lambda self: {at: place + 1 for at, place in places(self).items()}


def _without_constraints(*names: str) -> None:
    """The database is the last guard; these mutants show the checker without it."""
    changed: _Changed = bootstrap
    migrate = changed.migrate

    async def migrate_and_drop(dsn: str, **options: Any) -> Any:
        migrated = await migrate(dsn, **options)
        connection = await asyncpg.connect(dsn)
        try:
            for name in names:
                await connection.execute(f"ALTER TABLE events DROP CONSTRAINT IF EXISTS {name}")
        finally:
            await connection.close()
        return migrated

    changed.migrate = migrate_and_drop


def _checkpoint_at_highest() -> None:
    changed: _Changed = group_book.Book
    changed.checkpoint = property(lambda self: self.scanned)


def _epochs_ignored() -> None:
    changed: _Changed = group_book.Book
    say = changed.say

    def say_whoever(self: Any, name: Any, *said: Any) -> Any:
        entry = self.entries.get(name.position)
        if entry is not None:
            name = name._replace(attempt=entry.attempt, consumer_id=entry.consumer_id)
        return say(self, name._replace(epoch=self.progress.epoch), *said)

    changed.say = say_whoever


MUTANTS: Mapping[str, Mutant] = {
    "early-acknowledgement": Mutant(
        "H1", "DUR-1", 4, "answers before COMMIT", _early_acknowledgement
    ),
    "unknown-acknowledged": Mutant(
        "H1",
        "DUR-2",
        4,
        "answers ok when the outcome is unknown",
        _unknown_acknowledged,
        in_ci=False,
    ),
    "ids-unchecked": Mutant("H2", "CON-2", 1_000, "does not look for known ids", _ids_unchecked),
    "places-made-up": Mutant("H3", "CON-1", 200, "answers with other positions", _places_made_up),
    "versions-remembered": Mutant(
        "H4", "CLK-1", 1, "takes versions from memory unchecked", _versions_remembered
    ),
    "content-altered": Mutant("H5", "CON-1", 200, "stores other content", _content_altered),
    "refused-after-commit": Mutant(
        "H6", "CON-1", 200, "says that nothing was done when it was", _refused_after_commit
    ),
    "watermark-unchecked": Mutant(
        "H7", "CON-3", 1_000, "forgets where an installation stands", _watermark_unchecked
    ),
    "conditions-ignored": Mutant("H9", "CON-1", 200, "ignores conditions", _conditions_ignored),
    "conditions-before-identity": Mutant(
        "H9",
        "CON-2",
        1_000,
        "refuses repeats by their condition",
        _conditions_before_identity,
        in_ci=False,
    ),
    "seam-skipped": Mutant(
        "H11",
        "SUB-1",
        50,
        "hands over what is new before what was",
        _seam_skipped,
        in_ci=False,
    ),
    "places-ahead": Mutant(
        "H13", "SUB-1", 50, "names places that nobody wrote yet", _places_ahead, in_ci=False
    ),
    "checkpoint-at-highest": Mutant(
        "H12", "SUB-6", 3, "moves checkpoints to the highest settled", _checkpoint_at_highest
    ),
    "epochs-ignored": Mutant(
        "H12",
        "SUB-5",
        10,
        "lets late consumers settle what others have",
        _epochs_ignored,
        in_ci=False,
    ),
}
