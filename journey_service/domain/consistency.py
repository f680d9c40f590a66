"""Rules over several fields of one message, and content that is refused with a reason of its own.

They are the "Checked:" comments of interactions.proto.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from journey.v1 import errors_pb2 as reasons
from journey.v1 import rules_pb2 as rules
from journey.v1.interactions_pb2 import (
    BookingChanged,
    BoundIdentifier,
    CartFulfilmentSet,
    Custom,
    FormSubmitted,
    InputSaved,
    InputValue,
    Interaction,
    Money,
    OfferGranted,
    PickupUpdated,
    Rating,
)
from journey.v1.references_pb2 import FieldViolation, JourneyRef
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT, INTERACTION_CLASS_TELEMETRY
from journey_service.domain.batch import Refusal
from journey_service.domain.catalogue import TYPES
from journey_service.domain.fields import REQUIRED, MessageCheck, Problems
from journey_service.domain.formats import Declared, FormatCheck, format_checks

_CARD_NUMBER = re.compile(r"\d{13,19}")
_CARD_SEPARATORS = str.maketrans("", "", " -.\u00a0\u202f")


def consistency_rules(declared: Declared) -> Mapping[str, MessageCheck]:
    """The rules over several fields, by full name of the message they are for."""
    formats = format_checks(declared)
    identifiers = {"email": formats[rules.FORMAT_EMAIL], "phone": formats[rules.FORMAT_PHONE]}
    return {
        "journey.v1.Money": _money,
        "journey.v1.Rating": _rating,
        "journey.v1.CartFulfilmentSet": _fulfilment_slot,
        "journey.v1.InputValue": _input_value,
        "journey.v1.OrderPlaced": _one_currency,
        "journey.v1.QuoteGiven": _one_currency,
        "journey.v1.PickupUpdated": _pickup,
        "journey.v1.BookingChanged": _booking_slot,
        "journey.v1.OfferGranted": _validity,
        "journey.v1.BoundIdentifier": lambda value: _bound_identifier(value, identifiers),
        "journey.v1.Custom": _custom,
    }


def _unless(right: object, path: str, rule: str) -> Problems:
    return () if right else ((path, rule),)


def _money(money: Money) -> Problems:
    return _unless(money.units * money.nanos >= 0, ".nanos", "must have the sign of units")


def _rating(rating: Rating) -> Problems:
    rule = f"must be at most best, {rating.best}; is {rating.value}"
    return _unless(rating.value <= rating.best, ".value", rule)


def _fulfilment_slot(chosen: CartFulfilmentSet) -> Problems:
    start, end = chosen.slot_start_ms, chosen.slot_end_ms
    right = not start or not end or start <= end
    return _unless(right, ".slot_end_ms", "must not be before slot_start_ms")


def _booking_slot(booking: BookingChanged) -> Problems:
    start, end = booking.slot_start_ms, booking.slot_end_ms
    return _unless(_follow(start, end), ".slot_end_ms", "must be after slot_start_ms")


def _validity(offer: OfferGranted) -> Problems:
    right = _follow(offer.valid_from_ms, offer.valid_until_ms)
    return _unless(right, ".valid_until_ms", "must be after valid_from_ms")


def _follow(start_ms: int, end_ms: int) -> bool:
    """Whether an end follows its start; where one is missing that is told already."""
    return not start_ms or not end_ms or start_ms < end_ms


def _input_value(value: InputValue) -> Problems:
    right = value.WhichOneof("content") != "cleared" or value.cleared
    return _unless(right, ".cleared", "must be true where it is set")


def _one_currency(priced: Any) -> Problems:
    """A total is a sum over lines, and there is no sum over two currencies."""
    return [
        (f".lines[{at}].unit_price.currency", "must be the currency of total")
        for at, line in enumerate(priced.lines)
        if line.HasField("unit_price") and line.unit_price.currency != priced.total.currency
    ]


def _pickup(pickup: PickupUpdated) -> Problems:
    if pickup.status != PickupUpdated.STATUS_READY:
        return ()
    rule = f"{REQUIRED} with READY"
    return [
        *_unless(pickup.collect_code, ".collect_code", rule),
        *_unless(pickup.expires_at_ms, ".expires_at_ms", rule),
    ]


def _bound_identifier(bound: BoundIdentifier, formats: Mapping[str, FormatCheck]) -> Problems:
    rule = formats[bound.type](bound.value) if bound.type in formats else ""
    return _unless(not rule, ".value", rule)


def _custom(custom: Custom) -> Problems:
    """Told as missing where it is not stated at all."""
    stated = {0, INTERACTION_CLASS_INTENT, INTERACTION_CLASS_TELEMETRY}
    right = custom.interaction_class in stated
    return _unless(right, ".interaction_class", "must be INTENT or TELEMETRY")


@lru_cache(maxsize=4_096)
def run_id_checksum(kind: str, journey_id: str) -> str:
    """The last 8 hex digits of a run_id: CRC-32 of `kind/journey_id`."""
    return f"{zlib.crc32(f'{kind}/{journey_id}'.encode()):08x}"


def refused_content(field: str, interaction: Interaction) -> Refusal | None:
    """A refusal for what the fields of a well-formed body say together.

    RUN_MISMATCH: a report filed under the wrong journey. FORBIDDEN_CONTENT: a card number, which
    stays with the payment system. BOT_SUSPECTED: the field that no person sees was filled.
    """
    body = getattr(interaction, field)
    if field in _CONTENT:
        return _CONTENT[field](body)
    return _misfiled(field, body.run_id, interaction.journey) if field in _RUNS else None


def _misfiled(field: str, run_id: str, journey: JourneyRef) -> Refusal | None:
    if run_id[-8:].lower() == run_id_checksum(journey.kind, journey.journey_id):
        return None
    return Refusal.of(
        reasons.ERROR_REASON_RUN_MISMATCH,
        f"{field}.run_id",
        "must end with the CRC-32 of the journey's kind/journey_id",
    )


def _input(saved: InputSaved) -> Refusal | None:
    texts = {name: value.text for name, value in saved.fields.items()}
    return _forbidden(texts, "input_saved.fields")


def _form(submitted: FormSubmitted) -> Refusal | None:
    if submitted.trap_filled:
        return Refusal.of(
            reasons.ERROR_REASON_BOT_SUSPECTED, "form_submitted.trap_filled", "must not be filled"
        )
    return _forbidden(submitted.answers, "form_submitted.answers")


# Bodies that belong to a run of playing.
_RUNS = frozenset(name for name, found in TYPES.items() if "run_id" in found.message.fields_by_name)
_CONTENT: Mapping[str, Callable[[Any], Refusal | None]] = {
    "input_saved": _input,
    "form_submitted": _form,
}


def _forbidden(texts: Mapping[str, str], path: str) -> Refusal | None:
    named = sorted(name for name, text in texts.items() if is_card_number(text))
    if not named:
        return None
    rule = "must not be a card number: payment data stays with the payment system"
    return Refusal(
        reasons.ERROR_REASON_FORBIDDEN_CONTENT,
        tuple(FieldViolation(path=f"{path}[{name}]", rule=rule) for name in named),
    )


def is_card_number(text: str) -> bool:
    """Whether a text is 13 to 19 digits, separators aside, with a valid check digit (Luhn)."""
    digits = text.translate(_CARD_SEPARATORS)
    if not _CARD_NUMBER.fullmatch(digits):
        return False
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(number, 10)) for number in doubled) % 10 == 0
