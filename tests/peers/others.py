"""Cases of commanded/eventstore, Marten, asyncpg and etcd."""

from __future__ import annotations

from tests.peers.case import Case, cases_in

_WATCH = "tests/peers/test_watch.py"
_CONSUMERS = "tests/peers/test_consumers.py"
_PROJECTIONS = "tests/peers/test_projections.py"
_REBUILD = "tests/projections/test_rebuild.py"
_REBUILDER = "tests/projections/test_rebuilder.py"
_RUNNER = "tests/projections/test_runner.py"
_HALTING = "tests/projections/test_halting.py"
_GENERATIONS = "tests/contract/generations.py"

_COMMANDED = [
    Case(
        "commanded/eventstore",
        "second_consumer_needs_concurrency",
        "A second consumer comes in if the group takes more than one.",
        (f"{_CONSUMERS}::test_second_consumer_needs_concurrency",),
        differs="A group is for as many consumers as come: the second one gets half of the "
        "partitions.",
    ),
    Case(
        "commanded/eventstore",
        "too_many_consumers",
        "One too many is refused.",
        (f"{_CONSUMERS}::test_too_many_consumers",),
        differs="More consumers than partitions wait without any, and take over when one goes.",
    ),
    *cases_in(
        "commanded/eventstore",
        _CONSUMERS,
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
    *cases_in(
        "commanded/eventstore",
        _CONSUMERS,
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

_MARTEN = [
    Case(
        "Marten",
        "rebuild_with_no_matching_events",
        "A rebuild that finds no event of its own ends well.",
        (f"{_PROJECTIONS}::test_rebuild_with_no_matching_events",),
    ),
    Case(
        "Marten",
        "rebuild_spans_pages_of_inserts",
        "A rebuild longer than a page is whole.",
        (
            f"{_REBUILD}::test_batches_add_up_whatever_stays_in_memory",
            f"{_REBUILD}::test_what_was_rebuilt_equals_what_is_live_byte_for_byte",
        ),
    ),
    Case(
        "Marten",
        "no_double_apply_out_of_order",
        "No event is applied twice, whatever order they come in.",
        (
            f"{_PROJECTIONS}::test_no_double_apply_out_of_order",
            f"{_REBUILD}::test_a_killed_process_is_gone_on_from_where_it_was",
        ),
    ),
    Case(
        "Marten",
        "fold_error_then_recovery",
        "A fold that raised goes on when it is mended.",
        (
            (
                f"{_HALTING}::"
                "test_an_order_to_try_again_is_followed_at_once_and_its_success_forgets_the_stop"
            ),
            f"{_RUNNER}::test_a_fold_that_raises_stops_its_partition_there_and_no_other",
        ),
    ),
    Case(
        "Marten",
        "poison_event_skipped_only_when_told",
        "An event is left out only if somebody said so.",
        (
            f"{_HALTING}::test_only_what_was_told_is_left_out_and_the_rest_of_the_page_is_folded",
            f"{_RUNNER}::test_nothing_behind_a_fault_is_skipped",
        ),
    ),
    Case(
        "Marten",
        "rebuild_fires_no_effects",
        "A rebuild has no effect outside.",
        (f"{_REBUILDER}::test_no_effect_of_an_event_comes_about_again",),
    ),
    Case(
        "Marten",
        "rebuild_reads_head_first",
        "A rebuild knows its end before it begins.",
        (f"{_REBUILD}::test_events_recorded_meanwhile_are_no_part_of_it_and_are_not_lost",),
    ),
    Case(
        "Marten",
        "two_versions_live_side_by_side",
        "Two versions of a fold answer side by side.",
        (
            (
                f"{_REBUILDER}::test_a_changed_fold_version_rebuilds_by_itself_and_older_processes_answer"
                "_meanwhile"
            ),
            f"{_GENERATIONS}::test_a_fold_version_reads_its_own_generation_and_no_other",
        ),
    ),
    Case(
        "Marten",
        "progress_survives_stop",
        "Progress is kept over a stop.",
        (
            f"{_RUNNER}::test_a_fold_that_is_taken_up_again_goes_on_from_what_is_stored",
            f"{_GENERATIONS}::test_a_partition_has_one_builder_and_its_progress_is_kept",
        ),
    ),
    Case(
        "Marten",
        "stop_twice",
        "Stopping twice is like stopping once.",
        (
            (
                "tests/application/test_rebuilds.py::"
                "test_a_rebuild_rests_goes_on_and_is_cancelled_when_it_is_told"
            ),
        ),
    ),
    Case(
        "Marten",
        "wait_until_applied_ignores_other_projections",
        "Waiting for one projection does not wait for others.",
        (f"{_PROJECTIONS}::test_wait_until_applied_ignores_other_projections",),
    ),
    Case(
        "Marten",
        "failed_batch_leaves_no_partial_state",
        "A batch that fails leaves no half of its states.",
        (
            "tests/contract/states.py::test_a_lost_lease_writes_nothing_at_all",
            f"{_RUNNER}::test_a_lost_lease_writes_nothing_and_the_other_partitions_go_on",
        ),
    ),
]

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
    *cases_in(
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
    *cases_in(
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
    *cases_in(
        "etcd watch",
        _WATCH,
        {"no_event_before_start": "Nothing comes from before the place asked for."},
    ),
]

OTHERS = (*_COMMANDED, *_MARTEN, *_ASYNCPG, *_ETCD)
