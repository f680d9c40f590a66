"""The clock rule: when a customer acted, whatever the clocks of devices say.

    estimate → not before what was seen → not in the future → behind what it follows

Done once per interaction, in seq order, inside the append; the result is stored and never computed
again. Times are ms since 1970 UTC, durations ms, and division rounds down.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.events_pb2 import (
    TIME_QUALITY_FLOOR,
    TIME_QUALITY_MONO,
    TIME_QUALITY_OFFSET,
    TIME_QUALITY_TRUSTED,
    TIME_QUALITY_WALL,
    Cut,
    Event,
    Occurrence,
    TimeQuality,
)
from journey.v1.interactions_pb2 import Interaction
from journey_service.domain.batch import Seen, Stamp

LATE_LIMIT_MS = 30 * 86_400_000
LATE_MARK_MS = 60_000
CLOCK_WARNING_MS = 300_000
MAX_ROUND_TRIP_MS = 5_000
# Two estimates that differ by no more say the same.
TOLERANCE_MS = 2_000

_INT64_MIN = -(2**63)

# t_ms, counter, installation_id, seq, subject_id; ids as bytes.
OccurrenceKey: TypeAlias = tuple[int, int, bytes, int, bytes]


class Readings(NamedTuple):
    """The clocks of one batch: when it arrived, when it was sent, what the sender's clocks said.

    `clockless`: no clocks came along, so an interaction without wall time happened on arrival.
    `trusted`: the wall times of its interactions are the truth.
    """

    received_ms: int
    sent_ms: int
    wall_ms: int
    mono_ms: int = 0
    boot_id: str = ""
    mono_pauses: bool = False
    offset_ms: int | None = None
    clockless: bool = False
    trusted: bool = False


class Placed(NamedTuple):
    """When an interaction happened, how that was found, and how far its wall clock was off."""

    stamp: Stamp
    quality: TimeQuality
    skew_ms: int


def readings(clock: ClientClock | None, received_ms: int, *, trusted: bool = False) -> Readings:
    """The clocks of a batch; where none came along the sender's wall clock is taken to be right."""
    if clock is None:
        return Readings(received_ms, received_ms, received_ms, clockless=True, trusted=trusted)
    round_trip_ms = min(max(clock.rtt_ms, 0), MAX_ROUND_TRIP_MS)
    return Readings(
        received_ms,
        received_ms - round_trip_ms // 2,
        clock.sent_wall_ms,
        clock.sent_mono_ms,
        clock.boot_id,
        clock.mono_pauses,
        clock.offset_ms if clock.HasField("offset_ms") else None,
        trusted=trusted,
    )


def place(
    interaction: Interaction,
    sent: Readings,
    previous: Stamp | None,
    seen: Seen | None,
    late_limit_ms: int = LATE_LIMIT_MS,
) -> Placed:
    """When the interaction happened.

    `previous` is the stamp of the last event stored for the installation and subject, whatever its
    outcome; `seen` is what was on the screen. Both are None where there is nothing.
    """
    wall_ms = interaction.wall_ms
    if sent.clockless and not wall_ms:
        wall_ms = sent.received_ms
    if sent.trusted:
        t_ms, quality = wall_ms, TIME_QUALITY_TRUSTED
    else:
        t_ms, quality = _estimate(interaction, wall_ms, sent, previous, seen, late_limit_ms)
    stamp = _ordered(t_ms, sent.received_ms, previous, seen)
    return Placed(stamp, quality, max(wall_ms - stamp.t_ms, _INT64_MIN))


def _estimate(
    interaction: Interaction,
    wall_ms: int,
    sent: Readings,
    previous: Stamp | None,
    seen: Seen | None,
    late_limit_ms: int,
) -> tuple[int, TimeQuality]:
    """Step 1: the first clock that can tell."""
    offset_ms = interaction.offset_ms if interaction.HasField("offset_ms") else None
    mono_age_ms = sent.mono_ms - interaction.mono_ms
    if sent.boot_id and sent.boot_id == interaction.boot_id and mono_age_ms >= 0:
        t_ms = sent.sent_ms - mono_age_ms
        if sent.mono_pauses:
            t_ms = _before_sleep(t_ms, wall_ms, offset_ms, sent, late_limit_ms)
        return t_ms, TIME_QUALITY_MONO
    if offset_ms is not None:
        return wall_ms + offset_ms, TIME_QUALITY_OFFSET
    wall_age_ms = sent.wall_ms - wall_ms
    if sent.clockless:
        # Our own clock stands in for the sender's: that it is a little behind is no wrong clock.
        wall_age_ms = max(wall_age_ms, 0)
    if 0 <= wall_age_ms <= late_limit_ms:
        return sent.sent_ms - wall_age_ms, TIME_QUALITY_WALL
    not_before = [] if previous is None else [previous.t_ms]
    if seen is not None:
        not_before.append(seen.issued_ms)
    return max(not_before, default=sent.received_ms - late_limit_ms), TIME_QUALITY_FLOOR


def _before_sleep(
    t_ms: int, wall_ms: int, offset_ms: int | None, sent: Readings, late_limit_ms: int
) -> int:
    """The monotonic estimate, or an earlier one that shows that the clock stood still since."""
    earliest_ms = t_ms - TOLERANCE_MS
    stepped = (
        offset_ms is not None
        and sent.offset_ms is not None
        and abs(offset_ms - sent.offset_ms) > TOLERANCE_MS
    )
    wall_age_ms = sent.wall_ms - wall_ms
    others = []
    if not stepped and 0 <= wall_age_ms <= late_limit_ms:
        others.append(sent.sent_ms - wall_age_ms)
    if offset_ms is not None:
        others.append(wall_ms + offset_ms)
    smallest_ms = min(others, default=t_ms)
    return smallest_ms if smallest_ms < earliest_ms else t_ms


def _ordered(t_ms: int, received_ms: int, previous: Stamp | None, seen: Seen | None) -> Stamp:
    """Steps 2 to 4: what was on the screen came before, nothing happens in the future, and an act
    follows its installation's last one and everything that was seen.

    Nothing happened before 1970 either, so that no clock reading is too wild to be stored.
    """
    after = previous
    if seen is not None:
        t_ms = max(t_ms, seen.issued_ms)
        if after is None or seen.floor > after:
            after = seen.floor
    if t_ms > received_ms:
        t_ms = received_ms
    elif t_ms < 0:
        t_ms = 0
    if after is None or t_ms > after.t_ms:
        return Stamp(t_ms, 0)
    return Stamp(after.t_ms, after.counter + 1)


def clock_is_off(clock: ClientClock, received_ms: int) -> bool:
    """Whether a device's wall clock is wrong enough that its owner should be told (5 min)."""
    sent = readings(clock, received_ms)
    return abs(sent.wall_ms - sent.sent_ms) > CLOCK_WARNING_MS


def occurrence_key(event: Event) -> OccurrenceKey:
    """What events of one customer are sorted by to be in the order in which they happened."""
    happened = event.occurrence
    return (
        happened.t_ms,
        happened.counter,
        happened.installation_id.encode(),
        happened.seq,
        event.subject_id.encode(),
    )


def observed(cut: Cut, event: Event) -> bool:
    """Whether the event that carries `cut` had `event` in view, and so may cancel it.

    It had if the stream was seen to that version, or if it is an earlier act of its own
    installation, which knows its acts also under other subjects and before they were sent.
    """
    for seen in cut.versions:
        if seen.subject_id == event.subject_id:
            if event.version <= seen.version:
                return True
            break
    installation_id = cut.installation_id
    return (
        installation_id != ""
        and event.occurrence.installation_id == installation_id
        and _order(event.occurrence) < _order(cut.before)
    )


def _order(happened: Occurrence) -> tuple[int, int, bytes, int]:
    return (happened.t_ms, happened.counter, happened.installation_id.encode(), happened.seq)
