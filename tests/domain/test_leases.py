"""Leases decided without a store: what each event does to them, and they to it."""

from __future__ import annotations

from journey.v1.errors_pb2 import ERROR_REASON_UNSPECIFIED
from journey.v1.events_pb2 import (
    ACTOR_KIND_SYSTEM,
    OUTCOME_ACCEPTED,
    OUTCOME_QUARANTINED,
    Actor,
    Event,
)
from journey.v1.interactions_pb2 import Interaction, JourneyTransferred
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.append import decide
from journey_service.domain.batch import Batch, Candidate, Decision, Known, KnownEvent, LeaseLimit
from journey_service.domain.leases import (
    GRANTS_KEPT,
    Grant,
    Held,
    LeaseBook,
    LeaseRow,
    concerned,
)
from tests.domain.samples import NOW, PHONE, SUBJECT, batch, candidate, pause, run_id

FILM = JourneyRef(kind="media", journey_id="film")
KEY = (FILM.kind, FILM.journey_id)
TV = "tv"
LIFE_MS = 45_000


def play(seq: int) -> Interaction:
    """The film begins to play."""
    interaction = pause(seq)
    interaction.media_played.run_id = run_id()
    return interaction


def progress(seq: int, epoch: int = 0) -> Interaction:
    """The film plays on, under a lease."""
    interaction = pause(seq)
    interaction.media_progressed.run_id = run_id()
    interaction.media_progressed.lease_epoch = epoch
    return interaction


def row(epoch: int = 1, installation: str = TV, ago_ms: int = 10_000) -> LeaseRow:
    """A lease that was granted a while ago and has not ended."""
    grants = tuple(Grant(n, NOW - ago_ms - epoch + n, 0, TV, n) for n in range(1, epoch + 1))
    return LeaseRow(epoch, installation, NOW + 1_000, NOW - ago_ms, grants[-GRANTS_KEPT:])


def decided(sent: Batch, stored: LeaseRow | None, held: tuple[Held, ...] = ()) -> Decision:
    """What becomes of the batch where the lease stands so."""
    rows = {key: stored or LeaseRow() for key in concerned(sent)}
    return decide(sent, Known(leases=rows, held=held))


def sent(one: Interaction, limit: LeaseLimit | None = None) -> Batch:
    """A session's batch with one interaction."""
    return batch(candidate(one), session_id="s", limit=limit)


def transferred(to: str) -> Batch:
    """The service records that a device took the film."""
    interaction = Interaction(
        event_id="018f8c9e-0000-7000-8000-00000000000a",
        journey=FILM,
        journey_transferred=JourneyTransferred(to_installation_id=to),
    )
    return Batch(
        subject_id=SUBJECT,
        installation_id="",
        candidates=(Candidate(interaction, "journey.transferred", b"h" * 16),),
        received_ms=NOW,
        actor=Actor(kind=ACTOR_KIND_SYSTEM),
        session_id="s",
        sequenced=False,
    )


def lease_after(decision: Decision) -> LeaseRow | None:
    assert decision.leases is not None
    return decision.leases.changed.get(KEY)


def test_pauses_and_reports_without_a_lease_concern_none() -> None:
    assert concerned(sent(pause(1))) == frozenset()
    assert concerned(sent(progress(1))) == frozenset()
    assert concerned(batch(candidate(play(1)))) == frozenset()
    assert concerned(sent(play(1))) == {KEY}


def test_a_transfer_moves_the_lease_and_names_both_devices() -> None:
    decision = decided(transferred(PHONE), row(3))
    body = decision.events[0].interaction.journey_transferred
    assert (body.epoch, body.from_installation_id) == (4, TV)
    assert decision.leases is not None
    assert [(one.installation_id, one.epoch) for one in decision.leases.paused] == [(TV, 3)]


def test_a_transfer_to_who_has_it_already_keeps_the_epoch() -> None:
    decision = decided(transferred(TV), row(3))
    body = decision.events[0].interaction.journey_transferred
    assert (body.epoch, body.from_installation_id) == (3, "")
    assert decision.leases is not None
    assert decision.leases.paused == []


def test_only_the_latest_grants_are_kept_and_what_is_older_is_silenced() -> None:
    stored = row(20)
    assert len(stored.grants) == GRANTS_KEPT
    event = Event()
    event.occurrence.t_ms = 1
    assert stored.silences(event, 1)
    assert not stored.silences(event, 12)
    assert not stored.silences(event, 19)
    event.occurrence.t_ms = NOW
    assert stored.silences(event, 19)
    assert not stored.silences(event, 20)
    assert not LeaseRow().silences(event, 5)


def test_a_seek_of_the_holder_keeps_the_lease_and_another_ones_does_not() -> None:
    seek = pause(1)
    seek.media_seeked.run_id = run_id()
    own, other = decided(sent(seek), row(2, PHONE)), decided(sent(seek), row(2, TV))
    after = lease_after(own)
    assert after is not None
    assert (after.epoch, after.until_ms) == (2, NOW + LIFE_MS)
    assert lease_after(other) is None


def test_what_is_quarantined_has_no_effect() -> None:
    one = sent(play(1))
    book = LeaseBook(one, {}, (), LIFE_MS)
    event = Event(outcome=OUTCOME_QUARANTINED)
    assert book.judge(one.candidates[0], event) is None
    assert book.changed == {}


def test_an_expired_lease_is_renewed_under_its_epoch_if_there_is_room() -> None:
    limit = LeaseLimit("home", {"media": 1})
    expired = LeaseRow(2, PHONE, NOW - 1, NOW - 90_000, row(2, PHONE).grants)
    report = progress(1, epoch=2)
    other = Held("media", "noah", "film", TV, NOW - 5, NOW + 5)
    kept = lease_after(decided(sent(report, limit), expired))
    assert kept is not None
    assert (kept.epoch, kept.granted_ms) == (2, NOW)
    assert lease_after(decided(sent(report, limit), expired, (other,))) is None


def test_the_oldest_of_the_same_customer_gives_way_wherever_it_plays() -> None:
    limit = LeaseLimit("home", {"media": 1}, evict=True)
    elsewhere = Held("media", SUBJECT, "another film", TV, NOW - 5, NOW + 5)
    decision = decided(sent(play(1), limit), None, (elsewhere,))
    assert decision.leases is not None
    assert [one.journey_id for one in decision.leases.evicted] == ["another film"]
    assert [one.journey_id for one in decision.leases.paused] == ["another film"]
    after = lease_after(decision)
    assert after is not None
    assert after.installation_id == PHONE


def test_only_the_oldest_of_several_gives_way() -> None:
    limit = LeaseLimit("home", {"media": 2}, evict=True)
    oldest = Held("media", "noah", "film", "a", NOW - 9, NOW + 5)
    newer = Held("media", "olga", "film", "b", NOW - 5, NOW + 5)
    decision = decided(sent(play(1), limit), None, (newer, oldest))
    assert decision.leases is not None
    assert [one.installation_id for one in decision.leases.evicted] == ["a"]


def test_a_repeat_of_a_play_without_a_limit_is_told_of_no_lease() -> None:
    one = sent(play(1))
    event_id = one.candidates[0].interaction.event_id
    content_hash = one.candidates[0].content_hash
    recorded = KnownEvent(1, 1, OUTCOME_ACCEPTED, ERROR_REASON_UNSPECIFIED, content_hash)
    known = Known(version=1, processed_seq=1, events={event_id: recorded}, leases={})
    assert not decide(one, known).results[0].HasField("lease")


def test_the_oldest_gives_way_within_a_batch() -> None:
    limit = LeaseLimit("home", {"media": 1}, evict=True)
    second = JourneyRef(kind="media", journey_id="second")
    one = sent(play(1), limit)
    rows = {KEY: LeaseRow(), ("media", "second"): row(1, TV)}
    other = Held("media", SUBJECT, second.journey_id, TV, NOW - 5, NOW + 5)
    decision = decide(one, Known(leases=rows, held=(other,)))
    assert decision.leases is not None
    assert decision.leases.changed["media", "second"].until_ms == 0
    assert decision.leases.evicted == []


def test_a_lease_of_the_own_journey_does_not_stand_in_its_way() -> None:
    limit = LeaseLimit("home", {"media": 1})
    own = Held("media", SUBJECT, FILM.journey_id, TV, NOW - 5, NOW + 5)
    decision = decided(sent(play(1), limit), row(1, TV), (own,))
    assert decision.results[0].lease.installation_id == PHONE


def test_a_repeat_is_told_whether_it_still_holds_the_lease() -> None:
    first = decided(sent(play(1)), None)
    known = Known(
        version=1,
        processed_seq=1,
        events=first.known.events,
        leases={KEY: row(2, TV)},
    )
    result = decide(sent(play(1)), known).results[0]
    assert result.duplicate
    assert (result.lease.epoch, result.lease.lease_until_ms) == (1, 0)
