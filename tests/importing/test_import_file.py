import asyncio
import contextlib
import csv
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import grpc
import pytest

import journey_client
from journey.v1.events_pb2 import ActorKind, Event, Outcome, TimeQuality
from journey.v1.journey_service_pb2 import JourneyView, RecordRequest, RecordResponse
from journey.v1.reading_pb2 import EventFilter
from journey_client import Client, JourneyKey, Retries, Unreachable, errors
from journey_client.connection import ConnectionSettings
from journey_client.importing import Figures, Mapping, MappingError, import_file
from journey_client.importing.rows import Damaged
from tests.client.conftest import Connect
from tests.client.scripted import Script, refuse, serving

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SAMPLE = EXAMPLES / "ecom-sample.csv"
MAPPING = EXAMPLES / "ecom.toml"
ROWS = [*csv.DictReader(SAMPLE.read_text().splitlines())]


@pytest.fixture
async def importer(connect: Connect) -> Client:
    # In the tests' loop: a channel belongs to the loop that is running when it is made.
    return connect(role="service", subject="importer", scopes=("clock.trusted",))


def mapping() -> Mapping:
    return Mapping.load(MAPPING, SAMPLE)


async def events_of(client: Client, subject_id: str, **wanted: object) -> list[Event]:
    chosen = EventFilter(**wanted)  # type: ignore[arg-type]
    return [event async for event in client.customer(subject_id).events(filter=chosen)]


async def imported(client: Client, tmp_path: Path, file: Path = SAMPLE) -> Figures:
    return await import_file(client, file, mapping(), rejects=tmp_path / "bad.jsonl")


def rejected(tmp_path: Path) -> list[dict[str, object]]:
    path = tmp_path / "bad.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_every_row_is_recorded_and_the_figures_add_up(
    importer: Client, tmp_path: Path
) -> None:
    async with importer as client:
        figures = await imported(client, tmp_path)
        events = [
            event
            for user in sorted({row["user_id"] for row in ROWS})
            for event in await events_of(client, user)
        ]
    platforms = Counter(row["platform"] for row in ROWS)
    assert figures.rows == figures.recorded == len(ROWS) == 319
    assert {name: found.rows for name, found in figures.channels.items()} == {
        "web": platforms["desktop"],
        "mobile_app": platforms["mobile"],
        "other (tablet)": platforms["tablet"],
    }
    assert len({event.interaction.external_ref.id for event in events}) == len(ROWS)
    bought = sum(row["event"] == "purchase" for row in ROWS)
    assert len(events) == figures.events["recorded"] == len(ROWS) + bought
    assert not (tmp_path / "bad.jsonl").exists()
    assert not list(tmp_path.glob("*.bookmark"))


async def test_a_row_keeps_its_own_time_channel_and_source(
    importer: Client, tmp_path: Path
) -> None:
    async with importer as client:
        await imported(client, tmp_path)
        first = (await events_of(client, "user_0482"))[0]
    row = ROWS[0]
    assert row["user_id"] == "user_0482"
    assert first.interaction.wall_ms == first.occurrence.t_ms
    assert first.time_quality == TimeQuality.TIME_QUALITY_TRUSTED
    assert first.outcome == Outcome.OUTCOME_ACCEPTED
    assert (first.actor.kind, first.actor.id) == (ActorKind.ACTOR_KIND_SERVICE, "importer")
    assert first.interaction.correlation_id == row["session_id"]
    assert first.interaction.external_ref.source == "retentioneering-ecom"


async def test_every_journey_tells_the_device_on_which_it_was_left(
    importer: Client, tmp_path: Path
) -> None:
    left: dict[tuple[str, str], str] = {}
    journey_of = {"add_to_cart": "cart", "purchase": "cart", "wishlist_add": "list"}
    for row in sorted(ROWS, key=lambda row: row["timestamp"]):
        if row["event"] in journey_of:
            left[row["user_id"], journey_of[row["event"]]] = f"{row['user_id']}-{row['platform']}"
    async with importer as client:
        await imported(client, tmp_path)
        told = {
            (user, journey.ref.kind): journey.last_device_id
            for user in {user for user, _ in left}
            async for journey in client.customer(user).journeys(JourneyView.JOURNEY_VIEW_ALL)
            if journey.ref.kind in journey_of.values()
        }
    assert told == left
    assert len(set(left.values())) > len({user for user, _ in left}), "only one device each"


async def test_importing_again_adds_nothing(importer: Client, tmp_path: Path) -> None:
    async with importer as client:
        first = await imported(client, tmp_path)
        before = [event.position for event in await events_of(client, "user_0485")]
        second = await imported(client, tmp_path)
        after = [event.position for event in await events_of(client, "user_0485")]
    assert second.events == {"known": first.events["recorded"]}
    assert (first.known, second.known, second.recorded) == (0, first.recorded, 0)
    assert {name: found.events for name, found in second.channels.items()} == dict.fromkeys(
        second.channels, 0
    )
    assert after == before


async def test_what_was_bought_is_no_longer_in_the_basket(importer: Client, tmp_path: Path) -> None:
    added: Counter[str] = Counter()
    for row in ROWS:
        if row["event"] == "add_to_cart":
            added[row["user_id"]] += 1
        elif row["event"] == "purchase":
            added[row["user_id"]] = 0
    async with importer as client:
        await imported(client, tmp_path)
        baskets = {}
        for user in sorted({row["user_id"] for row in ROWS}):
            journeys = [
                journey
                async for journey in client.customer(user).journeys(JourneyView.JOURNEY_VIEW_ALL)
            ]
            cart = next((each for each in journeys if each.ref.kind == "cart"), None)
            baskets[user] = sum(line.quantity for line in cart.cart.lines) if cart else 0
    assert baskets == {user: added[user] for user in baskets}
    assert any(baskets.values())


async def test_broken_rows_are_rejected_with_line_and_reason_and_the_rest_is_recorded(
    importer: Client, tmp_path: Path
) -> None:
    lines = SAMPLE.read_text().splitlines()
    lines[3] = "event"
    lines[5] = lines[5].replace("desktop", "fridge").replace("mobile", "fridge")
    lines.insert(7, lines[0])
    file = tmp_path / "broken.csv"
    file.write_text("\n".join(lines) + "\n")
    async with importer as client:
        figures = await imported(client, tmp_path, file)
    assert figures.rejected == 3
    assert figures.recorded == len(lines) - 1 - 3
    found = rejected(tmp_path)
    assert [each["line"] for each in found] == [4, 6, 8]
    assert found[0]["reason"] == "1 columns instead of 8"
    assert found[1]["reason"] == "platform: no channel for 'fridge'"
    assert found[2]["reason"] == "timestamp: 'timestamp' is no time of the mapping's format"
    assert found[2]["row"] == lines[0]


async def test_rows_that_the_service_rejects_are_told_with_its_reason(
    importer: Client, tmp_path: Path
) -> None:
    text = MAPPING.read_text().replace("quantity = 1 } }", 'quantity = "{user_cohort}" } }')
    broken = tmp_path / "m.toml"
    broken.write_text(text.replace('sku = "unnamed"', 'sku = "two words"'))
    file = tmp_path / "rows.csv"
    kept = [row for row in SAMPLE.read_text().splitlines() if ",wishlist_add," in row]
    file.write_text("\n".join([SAMPLE.read_text().splitlines()[0], *kept[:2]]) + "\n")
    async with importer as client:
        figures = await import_file(
            client, file, Mapping.load(broken, file), rejects=tmp_path / "bad.jsonl"
        )
    assert figures.rejected == 2
    assert figures.events == {"rejected": 2}
    reason = str(rejected(tmp_path)[0]["reason"])
    assert reason.startswith("list.item_added: FIELD_VIOLATIONS (list_item_added.product.sku: ")


async def test_an_import_that_was_broken_off_goes_on_where_it_was(
    importer: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journey_client.importing.run.SAVE_EVERY_S", 0.0)
    monkeypatch.setattr("journey_client.importing.run.TELL_EVERY_S", 0.0)
    monkeypatch.setattr("journey_client.importing.sending.WAITING", 16)

    class Killed(BaseException):
        pass

    def kill(figures: Figures) -> None:
        if figures.rows >= 200:
            raise Killed

    lines = SAMPLE.read_text().splitlines()
    lines[3] = "event"
    file = tmp_path / "rows.csv"
    file.write_text("\n".join(lines) + "\n")
    bad = tmp_path / "bad.jsonl"
    async with importer as client:
        with pytest.raises(Killed):
            await import_file(client, file, mapping(), rejects=bad, told=kill)
        noted = json.loads((tmp_path / "bad.jsonl.bookmark").read_text())["line"]
        figures = await import_file(client, file, mapping(), rejects=bad)
        events = [
            event
            for user in sorted({row["user_id"] for row in ROWS})
            for event in await events_of(client, user)
        ]
    assert 1 < noted < len(ROWS)
    assert figures.earlier == noted - 2  # without the heading and the broken row
    assert figures.rows == len(ROWS)
    assert figures.recorded + figures.known == len(ROWS) - 1
    assert figures.known >= figures.earlier
    assert sum(found.rows for found in figures.channels.values()) == len(ROWS) - 1
    assert [each["line"] for each in rejected(tmp_path)] == [4]
    assert len({event.interaction.external_ref.id for event in events}) == len(ROWS) - 1
    assert not (tmp_path / "bad.jsonl.bookmark").exists()


async def test_progress_tells_of_answers_and_never_of_all_before_the_end(
    importer: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journey_client.importing.run.TELL_EVERY_S", 0.0)
    told: list[tuple[int, int, float]] = []

    def tell(figures: Figures) -> None:
        told.append((figures.answered, figures.rows, figures.share))

    async with importer as client:
        await import_file(client, SAMPLE, mapping(), rejects=tmp_path / "bad.jsonl", told=tell)
    *before, last = told
    assert last == (len(ROWS), len(ROWS), 1.0)
    assert all(share <= min(0.99, answered / rows) for answered, rows, share in before)
    assert (0, 64) in {(answered, rows) for answered, rows, _ in before}  # read and not answered
    waited = {answered for answered, rows, _ in before if rows == len(ROWS)}
    assert {0, len(ROWS)} <= waited  # also when all is read it is told how far it came


def test_the_time_left_follows_the_answers_of_this_run() -> None:
    figures = Figures(rows=4_000, known=2_000, earlier=1_000, seconds=10.0)
    assert figures.seconds_left == float("inf")
    figures.estimate(0.5)  # as if the file had 8,000 rows
    assert figures.share == 0.25
    assert figures.rows_per_second == 100.0
    assert figures.seconds_left == 60.0


async def test_a_packed_file_that_is_cut_off_tells_what_was_recorded_before(
    importer: Client, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv.gz"
    lines = SAMPLE.read_text().splitlines(keepends=True)
    whole = b"".join(gzip.compress("".join(part).encode()) for part in (lines[:101], lines[101:]))
    file.write_bytes(whole[:-500])
    async with importer as client:
        with pytest.raises(Damaged, match="the packed file is damaged") as error:
            await imported(client, tmp_path, file)
        events: list[Event] = []
        for user in sorted({row["user_id"] for row in ROWS}):
            with contextlib.suppress(errors.CustomerNotFound):
                events += await events_of(client, user)
    found = len({event.interaction.external_ref.id for event in events})
    assert found >= 100 - 30
    assert f"{found:,} were recorded now, 0 were known" in str(error.value)


async def test_a_bookmark_of_another_file_or_mapping_does_not_count(
    importer: Client, tmp_path: Path
) -> None:
    bookmark = tmp_path / "bad.jsonl.bookmark"
    bookmark.write_text(json.dumps({"about": {"file": "x", "mapping": "y"}, "line": 300}))
    async with importer as client:
        figures = await imported(client, tmp_path)
    assert figures.earlier == 0
    assert figures.events["recorded"] == 324


async def test_without_the_scope_a_back_end_does_not_speak_for_devices(
    connect: Connect, tmp_path: Path
) -> None:
    async with connect(role="service", subject="shop") as client:
        figures = await imported(client, tmp_path)
    assert "page.viewed" not in figures.types
    assert figures.rejected > 0
    assert {str(each["reason"]).partition(" (")[0] for each in rejected(tmp_path)} == {
        "page.viewed: ACTOR_NOT_ALLOWED"
    }


async def test_a_token_that_may_not_import_ends_it_and_nothing_is_recorded(
    connect: Connect, tmp_path: Path
) -> None:
    async with connect(role="developer", subject="dev") as client:
        with pytest.raises(errors.RoleNotAllowed):
            await imported(client, tmp_path)


async def test_a_service_that_is_away_ends_it_with_its_error(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journey_client.importing.sending.RECORD_TIMEOUT_MS", 300)
    monkeypatch.setattr("journey_client.importing.sending.PATIENCE_S", 0.0)
    async with journey_client.connect("127.0.0.1:1", token="t") as client:
        with pytest.raises(Unreachable):
            async with asyncio.timeout(20):
                await imported(client, tmp_path)


async def test_a_busy_service_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journey_client.connection.DEFAULTS", ConnectionSettings(first_wait_ms=1))
    script = Script()
    refused: Counter[str] = Counter()

    async def busy_at_first(request: RecordRequest, context: Any) -> RecordResponse:
        refused[request.subject_id] += 1
        if refused[request.subject_id] <= 8:
            code = grpc.StatusCode.RESOURCE_EXHAUSTED
            await refuse(context, "RATE_LIMITED", code, retry_ms=1)
        return await script.accept(request, context)

    script.unary["Record"] = busy_at_first
    quick = Retries(first_ms=1, longest_ms=2)
    async with (
        serving(script) as address,
        journey_client.connect(address, token="t", retries=quick) as client,
    ):
        figures = await imported(client, tmp_path)
    assert figures.recorded == len(ROWS)
    assert set(refused.values()) == {9}  # more in all than a client repeats by itself


async def test_a_file_without_the_columns_of_the_mapping_is_refused_before_anything_is_sent(
    importer: Client, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("user_id,event\nu,home\n")
    async with importer as client:
        with pytest.raises(MappingError, match="needs column 'timestamp'"):
            await imported(client, tmp_path, file)
        with pytest.raises(errors.CustomerNotFound):
            await client.customer("u").continue_list()


async def test_cloud_events_come_in_too(importer: Client, tmp_path: Path) -> None:
    toml = tmp_path / "m.toml"
    toml.write_text(
        """
        source = "till"
        format = "cloudevents"
        [row]
        subject_id = "{subject}"
        [time]
        [channel]
        default = "store"
        [rules]
        [[rule]]
        when = "com.shop.basket.added"
        type = "cart.line_added"
        body = { line = { product = { sku = "{data.sku}" }, quantity = "{data.count}" } }
        """
    )
    told = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/till/3",
        "type": "com.shop.basket.added",
        "time": "2024-05-01T10:00:00Z",
        "subject": "guest-1",
        "data": {"sku": "tea", "count": 3},
    }
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(json.dumps({**told, "id": each}) for each in ("e1", "e2", "e1")))
    async with importer as client:
        figures = await import_file(
            client, file, Mapping.load(toml, file), rejects=tmp_path / "bad.jsonl"
        )
        cart = await client.customer("guest-1").journey(*JourneyKey("cart", "main"))
    assert figures.events == {"recorded": 2, "known": 1}
    assert cart.cart.lines[0].quantity == 6
