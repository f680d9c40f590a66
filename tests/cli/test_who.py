"""What the prompt tells of a customer of several subjects."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

import journey_client
from journey.v1.reading_pb2 import EventFilter
from journey_client import Client, interactions
from journey_service.cli import exporting, history, looking_back, who
from journey_service.cli.output import Output
from journey_service.domain.identity import subject_id_of_account, subject_id_of_visitor
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from tests.application.linking import link
from tests.application.scene import Scene
from tests.transport.serving import IDENTITY_KEY, serving

# As long as ids are that are computed.
ACCOUNT = subject_id_of_account(IDENTITY_KEY, "mila")
PHONE, TABLET = (subject_id_of_visitor(IDENTITY_KEY, name, 0) for name in ("phone", "tablet"))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A back end's, of a service where an account and two visitors are one customer."""
    store = MemoryStore()
    async with serving(store) as served:
        address = f"127.0.0.1:{served.server.port}"
        token = served.mint.token("service", "shop")
        async with journey_client.connect(address, token=token, service=True) as made:
            for subject_id in (PHONE, TABLET, ACCOUNT):
                await made.record(subject_id, [interactions.cart_line_added("tea", 1)])
            stage = Scene(served.application, store, Settings())
            await link(stage, PHONE, ACCOUNT, ACCOUNT)
            await link(stage, TABLET, PHONE, ACCOUNT)
            yield made


def screen(width: int = 80) -> tuple[io.StringIO, Output]:
    text = io.StringIO()
    return text, Output(as_json=False, console=Console(file=text, width=width))


async def test_its_subjects_are_a_tree_below_the_account_that_fits_eighty_columns(
    client: Client,
) -> None:
    text, out = screen()
    await who.tell(client.customer(PHONE), out)
    _, title, heading, *rows = text.getvalue().splitlines()
    assert title.split() == ["customer", f"{ACCOUNT}:", "3", "subjects,", "2", "links"]
    assert heading.split() == ["subject", "who", "events", "began", "linked", "by"]
    assert [row.split()[:2] for row in rows] == [
        [ACCOUNT, "account"],
        ["└", PHONE],
        ["└", TABLET],
    ]
    assert [row.index("└") for row in rows[1:]] == [0, 2]
    assert rows[1].rstrip().endswith("sign-in")
    assert all(len(line) <= 80 for line in text.getvalue().splitlines())


async def test_programs_get_it_as_one_record_and_a_single_subject_is_not_told_of(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    await who.tell(client.customer(TABLET), Output(as_json=True))
    told = json.loads(capsys.readouterr().out)["customer"]
    assert told["customer_id"] == ACCOUNT
    assert len(told["members"]) == 3
    await client.record("ben", [interactions.cart_line_added("tea", 1)])
    await who.tell(client.customer("ben"), Output(as_json=True))
    assert not capsys.readouterr().out


async def test_events_name_their_subjects_where_there_are_several(client: Client) -> None:
    text, out = screen(140)
    events = [event async for event in client.customer(PHONE).events()]
    history.tell(out, events, several=True)
    heading, *rows = text.getvalue().splitlines()
    assert heading.split()[:3] == ["version", "subject", "when"]
    named = {row[9:35] for row in rows if row[:1].isdigit()}
    assert named == {ACCOUNT, PHONE, TABLET}
    text, out = screen(140)
    history.tell(out, [each for each in events if each.subject_id == PHONE])
    assert text.getvalue().split()[:2] == ["version", "when"]


async def test_an_export_of_a_customer_holds_each_event_of_each_subject_once(
    client: Client, tmp_path: Path
) -> None:
    _, out = screen()
    file = tmp_path / "customer.jsonl"
    await exporting.export(client, file, out, subject_id=TABLET, wanted=EventFilter())
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    events = [event async for event in client.customer(ACCOUNT).events()]
    assert sorted((line["subject_id"], int(line["version"])) for line in lines) == sorted(
        (event.subject_id, event.version) for event in events
    )
    assert len(lines) == 7


async def test_a_version_is_one_of_the_subject_that_was_named(client: Client) -> None:
    for subject_id, lines in ((PHONE, 1), (ACCOUNT, 1)):
        then = await looking_back.as_of(client, subject_id, "1", "--as-of", happened=False)
        cart = await client.customer(subject_id).journey("cart", as_of=then)
        assert len(cart.cart.lines) == lines
    later = await looking_back.as_of(client, PHONE, "3", "--as-of", happened=False)
    cart = await client.customer(PHONE).journey("cart", as_of=later)
    assert cart.cart.lines[0].quantity == 3
