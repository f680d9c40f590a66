"""What holds for all kinds: keys, intents, hiding, activity, versions, checksum."""

from typing import Any

import pytest

import projections
from journey.v1.events_pb2 import (
    ACTOR_KIND_SERVICE,
    ACTOR_KIND_STAFF,
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    OUTCOME_REJECTED,
    Event,
    Outcome,
)
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import (
    CHANNEL_OTHER,
    CHANNEL_STORE,
    CHANNEL_UNSPECIFIED,
    CartLineAdded,
    JourneyMarked,
    ListItemAdded,
    MediaTracksSet,
    PageViewed,
)
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.catalogue import TYPES
from projections import thresholds
from projections.projection import Projection
from tests.projections.acts import Device, Story, clock, fold, line

MAIN, FILM, WISH = "cart/main", "media/film", "list/wish"


def choose_tracks(device: Device, at: str, journey: str = FILM) -> Event:
    return device.record(journey, MediaTracksSet(audio_language="de"), clock(at))


# --- the catalogue -------------------------------------------------------------------------------


def test_every_kind_has_a_fold_state_and_a_published_state_of_its_name() -> None:
    for message in (JourneyFold, Journey):
        members = [field.name for field in message.DESCRIPTOR.oneofs_by_name["state"].fields]
        assert projections.JOURNEYS.built_in <= set(members)


def test_the_journeys_are_a_projection() -> None:
    projection: Projection[JourneyFold] = projections.JOURNEYS
    assert (projection.name, projection.version) == ("journeys", 3)
    assert [view.name for view in projections.VIEWS][:1] == ["journeys"]


# --- which events concern which journeys ---------------------------------------------------------


def test_a_key_names_kind_and_journey() -> None:
    assert projections.key_of(JourneyRef(kind="media", journey_id="film")) == FILM


@pytest.mark.parametrize("outcome", [OUTCOME_QUARANTINED, OUTCOME_REJECTED, 0])
def test_an_event_that_is_not_accepted_concerns_nothing(outcome: Outcome) -> None:
    event = choose_tracks(Story().device("tv"), "20:00")
    assert projections.keys_of(event) == (FILM,)
    event.outcome = outcome
    assert projections.keys_of(event) == ()


def accepted(version: int = 1, **interaction: Any) -> Event:
    return Event(outcome=OUTCOME_ACCEPTED, version=version, interaction=interaction)


TRACKS: dict[str, Any] = {"media_tracks_set": {}}
FILM_REF = {"kind": "media", "journey_id": "film"}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(Event(), id="nothing"),
        pytest.param(accepted(), id="no interaction"),
        pytest.param(accepted(journey=FILM_REF), id="thinned or redacted"),
        pytest.param(accepted(**TRACKS), id="no journey"),
        pytest.param(accepted(journey={"kind": "media"}, **TRACKS), id="no journey id"),
        pytest.param(accepted(version=0, journey=FILM_REF, **TRACKS), id="no version"),
        pytest.param(accepted(journey=FILM_REF, page_viewed={}), id="body of another kind"),
        pytest.param(
            accepted(journey={"kind": "quest", "journey_id": "x"}, **TRACKS), id="unknown kind"
        ),
    ],
)
def test_an_event_that_is_not_whole_or_not_known_changes_nothing(event: Event) -> None:
    states: dict[str, JourneyFold] = {}
    assert projections.keys_of(event) == ()
    assert projections.fold_event(states, event) == set()
    assert states == {}


def test_a_body_of_a_newer_version_changes_nothing() -> None:
    event = choose_tracks(Story().device("tv"), "20:00")
    event.interaction.ClearField("body")
    unknown = b"\xfa\x7f\x00"  # field 2047, length-delimited, empty
    event.interaction.MergeFromString(unknown)
    assert projections.fold_event({}, event) == set()


def test_bodies_without_any_field_fold_without_complaint() -> None:
    states: dict[str, JourneyFold] = {}
    for version, name in enumerate(TYPES, start=1):
        for kind in projections.KINDS:
            ref = {"kind": kind, "journey_id": "x"}
            projections.fold_event(states, accepted(version, journey=ref, **{name: {}}))
    assert {f"{kind}/x" for kind in projections.KINDS} <= set(states)
    for state in states.values():
        assert projections.publish(state).updated_at_ms == 0


def test_a_page_that_names_a_cart_does_not_make_one() -> None:
    story = Story()
    story.device("phone").record(MAIN, PageViewed(url="https://shop.example/"), clock("20:00"))
    assert fold(story.events) == {}


# --- the last intent -----------------------------------------------------------------------------


def test_the_last_intent_tells_device_and_channel_with_its_label() -> None:
    story = Story()
    phone, kiosk = story.device("phone"), story.device("kiosk")
    event = kiosk.record(
        MAIN, CartLineAdded(line=line("a", 1)), clock("20:10"), channel=CHANNEL_OTHER
    )
    event.interaction.channel_label = "mirror"
    phone.add("a", 1, "20:00")
    cart = story.journey(MAIN)
    assert (cart.last_device_id, cart.last_channel, cart.last_channel_label) == (
        "kiosk",
        CHANNEL_OTHER,
        "mirror",
    )


def test_the_device_that_an_interaction_names_goes_before_its_installation() -> None:
    story = Story()
    importer = story.device("importer", ACTOR_KIND_SERVICE)
    for device, at in (("tablet", "20:10"), ("laptop", "20:05")):
        event = importer.record(MAIN, CartLineAdded(line=line("a", 1)), clock(at))
        event.interaction.device_id = device
    assert story.journey(MAIN).last_device_id == "tablet"
    importer.record(MAIN, CartLineAdded(line=line("a", 1)), clock("20:20"))
    assert story.journey(MAIN).last_device_id == "importer"


def test_an_unknown_channel_folds_as_unspecified() -> None:
    story = Story()
    story.device("phone").record(MAIN, CartLineAdded(line=line("a", 1)), clock("20:10"), channel=99)
    assert story.journey(MAIN).last_channel == CHANNEL_UNSPECIFIED


def test_staff_acts_for_the_customer_and_a_back_end_only_where_nobody_else_did() -> None:
    story = Story()
    clerk = story.device("till", ACTOR_KIND_STAFF)
    shop = story.device("shop", ACTOR_KIND_SERVICE)
    body = ListItemAdded(content_id="film")
    shop.record(WISH, body, clock("20:00"))
    assert story.journey(WISH).last_device_id == "shop"
    clerk.record(WISH, body, clock("19:00"), channel=CHANNEL_STORE)
    wish = story.journey(WISH)
    assert (wish.last_device_id, wish.last_channel) == ("till", CHANNEL_STORE)
    assert wish.activity.t_ms == clock("19:00")
    assert wish.updated_at_ms == clock("20:00")


# --- hiding --------------------------------------------------------------------------------------


def test_hiding_does_not_count_as_activity_and_a_newer_intent_undoes_it() -> None:
    story = Story()
    tv, phone = story.device("tv"), story.device("phone")
    tv.play("00:00", "20:00").pause("10:00", "20:10")
    phone.mark(JourneyMarked.MARK_HIDDEN, "20:20")
    film = story.journey(FILM)
    assert (film.hidden, film.activity.t_ms, film.last_device_id) == (True, clock("20:10"), "tv")
    assert story.continue_list(clock("20:30")) == []
    tv.play("10:00", "20:40").pause("11:00", "20:41")
    assert not story.journey(FILM).hidden
    assert story.continue_list(clock("20:50")) == [FILM]


def test_what_was_hidden_before_anything_happened_is_hidden() -> None:
    story = Story()
    story.device("tv").mark(JourneyMarked.MARK_HIDDEN, "20:20")
    assert story.journey(FILM).hidden


# --- archived ------------------------------------------------------------------------------------


def test_archived_is_a_view_that_a_newer_event_ends() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00").pause("10:00", "20:10")
    idle_ms = clock("20:10") + thresholds.ARCHIVE_AFTER_MS
    assert story.continue_list(idle_ms - 1) == [FILM]
    assert story.continue_list(idle_ms) == []
    tv.play("10:00", "20:20").pause("11:00", "20:21")
    assert story.continue_list(idle_ms) == [FILM]


# --- what a state says of itself -----------------------------------------------------------------


def test_a_state_knows_the_version_of_each_stream_up_to_which_it_changed() -> None:
    anna, visitor = Story("anna"), Story("visitor")
    choose_tracks(anna.device("tv"), "20:00")
    anna.device("phone").add("a", 1, "20:01")
    choose_tracks(visitor.device("tv"), "20:02")
    states = fold([*anna.events, *visitor.events])
    seen = [(each.subject_id, each.version) for each in states[FILM].versions]
    assert seen == [("anna", 1), ("visitor", 1)]
    assert projections.changed_since(states, {}) == {FILM, MAIN}
    assert projections.changed_since(states, {"anna": 1, "visitor": 1}) == {MAIN}
    assert projections.changed_since(states, {"anna": 2}) == {FILM}


def test_the_checksum_tells_states_apart_and_covers_nothing_that_depends_on_now() -> None:
    story = Story()
    tv = story.device("tv")
    choose_tracks(tv, "20:00")
    before = story.journey(FILM)
    assert before.checksum == story.journey(FILM).checksum != 0
    assert not before.archived
    choose_tracks(tv, "20:01")
    assert story.journey(FILM).checksum != before.checksum


# --- views ---------------------------------------------------------------------------------------


def test_journeys_stand_newest_activity_first_and_those_without_any_at_the_end() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("38:00", "22:00", "started")
    tv.play("00:00", "20:00", "older").pause("10:00", "20:10")
    tv.play("00:00", "21:00", "newer").pause("10:00", "21:10")
    tv.add("a", 1, "20:30")
    assert projections.by_activity(story.journeys()) == [
        "media/newer",
        MAIN,
        "media/older",
        "media/started",
    ]


def test_a_title_that_was_seen_in_one_version_is_not_offered_in_another() -> None:
    story = Story()
    tv = story.device("tv")
    tv.play("00:00", "20:00", "sd", group_id="title").pause("10:00", "20:10")
    assert story.continue_list(clock("20:20")) == ["media/sd"]
    tv.play("00:00", "21:00", "uhd", group_id="title").finish("60:00", "22:00")
    assert story.continue_list(clock("22:10")) == []
