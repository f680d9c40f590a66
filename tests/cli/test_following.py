"""Events at the prompt: tailed, subscribed to with a place in a file, exported whole."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import journey_client
from journey.v1.events_pb2 import ACTOR_KIND_STAFF, Event
from journey.v1.interactions_pb2 import CHANNEL_WEB
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey.v1.references_pb2 import FieldViolation
from journey_client import Client, FileCheckpoints, Replaced, errors, interactions
from journey_service.cli import exporting, following, history
from journey_service.cli.commands.tail import subscribe
from journey_service.cli.exits import Exit, Refusal, ending_of
from journey_service.cli.filters import filter_of, moment_ms, start_of
from journey_service.cli.output import Output
from journey_service.cli.starting import end_point, start_point
from tests.transport.serving import Served, serving

BEGINNING = StartPoint(beginning=True)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as service:
        yield service


@pytest.fixture
async def developer(served: Served) -> AsyncIterator[Client]:
    async with _client(served, "developer", "dev") as client:
        yield client


@pytest.fixture
async def shop(served: Served) -> AsyncIterator[Client]:
    async with _client(served, "service", "shop") as client:
        yield client


def _client(served: Served, role: str, name: str) -> Client:
    address = f"127.0.0.1:{served.server.port}"
    return journey_client.connect(address, token=served.mint.token(role, name), service=True)


async def _add(shop: Client, *skus: str, customer: str = "mila") -> None:
    lines = [interactions.cart_line_added(sku, 1) for sku in skus]
    (await shop.record(customer, lines, installation_id="till")).require()


async def _follow(client: Client, **wanted: Any) -> int:
    given: dict[str, Any] = {
        "subject_id": "",
        "wanted": EventFilter(),
        "start": BEGINNING,
        "store": None,
        "limit": 0,
        "once": True,
    }
    return await following.follow(client, Output(as_json=True), "billing", **{**given, **wanted})


def _skus(printed: str) -> list[str]:
    events = [json.loads(line)["interaction"] for line in printed.splitlines()]
    return [event["cart_line_added"]["line"]["product"]["sku"] for event in events]


async def test_a_tail_prints_what_is_recorded_until_it_has_enough(
    developer: Client, shop: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    await _add(shop, "before")
    place = StartPoint(end=True)
    tailing = asyncio.create_task(_follow(developer, start=place, limit=3, once=False))
    while not tailing.done():
        await _add(shop, "tea")
        await asyncio.sleep(0)
    assert await tailing == 3
    assert _skus(capsys.readouterr().out) == ["tea"] * 3


async def test_a_tail_that_wants_no_more_than_there_is_stops_when_level(
    developer: Client, shop: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    await _add(shop, "tea")
    await _add(shop, "milk", customer="eve")
    assert await _follow(developer) == 2
    assert await _follow(developer, subject_id="eve") == 1
    assert await _follow(developer, wanted=EventFilter(kinds=["media"])) == 0
    assert sorted(_skus(capsys.readouterr().out)) == ["milk", "milk", "tea"]


async def test_a_subscription_goes_on_behind_what_it_printed(
    developer: Client, shop: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = FileCheckpoints(tmp_path / "billing.json")
    await _add(shop, "tea", "milk")
    assert await _follow(developer, store=store) == 2
    await _add(shop, "bread")
    assert await _follow(developer, store=store) == 1
    assert await _follow(developer, store=store) == 0
    assert _skus(capsys.readouterr().out) == ["tea", "milk", "bread"]
    with pytest.raises(errors.TokenMismatch, match="another filter"):
        await _follow(developer, store=store, wanted=EventFilter(kinds=["cart"]))


async def test_where_nobody_serves_that_is_told_at_once() -> None:
    once = journey_client.Retries(spare=0)
    nowhere = journey_client.connect("127.0.0.1:9", token="t", service=True, retries=once)
    async with nowhere as client:
        with pytest.raises(journey_client.NotAnswered):
            await _follow(client)


async def test_a_break_is_told_beside_the_output_and_a_planned_end_is_not(
    developer: Client, shop: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _add(shop, "tea")
    notes: list[str] = []
    monkeypatch.setattr(Output, "note", lambda _, text: notes.append(text))
    subscription = developer.subscribe("people")
    monkeypatch.setattr(developer, "subscribe", lambda *_, **__: subscription)
    await _follow(developer)
    assert subscription.on_interrupted is not None
    subscription.on_interrupted(journey_client.Unreachable("The connection broke."))
    subscription.on_interrupted(journey_client.Unreachable("The service stops.", retry_after_ms=9))
    assert notes == ["The connection broke. Trying again."]


async def test_people_get_a_line_an_event_that_fits(developer: Client, shop: Client) -> None:
    await _add(shop, "tea", customer="a-customer-with-a-very-long-name")
    console = Console(width=100, file=io.StringIO())
    subscription = developer.subscribe("people")
    async with subscription:
        async for event in subscription:
            following.tell(Output(as_json=False, console=console), event)
            break
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert len(printed.splitlines()) == 1
    assert max(map(len, printed.splitlines())) <= 100
    assert "a-customer-with-a-very-lo…  cart.line_added" in printed
    assert "cart/main" in printed


def test_what_does_not_count_is_told_in_a_line() -> None:
    event = Event(type="media.paused", subject_id="mila", outcome=3)  # type: ignore[arg-type]
    assert "rejected" in following.line_of(event).plain


# --- export ---


async def _export(client: Client, file: Path, **wanted: Any) -> None:
    given: dict[str, Any] = {"subject_id": "", "wanted": EventFilter()}
    await exporting.export(client, file, Output(as_json=True), **{**given, **wanted})


async def test_an_export_holds_every_event_once_and_tells_its_hash_and_place(
    developer: Client, shop: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for customer in ("mila", "eve", "bob"):
        await _add(shop, "tea", "milk", customer=customer)
    file = tmp_path / "events.jsonl.gz"
    await _export(developer, file)
    told = json.loads(capsys.readouterr().out)
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    events = [json.loads(line) for line in lines]
    assert told["events"] == len({event["interaction"]["event_id"] for event in events}) == 6
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert told["bytes"] == file.stat().st_size
    assert [each.name for each in tmp_path.iterdir()] == ["events.jsonl.gz"]
    await _add(shop, "bread")
    assert await _follow(developer, start=StartPoint(checkpoint=told["checkpoint"])) == 1
    assert _skus(capsys.readouterr().out) == ["bread"]


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
async def test_an_export_that_was_killed_goes_on_to_the_same_end_with_the_same_events(
    developer: Client,
    shop: Client,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(exporting, "CHUNK_BYTES", 1)
    for customer in ("mila", "eve", "bob"):
        await _add(shop, "tea", "milk", customer=customer)
    whole, broken = tmp_path / f"whole-{name}", tmp_path / name
    await _export(developer, whole)
    with monkeypatch.context() as patched:
        patched.setattr(exporting.Pace, "wrote", _Killing(after=2))
        with pytest.raises(KeyboardInterrupt):
            await _export(developer, broken)
    part = broken.with_name(f"{name}.part")
    with part.open("ab") as torn:
        torn.write(b"half a li")
    await _add(shop, "later")
    capsys.readouterr()
    await _export(developer, broken)
    told = json.loads(capsys.readouterr().out)
    assert (told["events"], told["resumed"]) == (6, 4)
    assert _content(broken) == _content(whole)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([name, f"whole-{name}"])


class _Killing:
    """Stands for a method, and dies when it is called for the second time."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def _content(file: Path) -> str:
    raw = file.read_bytes()
    return (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()


async def test_an_export_touches_no_file_that_is_something_else(
    developer: Client, shop: Client, tmp_path: Path
) -> None:
    await _add(shop, "tea")
    file = tmp_path / "events.jsonl"
    file.write_text("mine")
    with pytest.raises(Refusal, match="is there already"):
        await _export(developer, file)
    assert file.read_text() == "mine"
    other, part = tmp_path / "other.jsonl", tmp_path / "other.jsonl.part"
    bookmark = tmp_path / "other.jsonl.part.bookmark"
    exporting.Bookmark("another", "end", "place", size=9).save(bookmark)
    with pytest.raises(Refusal, match="of other events"):
        await _export(developer, other)
    bookmark.write_text("{")
    with pytest.raises(Refusal, match="no bookmark"):
        await _export(developer, other)
    assert not part.exists()


async def test_a_folder_that_is_missing_is_named_before_anything_is_read(
    developer: Client, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match=f"there is no folder {tmp_path / 'no'}$"):
        await _export(developer, tmp_path / "no" / "x.jsonl")
    with pytest.raises(Refusal, match=r"--store .*there is no folder"):
        subscribe("billing", store=tmp_path / "no" / "x.json", data_dir=tmp_path, token="t")
    assert not [*tmp_path.glob("no*")]


def test_a_refusal_says_a_sentence_once() -> None:
    said = FieldViolation(path="checkpoint", rule="The token is damaged.")
    other = FieldViolation(path="filter", rule="is too long")
    ending = ending_of(errors.TokenMismatch(said.rule, violations=(said, other)))
    assert ending is not None
    assert ending.what.count("damaged") == 1
    assert "filter: is too long" in ending.what


def test_an_ending_without_a_reason_of_the_service_has_no_empty_one() -> None:
    ending = ending_of(Replaced())
    assert ending is not None
    assert ending.what.startswith("A newer stream of the same consumer took over")
    assert ending.status == Exit.REFUSED


@pytest.mark.parametrize("typed", ["banana", "yesterday", "-1"])
def test_what_is_no_point_is_told_with_the_forms_that_are_taken(typed: str) -> None:
    for read in (start_point, end_point):
        with pytest.raises(Refusal, match=f"{typed}: is no point") as refused:
            read(typed)
        assert "2026-11-22T08:00" in refused.value.ending.next_step
    token = "AbC_-" * 8
    assert start_point(token) == StartPoint(checkpoint=token)


async def test_a_part_that_lost_bytes_is_not_gone_on_with(
    developer: Client, shop: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _add(shop, "tea")
    monkeypatch.setattr(exporting, "CHUNK_BYTES", 1)
    file = tmp_path / "events.jsonl"
    with monkeypatch.context() as patched:
        patched.setattr(exporting.Pace, "wrote", _Killing(after=1))
        with pytest.raises(KeyboardInterrupt):
            await _export(developer, file)
    file.with_name("events.jsonl.part").write_bytes(b"")
    with pytest.raises(Refusal, match="shorter than its bookmark"):
        await _export(developer, file)


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
async def test_people_see_how_an_export_goes_and_what_came_of_it(
    served: Served, shop: Client, tmp_path: Path, terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "TELL_EVERY_S", 0.0)
    await _add(shop, "tea", "milk")
    printed, beside = io.StringIO(), io.StringIO()
    out = Output(
        as_json=False,
        console=Console(file=printed, width=100),
        notes=Console(file=beside, width=100, force_terminal=terminal),
    )
    file = tmp_path / "mila.jsonl"
    # A service may read a customer, and is not told the heads of the journal.
    async with _client(served, "service", "reader") as client:
        await exporting.export(client, file, out, subject_id="mila", wanted=EventFilter())
    async with _client(served, "developer", "dev") as client:
        whole = tmp_path / "whole.jsonl"
        await exporting.export(client, whole, out, subject_id="", wanted=EventFilter())
    assert f"{file}: 2 events" in printed.getvalue().replace("\n", "")
    assert hashlib.sha256(file.read_bytes()).hexdigest() in printed.getvalue()
    assert "2 events" in beside.getvalue()
    assert "100%" in beside.getvalue()


def test_progress_tells_rate_and_time_left() -> None:
    pace = exporting.Pace({0: 10, 1: 90}, before=5)
    pace.wrote(5, Event(partition=0, position=5))
    pace.wrote(45, Event(partition=1, position=45))
    assert pace.share == 0.55
    assert str(pace).startswith("55 events, ")
    assert str(pace).endswith(" s left")
    pace.wrote(45, Event(partition=1, position=90))
    assert "left" not in str(pace)


# --- what was typed ---


def test_filters_are_what_was_typed() -> None:
    wanted = filter_of(
        types=["cart.*"],
        journeys=["cart/main", "list/a/b"],
        channels=["web"],
        actors=["staff"],
        all_outcomes=True,
        no_telemetry=True,
    )
    assert [*wanted.types] == ["cart.*"]
    assert [(ref.kind, ref.journey_id) for ref in wanted.journeys] == [
        ("cart", "main"),
        ("list", "a/b"),
    ]
    assert [*wanted.channels] == [CHANNEL_WEB]
    assert [*wanted.actors] == [ACTOR_KIND_STAFF]
    assert [*wanted.outcomes] == [1, 2, 3]
    assert wanted.exclude_telemetry
    assert filter_of() == EventFilter()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"journeys": ["cart"]}, "write KIND/ID"),
        ({"actors": ["robot"]}, "customer, staff, service, system"),
        ({"channels": ["fax"]}, "is no channel"),
    ],
)
def test_what_is_no_filter_is_told_with_what_there_is(typed: dict[str, Any], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        filter_of(**typed)


def test_a_place_is_a_time_a_while_ago_or_a_checkpoint() -> None:
    assert start_of() is None
    assert start_of(after="token") == StartPoint(checkpoint="token")
    assert start_of(since="2026-11-22T09:30") == StartPoint(recorded_ms=1_795_339_800_000)
    assert moment_ms("2026-11-22T10:30+01:00") == 1_795_339_800_000
    assert abs(moment_ms("10m") + 600_000 - moment_ms("0s")) < 1_000
    with pytest.raises(Refusal, match="--since soon"):
        start_of(since="soon")
    with pytest.raises(Refusal, match="exclude"):
        start_of(since="1d", after="token")


def test_names_of_followers_differ() -> None:
    assert history.own_name("tail") != history.own_name("tail")
