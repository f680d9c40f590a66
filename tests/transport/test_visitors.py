"""People without account: an app key opens a session, a secret tells the installation again."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import grpc
import jwt
import pytest

from journey.v1.journey_service_pb2 import GetJourneyRequest, ListJourneysRequest
from journey.v1.references_pb2 import JourneyRef
from journey.v1.session_service_pb2 import (
    CloseSessionRequest,
    ListSessionsRequest,
    RefreshSessionRequest,
    SignOutDeviceRequest,
)
from journey.v1.sessions_pb2 import DEVICE_STATUS_SIGNED_OUT
from journey_service.domain.identity import subject_id_of_account, subject_id_of_visitor
from tests.transport.serving import (
    APP_KEY,
    IDENTITY_KEY,
    Served,
    batch,
    clock,
    listed,
    opening,
    reason_of,
    serving,
)

GROCERIES = JourneyRef(kind="list", journey_id="groceries")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as running:
        yield running


async def visit(served: Served, installation: str = "phone", **changes: Any) -> Any:
    """A session of whoever uses the installation."""
    return await served.sessions.OpenSession(opening(installation, app_key=APP_KEY, **changes))


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


async def refused(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return reason_of(caught.value)


def refreshing(opened: Any, secret: str = "") -> RefreshSessionRequest:
    return RefreshSessionRequest(
        session_id=opened.session.session_id,
        installation_secret=secret or opened.installation_secret,
        clock=clock(),
    )


async def test_a_visitor_records_and_reads_with_the_credential_of_the_session(
    served: Served,
) -> None:
    opened = await visit(served)
    subject_id = subject_id_of_visitor(IDENTITY_KEY, "phone", 0)
    assert opened.session.subject_id == opened.customer_id == subject_id
    mine = bearer(opened.credential)
    await served.journeys.Record(batch(opened.session, listed()), metadata=mine)
    answer = await served.journeys.GetJourney(GetJourneyRequest(journey=GROCERIES), metadata=mine)
    assert [item.content_id for item in answer.journey.list.items] == ["milk"]


async def test_the_credential_is_of_this_visitor_and_ends_within_a_quarter_of_an_hour(
    served: Served,
) -> None:
    opened = await visit(served)
    claims = jwt.decode(opened.credential, options={"verify_signature": False})
    assert claims["sub"] == claims["subject_id"] == opened.session.subject_id
    assert claims["installation_id"] == "phone"
    assert claims["exp"] * 1_000 == opened.credential_expires_at_ms
    assert 0 < claims["exp"] - claims["iat"] <= 900
    assert claims["iss"] != served.settings.development_issuer


async def test_the_secret_is_told_once_and_leads_back_to_the_same_subject(served: Served) -> None:
    first = await visit(served)
    again = await visit(served, installation_secret=first.installation_secret)
    assert len(first.installation_secret) == 26
    assert again.installation_secret == ""
    assert again.session.subject_id == first.session.subject_id


async def test_the_call_that_made_the_secret_is_told_it_again_when_it_is_repeated(
    served: Served,
) -> None:
    request = opening(app_key=APP_KEY)
    first, again = [await served.sessions.OpenSession(request) for _ in range(2)]
    assert again.installation_secret == first.installation_secret
    assert again.session == first.session


@pytest.mark.parametrize("secret", ["", "a" * 26])
async def test_who_knows_an_installation_without_its_secret_takes_another_id(
    served: Served, secret: str
) -> None:
    await visit(served)
    assert await refused(visit(served, installation_secret=secret)) == "INSTALLATION_CLONED"
    assert (await visit(served, "another")).credential


async def test_of_two_first_calls_at_once_one_installation_comes(served: Served) -> None:
    answers = await asyncio.gather(visit(served), visit(served), return_exceptions=True)
    opened = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(opened) == 1
    assert opened[0].installation_secret


async def test_a_secret_that_the_service_has_lost_is_replaced(served: Served) -> None:
    opened = await visit(served, installation_secret="of a backup that is gone")
    assert opened.installation_secret


async def test_another_app_key_and_none_open_nothing(served: Served) -> None:
    assert await refused(served.sessions.OpenSession(opening(app_key="x"))) == "TOKEN_INVALID"
    assert await refused(served.sessions.OpenSession(opening())) == "TOKEN_MISSING"


async def test_an_app_key_opens_sessions_of_visitors_and_nothing_else(served: Served) -> None:
    opened = await visit(served)
    calls = [
        served.journeys.Record(batch(opened.session)),
        served.journeys.ListJourneys(ListJourneysRequest()),
        served.sessions.CloseSession(CloseSessionRequest(session_id=opened.session.session_id)),
        served.sessions.ListSessions(ListSessionsRequest()),
        served.sessions.RefreshSession(
            RefreshSessionRequest(session_id=opened.session.session_id, clock=clock())
        ),
    ]
    assert {await refused(call) for call in calls} == {"TOKEN_MISSING"}


async def test_an_app_key_beside_a_token_is_refused(served: Served) -> None:
    call = served.sessions.OpenSession(opening(app_key=APP_KEY), metadata=served.as_("device"))
    assert await refused(call) == "FIELD_VIOLATIONS"
    back_end = opening(subject_id="x", installation_secret="y")
    call = served.sessions.OpenSession(back_end, metadata=served.as_("service"))
    assert await refused(call) == "FIELD_VIOLATIONS"


async def test_a_visitor_names_no_subject_and_reaches_no_other(served: Served) -> None:
    assert await refused(visit(served, subject_id="somebody")) == "FIELD_VIOLATIONS"
    opened = await visit(served)
    asked = ListJourneysRequest(subject_id=subject_id_of_account(IDENTITY_KEY, "alice"))
    call = served.journeys.ListJourneys(asked, metadata=bearer(opened.credential))
    assert await refused(call) == "CUSTOMER_MISMATCH"


async def test_the_secret_renews_the_credential_without_a_token(served: Served) -> None:
    opened = await visit(served)
    renewed = await served.sessions.RefreshSession(refreshing(opened))
    assert renewed.session.session_id == opened.session.session_id
    assert renewed.auth_expires_at_ms >= opened.credential_expires_at_ms
    asked = ListSessionsRequest()
    listing = await served.sessions.ListSessions(asked, metadata=bearer(renewed.credential))
    assert [one.session_id for one in listing.sessions] == [opened.session.session_id]


async def test_a_refresh_without_the_secret_gives_no_credential(served: Served) -> None:
    opened = await visit(served)
    asked = RefreshSessionRequest(session_id=opened.session.session_id, clock=clock())
    answer = await served.sessions.RefreshSession(asked, metadata=bearer(opened.credential))
    assert answer.credential == ""
    assert answer.auth_expires_at_ms == opened.credential_expires_at_ms


async def test_a_secret_renews_nothing_but_the_session_of_its_own_visitor(served: Served) -> None:
    phone, tablet = await visit(served), await visit(served, "tablet")
    of_account = await served.open_session(installation="phone")
    foreign = refreshing(phone, tablet.installation_secret)
    unknown = refreshing(phone)
    unknown.session_id = "0." + "a" * 26
    signed_in = refreshing(phone)
    signed_in.session_id = of_account.session_id
    for request in (foreign, unknown, signed_in):
        assert await refused(served.sessions.RefreshSession(request)) == "CUSTOMER_MISMATCH"
    beside = served.sessions.RefreshSession(refreshing(phone), metadata=bearer(tablet.credential))
    assert await refused(beside) == "CUSTOMER_MISMATCH"
    own = served.sessions.RefreshSession(refreshing(phone), metadata=served.as_("device"))
    assert await refused(own) == "FIELD_VIOLATIONS"


async def test_the_credential_of_a_visitor_opens_the_next_session_of_the_same_one(
    served: Served,
) -> None:
    opened = await visit(served)
    again = await served.sessions.OpenSession(opening(), metadata=bearer(opened.credential))
    assert again.session.subject_id == opened.session.subject_id
    assert again.credential


async def test_after_a_sign_out_the_visitor_is_another_and_the_old_credential_dead(
    served: Served,
) -> None:
    opened = await visit(served)
    signed_in = await served.open_session()
    closing = CloseSessionRequest(session_id=signed_in.session_id, sign_out=True)
    await served.sessions.CloseSession(closing, metadata=served.as_("device"))
    mine = bearer(opened.credential)
    dead = [
        served.journeys.Record(batch(opened.session), metadata=mine),
        served.journeys.ListJourneys(ListJourneysRequest(), metadata=mine),
        served.sessions.OpenSession(opening(), metadata=mine),
        served.sessions.RefreshSession(refreshing(opened)),
    ]
    assert {await refused(call) for call in dead} == {"SIGNED_OUT"}
    after = await visit(served, installation_secret=opened.installation_secret)
    assert after.session.epoch == 1
    assert after.session.subject_id == subject_id_of_visitor(IDENTITY_KEY, "phone", 1)


async def test_a_device_that_is_signed_out_from_elsewhere_is_no_visitors_either(
    served: Served,
) -> None:
    opened = await visit(served)
    await served.open_session()
    request = SignOutDeviceRequest(
        device_id="device-of-phone",
        status=DEVICE_STATUS_SIGNED_OUT,
        command_id=str(uuid.uuid4()),
    )
    await served.sessions.SignOutDevice(request, metadata=served.as_("device"))
    mine = bearer(opened.credential)
    assert await refused(served.sessions.RefreshSession(refreshing(opened))) == "SIGNED_OUT"
    recording = served.journeys.Record(batch(opened.session), metadata=mine)
    assert await refused(recording) == "SIGNED_OUT"


async def test_who_asks_too_often_waits(served: Served) -> None:
    async with serving(rate_visitors_per_s=1, rate_visitors_burst=2) as strict:
        for key in (APP_KEY, "guess"):
            await asyncio.gather(
                strict.sessions.OpenSession(opening(app_key=key)), return_exceptions=True
            )
        assert await refused(visit(strict, "third")) == "RATE_LIMITED"
    async with serving(rate_visitors_of_app_per_s=1, rate_visitors_of_app_burst=1) as strict:
        await visit(strict)
        assert await refused(visit(strict, "second")) == "RATE_LIMITED"


async def test_what_a_visitor_did_offline_in_a_later_epoch_is_that_persons(served: Served) -> None:
    opened = await visit(served, epoch=2)
    assert opened.session.subject_id == subject_id_of_visitor(IDENTITY_KEY, "phone", 2)
