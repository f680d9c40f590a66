"""What the battery's clients send: small carts, ids, and the content hash of what was sent."""

import random
import time
import uuid

from journey.v1.interactions_pb2 import (
    CHANNEL_API,
    CHANNEL_MOBILE_APP,
    CartLineAdded,
    Interaction,
    Line,
    Money,
    OrderPaid,
    Product,
)
from journey.v1.references_pb2 import JourneyRef
from journey_service.domain.arrival import content_hash

BOOT_ID = str(uuid.uuid4())
_CART = JourneyRef(kind="cart", journey_id="main")


def new_id(draw: random.Random) -> str:
    """A UUID of version 7 whose random bits come from the seed."""
    number = time.time_ns() // 1_000_000 << 80 | draw.getrandbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


def line_added(draw: random.Random, *, seq: int = 0, event_id: str = "") -> Interaction:
    """A line that was put into the cart. Nothing is left to the service's defaults."""
    sku = f"sku-{draw.randrange(1_000)}"
    return Interaction(
        event_id=event_id or new_id(draw),
        seq=seq,
        journey=_CART,
        wall_ms=time.time_ns() // 1_000_000,
        mono_ms=time.monotonic_ns() // 1_000_000,
        boot_id=BOOT_ID,
        channel=CHANNEL_MOBILE_APP,
        cart_line_added=CartLineAdded(
            line=Line(
                line_key=sku, product=Product(sku=sku), quantity=draw.randint(1, 9), unit="C62"
            )
        ),
    )


def great_line(draw: random.Random, *, seq: int = 0) -> Interaction:
    """The same with options that make it 12 KiB long; a device may send bodies of 16."""
    made = line_added(draw, seq=seq)
    line = made.cart_line_added.line
    line.product.name = "n" * 200
    options = {f"{number:064}": "\N{SLICE OF PIZZA}" * 128 for number in range(20)}
    line.options.update(options)
    return made


def order_paid(draw: random.Random) -> Interaction:
    """A step of a machine, which the service must write on its careful path."""
    return Interaction(
        event_id=new_id(draw),
        journey=JourneyRef(kind="order", journey_id=f"order-{draw.getrandbits(64):x}"),
        wall_ms=time.time_ns() // 1_000_000,
        channel=CHANNEL_API,
        order_paid=OrderPaid(
            payment_ref=f"payment-{draw.getrandbits(64):x}",
            amount=Money(currency="EUR", units=draw.randint(1, 500)),
            method="card",
        ),
    )


def hash_of(interaction: Interaction) -> str:
    """The content hash of an interaction as 32 hex digits."""
    return content_hash(interaction).hex()
