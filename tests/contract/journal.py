"""What every journal does. An adapter subclasses this and hands in a `store`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_REJECTED, Event
from journey_service.domain.batch import Batch, Refusal, Stamp
from journey_service.domain.errors import (
    BatchRefused,
    ExpiredInQueue,
    InstallationCloned,
    SeqGap,
    VersionConflict,
)
from journey_service.domain.identity import partition_of
from journey_service.ports import Appended, Journal
from tests.contract.acts import (
    NOW,
    SUBJECT,
    Store,
    act,
    acts,
    outcomes,
    positions,
    reports,
    until,
    versions,
)
from tests.domain.samples import TV, batch

HOUR = 3_600_000


def partition(journal: Journal, subject: str = SUBJECT) -> int:
    return partition_of(subject, journal.partition_count)


async def whole(journal: Journal, subject: str = SUBJECT) -> list[Event]:
    return await journal.read_stream(subject)


class AppendContract:
    """Writing: order, identity, conditions."""

    async def test_versions_and_positions_are_dense_and_in_commit_order(self, store: Store) -> None:
        journal = store.journal
        first = await journal.append(acts(1, 2))
        second = await journal.append(acts(3))
        assert (first.version, second.version) == (2, 3)
        assert [result.version for result in first.results] == [1, 2]
        assert second.position == first.position + 1
        events = await whole(journal)
        assert versions(events) == [1, 2, 3]
        assert positions(events) == [1, 2, 3]

    async def test_an_answer_names_the_places_at_which_the_events_are_read_back(
        self, store: Store
    ) -> None:
        appended = await store.journal.append(acts(1, 2, 3))
        events = await whole(store.journal)
        places = [(r.event_id, r.version, r.partition, r.position) for r in appended.results]
        assert places == [
            (event.interaction.event_id, event.version, event.partition, event.position)
            for event in events
        ]
        assert appended.partition == partition(store.journal)
        assert appended.position == events[-1].position

    async def test_what_is_read_back_is_what_was_reported(self, store: Store) -> None:
        wanted = acts(1)
        await store.journal.append(wanted)
        (event,) = await whole(store.journal)
        assert event.interaction == wanted.candidates[0].interaction
        assert event.type == wanted.candidates[0].type
        assert event.content_hash == wanted.candidates[0].content_hash
        assert event.received_ms == NOW
        assert abs(event.recorded_at_ms - store.clock.now_ms()) < HOUR

    async def test_streams_of_one_partition_share_its_positions(self, store: Store) -> None:
        journal = store.journal
        neighbour = next(
            name
            for name in (f"neighbour-{n}" for n in range(10_000))
            if partition(journal, name) == partition(journal)
        )
        await journal.append(acts(1))
        await journal.append(acts(1, 2, subject=neighbour))
        await journal.append(acts(2))
        log = await journal.read_partition(partition(journal))
        assert positions(log) == [1, 2, 3, 4]
        assert [(event.subject_id, event.version) for event in log] == [
            (SUBJECT, 1),
            (neighbour, 1),
            (neighbour, 2),
            (SUBJECT, 2),
        ]

    async def test_long_and_foreign_ids_are_kept_as_they_are(self, store: Store) -> None:
        subject, installation = "ü漢🙂" + "x" * 124, "i" * 128
        await store.journal.append(acts(1, subject=subject, installation=installation))
        (event,) = await whole(store.journal, subject)
        assert event.subject_id == subject
        assert event.occurrence.installation_id == installation

    async def test_a_batch_without_interactions_is_a_mistake(self, store: Store) -> None:
        with pytest.raises(ValueError, match="at least one"):
            await store.journal.append(batch())

    async def test_a_repeat_gets_the_first_answer_whatever_came_after(self, store: Store) -> None:
        journal = store.journal
        first = await journal.append(acts(1, 2))
        await journal.append(acts(3, 4, 5))
        again = await journal.append(acts(1, 2))
        assert [r.duplicate for r in again.results] == [True, True]
        assert [(r.version, r.position) for r in again.results] == [
            (r.version, r.position) for r in first.results
        ]
        assert again.processed_seq == 5
        assert versions(await whole(journal)) == [1, 2, 3, 4, 5]

    async def test_a_batch_sent_five_times_at_once_is_stored_once(self, store: Store) -> None:
        answers = await asyncio.gather(*(store.journal.append(acts(1, 2, 3)) for _ in range(5)))
        assert len(await whole(store.journal)) == 3
        assert {tuple(r.version for r in one.results) for one in answers} == {(1, 2, 3)}
        assert sum(not one.results[0].duplicate for one in answers) == 1

    async def test_a_batch_that_overlaps_a_known_one_adds_the_rest(self, store: Store) -> None:
        await store.journal.append(acts(1, 2))
        overlapping = await store.journal.append(acts(1, 2, 3, 4))
        assert [r.duplicate for r in overlapping.results] == [True, True, False, False]
        assert [r.version for r in overlapping.results] == [1, 2, 3, 4]

    async def test_a_known_id_with_other_content_is_refused_and_the_first_stays(
        self, store: Store
    ) -> None:
        await store.journal.append(reports(1))
        other = replace(reports(1).candidates[0], content_hash=b"another content!")
        answer = await store.journal.append(replace(reports(2), candidates=(other,)))
        (result,) = answer.results
        assert result.outcome == OUTCOME_REJECTED
        assert result.reason == reasons.ERROR_REASON_EVENT_ID_REUSED
        (event,) = await whole(store.journal)
        assert event.content_hash == reports(1).candidates[0].content_hash

    async def test_a_number_spent_on_a_reused_id_stays_spent(self, store: Store) -> None:
        journal = store.journal
        await journal.append(acts(1))
        reused = act(2, event_id=acts(1).candidates[0].interaction.event_id)
        reused = replace(reused, content_hash=b"another content!")
        answer = await journal.append(batch(reused))
        assert answer.processed_seq == 2
        assert (await journal.append(acts(3))).processed_seq == 3
        assert versions(await whole(journal)) == [1, 2]

    async def test_the_same_id_in_two_streams_is_two_events(self, store: Store) -> None:
        await store.journal.append(batch(act(1), subject_id="a"))
        answer = await store.journal.append(batch(act(1), subject_id="b"))
        assert not answer.results[0].duplicate

    async def test_a_gap_in_the_numbers_is_refused_and_nothing_is_written(
        self, store: Store
    ) -> None:
        await store.journal.append(acts(1))
        with pytest.raises(SeqGap) as caught:
            await store.journal.append(acts(3, 4))
        assert caught.value.expected_seq == 2
        assert versions(await whole(store.journal)) == [1]
        assert (await store.journal.append(acts(2))).processed_seq == 2

    async def test_a_used_number_with_another_event_gives_a_copied_installation_away(
        self, store: Store
    ) -> None:
        await store.journal.append(acts(1, 2))
        cloned = act(2, event_id="0193aaaa-0000-7000-8000-000000000001")
        with pytest.raises(InstallationCloned):
            await store.journal.append(batch(cloned))
        assert versions(await whole(store.journal)) == [1, 2]

    async def test_numbers_count_per_installation_and_stream(self, store: Store) -> None:
        journal = store.journal
        assert (await journal.append(acts(1, 2))).processed_seq == 2
        assert (await journal.append(acts(1, installation=TV))).processed_seq == 1
        assert (await journal.append(acts(1, subject="somebody"))).processed_seq == 1
        assert (await journal.append(reports(1))).processed_seq == 0
        assert (await journal.append(acts(3))).processed_seq == 3

    async def test_a_refused_interaction_is_stored_and_a_repeat_gets_the_same_refusal(
        self, store: Store
    ) -> None:
        refusal = Refusal(reasons.ERROR_REASON_FIELD_VIOLATIONS)
        refused = batch(act(1), replace(act(2), refusal=refusal), act(3))
        for duplicate in (False, True):
            answer = await store.journal.append(refused)
            assert [r.outcome for r in answer.results] == [
                OUTCOME_ACCEPTED,
                OUTCOME_REJECTED,
                OUTCOME_ACCEPTED,
            ]
            assert answer.results[1].reason == reasons.ERROR_REASON_FIELD_VIOLATIONS
            assert [r.duplicate for r in answer.results] == [duplicate] * 3
        assert [event.outcome for event in await whole(store.journal)] == [
            OUTCOME_ACCEPTED,
            OUTCOME_REJECTED,
            OUTCOME_ACCEPTED,
        ]

    async def test_an_atomic_batch_with_a_refused_interaction_writes_nothing(
        self, store: Store
    ) -> None:
        refusal = Refusal(reasons.ERROR_REASON_FIELD_VIOLATIONS)
        mixed = replace(reports(1, 2), atomic=True)
        mixed = replace(
            mixed, candidates=(mixed.candidates[0], replace(mixed.candidates[1], refusal=refusal))
        )
        with pytest.raises(BatchRefused) as caught:
            await store.journal.append(mixed)
        assert caught.value.metadata["index"] == "1"
        assert await whole(store.journal) == []

    async def test_a_condition_that_holds_lets_the_batch_in(self, store: Store) -> None:
        await store.journal.append(reports(1, 2, expected_version=0))
        await store.journal.append(reports(3, expected_version=2))
        assert versions(await whole(store.journal)) == [1, 2, 3]

    async def test_a_condition_that_fails_names_where_the_stream_stands(self, store: Store) -> None:
        await store.journal.append(reports(1, 2))
        with pytest.raises(VersionConflict) as caught:
            await store.journal.append(reports(3, expected_version=1))
        assert caught.value.current_version == 2
        assert versions(await whole(store.journal)) == [1, 2]

    async def test_a_conditional_repeat_is_known_although_the_stream_went_on(
        self, store: Store
    ) -> None:
        await store.journal.append(reports(1, expected_version=0))
        await store.journal.append(reports(2, 3))
        again = await store.journal.append(reports(1, expected_version=0))
        assert again.results[0].duplicate
        assert again.results[0].version == 1

    async def test_a_conditional_batch_that_is_partly_known_is_refused_whole(
        self, store: Store
    ) -> None:
        await store.journal.append(reports(1))
        with pytest.raises(BatchRefused):
            await store.journal.append(reports(1, 2, expected_version=1))
        assert versions(await whole(store.journal)) == [1]

    async def test_a_machine_takes_one_transition_of_those_that_saw_the_same_state(
        self, store: Store
    ) -> None:
        def transition(number: int) -> Batch:
            (found,) = reports(number).candidates
            found.interaction.expected_rev = 0
            return replace(reports(number), candidates=(replace(found, machine=True),))

        sent = [transition(1), transition(2)]
        answers = await asyncio.gather(*map(store.journal.append, sent))
        assert sorted(one.results[0].reason for one in answers) == [
            0,
            reasons.ERROR_REASON_REV_MISMATCH,
        ]
        machines = [event.machine.rev for event in await whole(store.journal)]
        assert sorted(machines) == [0, 1]


class ConcurrencyContract:
    """Many at once: no fork, no hole, and nobody pays for another's mistake."""

    async def test_sixteen_writers_on_one_subject_leave_no_hole_and_no_fork(
        self, store: Store
    ) -> None:
        async def write(writer: int) -> list[Appended]:
            installation = f"installation-{writer}"
            return [
                await store.journal.append(acts(number, installation=installation))
                for number in range(1, 21)
            ]

        answers = await asyncio.gather(*map(write, range(16)))
        events = await whole(store.journal)
        assert versions(events) == list(range(1, 321))
        assert positions(events) == list(range(1, 321))
        answered = {(r.event_id, r.version) for one in answers for a in one for r in a.results}
        assert answered == {(event.interaction.event_id, event.version) for event in events}
        for one in answers:
            assert [a.processed_seq for a in one] == list(range(1, 21))

    async def test_of_sixteen_writers_that_expect_the_same_version_one_wins(
        self, store: Store
    ) -> None:
        for race in range(10):
            found = await outcomes(
                [
                    store.journal.append(reports(race * 16 + n, expected_version=race))
                    for n in range(16)
                ]
            )
            lost = [one for one in found if isinstance(one, VersionConflict)]
            assert len(lost) == 15
            assert {one.current_version for one in lost} == {race + 1}
        assert versions(await whole(store.journal)) == list(range(1, 11))

    async def test_one_requests_conflict_never_fails_its_neighbours(self, store: Store) -> None:
        await store.journal.append(acts(1))
        good = [acts(1, subject=f"good-{n}") for n in range(8)]
        bad = [acts(9), reports(5, expected_version=7), batch(act(1, event_id=good_id()))]
        mixed = [one for pair in zip(good, [*bad, *bad, *bad], strict=False) for one in pair]
        found = await outcomes([store.journal.append(one) for one in mixed])
        errors = [type(one) for one in found if isinstance(one, BaseException)]
        assert set(errors) == {SeqGap, VersionConflict, InstallationCloned}
        for subject in (f"good-{n}" for n in range(8)):
            assert versions(await whole(store.journal, subject)) == [1]
        assert versions(await whole(store.journal)) == [1]

    async def test_random_batches_with_repeats_are_each_stored_once_and_in_order(
        self, store: Store
    ) -> None:
        random_ = random.Random(7)

        async def device(name: str) -> None:
            sent = 0
            while sent < 40:
                first = random_.randint(max(1, sent - 3), sent + 1)
                last = max(sent, min(40, first + random_.randint(0, 5)))
                answer = await store.journal.append(
                    acts(*range(first, last + 1), subject="s", installation=name)
                )
                assert answer.processed_seq == last
                sent = last

        await asyncio.gather(*(device(f"device-{n}") for n in range(6)))
        events = await whole(store.journal, "s")
        assert versions(events) == list(range(1, 241))
        for n in range(6):
            seqs = [
                event.interaction.seq
                for event in events
                if event.occurrence.installation_id == f"device-{n}"
            ]
            assert seqs == list(range(1, 41))

    async def test_work_whose_deadline_has_passed_is_not_begun(self, store: Store) -> None:
        with pytest.raises(ExpiredInQueue):
            await store.journal.append(acts(1), deadline=asyncio.get_running_loop().time() - 1)
        assert await whole(store.journal) == []

    async def test_a_caller_that_gives_up_leaves_one_copy_or_none(self, store: Store) -> None:
        for number in range(1, 6):
            task = asyncio.create_task(store.journal.append(acts(number)))
            for _ in range(number - 1):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            answer = await store.journal.append(acts(number))
            assert answer.processed_seq == number
        assert versions(await whole(store.journal)) == [1, 2, 3, 4, 5]


def good_id() -> str:
    return "0193bbbb-0000-7000-8000-000000000001"


class ReadContract:
    """Reading: ranges, directions, and copies."""

    async def test_a_range_of_a_stream_reads_the_same_from_both_ends(self, store: Store) -> None:
        journal = store.journal
        await journal.append(acts(*range(1, 11)))
        forwards = await journal.read_stream(SUBJECT, after_version=2, up_to_version=8)
        backwards = await journal.read_stream(
            SUBJECT, after_version=2, up_to_version=8, backwards=True
        )
        assert versions(forwards) == [3, 4, 5, 6, 7, 8]
        assert backwards == forwards[::-1]
        assert versions(await journal.read_stream(SUBJECT, limit=3)) == [1, 2, 3]
        assert versions(await journal.read_stream(SUBJECT, limit=2, backwards=True)) == [10, 9]
        assert await journal.read_stream(SUBJECT, after_version=10) == []
        assert await journal.read_stream("nobody") == []

    async def test_a_range_of_a_partition_reads_the_same_from_both_ends(self, store: Store) -> None:
        journal, number = store.journal, partition(store.journal)
        await journal.append(acts(*range(1, 11)))
        forwards = await journal.read_partition(number, after_position=2, up_to_position=8)
        backwards = await journal.read_partition(
            number, after_position=2, up_to_position=8, backwards=True
        )
        assert positions(forwards) == [3, 4, 5, 6, 7, 8]
        assert backwards == forwards[::-1]
        assert positions(await journal.read_partition(number, limit=3)) == [1, 2, 3]
        assert positions(await journal.read_partition(number, limit=2, backwards=True)) == [10, 9]

    async def test_events_are_read_as_they_happened_page_by_page_in_both_directions(
        self, store: Store
    ) -> None:
        journal = store.journal
        walls = [NOW - HOUR, NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - 3 * HOUR, NOW]
        for number, wall_ms in enumerate(walls, 1):
            one = act(1, installation=f"i{number}", wall_ms=wall_ms, boot_id="")
            await journal.append(batch(one, installation_id=f"i{number}"))
        whole_ = await journal.read_by_occurrence(SUBJECT, up_to_version=5)
        assert versions(whole_) == [2, 4, 3, 1, 5]
        paged: list[Event] = []
        while page := await journal.read_by_occurrence(
            SUBJECT, after=paged[-1].occurrence if paged else None, up_to_version=5, limit=2
        ):
            paged += page
        assert paged == whole_
        back: list[Event] = []
        while page := await journal.read_by_occurrence(
            SUBJECT,
            after=back[-1].occurrence if back else None,
            up_to_version=5,
            limit=2,
            backwards=True,
        ):
            back += page
        assert back == whole_[::-1]
        assert versions(await journal.read_by_occurrence(SUBJECT, up_to_version=3)) == [2, 3, 1]

    async def test_heads_tell_where_partitions_and_streams_stand(self, store: Store) -> None:
        journal = store.journal
        assert set(await journal.heads()) == set(range(journal.partition_count))
        assert set((await journal.heads()).values()) == {0}
        assert await journal.stream_head(SUBJECT) == (await journal.stream_head("nobody"))
        await journal.append(acts(1, 2))
        assert (await journal.heads())[partition(journal)] == 2
        head = await journal.stream_head(SUBJECT)
        events = await whole(journal)
        assert head.version == 2
        assert head.floor == max(
            Stamp(event.occurrence.t_ms, event.occurrence.counter) for event in events
        )

    async def test_a_reader_cannot_change_history(self, store: Store) -> None:
        await store.journal.append(acts(1))
        (event,) = await whole(store.journal)
        event.interaction.Clear()
        (again,) = await whole(store.journal)
        assert again.interaction.HasField("media_paused")


class FollowContract:
    """Delivering: in order, without hole, without repeat."""

    async def test_a_follower_gets_what_is_committed_from_now_on(self, store: Store) -> None:
        journal, delivered = store.journal, list[Event]()
        await journal.append(acts(1))
        with journal.follow(partition(journal), delivered.extend):
            await journal.append(acts(2, 3))
            await until(lambda: len(delivered) == 2)
        await journal.append(acts(4))
        assert positions(delivered) == [2, 3]
        assert delivered == (await whole(journal))[1:3]

    async def test_a_follower_gets_every_event_of_concurrent_writers_once_and_in_order(
        self, store: Store
    ) -> None:
        journal, delivered = store.journal, list[Event]()

        async def write(writer: int) -> None:
            for number in range(1, 16):
                await journal.append(acts(number, installation=f"installation-{writer}"))

        with journal.follow(partition(journal), delivered.extend):
            await asyncio.gather(*map(write, range(8)))
            await until(lambda: len(delivered) >= 120)
        assert positions(delivered) == list(range(1, 121))
        assert delivered == await whole(journal)

    async def test_an_event_committed_while_following_begins_is_delivered_or_readable(
        self, store: Store
    ) -> None:
        journal = store.journal
        number = partition(journal)

        async def write() -> None:
            for seq in range(1, 101):
                await journal.append(acts(seq))

        async def join() -> None:
            delivered: list[Event] = []
            with journal.follow(number, delivered.extend):
                read = await journal.read_partition(number)
                await until(lambda: max(positions([*read, *delivered]), default=0) == 100)
            behind = [event for event in delivered if event.position > len(read)]
            assert positions([*read, *behind]) == list(range(1, 101))
            assert positions(delivered) == list(range(101 - len(delivered), 101))

        writing = asyncio.create_task(write())
        joiners = []
        for _ in range(10):
            joiners.append(asyncio.create_task(join()))
            await asyncio.sleep(0.002)
        await asyncio.gather(writing, *joiners)

    async def test_a_follower_that_raises_harms_nobody(self, store: Store) -> None:
        journal, delivered = store.journal, list[Event]()

        def fail(_events: Sequence[Event]) -> None:
            raise RuntimeError("a follower's fault")

        loop = asyncio.get_running_loop()
        told: list[object] = []
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        try:
            with (
                journal.follow(partition(journal), fail),
                journal.follow(partition(journal), delivered.extend),
            ):
                await journal.append(acts(1))
                await until(lambda: len(delivered) == 1)
        finally:
            loop.set_exception_handler(None)
        assert len(told) == 1


class JournalContract(AppendContract, ConcurrencyContract, ReadContract, FollowContract):
    """All of it."""
