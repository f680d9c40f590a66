"""What a simulated customer does on one device: a cart, a list of wishes, two films."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from typing import Any

from journey.v1.interactions_pb2 import (
    RUN_OPENER_PLAY,
    RUN_OPENER_RESTART,
    CartLineAdded,
    CartLineQuantitySet,
    CartLineRemoved,
    Interaction,
    Line,
    ListItemAdded,
    ListItemRemoved,
    MediaPaused,
    MediaPlayed,
    MediaProgressed,
    MediaStopped,
    Product,
    RunOpener,
)
from journey.v1.references_pb2 import JourneyRef

CART = JourneyRef(kind="cart", journey_id="main")
LIST = JourneyRef(kind="list", journey_id="wishes")
FILMS = ("film-1", "film-2")
LINES = ("tea", "milk", "bread")


@dataclass(slots=True)
class Run:
    """What is playing."""

    ref: JourneyRef
    run_id: str
    start_ms: int
    opened_by: RunOpener
    point_ms: int


class Customer:
    """Draws what happens next on the device; remembers what is playing."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self.run: Run | None = None

    def something(self) -> Interaction:
        draw = self._draw
        chosen = draw.random()
        if chosen < 0.45:
            return self._in_the_cart()
        if chosen < 0.6:
            return self._on_the_list()
        return self._while_playing()

    def _in_the_cart(self) -> Interaction:
        draw, made = self._draw, Interaction(journey=CART)
        key = draw.choice(LINES)
        line = Line(line_key=key, product=Product(sku=key), quantity=draw.randint(1, 5))
        match draw.randrange(5):
            case 0:
                made.cart_line_quantity_set.CopyFrom(CartLineQuantitySet(line=line))
            case 1:
                made.cart_line_removed.CopyFrom(CartLineRemoved(line_key=key))
            case _:
                if draw.random() < 0.05:
                    line.quantity = 0  # refused
                made.cart_line_added.CopyFrom(CartLineAdded(line=line))
        return made

    def _on_the_list(self) -> Interaction:
        draw, made = self._draw, Interaction(journey=LIST)
        key = draw.choice(LINES)
        if draw.random() < 0.4:
            made.list_item_removed.CopyFrom(ListItemRemoved(item_key=key))
        else:
            made.list_item_added.CopyFrom(ListItemAdded(item_key=key, content_id=key))
        return made

    def _while_playing(self) -> Interaction:
        draw, run = self._draw, self.run
        if run is None or draw.random() < 0.2:
            return self._play()
        run.point_ms += draw.choice((0, 1_000, 15_000, 400_000))
        made = Interaction(journey=run.ref)
        fields: dict[str, Any] = {
            "run_id": run.run_id,
            "run_start_ms": run.start_ms,
            "opened_by": run.opened_by,
            "point_ms": run.point_ms,
        }
        match draw.randrange(4):
            case 0:
                made.media_paused.CopyFrom(MediaPaused(**fields, duration_ms=3_600_000))
                self.run = None
            case 1:
                fields["point_ms"] = draw.choice((run.start_ms, run.point_ms))
                made.media_stopped.CopyFrom(MediaStopped(**fields))
                self.run = None
            case _:
                made.media_progressed.CopyFrom(MediaProgressed(**fields, speed=1_000))
        return made

    def _play(self) -> Interaction:
        draw = self._draw
        ref = JourneyRef(kind="media", journey_id=draw.choice(FILMS))
        restart = draw.random() < 0.2
        start = 0 if restart else draw.randrange(0, 3_000_000, 1_000)
        digits = f"{draw.getrandbits(96):024x}"
        checksum = zlib.crc32(f"{ref.kind}/{ref.journey_id}".encode())
        opened_by = RUN_OPENER_RESTART if restart else RUN_OPENER_PLAY
        self.run = Run(ref, f"{digits}{checksum:08x}", start, opened_by, start)
        body = MediaPlayed(
            run_id=self.run.run_id,
            run_start_ms=start,
            opened_by=opened_by,
            point_ms=start,
            speed=1_000,
            duration_ms=3_600_000,
            cause=MediaPlayed.CAUSE_START,
        )
        return Interaction(journey=ref, media_played=body)
