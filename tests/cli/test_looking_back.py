"""`journey show --as-of`, `diff` and `play` at the prompt."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

import journey_client
from journey.v1.events_pb2 import Event
from journey.v1.history_service_pb2 import DiffJourneyResponse, FieldChange
from journey_client import JourneyKey, interactions
from journey_service.cli import looking_back
from journey_service.cli.looking_back import Play
from journey_service.cli.output import Output
from journey_service.store.memory import MemoryStore
from tests.cli.conftest import Prompt
from tests.transport.serving import serving

LINE = '{"line":{"product":{"sku":"tea"},"quantity":1}}'


@pytest.fixture
def basket(prompt: Prompt, request: pytest.FixtureRequest) -> str:
    """A customer of its own who put tea into the basket three times."""
    name = f"back-{request.node.name.replace('_', '-')[:40]}"
    for _ in range(3):
        done = prompt("record", name, "cart.line_added", "--body", LINE, "--as", "service")
        assert done.status == 0, done.err
    return name


def test_the_past_at_the_prompt(prompt: Prompt, basket: str) -> None:
    then = prompt("show", basket, "--as-of", "2")
    assert [record["resume_point"] for record in then.records] == ["tea × 2"]
    assert prompt("show", basket, "--as-of", "1h ago").records == []
    for version in ("0", "99", str(2**63 - 1)):
        far = prompt("show", basket, "--as-of", version)
        assert (
            far.status,
            f"--as-of {version}: the stream of {basket} has versions 1 to 3" in far.err,
        ) == (2, True)
    diff = prompt("diff", basket, "cart/main", "--before", "1", "--after", "3").records[0]
    changed = {each["path"]: each for each in diff["changes"]}
    assert changed['cart.lines["tea"].quantity']["after_json"] == '"3"'
    assert len(diff["events"]) == 2
    early = prompt("diff", basket, "cart/main", "--before", "1h ago", "--after", "30m ago")
    assert (early.status, "JOURNEY_NOT_FOUND" in early.err) == (67, True)
    played = prompt("play", basket, "--journey", "cart/main", "--recorded")
    assert [record["resume_point"] for record in played.records] == [
        "tea × 1",
        "tea × 2",
        "tea × 3",
    ]
    none = prompt("play", basket, "--to", "2020-01-01")
    assert (none.status, "has no events to play" in none.err) == (0, True)


@pytest.mark.parametrize(
    "words",
    [
        ("diff", "anna", "cart", "--before", "1"),
        ("diff", "cart/main", "--before", "1"),
        ("diff", "anna", "cart/main", "cart/main", "--before", "1"),
        ("diff", "anna", "cart/main", "--account", "anna", "--before", "1"),
        ("play", "anna", "--max-pause", "long"),
        ("play", "anna", "--from", "2026-13-01"),
        ("show", "anna", "--as-of", "banana"),
    ],
)
def test_what_cannot_be_read_is_refused_at_the_prompt(
    prompt: Prompt, words: tuple[str, ...]
) -> None:
    assert prompt(*words).status == 2


@pytest.fixture
def screen() -> tuple[Output, Callable[[], str]]:
    """An output for people, and what is on it."""
    text = io.StringIO()
    return Output(as_json=False, console=Console(file=text, width=140)), text.getvalue


def test_a_diff_is_told_as_tables(screen: tuple[Output, Callable[[], str]]) -> None:
    out, shown = screen
    looking_back.tell_diff(out, DiffJourneyResponse())
    assert "Nothing differs." in shown()
    change = FieldChange(path="cart.note", after_json='"soon"')
    events = [Event(version=7, type="cart.line_added", outcome="OUTCOME_ACCEPTED")]
    found = DiffJourneyResponse(changes=[change], events=events, truncated=True)
    looking_back.tell_diff(out, found)
    assert "cart.note" in shown()
    assert "–" in shown()
    assert "cart.line_added" in shown()
    assert "… and more events" in shown()


async def test_each_event_played_is_a_line_with_how_long_after_the_one_before(
    screen: tuple[Output, Callable[[], str]],
) -> None:
    out, shown = screen
    store = MemoryStore()
    async with serving(store) as served:
        address = f"127.0.0.1:{served.server.port}"
        token = served.mint.token("service", "shop")
        async with journey_client.connect(address, token=token, service=True) as client:
            await client.record("mila", [interactions.cart_line_added("tea", 1) for _ in range(5)])
            for days, event in enumerate(store.journal.streams["mila"].events):
                event.recorded_at_ms += (0, 500, 9_000, 700_000, 9_000_000)[days]
            mila = client.customer("mila")
            wanted = Play(JourneyKey("cart", "main"), recorded=True)
            played = await looking_back.play(mila, out, wanted)
    heading, *lines = shown().splitlines()
    assert heading.split() == ["when", "after", "type", "channel", "journey", *heading.split()[5:]]
    assert played == len(lines) == 5
    assert lines[-1].endswith("cart/main             tea × 5")
    assert [line[18:25].strip() for line in lines] == ["", "+500 ms", "+8 s", "+12 m", "+2 h"]
