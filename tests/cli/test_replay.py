"""`journey replay --with`: what a changed fold would change, over real gRPC."""

from __future__ import annotations

import io
import json
import runpy
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import journey_client
import projections
from journey.v1.journeys_pb2 import SearchState
from journey.v1.reading_pb2 import EndPoint, EventFilter, StartPoint
from journey_client import Client, interactions
from journey_service.cli.output import Output
from journey_service.cli.replaying import Wanted, replay
from journey_service.store.memory import MemoryStore
from projections.journeys.cart import CART
from projections.journeys.search import SEARCH
from projections.projection import Act
from projections.shadow import pair_of
from tests.cli.conftest import Prompt
from tests.transport.serving import serving

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "wish_list_fold.py"
WISH_LIST = runpy.run_path(str(EXAMPLE))["KIND"]
CUSTOMERS = ("anna", "ben", "mila")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A developer's client; three customers wish for tea, and two put it into the basket."""
    async with serving(MemoryStore()) as served:
        address = f"127.0.0.1:{served.server.port}"
        shop = served.mint.token("service", "shop")
        async with journey_client.connect(address, token=shop, service=True) as recorder:
            for name in CUSTOMERS:
                wish = interactions.list_item_added("wish", "tea")
                await recorder.record(name, [wish], installation_id="shop")
            for name in CUSTOMERS[1:]:
                put = interactions.cart_line_added("tea", 1)
                await recorder.record(name, [put], installation_id="shop")
        token = served.mint.token("developer", "dev")
        async with journey_client.connect(address, token=token, service=True) as developer:
            yield developer


class Told:
    """Where a replay tells what it found."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.text = io.StringIO()
        console = Console(file=self.text, width=120)
        self.out = Output(as_json, console, Console(file=io.StringIO()))


async def run(
    client: Client, told: Told, tried: object, report: Path | None = None, **wanted: Any
) -> bool:
    pair = pair_of(tried, projections.JOURNEYS, projections.VIEWS, 0)
    asked = Wanted(wanted.pop("events", EventFilter()), **wanted)
    return await replay(client, pair, asked, told.out, name="my_fold.py", report=report)


async def test_a_changed_fold_is_told_with_the_fields_and_the_event_that_made_the_difference(
    client: Client,
) -> None:
    told = Told()
    assert not await run(client, told, WISH_LIST)
    text = told.text.getvalue()
    assert "my_fold.py beside the live journeys: 3 customers, 5 events, 5 states" in text
    assert "2 customers would see something else, in 2 states." in text
    assert "list.items.item_key" in text
    assert ": since cart.line_added, version 2" in text
    assert 'list.items["tea"].item_key' in text


async def test_the_live_fold_itself_would_change_nothing(client: Client) -> None:
    told = Told()
    assert await run(client, told, projections.JOURNEYS)
    assert "Nobody would see anything else." in told.text.getvalue()


async def test_one_customer_can_be_replayed_or_so_many(client: Client) -> None:
    told = Told()
    assert await run(client, told, WISH_LIST, customers=["anna"])
    assert "1 customer, 1 event, 1 state" in told.text.getvalue()
    assert not await run(client, told, WISH_LIST, customers=["anna", "ben"])
    few = Told()
    await run(client, few, WISH_LIST, most_customers=2)
    assert "2 customers, " in few.text.getvalue()


async def test_both_folds_see_what_the_filter_and_the_range_keep(client: Client) -> None:
    told = Told()
    assert await run(client, told, WISH_LIST, events=EventFilter(kinds=["list"]))
    assert "3 customers, 3 events" in told.text.getvalue()
    none = Told()
    assert await run(client, none, WISH_LIST, start=StartPoint(recorded_ms=2**50))
    assert await run(client, none, WISH_LIST, end=EndPoint(recorded_ms=1))
    assert "0 customers, 0 events" in none.text.getvalue()


async def test_a_report_has_a_line_for_every_customer_that_differs(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.jsonl"
    assert not await run(client, Told(as_json=True), WISH_LIST, report, examples=1)
    lines = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    assert sorted(line["customer"] for line in lines[:-1]) == ["ben", "mila"]
    assert {state["kind"] for line in lines[:-1] for state in line["differing"]} == {"changed"}
    example, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert (summary["same"], summary["customers_differing"]) == (False, 2)
    assert example["event"]["type"] == "cart.line_added"
    assert lines[-1] == {**summary, "examples": [example]}


async def test_a_fold_that_raises_is_told_with_the_event_and_the_line(
    client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(state: object, act: Act) -> None:
        raise ZeroDivisionError(act.name)

    tried = replace(CART, folds={**CART.folds, "cart_line_added": broken})
    told, report = Told(), tmp_path / "report.jsonl"
    assert not await run(client, told, tried, report)
    text = told.text.getvalue()
    assert "A fold cannot bear the events of 2 customers:" in text
    assert "cart.line_added, version 2: the tried fold raised ZeroDivisionError" in text
    assert "raise ZeroDivisionError(act.name)" in text
    failed = json.loads(report.read_text("utf-8").splitlines()[0])["failed"]
    assert (failed["type"], failed["version"], failed["fold"]) == ("cart.line_added", 2, "tried")
    await run(client, Told(as_json=True), tried)
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["failed"]["where"].startswith("test_replay.py:")


async def test_a_fold_that_depends_on_the_order_of_events_is_found_out(
    client: Client,
) -> None:
    def first_come(state: Any, act: Act) -> None:
        if not state.HasField("setting"):
            state.setting.message = SearchState(query=act.event.type).SerializeToString()

    concerns = dict.fromkeys(("list_item_added", "cart_line_added"), lambda _: ["main"])
    tried = replace(
        SEARCH, folds=dict.fromkeys(concerns, first_come), concerns=concerns, listed=lambda _: False
    )
    told = Told()
    assert not await run(client, told, tried, customers=["ben"])
    assert "had its events arrived the other way round" in told.text.getvalue()
    assert "the other way" in told.text.getvalue()
    assert await run(client, Told(), projections.JOURNEYS, customers=["ben"])


async def test_a_fold_that_raises_only_in_another_order_counts_as_depending_on_it(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    def needs_a_wish(state: Any, act: Act) -> None:
        if act.name == "list_item_added":
            state.setting.message = SearchState(query="wished").SerializeToString()
        elif not state.HasField("setting"):
            raise ValueError("nothing was wished for yet")

    concerns = dict.fromkeys(("list_item_added", "cart_line_added"), lambda _: ["main"])
    folds = dict.fromkeys(concerns, needs_a_wish)
    tried = replace(SEARCH, folds=folds, concerns=concerns, listed=lambda _: False)
    told = Told()
    assert not await run(client, told, tried)
    assert "the tried fold would have raised" in told.text.getvalue()
    assert "cart.line_added, version 2: ValueError: nothing was wished" in told.text.getvalue()
    await run(client, Told(as_json=True), tried, customers=["ben", "anna"])
    *examples, summary = map(json.loads, capsys.readouterr().out.splitlines())
    failed = {each["customer"]: each.get("fails_in_other_order") for each in examples}
    assert failed["ben"]["version"] == 2
    assert (summary["customers"], summary["customers_depending_on_order"]) == (2, 1)
    assert (summary["customers_failed"], summary["same"]) == (0, False)


async def test_a_state_that_cannot_be_shown_on_its_way_fails_one_customer_and_not_the_replay(
    client: Client,
) -> None:
    def only_with_a_cart(fold: Any, journey: object) -> None:
        if not fold.search.HasField("setting"):
            raise KeyError("no place")

    def later(state: Any, act: Act) -> None:
        if act.name == "cart_line_added":
            state.setting.message = SearchState(query="there").SerializeToString()

    concerns = dict.fromkeys(("list_item_added", "cart_line_added"), lambda _: ["main"])
    folds = dict.fromkeys(concerns, later)
    tried = replace(
        SEARCH, folds=folds, concerns=concerns, listed=lambda _: False, publish=only_with_a_cart
    )
    told = Told()
    assert not await run(client, told, tried, customers=["ben", "anna"])
    assert "A fold cannot bear the events of 2 customers:" in told.text.getvalue()
    assert told.text.getvalue().count("the tried fold raised KeyError") == 2


async def test_a_fold_that_cannot_be_published_is_told_too(client: Client) -> None:
    def broken(fold: object, journey: object) -> None:
        raise KeyError("no place")

    told = Told()
    assert not await run(client, told, replace(CART, publish=broken), examples=1)
    text = told.text.getvalue()
    assert "A fold cannot bear the events of 2 customers:" in text
    assert text.count("the tried fold raised KeyError") == 1


def test_replay_at_the_prompt_ends_with_one_where_somebody_would_see_something_else(
    prompt: Prompt, tmp_path: Path
) -> None:
    sample = ("import", str(ROOT / "examples/ecom-sample.csv"))
    assert prompt(*sample, "--mapping", str(ROOT / "examples/ecom.toml")).status == 0
    shop = [f"--customer=user_048{number}" for number in range(2, 8)]
    done = prompt("replay", "--with", str(EXAMPLE), *shop)
    assert done.status == 1, done.err
    assert done.records[-1]["customers_differing"] == 5
    assert done.records[-1]["customers"] == 6
    same = prompt("replay", "--with", str(EXAMPLE), shop[0], "--to", "2020-01-01")
    assert same.status == 0, same.err


@pytest.mark.parametrize(
    ("words", "status"),
    [((), 2), (("--with", "nowhere.py"), 65), (("--with", str(ROOT / "tests/postgres.py")), 65)],
)
def test_replay_without_a_fold_says_what_to_name(
    prompt: Prompt, words: tuple[str, ...], status: int
) -> None:
    done = prompt("replay", *words)
    assert done.status == status
    assert "JourneyKind" in done.err
