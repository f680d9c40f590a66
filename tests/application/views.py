"""A small view of a test's own: how often each product was put into carts, for each cart."""

from __future__ import annotations

from typing import Any

from google.protobuf.struct_pb2 import Struct

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, Event
from journey_service.store.memory import MemoryStore
from projections.projection import S
from projections.runner import Runner
from projections.view import DEVICES, StoredView

BAD = "gone-off"


class Adds:
    """Quantities by event, so that an event that is folded twice counts once."""

    name = "adds"

    def __init__(self, version: int = 1, *, faulty: bool = True) -> None:
        self.version = version
        self.faulty = faulty

    def keys_of(self, event: Event) -> tuple[str, ...]:
        wanted = event.interaction.HasField("cart_line_added") and event.outcome == OUTCOME_ACCEPTED
        return (event.interaction.journey.journey_id,) if wanted else ()

    def fold_event(self, states: dict[str, Struct], event: Event) -> set[str]:
        for key in self.keys_of(event):
            line = event.interaction.cart_line_added.line
            state = states.setdefault(key, Struct())
            state[f"{event.subject_id}/{event.version}"] = [line.product.sku, line.quantity]
            if self.faulty and line.product.sku == BAD:
                raise ValueError(f"{line.product.sku} of {event.subject_id}")
        return set(self.keys_of(event))

    def merge(self, mine: Struct, theirs: Struct) -> Struct:
        merged = Struct()
        merged.CopyFrom(mine)
        merged.MergeFrom(theirs)
        return merged

    def parse(self, state: bytes) -> Struct:
        return Struct.FromString(state)


def shown(state: Struct) -> dict[str, Any]:
    """Quantity by product."""
    found: dict[str, int] = {}
    for place in state.fields:
        sku, quantity = state.fields[place].list_value.values
        count = int(quantity.number_value)
        found[sku.string_value] = found.get(sku.string_value, 0) + count
    return {"quantities": found}


def adds(version: int = 1, *, faulty: bool = True) -> StoredView[Struct]:
    """The view; its fold stumbles over a product that has gone off, unless it is mended."""
    return StoredView(
        Adds(version, faulty=faulty),
        "What was put into each cart.",
        publish=shown,
        index={"sku": lambda published: published["quantities"]},
        read_roles=DEVICES,
    )


def runner_of(view: StoredView[S], store: MemoryStore, **more: Any) -> Runner[S]:
    """Who keeps the view's states, and where it stopped."""
    return Runner(
        view.projection,
        store.journal,
        store.states,
        owner="me",
        index=view.indexed,
        stops=store.stops,
        **more,
    )
