"""A stamp card: a package beside Journey that adds two interactions, a kind and a view."""

import json

from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import Tagged
from projections.additions import Additions
from projections.fold import add_tag, join_tagged
from projections.reactions import Reactions, only_key
from projections.view import DEVICES, StoredView

STAMPED, REDEEMED = "stampcard.stamped", "stampcard.redeemed"
CARD = 10  # stamps for a free coffee
MOST = 100  # stamps at once
DECLARATIONS = """
interaction = [
    { name = "stampcard.stamped", roles = ["service", "staff"], purpose = "necessary" },
    { name = "stampcard.redeemed", roles = ["service", "staff", "device"], purpose = "necessary" },
]
[[kind]]                                  # a card that is chosen for today's coffee, to go on with
name = "stamp_card"
listed = { field = "chosen", equals = true }
fields = { chosen = "latest" }
"""


def stamps_of(event: Event) -> int:
    """What an event puts on the card, or takes off it; nothing where it tells no such number."""
    custom = event.interaction.custom
    told = json.loads(custom.json or "{}").get("stamps", 1) if custom.name == STAMPED else -CARD
    return told if type(told) is int and -CARD <= told <= MOST else 0  # true is an int, too


def keys(event: Event, body: str) -> tuple[str, ...]:
    ours = event.interaction.custom.name in {STAMPED, REDEEMED}
    return tuple(only_key(event, body)) if ours else ()


def shown(card: Tagged) -> dict[str, object]:
    stamps = max(0, sum(tag.number for tag in card.tags))
    return {"stamps": stamps, "free_coffees": stamps // CARD}


STAMPS = StoredView(
    Reactions(
        "loyalty_stamps",
        version=1,
        begin=lambda _: Tagged(),
        # A tag for each event: in any order, twice or not, the card is the same.
        folds={"custom": lambda card, act: add_tag(card, act.write(number=stamps_of(act.event)))},
        keys=keys,
        join=join_tagged,
    ),
    "Stamps on the customer's card, and the free coffees that they are good for.",
    publish=shown,
    index={"free_coffee": lambda card: ["yes" if card["free_coffees"] else "no"]},
    read_roles=DEVICES,
)
ADDITIONS = Additions(views=[STAMPS], declarations=DECLARATIONS)
