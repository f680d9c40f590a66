from typing import Any

from journey.v1.interactions_pb2 import FormSubmitted, InputSaved, InputValue, StepEntered
from tests.projections.acts import Device, clock
from tests.projections.machines import TAKEN, Told

FORM = "form/apply"
CLOSED, CONFLICT = "JOURNEY_CLOSED", "STATE_CONFLICT"


def answers(attempt: int = 1, **fields: Any) -> InputSaved:
    named = {name: InputValue(text=text) for name, text in fields.items()}
    return InputSaved(attempt=attempt, fields=named)


def submitted(attempt: int = 1, **fields: str) -> FormSubmitted:
    return FormSubmitted(attempt=attempt, answers=fields)


def shown(told: Told) -> dict[str, str]:
    return {each.field: each.value for each in told.journey.form.answers}


def enter(told: Told, device: Device, at: str, seen: int | None = None, **fields: str) -> None:
    device.record(FORM, answers(1, **fields), clock(at), seen=seen)


def test_hard_case_28_edits_of_two_devices_are_both_kept_and_of_one_field_the_later() -> None:
    """E-mail edited on PH, phone number on LT offline; then both edit one field."""
    told = Told(FORM)
    laptop = told.story.device("laptop")
    enter(told, told.phone, "20:00", email="a@x")
    enter(told, laptop, "20:01", 0, phone="123")
    assert shown(told) == {"email": "a@x", "phone": "123"}
    enter(told, told.phone, "20:05", 2, city="Bonn")
    enter(told, laptop, "20:06", 2, city="Ulm")
    assert shown(told)["city"] == "Ulm"
    city = told.journey.form.answers[0]
    assert (city.field, [each.json for each in city.conflicts]) == ("city", ['"Bonn"'])
    assert [each.field for each in told.journey.conflicts] == ["city"]


def test_steps_only_go_forward_in_what_was_reached() -> None:
    told = Told(FORM)
    told.tell(StepEntered(step="contact", step_no=3), "20:00")
    told.tell(StepEntered(step="name", step_no=1), "20:05")
    state = told.journey.form
    assert (state.step, state.max_step, state.attempt) == ("name", 3, 1)


def test_answers_of_a_submitted_attempt_are_those_that_the_submit_carried() -> None:
    told = Told(FORM)
    told.tell(answers(name="Ann", age="7"), "20:00", by=told.phone)
    told.tell(submitted(name="Anna"), "20:05", by=told.phone)
    journey = told.journey
    assert (shown(told), journey.finished, journey.rev) == ({"name": "Anna"}, True, 1)
    state = journey.form.submitted
    assert (state.attempt, state.at_ms, state.answers[0].value) == (1, clock("20:05"), "Anna")


def test_an_answer_from_before_the_submit_is_history_and_one_from_after_comes_too_late() -> None:
    told = Told(FORM)
    told.tell(submitted(name="Anna"), "20:05", by=told.phone)
    laptop = told.story.device("laptop")
    assert told.tell(answers(name="A"), "20:04", by=laptop) == TAKEN
    assert told.tell(answers(name="B"), "20:06", by=laptop) == CLOSED
    assert told.tell(answers(0, name="C"), "20:06", by=laptop) == CLOSED
    assert shown(told) == {"name": "Anna"}


def test_another_attempt_starts_anew() -> None:
    told = Told(FORM)
    told.takes(answers(name="Ann"), submitted(name="Anna"))
    told.takes(answers(2, city="Ulm"), at="20:10")
    journey = told.journey
    assert (shown(told), journey.form.attempt, journey.finished) == ({"city": "Ulm"}, 2, False)
    assert journey.form.submitted.attempt == 1
    told.takes(submitted(2, city="Bonn"), at="20:20")
    journey = told.journey
    assert (journey.form.submitted.attempt, journey.finished) == (2, True)


def test_an_attempt_is_submitted_once_and_none_is_left_out() -> None:
    told = Told(FORM)
    assert told.tell(submitted(2)) == CONFLICT
    told.takes(submitted(1))
    assert told.tell(submitted(1)) == CLOSED
    assert told.tell(submitted(3)) == CONFLICT
    assert told.tell(submitted(2)) == TAKEN


def test_a_back_end_says_what_is_wrong_also_when_the_form_is_submitted() -> None:
    told = Told(FORM)
    told.takes(answers(name="A"), submitted(name="A"))
    wrong = answers(1, **{"error.name": "too short"})
    assert told.tell(wrong, "20:10") == TAKEN
    (error,) = told.journey.form.errors
    assert (error.field, error.text) == ("name", "too short")
    mended = InputSaved(attempt=1, fields={"error.name": InputValue(cleared=True)})
    assert told.tell(mended, "20:20") == TAKEN
    assert not told.journey.form.errors


def test_attempts_that_arrive_in_any_order_stand_by_number() -> None:
    told = Told(FORM)
    for attempt, at in ((3, "20:00"), (1, "20:01"), (2, "20:02"), (3, "20:03")):
        told.phone.record(FORM, answers(attempt, name=f"{attempt}"), clock(at))
    assert (told.journey.form.attempt, shown(told)) == (3, {"name": "3"})


def test_a_form_is_listed_while_it_has_answers_that_are_not_submitted() -> None:
    told = Told(FORM)
    at = clock("21:00")
    told.tell(StepEntered(step="name", step_no=1), by=told.phone)
    assert told.story.continue_list(at) == []
    told.tell(answers(name="Ann"), by=told.phone)
    assert told.story.continue_list(at) == [FORM]
    told.tell(submitted(name="Ann"), by=told.phone)
    assert told.story.continue_list(at) == []
