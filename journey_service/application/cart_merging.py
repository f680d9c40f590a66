"""Two carts become one when their subjects are linked: which quantity each line has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from journey.v1.interactions_pb2 import CartMerged, Line
from journey.v1.journeys_pb2 import CartLineState, CartState

# By what the settings call them.
RULES: Mapping[str, CartMerged.Rule] = {
    "max": CartMerged.RULE_MAX,
    "sum": CartMerged.RULE_SUM,
    "replace": CartMerged.RULE_REPLACE,
    "keep": CartMerged.RULE_KEEP,
}
Quantity: TypeAlias = Callable[[int, int], int]
_QUANTITIES: Mapping[CartMerged.Rule, Quantity] = {
    CartMerged.RULE_MAX: max,
    CartMerged.RULE_SUM: lambda kept, brought: kept + brought,
    CartMerged.RULE_REPLACE: lambda kept, brought: brought,
    CartMerged.RULE_KEEP: lambda kept, brought: kept,
}


def merged_lines(rule: CartMerged.Rule, kept: CartState, brought: CartState) -> list[Line]:
    """Every line of either cart by line key, with its quantity before any limit; 0 = it goes.

    `kept` is the account's cart, `brought` the visitor's, whose prices are the newer ones.
    """
    ours = {line.line_key: line for line in kept.lines}
    theirs = {line.line_key: line for line in brought.lines}
    quantity = _QUANTITIES[rule]
    nothing = CartLineState()
    return [
        _line(
            theirs.get(key) or ours[key],
            quantity(ours.get(key, nothing).wanted, theirs.get(key, nothing).wanted),
        )
        for key in sorted({*ours, *theirs})
    ]


def _line(shown: CartLineState, quantity: int) -> Line:
    line = Line(line_key=shown.line_key, quantity=quantity, unit=shown.unit)
    line.product.CopyFrom(shown.product)
    if shown.HasField("unit_price"):
        line.unit_price.CopyFrom(shown.unit_price)
    line.options.update({option.name: option.value for option in shown.options})
    return line
