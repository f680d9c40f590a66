"""Who a customer is to the shop, at a glance.

What was stated as preference, which devices, channels, languages and zones were used since when and
how often, and the last contacts.

Only what the customer said or did is here, never what somebody concluded from it. Days of use are
counted instead of acts: a day counts once however often its events come, so the count is exact
after every repetition and merge. Telemetry is left out, because retention empties it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer as Repeated
from google.protobuf.internal.containers import RepeatedScalarFieldContainer

from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.events_pb2 import (
    ACTOR_KIND_CUSTOMER,
    ACTOR_KIND_SERVICE,
    ACTOR_KIND_STAFF,
    Event,
)
from journey.v1.folds_pb2 import JourneyFold, PreferencesFold
from journey.v1.interactions_pb2 import (
    ConversationMessageAdded,
    InstallationMode,
    PreferenceSet,
    SessionOpened,
)
from journey.v1.journeys_pb2 import Journey
from journey.v1.view_folds_pb2 import ProfileFold, UseFold
from journey.v1.views_pb2 import (
    ProfileChannel,
    ProfileDevice,
    ProfileLocale,
    ProfileState,
    ProfileTouchpoint,
    UseState,
)
from journey_service.domain.catalogue import TYPES
from projections import thresholds
from projections.fold import entry, include, keep_latest, order_of
from projections.journeys import preferences
from projections.newest import drop_oldest, join_newest
from projections.one_journey import CHANNELS, INTENTS
from projections.projection import Act, serialized
from projections.published import DAY_MS, keep_newest
from projections.reactions import Reactions, only_key
from projections.view import DEVICES, StoredView

OPENED = "session_opened"
MESSAGE = "conversation_message_added"
# Customers, and staff for them.
OF_PEOPLE = frozenset({ACTOR_KIND_CUSTOMER, ACTOR_KIND_STAFF})
OUT = ConversationMessageAdded.DIRECTION_OUT
STATED = PreferenceSet.SOURCE_STATED
# Back ends tell what customers did where they bring in what others recorded: whatever a device may
# report, and these.
TOLD_OF_CUSTOMERS = frozenset({"order_placed", "pickup_collected", "return_received"}) | {
    name for name, found in TYPES.items() if ROLE_DEVICE in found.roles
}
# What staff does of itself, not for the customer.
OF_THE_SHOP = frozenset({"message_sent", "conversation_status_set", "support_case_changed"})
SHARED = InstallationMode.INSTALLATION_MODE_SHARED
NAMED, INSTALLED = "d/", "i/"


# --- fold ----------------------------------------------------------------------------------------


def acted(profile: ProfileFold, act: Act) -> None:
    """The customer did something, alone or with staff, here or as a back end tells."""
    if act.name == "preference_set":
        if act.body.source != STATED:
            return
        preferences.was_set(profile.preferences, act)
    interaction = act.event.interaction
    channel = interaction.channel if interaction.channel in CHANNELS else 0
    if channel:
        _used(profile.channels, f"{channel}/{interaction.channel_label}", act)
    device = _device_of(act)
    if device:
        _note_channel(_used(profile.devices, device, act), channel)
    told = _touchpoint(act, device or INSTALLED + act.event.occurrence.installation_id)
    include(profile.touchpoints, act.write(message=serialized(told)))


def cut(profile: ProfileFold) -> None:
    """Keep the newest touchpoints."""
    drop_oldest(profile.touchpoints, thresholds.TOUCHPOINTS_MOST)


def opened(profile: ProfileFold, act: Act) -> None:
    """A device began to be used for the customer."""
    body = act.body
    used = _used(profile.devices, INSTALLED + body.installation_id, act)
    told = SessionOpened(
        device_id=body.device_id,
        app=body.app,
        app_version=body.app_version,
        os=body.os,
        mode=body.mode,
    )
    keep_latest(used.opened, act.write(message=serialized(told)))
    if body.language:
        _used(profile.languages, body.language, act)
    if body.zone:
        _used(profile.zones, body.zone, act)


def _device_of(act: Act) -> str:
    """Key of the device of an act of the customer; empty = none of the customer's is known."""
    interaction = act.event.interaction
    if interaction.device_id:
        return NAMED + interaction.device_id
    installation_id = act.event.occurrence.installation_id
    of_customer = act.event.actor.kind == ACTOR_KIND_CUSTOMER
    return INSTALLED + installation_id if of_customer and installation_id else ""


def _touchpoint(act: Act, device: str) -> ProfileTouchpoint:
    interaction = act.event.interaction
    told = ProfileTouchpoint(
        type=TYPES[act.name].name,
        channel_label=interaction.channel_label,
        actor=act.event.actor.kind,
        device_id=device[2:],
    )
    if interaction.channel in CHANNELS:
        told.channel = interaction.channel
    if interaction.HasField("touchpoint"):
        told.touchpoint.CopyFrom(interaction.touchpoint)
        told.touchpoint.ClearField("referrer_url")
    if interaction.HasField("journey"):
        told.journey.CopyFrom(interaction.journey)
    return told


def _used(uses: Repeated[UseFold], key: str, act: Act) -> UseFold:
    """Note that something was used when the act happened."""
    use = entry(uses, UseFold, "key", key)
    at_ms = act.t_ms
    if not use.first_ms or at_ms < use.first_ms:
        use.first_ms = at_ms
    use.last_ms = max(use.last_ms, at_ms)
    day = at_ms // DAY_MS
    if use.days[-1:] != [day]:
        _note_days(use.days, [day])
    return use


def _note_days(days: RepeatedScalarFieldContainer[int], more: Iterable[int]) -> None:
    """Keep the last days, each once, sorted."""
    known = sorted({*days, *more})[-thresholds.USE_DAYS_MOST :]
    del days[:]
    days.extend(known)


def _note_channel(use: UseFold, channel: int) -> None:
    if channel and channel not in use.channels:
        channels = [*use.channels]
        insort(channels, channel)
        del use.channels[:]
        use.channels.extend(channels)


def join(mine: ProfileFold, theirs: ProfileFold) -> None:
    """Join the second state into the first."""
    preferences.merge(mine.preferences, theirs.preferences)
    for name in ("devices", "channels", "languages", "zones"):
        for use in getattr(theirs, name):
            _join_use(entry(getattr(mine, name), UseFold, "key", use.key), use)
    join_newest(mine.touchpoints, theirs.touchpoints, thresholds.TOUCHPOINTS_MOST)


def _join_use(mine: UseFold, theirs: UseFold) -> None:
    mine.first_ms = min(mine.first_ms or theirs.first_ms, theirs.first_ms)
    mine.last_ms = max(mine.last_ms, theirs.last_ms)
    _note_days(mine.days, theirs.days)
    for channel in theirs.channels:
        _note_channel(mine, channel)
    if theirs.HasField("opened"):
        keep_latest(mine.opened, theirs.opened)


# --- which events --------------------------------------------------------------------------------


def keys(event: Event, body: str) -> Iterable[str]:
    """Acts of the customer, of staff for the customer, and of back ends that tell of the customer;
    not what the shop says. A till and whatever else is shared is no device of the customer."""
    if body == OPENED:
        of_customer = event.interaction.session_opened.mode != SHARED
    else:
        of_customer = _is_of_customer(event, body)
    return only_key(event, body) if of_customer else ()


def _is_of_customer(event: Event, body: str) -> bool:
    if body == MESSAGE and event.interaction.conversation_message_added.direction == OUT:
        return False
    actor = event.actor.kind
    if actor == ACTOR_KIND_SERVICE:
        return body in TOLD_OF_CUSTOMERS
    return actor in OF_PEOPLE and body not in OF_THE_SHOP


# --- published state -----------------------------------------------------------------------------


def published(profile: ProfileFold) -> ProfileState:
    """What readers get of it."""
    devices, channels = _devices(profile.devices), _channels(profile.channels)
    languages, zones = _locales(profile.languages), _locales(profile.zones)
    state = ProfileState(
        devices=devices[: thresholds.DEVICES_MOST],
        channels=channels[: thresholds.CHANNELS_MOST],
        languages=languages[: thresholds.LOCALES_MOST],
        zones=zones[: thresholds.LOCALES_MOST],
        touchpoints=_touchpoints(profile),
    )
    state.more = (
        _publish_preferences(profile.preferences, state)
        | keep_newest(
            state.touchpoints, lambda index: -index, most_bytes=thresholds.SIDE_LIST_BYTES
        )
        or len(devices) > thresholds.DEVICES_MOST
        or len(channels) > thresholds.CHANNELS_MOST
        or max(len(languages), len(zones)) > thresholds.LOCALES_MOST
    )
    uses = (*profile.devices, *profile.channels)
    state.first_seen_ms = min((use.first_ms for use in uses), default=0)
    state.last_seen_ms = last_seen_ms(profile)
    return state


def last_seen_ms(profile: ProfileFold) -> int:
    """Last act or session, ms since 1970 UTC."""
    return max((use.last_ms for use in (*profile.devices, *profile.channels)), default=0)


def _publish_preferences(kept: PreferencesFold, state: ProfileState) -> bool:
    """As the journey of preferences shows them; returns whether any was cut."""
    journey = Journey()
    preferences.publish(JourneyFold(preferences=kept), journey)
    told = journey.preferences.entries
    state.preferences.extend(told)
    cut = keep_newest(
        state.preferences,
        lambda index: told[index].set_at_ms,
        most_bytes=thresholds.INPUTS_BYTES,
    )
    return cut or journey.preferences.more


def _devices(uses: Iterable[UseFold]) -> list[ProfileDevice]:
    """Installations of one device together, last used first."""
    found: dict[str, list[tuple[UseFold, SessionOpened]]] = {}
    for use in uses:
        told = SessionOpened.FromString(use.opened.message)
        found.setdefault(told.device_id or use.key[2:], []).append((use, told))
    devices = [_device(device_id, pairs) for device_id, pairs in found.items()]
    return sorted(devices, key=lambda each: (-each.use.last_ms, each.device_id))


def _device(device_id: str, pairs: Sequence[tuple[UseFold, SessionOpened]]) -> ProfileDevice:
    _, told = max(pairs, key=lambda pair: order_of(pair[0].opened))
    together = UseFold()
    for use, _ in pairs:
        _join_use(together, use)
    return ProfileDevice(
        device_id=device_id,
        app=told.app,
        app_version=told.app_version,
        os=told.os,
        mode=told.mode,
        use=_use(together),
        channels=together.channels,  # type: ignore[arg-type]  # known numbers only
    )


def _use(use: UseFold) -> UseState:
    return UseState(first_ms=use.first_ms, last_ms=use.last_ms, days=len(use.days))


def _channels(uses: Iterable[UseFold]) -> list[ProfileChannel]:
    """Last used first."""
    channels = []
    for use in _last_used_first(uses):
        number, _, label = use.key.partition("/")
        made: Any = int(number)
        channels.append(ProfileChannel(channel=made, label=label, use=_use(use)))
    return channels


def _locales(uses: Iterable[UseFold]) -> list[ProfileLocale]:
    return [ProfileLocale(value=use.key, use=_use(use)) for use in _last_used_first(uses)]


def _last_used_first(uses: Iterable[UseFold]) -> list[UseFold]:
    return sorted(uses, key=lambda use: (-use.last_ms, use.key))


def _touchpoints(profile: ProfileFold) -> Iterable[ProfileTouchpoint]:
    """Newest first. An act names its installation; which device that is, its sessions tell."""
    device_of = dict(_installed(profile.devices))
    for write in sorted(profile.touchpoints, key=order_of, reverse=True):
        told = ProfileTouchpoint.FromString(write.message)
        told.at_ms = write.t_ms
        told.device_id = device_of.get(told.device_id, told.device_id)
        yield told


def _installed(uses: Iterable[UseFold]) -> Iterator[tuple[str, str]]:
    """Installations of which a session told the device, each with it."""
    for use in uses:
        device_id = SessionOpened.FromString(use.opened.message).device_id
        if device_id:
            yield use.key.removeprefix(INSTALLED), device_id


PROFILE = StoredView(
    Reactions(
        "profile",
        version=1,
        begin=lambda _: ProfileFold(),
        folds=dict.fromkeys(INTENTS, acted) | {OPENED: opened},
        keys=keys,
        join=join,
        finish=cut,
    ),
    "Who a customer is to the shop: stated preferences, devices, channels and last contacts.",
    publish=published,
    read_roles=DEVICES,
    updated_at_ms=last_seen_ms,
)
