"""A visitor signs in: one customer, one cart, once, whoever asks how often and from where."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

import pytest

from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.errors_pb2 import ERROR_REASON_CART_CHANGED
from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event
from journey.v1.history_service_pb2 import ListEventsRequest
from journey.v1.interactions_pb2 import (
    INSTALLATION_MODE_SHARED,
    CartMerged,
    CheckoutStarted,
    CheckoutSubmitted,
    Interaction,
    LinkEvidence,
    LinkRejected,
)
from journey.v1.journey_service_pb2 import (
    JOURNEY_VIEW_ALL,
    GetJourneyRequest,
    ListJourneysRequest,
)
from journey.v1.journeys_pb2 import CART_STATUS_FROZEN
from journey.v1.session_service_pb2 import CloseSessionRequest, OpenSessionResponse
from journey_service.application import identity
from journey_service.domain.customers import event_id_of, link_id_of
from journey_service.domain.errors import IdentityContention, InstallationCloned, JourneyNotFound
from journey_service.domain.identity import Principal, subject_id_of_visitor
from tests.application.scene import (
    CART,
    HOUR_MS,
    IDENTITY_KEY,
    DeviceInUse,
    Scene,
    added,
    paused,
    played,
    scene,
)
from tests.projections.acts import interaction

PHONE = "6f0c3a0e-52c8-4a55-9f19-0a3c4e0a7c11"


async def visit(
    stage: Scene, installation_id: str = PHONE, secret: str = ""
) -> tuple[DeviceInUse, str]:
    """A visitor on an installation, and the installation's secret."""
    request = stage.opening(installation_id=installation_id)
    request.app_key, request.installation_secret = "app", secret
    knocking = Principal(ROLE_DEVICE, "", installation_id=installation_id, anonymous=True)
    now_ms = stage.application.now_ms()
    opened = await stage.application.open_session(knocking, request, received_ms=now_ms)
    visitor = Principal(
        ROLE_DEVICE,
        opened.session.subject_id,
        opened.session.subject_id,
        opened.credential_expires_at_ms,
        installation_id=installation_id,
        anonymous=True,
        epoch=opened.session.epoch,
    )
    return DeviceInUse(stage, visitor, opened.session), secret or opened.installation_secret


async def sign_in(
    stage: Scene,
    secret: str,
    account: str = "mila",
    *,
    installation_id: str = PHONE,
    on: object = None,
    command_id: str = "",
    shared: bool = False,
) -> OpenSessionResponse:
    """An account's token on an installation."""
    application = on or stage.application
    request = stage.opening(
        installation_id=installation_id, command_id=command_id or str(uuid.uuid4())
    )
    request.installation_secret = secret
    if shared:
        request.device.mode = INSTALLATION_MODE_SHARED
    now_ms = stage.application.now_ms()
    principal = Principal(ROLE_DEVICE, account, account, now_ms + HOUR_MS)
    opened: OpenSessionResponse = await application.open_session(  # type: ignore[attr-defined]
        principal, request, received_ms=now_ms
    )
    return opened


async def cart(stage: Scene, principal: Principal) -> dict[str, int]:
    """The basket as somebody sees it."""
    asked = GetJourneyRequest(journey=CART)
    found = await stage.application.get_journey(principal, asked, deadline=None)
    return {line.line_key: line.quantity for line in found.journey.cart.lines}


async def events(stage: Scene, subject_id: str, kind: str) -> list[Event]:
    """What is in a stream of one type."""
    return [one for one in await stage.store.journal.read_stream(subject_id) if one.type == kind]


def principal(account: str = "mila") -> Principal:
    return Principal(ROLE_DEVICE, account, account)


async def filled(settings: dict[str, str] | None = None) -> tuple[Scene, DeviceInUse, str]:
    """A visitor with A 2 and B 1, where Mila's account has A 3 and C 1."""
    stage = await scene(**(settings or {}))  # type: ignore[arg-type]
    laptop = await stage.device("mila")
    await laptop.record(added("A", 3), added("C", 1))
    phone, secret = await visit(stage)
    await phone.record(added("A", 2), added("B", 1))
    return stage, phone, secret


async def test_signing_in_makes_one_cart_with_the_greater_quantity_of_each_line() -> None:
    stage, phone, secret = await filled()
    opened = await sign_in(stage, secret)
    assert await cart(stage, principal()) == {"A": 3, "B": 1, "C": 1}
    assert opened.customer_id == opened.session.subject_id == "mila"
    customer = await stage.store.identities.customer(phone.session.subject_id)
    assert set(customer.subject_ids) == {"mila", phone.session.subject_id}
    assert customer.customer_id == "mila"


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("max", {"A": 3, "B": 1, "C": 1}),
        ("sum", {"A": 5, "B": 1, "C": 1}),
        ("replace", {"A": 2, "B": 1}),
        ("keep", {"A": 3, "C": 1}),
    ],
)
async def test_the_setting_says_how_two_carts_become_one(rule: str, lines: dict[str, int]) -> None:
    stage, _, secret = await filled({"cart_merge_rule": rule})
    await sign_in(stage, secret)
    assert await cart(stage, principal()) == lines
    (merged,) = await events(stage, "mila", "cart.merged")
    told = CartMerged.Rule.Name(merged.interaction.cart_merged.rule)
    assert told == f"RULE_{rule.upper()}"


async def test_what_is_recorded_names_the_link_and_both_carts() -> None:
    stage, phone, secret = await filled()
    visitor_id, head = phone.session.subject_id, await stage.store.journal.stream_head("mila")
    await sign_in(stage, secret)
    link_id = link_id_of("mila", visitor_id, 0)
    for subject_id in ("mila", visitor_id):
        (linked,) = await events(stage, subject_id, "identity.subjects_linked")
        body = linked.interaction.subjects_linked
        assert linked.interaction.event_id == event_id_of(link_id, subject_id)
        assert (body.link_id, body.lead_after) == (link_id, "mila")
        assert body.evidence.kind == LinkEvidence.KIND_CARRIED_OVER
    (merged,) = await events(stage, "mila", "cart.merged")
    assert merged.interaction.event_id == event_id_of(link_id, "cart/main")
    assert merged.interaction.cart_merged.link_id == link_id
    seen = {entry.subject_id: entry.version for entry in merged.cut.versions}
    assert seen[visitor_id] == 3
    assert seen["mila"] > head.version
    assert not await events(stage, visitor_id, "cart.merged")


async def test_an_add_that_came_later_counts_on_top() -> None:
    stage, phone, secret = await filled()
    await sign_in(stage, secret)
    await phone.record(added("B", 2))
    assert await cart(stage, principal()) == {"A": 3, "B": 3, "C": 1}


@pytest.mark.parametrize("times", [5])
async def test_repeats_with_old_and_new_command_ids_link_once(times: int) -> None:
    stage, phone, secret = await filled()
    command_id = str(uuid.uuid4())
    for _ in range(times):
        await sign_in(stage, secret, command_id=command_id)
        await sign_in(stage, secret)
    await once(stage, phone)


async def test_sign_ins_at_once_in_two_processes_link_once() -> None:
    stage, phone, secret = await filled()
    other = stage.neighbour()
    await asyncio.gather(
        *(sign_in(stage, secret, on=each) for each in [stage.application, other] * 4)
    )
    await once(stage, phone)


async def once(stage: Scene, phone: DeviceInUse) -> None:
    """One link, one merged cart."""
    assert await cart(stage, principal()) == {"A": 3, "B": 1, "C": 1}
    assert len(await events(stage, "mila", "cart.merged")) == 1
    for subject_id in ("mila", phone.session.subject_id):
        assert len(await events(stage, subject_id, "identity.subjects_linked")) == 1


async def test_of_one_cart_alone_nothing_is_merged() -> None:
    stage = await scene()
    phone, secret = await visit(stage)
    await phone.record(added("A", 2))
    await sign_in(stage, secret)
    assert await cart(stage, principal()) == {"A": 2}
    assert not await events(stage, "mila", "cart.merged")


async def test_an_account_buys_what_the_visitor_alone_had_put_into_the_cart() -> None:
    stage = await scene()
    phone, secret = await visit(stage)
    await phone.record(added("A", 2))
    laptop, submitted = await checking_out(stage, secret)
    (result,) = (await laptop.record(submitted)).results
    assert result.outcome == OUTCOME_ACCEPTED, result
    assert (await phone.resume(CART)).cart.status == CART_STATUS_FROZEN


async def test_a_cart_that_the_visitor_changed_since_is_not_the_one_that_was_shown() -> None:
    stage = await scene()
    phone, secret = await visit(stage)
    await phone.record(added("A", 2))
    laptop, submitted = await checking_out(stage, secret)
    await phone.record(added("B", 1))
    (result,) = (await laptop.record(submitted)).results
    assert result.reason == ERROR_REASON_CART_CHANGED
    assert {each.line_key: each.quantity for each in result.current.cart.lines} == {"A": 2, "B": 1}


async def checking_out(stage: Scene, secret: str) -> tuple[DeviceInUse, Interaction]:
    """The account in a checkout of the cart that it is shown, and its order."""
    opened = await sign_in(stage, secret)
    laptop = DeviceInUse(stage, principal(), opened.session)
    shown = (await laptop.resume(CART)).cart.digest
    started = CheckoutStarted(cart_id="main", cart_digest=shown)
    await laptop.record(interaction("checkout/k1", started))
    submitted = interaction("checkout/k1", CheckoutSubmitted(attempt=1, cart_digest=shown))
    submitted.expected_rev = (await laptop.resume(submitted.journey)).rev
    return laptop, submitted


async def test_a_visitor_who_is_not_signed_in_sees_its_own_part_alone() -> None:
    stage, phone, secret = await filled()
    laptop = await stage.device("mila")
    await laptop.record(played(0), paused(61_500))
    await sign_in(stage, secret)
    asked = ListJourneysRequest(view=JOURNEY_VIEW_ALL)
    seen = await stage.application.list_journeys(phone.principal, asked, deadline=None)
    assert [journey.ref for journey in seen.journeys] == [CART]
    assert await cart(stage, phone.principal) == {"A": 3, "B": 1, "C": 1}
    with pytest.raises(JourneyNotFound):
        await phone.resume()
    listing = ListEventsRequest()
    told = await stage.application.list_events(phone.principal, listing)
    assert {event.subject_id for event in told.events} == {phone.session.subject_id}


async def test_without_the_secret_nobody_pulls_a_visitor_into_an_account() -> None:
    stage, phone, _ = await filled()
    await sign_in(stage, "")
    with pytest.raises(InstallationCloned):
        await sign_in(stage, "a" * 26)
    assert await cart(stage, principal()) == {"A": 3, "C": 1}
    customer = await stage.store.identities.customer(phone.session.subject_id)
    assert customer.subject_ids == (phone.session.subject_id,)


async def test_a_secret_where_no_visitor_was_carries_nothing_over() -> None:
    stage = await scene()
    await sign_in(stage, "a secret of a backup that is gone")
    assert not await events(stage, "mila", "identity.subjects_linked")


async def test_an_epoch_in_which_nobody_did_anything_leaves_nothing() -> None:
    stage, _, secret = await filled()
    opened = await sign_in(stage, secret)
    closing = CloseSessionRequest(session_id=opened.session.session_id, sign_out=True)
    now_ms = stage.application.now_ms()
    await stage.application.close_session(principal(), closing, received_ms=now_ms)
    await sign_in(stage, secret, "noah")
    later = subject_id_of_visitor(IDENTITY_KEY, PHONE, 1)
    assert await stage.store.journal.read_stream(later) == []
    assert not await events(stage, "noah", "identity.subjects_linked")


async def test_an_earlier_visitor_of_the_installation_stays_with_the_earlier_account() -> None:
    stage, _, secret = await filled()
    await sign_in(stage, secret)
    opened = await sign_in(stage, secret, "noah")
    assert opened.session.epoch == 1
    assert await cart(stage, principal()) == {"A": 3, "B": 1, "C": 1}
    assert not await events(stage, "noah", "identity.subjects_linked")
    assert not await events(stage, "noah", "identity.link_rejected")
    phone, _ = await visit(stage, secret=secret)
    assert phone.session.epoch == 1


async def test_two_accounts_that_sign_in_at_once_do_not_become_one_customer() -> None:
    stage, phone, secret = await filled()
    asked = identity.epoch_to_open
    for account in ("mila", "noah"):
        # As if both had looked before either was linked.
        context = stage.application._context
        request = stage.opening(installation_id=PHONE)
        assert await asked(context, account, request) == 0 or account == "noah"
        opened = await sign_in(stage, "" if account == "noah" else secret, account)
        if account == "noah":
            now_ms = stage.application.now_ms()
            await identity.carry_over(context, opened.session, now_ms)
    (rejected,) = await events(stage, "noah", "identity.link_rejected")
    body = rejected.interaction.link_rejected
    assert body.reason == LinkRejected.REASON_UNIQUE_CONFLICT
    assert {body.subject_a, body.subject_b} == {"noah", phone.session.subject_id}
    customer = await stage.store.identities.customer("noah")
    assert customer.subject_ids == ("noah",)


async def test_on_a_device_of_many_nothing_is_carried_over_and_it_is_said_once() -> None:
    stage, phone, secret = await filled()
    for _ in range(2):
        await sign_in(stage, secret, shared=True)
    (rejected,) = await events(stage, "mila", "identity.link_rejected")
    assert rejected.interaction.link_rejected.reason == LinkRejected.REASON_SHARED_DEVICE
    told = await stage.application.list_events(principal(), ListEventsRequest())
    assert rejected.interaction.event_id in {each.interaction.event_id for each in told.events}
    assert phone.session.subject_id.encode() not in told.SerializeToString()
    assert await cart(stage, principal()) == {"A": 3, "C": 1}
    assert await cart(stage, phone.principal) == {"A": 2, "B": 1}


async def test_a_customer_that_is_as_large_as_the_settings_allow_takes_nobody_in() -> None:
    stage = await scene(customer_subjects=2)
    for installation_id in ("phone", "tablet", "laptop"):
        visitor, secret = await visit(stage, installation_id)
        await visitor.record(added("A", 1))
        await sign_in(stage, secret, installation_id=installation_id)
    assert len((await stage.store.identities.customer("mila")).members) == 2
    rejected = await events(stage, "mila", "identity.link_rejected")
    reasons = [event.interaction.link_rejected.reason for event in rejected]
    assert reasons == [LinkRejected.REASON_LIMIT] * 2


async def test_two_visitors_of_one_account_are_one_customer_with_one_cart() -> None:
    stage, phone, secret = await filled()
    tablet, other = await visit(stage, "tablet")
    await tablet.record(added("A", 7), added("D", 1))
    await asyncio.gather(sign_in(stage, secret), sign_in(stage, other, installation_id="tablet"))
    assert await cart(stage, principal()) == {"A": 7, "B": 1, "C": 1, "D": 1}
    customer = await stage.store.identities.customer("mila")
    members = {"mila", phone.session.subject_id, tablet.session.subject_id}
    assert set(customer.subject_ids) == members
    assert len(await events(stage, "mila", "cart.merged")) == 2


async def test_where_others_change_the_customer_at_each_attempt_the_caller_repeats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage, phone, secret = await filled()
    linking, attempts = stage.store.identities.link, 0

    async def busy(*asked: Sequence[object]) -> object:
        nonlocal attempts
        attempts += 1
        if attempts <= 5:
            await phone.record(added("B", 0))
        return await linking(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(stage.store.identities, "link", busy)
    with pytest.raises(IdentityContention):
        await sign_in(stage, secret)
    assert attempts == 5
    await sign_in(stage, secret)
    assert len(await events(stage, "mila", "cart.merged")) == 1
