"""Reading what projections keep, over the store in memory."""

import json
from typing import Any

import pytest

import projections
from journey.v1.access_pb2 import ROLE_OPERATOR
from journey.v1.journeys_pb2 import Journey
from journey.v1.projection_service_pb2 import (
    GetStateRequest,
    GetStateResponse,
    IndexMatch,
    ListStatesRequest,
    ListStatesResponse,
    SkippedEvent,
)
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.errors import (
    CustomerMismatch,
    CustomerNotFound,
    FieldViolations,
    JournalRewound,
    ProjectionBehind,
    ProjectionNotFound,
    RoleNotAllowed,
    TokenMismatch,
)
from journey_service.domain.identity import Principal, partition_of
from journey_service.domain.tokens import Checkpoint, Tokens
from tests.application.scene import DEVELOPER, SERVICE, Scene, added, played, scene
from tests.application.views import BAD, adds, runner_of
from tests.contract.rewinding import restore_in_memory

VIEWS = (*projections.VIEWS, adds())


async def folded(stage: Scene) -> None:
    """All stored views catch up."""
    for view in VIEWS:
        if view.name in {"journeys", "adds"}:
            await runner_of(view, stage.store).catch_up()  # type: ignore[arg-type]


async def state(
    stage: Scene, name: str, key: str, who: Principal = SERVICE, **more: str
) -> GetStateResponse:
    asked = GetStateRequest(projection=name, key=key, **more)  # type: ignore[arg-type]
    return await stage.application.get_state(who, asked, deadline=None)


async def listed(
    stage: Scene, name: str, *match: tuple[str, str], who: Principal = SERVICE, **more: object
) -> ListStatesResponse:
    index = [IndexMatch(field=field, value=value) for field, value in match]
    asked = ListStatesRequest(projection=name, index=index, **more)  # type: ignore[arg-type]
    return await stage.application.list_states(who, asked, deadline=None)


def keys(response: ListStatesResponse) -> list[str]:
    return [each.key for each in response.states]


@pytest.fixture
async def stage() -> Scene:
    return await scene(views=VIEWS)


# --- one state -----------------------------------------------------------------------------------


async def test_a_state_is_exact_before_anything_was_folded(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk", 2), added("bread"))
    found = await state(stage, "adds", "mila/main")
    assert json.loads(found.state.json) == {"quantities": {"bread": 1, "milk": 2}}
    assert (found.state.key, found.state.subject_id) == ("mila/main", "mila")
    assert found.checkpoint


async def test_a_state_holds_what_was_folded_and_what_came_behind_it(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk", 2))
    await folded(stage)
    await phone.record(added("milk", 3))
    found = await state(stage, "adds", "mila/main")
    assert json.loads(found.state.json) == {"quantities": {"milk": 5}}


async def test_a_key_under_which_nothing_was_folded_has_no_content(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    found = await state(stage, "adds", "mila/other")
    assert found.state.WhichOneof("content") is None
    assert found.state.key == "mila/other"


async def test_a_journey_is_the_one_that_devices_get(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(played(5_000))
    found = await state(stage, "journeys", "mila/media/film-42")
    journey = Journey()
    assert found.state.message.Unpack(journey)
    assert journey == await phone.resume(JourneyRef(kind="media", journey_id="film-42"))
    assert found.state.updated_at_ms == journey.updated_at_ms


async def test_views_made_of_journeys_are_read_under_the_subject(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    found = await state(stage, "continue_list", "mila")
    assert json.loads(found.state.json) == {"journeys": [{"journey_id": "main", "kind": "cart"}]}
    assert json.loads((await state(stage, "purchased", "mila")).state.json) == {"purchases": []}
    with pytest.raises(FieldViolations, match="the subject alone"):
        await state(stage, "purchased", "mila/main")


async def test_ids_with_slashes_are_named_with_escapes(stage: Scene) -> None:
    phone = await stage.device("a/b%")
    await phone.record(added("milk"))
    found = await state(stage, "adds", "a%2Fb%25/main")
    assert found.state.subject_id == "a/b%"
    assert found.state.WhichOneof("content") == "json"


async def test_what_is_not_there_or_not_the_callers_is_refused(stage: Scene) -> None:
    phone = await stage.device("mila")
    with pytest.raises(ProjectionNotFound, match="There are: adds, continue_list, conversations"):
        await state(stage, "profit", "mila")
    with pytest.raises(CustomerNotFound):
        await state(stage, "adds", "nobody")
    with pytest.raises(CustomerMismatch):
        await state(stage, "adds", "noah/main", phone.principal)
    with pytest.raises(RoleNotAllowed, match="may not read states of adds"):
        await state(stage, "adds", "mila", Principal(ROLE_OPERATOR, "root"))


async def test_a_device_reads_its_own_state(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    found = await state(stage, "adds", "mila/main", phone.principal)
    assert found.state.WhichOneof("content") == "json"


async def test_a_read_contains_the_write_that_it_names(stage: Scene) -> None:
    phone = await stage.device("mila")
    token = (await phone.record(added("milk"))).write_token
    found = await state(stage, "adds", "mila/main", at_least=token)
    assert json.loads(found.state.json)["quantities"] == {"milk": 1}
    again = await state(stage, "adds", "mila/main", at_least=found.checkpoint)
    assert again.state == found.state


# --- a fold that stops ---------------------------------------------------------------------------


async def test_a_state_ends_in_front_of_the_event_that_cannot_be_folded(stage: Scene) -> None:
    phone = await stage.device("mila")
    before = (await phone.record(added("milk"))).write_token
    after = (await phone.record(added(BAD), added("bread"))).write_token
    found = await state(stage, "adds", "mila/main", at_least=before)
    assert json.loads(found.state.json) == {"quantities": {"milk": 1}}
    with pytest.raises(ProjectionBehind, match="adds stopped at event"):
        await state(stage, "adds", "mila/main", at_least=after)


async def test_what_was_told_to_be_left_out_is_left_out_of_an_exact_state(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"), added(BAD), added("bread"), added(BAD))
    for quantities in ({"milk": 1}, {"milk": 1, "bread": 1}):
        await folded(stage)
        found = await state(stage, "adds", "mila/main")
        assert json.loads(found.state.json) == {"quantities": quantities}
        (stop,) = await stage.store.stops.stopped("adds", 1)
        told = SkippedEvent(partition=stop.partition, position=stop.position, reason="gone off")
        assert await stage.store.stops.skip("adds", 1, 1, told)
    # Nothing is folded since the last skip: both are left out of the tail.
    found = await state(stage, "adds", "mila/main")
    assert json.loads(found.state.json) == {"quantities": {"milk": 1, "bread": 1}}
    head = (await stage.store.journal.stream_head("mila")).version
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    assert head in tokens.open_checkpoint(found.checkpoint).versions.values()


# --- lists ---------------------------------------------------------------------------------------


async def shop(stage: Scene) -> None:
    for subject, goods in {"anna": "milk", "mila": "bread", "noah": "milk"}.items():
        device = await stage.device(subject)
        await device.record(added(goods))


async def test_lists_hold_what_is_stored_by_key_and_in_pages(stage: Scene) -> None:
    await shop(stage)
    assert keys(await listed(stage, "adds")) == []
    await folded(stage)
    first = await listed(stage, "adds", page_size=2)
    assert keys(first) == ["anna/main", "mila/main"]
    rest = await listed(stage, "adds", page_size=2, page_token=first.next_page_token)
    assert keys(rest) == ["noah/main"]
    assert rest.next_page_token == ""


async def test_lists_are_found_by_declared_fields_and_by_the_begin_of_keys(stage: Scene) -> None:
    await shop(stage)
    await folded(stage)
    assert keys(await listed(stage, "adds", ("sku", "milk"))) == ["anna/main", "noah/main"]
    assert keys(await listed(stage, "adds", ("sku", "milk"), key_prefix="n")) == ["noah/main"]
    assert keys(await listed(stage, "adds", key_prefix="mila/ma")) == ["mila/main"]
    assert keys(await listed(stage, "adds", key_prefix="mila/x")) == []
    with pytest.raises(FieldViolations, match=r"index\[0\].field: one of sku"):
        await listed(stage, "adds", ("color", "red"))
    with pytest.raises(FieldViolations, match="journeys declares no index fields"):
        await listed(stage, "journeys", ("kind", "cart"))


async def test_what_is_derived_is_not_listed(stage: Scene) -> None:
    with pytest.raises(FieldViolations, match="made of the customer's journeys"):
        await listed(stage, "continue_list")


async def test_a_page_token_holds_for_the_list_that_it_was_made_for(stage: Scene) -> None:
    await shop(stage)
    await folded(stage)
    first = await listed(stage, "adds", page_size=1)
    with pytest.raises(TokenMismatch):
        await listed(stage, "adds", ("sku", "milk"), page_token=first.next_page_token)


async def test_a_list_waits_until_it_contains_the_token(stage: Scene) -> None:
    quick = await scene(views=VIEWS, at_least_wait_ms=1)
    phone = await quick.device("mila")
    token = (await phone.record(added("milk"))).write_token
    with pytest.raises(ProjectionBehind):
        await listed(quick, "adds", at_least=token)
    await folded(quick)
    contained = await listed(quick, "adds", at_least=token)
    assert keys(contained) == ["mila/main"]
    assert keys(await listed(quick, "adds", at_least=contained.checkpoint)) == ["mila/main"]


async def test_tokens_without_a_place_in_the_journal_say_nothing_of_a_list(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(added("milk"))
    exact = await state(stage, "adds", "mila/main")
    with pytest.raises(TokenMismatch, match="names no place in the journal"):
        await listed(stage, "adds", at_least=exact.checkpoint)
    with pytest.raises(TokenMismatch):
        await listed(stage, "adds", at_least="damaged")


async def test_a_token_of_an_epoch_that_was_not_kept_is_refused(stage: Scene) -> None:
    tokens = Tokens([b"k" * 32], stage.store.journal.journal_id)
    lost = tokens.seal_checkpoint(Checkpoint(epoch="another", positions={0: 9}))
    with pytest.raises(JournalRewound):
        await listed(stage, "adds", at_least=lost)


async def test_journeys_are_listed_as_they_are_published(stage: Scene) -> None:
    phone = await stage.device("mila")
    await phone.record(played(5_000), added("milk"))
    await folded(stage)
    found = await listed(stage, "journeys", who=DEVELOPER)
    assert keys(found) == ["mila/cart/main", "mila/media/film-42"]
    journey = Journey()
    assert found.states[1].message.Unpack(journey)
    assert journey.ref == JourneyRef(kind="media", journey_id="film-42")


async def test_a_restore_during_a_read_makes_no_place_of_what_it_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await scene(views=VIEWS)
    phone = await stage.device("mila")
    await phone.record(added("lost"))
    states = stage.store.states
    read = states.read_subject

    async def read_and_then_restored(*asked: Any, **more: Any) -> Any:
        found = await read(*asked, **more)
        restore_in_memory(stage.store, partition_of("mila"), 1)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(states, "read_subject", read_and_then_restored)
        found = await state(stage, "adds", "mila/main")
    phone.seq -= 1
    await phone.record(added("kept"), added("more"))
    with pytest.raises(JournalRewound):
        await state(stage, "adds", "mila/main", at_least=found.checkpoint)
