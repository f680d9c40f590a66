"""KurrentDB's cases."""

from __future__ import annotations

from tests.peers.case import Case, cases_in

_APPENDS = "tests/peers/test_appends.py"
_LIMITS = "tests/peers/test_limits.py"
_WATCH = "tests/peers/test_watch.py"
_GROUPS = "tests/peers/test_groups.py"
_REPEAT = f"{_APPENDS}::test_a_repeat_is_answered_as_the_first_time"


def _repeat(name: str, says: str) -> Case:
    return Case("KurrentDB, repeats", name, says, (f"{_REPEAT}[{name}]",))


_KURRENT_APPEND = [
    *cases_in(
        "KurrentDB, append",
        _LIMITS,
        {"empty_batch_is_fine": "An append of nothing succeeds and changes nothing."},
    ),
    *cases_in(
        "KurrentDB, append",
        _APPENDS,
        {
            "new_stream_expected_zero": "A stream that is to be new takes its first event.",
            "exists_condition_on_missing_stream": "Who expects a stream that is not there is told.",
        },
    ),
    Case(
        "KurrentDB, append",
        "head_condition_on_erased_subject",
        "What was erased takes nothing, whatever is expected of it.",
        (
            f"{_APPENDS}::test_head_condition_on_erased_subject",
            "tests/contract/erasing.py::test_nothing_is_appended_behind_an_erasure",
        ),
    ),
    *cases_in(
        "KurrentDB, append",
        _LIMITS,
        {
            "long_subject_and_type_names": "Names of the greatest length are taken, longer ones "
            "refused.",
            "batch_over_limit_writes_nothing": "A batch that is too large writes none of its "
            "events.",
        },
    ),
    *cases_in(
        "KurrentDB, append",
        _APPENDS,
        {
            "conflict_names_current_version": "A conflict says where the stream stands.",
            "conditional_success_reports_versions": "A success says which versions it took.",
        },
    ),
]

_KURRENT_REPEATS = [
    _repeat("first_again_after_five_more", "The first of six events comes again."),
    _repeat("last_again_without_condition", "The last one comes again, expecting nothing."),
    _repeat("again_with_its_own_condition", "It comes again with the version it came with."),
    _repeat(
        "again_with_later_condition_is_duplicate",
        "It comes again with the version of now (KurrentDB writes it twice).",
    ),
    _repeat(
        "again_with_future_condition_is_duplicate",
        "It comes again with a version that is not reached (KurrentDB refuses).",
    ),
    _repeat("pair_again", "Two that came together come again together."),
    _repeat("first_of_pair_again", "The first of two comes again alone."),
    _repeat("second_of_pair_again", "The second of two comes again alone."),
    _repeat(
        "pair_plus_new_is_refused_when_conditional",
        "With a condition, known events and a new one are refused whole.",
    ),
    _repeat(
        "pair_plus_new_is_split_for_devices",
        "Of a device, known events are answered as before and the new one is written.",
    ),
]

_KURRENT_GROUPS = cases_in(
    "KurrentDB, groups",
    _GROUPS,
    {
        "lowest_unsettled_bounds_checkpoint": "Progress stays below the first unsettled event.",
        "retry_holds_checkpoint": "An event that is tried again holds progress.",
        "parked_releases_checkpoint": "A parked event does not.",
        "first_event_can_be_checkpoint": "Progress may be the very first event.",
        "filtered_events_move_checkpoint_on_count_and_on_time": "What the filter hides moves "
        "progress, after so many events and after so long.",
        "filtered_events_wait_for_outstanding": "It does not overtake what is unsettled.",
        "checkpoint_written_with_nobody_connected": "Progress is stored though nobody consumes.",
        "timeout_redelivers": "What is not settled in time is delivered again.",
        "settled_before_timeout_stays_settled": "What is settled in time is not.",
        "tries_exhausted_parks": "After so many tries an event is parked.",
        "park_frees_slot": "A parked event is in flight no more; new credit brings the next one.",
        "retry_keeps_slot_count": "A retried event takes credit again and is in flight once.",
        "disconnect_returns_in_flight_at_once": "A consumer that goes leaves its events to others "
        "at once.",
        "pull_less_equal_more_than_available": "Pull gives what there is, at most what was asked.",
        "pull_before_ready": "Pull before anything is there gives nothing, or waits as told.",
        "replay_parked_up_to_limit": "Parked events are replayed up to a limit.",
        "replay_empty_then_again": "A replay of nothing does nothing, and the next one works.",
        "second_replay_refused": "While a replay runs a second one is refused.",
        "discard_while_replaying_refused": "And so is a discard.",
        "settle_while_reading_no_deadlock": "Settling while events are read waits for nothing.",
        "update_keeps_filter": "Changing a group's settings keeps its filter.",
        "delete_removes_checkpoint_and_parked": "A deleted group leaves nothing.",
        "no_checkpoint_starts_where_asked": "A new group starts where it was told.",
        "window_overflow_then_drain_keeps_checkpoint": "A full window that drains loses no "
        "progress.",
    },
)

_KURRENT_READERS = [
    *cases_in(
        "KurrentDB, readers",
        _WATCH,
        {
            "caught_up_once": "A reader is told once that it is level.",
            "fell_behind_then_caught_up": "One that fell behind misses nothing when it catches up.",
        },
    ),
    Case(
        "KurrentDB, readers",
        "backwards_equals_forwards_reversed",
        "Reading backwards gives the same, the other way round.",
        (
            "tests/application/test_history.py::test_backwards_is_forwards_reversed",
            "tests/contract/reading.py::test_a_range_of_a_partition_reads_the_same_from_both_ends",
        ),
    ),
    Case(
        "KurrentDB, readers",
        "filtered_page_of_nothing_still_advances",
        "A page from which the filter takes everything moves on.",
        (
            (
                "tests/application/test_history.py::"
                "test_a_filter_that_hides_everything_still_moves_the_checkpoint"
            ),
            (
                "tests/application/test_subscribe.py::"
                "test_the_checkpoint_moves_past_what_the_filter_hides_and_the_heartbeat_tells_it"
            ),
        ),
    ),
]

KURRENTDB = (*_KURRENT_APPEND, *_KURRENT_REPEATS, *_KURRENT_GROUPS, *_KURRENT_READERS)
