"""Views that are made of a customer's published journeys when they are read, and never stored.

They are JSON without a message of their own, with names as the schema would write them.
"""

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
        return {"journeys": [{"kind": kind, "journey_id": name} for kind, name in refs]}

    return DerivedView(
        "continue_list",
        version=1,
        description="What the customer can go on with, newest activity first: JSON, `journeys` of "
        "`kind` and `journey_id`.",
        derive=derive,
        read_roles=DEVICES,
    )


def _purchased(journeys: Mapping[str, Journey], _now_ms: int) -> dict[str, Any]:
    return {
        "purchases": [
            {
                "line_key": each.line_key,
                "unit": each.unit,
                "quantity": each.quantity,
                "product": MessageToDict(each.product, preserving_proto_field_name=True),
            }
            for each in purchased(journeys)
        ]
    }


PURCHASED = DerivedView(
    "purchased",
    version=1,
    description="Units that the customer bought and kept, by product line: JSON, `purchases` of "
    "`line_key`, `unit`, `quantity` and `product`.",
    derive=_purchased,
    read_roles=DEVICES,
)
