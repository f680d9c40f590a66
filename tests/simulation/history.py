"""One history: drawn from its seed, healed in the end, and held against what was promised."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import projections
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, TIME_QUALITY_MONO, Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.journey_service_pb2 import JourneyView, ListJourneysRequest
from journey.v1.journeys_pb2 import Journey
from tests.simulation import oracle
from tests.simulation.device import Book, Device, a_while, expect, make
from tests.simulation.world import DAY_MS, SECOND_MS, MakeWorld, World

DEVICES = 3
NODES = 2
STEPS = 18
LONGEST_OFFLINE_MS = 36 * DAY_MS
PARTS = 3


@dataclass(slots=True)
class Played:
    """What a history was about, for figures."""

    events: int = 0
    told: Counter[str] = field(default_factory=Counter)


async def play(seed: int, make_world: MakeWorld, *, steps: int = STEPS) -> Played:
    """Play a history. Raises Wrong where a promise is broken."""
    draw = random.Random(seed)
    world = await make_world(draw)
    world.begin(NODES)
    book = Book()
    devices = [make(world, number, book) for number in range(DEVICES)]
    played = Played()
    try:
        for _ in range(steps):
            await _step(world, devices, played)
        await _heal(world, devices)
        await _check(world, devices, book, played)
    finally:
        for device in devices:
            await device.hang_up()
    return played


async def _step(world: World, devices: Sequence[Device], played: Played) -> None:
    """Something happens somewhere."""
    draw = world.draw
    device = draw.choice(devices)
    world.pass_by(a_while(draw))
    chosen = draw.choices(
        (
            "act",
            "online",
            "offline",
            "disturb",
            "repeat",
            "restart",
            "project",
            "storage",
            "months",
        ),
        (44, 24, 8, 6, 5, 4, 4, 3, 1),
    )[0]
    played.told[chosen] += 1
    match chosen:
        case "act":
            for _ in range(draw.randint(1, 4)):
                device.act()
                world.pass_by(draw.randrange(4 * SECOND_MS))
        case "online":
            await _come_online(world, device)
        case "offline":
            await device.hang_up()
        case "disturb":
            device.clocks.disturb()
        case "repeat" if device.session_id:
            await device.connect(world.node())
            await device.repeat()
        case "restart":
            await _restart(world, devices)
        case "project":
            if draw.random() < 0.3:
                await world.rebuild()
            await world.project()
        case "storage":
            device.restore() if device.backup else device.back_up()
        case "months":
            world.pass_by(draw.randrange(LONGEST_OFFLINE_MS))
    for other in devices:
        await other.look()


async def _come_online(world: World, device: Device) -> None:
    draw = world.draw
    await device.connect(world.node())
    if draw.random() < 0.5:
        await device.watch(keep=draw.random() < 0.6, afresh=draw.random() < 0.1)
    await device.flush(patience=draw.choice((1, 2, 100)))
    if draw.random() < 0.3:
        await device.repeat()


async def _restart(world: World, devices: Sequence[Device]) -> None:
    """A process ends, and with it its streams; another begins with nothing remembered."""
    gone = world.restart()
    for device in devices:
        if device.stream is not None and device.stream.node is gone:
            await device.hang_up()


async def _heal(world: World, devices: Sequence[Device]) -> None:
    """All come online, in any order, and send what they have; then all are level."""
    for device in world.draw.sample(devices, len(devices)):
        world.pass_by(a_while(world.draw))
        await device.connect(world.node())
        await device.flush()
        expect(not device.queue, f"{device.name} is stuck with {len(device.queue)}")
    for device in world.draw.sample(devices, len(devices)):
        # Sessions end by themselves; time went by.
        await device.connect(world.node())
        await device.watch(keep=False, afresh=world.draw.random() < 0.3)


async def _check(world: World, devices: Sequence[Device], book: Book, played: Played) -> None:
    events = await world.events()
    played.events = len(events)
    _check_stream(events, book)
    _check_clocks(events, book)
    shown = await _shown_by_a_new_process(world)
    for device in devices:
        expect(device.copy.bytes() == shown, f"{device.name} shows something else")
        expect(
            device.copy.continue_list == devices[0].copy.continue_list,
            f"{device.name} has another continue list",
        )
    _check_folds(world.draw, events, shown)
    _check_by_definition(events, shown)


def _check_stream(events: Sequence[Event], book: Book) -> None:
    """G1 and G2: dense, in seq order, each act once, none lost, none made up."""
    expect([event.version for event in events] == list(range(1, len(events) + 1)), "versions")
    acts = [event for event in events if event.interaction.seq]
    times = Counter(event.interaction.event_id for event in acts)
    expect(max(times.values(), default=1) == 1, "an act was stored twice")
    expect(times.keys() <= book.happened.keys(), "an act was made up")
    lost = book.happened.keys() - times.keys() - book.forgotten
    expect(not lost, f"{len(lost)} acts were lost")
    seqs: dict[str, list[int]] = {}
    for event in acts:
        seqs.setdefault(event.occurrence.installation_id, []).append(event.interaction.seq)
    for numbers in seqs.values():
        rising = all(a < b for a, b in pairwise(numbers))
        expect(rising, f"seq order was not kept: {numbers}")


def _check_clocks(events: Sequence[Event], book: Book) -> None:
    """The clock rule: nothing in the future, seq order, causes first, right where it can be."""
    last: dict[str, oracle.Order] = {}
    for event in events:
        own = event.occurrence.installation_id
        if not event.interaction.seq:
            continue
        order = oracle.order_of(event)
        expect(event.occurrence.t_ms <= event.received_ms, "an act in the future")
        expect(order > last.get(own, (0, 0, b"", 0, 0)), "an installation's acts changed places")
        last[own] = order
        for head in event.cut.versions:
            seen = events[: head.version]
            expect(
                all(oracle.order_of(other)[:2] < order[:2] for other in seen if _counts(other)),
                "something seen comes later than what was done about it",
            )
        by_monotonic = event.time_quality == TIME_QUALITY_MONO and not event.occurrence.counter
        if by_monotonic and event.interaction.event_id in book.exact:
            off_ms = event.occurrence.t_ms - book.happened[event.interaction.event_id]
            expect(abs(off_ms) <= SECOND_MS, f"stamped {off_ms} ms after it happened")


def _counts(event: Event) -> bool:
    return bool(event.interaction.seq)


async def _shown_by_a_new_process(world: World) -> dict[str, bytes]:
    answer = await world.spawn().list_journeys(
        world.principal, ListJourneysRequest(view=JourneyView.JOURNEY_VIEW_ALL), deadline=None
    )
    return dict(
        sorted(
            (projections.key_of(journey.ref), journey.SerializeToString(deterministic=True))
            for journey in answer.journeys
        )
    )


def _check_folds(draw: random.Random, events: Sequence[Event], shown: dict[str, bytes]) -> None:
    """G7: in any order, repeated, in parts that are joined in the end."""
    mixed = draw.sample(events, len(events)) + draw.choices(events, k=len(events) // 3)
    parts: list[dict[str, JourneyFold]] = [{} for _ in range(PARTS)]
    for event in mixed:
        projections.fold_event(parts[draw.randrange(PARTS)], event)
    joined: dict[str, JourneyFold] = {}
    for part in parts:
        for key, fold in part.items():
            joined[key] = projections.merge(joined[key], fold) if key in joined else fold
    expect(joined.keys() == shown.keys(), f"folded {sorted(joined)}, shown {sorted(shown)}")
    for key, fold in joined.items():
        there, folded = Journey.FromString(shown[key]), projections.publish(fold)
        # Told beside the state: which device it is, and what depends on now.
        folded.last_device_id, folded.archived = there.last_device_id, there.archived
        expect(
            folded.SerializeToString(deterministic=True) == shown[key],
            f"{key} depends on the order of arrival",
        )


def _check_by_definition(events: Sequence[Event], shown: dict[str, bytes]) -> None:
    """The same values from plain definitions."""
    journeys = {key: Journey.FromString(data) for key, data in shown.items()}
    cart = {
        line.line_key: line.quantity for line in journeys.get("cart/main", Journey()).cart.lines
    }
    expect(cart == oracle.cart(events), f"cart {cart}, by definition {oracle.cart(events)}")
    wishes = {item.item_key for item in journeys.get("list/wishes", Journey()).list.items}
    expect(wishes == oracle.wishes(events), f"list {wishes}, not {oracle.wishes(events)}")
    for film, point in oracle.resume_points(events).items():
        journey = journeys[f"media/{film}"]
        duration = journey.media.duration_ms
        capped = min(point, duration) if duration else point
        expect(journey.media.point_ms == capped, f"{film}: {journey.media.point_ms}, not {capped}")


def accepted(events: Sequence[Event]) -> int:
    """How many count."""
    return sum(event.outcome == OUTCOME_ACCEPTED for event in events)
