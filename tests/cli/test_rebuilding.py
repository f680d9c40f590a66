"""`journey rebuild` over real gRPC: what people see on a terminal, and what programs get."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console

import journey_client
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.rebuilds_pb2 import Rebuild
from journey_client import Client
from journey_service.cli import rebuilding
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.store.memory import MemoryStore
from projections.rebuilder import Rebuilder
from tests.cli.conftest import Prompt
from tests.projections.rebuilt import Folding, recorded, view_of
from tests.transport.serving import serving


def a_second_later(states: dict[str, JourneyFold], event: Event) -> None:
    for state in states.values():
        state.updated.t_ms = event.recorded_at_ms + 1_000


@dataclass
class Desk:
    """A client beside a service whose journal holds a few films."""

    client: Client
    store: MemoryStore
    shown: io.StringIO

    def out(self, *, as_json: bool = False) -> Output:
        console = Console(file=self.shown, width=200)
        return Output(as_json, console=console, notes=Console(file=io.StringIO(), width=200))

    def working(self, after: Callable[..., None] | None = None) -> Rebuilder:
        folding = Folding(after=after) if after else Folding()
        rebuilds = self.store.rebuilds
        return Rebuilder([view_of(folding)], self.store.journal, rebuilds, owner="builder")

    async def to_the_end(self, after: Callable[..., None] | None = None) -> None:
        working = self.working(after)
        while await working.turn():
            pass


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    store = await recorded()
    async with serving(store, rebuild_watch_ms=10) as served:
        token = served.mint.token("developer", "dev")
        address = f"127.0.0.1:{served.server.port}"
        async with journey_client.connect(address, token=token, service=True) as client:
            yield Desk(client, store, io.StringIO())


async def begin(desk: Desk, **facts: Any) -> bool:
    given = {"dry_run": False, "keep_old_ms": None, "follow": False} | facts
    return await rebuilding.start(desk.client, desk.out(), "journeys", **given)


async def test_a_rebuild_is_begun_and_its_end_is_told(desk: Desk) -> None:
    assert await begin(desk)
    assert "journeys.2 goes on" in desk.shown.getvalue()
    await desk.to_the_end()
    assert await rebuilding.watch(desk.client, desk.out(), "journeys.2")
    told = desk.shown.getvalue()
    assert "12 of 12" in told
    assert "All 4 states are the same, byte for byte." in told
    assert "`journey rebuild switch-back journeys.2`" in told


async def test_what_differs_is_a_table_with_examples(desk: Desk) -> None:
    await begin(desk, dry_run=True)
    await desk.to_the_end(a_second_later)
    assert await rebuilding.status(desk.client, desk.out(), "journeys")
    told = desk.shown.getvalue()
    assert "compared (dry run)" in told
    (first,) = [line for line in told.splitlines() if line.startswith("updated_at_ms")]
    field, count, _, key, path, before, after = first.split()
    assert (field, count, key, path) == ("updated_at_ms", "4", "media/film", "updated_at_ms")
    assert before != after


async def test_programs_get_a_line_for_each_look_and_the_whole_at_the_end(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    await begin(desk)
    await desk.to_the_end()
    assert await rebuilding.watch(desk.client, desk.out(as_json=True), "journeys.2")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["rebuild_id"] for line in lines} == {"journeys.2"}
    assert lines[-1]["status"] == "REBUILD_STATUS_SWITCHED"
    assert desk.shown.getvalue().count("\n") == 1, "what was begun before, and nothing else"


async def test_a_rebuild_is_told_to_rest_to_go_on_and_to_end(desk: Desk) -> None:
    await begin(desk)
    for verb, said in (
        (rebuilding.pause, "is paused"),
        (rebuilding.resume, "is pending"),
        (rebuilding.cancel, "is cancelled"),
    ):
        assert await verb(desk.client, desk.out(), "journeys")
        assert desk.shown.getvalue().splitlines()[-1] == f"journeys.2 {said}"
    assert not await rebuilding.watch(desk.client, desk.out(), "journeys.2")


@pytest.mark.parametrize(
    ("verb", "said"),
    [(rebuilding.pause, "pause"), (rebuilding.resume, "resume"), (rebuilding.cancel, "cancel")],
)
async def test_what_has_ended_is_neither_paused_nor_resumed_nor_cancelled_and_says_so(
    desk: Desk, verb: Callable[..., Any], said: str
) -> None:
    await begin(desk)
    await desk.to_the_end()
    out = desk.out()
    assert not await verb(desk.client, out, "journeys")
    assert isinstance(out.notes.file, io.StringIO)
    assert out.notes.file.getvalue() == f"journeys.2 is switched: there is nothing to {said}\n"


async def test_what_was_switched_to_is_taken_back_and_old_states_are_dropped(desk: Desk) -> None:
    await begin(desk, keep_old_ms=60_000)
    await desk.to_the_end()
    await rebuilding.switch_back(desk.client, desk.out(), "journeys")
    assert "journeys.2 is reverted" in desk.shown.getvalue()
    await rebuilding.drop(desk.client, desk.out(), "journeys")
    assert "generation 2 of journeys is being dropped" in desk.shown.getvalue()
    await desk.to_the_end()
    await rebuilding.drop(desk.client, desk.out(), "journeys")
    assert "journeys keeps no old states" in desk.shown.getvalue()


async def test_what_failed_says_why(desk: Desk) -> None:
    def broken(*_: Any) -> None:
        raise ArithmeticError

    await begin(desk)
    await desk.to_the_end(broken)
    assert not await rebuilding.watch(desk.client, desk.out(), "journeys.2")
    assert "cannot be folded: ArithmeticError" in desk.shown.getvalue()


async def test_what_was_never_rebuilt_has_no_status(desk: Desk) -> None:
    assert not await rebuilding.status(desk.client, desk.out(), "")
    with pytest.raises(Refusal, match="never rebuilt") as refused:
        await rebuilding.status(desk.client, desk.out(), "journeys")
    assert refused.value.ending.status == Exit.NOT_FOUND


def test_the_command_rebuilds_and_lists_what_it_did(prompt: Prompt) -> None:
    made = prompt("rebuild", "journeys", "--dry-run", "--keep-old", "1s")
    assert made.status == 0, made.err
    assert json.loads(made.out.splitlines()[-1])["status"] == "REBUILD_STATUS_COMPARED"
    listed = prompt("rebuild", "status")
    assert json.loads(listed.out.splitlines()[0])["projection"] == "journeys"
    for words, said in (
        (("status", "a", "b"), "name one projection"),
        (("journeys", "--keep-old", "soon"), "write a number"),
    ):
        refused = prompt("rebuild", *words)
        assert refused.status == Exit.USAGE
        assert said in refused.err


def test_the_bar_moves_with_events_that_were_folded_and_partitions_that_were_compared() -> None:
    looks = [(0, 0), (0, 16), (120, 40), (339, 64)]
    seen = [
        Rebuild(events_done=events, events_total=339, partitions_done=done, partitions_total=64)
        for events, done in looks
    ]
    shares = [rebuilding._share(each) for each in seen]
    assert shares == sorted(set(shares))
    assert (shares[0], shares[1], shares[-1]) == (0, 0.125, 1)
    assert rebuilding.pace(seen[2]).startswith("120 of 339 events; 40 of 64 partitions, ")
    seen[2].events_per_s, seen[2].left_ms = 60, 3_650
    assert rebuilding.pace(seen[2], narrow=True) == "120 of 339 events, 60 a second, 4 s left"
