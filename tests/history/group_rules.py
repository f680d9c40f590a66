"""Rule H12, over one group and what the journal holds in the end."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.history.findings import Finding
from tests.history.groups import At, Given, GroupHistory
from tests.history.history import Stored

DONE = frozenset({"ack", "skip"})
Events = Mapping[At, tuple[str, Stored]]


@dataclass(slots=True)
class GroupCase:
    """A group with what several parts of the rule look up.

    `events`: what it had to deliver, with the subject, by place. `done_at` and `aside_at`: when a
    consumer first began to say that an event succeeded, or to put it aside.
    """

    group: GroupHistory
    events: Events
    by_id: dict[str, Given]
    done_at: dict[At, float]
    aside_at: dict[At, float]

    @classmethod
    def of(cls, group: GroupHistory, events: Events) -> "GroupCase":
        """Index what was noted."""
        case = cls(group, events, {one.delivery_id: one for one in group.given}, {}, {})
        for one in group.given:
            if one.attempt >= group.max_attempts:
                _earliest(case.aside_at, one.at, one.t)
        for delivery_id, several in group.said.items():
            at = case.by_id[delivery_id].at
            for t, how in several:
                if how in DONE:
                    _earliest(case.done_at, at, t)
                elif how == "park":
                    _earliest(case.aside_at, at, t)
        return case

    def finding(self, subject: str, ids: Iterable[str], seen: str) -> Finding:
        """A finding in this group."""
        return Finding("H12", subject, tuple(ids), f"group {self.group.name}: {seen}")


def _earliest(times: dict[At, float], at: At, t: float) -> None:
    times[at] = min(t, times.get(at, math.inf))


def deliveries_are_true(case: GroupCase) -> Iterator[Finding]:
    """What was delivered is in the journal, where it was said to be."""
    for one in case.group.given:
        subject, row = case.events.get(one.at, ("", None))
        if row is None or (subject, row.version, row.event_id) != (
            one.subject,
            one.version,
            one.event_id,
        ):
            yield case.finding(
                one.subject, [one.event_id], f"delivered as {one.at}, where it is not"
            )


def everything_is_delivered(case: GroupCase) -> Iterator[Finding]:
    """The union of the deliveries is complete once the group is at rest."""
    if case.group.aside is None:
        return
    waiting = _held(case)
    delivered = {one.at for one in case.group.given}
    for at, (subject, row) in case.events.items():
        if at not in delivered and at not in waiting and at not in case.group.discarded:
            yield case.finding(subject, [row.event_id], f"{at} was never delivered")


def first_deliveries_are_in_order(case: GroupCase) -> Iterator[Finding]:
    """Of each subject, by version."""
    first: dict[str, dict[int, Given]] = {}
    for one in case.group.given:
        versions = first.setdefault(one.subject, {})
        known = versions.get(one.version)
        if known is None or one.t < known.t:
            versions[one.version] = one
    for subject, versions in first.items():
        last: Given | None = None
        for _, one in sorted(versions.items()):
            if last is not None and one.t < last.t:
                yield case.finding(
                    subject,
                    [one.event_id, last.event_id],
                    f"version {one.version} was delivered before version {last.version}",
                )
            last = one


def each_epoch_has_one_owner(case: GroupCase) -> Iterator[Finding]:
    """A partition, and so a subject, is one consumer's in each epoch."""
    owners: dict[tuple[int, int], Given] = {}
    for one in case.group.given:
        known = owners.setdefault((one.partition, one.epoch), one)
        if known.consumer != one.consumer:
            yield case.finding(
                one.subject,
                [known.event_id, one.event_id],
                f"partition {one.partition} was {known.consumer}'s and {one.consumer}'s in "
                f"epoch {one.epoch}",
            )


def settled_stays_settled(case: GroupCase) -> Iterator[Finding]:
    """What was confirmed is not delivered once more, unless somebody asked for that."""
    settled: dict[At, Given] = {}
    for delivery_id, reason in case.group.answers.items():
        one = case.by_id[delivery_id]
        done = any(said.how in DONE for said in case.group.said.get(delivery_id, ()))
        # Attempts of what is replayed are counted anew.
        if done and not reason and not one.replayed:
            settled[one.at] = one
    for one in case.group.given:
        known = settled.get(one.at)
        # Who takes over and has forgotten what was settled counts attempts from 1, too.
        if known is None or one.replayed or _attempt(one) <= _attempt(known):
            continue
        yield case.finding(
            one.subject,
            [one.event_id],
            f"settled in attempt {known.attempt} of epoch {known.epoch}, delivered again in "
            f"attempt {one.attempt} of epoch {one.epoch}",
        )


def _attempt(one: Given) -> tuple[int, int]:
    return one.epoch, one.attempt


def checkpoints_never_go_back(case: GroupCase) -> Iterator[Finding]:
    """What was seen of a partition's checkpoint is never less later."""
    last: dict[int, int] = {}
    for _, seen in sorted(case.group.progress, key=lambda look: look[0]):
        for partition, checkpoint in seen.items():
            before = last.get(partition, 0)
            if checkpoint < before:
                yield case.finding(
                    f"partition {partition}",
                    (),
                    f"the checkpoint of partition {partition} went from {before} to {checkpoint}",
                )
            last[partition] = checkpoint


def checkpoints_pass_what_is_settled(case: GroupCase) -> Iterator[Finding]:
    """Nobody saw a checkpoint behind which something was neither settled nor put aside."""
    # Where all up to a position is fine: from when on, and which event was the last to be so.
    fine: dict[int, list[tuple[int, float, At]]] = {}
    held: dict[str, float] = {}
    for at, (subject, _) in sorted(case.events.items()):
        since = min(
            case.done_at.get(at, math.inf),
            case.aside_at.get(at, math.inf),
            held.get(subject, math.inf) if case.group.hold else math.inf,
        )
        held[subject] = min(held.get(subject, math.inf), case.aside_at.get(at, math.inf))
        line = fine.setdefault(at[0], [])
        if not line or since > line[-1][1]:
            line.append((at[1], since, at))
    for t, seen in case.group.progress:
        for partition, checkpoint in seen.items():
            for position, since, at in fine.get(partition, ()):
                if position > checkpoint:
                    break
                if since > t:
                    subject, row = case.events[at]
                    yield case.finding(
                        subject,
                        [row.event_id],
                        f"the checkpoint {checkpoint} of partition {partition} passed the "
                        f"unsettled position {position}",
                    )
                    break


def every_fate_is_known(case: GroupCase) -> Iterator[Finding]:
    """Settled, parked and discarded events are all that there are, once the group is at rest."""
    if case.group.aside is None:
        return
    known = case.group.aside | case.group.discarded | _held(case)
    for delivery_id, several in case.group.said.items():
        done = any(said.how in DONE for said in several)
        refused = case.group.answers.get(delivery_id, "")
        if done and (not refused or delivery_id in case.group.unsure):
            known.add(case.by_id[delivery_id].at)
    for at, (subject, row) in case.events.items():
        if at not in known:
            yield case.finding(
                subject, [row.event_id], f"{at} is neither settled nor parked nor discarded"
            )


def _held(case: GroupCase) -> set[At]:
    """What waits behind parked events in the end."""
    aside = case.group.aside or set()
    if not case.group.hold:
        return set()
    lowest: dict[str, At] = {}
    for at in sorted(aside & case.events.keys()):
        lowest.setdefault(case.events[at][0], at)
    return {
        at for at, (subject, _) in case.events.items() if subject in lowest and lowest[subject] < at
    }


OF_GROUPS: tuple[Callable[[GroupCase], Iterator[Finding]], ...] = (
    deliveries_are_true,
    everything_is_delivered,
    first_deliveries_are_in_order,
    each_epoch_has_one_owner,
    settled_stays_settled,
    checkpoints_never_go_back,
    checkpoints_pass_what_is_settled,
    every_fate_is_known,
)
