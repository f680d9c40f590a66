"""Forms: answers of the attempt under way; what was submitted is what the submit carried."""

from __future__ import annotations

from collections.abc import Mapping

from journey.v1 import errors_pb2 as reasons
from journey.v1.errors_pb2 import ErrorReason
from journey.v1.folds_pb2 import FormAttemptFold, FormFold, JourneyFold, Machine
from journey.v1.journeys_pb2 import FormErrorState, FormState, Journey
from projections import thresholds
from projections.fold import Order, join, keep_greatest, keep_latest, latest, order_of
from projections.journeys.inputs import (
    EMPTIED,
    join_inputs,
    publish_inputs,
    save_input,
    submitted_inputs,
)
from projections.machines import Step, join_steps, stepped, steps_of
from projections.projection import Act, JourneyKind, MachineRule, Read, activity_by_intent
from projections.published import keep_newest

ERROR_PREFIX = "error."


# --- fold ----------------------------------------------------------------------------------------


def step_entered(form: FormFold, act: Act) -> None:
    """The customer came to a step."""
    keep_latest(form.step, act.write(text=act.body.step))
    keep_greatest(form.max_step, act.write(number=act.body.step_no))


def input_saved(form: FormFold, act: Act) -> None:
    """Answers were entered; or a back end says what is wrong with them."""
    for field, value in sorted(act.body.fields.items()):
        if field.startswith(ERROR_PREFIX):
            save_input(form.errors, field.removeprefix(ERROR_PREFIX), value, act)
        else:
            save_input(_attempt(form, attempt_of(act)).answers, field, value, act)


def attempt_of(act: Act) -> int:
    """The attempt that answers belong to; where none is told the first."""
    return max(1, int(act.body.attempt))


def _attempt(form: FormFold, number: int) -> FormAttemptFold:
    for index, known in enumerate(form.attempts):
        if known.attempt == number:
            return known
        if known.attempt > number:
            form.attempts.insert(index, FormAttemptFold(attempt=number))
            return form.attempts[index]
    return form.attempts.add(attempt=number)


def merge(mine: FormFold, theirs: FormFold) -> None:
    """Join the second state into the first."""
    for attempt in theirs.attempts:
        join_inputs(_attempt(mine, attempt.attempt).answers, attempt.answers)
    join(keep_latest, mine, theirs, "step")
    join(keep_greatest, mine, theirs, "max_step")
    join_inputs(mine.errors, theirs.errors)
    join_steps(mine, theirs)


def submits_of(machine: Machine) -> dict[int, Step]:
    """The first accepted submit of each attempt."""
    submits: dict[int, Step] = {}
    for step in steps_of(machine):
        if step.name == "form_submitted":
            submits.setdefault(step.body.attempt, step)
    return submits


# --- rule ----------------------------------------------------------------------------------------


def ended(form: FormFold, act: Act) -> bool:
    """The attempt is submitted. Answers that were entered before it was come late and are history;
    a back end may say what is wrong at any time."""
    submits = submits_of(form.machine)
    submit = submits.get(attempt_of(act))
    if submit is None:
        return False
    return act.name == "form_submitted" or (
        order_of(act.write()) > submit.order and not _only_errors(act.body.fields)
    )


def _only_errors(fields: Mapping[str, object]) -> bool:
    return all(field.startswith(ERROR_PREFIX) for field in fields)


def forbidden(form: FormFold, act: Act, _read: Read) -> ErrorReason | None:
    """Attempts follow each other."""
    if act.name != "form_submitted":
        return None
    last = max(submits_of(form.machine), default=0)
    return None if act.body.attempt == last + 1 else reasons.ERROR_REASON_STATE_CONFLICT


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.form` and `finished`; returns the activity."""
    form, state = fold.form, journey.form
    submits = submits_of(form.machine)
    answered = [attempt.attempt for attempt in form.attempts if attempt.answers]
    state.attempt = max([1, *answered, *submits])
    state.step, state.max_step = form.step.text, form.max_step.number
    if submits:
        _publish_submit(submits[max(submits)], state)
    if state.attempt in submits:
        state.answers.extend(state.submitted.answers)
    else:
        under_way = _attempt_or_none(form, state.attempt)
        answers = under_way.answers if under_way is not None else ()
        state.more = publish_inputs(answers, state.answers, journey.conflicts)
    _publish_errors(form, state)
    journey.finished = state.attempt in submits
    return activity_by_intent(fold)


def _publish_submit(step: Step, state: FormState) -> None:
    state.submitted.attempt, state.submitted.at_ms = step.body.attempt, step.order[0]
    state.submitted.answers.extend(submitted_inputs(step.body.answers, step.order[0]))


def _attempt_or_none(form: FormFold, number: int) -> FormAttemptFold | None:
    return next((known for known in form.attempts if known.attempt == number), None)


def _publish_errors(form: FormFold, state: FormState) -> None:
    orders = []
    for each in form.errors:
        write = latest(each.values.tags)
        if write is not None and write.number != EMPTIED:
            orders.append(order_of(write))
            state.errors.append(FormErrorState(field=each.field, text=write.text))
    cut = keep_newest(state.errors, orders.__getitem__, most_bytes=thresholds.SIDE_LIST_BYTES)
    state.more = state.more or cut


FORM = JourneyKind(
    name="form",
    folds={
        "step_entered": step_entered,
        "input_saved": input_saved,
        "form_submitted": stepped,
    },
    merge=merge,
    publish=publish,
    listed=lambda journey: bool(journey.form.answers),
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
    rule=MachineRule(
        judged=frozenset({"input_saved", "form_submitted"}), forbidden=forbidden, ended=ended
    ),
)
