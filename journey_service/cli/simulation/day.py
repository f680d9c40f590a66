"""The plan of a day, drawn from a seed: scenes over all devices, and small acts between them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from journey.v1.interactions_pb2 import (
    CHANNEL_MOBILE_APP,
    CHANNEL_TV_APP,
    CHANNEL_VOICE_ASSISTANT,
    CHANNEL_WEB,
    Channel,
    Interaction,
    Product,
    ProductViewed,
    ReadingPositionSet,
    SearchPerformed,
)
from journey_client import interactions
from journey_service.cli.simulation.acts import Act, Ids, Turn, of
from journey_service.cli.simulation.scenes import SHELF, Scenes

BEGIN, BED_TIME = 7 * 60, 23 * 60
# Everybody is online from here on, so that the day ends as it is known everywhere.
LAST_SCENE = BED_TIME - 15
SMALL_ACTS = 3
SHORTEST_SPELL, LONGEST_SPELL = 20, 90
COMMUTE = (7 * 60 + 40, 8 * 60 + 30)
CAST: tuple[tuple[str, Channel], ...] = (
    ("phone", CHANNEL_MOBILE_APP),
    ("laptop", CHANNEL_WEB),
    ("tv", CHANNEL_TV_APP),
    ("tablet", CHANNEL_MOBILE_APP),
    ("watch", CHANNEL_MOBILE_APP),
    ("car", CHANNEL_MOBILE_APP),
    ("speaker", CHANNEL_VOICE_ASSISTANT),
    ("console", CHANNEL_TV_APP),
)
FEWEST_DEVICES = 2


@dataclass(frozen=True, slots=True)
class Day:
    """A plan: who takes part, what happens in order, and how it must end."""

    seed: int
    devices: tuple[str, ...]
    acts: tuple[Act, ...]
    film: str
    film_ends_ms: int


def plan(seed: int, account: str, *, devices: int, offline: float) -> Day:
    """The day of a seed. `offline`: share of the day that each device is without network."""
    cast = tuple(name for name, _ in CAST[:devices])
    scenes = Scenes(_drawn(seed, "scenes"), cast, seed)
    told = [*scenes.acts(), *_small_acts(_drawn(seed, "small"), cast, seed)]
    pins = [act for act in told if act.online or act.minute >= LAST_SCENE]
    told += _turns(_drawn(seed, "offline"), cast, offline, pins)
    names = Ids(seed, account)
    acts = tuple(names.given(act) for act in sorted(told, key=_order))
    return Day(seed, cast, acts, scenes.film, scenes.film_ends_ms)


def _drawn(seed: int, what: str) -> random.Random:
    """Draws of one part of the day, which other parts do not disturb."""
    return random.Random(f"{seed}/{what}")  # noqa: S311 - a story, not a secret


def _order(act: Act) -> tuple[int, bool]:
    """By the clock; who loses the network at a minute does so before acting."""
    return act.minute, act.turn is None


# --- between the scenes --------------------------------------------------------------------------


def _small_acts(draw: random.Random, cast: Sequence[str], seed: int) -> Iterator[Act]:
    for who in cast:
        for _ in range(SMALL_ACTS):
            told, interaction = draw.choice((_looks, _wishes, _searches, _reads))(draw, seed)
            yield Act(draw.randrange(BEGIN, LAST_SCENE), who, told, (interaction,))


def _looks(draw: random.Random, _: int) -> tuple[str, Interaction]:
    sku = draw.choice(SHELF)
    body = ProductViewed(product=Product(sku=sku, name=sku))
    return f"looks at {sku}", Interaction(journey=of("browse", "main"), product_viewed=body)


def _wishes(draw: random.Random, _: int) -> tuple[str, Interaction]:
    sku = draw.choice(SHELF)
    return f"wishes for {sku}", interactions.list_item_added("wish", sku, name=sku)


def _searches(draw: random.Random, _: int) -> tuple[str, Interaction]:
    words = f"{draw.choice(('green', 'small', 'cheap', 'best'))} {draw.choice(SHELF)}"
    body = SearchPerformed(query=words, result_count=draw.randrange(1, 90))
    made = Interaction(journey=of("search", "main"), search_performed=body)
    return f"searches for “{words}”", made


def _reads(draw: random.Random, seed: int) -> tuple[str, Interaction]:
    chapter = draw.randrange(2, 12)
    body = ReadingPositionSet(locator=f"chapter-{chapter}", progress_ppm=chapter * 80_000)
    made = Interaction(journey=of("reading", f"atlas-{seed}"), reading_position_set=body)
    return f"reads to chapter {chapter}", made


# --- network -------------------------------------------------------------------------------------


def _turns(
    draw: random.Random, cast: Sequence[str], share: float, pins: Sequence[Act]
) -> Iterator[Act]:
    """Spells without network; never where the service is needed, and none at the end."""
    for who in cast:
        busy = sorted(pin.minute for pin in pins if pin.who == who)
        for first, last in _spells(draw, share, commutes=who == cast[0]):
            for begin, end in _around(first, min(last, LAST_SCENE - 1), busy):
                yield Act(begin, who, Turn.OFFLINE.value, turn=Turn.OFFLINE)
                yield Act(end, who, Turn.ONLINE.value, turn=Turn.ONLINE)


def _spells(draw: random.Random, share: float, *, commutes: bool) -> list[tuple[int, int]]:
    """First and last minutes; the phone is offline on the way to work, whatever the share."""
    if not share:
        return []
    at, found = float(BEGIN), [COMMUTE] if commutes else []
    while share < 1:
        length = draw.uniform(SHORTEST_SPELL, LONGEST_SPELL)
        at += draw.uniform(0, 2) * length * (1 - share) / share
        if at >= LAST_SCENE:
            return _joined(found)
        found.append((int(at), int(at + length)))
        at += length
    return [(BEGIN, LAST_SCENE)]


def _joined(spells: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spells that touch are one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spells):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined


def _around(first: int, last: int, busy: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The parts of a spell before, between and after the minutes in which network is needed."""
    for minute in [*(each for each in busy if first <= each <= last), last + 1]:
        if minute - 1 - first >= SHORTEST_SPELL:
            yield first, minute - 1
        first = minute + 1
