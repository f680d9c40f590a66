from dataclasses import dataclass

from journey.v1.clocks_pb2 import ServerClock
from journey_client.clocks import ClockWatch, MachineClocks


@dataclass
class SetClocks:
    """Clocks that a test sets. The true time is `mono`; the wall clock is off by `off`."""

    mono: int = 1_000
    off: int = 0
    boot_id: str = "boot"
    mono_pauses: bool = False

    def wall_ms(self) -> int:
        return self.mono + self.off

    def mono_ms(self) -> int:
        return self.mono


def exchange(watch: ClockWatch, clocks: SetClocks, *, there: int, work: int, back: int) -> None:
    """One call: so many ms on the way there, in the service, and on the way back."""
    sent = watch.sending()
    received = clocks.mono + there
    clocks.mono = received + work + back
    watch.answered(sent, ServerClock(received_ms=received, answered_ms=received + work))


def test_the_offset_of_a_wrong_wall_clock_is_found() -> None:
    clocks = SetClocks(off=-3_600_000)
    watch = ClockWatch(clocks)
    exchange(watch, clocks, there=20, work=5, back=20)
    best = watch.best()
    assert best is not None
    assert best.offset_ms == 3_600_000
    assert best.rtt_ms == 40


def test_the_sample_with_the_shortest_round_trip_of_the_last_eight_counts() -> None:
    clocks = SetClocks()
    watch = ClockWatch(clocks)
    exchange(watch, clocks, there=2, work=0, back=2)
    for _ in range(7):
        exchange(watch, clocks, there=400, work=0, back=0)
    assert watch.sending().rtt_ms == 4
    exchange(watch, clocks, there=400, work=0, back=0)
    assert watch.sending().rtt_ms == 400


def test_samples_from_before_a_change_of_the_wall_clock_are_not_used() -> None:
    clocks = SetClocks()
    watch = ClockWatch(clocks)
    exchange(watch, clocks, there=1, work=0, back=1)
    clocks.off = 60_000
    assert not watch.sending().HasField("offset_ms")


def test_samples_older_than_a_day_are_not_used() -> None:
    clocks = SetClocks()
    watch = ClockWatch(clocks)
    exchange(watch, clocks, there=1, work=0, back=1)
    clocks.mono += 24 * 3_600_000 + 1
    assert watch.best() is None


def test_an_answer_without_a_clock_teaches_nothing() -> None:
    watch = ClockWatch(SetClocks())
    watch.answered(watch.sending(), ServerClock())
    assert watch.best() is None


def test_the_clocks_of_this_machine_go_forward_and_name_their_boot() -> None:
    clocks = MachineClocks()
    first = clocks.mono_ms()
    assert clocks.mono_ms() >= first
    assert clocks.wall_ms() > 1_700_000_000_000
    assert 0 < len(clocks.boot_id) <= 64
