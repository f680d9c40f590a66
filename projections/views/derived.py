"""Views that are made of a customer's published journeys when they are read, and never stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict

from journey.v1.journeys_pb2 import Journey
from projections.view import DEVICES, DerivedView
from projections.views.purchased import purchased

ListKeys = Callable[[Mapping[str, Journey], int], Sequence[str]]


def continue_list_view(list_keys: ListKeys) -> DerivedView:
    """The continue list, as the kinds of journeys of this deployment say; see continue_list.py."""

    def derive(journeys: Mapping[str, Journey], now_ms: int) -> dict[str, Any]:
        refs = (key.split("/", 1) for key in list_keys(journeys, now_ms))
        return {"journeys": [{"kind": kind, "journeyId": name} for kind, name in refs]}

    return DerivedView(
        "continue_list",
        version=1,
        description="What the customer can go on with, newest activity first.",
        derive=derive,
        read_roles=DEVICES,
    )


def _purchased(journeys: Mapping[str, Journey], _now_ms: int) -> dict[str, Any]:
    return {
        "purchases": [
            {
                "lineKey": each.line_key,
                "unit": each.unit,
                "quantity": each.quantity,
                "product": MessageToDict(each.product),
            }
            for each in purchased(journeys)
        ]
    }


PURCHASED = DerivedView(
    "purchased",
    version=1,
    description="Units that the customer bought and kept, by product line.",
    derive=_purchased,
    read_roles=DEVICES,
)
