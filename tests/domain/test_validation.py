from __future__ import annotations

from typing import Any

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, ROLE_STAFF, ROLE_SYSTEM, Role
from journey.v1.interactions_pb2 import (
    CHANNEL_OTHER,
    CHANNEL_WEB,
    FormSubmitted,
    Interaction,
    InteractionRejected,
    JourneyMarked,
)
from journey.v1.references_pb2 import JourneyRef
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT
from journey_service.domain.batch import Refusal
from journey_service.domain.catalogue import TYPES, InteractionType
from journey_service.domain.formats import CustomType, Declared
from journey_service.domain.validation import (
    MAX_VIOLATIONS,
    RecordLimits,
    Validation,
)
from tests.domain.samples import event_id, pause, run_id

RULES = Validation(
    Declared(
        custom_types={
            "garden.planted": CustomType(),
            "garden.watered": CustomType(frozenset({ROLE_DEVICE})),
        },
        custom_kinds=frozenset({"garden"}),
    )
)


def act(**body: Any) -> Interaction:
    """An interaction of a device with the body given; the journey is the media one unless given."""
    envelope: dict[str, Any] = {"event_id": event_id(1), "seq": 1, "wall_ms": 1}
    return Interaction(**envelope | body)


def refusal(interaction: Interaction, role: Role = ROLE_DEVICE) -> Refusal:
    found = RULES.refusal_of(interaction, role)
    assert found is not None
    return found


def broken(interaction: Interaction, role: Role = ROLE_DEVICE) -> dict[str, str]:
    """The fields that break their rules, with nothing else being wrong."""
    found = refusal(interaction, role)
    assert found.reason == reasons.ERROR_REASON_FIELD_VIOLATIONS
    return {violation.path: violation.rule for violation in found.violations}


def allowed(interaction: Interaction, role: Role = ROLE_DEVICE) -> bool:
    return RULES.refusal_of(interaction, role) is None


def test_a_good_interaction_may_be_recorded() -> None:
    assert allowed(pause(1))


# --- size and type -------------------------------------------------------------------------------


def note(characters: int) -> Interaction:
    journey = JourneyRef(kind="form", journey_id="f")
    fields = {f"field {at:04}": {"text": "x" * 1_000} for at in range(characters // 1_000)}
    return act(journey=journey, input_saved={"fields": fields})


def test_a_body_is_sixteen_kilobytes_from_a_device_and_four_times_as_much_from_a_back_end() -> None:
    assert allowed(note(16_000))
    found = refusal(note(17_000))
    assert found.reason == reasons.ERROR_REASON_TOO_LARGE
    assert found.violations[0].path == "input_saved"
    assert found.violations[0].rule.startswith("must have at most 16,384 bytes; has 17,")
    assert allowed(note(60_000), ROLE_SERVICE)
    assert refusal(note(66_000), ROLE_SERVICE).reason == reasons.ERROR_REASON_TOO_LARGE


def test_the_envelope_does_not_count_as_body() -> None:
    assert allowed(pause(1, seen="x" * 20_000))


def test_limits_are_settings() -> None:
    tight = Validation(device_limits=RecordLimits(10, 1, 1_000))
    found = tight.refusal_of(pause(1), ROLE_STAFF)
    assert found is not None
    assert found.reason == reasons.ERROR_REASON_TOO_LARGE


def test_a_body_from_the_future_is_of_unknown_type() -> None:
    future = act()
    future.MergeFromString(bytes([0xFA, 0xFF, 0x03, 0x01, 0x00]))  # field 8191, one byte
    assert refusal(future).reason == reasons.ERROR_REASON_TYPE_UNKNOWN


def test_a_field_of_the_envelope_from_the_future_is_no_body() -> None:
    future = act()
    future.MergeFromString(bytes([0x9A, 0x06, 0x01, 0x00]))  # field 99
    assert broken(future) == {"body": "is required"}


def test_without_body_nothing_happened() -> None:
    assert broken(act()) == {"body": "is required"}


def custom(name: str, **fields: Any) -> Interaction:
    body: dict[str, Any] = {
        "name": name,
        "interaction_class": INTERACTION_CLASS_INTENT,
        "json": "{}",
    }
    return act(custom=body | fields)


def test_a_custom_name_must_be_declared() -> None:
    found = refusal(custom("garden.mowed"), ROLE_SERVICE)
    assert found.reason == reasons.ERROR_REASON_TYPE_UNKNOWN
    assert found.violations[0].rule == "must be declared in the settings"
    assert allowed(custom("garden.planted"), ROLE_SERVICE)


def test_a_custom_name_is_reported_by_the_roles_declared() -> None:
    assert refusal(custom("garden.planted")).reason == reasons.ERROR_REASON_ACTOR_NOT_ALLOWED
    assert allowed(custom("garden.watered"))
    assert not allowed(custom("garden.watered"), ROLE_SERVICE)


def test_a_custom_body_is_intent_or_telemetry() -> None:
    stated = custom("garden.watered", interaction_class="INTERACTION_CLASS_DECIDED")
    assert broken(stated) == {"custom.interaction_class": "must be INTENT or TELEMETRY"}
    assert broken(custom("garden.watered", interaction_class=0)) == {
        "custom.interaction_class": "is required"
    }


def test_a_custom_journey_is_of_a_declared_kind() -> None:
    watered = custom("garden.watered")
    watered.journey.kind, watered.journey.journey_id = "garden", "roses"
    assert allowed(watered)
    watered.journey.kind = "media"
    assert broken(watered) == {"journey.kind": "must be custom"}


# --- roles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", TYPES.values(), ids=lambda found: found.name)
@pytest.mark.parametrize("role", [ROLE_DEVICE, ROLE_STAFF, ROLE_SERVICE, ROLE_SYSTEM])
def test_a_type_is_reported_by_its_roles_alone(found: InteractionType, role: Role) -> None:
    if found.stated:
        return
    empty = act()
    getattr(empty, found.field).SetInParent()
    refused = RULES.refusal_of(empty, role)
    by_role = refused is not None and refused.reason == reasons.ERROR_REASON_ACTOR_NOT_ALLOWED
    assert by_role is (role not in found.rules.roles)


def test_who_may_not_report_a_type_is_told_who_may() -> None:
    decided = act(interaction_rejected=InteractionRejected())
    assert refusal(decided).violations[0].rule == "may be reported by system only"
    paid = act(order_paid={})
    assert refusal(paid).violations[0].rule == "may be reported by staff, service only"


def coupon(status: str) -> Interaction:
    journey = JourneyRef(kind="cart", journey_id="main")
    return act(journey=journey, cart_coupon_set={"code": "X", "status": status})


def test_a_value_is_sent_by_its_roles_alone() -> None:
    found = refusal(coupon("STATUS_ACCEPTED"))
    assert found.reason == reasons.ERROR_REASON_ACTOR_NOT_ALLOWED
    assert found.violations[0].path == "cart_coupon_set.status"
    assert found.violations[0].rule == "may be STATUS_ACCEPTED from service only"
    assert allowed(coupon("STATUS_ACCEPTED"), ROLE_SERVICE)
    assert allowed(coupon("STATUS_ENTERED"))


# --- journey -------------------------------------------------------------------------------------


def test_a_type_with_a_kind_needs_its_journey() -> None:
    homeless = pause(1)
    homeless.ClearField("journey")
    found = broken(homeless)
    assert found == {"journey": "is required"}


def test_a_type_without_kind_takes_no_journey() -> None:
    viewed = act(
        journey=JourneyRef(kind="media", journey_id="film"),
        page_viewed={"screen_id": "home", "page_kind": "KIND_HOME"},
    )
    assert broken(viewed) == {"journey": "must be left out: this type belongs to no journey"}


def test_the_kind_must_be_the_types() -> None:
    step = act(
        journey=JourneyRef(kind="cart", journey_id="main"),
        step_entered={"step": "address", "step_no": 1},
    )
    assert broken(step) == {"journey.kind": "must be checkout or form"}


def test_a_journey_is_named_whole() -> None:
    assert broken(pause(1, journey=JourneyRef())) == {
        "journey.kind": "is required",
        "journey.journey_id": "is required",
    }


def mark(kind: str, value: JourneyMarked.Mark) -> Interaction:
    journey = JourneyRef(kind=kind, journey_id="j")
    return act(journey=journey, journey_marked=JourneyMarked(mark=value))


def test_a_mark_is_for_the_kinds_that_know_it() -> None:
    assert allowed(mark("media", JourneyMarked.MARK_FINISHED))
    assert allowed(mark("order", JourneyMarked.MARK_HIDDEN))
    assert broken(mark("order", JourneyMarked.MARK_FINISHED)) == {
        "journey_marked.mark": "may be MARK_FINISHED for media or reading only"
    }


def test_where_any_kind_is_taken_it_must_still_be_one() -> None:
    assert list(broken(mark("house", JourneyMarked.MARK_HIDDEN))) == ["journey.kind"]


# --- envelope ------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once() -> None:
    bad = pause(1, event_id="?", journey=JourneyRef(kind="cart", journey_id="main"), wall_ms=0)
    bad.media_paused.point_ms = -1
    bad.channel_label = "pop-up"
    bad.touchpoint.store.gln = "123"
    assert broken(bad) == {
        "event_id": "must be a UUID of version 7 from a device",
        "touchpoint.store.store_id": "is required",
        "touchpoint.store.gln": "must be a GLN: 13 digits",
        "media_paused.point_ms": "must be at least 0 and at most 3,600,000,000; is -1",
        "journey.kind": "must be media",
        "channel_label": "must be left out but with CHANNEL_OTHER",
        "wall_ms": "is required of devices",
    }


def test_violations_are_told_up_to_a_hundred() -> None:
    lines = [{"product": {"sku": "a b"}, "quantity": 0} for _ in range(60)]
    order = act(
        journey=JourneyRef(kind="order", journey_id="o"),
        order_placed={
            "lines": lines,
            "total": {"currency": "EUR"},
            "fulfilment": {"method": "FULFILMENT_METHOD_DIGITAL"},
            "payment_at": "PAYMENT_PLACE_ONLINE",
        },
    )
    found = refusal(order, ROLE_SERVICE).violations
    assert len(found) == MAX_VIOLATIONS + 1
    assert (found[-1].path, found[-1].rule) == ("", "20 more fields break their rules")


@pytest.mark.parametrize("role", [ROLE_STAFF, ROLE_SERVICE])
def test_only_devices_owe_version_7_and_a_wall_clock(role: Role) -> None:
    journey = JourneyRef(kind="cart", journey_id="main")
    removed = act(
        event_id="01930000-0000-5000-8000-000000000001",
        wall_ms=0,
        journey=journey,
        cart_line_removed={"line_key": "l"},
    )
    assert allowed(removed, role)
    assert list(broken(removed)) == ["event_id", "wall_ms"]


def test_a_channel_that_is_not_listed_has_a_label() -> None:
    assert allowed(pause(1, channel=CHANNEL_OTHER, channel_label="pop-up"))
    assert broken(pause(1, channel=CHANNEL_OTHER)) == {
        "channel_label": "is required with CHANNEL_OTHER"
    }
    assert "channel_label" in broken(pause(1, channel=CHANNEL_WEB, channel_label="pop-up"))


def test_only_a_back_end_names_the_device_in_an_interaction() -> None:
    journey = JourneyRef(kind="cart", journey_id="main")
    named = act(journey=journey, device_id="tablet", cart_line_removed={"line_key": "l"})
    told = "must be left out: the session tells the device"
    assert broken(named, ROLE_STAFF) == {"device_id": told}
    assert broken(named)["device_id"] == told
    assert allowed(named, ROLE_SERVICE)


def submitted(**envelope: Any) -> Interaction:
    return act(
        journey=JourneyRef(kind="form", journey_id="f"),
        form_submitted={"attempt": 1, "answers": {"name": "Ada"}},
        **envelope,
    )


def test_a_person_decides_on_the_rev_that_was_on_the_screen() -> None:
    assert allowed(submitted(expected_rev=0))
    assert broken(submitted()) == {
        "expected_rev": "is required of devices: the rev that was on the screen"
    }
    assert allowed(submitted(), ROLE_STAFF)


def test_only_machines_have_a_rev() -> None:
    assert broken(pause(1, expected_rev=3)) == {
        "expected_rev": "must be left out: this type has none"
    }


# --- content -------------------------------------------------------------------------------------


def test_a_report_filed_under_the_wrong_journey_is_recognised() -> None:
    misfiled = pause(1)
    misfiled.media_paused.run_id = run_id("other film")
    found = refusal(misfiled)
    assert found.reason == reasons.ERROR_REASON_RUN_MISMATCH
    assert found.violations[0].path == "media_paused.run_id"


def test_a_run_id_may_be_written_in_capitals() -> None:
    loud = pause(1)
    loud.media_paused.run_id = loud.media_paused.run_id.upper()
    assert allowed(loud)


def saved(text: str) -> Interaction:
    fields = {"card": {"text": text}, "name": {"text": "Ada"}}
    return act(journey=JourneyRef(kind="checkout", journey_id="c"), input_saved={"fields": fields})


CARDS = ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005", "6304000000000000"]


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_refused_and_never_repeated(number: str) -> None:
    found = refusal(saved(number))
    assert found.reason == reasons.ERROR_REASON_FORBIDDEN_CONTENT
    assert [violation.path for violation in found.violations] == ["input_saved.fields[card]"]
    assert number not in str(found)


@pytest.mark.parametrize(
    "text",
    ["4111111111111112", "411111111111", "41111111111111111116", "call 4111111111111111", ""],
)
def test_what_is_no_card_number_is_kept(text: str) -> None:
    assert allowed(saved(text))


def test_a_form_holds_no_card_number_either() -> None:
    form = submitted(expected_rev=0)
    form.form_submitted.answers["iban"] = CARDS[0]
    assert refusal(form).reason == reasons.ERROR_REASON_FORBIDDEN_CONTENT


def test_who_fills_the_hidden_field_is_no_person() -> None:
    form = submitted(expected_rev=0)
    form.form_submitted.CopyFrom(FormSubmitted(attempt=1, answers={"a": "b"}, trap_filled=True))
    assert refusal(form).reason == reasons.ERROR_REASON_BOT_SUSPECTED
