from __future__ import annotations

import uuid
from typing import Any

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, Role
from journey.v1.events_pb2 import DATA_CLASS_PERSONAL, DATA_CLASS_PUBLIC, DataClass
from journey.v1.interactions_pb2 import (
    CHANNEL_OTHER,
    CHANNEL_STORE,
    CHANNEL_WEB,
    Channel,
    ConversationMessageAdded,
    Interaction,
    MediaProgressed,
)
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.append import decide
from journey_service.domain.arrival import JourneyKey, Reporter, candidates, content_hash
from journey_service.domain.batch import Candidate, Known, Seen, Stamp
from journey_service.domain.formats import CustomType, Declared
from journey_service.domain.validation import Validation
from tests.domain.samples import NOW, SUBJECT, batch, event_id, pause, run_id

RULES = Validation(Declared(custom_types={"garden.seen": CustomType(frozenset({ROLE_DEVICE}))}))
FILM = ("media", "film")


class Screens:
    """Opens tokens "1", "2", … as what was seen at that version; others cannot be used."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, JourneyKey]] = []

    def __call__(self, token: str, journey: JourneyKey) -> Seen | None:
        self.asked.append((token, journey))
        return seen(int(token)) if token.isdigit() else None


def seen(version: int) -> Seen:
    return Seen({SUBJECT: version}, NOW, Stamp(NOW, 0))


def arrive(
    *sent: Interaction,
    role: Role = ROLE_DEVICE,
    channel: Channel = CHANNEL_WEB,
    label: str = "",
    screens: Screens | None = None,
) -> tuple[Candidate, ...]:
    reporter = Reporter(role, channel, label)
    return candidates(sent, reporter, RULES, screens or Screens())


def one(sent: Interaction, **facts: Any) -> Candidate:
    [found] = arrive(sent, **facts)
    return found


def progress(seq: int, **envelope: Any) -> Interaction:
    report = pause(seq, **envelope)
    report.media_progressed.CopyFrom(MediaProgressed(run_id=run_id(), opened_by="RUN_OPENER_PLAY"))
    return report


# --- what is filled in ---------------------------------------------------------------------------


def test_what_was_sent_is_left_as_it_is() -> None:
    sent = pause(1, seen="1")
    before = sent.SerializeToString()
    found = one(sent)
    assert sent.SerializeToString() == before
    assert found.type == "media.paused"
    assert found.refusal is None
    assert (found.telemetry, found.machine, found.sent_event_id) == (False, False, "")


def test_the_channel_is_the_sessions_where_none_is_named() -> None:
    assert one(pause(1)).interaction.channel == CHANNEL_WEB
    assert one(pause(1, channel=CHANNEL_STORE)).interaction.channel == CHANNEL_STORE


def test_the_label_comes_with_the_sessions_channel() -> None:
    found = one(pause(1), channel=CHANNEL_OTHER, label="pop-up").interaction
    assert (found.channel, found.channel_label) == (CHANNEL_OTHER, "pop-up")
    own = one(pause(1, channel_label="fair"), channel=CHANNEL_OTHER, label="pop-up").interaction
    assert own.channel_label == "fair"


def in_cart(journey_id: str = "") -> Interaction:
    journey = JourneyRef(kind="cart", journey_id=journey_id)
    sent = Interaction(event_id=event_id(1), seq=1, wall_ms=NOW, journey=journey)
    sent.cart_line_removed.line_key = "l"
    return sent


def test_an_empty_journey_id_is_the_types_own() -> None:
    assert one(in_cart()).interaction.journey.journey_id == "main"
    assert one(in_cart("gifts")).interaction.journey.journey_id == "gifts"


def test_a_kind_without_default_keeps_its_empty_id_and_is_refused() -> None:
    found = one(pause(1, journey=JourneyRef(kind="media")))
    assert found.refusal is not None
    assert found.interaction.journey.journey_id == ""


def test_urls_lose_their_query_and_the_token_is_not_kept() -> None:
    sent = Interaction(event_id=event_id(1), seq=1, wall_ms=NOW, seen="1")
    sent.page_viewed.url = "https://example.org/?utm_id=1&session=2"
    sent.page_viewed.page_kind = sent.page_viewed.KIND_HOME
    found = one(sent).interaction
    assert found.page_viewed.url == "https://example.org/?utm_id=1"
    assert found.seen == ""


def test_unknown_fields_are_kept_byte_for_byte() -> None:
    sent = pause(1)
    sent.media_paused.MergeFromString(bytes([0xFA, 0x06, 0x03]) + b"new")
    assert b"new" in one(sent).interaction.SerializeToString()


# --- ids -----------------------------------------------------------------------------------------


def test_an_id_in_capitals_is_recorded_in_small_letters_and_answered_as_sent() -> None:
    loud = "01930000-0000-7000-8000-00000000000A"
    found = one(pause(1, event_id=loud))
    assert found.refusal is None
    assert found.interaction.event_id == loud.lower()
    assert found.sent_event_id == loud


@pytest.mark.parametrize("malformed", ["", "7", "x" * 200, "01930000-0000-7000-8000-00000000000g"])
def test_a_malformed_id_is_refused_under_an_id_that_can_be_stored(malformed: str) -> None:
    found, again = one(pause(1, event_id=malformed)), one(pause(1, event_id=malformed))
    assert found.refusal is not None
    assert found.refusal.reason == reasons.ERROR_REASON_FIELD_VIOLATIONS
    assert uuid.UUID(found.interaction.event_id).version == 5
    assert found.sent_event_id == malformed
    assert again == found


def test_malformed_ids_of_different_acts_stay_apart() -> None:
    ids = {
        found.interaction.event_id for found in arrive(*(pause(n, event_id="?") for n in (1, 2)))
    }
    assert len(ids) == 2


def test_a_malformed_id_is_answered_as_sent_and_blocks_nothing() -> None:
    acts = arrive(pause(1, event_id="?"), pause(2))
    results = decide(batch(*acts), Known()).results
    assert [result.event_id for result in results] == ["?", event_id(2)]
    assert [result.version for result in results] == [1, 2]


# --- codes and secrets ---------------------------------------------------------------------------


def collected(code: str) -> Interaction:
    sent = Interaction(event_id=event_id(1), journey=JourneyRef(kind="order", journey_id="o"))
    sent.pickup_collected.store.store_id = "s"
    line = sent.pickup_collected.lines.add(quantity=1)
    line.product.sku = "sku-1"
    sent.pickup_collected.collect_code = code
    return sent


def kept_of(code: str, key: bytes) -> str:
    rules = Validation(secrets_key=key)
    [found] = candidates([collected(code)], Reporter(ROLE_SERVICE), rules, Screens())
    assert found.refusal is None
    return found.interaction.pickup_collected.collect_code


def test_of_a_code_only_a_hash_under_the_key_is_kept() -> None:
    kept = kept_of("K7-42", b"key")
    assert len(kept) == 64
    assert kept == kept_of("K7-42", b"key")
    assert len({kept, kept_of("K7-43", b"key"), kept_of("K7-42", b"other")}) == 3


def test_without_key_nothing_of_a_code_is_kept() -> None:
    assert kept_of("K7-42", b"") == ""


def consent(kind: str, value: str) -> Interaction:
    sent = Interaction(event_id=event_id(1), wall_ms=NOW)
    recorded = sent.consent_recorded
    recorded.purpose, recorded.legal_basis, recorded.text_hash = "marketing:email", "consent", "h"
    recorded.policy_version, recorded.decision = "1", recorded.DECISION_GRANTED
    recorded.evidence.form_id = "newsletter"
    recorded.bound_to.type, recorded.bound_to.value = kind, value
    return sent


def test_the_address_of_a_consent_is_checked_in_clear_and_kept_as_a_hash_of_its_type() -> None:
    rules, reporter = Validation(secrets_key=b"key"), Reporter(ROLE_SERVICE)
    sent = [consent("email", "a@b.org"), consent("nick", "a@b.org"), consent("email", "ada")]
    email, nick, malformed = candidates(sent, reporter, rules, Screens())
    kept = {
        found.interaction.consent_recorded.bound_to.value: found.refusal for found in (email, nick)
    }
    assert list(kept.values()) == [None, None]
    assert "a@b.org" not in kept
    assert malformed.refusal is not None


# --- content -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        pause(1, wall_ms=NOW + 1),
        pause(1, mono_ms=1),
        pause(1, boot_id="other"),
        pause(1, journey=JourneyRef(kind="media", journey_id="other")),
        pause(2),
        progress(1),
    ],
)
def test_content_is_journey_body_and_clocks(other: Interaction) -> None:
    assert content_hash(other) != content_hash(pause(1))
    assert len(content_hash(other)) == 16


def test_content_is_nothing_else() -> None:
    same = pause(1, event_id=event_id(9), seen="1", channel=CHANNEL_WEB, offset_ms=4)
    same.seq = 9
    assert content_hash(same) == content_hash(pause(1))


def test_content_does_not_depend_on_the_order_of_fields_on_the_wire() -> None:
    backwards = Interaction.FromString(
        b"".join(
            Interaction(**{field.name: value}).SerializeToString()
            for field, value in reversed(pause(1).ListFields())
        )
    )
    assert content_hash(backwards) == content_hash(pause(1))


def test_the_content_is_hashed_as_sent() -> None:
    sent = in_cart()
    assert one(sent).content_hash == content_hash(sent)


def future(value: int) -> Interaction:
    """A body of field 8191, which this version does not know."""
    sent = pause(1)
    sent.ClearField("media_paused")
    sent.MergeFromString(bytes([0xFA, 0xFF, 0x03, 0x01, value]))
    return sent


def test_unknown_bodies_are_told_apart_and_refused() -> None:
    found = one(future(1))
    assert found.refusal is not None
    assert (found.refusal.reason, found.type) == (reasons.ERROR_REASON_TYPE_UNKNOWN, "")
    assert found.content_hash != one(future(2)).content_hash
    assert found.content_hash == one(future(1)).content_hash


# --- what was seen -------------------------------------------------------------------------------


def test_an_empty_seen_is_the_last_one_given_before() -> None:
    acts = [pause(1), pause(2, seen="4"), pause(3), pause(4, seen="5"), pause(5)]
    assert [found.seen for found in arrive(*acts)] == [None, seen(4), seen(4), seen(5), seen(5)]


def test_a_token_is_opened_once_for_each_journey() -> None:
    screens = Screens()
    arrive(pause(1, seen="4"), pause(2), in_cart(), pause(3), screens=screens)
    assert screens.asked == [("4", FILM), ("4", ("cart", "main"))]


def test_an_act_without_journey_asks_for_none() -> None:
    screens = Screens()
    visit = Interaction(event_id=event_id(1), seq=1, wall_ms=NOW, seen="4")
    visit.store_visited.store.store_id = "s"
    visit.store_visited.via = visit.store_visited.VIA_APP
    arrive(visit, screens=screens)
    assert screens.asked == [("4", ("", ""))]


def test_a_token_that_cannot_be_used_is_ignored_and_never_refused() -> None:
    found = one(pause(1, seen="broken"))
    assert (found.seen, found.seen_ignored, found.refusal) == (None, True, None)


def test_where_no_token_was_given_none_was_ignored() -> None:
    assert one(pause(1)).seen_ignored is False


def test_telemetry_saw_nothing_and_hands_the_token_on() -> None:
    report, act = arrive(progress(1, seen="4"), pause(2))
    assert (report.telemetry, report.seen, report.seen_ignored) == (True, None, False)
    assert act.seen == seen(4)


def test_a_token_of_a_refused_act_still_was_the_last_one_given() -> None:
    refused, act = arrive(pause(1, seen="4", wall_ms=0), pause(2))
    assert (refused.refusal is None, refused.seen) == (False, None)
    assert act.seen == seen(4)


# --- what it is ----------------------------------------------------------------------------------


def message(**content: Any) -> Interaction:
    journey = JourneyRef(kind="conversation", journey_id="chat")
    sent = Interaction(event_id=event_id(1), seq=1, wall_ms=NOW, journey=journey)
    body = ConversationMessageAdded(message_id="m", direction="DIRECTION_IN", **content)
    sent.conversation_message_added.CopyFrom(body)
    return sent


def test_machine_types_are_marked() -> None:
    assert one(message(text="hello")).machine


@pytest.mark.parametrize("stated", ["INTERACTION_CLASS_TELEMETRY", "INTERACTION_CLASS_INTENT"])
def test_a_custom_body_says_itself_whether_it_is_telemetry(stated: str) -> None:
    sent = Interaction(event_id=event_id(1), seq=1, wall_ms=NOW)
    sent.custom.name, sent.custom.json = "garden.seen", "{}"
    sent.custom.interaction_class = stated  # type: ignore[assignment]
    assert one(sent).telemetry is stated.endswith("TELEMETRY")


def saved(value: dict[str, Any]) -> Interaction:
    sent = in_cart("main")
    sent.input_saved.fields["note"].CopyFrom(type(sent.input_saved.fields["note"])(**value))
    return sent


@pytest.mark.parametrize(
    ("sent", "marked"),
    [
        (pause(1), DATA_CLASS_PUBLIC),
        (message(text="hello"), DATA_CLASS_PERSONAL),
        (message(text_ref="t-1"), DATA_CLASS_PUBLIC),
        (saved({"text": "ring twice"}), DATA_CLASS_PERSONAL),
        (saved({"cleared": True}), DATA_CLASS_PUBLIC),
    ],
)
def test_the_data_class_is_the_highest_mark_among_the_fields_set(
    sent: Interaction, marked: DataClass
) -> None:
    found = one(sent)
    assert found.refusal is None
    assert found.data_class == marked


def test_who_brings_in_old_facts_speaks_for_the_devices_of_then() -> None:
    viewed = Interaction(event_id=event_id(1))
    viewed.page_viewed.screen_id = "home"
    viewed.page_viewed.page_kind = viewed.page_viewed.KIND_HOME
    for old_facts in (False, True):
        reporter = Reporter(ROLE_SERVICE, old_facts=old_facts)
        [found] = candidates([viewed], reporter, RULES, Screens())
        assert (found.refusal is None) is old_facts


def test_a_back_end_may_record_what_it_knows() -> None:
    order = Interaction(event_id=event_id(1), journey=JourneyRef(kind="order", journey_id="o"))
    order.order_cancelled.on_behalf = order.order_cancelled.SIDE_SHOP
    assert one(order, role=ROLE_SERVICE).refusal is None
    assert one(order).refusal is not None
