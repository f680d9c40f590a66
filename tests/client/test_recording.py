import asyncio
from typing import Any

import grpc
import pytest

from journey.v1.errors_pb2 import ERROR_REASON_FIELD_VIOLATIONS
from journey.v1.events_pb2 import Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResponse, RecordResult
from journey_client import (
    Client,
    JourneyError,
    MediaRuns,
    Retries,
    Unreachable,
    connect,
    errors,
    interactions,
)
from journey_client.recording import BatchLimits
from tests.client.scripted import Script, refuse, serving

QUICK = Retries(first_ms=1, longest_ms=2)
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
FAILED_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
Context = Any


def client_of(script: Script, **options: Any) -> Client:
    return connect(script.address, token="t", device="phone", retries=QUICK, **options)


def added(sku: str = "A") -> Interaction:
    return interactions.cart_line_added(sku)


async def test_interactions_get_ids_clocks_and_numbers() -> None:
    script = Script()
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        await session.record(added("A"), added("B"))
        await session.record(added("C"))
    sent = [each for request in script.of("Record") for each in request.interactions]
    assert [each.seq for each in sent] == [1, 2, 3]
    assert len({each.event_id for each in sent}) == 3
    assert all(each.wall_ms and each.mono_ms and each.boot_id for each in sent)
    assert all(request.clock.sent_wall_ms for request in script.of("Record"))


async def test_numbers_go_on_behind_what_the_service_has_processed() -> None:
    script = Script()
    script.processed = 41
    async with serving(script), client_of(script, installation_id="phone-1") as client:
        session = await client.open_session()
        await session.record(added())
    assert script.of("Record")[0].interactions[0].seq == 42


async def test_a_batch_is_repeated_with_the_same_ids_until_it_is_answered() -> None:
    script = Script()
    tried = 0

    async def twice_away(request: Any, context: Context) -> RecordResponse:
        nonlocal tried
        tried += 1
        if tried <= 2:
            await refuse(context, "STORAGE_UNAVAILABLE", UNAVAILABLE, outcome="none")
        return await script.accept(request, context)

    script.unary["Record"] = twice_away
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        recorded = await session.record(added())
    assert len(recorded.results) == 1
    sent = [request.interactions[0] for request in script.of("Record")]
    assert len(sent) == 3
    assert sent[0] == sent[1] == sent[2]


async def test_each_try_carries_the_clocks_of_its_moment() -> None:
    script = Script()

    async def once_away(request: Any, context: Context) -> RecordResponse:
        if len(script.of("Record")) == 1:
            await asyncio.sleep(0.02)
            await refuse(context, "STARTING", UNAVAILABLE, outcome="none")
        return await script.accept(request, context)

    script.unary["Record"] = once_away
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        await session.record(added())
    first, second = script.of("Record")
    assert second.clock.sent_mono_ms >= first.clock.sent_mono_ms + 20


async def test_a_busy_service_is_repeated_only_where_it_says_when() -> None:
    script = Script()

    async def busy(request: Any, context: Context) -> RecordResponse:
        hinted = len(script.of("Record")) == 1
        await refuse(
            context,
            "RATE_LIMITED",
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            retry_ms=30 if hinted else None,
        )
        raise AssertionError

    script.unary["Record"] = busy
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        began = asyncio.get_running_loop().time()
        with pytest.raises(errors.RateLimited):
            await session.record(added())
        assert asyncio.get_running_loop().time() - began >= 0.03
    assert len(script.of("Record")) == 2


async def test_what_was_refused_gives_its_numbers_back() -> None:
    script = Script()

    async def draining(_: Any, context: Context) -> RecordResponse:
        await refuse(context, "CUSTOMER_MISMATCH", grpc.StatusCode.PERMISSION_DENIED)
        raise AssertionError

    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        script.unary["Record"] = draining
        with pytest.raises(errors.CustomerMismatch) as refused:
            await session.record(added("A"))
        assert refused.value.outcome == "none"
        assert session.unresolved == 0
        script.unary["Record"] = script.accept
        await session.record(added("B"))
    assert [request.interactions[0].seq for request in script.of("Record")] == [1, 1]


async def test_what_nobody_knows_of_goes_first_with_the_next_record_under_the_same_ids() -> None:
    script = Script()

    async def unknown(_: Any, context: Context) -> RecordResponse:
        await refuse(context, "OUTCOME_UNKNOWN", UNAVAILABLE, outcome="unknown")
        raise AssertionError

    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        script.unary["Record"] = unknown
        lost = added("A")
        with pytest.raises(JourneyError) as failed:
            await session.record(lost, timeout_ms=50)
        assert failed.value.outcome == "unknown"
        assert session.unresolved == 1
        script.unary["Record"] = script.accept
        recorded = await session.record(added("B"))
    last = script.of("Record")[-1]
    assert [(each.seq, each.event_id == lost.event_id) for each in last.interactions] == [
        (1, True),
        (2, False),
    ]
    assert [result.seq for result in recorded.results] == [2]


async def test_an_outcome_stays_unknown_when_a_later_try_is_refused() -> None:
    script = Script()

    async def unknown_then_refused(_: Any, context: Context) -> RecordResponse:
        if len(script.of("Record")) == 1:
            await refuse(context, "OUTCOME_UNKNOWN", UNAVAILABLE, outcome="unknown")
        await refuse(context, "CUSTOMER_MISMATCH", grpc.StatusCode.PERMISSION_DENIED)
        raise AssertionError

    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        script.unary["Record"] = unknown_then_refused
        with pytest.raises(errors.CustomerMismatch) as refused:
            await session.record(added())
        assert refused.value.outcome == "unknown"
        assert session.unresolved == 1


async def test_a_cancelled_record_is_kept_because_it_may_have_arrived() -> None:
    script = Script()
    arrived, hold = asyncio.Event(), asyncio.Event()

    async def slow(request: Any, context: Context) -> RecordResponse:
        arrived.set()
        await hold.wait()
        return await script.accept(request, context)

    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        script.unary["Record"] = slow
        recording = asyncio.create_task(session.record(added()))
        await arrived.wait()
        recording.cancel()
        with pytest.raises(asyncio.CancelledError):
            await recording
        assert session.unresolved == 1


@pytest.mark.parametrize("reason", ["INSTALLATION_CLONED", "SEQ_GAP"])
async def test_a_cloned_installation_takes_a_new_id_and_keeps_event_ids(reason: str) -> None:
    script = Script()
    script.processed = 7

    async def cloned(request: Any, context: Context) -> RecordResponse:
        if request.session_id == "0.session-1":
            await refuse(context, reason, FAILED_PRECONDITION, expected_seq="3")
        return await script.accept(request, context)

    script.unary["Record"] = cloned
    async with serving(script), client_of(script, installation_id="copied") as client:
        session = await client.open_session()
        script.processed = 0
        await session.record(added("A"), added("B"))
        assert session.installation_id != "copied"
    first, second = script.of("Record")
    assert [each.seq for each in first.interactions] == [8, 9]
    assert [each.seq for each in second.interactions] == [1, 2]
    assert [each.event_id for each in first.interactions] == [
        each.event_id for each in second.interactions
    ]
    assert script.of("OpenSession")[1].installation_id == session.installation_id


async def test_a_session_that_the_service_has_ended_is_followed_by_the_next() -> None:
    script = Script()

    async def ended(request: Any, context: Context) -> RecordResponse:
        if request.session_id == "0.session-1":
            await refuse(context, "SESSION_NOT_FOUND", grpc.StatusCode.NOT_FOUND)
        return await script.accept(request, context)

    script.unary["Record"] = ended
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        await session.record(added())
        assert session.session_id == "0.session-2"
    opens = script.of("OpenSession")
    assert opens[0].installation_id == opens[1].installation_id
    assert opens[0].command_id != opens[1].command_id


async def test_large_amounts_go_in_batches_within_the_limits() -> None:
    script = Script()
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        recorded = await session.record(*[added(f"S{index}") for index in range(450)])
    assert [len(request.interactions) for request in script.of("Record")] == [200, 200, 50]
    assert [result.seq for result in recorded.results] == list(range(1, 451))


def test_batches_keep_to_the_limit_of_bytes() -> None:
    bulky = [interactions.cart_line_added("S", name="n" * 180) for _ in range(100)]
    limits = BatchLimits(interactions=200, size_bytes=8_192)
    batches = list(limits.split(bulky))
    assert [each for batch in batches for each in batch] == bulky
    assert len(batches) > 1
    assert all(sum(each.ByteSize() for each in batch) <= 8_192 for batch in batches)


async def test_a_rejected_interaction_is_a_result_and_an_error_where_one_insists() -> None:
    script = Script()

    async def reject(request: Any, _: Context) -> RecordResponse:
        rejected = RecordResult(
            seq=request.interactions[0].seq,
            outcome=Outcome.OUTCOME_REJECTED,
            reason=ERROR_REASON_FIELD_VIOLATIONS,
        )
        return RecordResponse(results=[rejected], processed_seq=1)

    script.unary["Record"] = reject
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        recorded = await session.record(added())
        assert [type(error) for error in recorded.errors] == [errors.FieldViolations]
        with pytest.raises(errors.FieldViolations):
            await session.do(added())
    assert [request.interactions[0].seq for request in script.of("Record")] == [1, 2]


async def test_what_was_stamped_before_keeps_its_time() -> None:
    script = Script()
    async with serving(script), client_of(script) as client:
        session = await client.open_session()
        kept = session.stamp(MediaRuns("film").played(0))
        happened = kept.wall_ms, kept.mono_ms, kept.event_id
        await asyncio.sleep(0.01)
        await session.record(kept)
    sent = script.of("Record")[0].interactions[0]
    assert (sent.wall_ms, sent.mono_ms, sent.event_id) == happened


async def test_a_service_that_is_not_there_is_unreachable() -> None:
    script = Script()
    async with serving(script):
        pass
    async with client_of(script) as client:
        with pytest.raises(Unreachable):
            await client.open_session()


async def test_an_expired_credential_is_renewed_once_and_the_call_repeated() -> None:
    script = Script()
    given = iter(["old", "new", "newer"])

    async def provide() -> str:
        return next(given)

    async def pick(request: Any, context: Context) -> RecordResponse:
        if script.tokens[-1] == "old":
            await refuse(context, "TOKEN_EXPIRED", grpc.StatusCode.UNAUTHENTICATED)
        return await script.accept(request, context)

    script.unary["Record"] = pick
    async with (
        serving(script),
        connect(script.address, credentials=provide, retries=QUICK) as client,
    ):
        session = await client.open_session()
        await session.record(added())
    assert script.tokens[1:3] == ["old", "new"]


async def test_a_credential_that_is_refused_twice_is_an_error() -> None:
    script = Script()

    async def provide() -> str:
        return "bad"

    async def never(_: Any, context: Context) -> RecordResponse:
        await refuse(context, "TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED)
        raise AssertionError

    script.unary["OpenSession"] = never
    async with serving(script), connect(script.address, credentials=provide) as client:
        with pytest.raises(errors.TokenInvalid) as refused:
            await client.open_session()
    assert refused.value.request_id == "req-1"
    assert len(script.of("OpenSession")) == 2


async def test_the_session_is_kept_alive_and_closed() -> None:
    script = Script()
    refreshed = asyncio.Event()
    refresh = script.unary["RefreshSession"]

    async def beat(request: Any, context: Context) -> Any:
        refreshed.set()
        return await refresh(request, context)

    script.unary["RefreshSession"] = beat
    async with serving(script), client_of(script) as client:
        await client.open_session(keep_alive_ms=5)
        await asyncio.wait_for(refreshed.wait(), 5)
    assert script.of("RefreshSession")[0].session_id == "0.session-1"
    assert len(script.of("CloseSession")) == 1


async def test_a_back_end_records_unsequenced_for_a_subject_it_names() -> None:
    script = Script()
    async with serving(script), client_of(script, service=True) as client:
        await client.record("mila", [added("A"), added("B")], installation_id="till-3")
    sent = script.of("Record")[0]
    assert (sent.subject_id, sent.installation_id, sent.session_id) == ("mila", "till-3", "")
    assert [each.seq for each in sent.interactions] == [0, 0]
    assert all(each.event_id for each in sent.interactions)


async def test_a_condition_over_several_batches_is_refused_before_anything_is_sent() -> None:
    script = Script()
    many = [added() for _ in range(501)]
    async with serving(script), client_of(script, service=True) as client:
        with pytest.raises(ValueError, match="one batch"):
            await client.record("mila", many, atomic=True)
    assert script.of("Record") == []
