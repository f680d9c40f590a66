"""What would change for readers: the states of two generations side by side.

Both keep being folded, so a subject is brought to one version first: whichever is behind is folded
on by the events between, if this fold may do that; else the new one is folded anew up to the
version of the old one, because what another version of the fold has made is never folded on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Generic, TypeVar

from google.protobuf.message import Message

from journey.v1.rebuilds_pb2 import DifferenceExample, FieldDifference, PartitionComparison
from journey_service.domain.differences import Change, differences
from journey_service.ports import PartitionLease
from journey_service.ports_of_rebuilds import Rebuild, Rebuilds, SubjectPair
from projections.projection import serialized
from projections.view import StoredView

S = TypeVar("S", bound=Message)

PAGE_SUBJECTS = 200
PAGE_EVENTS = 1_000
EXAMPLES = 3
# Fields of what readers see that follow from the others.
FOLLOWING = frozenset({"checksum"})
GONE, NEW, DAMAGED, KEPT = "(gone)", "(new)", "(damaged)", "(kept) "


class Comparison(Generic[S]):
    """Compares one partition, page by page."""

    def __init__(
        self,
        view: StoredView[S],
        rebuilds: Rebuilds,
        rebuild: Rebuild,
        skips: Collection[int] = (),
    ) -> None:
        """`skips`: positions in the partition that the projection leaves out."""
        self._skips = skips
        self._view = view
        self._rebuilds = rebuilds
        self._rebuild = rebuild
        self._states = 0
        self._differing = 0
        self._fields: Counter[str] = Counter()
        self._examples: dict[str, list[DifferenceExample]] = defaultdict(list)

    async def compare_page(self, lease: PartitionLease, after: str) -> str | None:
        """Compare the next subjects; returns the last one, None at the end."""
        pairs = await self._rebuilds.pairs(
            lease, self._rebuild.base_generation, after=after, limit=PAGE_SUBJECTS
        )
        for pair in pairs:
            old, new = await level(
                self._view, self._rebuilds, self._rebuild, pair, skips=self._skips
            )
            self._count(pair, old, new)
        return pairs[-1].subject_id if len(pairs) == PAGE_SUBJECTS else None

    def _count(
        self, pair: SubjectPair, before: Mapping[str, bytes], after: Mapping[str, bytes]
    ) -> None:
        for key in sorted({*before, *after}):
            self._states += 1
            if before.get(key) == after.get(key):
                continue
            self._differing += 1
            for field in dict.fromkeys(self._fields_of(pair, key, before, after)):
                self._fields[field] += 1
                if len(self._examples[field]) < EXAMPLES:
                    example = DifferenceExample(subject_id=pair.subject_id, key=key)
                    self._examples[field].append(example)

    def _fields_of(
        self, pair: SubjectPair, key: str, before: Mapping[str, bytes], after: Mapping[str, bytes]
    ) -> list[str]:
        if key in pair.damaged:
            return [DAMAGED]
        return [change.field for change in changes(self._view, before.get(key), after.get(key))]

    def result(self) -> PartitionComparison:
        """What was found so far; no values."""
        return PartitionComparison(
            states=self._states,
            differing=self._differing,
            differences=[
                FieldDifference(field=field, states=count, examples=self._examples[field])
                for field, count in self._fields.most_common()
            ],
        )


def together(found: list[PartitionComparison]) -> PartitionComparison:
    """What several partitions found, most frequent first."""
    fields: Counter[str] = Counter()
    examples: dict[str, list[DifferenceExample]] = defaultdict(list)
    for each in found:
        for difference in each.differences:
            fields[difference.field] += difference.states
            examples[difference.field] += difference.examples
    return PartitionComparison(
        states=sum(each.states for each in found),
        differing=sum(each.differing for each in found),
        differences=[
            FieldDifference(field=field, states=count, examples=examples[field][:EXAMPLES])
            for field, count in sorted(fields.items(), key=lambda item: (-item[1], item[0]))
        ],
    )


def changes(view: StoredView[S], before: bytes | None, after: bytes | None) -> list[Change]:
    """In which fields two states differ as readers see them; else in what is kept of them."""
    if before is None or after is None:
        return [Change(*(NEW if before is None else GONE,) * 2, "", "")]
    kept = view.projection.parse(before), view.projection.parse(after)
    shown = [view.publish(each) for each in kept]
    if (
        isinstance(shown[0], Message)
        and isinstance(shown[1], Message)
        and (found := differences(shown[0], shown[1], without=FOLLOWING))
    ):
        return found
    return [
        change._replace(path=KEPT + change.path, field=KEPT + change.field)
        for change in differences(*kept)
    ] or [Change(KEPT, KEPT, "", "")]


async def level(
    view: StoredView[S],
    rebuilds: Rebuilds,
    rebuild: Rebuild,
    pair: SubjectPair,
    *,
    skips: Collection[int] = (),
) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    """The states of the old and the new generation, at one version of their subject."""

    async def folded_on(
        states: Mapping[str, bytes], version: int, up_to: int
    ) -> Mapping[str, bytes]:
        return await _folded_on(view, rebuilds, pair.subject_id, states, version, up_to, skips)

    new, old = pair.mine_version, pair.other_version
    if new == old:
        return pair.other, pair.mine
    if new < old:
        return pair.other, await folded_on(pair.mine, new, old)
    if rebuild.base_version == rebuild.fold_version:
        return await folded_on(pair.other, old, new), pair.mine
    return pair.other, await folded_on({}, 0, old)


async def _folded_on(
    view: StoredView[S],
    rebuilds: Rebuilds,
    subject_id: str,
    states: Mapping[str, bytes],
    version: int,
    up_to: int,
    skips: Collection[int],
) -> dict[str, bytes]:
    """States after the events behind a version."""
    folded = {key: view.projection.parse(state) for key, state in states.items()}
    while version < up_to:
        events = await rebuilds.read_stream(
            subject_id, after_version=version, up_to_version=up_to, limit=PAGE_EVENTS
        )
        for event in events:
            if event.position not in skips:
                view.projection.fold_event(folded, event)
        version = events[-1].version
    return {key: serialized(state) for key, state in folded.items()}
