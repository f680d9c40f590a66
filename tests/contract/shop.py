"""A shop that tells facts of kinds with rules, for the contract of journals."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from google.protobuf.message import Message

import projections
from journey.v1 import errors_pb2 as reasons
from journey.v1.events_pb2 import OUTCOME_ACCEPTED
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.interactions_pb2 import (
    CartLineAdded,
    CheckoutSubmitted,
    InputSaved,
    InputValue,
    Interaction,
    Line,
    OfferGranted,
    OfferRedeemed,
    OrderPlaced,
    PickupUpdated,
    Product,
)
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.journeys_pb2 import CartState, Journey
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.batch import Batch, Candidate
from journey_service.domain.catalogue import TYPES
from journey_service.ports import PartitionLease, StateRow
from tests.contract.acts import NOW, SUBJECT, Store, partition, whole
from tests.domain.samples import SERVICE, batch, candidate

FIELDS = {found.message.full_name: name for name, found in TYPES.items()}
ORDER, CHECKOUT, CART, REWARDS = "order/o1", "checkout/c1", "cart/main", "rewards/main"
CONFLICT = reasons.ERROR_REASON_STATE_CONFLICT
CLOSED = reasons.ERROR_REASON_JOURNEY_CLOSED
_numbers = count()


def told(journey: str, body: Message, **envelope: Any) -> Candidate:
    """A back end's fact; each call is another one, unless it names its event_id."""
    kind, _, journey_id = journey.partition("/")
    event_id = str(uuid5(NAMESPACE_OID, f"fact {next(_numbers)}"))
    made: dict[str, Any] = {"event_id": event_id, "wall_ms": NOW}
    ref = JourneyRef(kind=kind, journey_id=journey_id)
    interaction = Interaction(**made | envelope, journey=ref)
    getattr(interaction, FIELDS[body.DESCRIPTOR.full_name]).CopyFrom(body)
    return candidate(interaction)


def facts(*candidates: Candidate, **of_batch: Any) -> Batch:
    """A back end's batch."""
    back_end: dict[str, Any] = {
        "installation_id": "shop",
        "sequenced": False,
        "actor": SERVICE,
        "clock": None,
        "trusted_clock": True,
    }
    return batch(*candidates, **back_end | of_batch)


def lines(**quantities: int) -> list[Line]:
    """Lines whose keys are skus."""
    return [Line(product=Product(sku=sku), quantity=n) for sku, n in quantities.items()]


def placed(**quantities: int) -> OrderPlaced:
    return OrderPlaced(lines=lines(**quantities))


def reserved(**quantities: int) -> PickupUpdated:
    return PickupUpdated(lines=lines(**quantities), status=PickupUpdated.STATUS_RESERVED)


def added(**quantities: int) -> CartLineAdded:
    (line,) = lines(**quantities)
    return CartLineAdded(line=line)


def granted(uses: int = 1, offer_id: str = "ten") -> OfferGranted:
    return OfferGranted(
        offer_id=offer_id, uses=uses, valid_from_ms=NOW - 1, valid_until_ms=NOW + 1, title="Ten"
    )


def redeemed(order_id: str, offer_id: str = "ten") -> OfferRedeemed:
    return OfferRedeemed(offer_id=offer_id, order_id=order_id)


def submitted(digest: str, attempt: int = 1) -> CheckoutSubmitted:
    return CheckoutSubmitted(attempt=attempt, cart_digest=digest)


def entered(**fields: str) -> InputSaved:
    return InputSaved(fields={name: InputValue(text=text) for name, text in fields.items()})


async def record(store: Store, *candidates: Candidate, **of_batch: Any) -> list[RecordResult]:
    return [*(await store.journal.append(facts(*candidates, **of_batch))).results]


async def tell(store: Store, journey: str, body: Message, **envelope: Any) -> RecordResult:
    """The answer to one fact."""
    (result,) = await record(store, told(journey, body, **envelope))
    return result


async def accepted(store: Store, journey: str, *bodies: Message) -> None:
    for body in bodies:
        result = await tell(store, journey, body)
        assert (result.outcome, result.reason) == (OUTCOME_ACCEPTED, 0)


async def folded(store: Store) -> dict[str, JourneyFold]:
    """The subject's journeys, folded from its stream."""
    states: dict[str, JourneyFold] = {}
    for event in await whole(store.journal):
        projections.fold_event(states, event)
    return states


async def current(store: Store, key: str) -> Journey:
    return projections.publish((await folded(store))[key])


async def cart(store: Store) -> CartState:
    return (await current(store, CART)).cart


async def stored(store: Store) -> PartitionLease:
    """Fold what is there and store it, as the projector does."""
    name = projections.JOURNEYS.name
    await store.states.register(name, projections.JOURNEYS.version)
    where = partition(store.journal)
    (lease,) = await store.states.acquire(name, "me", [where], life_ms=60_000)
    events = await whole(store.journal)
    version = events[-1].version
    rows = [
        StateRow(SUBJECT, key, version, state.SerializeToString(deterministic=True))
        for key, state in (await folded(store)).items()
    ]
    return await store.states.save(lease, rows, {SUBJECT: version}, events[-1].position)


def refusals(results: Iterable[RecordResult]) -> list[int]:
    return [result.reason for result in results]
