"""Input fields, as checkouts and forms keep them: the latest value, and what others entered at the
same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Repeated

from journey.v1.folds_pb2 import InputFold, Write
from journey.v1.interactions_pb2 import InputValue
from journey.v1.journeys_pb2 import Conflict, InputState
from projections import thresholds
from projections.fold import entry, join_tagged, latest, order_of, replace_observed
from projections.projection import Act
from projections.published import as_text, keep_newest, losing, told_conflicts

EMPTIED = 1


def save_inputs(inputs: Repeated[InputFold], act: Act) -> None:
    """Keep the values that an InputSaved carries, each in place of what it had in view."""
    for field, value in sorted(act.body.fields.items()):
        save_input(inputs, field, value, act)


def save_input(inputs: Repeated[InputFold], field: str, value: InputValue, act: Act) -> None:
    """Keep one value."""
    write = act.write(text=value.text, number=EMPTIED if value.cleared else 0)
    replace_observed(entry(inputs, InputFold, "field", field).values, write, act.marks)


def join_inputs(mine: Repeated[InputFold], theirs: Iterable[InputFold]) -> None:
    """Join inputs of two states, field by field."""
    for each in theirs:
        join_tagged(entry(mine, InputFold, "field", each.field).values, each.values)


def publish_inputs(
    inputs: Iterable[InputFold], published: Repeated[InputState], conflicts: Repeated[Conflict]
) -> bool:
    """Add the inputs that are not emptied, and the newest conflicts of all; returns whether there
    were too many."""
    orders, losers = [], []
    for each in inputs:
        lost = [(each.field, _json(write), write) for write in losing(each.values)]
        losers += lost
        chosen = latest(each.values.tags)
        if chosen is not None and chosen.number != EMPTIED:
            orders.append(order_of(chosen))
            published.append(_published(each.field, chosen, told_conflicts(lost)))
    conflicts.extend(told_conflicts(losers))
    return keep_newest(published, orders.__getitem__, most_bytes=thresholds.INPUTS_BYTES)


def _published(field: str, chosen: Write, conflicts: Iterable[Conflict]) -> InputState:
    return InputState(field=field, value=chosen.text, saved_at_ms=chosen.t_ms, conflicts=conflicts)


def _json(write: Write) -> str:
    return as_text(None if write.number == EMPTIED else write.text)


def submitted_inputs(answers: Mapping[str, str], at_ms: int) -> list[InputState]:
    """Answers as a submit carried them, by name of the field."""
    return [
        InputState(field=field, value=value, saved_at_ms=at_ms)
        for field, value in sorted(answers.items())
    ]
