"""Tables on narrow terminals."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from journey.v1.events_pb2 import OUTCOME_ACCEPTED, OUTCOME_REJECTED, Event, Outcome
from journey.v1.history_service_pb2 import PlayedEvent
from journey_service.cli import (
    following,
    grouping,
    looking_back,
    parking,
    projecting,
    rebuilding,
    showing,
)
from journey_service.cli.fitting import SPARE, short_id, short_moment
from journey_service.cli.history import COLUMNS, JOURNAL_COLUMNS
from journey_service.cli.output import Output

CUSTOMER = "kx5qv2m3f4a7l2b6c4d5e6f7ga"
ROW = (
    "63/1200",
    CUSTOMER,
    "10:23:32",
    "cart.line_added",
    "tablet",
    "cart/main",
    "accepted",
    '{"line_key": "espresso-beans-1kg", "quantity": "2"}',
)


def printed(
    width: int,
    columns: Sequence[str] = JOURNAL_COLUMNS,
    row: Sequence[str] = ROW,
    spare: Sequence[str] = SPARE,
) -> list[str]:
    out, written = output(width)
    out.table(columns, [row], spare=spare)
    return written.getvalue().splitlines()


def output(width: int) -> tuple[Output, io.StringIO]:
    """A terminal of so many columns, and what is on it."""
    written = io.StringIO()
    return Output(as_json=False, console=Console(file=written, width=width)), written


def test_on_eighty_columns_what_is_copied_stays_whole_on_one_line() -> None:
    heading, row = printed(80)
    assert heading.split() == ["place", "customer", "when", "type", "journey"]
    assert row.split() == ["63/1200", CUSTOMER, "10:23:32", "cart.line_added", "cart/main"]


def test_a_wide_terminal_has_all_columns() -> None:
    heading, row = printed(200)
    assert tuple(heading.split()) == JOURNAL_COLUMNS
    assert "espresso-beans-1kg" in row


def test_on_eighty_columns_names_of_projections_and_rebuilds_stay_whole() -> None:
    name, readers = "audience_suppression_list", "device, staff, service, developer, operator"
    found = ("sku", "channel", "store", "placed_on")
    row = (name, "rebuilding", "12", "3", "1,234,567", "86,400.0 s", ", ".join(found), readers)
    heading, only = printed(80, projecting.COLUMNS, row)
    assert only.split()[:2] == [name, "rebuilding"]
    assert {"projection", "status", "version", "behind"} <= {*heading.split()}
    rebuild = ("suppression.12", "switched (dry run)", "2026-11-20 23:59", "123,456 of 123,456")
    lines = printed(80, rebuilding.COLUMNS, (*rebuild, "11 → 12", "12,345", "123"))
    assert lines[1].startswith("suppression.12  switched (dry run)  123,456 of 123,456  ")
    assert lines[0].split() == ["rebuild", "status", "events", "states", "differing"]


def test_on_eighty_columns_an_event_tells_what_it_says_and_when_it_was_in_short() -> None:
    row = (
        "56",
        "2024-05-03 17:45",
        "cart.line_added",
        "web",
        "cart/main",
        "accepted late",
        ROW[-1],
    )
    heading, only = printed(80, COLUMNS, row)
    assert heading.split() == ["version", "when", "type", "journey", "content"]
    assert only.split()[:4] == ["56", "2024-05-03", "cart.line_added", "cart/main"]
    assert '{"line_key": ' in only
    assert only.rstrip().endswith("…")


def test_what_is_parked_is_told_with_its_reason_and_the_short_name_of_a_long_customer() -> None:
    reason = "ConnectionError: the ledger is away"
    row = ("25.1209", CUSTOMER, "112", "cart.line_added", "2024-05-03 17:45", "10", "3", reason)
    heading, *lines = printed(80, parking.COLUMNS, row, parking.SPARE)
    assert heading.split() == ["parked", "customer", "type", "tries", "held", "reason"]
    assert lines[0].split()[:5] == ["25.1209", short_id(CUSTOMER), "cart.line_added", "10", "3"]
    assert [" ".join(lines).count(word) for word in ("ConnectionError:", "ledger")] == [1, 1]
    assert len(printed(140, parking.COLUMNS, row, parking.SPARE)[0].split()) == len(parking.COLUMNS)


def test_the_name_of_a_group_and_the_key_of_a_state_stay_whole_to_be_copied() -> None:
    name, key = "a-group-with-quite-a-long-name", f"{CUSTOMER}/cart/main"
    heading, only = printed(
        80, grouping.GROUPS, (name, "2", "10", "1,234", "5", "7", "2 m", "hold")
    )
    assert only.split() == [name, "2", "10", "1,234", "5", "7"]
    assert heading.split()[-2:] == ["parked", "held"]
    assert printed(80, projecting.STATES, (key, "10:23:32", ROW[-1]))[1].split()[0] == key


def test_where_nothing_fits_cells_wrap_and_lose_nothing() -> None:
    row = ("63/1200", CUSTOMER, "10:23:32", "conversation.message_added", "", "z" * 60, "", "")
    told = "".join(printed(80, row=row)[1:])
    assert told.count("z") == 60


def test_on_eighty_columns_a_device_is_not_torn_apart() -> None:
    left_on = "mobile_app (user_0482-mobile)"
    row = ("order/sess_002856", "1 ordered", left_on, "2024-05-03 18:05", "archived")
    lines = printed(80, showing.COLUMNS, row)
    assert "(user_0482-mobile)" in lines[2]


def _event(outcome: Outcome = OUTCOME_ACCEPTED) -> Event:
    event = Event(subject_id=CUSTOMER, type="cart.line_added", outcome=outcome, partition=63)
    event.occurrence.t_ms = 1_711_313_597_000
    event.interaction.journey.kind, event.interaction.journey.journey_id = "cart", "main"
    event.interaction.channel_label = "tablet"
    event.interaction.cart_line_added.line.quantity = 2
    return event


def test_on_eighty_columns_a_line_of_the_tail_reaches_its_journey_and_what_it_says() -> None:
    out, written = output(80)
    following.tell(out, _event())
    following.tell(out, _event(OUTCOME_REJECTED))
    accepted, rejected = written.getvalue().splitlines()
    assert accepted.split()[1:4] == [short_id(CUSTOMER), "cart.line_added", "cart/main"]
    assert '"quantity"' in accepted
    assert rejected.split()[3:5] == ["rejected", "cart/main"]
    assert max(len(accepted), len(rejected)) <= 80


def test_a_wide_line_of_the_tail_has_the_whole_id_and_the_channel() -> None:
    out, written = output(140)
    following.tell(out, _event())
    assert written.getvalue().split()[2:6] == [CUSTOMER, "cart.line_added", "tablet", "cart/main"]


def test_on_eighty_columns_a_play_wraps_where_a_journey_stands_below_itself() -> None:
    step = PlayedEvent(event=_event(), pause_ms=7_000)
    step.journey.ref.kind, step.journey.ref.journey_id = "cart", "main"
    for name in ("espresso beans", "milk of oats", "sugar"):
        line = step.journey.cart.lines.add(line_key=name, quantity=1)
        line.product.name = name
    lines = looking_back.line_of(step, 80).splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80
    stands = len(lines[0]) - len(lines[0].split("cart/main")[1].lstrip())
    assert all(line[:stands].isspace() for line in lines[1:])
    assert "tablet" not in lines[0]
    assert "tablet" in looking_back.line_of(step, 140)


def test_moments_and_ids_are_short_and_still_told_apart() -> None:
    this_year = datetime.now(UTC).astimezone().year
    assert short_moment(f"{this_year}-02-03 10:23") == "02-03 10:23"
    assert short_moment("1999-02-03 10:23") == "1999-02-03"
    assert short_moment("10:23:32") == "10:23:32"
    assert short_id(CUSTOMER) == "kx5qv2…e6f7ga"
    assert short_id("mila") == "mila"
