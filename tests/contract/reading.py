"""What every journal reads and delivers. An adapter hands in a `store`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from journey.v1.events_pb2 import Event
from journey_service.domain.batch import Stamp
from journey_service.domain.wire_event import WireEvent, parsed
from tests.contract.acts import (
    NOW,
    SUBJECT,
    Store,
    act,
    acts,
    partition,
    positions,
    until,
    versions,
    whole,
)
from tests.domain.samples import batch

HOUR = 3_600_000


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

    async def test_what_is_passed_on_is_what_is_read(self, store: Store) -> None:
        journal, number = store.journal, partition(store.journal)
        await journal.append(acts(*range(1, 11)))
        for back in (False, True):
            range_: dict[str, Any] = {"limit": 5, "backwards": back}
            read = await journal.read_stream(SUBJECT, after_version=2, up_to_version=8, **range_)
            passed = await journal.read_stream_on_wire(SUBJECT, 2, 8, **range_)
            assert [parsed(event) for event in passed] == read
            assert versions(read) == ([8, 7, 6, 5, 4] if back else [3, 4, 5, 6, 7])
            read = await journal.read_partition(
                number, after_position=1, up_to_position=9, **range_
            )
            passed = await journal.read_partition_on_wire(number, 1, 9, **range_)
            assert [parsed(event) for event in passed] == read
            assert passed == [
                WireEvent.of(event)._replace(data=each.data)
                for event, each in zip(read, passed, strict=True)
            ]

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
