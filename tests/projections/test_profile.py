"""Profiles: stated preferences, devices, channels, languages and the last contacts."""

from __future__ import annotations

from google.protobuf.message import Message

from journey.v1.events_pb2 import (
    ACTOR_KIND_SERVICE,
    ACTOR_KIND_STAFF,
    ACTOR_KIND_SYSTEM,
    OUTCOME_QUARANTINED,
    ActorKind,
    Event,
)
from journey.v1.interactions_pb2 import (
    CHANNEL_EMAIL,
    CHANNEL_MARKETPLACE,
    CHANNEL_MOBILE_APP,
    CHANNEL_OTHER,
    CHANNEL_STORE,
    CHANNEL_WEB,
    INSTALLATION_MODE_PRIVATE,
    INSTALLATION_MODE_SHARED,
    ConversationMessageAdded,
    ConversationStatusSet,
    DeliveryUpdated,
    MediaProgressed,
    MessageSent,
    OrderPlaced,
    PreferenceSet,
    Product,
    ProductViewed,
    SessionOpened,
    Store,
    StoreVisited,
    Touchpoint,
)
from journey.v1.references_pb2 import JourneyRef
from journey.v1.views_pb2 import ProfileState
from projections import thresholds
from projections.views.profile import PROFILE
from tests.projections.acts import DAY_MS, Story, clock
from tests.projections.views import fold, read

STATED, INFERRED = PreferenceSet.SOURCE_STATED, PreferenceSet.SOURCE_INFERRED
VIEWED = ProductViewed(product=Product(sku="shoe"))


def profile(story: Story) -> ProfileState:
    found: ProfileState = read(PROFILE, story.events)
    return found


def act(
    story: Story,
    body: Message,
    at: str | int = "10:00",
    *,
    journey: str = "",
    on: str = "phone",
    actor: ActorKind = 1,  # type: ignore[assignment]  # the customer
    channel: int = CHANNEL_MOBILE_APP,
) -> Event:
    """An act of the story's customer, or of somebody for the customer."""
    at_ms = clock(at) if isinstance(at, str) else at
    event = story.device(on, actor).record(journey or "browse/main", body, at_ms, channel=channel)
    event.occurrence.seq = event.version
    if not journey:
        event.interaction.ClearField("journey")
    return event


def opened(story: Story, installation: str, at: str | int = "10:00", **facts: object) -> None:
    body = SessionOpened(
        session_id="s", installation_id=installation, mode=INSTALLATION_MODE_PRIVATE
    )
    body.MergeFrom(SessionOpened(**facts))  # type: ignore[arg-type]
    act(story, body, at, on="", actor=ACTOR_KIND_SYSTEM)


def test_what_was_stated_is_told_and_what_was_inferred_is_not() -> None:
    story = Story()
    for key, value, source in (
        ("size", "42", STATED),
        ("size", "43", INFERRED),
        ("religion", "x", INFERRED),
        ("gone", "x", STATED),
        ("gone", "", STATED),
    ):
        body = PreferenceSet(key=key, value=value, source=source)
        act(story, body, journey="preferences/main", actor=ACTOR_KIND_STAFF)
    found = profile(story)
    assert [(each.key, each.value) for each in found.preferences] == [("size", "42")]
    assert b"religion" not in fold(PROFILE, story.events)[""].SerializeToString()


def test_installations_of_one_device_count_as_one_with_the_app_it_told_last() -> None:
    story = Story()
    opened(story, "tab-1", "09:00", device_id="phone-1", app="web", os="iOS", language="nl")
    opened(story, "tab-2", "11:00", device_id="phone-1", app="shop", app_version="2", os="iOS")
    act(story, VIEWED, "10:00", on="tab-1", channel=CHANNEL_WEB)
    act(story, VIEWED, clock("12:00") + DAY_MS, on="tab-2")
    act(story, VIEWED, "08:00", on="tv")
    devices = profile(story).devices
    assert [each.device_id for each in devices] == ["phone-1", "tv"]
    phone = devices[0]
    assert (phone.app, phone.app_version, phone.os) == ("shop", "2", "iOS")
    assert phone.mode == INSTALLATION_MODE_PRIVATE
    assert (phone.use.first_ms, phone.use.last_ms) == (clock("09:00"), clock("12:00") + DAY_MS)
    assert phone.use.days == 2
    assert list(phone.channels) == [CHANNEL_WEB, CHANNEL_MOBILE_APP]


def test_a_contact_names_the_device_whose_installation_recorded_it_whichever_came_first() -> None:
    story = Story()
    act(story, VIEWED, "09:00", on="tab-1")
    opened(story, "tab-1", "10:00", device_id="phone-1")
    act(story, VIEWED, "11:00", on="tab-1")
    act(story, VIEWED, "12:00", on="tv")
    found = profile(story)
    assert [each.device_id for each in found.touchpoints] == ["tv", "phone-1", "phone-1"]
    assert {each.device_id for each in found.devices} == {"tv", "phone-1"}


def test_tills_and_whatever_is_shared_are_no_devices_of_the_customer() -> None:
    story = Story()
    opened(story, "till", mode=INSTALLATION_MODE_SHARED, device_id="till-3", language="de")
    act(story, VIEWED, on="till", actor=ACTOR_KIND_STAFF, channel=CHANNEL_STORE)
    found = profile(story)
    assert not found.devices
    assert not found.languages
    assert [each.channel for each in found.channels] == [CHANNEL_STORE]
    assert found.touchpoints[0].device_id == "till"
    assert found.touchpoints[0].actor == ACTOR_KIND_STAFF


def test_a_back_end_tells_the_device_of_what_others_recorded() -> None:
    story = Story()
    event = act(story, VIEWED, on="", actor=ACTOR_KIND_SERVICE)
    event.interaction.device_id = "tablet"
    found = profile(story)
    assert [each.device_id for each in found.devices] == ["tablet"]
    assert found.touchpoints[0].device_id == "tablet"


def test_languages_and_zones_are_told_with_the_last_first() -> None:
    story = Story()
    opened(story, "a", "09:00", language="nl", zone="Europe/Amsterdam")
    opened(story, "a", "10:00", language="en-GB", zone="Europe/London")
    opened(story, "b", "11:00", language="nl")
    found = profile(story)
    assert [each.value for each in found.languages] == ["nl", "en-GB"]
    assert [each.value for each in found.zones] == ["Europe/London", "Europe/Amsterdam"]
    assert found.languages[0].use.first_ms == clock("09:00")


def test_channels_are_counted_by_days_of_use_with_their_labels_apart() -> None:
    story = Story()
    for day, label in ((0, "mirror"), (0, "mirror"), (3, "mirror"), (4, "robot")):
        event = act(story, VIEWED, clock("10:00") + day * DAY_MS, channel=CHANNEL_OTHER)
        event.interaction.channel_label = label
    act(story, VIEWED, "09:00", channel=99)
    told = [(each.channel, each.label, each.use.days) for each in profile(story).channels]
    assert told == [(CHANNEL_OTHER, "robot", 1), (CHANNEL_OTHER, "mirror", 2)]
    assert len(profile(story).touchpoints) == 5


def test_contacts_tell_what_where_and_about_which_journey_and_no_addresses() -> None:
    story = Story()
    visit = act(story, StoreVisited(store=Store(store_id="UTR-1")), "11:00", channel=CHANNEL_STORE)
    visit.interaction.touchpoint.CopyFrom(
        Touchpoint(campaign_id="spring", referrer_url="https://shop.example/?q=secret")
    )
    act(story, VIEWED, "12:00", journey="browse/main")
    first, second = profile(story).touchpoints
    assert (first.type, first.journey) == (
        "product.viewed",
        JourneyRef(kind="browse", journey_id="main"),
    )
    assert (second.type, second.at_ms, second.touchpoint.campaign_id) == (
        "store.visited",
        clock("11:00"),
        "spring",
    )
    assert not second.HasField("journey")
    assert b"secret" not in fold(PROFILE, story.events)[""].SerializeToString()


def test_what_the_shop_does_of_itself_is_no_contact_of_the_customer() -> None:
    story = Story()
    out = ConversationMessageAdded(
        message_id="m", direction=ConversationMessageAdded.DIRECTION_OUT, text="hello"
    )
    for actor in (ACTOR_KIND_STAFF, ACTOR_KIND_SERVICE):
        act(story, out, journey="conversation/c", actor=actor)
        act(story, MessageSent(message_id="m"), actor=actor, channel=CHANNEL_EMAIL)
    act(story, ConversationStatusSet(), journey="conversation/c", actor=ACTOR_KIND_STAFF)
    act(story, DeliveryUpdated(), journey="order/o", actor=ACTOR_KIND_SERVICE)
    act(story, VIEWED, actor=ACTOR_KIND_SYSTEM)
    act(story, MediaProgressed(), journey="media/film")
    act(story, VIEWED).outcome = OUTCOME_QUARANTINED
    assert fold(PROFILE, story.events) == {}


def test_a_sale_on_a_marketplace_is_a_contact_though_a_back_end_tells_it() -> None:
    story = Story()
    act(
        story,
        OrderPlaced(),
        journey="order/o",
        on="",
        actor=ACTOR_KIND_SERVICE,
        channel=CHANNEL_MARKETPLACE,
    )
    found = profile(story)
    assert [each.channel for each in found.channels] == [CHANNEL_MARKETPLACE]
    assert (found.first_seen_ms, found.last_seen_ms) == (clock("10:00"), clock("10:00"))
    assert PROFILE.updated_at_ms(fold(PROFILE, story.events)[""]) == clock("10:00")
    assert not found.devices


def test_a_preference_alone_is_a_profile_that_was_seen() -> None:
    story = Story()
    body = PreferenceSet(key="size", value="42", source=STATED)
    act(story, body, journey="preferences/main", on="", channel=0)
    found = profile(story)
    assert found.last_seen_ms == 0
    assert len(found.touchpoints) == 1


def test_lists_are_cut_to_the_newest_and_say_so() -> None:
    story = Story()
    for number in range(thresholds.DEVICES_MOST + 3):
        act(story, VIEWED, clock("10:00") + number, on=f"d{number:03}")
    found = PROFILE.publish(fold(PROFILE, story.events)[""])
    assert isinstance(found, ProfileState)
    assert found.more
    assert len(found.devices) == thresholds.DEVICES_MOST
    assert found.devices[0].device_id == f"d{thresholds.DEVICES_MOST + 2}"
    assert len(found.touchpoints) == thresholds.TOUCHPOINTS_MOST


def test_days_of_use_are_counted_up_to_the_most() -> None:
    story = Story()
    for day in range(thresholds.USE_DAYS_MOST + 5):
        act(story, VIEWED, clock("10:00") + day * DAY_MS)
    found = PROFILE.publish(fold(PROFILE, story.events)[""])
    assert isinstance(found, ProfileState)
    assert found.devices[0].use.days == thresholds.USE_DAYS_MOST
    assert found.devices[0].use.first_ms == clock("10:00")
