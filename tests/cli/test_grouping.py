"""`journey groups` and `journey parked`, typed against a service."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from journey.v1.events_pb2 import Event
from journey.v1.groups_pb2 import (
    ON_PARK_HOLD,
    Group,
    GroupStats,
    ParkedEvent,
    SeekGroupResponse,
)
from journey.v1.reading_pb2 import EventFilter
from journey_service.cli import parking
from journey_service.cli.durations import rounded, written
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.filters import filter_of
from journey_service.cli.grouping import moved_in_words, row_of, settings_of
from journey_service.cli.output import Output
from journey_service.cli.parking import row_of as row_of_parked
from tests.cli.conftest import Prompt
from tests.cli.typed import Ended

Type = Callable[..., Ended]
SHOP = "shopper-of-groups"


@pytest.fixture
def typed(prompt: Prompt, service: dict[str, str]) -> Type:
    """Types a command that calls the service."""
    where = ("--data-dir", service["data_dir"], "--address", service["address"])

    def type_in(*words: str) -> Ended:
        return prompt(*words, *where)

    return type_in


def only(ended: Ended) -> dict[str, Any]:
    """The one record that a command printed."""
    assert ended.status == 0, ended.err
    (record,) = ended.records
    return record


def test_a_group_is_made_consumed_moved_and_removed_at_the_prompt(
    prompt: Prompt, typed: Type
) -> None:
    for line in ("tea", "milk"):
        body = json.dumps({"line": {"product": {"sku": line}, "quantity": 1}})
        recorded = prompt("record", SHOP, "cart.line_added", "--body", body, "--as", "service")
        assert recorded.status == 0, recorded.err
    made = only(
        typed("groups", "create", "billing", "--from", "beginning", "--attempts", "1", "--kind",
              "cart", "--on-park", "continue")
    )  # fmt: skip
    assert (made["group_id"], made["max_attempts"], made["lease_ms"]) == ("billing", 1, "30000")
    given = typed("groups", "consume", "billing", "--limit", "1", "--retry", "--consumer", "try")
    assert given.status == 0, given.err
    (first,) = given.records
    assert (first["attempt"], first["settled"]) == (1, "retry")
    assert "try consumes billing" in given.err
    (parked,) = typed("parked", "list", "billing").records
    assert parked["reason"] == "tried out at the command line"
    assert parked["event"]["type"] == first["event"]["type"]
    rest = typed("groups", "consume", "billing", "--limit", "1")
    assert [record["settled"] for record in rest.records] == ["ack"]
    tried = only(typed("parked", "replay", "billing", "--all", "--dry-run"))
    assert (tried["matched"], tried["done"], tried["dry_run"]) == (1, 1, True)
    dropped = only(
        typed("parked", "discard", "billing", "--id", parked["parked_id"], "--why", "a trial")
    )
    assert (dropped["matched"], dropped["done"]) == (1, 1)
    assert only(typed("parked", "replay", "billing", "--all"))["done"] == 0
    for again in (("--id", parked["parked_id"]), ("--type", "cart.*")):
        ended = typed("parked", "replay", "billing", *again)
        assert ended.status == 67
        assert (ended.records[0]["matched"], ended.records[0]["done"]) == (0, 0)
        assert "billing" in ended.err
    moved = only(typed("groups", "seek", "billing", "--to", "beginning", "--dry-run"))
    assert moved["events"] >= 2
    changed = only(typed("groups", "update", "billing", "--lease", "1m", "--on-park", "hold"))
    assert (changed["lease_ms"], changed["on_park"]) == ("60000", "ON_PARK_HOLD")
    assert changed["max_attempts"] == 1
    listed = {record["group_id"]: record for record in typed("groups", "list").records}
    assert listed["billing"]["stats"]["parked"] == 0
    assert only(typed("groups", "delete", "billing"))["deleted"] is True
    gone = typed("groups", "show", "billing")
    assert (gone.status, "CreateGroup" in gone.err) == (67, False)
    assert "GROUP_NOT_FOUND: there is no such group" in gone.err
    assert "`journey groups create` makes one" in gone.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("groups", "update", "billing"), "name a setting to change"),
        (("groups", "create", "billing", "--on-park", "stop"), "hold or continue"),
        (("groups", "create", "billing", "--lease", "soon"), "--lease soon"),
        (("parked", "replay", "billing"), "--id, or a filter, or --all"),
        (("parked", "discard", "billing", "--all", "--type", "cart.*", "--why", "x"), "say which"),
        (("parked", "list", "billing", "--since", "yesterday"), "is no moment"),
    ],
)
def test_what_is_typed_wrong_is_said_and_changes_nothing(
    typed: Type, words: tuple[str, ...], told: str
) -> None:
    ended = typed(*words)
    assert ended.status == 2
    assert told in ended.err


def test_a_row_of_a_group_tells_its_figures() -> None:
    stats = GroupStats(
        consumers=2, in_flight=7, backlog=12_345, parked=1, oldest_unsettled_ms=61_000
    )
    group = Group(group_id="billing", stats=stats, on_park=ON_PARK_HOLD)
    assert row_of(group) == ("billing", "2", "7", "12,345", "1", "0", "1m", "hold")
    group.stats.backlog_at_most = True
    assert row_of(group)[3] == "≤ 12,345"


def test_settings_of_a_group_are_told_in_words() -> None:
    group = Group(
        purpose="necessary",
        filter=EventFilter(types=["cart.*"]),
        lease_ms=90_000,
        max_attempts=5,
        min_backoff_ms=1_000,
        max_backoff_ms=600_000,
        on_park=ON_PARK_HOLD,
    )
    assert settings_of(group) == {
        "purpose": "necessary",
        "filter": "types cart.*",
        "lease": "90s",
        "attempts": "5, then parked",
        "back-off": "1s doubling to 10m",
        "on park": "hold",
    }


def test_a_filter_of_a_group_is_told_in_words() -> None:
    wanted = filter_of(
        types=["cart.*", "order.*"], journeys=["cart/main"], channels=["web"], no_telemetry=True
    )
    assert settings_of(Group(filter=wanted))["filter"] == (
        "types cart.*, order.*; journeys cart/main; channels web; exclude telemetry yes"
    )


def test_a_group_of_what_nobody_knows_is_made_and_warned_of(typed: Type) -> None:
    made = typed("groups", "create", "typo", "--kind", "crat", "--type", "cart.*")
    assert only(made)["filter"]["kinds"] == ["crat"]
    assert "--kind crat: no such kind of journey is known here" in made.err
    assert "--type" not in made.err
    only(typed("groups", "delete", "typo"))


def test_a_row_of_a_parked_event_tells_why_it_is_there() -> None:
    event = Event(subject_id="mila", version=3, type="cart.line_added")
    parked = ParkedEvent(parked_id="7.12", event=event, reason="no account", attempts=10, held=2)
    assert row_of_parked(parked) == (
        ("7.12", "mila", "3", "cart.line_added", "", "10", "2", "no account")
    )


@pytest.mark.parametrize(
    ("ms", "exact", "about"),
    [(0, "0ms", "0ms"), (999, "999ms", "999ms"), (90_000, "90s", "1m"), (86_400_000, "1d", "1d")],
)
def test_durations_are_told_as_they_are_typed(ms: int, exact: str, about: str) -> None:
    assert (written(ms), rounded(ms)) == (exact, about)


def test_a_replay_to_a_group_delivers_again_from_a_point(prompt: Prompt, typed: Type) -> None:
    only(typed("groups", "create", "again", "--from", "end"))
    moved = only(prompt("replay", "--to-group", "again", "--from", "beginning"))
    assert moved["group_id"] == "again"
    assert only(typed("groups", "show", "again"))["stats"]["backlog"] == moved["events"]
    only(typed("groups", "delete", "again"))


def test_a_range_is_replayed_to_a_group_that_then_goes_on_where_it_stood(
    prompt: Prompt, typed: Type
) -> None:
    body = json.dumps({"line": {"product": {"sku": "tea"}, "quantity": 1}})
    assert not prompt("record", SHOP, "cart.line_added", "--body", body, "--as", "service").status
    made = only(typed("groups", "create", "again", "--from", "end"))
    moved = only(
        prompt("replay", "--to-group", "again", "--from", "1d", "--to", made["checkpoint"])
    )
    assert moved["events"] > 0
    assert only(typed("groups", "consume", "again", "--limit", "1"))["replayed"]
    only(typed("groups", "delete", "again"))


@pytest.mark.parametrize(
    ("events", "is_range", "dry_run", "said"),
    [
        (0, True, False, "gets nothing from this: there is no event that it wants in between"),
        (0, False, True, "gets nothing from this: there is no event that it wants behind that"),
        (1_200, True, False, "1,200 events are delivered to mail once more, marked as replayed"),
        (7, True, True, "7 events would be delivered to mail"),
        (7, False, False, "7 events are delivered from there to mail; what was delivered before"),
    ],
)
def test_a_move_says_what_comes_of_it(
    events: int, is_range: bool, dry_run: bool, said: str
) -> None:
    moved = SeekGroupResponse(events=events)
    assert said in moved_in_words("mail", moved, is_range=is_range, dry_run=dry_run)


def test_a_move_that_was_not_counted_says_at_most() -> None:
    moved = SeekGroupResponse(events=90_000, at_most=True)
    said = moved_in_words("mail", moved, is_range=False, dry_run=True)
    assert said == "at most 90,000 events would be delivered to mail"


@pytest.mark.parametrize("words", [(), ("--to", "1h"), ("--from", "2h", "--kind", "cart")])
def test_a_replay_to_a_group_needs_a_point_and_nothing_else(
    prompt: Prompt, words: tuple[str, ...]
) -> None:
    ended = prompt("replay", "--to-group", "again", *words)
    assert ended.status == 2
    assert "--to-group goes with --from" in ended.err


@pytest.mark.parametrize(
    ("named", "matched", "said"),
    [
        (("3.8", "3.9", "3.8"), 1, "billing: --id 3.8, 3.9: 1 of them are not parked"),
        (("nonsense",), 0, "billing: --id nonsense: none is parked, nothing is dropped"),
        ((), 0, "billing has nothing parked that matches: nothing is dropped"),
    ],
)
def test_what_is_not_parked_is_said_and_ends_as_not_found(
    named: tuple[str, ...], matched: int, said: str
) -> None:
    out = Output(as_json=False, console=Console(file=io.StringIO()))
    with pytest.raises(Refusal, match=said) as refused:
        parking._tell_parked(
            out,
            "billing",
            "dropped",
            matched,
            matched,
            named=named,
            everything=False,
            dry_run=False,
        )
    assert refused.value.ending.status == Exit.NOT_FOUND
    assert isinstance(out.console.file, io.StringIO)
    assert out.console.file.getvalue() == ("1 of 1 are dropped\n" if matched else "")
