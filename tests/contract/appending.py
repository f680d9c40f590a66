"""What every journal does with one batch after the other. An adapter hands in a `store`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_REJECTED
from journey_service.domain.batch import Batch, Refusal
from journey_service.domain.errors import (
    BatchRefused,
    InstallationCloned,
    SeqGap,
    VersionConflict,
)
from tests.contract.acts import (
    NOW,
    SUBJECT,
    Store,
    act,
    acts,
    partition,
    positions,
    reports,
    versions,
    whole,
)
from tests.domain.samples import TV, batch

HOUR = 3_600_000


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
