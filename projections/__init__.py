"""Pure folds over the journal, and the runner that drives them. This file is the catalogue.

A journey kind is one file in projections/journeys and one line here; a view with a fold of its own
is one file in projections/views and one line in VIEWS.
"""

from __future__ import annotations

from collections.abc import Mapping

from journey.v1.journeys_pb2 import Journey
from projections.journey_states import JourneyStates, changed_since
from projections.journeys.booking import BOOKING
from projections.journeys.browse import BROWSE
from projections.journeys.cart import CART
from projections.journeys.checkout import CHECKOUT
from projections.journeys.conversation import CONVERSATION
from projections.journeys.custom import UNDECLARED
from projections.journeys.form import FORM
from projections.journeys.lists import LIST
from projections.journeys.media import MEDIA
from projections.journeys.order import ORDER
from projections.journeys.preferences import PREFERENCES
from projections.journeys.reading import READING
from projections.journeys.rewards import REWARDS
from projections.journeys.search import SEARCH
from projections.journeys.series import SERIES
from projections.projection import key_of
from projections.rules import MachineRules
from projections.view import DEVICES, StoredView, View
from projections.views import continue_list as _continue_list
from projections.views.continue_list import by_activity
from projections.views.conversations import CONVERSATIONS
from projections.views.derived import PURCHASED, continue_list_view
from projections.views.ledger import LEDGER
from projections.views.profile import PROFILE
from projections.views.purchased import Purchase, purchased
from projections.views.purchases import PURCHASES
from projections.views.suppression import SUPPRESSION

JOURNEYS = JourneyStates(
    "journeys",
    version=3,
    kinds=(
        MEDIA,
        SERIES,
        READING,
        CART,
        LIST,
        SEARCH,
        PREFERENCES,
        BROWSE,
        CHECKOUT,
        FORM,
        CONVERSATION,
        ORDER,
        REWARDS,
        BOOKING,
    ),
    undeclared=UNDECLARED,
)
# What may happen once, and is decided before it is recorded.
RULES = MachineRules(JOURNEYS)
KINDS = JOURNEYS.kinds

declare = JOURNEYS.declare
keys_of = JOURNEYS.keys_of
fold_event = JOURNEYS.fold_event
merge = JOURNEYS.merge
publish = JOURNEYS.publish
publish_all = JOURNEYS.publish_all
is_whole = JOURNEYS.is_whole
members_of = JOURNEYS.members_of
with_wholes = JOURNEYS.with_wholes
archived = JOURNEYS.archived
finished = JOURNEYS.finished
listed = JOURNEYS.listed


def continue_list(journeys: Mapping[str, Journey], now_ms: int) -> list[str]:
    """Keys of the published journeys to go on with at `now_ms`, newest activity first.

    `journeys` are all of the customer. What comes next in a series need not be among them.
    """
    return _continue_list.continue_list(journeys, now_ms, JOURNEYS)


# What can be read by name: the journeys, views with folds of their own, views made of the journeys.
VIEWS: tuple[View, ...] = (
    StoredView(
        JOURNEYS,
        "What the customer can go on with, one state for each journey.",
        publish=JOURNEYS.publish,
        read_roles=DEVICES,
        updated_at_ms=lambda fold: fold.updated.t_ms,
    ),
    PURCHASES,
    SUPPRESSION,
    PROFILE,
    LEDGER,
    CONVERSATIONS,
    continue_list_view(continue_list),
    PURCHASED,
)


__all__ = [
    "JOURNEYS",
    "KINDS",
    "RULES",
    "VIEWS",
    "Purchase",
    "archived",
    "by_activity",
    "changed_since",
    "continue_list",
    "declare",
    "finished",
    "fold_event",
    "is_whole",
    "key_of",
    "keys_of",
    "listed",
    "members_of",
    "merge",
    "publish",
    "publish_all",
    "purchased",
    "with_wholes",
]
