"""The scenes of a day: basket, form, talk, order and film, over whatever devices there are."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from journey.v1.interactions_pb2 import (
    CheckoutStarted,
    CheckoutSubmitted,
    ConversationMessageAdded,
    ConversationStarted,
    FormSubmitted,
    Fulfilment,
    FulfilmentMethod,
    InputSaved,
    InputValue,
    Interaction,
    Line,
    Money,
    OrderPaid,
    OrderPlaced,
    PickupCollected,
    PickupUpdated,
    SearchPerformed,
    StepEntered,
    Store,
)
from journey_client import MediaRuns, interactions
from journey_service.cli.output import place
from journey_service.cli.simulation.acts import MINUTE_MS, Act, of

SHELF = ("tea", "honey", "lamp", "kettle", "rug", "mug", "bread", "coffee", "jam", "soap")
SHOP, CLERK, TILL = "shop", "clerk", "till"
PLACES = frozenset({SHOP, CLERK, TILL})
# Goods are kept until then, ms since 1970 UTC: far off, so that a day is the same on any date.
_KEPT_UNTIL_MS = 4_102_444_800_000
STORE = Store(store_id="store-7")
_IN, _OUT = ConversationMessageAdded.DIRECTION_IN, ConversationMessageAdded.DIRECTION_OUT


class Scenes:
    """One customer's day. The first device is in the pocket, the last of three on the wall."""

    def __init__(self, draw: random.Random, cast: Sequence[str], seed: int) -> None:
        self._draw = draw
        self._pocket, self._desk, self._wall = cast[0], cast[1], cast[min(2, len(cast) - 1)]
        self._seed = seed
        self.film = f"night-train-{seed}"
        self._form = of("form", f"insurance-{seed}")
        self._talk = of("conversation", f"question-{seed}")
        self._checkout = of("checkout", f"checkout-{seed}")
        self._order = of("order", f"order-{seed}")
        self._basket = dict.fromkeys(draw.sample(SHELF, 2), 0)
        self.film_ends_ms = draw.randrange(80 * MINUTE_MS, 95 * MINUTE_MS)

    def acts(self) -> Iterator[Act]:
        """All scenes; times of day vary by some minutes."""
        for scene in (self._shopping(), self._asking(), self._filling_in()):
            yield from scene
        yield from self._ordering()
        yield from self._watching()

    def _at(self, hour: int, minute: int) -> int:
        return hour * 60 + minute + self._draw.randrange(8)

    # --- basket and search ---

    def _shopping(self) -> Iterator[Act]:
        for sku in self._basket:
            self._basket[sku] = self._draw.randrange(1, 4)
        added = [interactions.cart_line_added(sku, n, name=sku) for sku, n in self._basket.items()]
        told = ", ".join(f"{sku} × {n}" for sku, n in self._basket.items())
        yield Act(self._at(7, 45), self._pocket, f"puts {told} into the basket", tuple(added))
        sku = next(iter(self._basket))
        more = self._basket[sku] = self._draw.randrange(4, 8)
        changed = interactions.cart_line_quantity_set(sku, more, name=sku)
        yield Act(self._at(9, 10), self._desk, f"makes it {sku} × {more}", (changed,))
        words = f"gift with {sku}"
        body = SearchPerformed(query=words, result_count=self._draw.randrange(3, 60))
        searched = Interaction(journey=of("search", "main"), search_performed=body)
        yield Act(self._at(9, 30), self._desk, f"searches for “{words}”", (searched,))

    # --- a form over two devices ---

    def _filling_in(self) -> Iterator[Act]:
        entered = self._input("name", "Mila Winter"), self._input("street", "Lindenweg 7")
        yield Act(
            self._at(10, 15),
            self._desk,
            "begins a form: name, street",
            (self._step("person", 1), *entered),
        )
        count = str(self._draw.randrange(1, 5))
        yield Act(
            self._at(12, 20),
            self._pocket,
            f"goes on with the form: persons {count}",
            (self._step("household", 2), self._input("persons", count)),
            goes_on=True,
            online=True,
        )
        answers = {"name": "Mila Winter", "street": "Lindenweg 7", "persons": count}
        body = FormSubmitted(attempt=1, answers=answers)
        submitted = Interaction(journey=self._form, form_submitted=body)
        yield Act(self._at(15, 5), self._desk, "submits the form", (submitted,), online=True)

    def _step(self, step: str, number: int) -> Interaction:
        entered = StepEntered(step=step, step_no=number)
        return Interaction(journey=self._form, step_entered=entered)

    def _input(self, field: str, text: str) -> Interaction:
        saved = InputSaved(attempt=1, fields={field: InputValue(text=text)})
        return Interaction(journey=self._form, input_saved=saved)

    # --- a conversation ---

    def _asking(self) -> Iterator[Act]:
        sku = next(iter(self._basket))
        started = ConversationStarted(topic=f"About {sku}")
        asked = Interaction(journey=self._talk, conversation_started=started)
        question = self._message(_IN, f"Is {sku} there today?")
        told = f"asks the shop about {sku}"
        yield Act(self._at(12, 40), self._pocket, told, (asked, question))
        answer = self._message(_OUT, "Yes. Shall we put it aside?")
        yield Act(self._at(13, 0), CLERK, "answers", (answer,))
        thanks = self._message(_IN, "Yes, please. I come tonight.")
        told = "goes on with the conversation"
        yield Act(self._at(13, 20), self._desk, told, (thanks,), goes_on=True, online=True)

    def _message(self, direction: ConversationMessageAdded.Direction, text: str) -> Interaction:
        body = ConversationMessageAdded(direction=direction, text=text)
        return Interaction(journey=self._talk, conversation_message_added=body)

    # --- an order and its collection ---

    def _ordering(self) -> Iterator[Act]:
        lines = [
            Line(product=interactions.product(sku, name=sku), quantity=n, unit_price=_euro(3))
            for sku, n in self._basket.items()
        ]
        total, code = _euro(3 * sum(self._basket.values())), f"{self._draw.randrange(10_000):04}"
        fulfilment = Fulfilment(
            method=FulfilmentMethod.FULFILMENT_METHOD_PICKUP,
            store=STORE,
        )
        paying = (
            Interaction(journey=self._checkout, checkout_started=CheckoutStarted(cart_id="main")),
            Interaction(
                journey=self._checkout, step_entered=StepEntered(step="payment", step_no=3)
            ),
        )
        yield Act(self._at(16, 5), self._desk, "goes to the checkout", paying, online=True)
        body = CheckoutSubmitted(attempt=1)
        submitted = Interaction(journey=self._checkout, checkout_submitted=body)
        yield Act(self._at(16, 15), self._desk, "submits the checkout", (submitted,), online=True)
        placed = OrderPlaced(
            lines=lines,
            total=total,
            fulfilment=fulfilment,
            payment_at=OrderPlaced.PAYMENT_PLACE_ONLINE,
            store=STORE,
            cart_id="main",
            checkout_id=self._checkout.journey_id,
            attempt=1,
        )
        paid = OrderPaid(payment_ref=f"pay-{self._seed}", amount=total, method="card")
        ready = PickupUpdated(
            store=STORE,
            lines=lines,
            status=PickupUpdated.STATUS_READY,
            collect_code=code,
            expires_at_ms=_KEPT_UNTIL_MS,
        )
        collected = PickupCollected(store=STORE, lines=lines, collect_code=code)
        ref, told = self._order, f"{sum(self._basket.values())} pieces"
        bought = (
            Interaction(journey=ref, order_placed=placed),
            Interaction(journey=ref, order_paid=paid),
        )
        yield Act(self._at(16, 30), SHOP, f"takes the order of {told}, paid", bought)
        reserved = PickupUpdated(store=STORE, lines=lines, status=PickupUpdated.STATUS_RESERVED)
        aside = (
            Interaction(journey=ref, pickup_updated=reserved),
            Interaction(journey=ref, pickup_updated=ready),
        )
        yield Act(self._at(17, 15), TILL, "puts it aside, ready for collection", aside)
        handed = Interaction(journey=ref, pickup_collected=collected)
        yield Act(self._at(18, 20), TILL, "hands it over", (handed,))

    # --- a film over three devices ---

    def _watching(self) -> Iterator[Act]:
        """On the wall, taken over at the desk while it plays, seen to the end in the pocket."""
        whole_ms = self.film_ends_ms + 5 * MINUTE_MS
        at_ms = self._draw.randrange(20 * MINUTE_MS, 30 * MINUTE_MS)
        later_ms = at_ms + self._draw.randrange(15 * MINUTE_MS, 25 * MINUTE_MS)
        wall, desk, pocket = (MediaRuns(self.film, duration_ms=whole_ms) for _ in range(3))
        yield self._film(19, 30, self._wall, "plays {} from the start", wall.played(0))
        yield self._film(19, 50, self._wall, f"plays on: {place(at_ms)}", wall.progressed(at_ms))
        takes = "takes {} over while it plays there"
        yield self._film(20, 0, self._desk, takes, desk.played(at_ms), goes_on=True)
        told = f"pauses at {place(later_ms)}"
        yield self._film(
            20, 20, self._desk, told, desk.progressed(later_ms - 9), desk.paused(later_ms)
        )
        going_on = pocket.played(later_ms)
        yield self._film(22, 46, self._pocket, "goes on with {} in bed", going_on, goes_on=True)
        end_ms = self.film_ends_ms
        ending = pocket.progressed(end_ms - 9), pocket.paused(end_ms)
        yield self._film(22, 52, self._pocket, f"falls asleep at {place(end_ms)}", *ending)

    def _film(
        self, hour: int, minute: int, who: str, told: str, *made: Interaction, goes_on: bool = False
    ) -> Act:
        at = hour * 60 + minute
        return Act(at, who, told.format(self.film), made, goes_on=goes_on, online=True)


def _euro(units: int) -> Money:
    return Money(currency="EUR", units=units)
