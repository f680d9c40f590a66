"""What a visitor is told of the account that it was joined to, and when it is nobody any more."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from journey.v1.errors_pb2 import ERROR_REASON_CART_CHANGED
from journey.v1.history_service_pb2 import ListEventsRequest
from journey.v1.interactions_pb2 import CheckoutStarted, CheckoutSubmitted
from journey.v1.session_service_pb2 import CloseSessionRequest, RefreshSessionRequest
from journey.v1.sessions_pb2 import SESSION_STATUS_ACTIVE, SESSION_STATUS_CLOSED
from journey_service.application import sessions
from journey_service.domain.errors import ConfirmationMissing, OutcomeUnknown, SignedOut
from tests.application.scene import DeviceInUse, added, played, scene
from tests.application.test_carrying_over import PHONE, filled, principal, sign_in, visit
from tests.application.test_handoff import claim, create
from tests.projections.acts import interaction


async def test_a_rule_tells_a_visitor_nothing_of_a_cart_that_it_does_not_see() -> None:
    stage = await scene()
    await (await stage.device("mila")).record(added("A", 3))
    phone, secret = await visit(stage)
    await phone.record(played(0))
    await sign_in(stage, secret)
    await phone.record(interaction("checkout/k1", CheckoutStarted(cart_id="main", cart_digest="x")))
    submitted = interaction("checkout/k1", CheckoutSubmitted(attempt=1, cart_digest="x"))
    submitted.expected_rev = (await phone.resume(submitted.journey)).rev
    (result,) = (await phone.record(submitted)).results
    assert result.reason == ERROR_REASON_CART_CHANGED
    assert not result.current.cart.lines


async def test_a_visitor_reads_no_link_and_its_account_does() -> None:
    stage, phone, secret = await filled()
    await sign_in(stage, secret)
    asked = ListEventsRequest(stream_only=True)
    linked = "identity.subjects_linked"
    told = await stage.application.list_events(phone.principal, asked)
    assert linked not in {event.type for event in told.events}
    assert b"mila" not in told.SerializeToString()
    told = await stage.application.list_events(principal(), asked)
    assert linked in {event.type for event in told.events}


async def test_a_sign_in_that_was_cut_off_ends_the_earlier_visits_when_it_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, phone, secret = await filled()
    await sign_in(stage, secret)
    command_id = str(uuid.uuid4())

    async def cut_off(*_: object, **__: object) -> None:
        raise OutcomeUnknown

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "record_opened", cut_off)
        with pytest.raises(OutcomeUnknown):
            await sign_in(stage, secret, "noah", command_id=command_id)
    refreshing = RefreshSessionRequest(
        session_id=phone.session.session_id, installation_secret=secret
    )
    # Nobody closed the session yet.
    other, now_ms = stage.neighbour(), stage.application.now_ms()
    with pytest.raises(SignedOut):
        await other.refresh_session(phone.principal, refreshing, received_ms=now_ms)
    with pytest.raises(SignedOut):
        await replace(phone, scene=replace(stage, application=other)).record(added("A"))
    stored = await stage.store.sessions.load(phone.session.session_id)
    assert stored is not None
    assert stored.status == SESSION_STATUS_ACTIVE
    await sign_in(stage, secret, "noah", command_id=command_id)
    stored = await stage.store.sessions.load(phone.session.session_id)
    assert stored is not None
    assert stored.status == SESSION_STATUS_CLOSED


async def test_a_sign_out_ends_more_visits_than_a_page_holds() -> None:
    stage = await scene(page_size=2)
    first, secret = await visit(stage)
    others = [(await visit(stage, secret=secret))[0] for _ in range(4)]
    asked = CloseSessionRequest(session_id=others[-1].session.session_id, sign_out=True)
    await stage.application.close_session(
        others[-1].principal, asked, received_ms=stage.application.now_ms()
    )
    for each in (first, *others):
        stored = await stage.store.sessions.load(each.session.session_id)
        assert stored is not None
        assert stored.status == SESSION_STATUS_CLOSED


async def test_a_visitor_without_confirmation_takes_over_from_visitors_alone() -> None:
    stage = await scene()
    phone, tv = await stage.device(), (await visit(stage))[0]
    await phone.record(played(0))
    with pytest.raises(ConfirmationMissing):
        await claim(stage, tv.principal, (await create(phone)).code, installation_id=PHONE)
    other, _ = await visit(stage, str(uuid.uuid4()))
    await other.record(played(0))
    code = (await create(other)).code
    assert (await claim(stage, tv.principal, code, installation_id=PHONE)).session.guest


async def test_a_guest_sees_no_more_than_the_visitor_who_made_the_code() -> None:
    stage = await scene()
    await (await stage.device("mila")).record(played(0))
    phone, secret = await visit(stage)
    await phone.record(added("A"))
    await sign_in(stage, secret)
    noah = await stage.device("noah")
    answer = await claim(stage, noah.principal, (await create(phone)).code)
    guest = DeviceInUse(stage, noah.principal, answer.session)
    async with guest.watch() as watching:
        assert not (await watching.level()).snapshot.journeys
