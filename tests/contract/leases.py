"""What every journal does with leases. An adapter subclasses this and hands in a `store`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import NAMESPACE_OID, uuid5

import pytest

import projections
from journey.v1.events_pb2 import ACTOR_KIND_SYSTEM, Actor
from journey.v1.interactions_pb2 import Interaction, LeaseGranted
from journey.v1.journey_service_pb2 import RecordResult
from journey_service.domain.arrival import content_hash
from journey_service.domain.batch import Batch, Candidate, LeaseLimit
from journey_service.domain.errors import LeaseHeld, LimitReached
from journey_service.domain.leases import LeaseRow
from journey_service.ports import Appended
from tests.application.scene import FILM, played, progressed, stopped
from tests.contract.acts import SUBJECT, Store

PHONE, TV = "phone", "tv"
LIFE_MS = 45_000


class Player:
    """One device that plays the film for a subject."""

    def __init__(
        self,
        store: Store,
        name: str,
        subject: str = SUBJECT,
        limit: LeaseLimit | None = None,
    ) -> None:
        self.store, self.name, self.subject, self.limit = store, name, subject, limit
        self.seq = 0

    async def record(self, interaction: Interaction, ago_ms: int = 0) -> RecordResult:
        """Record one interaction; returns its result."""
        appended = await self.append(interaction, ago_ms)
        return appended.results[0]

    async def append(self, interaction: Interaction, ago_ms: int = 0) -> Appended:
        """The same, with all that the journal says."""
        self.seq += 1
        interaction.seq = self.seq
        name = f"{self.subject}/{self.name}/{self.seq}"
        interaction.event_id = str(uuid5(NAMESPACE_OID, name))
        now_ms = self.store.clock.now_ms()
        interaction.wall_ms = now_ms - ago_ms
        return await self.store.journal.append(self.batch(interaction, now_ms))

    def batch(self, interaction: Interaction, now_ms: int) -> Batch:
        """What its session sends."""
        kind = (interaction.WhichOneof("body") or "").replace("_", ".", 1)
        candidate = Candidate(
            interaction,
            kind,
            content_hash(interaction),
            telemetry=kind == "media.progressed",
        )
        return Batch(
            subject_id=self.subject,
            installation_id=self.name,
            candidates=(candidate,),
            received_ms=now_ms,
            actor=Actor(),
            session_id=f"session of {self.name}",
            trusted_clock=True,
            limit=self.limit,
        )


def report(point_ms: int, epoch: int) -> Interaction:
    """Progress under a lease."""
    interaction = progressed(point_ms)
    interaction.media_progressed.lease_epoch = epoch
    return interaction


async def grant(
    store: Store,
    installation: str,
    *,
    name: str = "grant",
    only_if_free: bool = False,
    limit: LeaseLimit | None = None,
    subject: str = SUBJECT,
) -> Appended:
    """The service gives the lease to a device that asked for it."""
    interaction = Interaction(
        event_id=str(uuid5(NAMESPACE_OID, name)),
        journey=FILM,
        lease_granted=LeaseGranted(installation_id=installation),
    )
    candidate = Candidate(
        interaction,
        "journey.lease_granted",
        content_hash(interaction),
        only_if_free=only_if_free,
    )
    return await store.journal.append(
        Batch(
            subject_id=subject,
            installation_id="",
            candidates=(candidate,),
            received_ms=store.clock.now_ms(),
            actor=Actor(kind=ACTOR_KIND_SYSTEM),
            session_id="s",
            sequenced=False,
            limit=limit,
        )
    )


async def lease(store: Store, subject: str = SUBJECT) -> LeaseRow | None:
    """The film's lease, unless it has ended."""
    await store.states.register(projections.JOURNEYS.name, projections.JOURNEYS.version)
    found = await store.states.read_subject(projections.JOURNEYS.name, subject)
    return found.leases.get(projections.key_of(FILM))


class LeasesContract:
    """Leases change in the transaction of what changes them."""

    async def test_a_play_takes_the_lease_and_whoever_held_it_is_to_pause(
        self, store: Store
    ) -> None:
        phone, tv = Player(store, PHONE), Player(store, TV)
        first = await phone.append(played(0))
        assert first.results[0].lease.epoch == 1
        assert list(first.paused) == []
        second = await tv.append(played(0))
        assert (second.results[0].lease.epoch, second.results[0].lease.installation_id) == (2, TV)
        assert [(one.installation_id, one.epoch) for one in second.paused] == [(PHONE, 1)]
        held = await lease(store)
        assert held is not None
        assert (held.epoch, held.installation_id) == (2, TV)
        assert [one.epoch for one in held.grants] == [1, 2]
        events = await store.journal.read_stream(SUBJECT)
        assert [event.lease_epoch for event in events] == [1, 2]

    async def test_who_holds_it_keeps_it_and_a_repeat_is_told_again(self, store: Store) -> None:
        phone = Player(store, PHONE)
        first = await phone.record(played(0))
        await phone.record(report(20_000, 1))
        again = await phone.record(played(0))
        assert again.lease.epoch == 1
        assert again.lease.lease_until_ms >= first.lease.lease_until_ms
        phone.seq = 0
        repeated = played(0)
        repeated.seq = 1
        repeated.event_id = first.event_id
        event = (await store.journal.read_stream(SUBJECT))[0]
        repeated.wall_ms = event.interaction.wall_ms
        answer = await store.journal.append(phone.batch(repeated, store.clock.now_ms()))
        assert answer.results[0].duplicate
        assert answer.results[0].lease.epoch == 1

    async def test_reports_of_an_older_epoch_are_silenced_and_renew_nothing(
        self, store: Store
    ) -> None:
        phone, tv = Player(store, PHONE), Player(store, TV)
        await phone.record(played(0), ago_ms=3_000)
        await phone.record(report(10_000, 1), ago_ms=2_000)
        await tv.record(played(0), ago_ms=1_000)
        until_ms = (await lease(store) or LeaseRow()).until_ms
        await phone.record(report(20_000, 1))
        await phone.record(report(30_000, 0))
        await phone.record(report(5_000, 1), ago_ms=60_000)
        events = await store.journal.read_stream(SUBJECT)
        assert [event.lease_stale for event in events] == [False, False, False, True, False, True]
        assert (await lease(store) or LeaseRow()).until_ms == until_ms

    async def test_stopping_ends_it_and_an_old_stop_does_not(self, store: Store) -> None:
        phone = Player(store, PHONE)
        await phone.record(played(0))
        await phone.record(report(10_000, 1))
        other = Player(store, TV)
        await other.record(stopped(10_000))
        assert await lease(store) is not None
        await phone.record(stopped(10_000))
        assert await lease(store) is None
        assert (await phone.record(played(0))).lease.epoch == 1
        assert await lease(store) is not None

    async def test_what_happened_long_ago_takes_nothing(self, store: Store) -> None:
        phone = Player(store, PHONE)
        result = await phone.record(played(0), ago_ms=LIFE_MS + 1)
        assert not result.HasField("lease")
        assert await lease(store) is None

    async def test_a_lease_that_is_free_is_given_and_one_that_is_held_only_taken_over(
        self, store: Store
    ) -> None:
        given = await grant(store, PHONE, name="a", only_if_free=True)
        assert given.results[0].lease.epoch == 1
        with pytest.raises(LeaseHeld) as refused:
            await grant(store, TV, name="b", only_if_free=True)
        assert [one.installation_id for one in refused.value.leases] == [PHONE]
        taken = await grant(store, TV, name="b")
        assert taken.results[0].lease.epoch == 2
        assert [one.installation_id for one in taken.paused] == [PHONE]
        bodies = [
            event.interaction.lease_granted for event in await store.journal.read_stream(SUBJECT)
        ]
        assert [(one.epoch, one.cause) for one in bodies] == [
            (1, LeaseGranted.CAUSE_ACQUIRED),
            (2, LeaseGranted.CAUSE_TAKEN_OVER),
        ]

    async def test_a_lease_is_given_up_once_and_only_by_its_epoch(self, store: Store) -> None:
        await grant(store, PHONE)
        names = (SUBJECT, FILM.kind, FILM.journey_id)
        assert not await store.journal.release(*names, 2)
        assert await store.journal.release(*names, 1)
        assert not await store.journal.release(*names, 1)
        assert await lease(store) is None
        given = await grant(store, TV, name="next", only_if_free=True)
        assert given.results[0].lease.epoch == 2
        assert list(given.paused) == []

    async def test_of_many_plays_at_once_each_has_an_epoch_of_its_own(self, store: Store) -> None:
        players = [Player(store, f"player {number}") for number in range(8)]
        results = await asyncio.gather(*(one.record(played(0)) for one in players))
        assert sorted(one.lease.epoch for one in results) == [*range(1, 9)]

    async def test_a_limit_denies_the_third_device_until_there_is_room(self, store: Store) -> None:
        limit = LeaseLimit("home", {"media": 2})
        first, second, third = (
            Player(store, name, subject, limit)
            for name, subject in (("a", "mila"), ("b", "noah"), ("c", "olga"))
        )
        await first.record(played(0))
        await second.record(played(0))
        denied = await third.record(played(0))
        assert (denied.lease.installation_id, denied.version) == ("a", 1)
        assert await lease(store, "olga") is None
        with pytest.raises(LimitReached) as refused:
            await grant(store, "c", subject="olga", limit=limit)
        assert [one.installation_id for one in refused.value.leases] == ["a", "b"]
        held = await store.journal.held_in("home")
        assert {(one.kind, one.subject_id, one.installation_id) for one in held} == {
            ("media", "mila", "a"),
            ("media", "noah", "b"),
        }
        await first.record(report(10_000, 1))
        await first.record(stopped(10_000))
        assert [one.installation_id for one in await store.journal.held_in("home")] == ["b"]
        assert await store.journal.held_in("nobody's") == []
        assert (await third.record(played(0))).lease.epoch == 1

    async def test_a_repeat_of_a_denied_play_is_denied_again(self, store: Store) -> None:
        limit = LeaseLimit("home", {"media": 1})
        first, second = Player(store, "a", "mila", limit), Player(store, "b", "noah", limit)
        await first.record(played(0))
        play = played(0)
        denied = await second.record(play)
        batch = second.batch(play, store.clock.now_ms())
        again = (await store.journal.append(batch)).results[0]
        assert again.duplicate
        assert again.lease == denied.lease
        await first.record(report(10_000, 1))
        await first.record(stopped(10_000))
        free = (await store.journal.append(batch)).results[0]
        assert not free.HasField("lease")

    async def test_of_two_starts_at_once_for_the_last_place_one_wins(self, store: Store) -> None:
        limit = LeaseLimit("home", {"media": 1})
        players = [Player(store, f"p{number}", f"s{number}", limit) for number in range(4)]
        results = await asyncio.gather(*(one.record(played(0)) for one in players))
        won = [
            one
            for one, player in zip(results, players, strict=True)
            if one.lease.installation_id == player.name
        ]
        assert len(won) == 1

    async def test_the_oldest_gives_way_where_the_limit_says_so(self, store: Store) -> None:
        limit = LeaseLimit("home", {"media": 1}, evict=True)
        first, second = Player(store, "a", "mila", limit), Player(store, "b", "noah", limit)
        await first.record(played(0))
        taken = await second.append(played(0))
        assert taken.results[0].lease.installation_id == "b"
        assert [(one.subject_id, one.installation_id) for one in taken.paused] == [("mila", "a")]
        assert await lease(store, "mila") is None
        back = await first.append(played(0))
        assert [(one.subject_id, one.installation_id) for one in back.paused] == [("noah", "b")]

    async def test_a_report_of_who_gave_way_takes_nothing_back(self, store: Store) -> None:
        limit = LeaseLimit("home", {"media": 1}, evict=True)
        first, second = Player(store, "a", "mila", limit), Player(store, "b", "noah", limit)
        await first.record(played(0))
        await second.record(played(0))
        late = await first.append(report(10_000, 1))
        assert list(late.paused) == []
        assert await lease(store, "mila") is None
        kept = await lease(store, "noah")
        assert kept is not None
        assert kept.installation_id == "b"

    async def test_a_lease_given_up_counts_no_more(self, store: Store) -> None:
        limit = LeaseLimit("home", {"media": 1})
        await grant(store, "a", limit=limit)
        assert await store.journal.release(
            SUBJECT, FILM.kind, FILM.journey_id, 1, limit_group="home"
        )
        other = Player(store, "b", "noah", limit)
        assert (await other.record(played(0))).lease.installation_id == "b"

    async def test_other_kinds_are_not_limited(self, store: Store) -> None:
        limit = LeaseLimit("home", {"reading": 1})
        for name in ("a", "b"):
            player = Player(store, name, name, replace(limit))
            assert (await player.record(played(0))).lease.installation_id == name
