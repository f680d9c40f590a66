"""`journey projections`: in this process against a service in memory, and as people type it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from google.protobuf.struct_pb2 import Struct
from rich.console import Console

import journey_client
import projections
from journey.v1.projection_service_pb2 import (
    PROJECTION_STATUS_LIVE,
    Projection,
)
from journey_client import Client, interactions
from journey_client.errors import ProjectionNotFound
from journey_service.cli import projecting
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.domain.identity import partition_of
from journey_service.store.memory import MemoryStore
from projections.rebuilder import Rebuilder
from projections.runner import Runner
from tests.application.views import BAD, adds, runner_of
from tests.cli.conftest import Prompt
from tests.transport.serving import Served, serving


@dataclass
class Stage:
    """A service whose view of carts stopped at Mila's second event."""

    store: MemoryStore
    served: Served
    runner: Runner[Struct]
    operator: Client

    def out(self) -> tuple[Output, io.StringIO]:
        """An output for people, and what is written to it; with colours as marks."""
        written = io.StringIO()
        console = Console(
            file=written, width=160, force_terminal=True, color_system="standard", highlight=False
        )
        return Output(as_json=False, console=console), written


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    store, view = MemoryStore(), adds()
    async with serving(store, views=(*projections.VIEWS, view)) as served:
        address = f"127.0.0.1:{served.server.port}"
        shop = served.mint.token("service", "shop")
        async with journey_client.connect(address, token=shop, service=True) as client:
            for sku in ("tea", BAD, "milk"):
                await client.record("mila", [interactions.cart_line_added(sku, 1)])
        runner = runner_of(view, store, pause_after_fault_s=3_600)
        await runner.catch_up()
        token = served.mint.token("operator", "root")
        async with journey_client.connect(address, token=token, service=True) as operator:
            yield Stage(store, served, runner, operator)


@pytest.fixture
async def developer(stage: Stage) -> AsyncIterator[Client]:
    token = stage.served.mint.token("developer", "dev")
    address = f"127.0.0.1:{stage.served.server.port}"
    async with journey_client.connect(address, token=token, service=True) as client:
        yield client


RED = "\x1b[31m"


async def test_a_stopped_projection_is_red_with_the_commands_that_mend_it(
    stage: Stage, developer: Client
) -> None:
    out, written = stage.out()
    assert await projecting.list_projections(developer, out) == 1
    said = written.getvalue()
    assert f"{RED}adds stopped" in said.replace("\n", "")
    assert "cart.line_added" in said
    assert "journey projections retry adds" in said
    assert 'journey projections skip adds --event 8/2 --reason "…"' in said
    assert BAD not in said
    assert "derived" in said
    with pytest.raises(ProjectionNotFound):
        await projecting.show_projection(developer, out, "profit")


def test_one_that_is_behind_is_not_called_live() -> None:
    behind = Projection(name="adds", status=PROJECTION_STATUS_LIVE, lag_events=1)
    level = Projection(name="adds", status=PROJECTION_STATUS_LIVE)
    assert projecting.row_of(behind)[1] == "behind"
    assert projecting.row_of(level)[1] == "live"


async def test_one_whose_rebuild_failed_is_red_before_its_runner_gets_there(stage: Stage) -> None:
    store, view = stage.store, adds(2)
    async with serving(store, views=(*projections.VIEWS, view)) as served:
        rebuilder = Rebuilder(
            [view], store.journal, store.rebuilds, owner="builder", stops=store.stops
        )
        await rebuilder.begin_automatic()
        while await rebuilder.turn():
            pass
        address = f"127.0.0.1:{served.server.port}"
        token = served.mint.token("developer", "dev")
        out, written = stage.out()
        async with journey_client.connect(address, token=token, service=True) as client:
            assert await projecting.list_projections(client, out) == 1
    said = written.getvalue()
    assert f"{RED}adds stopped" in said.replace("\n", "")
    assert "journey projections retry adds" in said


async def test_an_event_is_skipped_by_its_place_or_its_id(stage: Stage, developer: Client) -> None:
    out, written = stage.out()
    assert await projecting.show_projection(developer, out, "adds")
    stops = [each.stops async for each in developer.projections() if each.name == "adds"]
    event_id = stops[0][0].event_id
    with pytest.raises(Refusal, match="not stopped at such an event"):
        await projecting.skip(stage.operator, out, "adds", "other", "broken")
    assert await projecting.retry(stage.operator, out, "adds", ()) == 1
    await stage.runner.catch_up()
    await projecting.skip(stage.operator, out, "adds", event_id, "it has gone off")
    await stage.runner.catch_up()
    assert not await projecting.show_projection(developer, out, "adds")
    said = " ".join(written.getvalue().split())
    assert "adds tries partition 8 again, from position 2" in said
    assert "adds leaves out 8/2, for ever: it has gone off" in said
    assert "leaves out 8/2, told by root" in said
    assert await projecting.retry(stage.operator, out, "adds", ()) == 0


async def test_states_are_shown_listed_and_watched(
    stage: Stage, developer: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    out, written = stage.out()
    assert await projecting.show_state(developer, out, "adds", "mila/main")
    assert not await projecting.show_state(developer, out, "adds", "mila/other")
    assert await projecting.list_states(developer, out, "adds", "", {"sku": "tea"}, limit=1) == 1
    assert "mila/main" in written.getvalue()
    lines = Output(as_json=True)
    await projecting.watch_states(
        developer, lines, "journeys", ["mila/cart/main"], consumer="me", store=None, once=True
    )
    assert await projecting.list_states(developer, lines, "adds", "no", {}, limit=0) == 0
    assert await projecting.list_projections(developer, lines) == 1
    assert await projecting.retry(stage.operator, lines, "adds", [8]) == 1
    watched, *stands, retried = map(json.loads, capsys.readouterr().out.splitlines())
    assert watched["key"] == "mila/cart/main"
    assert [line["product"]["sku"] for line in watched["state"]["cart"]["lines"]]
    told = {each["name"]: each for each in stands}
    assert told["adds"]["status"] == "failed"
    assert told["adds"]["stops"] == [retried]
    assert told["journeys"]["index_fields"] == []


async def test_who_reads_a_state_hears_that_its_projection_stopped_at_that_customer(
    stage: Stage, developer: Client
) -> None:
    notes = Console(
        file=io.StringIO(), force_terminal=True, color_system="standard", highlight=False
    )
    out = Output(as_json=False, console=Console(file=io.StringIO()), notes=notes)
    assert isinstance(notes.file, io.StringIO)
    assert await projecting.show_state(developer, out, "adds", "mila/main")
    stale = notes.file.getvalue()
    assert stale.startswith(f"{RED}adds stopped in partition 8, at position 2: this state ends")
    assert "journey projections retry adds" in stale
    assert 'journey projections skip adds --event 8/2 --reason "…"' in stale
    assert stale.count("\n") == 1
    assert not await projecting.show_state(developer, out, "adds", "mila/other")
    assert notes.file.getvalue() == stale * 2
    neighbour = next(name for name in map(str, range(999)) if partition_of(name) == 8)
    token = stage.served.mint.token("service", "shop")
    address = f"127.0.0.1:{stage.served.server.port}"
    async with journey_client.connect(address, token=token, service=True) as shop:
        await shop.record(neighbour, [interactions.cart_line_added("tea", 1)])
    assert await projecting.show_state(developer, out, "adds", f"{neighbour}/main")
    assert "2: this state is exact, lists of states end there." in notes.file.getvalue()
    stale = notes.file.getvalue()
    # Another projection goes on.
    assert await projecting.show_state(developer, out, "journeys", "mila/cart/main")
    assert notes.file.getvalue() == stale


def test_what_is_typed_wrongly_is_said() -> None:
    assert projecting.where_of(["sku=tea", "shop=a=b"]) == {"sku": "tea", "shop": "a=b"}
    with pytest.raises(Refusal, match="write FIELD=VALUE"):
        projecting.where_of(["sku"])


def test_projections_are_read_at_the_prompt(prompt: Prompt, service: dict[str, str]) -> None:
    call = ("--data-dir", service["data_dir"], "--address", service["address"])
    stands = prompt("projections", *call)
    assert stands.status == Exit.OK, stands.err
    names = {json.loads(line)["name"] for line in stands.out.splitlines()}
    assert {"journeys", "purchases", "suppression", "continue_list"} <= names
    asked = prompt("projections", "list", *call)
    assert {json.loads(line)["name"] for line in asked.out.splitlines()} == names
    nobody = prompt("projections", "state", "profile", "nobody-at-all", *call)
    assert nobody.status == Exit.NOT_FOUND


def test_help_on_projections_tells_all_that_can_be_done(prompt: Prompt) -> None:
    for asked in ("--help", "-h"):
        helped = prompt("projections", asked)
        assert helped.status == Exit.OK
        assert all(name in helped.out for name in ("list", "retry", "skip", "watch"))
    assert prompt("projections", "lsit").status == Exit.USAGE
