"""The named cases of peers' suites, each with the test that shows it here or why there is none.

This table is the one place: docs/peers.md is made of it (`python -m tests.peers`), and tests fail
for a case that has neither a test nor a reason. Without `shown`, the test is `test_<name>` in the
peer's file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_APPENDS = "tests/peers/test_appends.py"
_LIMITS = "tests/peers/test_limits.py"
_WATCH = "tests/peers/test_watch.py"
_GROUPS = "tests/peers/test_groups.py"
_PROJECTIONS = "tests/peers/test_projections.py"
_REPEAT = f"{_APPENDS}::test_a_repeat_is_answered_as_the_first_time"


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour of a peer, in our words.

    `shown` names tests as file::function, or file::function[row of its table]. `differs` says
    why Journey does otherwise on purpose, `not_applicable` what it has no such thing for.
    """

    peer: str
    name: str
    says: str
    shown: tuple[str, ...] = ()
    differs: str = ""
    not_applicable: str = ""

    @property
    def standing(self) -> str:
        """holds, differs or not applicable."""
        if self.not_applicable:
            return "not applicable"
        return "differs" if self.differs else "holds"


def _repeat(name: str, says: str) -> Case:
    return Case("KurrentDB, repeats", name, says, (f"{_REPEAT}[{name}]",))


def _of(peer: str, file: str, said: dict[str, str]) -> list[Case]:
    return [Case(peer, name, says, (f"{file}::test_{name}",)) for name, says in said.items()]


_KURRENT_APPEND = [
    *_of(
        "KurrentDB, append",
        _LIMITS,
        {"empty_batch_is_fine": "An append of nothing succeeds and changes nothing."},
    ),
    *_of(
        "KurrentDB, append",
        _APPENDS,
        {
            "new_stream_expected_zero": "A stream that is to be new takes its first event.",
            "exists_condition_on_missing_stream": "Who expects a stream that is not there is told.",
            "head_condition_on_erased_subject": "What was erased takes nothing, whatever is "
            "expected of it.",
        },
    ),
    *_of(
        "KurrentDB, append",
        _LIMITS,
        {
            "long_subject_and_type_names": "Names of the greatest length are taken, longer ones "
            "refused.",
            "batch_over_limit_writes_nothing": "A batch that is too large writes none of its "
            "events.",
        },
    ),
    *_of(
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

_KURRENT_GROUPS = _of(
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
    *_of(
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

_COMMANDED = [
    Case(
        "commanded/eventstore",
        "second_consumer_needs_concurrency",
        "A second consumer comes in if the group takes more than one.",
        (f"{_GROUPS}::test_second_consumer_needs_concurrency",),
        differs="A group is for as many consumers as come: the second one gets half of the "
        "partitions.",
    ),
    Case(
        "commanded/eventstore",
        "too_many_consumers",
        "One too many is refused.",
        (f"{_GROUPS}::test_too_many_consumers",),
        differs="More consumers than partitions wait without any, and take over when one goes.",
    ),
    *_of(
        "commanded/eventstore",
        _GROUPS,
        {
            "same_consumer_id_replaces": "The same consumer again takes the place of the older.",
            "next_free_consumer_gets_next_subject": "Who is free gets the next subject.",
            "settle_out_of_order": "Events may be settled in any order.",
            "owner_dies_in_flight_moves": "What a dead consumer had goes to another.",
            "resend_does_not_settle_old_attempt": "A settlement of an older attempt counts not.",
            "late_joiner_gets_waiting": "Who comes late gets what waits.",
            "all_filtered_still_settles": "Where the filter hides everything, progress is made.",
            "subject_sticks_until_settled_then_moves": "A subject stays with its consumer until "
            "it is settled.",
            "queue_of_one": "With one credit events come one by one.",
        },
    ),
    Case(
        "commanded/eventstore",
        "overflow_then_caught_up_misses_nothing",
        "A reader whose queue overflowed gets everything when it catches up.",
        (
            (
                "tests/application/test_subscribe_ends.py::"
                "test_a_reader_that_is_slow_costs_one_frame_and_reads_the_rest_later"
            ),
            f"{_WATCH}::test_fell_behind_then_caught_up",
        ),
    ),
    *_of(
        "commanded/eventstore",
        _GROUPS,
        {
            "wrong_settle_is_error": "Settling what was not delivered is an error.",
            "unexpected_frame_is_error": "A frame that does not belong there is an error.",
            "checkpoint_each_n_idle_and_on_exit": "Progress is stored after so many events, when "
            "idle, and at the end.",
            "lost_ownership_resends_only_unsettled": "Who takes over gets the unsettled alone.",
        },
    ),
    Case(
        "commanded/eventstore",
        "hint_connection_reconnects",
        "The connection for hints comes back when it was lost.",
        ("tests/store/test_two_stores.py::test_the_hint_connection_comes_back",),
    ),
    Case(
        "commanded/eventstore",
        "tables_refuse_update_and_delete",
        "The database refuses to change what was recorded.",
        ("tests/store/test_privileges.py::test_the_application_may_not_change_what_was_recorded",),
    ),
]

_MARTEN = _of(
    "Marten",
    _PROJECTIONS,
    {
        "rebuild_with_no_matching_events": "A rebuild that finds no event of its own ends well.",
        "rebuild_spans_pages_of_inserts": "A rebuild longer than a page is whole.",
        "no_double_apply_out_of_order": "No event is applied twice, whatever order they come in.",
        "fold_error_then_recovery": "A fold that raised goes on when it is mended.",
        "poison_event_skipped_only_when_told": "An event is left out only if somebody said so.",
        "rebuild_fires_no_effects": "A rebuild has no effect outside.",
        "rebuild_reads_head_first": "A rebuild knows its end before it begins.",
        "two_versions_live_side_by_side": "Two versions of a fold answer side by side.",
        "progress_survives_stop": "Progress is kept over a stop.",
        "stop_twice": "Stopping twice is like stopping once.",
        "wait_until_applied_ignores_other_projections": "Waiting for one projection does not wait "
        "for others.",
        "failed_batch_leaves_no_partial_state": "A batch that fails leaves no half of its states.",
    },
)

_ASYNCPG = [
    Case(
        "asyncpg",
        "pool_survives_abrupt_loss",
        "A pool whose connections are killed serves on.",
        (
            "tests/store/test_pool.py::test_a_killed_connection_is_replaced",
            "tests/store/test_outcomes.py::test_a_killed_backend_costs_nobody_an_answer",
        ),
    ),
    Case(
        "asyncpg",
        "cancel_in_each_phase_leaves_pool_whole",
        "Who is cancelled while waiting, connecting or reading takes no connection with it.",
        (
            "tests/store/test_pool.py::test_an_acquire_that_is_cancelled_at_any_moment_loses_nothing",
            (
                "tests/store/test_pool.py::"
                "test_a_cancelled_read_cancels_its_query_and_keeps_its_connection"
            ),
        ),
    ),
    Case(
        "asyncpg",
        "timeout_in_acquire_leaks_nothing",
        "Who waits too long for a connection is refused, and the pool is whole.",
        (
            (
                "tests/store/test_pool.py::"
                "test_when_all_are_in_use_a_caller_waits_a_moment_and_is_refused"
            ),
            "tests/store/test_pool.py::test_a_server_that_does_not_answer_is_not_waited_for",
        ),
    ),
]

_ETCD = [
    *_of(
        "etcd watch",
        _WATCH,
        {
            "unique": "No event comes twice, over all reconnects.",
            "ordered": "Events come in the order of their partition.",
            "reliable": "Every event comes.",
        },
    ),
    Case(
        "etcd watch",
        "atomic_per_append",
        "What was written in one append comes together.",
        (f"{_WATCH}::test_atomic_per_append",),
        differs="Its events come next to each other with none in between; but a full frame ends "
        "inside an append, so that one append cannot make a frame larger than the limit.",
    ),
    *_of(
        "etcd watch",
        _WATCH,
        {
            "resumable": "From every checkpoint the rest comes, and nothing else.",
            "bookmark_not_ahead": "No checkpoint is past what was sent.",
            "filtered_like_unfiltered": "A filter changes nothing but what is left out.",
        },
    ),
    Case(
        "etcd watch",
        "renewed_after_compaction_reset",
        "A reader whose place is gone is told, and begins anew. The journal is never compacted; a "
        "place is gone when a backup was restored.",
        (
            (
                "tests/application/test_subscribe_ends.py::"
                "test_after_a_restore_a_checkpoint_is_good_as_far_as_it_kept_the_journal"
            ),
            (
                "tests/application/test_subscribe_ends.py::"
                "test_a_restore_behind_an_open_stream_ends_it_and_one_that_kept_all_does_not"
            ),
        ),
    ),
    *_of(
        "etcd watch",
        _WATCH,
        {"no_event_before_start": "Nothing comes from before the place asked for."},
    ),
]

CASES: tuple[Case, ...] = (
    *_KURRENT_APPEND,
    *_KURRENT_REPEATS,
    *_KURRENT_GROUPS,
    *_KURRENT_READERS,
    *_COMMANDED,
    *_MARTEN,
    *_ASYNCPG,
    *_ETCD,
)


def cases_of(peer: str) -> Sequence[Case]:
    """The cases of one peer, in order."""
    return [case for case in CASES if case.peer == peer]
