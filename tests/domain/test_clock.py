from typing import Any

import pytest

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
    StreamVersion,
)
from journey_service.domain.batch import Seen, Stamp
from journey_service.domain.occurrence import (
    LATE_LIMIT_MS,
    Placed,
    clock_is_off,
    observed,
    occurrence_key,
    place,
    readings,
)
from tests.domain.samples import DAY, HOUR, MINUTE, NOW, PHONE, SECOND, SUBJECT, clock, pause, seen

YEAR = 365 * DAY


def placed(
    sent: ClientClock | None = None,
    previous: Stamp | None = None,
    seen: Seen | None = None,
    *,
    trusted: bool = False,
    **act: Any,
) -> Placed:
    """Where an act is placed; clocks of the act and at sending as given, else right and now."""
    return place(pause(1, **act), readings(sent, NOW, trusted=trusted), previous, seen)


# --- the monotonic clock -------------------------------------------------------------------------


def test_an_act_of_the_same_boot_is_as_old_as_the_monotonic_clock_says() -> None:
    found = placed(clock(sent_mono_ms=HOUR), mono_ms=HOUR - 5 * MINUTE, wall_ms=NOW + YEAR)
    assert found == Placed(Stamp(NOW - 5 * MINUTE, 0), TIME_QUALITY_MONO, YEAR + 5 * MINUTE)


def test_half_the_round_trip_lies_between_sending_and_arrival_rounded_down() -> None:
    assert placed(clock(rtt_ms=301)).stamp.t_ms == NOW - 150


def test_a_round_trip_counts_five_seconds_at_most() -> None:
    assert placed(clock(rtt_ms=60 * SECOND)).stamp.t_ms == NOW - 2_500


def test_a_negative_round_trip_counts_as_unknown() -> None:
    assert placed(clock(rtt_ms=-10)).stamp.t_ms == NOW


def test_an_unknown_boot_is_not_the_same_boot() -> None:
    found = placed(clock(boot_id="", sent_mono_ms=HOUR), boot_id="", mono_ms=0)
    assert found.quality == TIME_QUALITY_WALL


def test_a_monotonic_clock_that_ran_backwards_is_not_used() -> None:
    assert placed(clock(sent_mono_ms=1), mono_ms=2).quality == TIME_QUALITY_WALL


def test_an_act_at_the_moment_of_sending_is_placed_there() -> None:
    assert placed(clock(sent_mono_ms=7), mono_ms=7).stamp == (NOW, 0)


# --- the monotonic clock of a browser, which stands still in sleep -------------------------------


def slept(**act: Any) -> Placed:
    """A browser that acted 10 min before sending by the monotonic clock, 1 h by the wall clock."""
    sent = clock(mono_pauses=True, sent_mono_ms=HOUR, **act.pop("sent", {}))
    return placed(sent, mono_ms=50 * MINUTE, wall_ms=NOW - HOUR, **act)


def test_a_wall_clock_that_saw_the_sleep_places_the_act_before_it() -> None:
    found = slept()
    assert (found.stamp.t_ms, found.quality) == (NOW - HOUR, TIME_QUALITY_MONO)


def test_a_clock_that_never_pauses_needs_no_second_opinion() -> None:
    found = placed(clock(sent_mono_ms=HOUR), mono_ms=50 * MINUTE, wall_ms=NOW - HOUR)
    assert found.stamp.t_ms == NOW - 10 * MINUTE


def test_a_wall_clock_that_was_set_meanwhile_is_not_asked() -> None:
    found = slept(offset_ms=HOUR, sent={"offset_ms": HOUR + 2_001})
    assert found.stamp.t_ms == NOW - 10 * MINUTE


def test_offsets_that_differ_by_two_seconds_show_no_change_of_the_clock() -> None:
    found = slept(offset_ms=HOUR, sent={"offset_ms": HOUR + 2_000})
    assert found.stamp.t_ms == NOW - HOUR


def test_the_offset_of_the_act_is_a_third_opinion() -> None:
    found = slept(offset_ms=-HOUR, sent={"offset_ms": 0})
    assert found.stamp.t_ms == NOW - 2 * HOUR


def test_the_smallest_of_the_other_opinions_counts() -> None:
    found = slept(offset_ms=-1_000, sent={"offset_ms": 0})
    assert found.stamp.t_ms == NOW - HOUR - 1_000


def test_opinions_within_two_seconds_agree() -> None:
    sent = clock(mono_pauses=True, sent_mono_ms=HOUR)
    assert placed(sent, mono_ms=HOUR, wall_ms=NOW - 2_000).stamp.t_ms == NOW
    assert placed(sent, mono_ms=HOUR, wall_ms=NOW - 2_001).stamp.t_ms == NOW - 2_001


@pytest.mark.parametrize("wall_ms", [NOW + 1, NOW - LATE_LIMIT_MS - 1])
def test_a_wall_clock_that_cannot_be_right_is_not_asked(wall_ms: int) -> None:
    sent = clock(mono_pauses=True, sent_mono_ms=HOUR)
    assert placed(sent, mono_ms=HOUR, wall_ms=wall_ms).stamp.t_ms == NOW


# --- other clocks --------------------------------------------------------------------------------


def test_without_the_boot_a_known_offset_corrects_the_wall_clock() -> None:
    found = placed(clock(), boot_id="old", wall_ms=NOW - YEAR, offset_ms=YEAR - HOUR)
    assert found == Placed(Stamp(NOW - HOUR, 0), TIME_QUALITY_OFFSET, HOUR - YEAR)


def test_an_offset_of_zero_is_a_known_offset() -> None:
    found = placed(clock(), boot_id="old", wall_ms=NOW - HOUR, offset_ms=0)
    assert found.quality == TIME_QUALITY_OFFSET


def test_without_offset_the_age_by_the_wall_clock_counts() -> None:
    found = placed(
        clock(sent_wall_ms=NOW + YEAR, rtt_ms=200), boot_id="old", wall_ms=NOW + YEAR - 9
    )
    assert (found.stamp.t_ms, found.quality) == (NOW - 100 - 9, TIME_QUALITY_WALL)


@pytest.mark.parametrize("age_ms", [0, LATE_LIMIT_MS])
def test_ages_up_to_the_late_limit_can_be_right(age_ms: int) -> None:
    found = placed(clock(), boot_id="old", wall_ms=NOW - age_ms)
    assert (found.stamp.t_ms, found.quality) == (NOW - age_ms, TIME_QUALITY_WALL)


@pytest.mark.parametrize("age_ms", [-1, LATE_LIMIT_MS + 1])
def test_in_doubt_an_act_is_at_the_late_limit(age_ms: int) -> None:
    found = placed(clock(), boot_id="old", wall_ms=NOW - age_ms)
    assert (found.stamp.t_ms, found.quality) == (NOW - LATE_LIMIT_MS, TIME_QUALITY_FLOOR)


def test_in_doubt_an_act_is_behind_the_installations_last_event() -> None:
    found = placed(clock(), boot_id="old", wall_ms=0, previous=Stamp(NOW - HOUR, 4))
    assert (found.stamp, found.quality) == ((NOW - HOUR, 5), TIME_QUALITY_FLOOR)


@pytest.mark.parametrize(("event_age", "token_age"), [(HOUR, DAY), (DAY, HOUR), (None, HOUR)])
def test_in_doubt_the_later_of_event_and_token_counts(
    event_age: int | None, token_age: int
) -> None:
    previous = None if event_age is None else Stamp(NOW - event_age, 0)
    token = seen(issued_ms=NOW - token_age, floor=Stamp(1, 0))
    found = placed(clock(), boot_id="old", wall_ms=0, previous=previous, seen=token)
    assert (found.stamp.t_ms, found.quality) == (NOW - HOUR, TIME_QUALITY_FLOOR)


def test_a_trusted_clock_is_the_truth_however_old() -> None:
    found = placed(trusted=True, wall_ms=NOW - 9 * YEAR)
    assert found == Placed(Stamp(NOW - 9 * YEAR, 0), TIME_QUALITY_TRUSTED, 0)


def test_without_clocks_at_sending_the_wall_clock_of_the_act_is_taken_to_be_right() -> None:
    found = placed(None, boot_id="", wall_ms=NOW - HOUR)
    assert found == Placed(Stamp(NOW - HOUR, 0), TIME_QUALITY_WALL, 0)


def test_a_sender_whose_clock_is_ahead_acted_on_arrival() -> None:
    """Without its clock at sending nobody can tell a wrong clock from a right one that is ahead."""
    assert placed(wall_ms=NOW + 1) == Placed(Stamp(NOW, 0), TIME_QUALITY_WALL, 1)


@pytest.mark.parametrize("trusted", [False, True])
def test_without_any_clock_an_act_happened_on_arrival(trusted: bool) -> None:
    found = placed(None, boot_id="", wall_ms=0, trusted=trusted)
    assert (found.stamp, found.skew_ms) == ((NOW, 0), 0)


# --- bounds and order ----------------------------------------------------------------------------


def test_what_was_on_the_screen_came_before_the_act() -> None:
    token = seen(issued_ms=NOW - MINUTE, floor=Stamp(1, 0))
    found = placed(clock(sent_mono_ms=HOUR), mono_ms=0, seen=token)
    assert found.stamp == (NOW - MINUTE, 0)


def test_nothing_happens_in_the_future() -> None:
    assert placed(trusted=True, wall_ms=NOW + YEAR).stamp == (NOW, 0)


def test_a_token_from_a_process_ahead_moves_nothing_into_the_future() -> None:
    token = seen(issued_ms=NOW + 5, floor=Stamp(1, 0))
    assert placed(clock(), seen=token).stamp == (NOW, 0)


def test_no_clock_is_too_wild_to_be_stored() -> None:
    wild = placed(clock(sent_mono_ms=2**63 - 1), mono_ms=-(2**63), wall_ms=-(2**63))
    assert wild == Placed(Stamp(0, 0), TIME_QUALITY_MONO, -(2**63))
    behind = placed(clock(), wall_ms=-(2**63), previous=Stamp(NOW, 0))
    assert behind.skew_ms == -(2**63)
    ahead = placed(clock(), wall_ms=2**63 - 1, offset_ms=-(2**63), boot_id="old")
    assert ahead == Placed(Stamp(0, 0), TIME_QUALITY_OFFSET, 2**63 - 1)


def test_an_act_at_the_time_of_the_one_before_follows_it_by_the_counter() -> None:
    assert placed(clock(), previous=Stamp(NOW, 2)).stamp == (NOW, 3)


def test_an_act_after_the_one_before_starts_counting_anew() -> None:
    assert placed(clock(), previous=Stamp(NOW - 1, 2)).stamp == (NOW, 0)


def test_an_act_follows_everything_that_was_seen() -> None:
    token = seen(issued_ms=NOW - DAY, floor=Stamp(NOW, 7))
    assert placed(clock(), seen=token, previous=Stamp(NOW, 3)).stamp == (NOW, 8)


def test_an_act_follows_its_own_installation_where_that_is_later_than_what_was_seen() -> None:
    token = seen(issued_ms=NOW - DAY, floor=Stamp(NOW - 1, 7))
    assert placed(clock(), seen=token, previous=Stamp(NOW, 3)).stamp == (NOW, 4)


def test_order_has_the_last_word_over_the_future() -> None:
    assert placed(clock(), previous=Stamp(NOW + 3, 0)).stamp == (NOW + 3, 1)


# --- warnings, keys, observation -----------------------------------------------------------------


@pytest.mark.parametrize(("wall_ms", "off"), [(NOW - 5 * MINUTE, False), (NOW + 300_001, True)])
def test_a_device_is_told_when_its_clock_is_off_by_more_than_five_minutes(
    wall_ms: int, off: bool
) -> None:
    assert clock_is_off(clock(sent_wall_ms=wall_ms), NOW) is off


def event(
    *,
    t_ms: int = NOW,
    counter: int = 0,
    installation_id: str = PHONE,
    seq: int = 1,
    subject_id: str = SUBJECT,
    version: int = 1,
) -> Event:
    happened = Occurrence(t_ms=t_ms, counter=counter, installation_id=installation_id, seq=seq)
    return Event(subject_id=subject_id, version=version, occurrence=happened)


def test_events_sort_by_time_counter_installation_number_and_subject() -> None:
    in_order = [
        event(t_ms=1, counter=9),
        event(t_ms=2, counter=0, installation_id="é"),
        event(t_ms=2, counter=1, installation_id="Z", seq=9),
        event(t_ms=2, counter=1, installation_id="a", seq=1),
        event(t_ms=2, counter=1, installation_id="a", seq=2, subject_id="s"),
        event(t_ms=2, counter=1, installation_id="a", seq=2, subject_id="t"),
    ]
    mixed = in_order[::-1]
    assert sorted(mixed, key=occurrence_key) == in_order


def cut_at(version: int = 0, installation_id: str = PHONE) -> Cut:
    return Cut(
        versions=[
            StreamVersion(subject_id="other", version=99),
            StreamVersion(subject_id=SUBJECT, version=version),
        ],
        installation_id=installation_id,
        before=Occurrence(t_ms=NOW, installation_id=PHONE, seq=5),
    )


@pytest.mark.parametrize(("version", "known"), [(3, True), (4, False)])
def test_a_stream_is_observed_to_the_version_seen(version: int, known: bool) -> None:
    assert observed(cut_at(3), event(version=version, installation_id="tv")) is known


def test_a_stream_that_was_not_seen_is_not_observed() -> None:
    foreign = event(subject_id="unknown", installation_id="tv")
    assert not observed(cut_at(3), foreign)


@pytest.mark.parametrize(("seq", "known"), [(4, True), (5, False), (6, False)])
def test_an_installation_knows_its_own_earlier_acts_also_unsent_ones(seq: int, known: bool) -> None:
    assert observed(cut_at(), event(version=50, seq=seq)) is known


def test_an_installation_knows_its_acts_under_another_subject() -> None:
    assert observed(cut_at(), event(subject_id="visitor", t_ms=NOW - 1, version=50))


def test_systems_without_installation_do_not_know_one_another() -> None:
    system = event(installation_id="", t_ms=1, version=50)
    assert not observed(cut_at(installation_id=""), system)
