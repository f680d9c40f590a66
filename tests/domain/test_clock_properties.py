"""Devices with clocks that run wrong, jump and restart, against one true time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.v1.clocks_pb2 import ClientClock
from journey.v1.interactions_pb2 import Interaction
from journey_service.domain.batch import Seen, Stamp
from journey_service.domain.occurrence import Placed, place, readings
from tests.domain.samples import DAY, HOUR, NOW, SECOND, SUBJECT

YEAR = 365 * DAY

wild = st.integers(-(2**63), 2**63 - 1)
instants = st.integers(NOW - 60 * DAY, NOW + DAY)
stamps_known = st.none() | st.builds(Stamp, st.integers(0, NOW), st.integers(0, 9))
seen_tokens = st.none() | st.builds(
    lambda issued_ms, age_ms, counter: Seen(
        {SUBJECT: 1}, issued_ms, Stamp(max(issued_ms - age_ms, 0), counter)
    ),
    st.integers(0, NOW),
    st.integers(0, DAY),
    st.integers(0, 9),
)
boots = st.sampled_from(["", "boot", "other"])
acts = st.builds(
    Interaction,
    wall_ms=wild | instants,
    mono_ms=wild | st.integers(0, DAY),
    boot_id=boots,
    offset_ms=st.none() | wild | st.integers(-HOUR, HOUR),
)
sendings = st.none() | st.builds(
    ClientClock,
    sent_wall_ms=wild | instants,
    sent_mono_ms=wild | st.integers(0, DAY),
    boot_id=boots,
    mono_pauses=st.booleans(),
    offset_ms=st.none() | wild | st.integers(-HOUR, HOUR),
    rtt_ms=st.none() | wild | st.integers(0, 10 * SECOND),
)


@settings(deadline=None)
@given(act=acts, sent=sendings, previous=stamps_known, seen=seen_tokens, trusted=st.booleans())
def test_whatever_clocks_say_no_stamp_is_ahead_of_the_server(
    act: Interaction,
    sent: ClientClock | None,
    previous: Stamp | None,
    seen: Seen | None,
    trusted: bool,
) -> None:
    found = place(act, readings(sent, NOW, trusted=trusted), previous, seen)
    assert 0 <= found.stamp.t_ms <= NOW
    assert -(2**63) <= found.skew_ms < 2**63


@settings(deadline=None)
@given(act=acts, sent=sendings, previous=stamps_known, seen=seen_tokens, trusted=st.booleans())
def test_whatever_clocks_say_an_act_follows_its_past_and_its_screen(
    act: Interaction,
    sent: ClientClock | None,
    previous: Stamp | None,
    seen: Seen | None,
    trusted: bool,
) -> None:
    stamp = place(act, readings(sent, NOW, trusted=trusted), previous, seen).stamp
    assert previous is None or stamp > previous
    assert seen is None or (stamp > seen.floor and stamp.t_ms >= seen.issued_ms)


@dataclass(frozen=True)
class Device:
    """A device at one moment of true time."""

    now_ms: int
    wall_error_ms: int
    booted_ms: int
    boot: int = 1

    def act(self) -> Interaction:
        return Interaction(
            wall_ms=self.now_ms + self.wall_error_ms,
            mono_ms=self.now_ms - self.booted_ms,
            boot_id=f"boot {self.boot}",
        )

    def send(self, *, rtt_ms: int) -> ClientClock:
        return ClientClock(
            sent_wall_ms=self.now_ms + self.wall_error_ms,
            sent_mono_ms=self.now_ms - self.booted_ms,
            boot_id=f"boot {self.boot}",
            rtt_ms=rtt_ms,
        )


devices = st.builds(
    Device,
    now_ms=st.just(NOW),
    wall_error_ms=st.integers(-10 * YEAR, 10 * YEAR),
    booted_ms=st.integers(NOW - 40 * DAY, NOW),
)
# Time passes, and now and then the wall clock is set.
steps = st.tuples(st.integers(0, DAY), st.none() | st.integers(-10 * YEAR, 10 * YEAR))


def later(device: Device, step: tuple[int, int | None]) -> Device:
    passed_ms, error_ms = step
    kept = device.wall_error_ms if error_ms is None else error_ms
    return replace(device, now_ms=device.now_ms + passed_ms, wall_error_ms=kept)


@settings(deadline=None)
@given(
    device=devices,
    plan=st.lists(steps, min_size=1, max_size=8),
    way_ms=st.integers(0, SECOND),
    back_ms=st.integers(0, SECOND),
)
def test_a_device_that_did_not_restart_is_placed_within_a_second_of_the_truth(
    device: Device, plan: list[tuple[int, int | None]], way_ms: int, back_ms: int
) -> None:
    acted = []
    for step in plan:
        acted.append(device)
        device = later(device, step)
    sent = readings(device.send(rtt_ms=way_ms + back_ms), device.now_ms + way_ms)
    previous = None
    for then in acted:
        found = place(then.act(), sent, previous, None)
        assert abs(found.stamp.t_ms - then.now_ms) <= SECOND
        previous = found.stamp


@settings(deadline=None)
@given(
    honest=devices,
    error_ms=st.integers(-10 * YEAR, 10 * YEAR),
    age_ms=st.integers(0, 20 * DAY),
    restarted=st.booleans(),
)
def test_a_wrong_clock_gains_nothing(
    honest: Device, error_ms: int, age_ms: int, restarted: bool
) -> None:
    """Set wrong for good, before the act, the clock changes nothing at all."""

    def stamp_with(wall_error_ms: int) -> Placed:
        acting = replace(honest, wall_error_ms=wall_error_ms)
        sending = replace(
            acting,
            now_ms=NOW + age_ms,
            boot=2 if restarted else 1,
            booted_ms=NOW if restarted else acting.booted_ms,
        )
        return place(acting.act(), readings(sending.send(rtt_ms=0), NOW + age_ms), None, None)

    assert stamp_with(error_ms).stamp == stamp_with(0).stamp


@settings(deadline=None)
@given(
    device=devices,
    plan=st.lists(st.tuples(steps, st.booleans()), min_size=2, max_size=10),
    received_after_ms=st.integers(0, DAY),
)
def test_the_order_of_one_installation_is_the_order_of_its_numbers(
    device: Device, plan: list[tuple[tuple[int, int | None], bool]], received_after_ms: int
) -> None:
    """Through restarts and clocks set at will."""
    acted = []
    for step, restarts in plan:
        acted.append(device)
        device = later(device, step)
        if restarts:
            device = replace(device, boot=device.boot + 1, booted_ms=device.now_ms)
    sent = readings(device.send(rtt_ms=0), device.now_ms + received_after_ms)
    previous = None
    for then in acted:
        stamp = place(then.act(), sent, previous, None).stamp
        assert previous is None or stamp > previous
        previous = stamp
