"""What views show of states, and what is made of journeys when it is read."""

from __future__ import annotations

from google.protobuf.struct_pb2 import Struct

import projections
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from projections.view import DEVICES, DerivedView, StoredView
from tests.projections.test_halting import Counts

NOW_MS = 1_700_000_000_000


def test_a_state_is_found_by_each_value_of_each_field_once() -> None:
    view = StoredView(
        Counts(),
        "Counts.",
        publish=lambda state: {"versions": list(state.fields)},
        index={"version": lambda shown: shown["versions"] * 2, "even": lambda shown: ["no"]},
    )
    state = Struct()
    state["3"] = state["1"] = True
    assert view.indexed(state) == (("even", "no"), ("version", "1"), ("version", "3"))


def derived(name: str) -> DerivedView:
    (found,) = (view for view in projections.VIEWS if view.name == name)
    assert isinstance(found, DerivedView)
    return found


def test_the_continue_list_and_what_was_bought_are_made_of_journeys() -> None:
    cart = Journey(ref=JourneyRef(kind="cart", journey_id="main"))
    cart.cart.lines.add(line_key="tea", quantity=1)
    cart.activity.t_ms = cart.updated_at_ms = NOW_MS
    order = Journey(ref=JourneyRef(kind="order", journey_id="o-1"))
    line = order.order.lines.add(line_key="tea", unit="C62")
    line.product.sku, line.product.pim_ref = "tea", "pim-7"
    line.quantities.add(quantity=2)
    journeys = {"cart/main": cart, "order/o-1": order}
    shown = derived("continue_list").derive(journeys, NOW_MS)
    assert shown == {"journeys": [{"kind": "cart", "journey_id": "main"}]}
    bought = derived("purchased").derive(journeys, NOW_MS)
    product = {"sku": "tea", "pim_ref": "pim-7"}
    assert bought == {
        "purchases": [{"line_key": "tea", "unit": "C62", "quantity": 2, "product": product}]
    }
    assert derived("purchased").read_roles == DEVICES
