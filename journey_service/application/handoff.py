"""Handoff: a code of one device with which another takes over.

create: a code is made, its hash stored ──▶ shown ──▶ scanned or typed ──▶ claim: one wins
──▶ session on the claiming installation ──▶ handoff.claimed ──▶ lease taken ──▶ answer
"""

from __future__ import annotations

import base64
import hashlib
import secrets

import projections
from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_STAFF
from journey.v1.interactions_pb2 import (
    HANDOFF_SCOPE_ASSIST,
    HANDOFF_SCOPE_CUSTOMER,
    HANDOFF_SCOPE_JOURNEY,
    HANDOFF_SCOPE_UNSPECIFIED,
    Channel,
    HandoffClaimed,
    HandoffScope,
    Interaction,
)
from journey.v1.references_pb2 import Processed
from journey.v1.session_service_pb2 import (
    ClaimHandoffRequest,
    ClaimHandoffResponse,
    CreateHandoffRequest,
    CreateHandoffResponse,
)
from journey.v1.sessions_pb2 import SESSION_STATUS_ACTIVE, Session
from journey_service.application.context import Context
from journey_service.application.customers import sees_proved_only
from journey_service.application.decided import record_decided, record_opened
from journey_service.application.leases import check_journey, take_lease
from journey_service.application.limits import limit_of
from journey_service.application.record import server_clock
from journey_service.application.session_cache import touch
from journey_service.application.tokens import state_token
from journey_service.domain.devices import admit
from journey_service.domain.errors import (
    ClaimLocked,
    ConfirmationMissing,
    CustomerMismatch,
    FieldViolations,
    HandoffOtherCustomer,
    HandoffSpent,
    HandoffUnknown,
)
from journey_service.domain.identity import (
    ID_BYTES,
    ID_LETTERS,
    Principal,
    claimant_of,
    session_id_of,
)
from journey_service.domain.leases import check_room
from journey_service.ports import CommandKey
from journey_service.ports_of_devices import StoredHandoff

CODE_BYTES = 16
TYPED_BYTES = 5
TYPED_LETTERS = 8


async def create_handoff(
    context: Context, principal: Principal, request: CreateHandoffRequest
) -> CreateHandoffResponse:
    """Make a single-use code. A repeat gets the code made then. Raises CustomerMismatch to
    guests, FieldViolations."""
    _check_create(context, request)
    session = await context.session_cache.of_call(principal, request.session_id)
    if session.guest:
        raise CustomerMismatch
    now_ms, settings = context.clock.now_ms(), context.settings
    made = CreateHandoffResponse(
        handoff_id=_letters(secrets.token_bytes(ID_BYTES))[:ID_LETTERS],
        code=_letters(secrets.token_bytes(CODE_BYTES)),
        expires_at_ms=now_ms + (request.ttl_ms or settings.handoff_life_ms),
    )
    codes = {_hash(made.code): made.expires_at_ms}
    if request.typed_code:
        made.typed_code = _letters(secrets.token_bytes(TYPED_BYTES))
        typed_end_ms = now_ms + settings.typed_code_life_ms
        codes[_hash(made.typed_code)] = min(made.expires_at_ms, typed_end_ms)
    handoff = StoredHandoff(
        made.handoff_id,
        session.subject_id,
        session.session_id,
        _scope(request),
        request.journey if request.HasField("journey") else None,
        made.expires_at_ms,
    )
    command = _command(principal, request.command_id, request.SerializeToString(deterministic=True))
    answer = made.SerializeToString()
    return CreateHandoffResponse.FromString(
        await context.handoffs.create(command, handoff, codes, answer)
    )


def _check_create(context: Context, request: CreateHandoffRequest) -> None:
    if request.confirm_handoff_id:
        raise FieldViolations.one(
            "confirm_handoff_id", "nothing waits for it: who must be confirmed is refused"
        )
    if request.ttl_ms > context.settings.handoff_longest_ms:
        raise FieldViolations.one("ttl_ms", f"at most {context.settings.handoff_longest_ms}")
    if request.HasField("journey"):
        check_journey(request.journey)
    if request.scope == HANDOFF_SCOPE_JOURNEY and not request.HasField("journey"):
        raise FieldViolations.one("journey", "required with the scope JOURNEY")


def _scope(request: CreateHandoffRequest) -> HandoffScope:
    """One journey where one is named, also for visitors: a code links nobody."""
    if request.scope != HANDOFF_SCOPE_UNSPECIFIED:
        return request.scope
    named = request.HasField("journey")
    return HANDOFF_SCOPE_JOURNEY if named else HANDOFF_SCOPE_CUSTOMER


async def claim_handoff(
    context: Context, principal: Principal, request: ClaimHandoffRequest, *, received_ms: int
) -> ClaimHandoffResponse:
    """Take over with a code. Raises HandoffUnknown, HandoffSpent, HandoffOtherCustomer,
    ConfirmationMissing, ClaimLocked, LimitReached, CustomerMismatch for another installation than
    the credential's, and what opening a session raises."""
    if principal.installation_id not in ("", request.installation_id):
        raise CustomerMismatch
    if (request.channel == Channel.CHANNEL_OTHER) != bool(request.channel_label):
        raise FieldViolations.one("channel_label", "required with CHANNEL_OTHER, and only there")
    claimer = f"{claimant_of(principal)}/{request.command_id}"
    handoff = await _find(context, principal, request, claimer)
    await _check_claim(context, principal, handoff)
    asked = _session(context, principal, handoff, request, received_ms)
    issued_ms = principal.issued_at_ms if _is_own(principal, handoff) else None
    if not handoff.claimed_by:
        # Who may not go on uses nothing up; whatever breaks off behind it, a repeat finishes.
        admit(await context.devices.installations_of(handoff.subject_id), asked, issued_ms)
        await _check_room(context, principal, handoff, request.installation_id, received_ms)
    if not await context.handoffs.claim(handoff.handoff_id, claimer):
        raise HandoffSpent
    command = _command(principal, request.command_id, _asked(request))
    session = await _open(context, principal, asked, command, issued_ms)
    await _record(context, principal, handoff, session, request, received_ms)
    answer = await _answer(context, principal, handoff, session, request, received_ms)
    if handoff.journey is not None:
        lease = await take_lease(
            context,
            session,
            handoff.journey,
            received_ms=received_ms,
            name=f"{handoff.handoff_id}/lease",
            limit=limit_of(principal, context.settings),
        )
        answer.lease.CopyFrom(lease)
    return answer


async def _check_room(
    context: Context,
    principal: Principal,
    handoff: StoredHandoff,
    installation_id: str,
    received_ms: int,
) -> None:
    """Whether the device may take the journey's lease now. Raises LimitReached."""
    limit = limit_of(principal, context.settings)
    if handoff.journey is None or limit is None:
        return
    own = (handoff.journey.kind, handoff.subject_id, handoff.journey.journey_id)
    check_room(await context.journal.held_in(limit.group), limit, own, installation_id, received_ms)


async def _find(
    context: Context, principal: Principal, request: ClaimHandoffRequest, claimer: str
) -> StoredHandoff:
    """The handoff of the code; over for all but who claimed it before with the same command."""
    code = "".join(request.code.split()).replace("-", "").lower()
    found = await context.handoffs.find(_hash(code))
    again = found is not None and found.claimed_by == claimer
    if len(code) == TYPED_LETTERS and not again:
        await _count_try(context, principal)
    if found is None:
        raise HandoffUnknown
    if found.claimed_by:
        if not again:
            raise HandoffSpent
    elif found.expires_at_ms <= context.clock.now_ms():
        raise HandoffUnknown
    return found


async def _count_try(context: Context, principal: Principal) -> None:
    """Eight letters can be guessed; whoever tries has few tries, and learns nothing beyond them."""
    tries = await context.handoffs.count_try(
        claimant_of(principal), window_ms=context.settings.typed_code_life_ms
    )
    if tries > context.settings.typed_code_tries:
        raise ClaimLocked


async def _check_claim(context: Context, principal: Principal, handoff: StoredHandoff) -> None:
    """Who may claim what, as the table of the identity rules says. Whoever is not signed in may
    have found the code of an account: its issuer would have to confirm, which nobody can yet."""
    assist = handoff.scope == HANDOFF_SCOPE_ASSIST
    if assist != (principal.role == ROLE_STAFF):
        raise HandoffOtherCustomer("Staff claim codes made for assistance, and only staff do.")
    if not _is_own(principal, handoff) and handoff.scope == HANDOFF_SCOPE_CUSTOMER:
        raise HandoffOtherCustomer
    if principal.anonymous and not await _is_of_visitor(context, handoff):
        raise ConfirmationMissing


async def _is_of_visitor(context: Context, handoff: StoredHandoff) -> bool:
    """Whether whoever made the code was not signed in either."""
    issuer = await context.sessions.load(handoff.session_id)
    return issuer is not None and context.visiting.is_visit(issuer)


def _is_own(principal: Principal, handoff: StoredHandoff) -> bool:
    """Whether the claimer is who made the code."""
    return principal.role == ROLE_DEVICE and principal.subject_id == handoff.subject_id


def _session(
    context: Context,
    principal: Principal,
    handoff: StoredHandoff,
    request: ClaimHandoffRequest,
    received_ms: int,
) -> Session:
    """The claiming device's session on the issuer's subject, as it would be opened."""
    own = _is_own(principal, handoff)
    session = Session(
        session_id=session_id_of(
            handoff.subject_id, context.journal.partition_count, secrets.token_bytes(ID_BYTES)
        ),
        subject_id=handoff.subject_id,
        installation_id=request.installation_id,
        device=request.device,
        channel=request.channel,
        channel_label=request.channel_label,
        status=SESSION_STATUS_ACTIVE,
        guest=not own and handoff.scope == HANDOFF_SCOPE_JOURNEY,
        journey=handoff.journey,
        opened_at_ms=received_ms,
        claimant="" if own else claimant_of(principal),
    )
    touch(session, received_ms, context.settings)
    return session


async def _open(
    context: Context,
    principal: Principal,
    session: Session,
    command: CommandKey,
    issued_ms: int | None,
) -> Session:
    """Open it; a repeat gets the one that was opened then."""
    opened = await context.sessions.open(command, session, issued_ms=issued_ms)
    if opened.session_id != session.session_id:
        # What a repeat gets is how the session stood then; one that has ended stays ended.
        await context.session_cache.of_call(principal, opened.session_id)
    else:
        context.session_cache.put(opened)
        context.presence.called(opened)
    await record_opened(context, opened, session.opened_at_ms)
    return opened


async def _record(
    context: Context,
    principal: Principal,
    handoff: StoredHandoff,
    session: Session,
    request: ClaimHandoffRequest,
    received_ms: int,
) -> None:
    claimed = HandoffClaimed(
        handoff_id=handoff.handoff_id,
        scope=handoff.scope,
        journey=handoff.journey,
        from_session_id=handoff.session_id,
        to_session_id=session.session_id,
        guest=session.guest,
        # Both enums have the same numbers; a test holds them to it.
        via=HandoffClaimed.Via.Name(int(request.via)),
    )
    name = f"{handoff.handoff_id}/handoff_claimed"
    for here in _streams(principal, session):
        await record_decided(
            context, here, received_ms, Interaction(handoff_claimed=claimed), name=name
        )


def _streams(principal: Principal, session: Session) -> list[Session]:
    """The session as the issuer's stream has it, and as the claimer's own where that is another."""
    if principal.role != ROLE_DEVICE or principal.subject_id == session.subject_id:
        return [session]
    own = Session()
    own.CopyFrom(session)
    own.subject_id = principal.subject_id
    return [session, own]


async def _answer(
    context: Context,
    principal: Principal,
    handoff: StoredHandoff,
    session: Session,
    request: ClaimHandoffRequest,
    received_ms: int,
) -> ClaimHandoffResponse:
    # A visitor's code shows no more of an account that it is linked with than the visitor sees.
    found = await context.reader.read(
        session.subject_id,
        installation_id=session.installation_id,
        proved_only=sees_proved_only(principal),
    )
    answer = ClaimHandoffResponse(
        session=session,
        customer_id=found.view.customer.customer_id,
        processed=[
            Processed(epoch=session.epoch, subject_id=session.subject_id, seq=found.processed_seq)
        ],
        clock=server_clock(context, received_ms, request.clock),
    )
    if handoff.journey is not None:
        key = projections.key_of(handoff.journey)
        if key in found.view.folds:
            answer.journey.CopyFrom(found.view.publish(key, context.clock.now_ms()))
        answer.token = state_token(context, found.view, journey=key)
    return answer


def _command(principal: Principal, command_id: str, content: bytes) -> CommandKey:
    return CommandKey(command_id, claimant_of(principal), hashlib.sha256(content).digest()[:16])


def _asked(request: ClaimHandoffRequest) -> bytes:
    """What is asked, without the clocks, which differ in a repeat."""
    asked = ClaimHandoffRequest()
    asked.CopyFrom(request)
    asked.ClearField("clock")
    return asked.SerializeToString(deterministic=True)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _letters(entropy: bytes) -> str:
    return base64.b32encode(entropy).decode().lower().rstrip("=")
