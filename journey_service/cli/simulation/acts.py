"""What happens in a simulated day: acts with ids of their own, made from a seed alone."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, replace
from enum import Enum

from journey.v1.interactions_pb2 import Interaction
from journey.v1.references_pb2 import JourneyRef

MINUTE_MS = 60_000
# Ids carry a date of their own, so that a seed gives the same ids on any day.
_FIRST_DAY_MS = 1_767_225_600_000


class Turn(Enum):
    """What a device does beside recording."""

    OFFLINE = "loses its network"
    ONLINE = "has network again"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody does. `minute` of the day; `who` a device, or a place of the shop.

    `turn`: the network goes or comes. `goes_on`: where the device found what it goes on with is
    told. `online`: the service must check it first.
    """

    minute: int
    who: str
    told: str
    interactions: tuple[Interaction, ...] = ()
    turn: Turn | None = None
    goes_on: bool = False
    online: bool = False

    @property
    def time(self) -> str:
        """Time of day, HH:MM."""
        return f"{self.minute // 60:02}:{self.minute % 60:02}"


class Ids:
    """Ids by seed and account: another account's day has others."""

    def __init__(self, seed: int, account: str) -> None:
        self._draw = random.Random(f"{seed}/{account}")  # noqa: S311 - names acts, guards nothing
        self._runs: dict[str, str] = {}

    def given(self, act: Act) -> Act:
        """The act with ids in its interactions."""
        return replace(act, interactions=tuple(self._named(act, each) for each in act.interactions))

    def _named(self, act: Act, interaction: Interaction) -> Interaction:
        named = Interaction()
        named.CopyFrom(interaction)
        named.event_id = self._event_id(_FIRST_DAY_MS + act.minute * MINUTE_MS)
        body = getattr(named, named.WhichOneof("body") or "")
        if hasattr(body, "run_id"):
            body.run_id = self._run_id(body.run_id)
        if hasattr(body, "message_id") and not body.message_id:
            body.message_id = named.event_id
        return named

    def _event_id(self, at_ms: int) -> str:
        """A UUIDv7 (RFC 9562) whose random bits are drawn by the seed."""
        bits = at_ms << 80 | self._draw.getrandbits(80)
        bits = bits & ~(0xF << 76) | 0x7 << 76
        return str(uuid.UUID(int=bits & ~(0x3 << 62) | 0x2 << 62))

    def _run_id(self, made: str) -> str:
        """In place of a run id that a player drew; what it says of its journey stays."""
        if made not in self._runs:
            self._runs[made] = f"{self._draw.getrandbits(96):024x}{made[24:]}"
        return self._runs[made]


def of(kind: str, journey_id: str) -> JourneyRef:
    """The name of a journey."""
    return JourneyRef(kind=kind, journey_id=journey_id)
