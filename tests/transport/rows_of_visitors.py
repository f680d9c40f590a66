"""What gets a visitor refused, who has no account."""

from journey.v1.session_service_pb2 import RefreshSessionRequest
from journey_service.domain.errors import IdentityContention
from tests.transport.serving import APP_KEY, clock, opening
from tests.transport.world import World, provokes


@provokes("TOKEN_INVALID")
async def an_app_key_of_another_service(world: World) -> None:
    await world.served.sessions.OpenSession(opening(app_key="app_of_another"))


@provokes("FIELD_VIOLATIONS")
async def an_app_key_beside_a_token(world: World) -> None:
    await world.served.sessions.OpenSession(opening(app_key=APP_KEY), metadata=world.device)


@provokes("FIELD_VIOLATIONS")
async def a_back_end_with_the_secret_of_an_installation(world: World) -> None:
    asked = opening(subject_id="mila", installation_secret="a" * 26)
    await world.served.sessions.OpenSession(asked, metadata=world.service)


@provokes("INSTALLATION_CLONED")
async def an_installation_without_its_secret(world: World) -> None:
    await world.served.sessions.OpenSession(opening(app_key=APP_KEY))
    await world.served.sessions.OpenSession(opening(app_key=APP_KEY))


@provokes("INSTALLATION_CLONED")
async def a_sign_in_with_the_secret_of_another_installation(world: World) -> None:
    await world.served.sessions.OpenSession(opening(app_key=APP_KEY))
    asked = opening(installation_secret="a" * 26)
    await world.served.sessions.OpenSession(asked, metadata=world.device)


@provokes("CUSTOMER_MISMATCH")
async def the_session_of_an_account_renewed_with_a_secret(world: World) -> None:
    visit = await world.served.sessions.OpenSession(opening(app_key=APP_KEY))
    session = await world.served.open_session()
    asked = RefreshSessionRequest(
        session_id=session.session_id, installation_secret=visit.installation_secret, clock=clock()
    )
    await world.served.sessions.RefreshSession(asked)


@provokes("RATE_LIMITED", rate_visitors_per_s=1, rate_visitors_burst=1)
async def visitors_that_come_too_fast(world: World) -> None:
    await world.served.sessions.OpenSession(opening(app_key=APP_KEY))
    await world.served.sessions.OpenSession(opening("tablet", app_key=APP_KEY))


@provokes("IDENTITY_CONTENTION")
async def a_sign_in_while_others_change_the_same_customer(world: World) -> None:
    async def moved(*_: object) -> None:
        raise IdentityContention

    visit = await world.served.sessions.OpenSession(opening(app_key=APP_KEY))
    world.store.identities.link = moved  # type: ignore[assignment, method-assign]
    asked = opening(installation_secret=visit.installation_secret)
    await world.served.sessions.OpenSession(asked, metadata=world.device)
