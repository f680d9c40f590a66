"""What a client's copy of a customer holds after the frames of a watch, and when that is void."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journey.v1.stream_pb2 import ResetReason
from journey_service.application.customer_view import CustomerView
from journey_service.application.reader import ExactRead
from journey_service.application.tokens import Copy
from journey_service.domain.leases import LeaseRow


@dataclass(slots=True)
class Sent:
    """A fold's generation, versions by member, watermarks by member, a continue list, the leases
    that had not ended.

    `narrow`: it was made for who sees a part of the customer alone. `rewound`: the journal was
    rewound behind it.
    """

    generation: int = 0
    versions: Mapping[str, int] = field(default_factory=dict)
    narrow: bool = False
    processed: Mapping[str, int] = field(default_factory=dict)
    leases: Mapping[str, LeaseRow] = field(default_factory=dict)
    continue_list: list[str] = field(default_factory=list)
    customer_id: str = ""
    rewound: bool = False

    def resume(self, copy: Copy) -> None:
        """It holds what a token says."""
        self.generation, self.versions, self.narrow = copy.generation, copy.versions, copy.narrow

    def take(self, found: ExactRead) -> None:
        """It holds what was read."""
        view = found.view
        self.generation, self.versions = view.generation, dict(view.versions)
        self.processed, self.narrow = found.processed, found.narrow
        self.leases = found.leases
        self.rewound = False

    def after(self, view: CustomerView, now_ms: int) -> ExactRead:
        """What a read of that view would say, where nothing else moved but time."""
        leases = {key: row for key, row in self.leases.items() if row.until_ms > now_ms}
        return ExactRead(view, self.processed, leases, leases)

    def void(self, found: ExactRead, *, farthest: int, whole: bool) -> ResetReason:
        """Why no delta can bring it level with a read; UNSPECIFIED if one can.

        It may be `farthest` events behind; those of a member that joins count if `whole`.
        """
        versions = found.view.versions
        if self.rewound:
            return ResetReason.RESET_REASON_JOURNAL_REWOUND
        if not self.versions.keys() <= versions.keys() or self._is_seen_otherwise(found):
            return ResetReason.RESET_REASON_MEMBERS_LEFT
        if self.generation != found.view.generation:
            return ResetReason.RESET_REASON_PROJECTION_REBUILT
        if not found.view.contains(self.versions):
            return ResetReason.RESET_REASON_TOKEN_AHEAD
        begins = {} if whole else versions
        behind = (
            version - self.versions.get(member, begins.get(member, 0))
            for member, version in versions.items()
        )
        if sum(behind) > farthest:
            return ResetReason.RESET_REASON_TOKEN_TOO_OLD
        return ResetReason.RESET_REASON_UNSPECIFIED

    def _is_seen_otherwise(self, found: ExactRead) -> bool:
        """Whether it may hold what is not to be seen any more, or lack what is: that of the
        caller's own subject is in it in any case."""
        own = {found.view.subject_id}
        return self.narrow != found.narrow and not self.versions.keys() <= own
