"""`journey tail` and `journey subscribe`: what is recorded, as it is recorded."""

from __future__ import annotations

from rich.text import Text

from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey_client import CheckpointStore, Client, JourneyError, Subscription
from journey_service.cli import history
from journey_service.cli.fitting import ID_WIDTH, NARROW, cut, short_id, short_moment
from journey_service.cli.output import Output

# Characters of a moment, a customer's id and a type in a line for people; of a narrow one.
WIDTHS = (8, 26, 26)
WIDTHS_NARROW = (11, ID_WIDTH, 18)
STYLES = ("dim", "cyan", "bold")


async def follow(
    client: Client,
    out: Output,
    consumer: str,
    *,
    subject_id: str,
    wanted: EventFilter,
    start: StartPoint | None,
    store: CheckpointStore | None,
    limit: int,
    once: bool,
) -> int:
    """Print events until stopped; returns how many. `once`: until level with what there is."""
    subscription = client.subscribe(
        consumer,
        store=store,
        start=start,
        subject_id=subject_id,
        filter=wanted,
        purpose=history.PURPOSE,
    )
    # The stream is opened again for ever; whether anybody serves at all is told at once.
    await client.server_info()
    subscription.on_interrupted = lambda why: _tell_break(out, why)
    async with subscription:
        return await _print(subscription, out, limit=limit, once=once)


async def _print(subscription: Subscription, out: Output, *, limit: int, once: bool) -> int:
    printed = 0
    async for batch in subscription.batches(empty=True):
        events = batch.events[: limit - printed] if limit else batch.events
        for event in events:
            tell(out, event)
        printed += len(events)
        if once and subscription.live:
            await batch.done()
            break
        if limit and printed >= limit:
            break
    return printed


def _tell_break(out: Output, why: JourneyError) -> None:
    """Planned ends are nobody's business; a break is told beside the output."""
    if why.retry_after_ms is None:
        out.note(f"{why.message} Trying again.")


def tell(out: Output, event: Event) -> None:
    """One line."""
    if out.as_json:
        out.record(history.record_of(event))
    else:
        line = line_of(event, narrow=out.console.width < NARROW)
        out.say(line, soft_wrap=False, no_wrap=True, overflow="ellipsis", crop=True)


def line_of(event: Event, *, narrow: bool = False) -> Text:
    """An event for people: when, whose, what, where, of which journey, and what it says.

    A narrow one goes without the channel, and tells how it was accepted in front of the journey.
    """
    row = history.row_of(event, whole_journal=True)
    _, customer, when, kind, channel, journey, outcome, content = row
    if narrow or outcome == "accepted":
        outcome = outcome.removeprefix("accepted").strip()
    if narrow:
        when, customer = short_moment(when), short_id(customer)
    line = Text()
    cells = (when, cut(customer, WIDTHS[1]), kind)
    for told, width, style in zip(cells, WIDTHS_NARROW if narrow else WIDTHS, STYLES, strict=True):
        line.append(f"{told:<{width}}  ", style=style)
    for told in (outcome, journey, content) if narrow else (channel, journey, outcome, content):
        if told:
            line.append(f"{told}  ", style="red" if told == outcome else "")
    line.rstrip()
    return line
