from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from journey.v1.interactions_pb2 import Channel
from journey_client.importing import Mapping
from journey_client.importing.facts import Fact, Facts
from journey_client.importing.rows import FileRow
from journey_client.importing.templates import RowError

MAPPING = """
    source = "shop"
    [row]
    identity = ["id", "what"]
    repeats = "{repeats}"
    subject_id = "{{user}}"
    installation_id = "shop-{{user}}"
    device_id = "{{user}}-{{where}}"
    session = "{{visit}}"
    [time]
    column = "at"
    format = "%Y-%m-%d %H:%M:%S"
    zone = "Europe/Amsterdam"
    [channel]
    column = "where"
    [channel.values]
    desk = "web"
    pad = {{ channel = "other", label = "tablet" }}
    [rules]
    column = "what"
    ignore = ["noise"]
    [[rule]]
    when = ["add", "more"]
    type = "cart.line_added"
    body = {{ line = {{ product = {{ sku = "{{sku}}", name = "{{name}}" }}, quantity = "{{count}}",
        unit_price = {{ currency = "EUR", amount = "{{price}}" }},
        options = {{ size = "{{size}}" }} }} }}
    [[rule]]
    when = "buy"
    [[rule.interaction]]
    type = "cart.line_removed"
    body = {{ line_key = "{{sku}}" }}
    [[rule.interaction]]
    type = "cart.line_removed"
    body = {{ line_key = "gift" }}
    [[rule]]
    type = "page.viewed"
    body = {{ page_kind = "OTHER", screen_id = "{{what}}" }}
"""
ROW = {
    "id": "7",
    "what": "add",
    "user": "mila",
    "visit": "v1",
    "at": "2024-07-01 12:00:00",
    "where": "desk",
    "sku": "A",
    "name": "",
    "count": "2",
    "price": "24.99",
    "size": "M",
}


@pytest.fixture
def mapping(tmp_path: Path, request: pytest.FixtureRequest) -> Mapping:
    path = tmp_path / "m.toml"
    text = dedent(MAPPING.format(repeats=getattr(request, "param", "same")))
    path.write_text(text.replace(",\n", ", "))
    return Mapping.load(path, Path("rows.csv"))


def fact(mapping: Mapping, **columns: str) -> Fact:
    made = Facts(mapping).of(row(**columns))
    assert made is not None
    return made


def row(**columns: str) -> FileRow:
    return FileRow(2, {**ROW, **columns}, "raw")


def refused(mapping: Mapping, **columns: str) -> str:
    with pytest.raises(RowError) as error:
        Facts(mapping).of(row(**columns))
    return str(error.value)


def test_a_row_becomes_its_interaction(mapping: Mapping) -> None:
    made = fact(mapping)
    (interaction,) = made.interactions
    line = interaction.cart_line_added.line
    assert (made.subject_id, made.installation_id) == ("mila", "shop-mila")
    assert (interaction.journey.kind, interaction.journey.journey_id) == ("cart", "main")
    assert interaction.wall_ms == 1_719_828_000_000
    assert interaction.correlation_id == "v1"
    assert interaction.device_id == "mila-desk"
    assert (interaction.external_ref.source, interaction.external_ref.id) == ("shop", "7/add")
    assert (line.product.sku, line.quantity, dict(line.options)) == ("A", 2, {"size": "M"})
    assert (line.unit_price.units, line.unit_price.nanos) == (24, 990_000_000)


def test_an_empty_column_leaves_its_field_unset(mapping: Mapping) -> None:
    line = fact(mapping, size="", price="").interactions[0].cart_line_added.line
    assert line.product.name == ""
    assert not line.options
    assert line.unit_price.units == 0


def test_the_same_row_has_the_same_ids(mapping: Mapping) -> None:
    assert fact(mapping).interactions == fact(mapping).interactions


def test_a_rule_may_make_several_interactions_with_ids_of_their_own(mapping: Mapping) -> None:
    made = fact(mapping, what="buy")
    assert [each.cart_line_removed.line_key for each in made.interactions] == ["A", "gift"]
    assert len({each.event_id for each in made.interactions}) == 2
    assert made.left == 2


def test_a_value_without_a_rule_takes_the_one_for_all_others(mapping: Mapping) -> None:
    (interaction,) = fact(mapping, what="help").interactions
    assert interaction.page_viewed.screen_id == "help"
    assert not interaction.HasField("journey")


def test_ignored_values_make_nothing(mapping: Mapping) -> None:
    assert Facts(mapping).of(row(what="noise")) is None


def test_channels_with_labels_keep_them(mapping: Mapping) -> None:
    made = fact(mapping, where="pad")
    assert made.interactions[0].channel == Channel.CHANNEL_OTHER
    assert made.interactions[0].channel_label == "tablet"
    assert made.channel.name == "other (tablet)"


@pytest.mark.parametrize("mapping", ["number"], indirect=True)
def test_equal_rows_are_facts_of_their_own_where_repeats_are_numbered(mapping: Mapping) -> None:
    facts = Facts(mapping)
    made = [facts.of(row()) for _ in range(3)]
    ids = [each.interactions[0].external_ref.id for each in made if each]
    assert ids == ["7/add", "7/add#2", "7/add#3"]
    again = Facts(mapping).of(row())
    assert again is not None
    assert again.interactions == made[0].interactions if made[0] else False


def test_equal_rows_are_one_fact_otherwise(mapping: Mapping) -> None:
    facts = Facts(mapping)
    first, second = facts.of(row()), facts.of(row())
    assert first is not None
    assert second is not None
    assert first.interactions == second.interactions


def test_identities_of_strange_characters_are_ids(mapping: Mapping) -> None:
    made = fact(mapping, id="7/ ä#2")
    assert made.interactions[0].external_ref.id == "7%2F%20%C3%A4%232/add"
    long = fact(mapping, id="7" * 200).interactions[0].external_ref.id
    assert len(long) == 64


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"at": "at"}, "at: 'at' is no time of the mapping's format"),
        ({"at": "1970-01-01 00:00:00"}, "at: '1970-01-01 00:00:00' is not between the years"),
        ({"where": "fridge"}, "where: no channel for 'fridge'"),
        ({"user": ""}, "row.subject_id: '' must have 1 to 128 characters"),
        ({"count": "two"}, "body.line.quantity: 'two' is no whole number"),
        ({"price": "1,50"}, "body.line.unit_price.amount: '1,50' is no amount"),
        ({"id": "", "what": ""}, "row.identity: all its columns are empty"),
    ],
)
def test_a_row_that_cannot_be_understood_says_column_and_rule(
    mapping: Mapping, columns: dict[str, str], told: str
) -> None:
    assert refused(mapping, **columns).startswith(told)


def in_amsterdam(ahead: timedelta) -> str:
    when = datetime.now(UTC) + ahead
    return f"{when.astimezone(ZoneInfo('Europe/Amsterdam')):%Y-%m-%d %H:%M:%S}"


def test_what_has_not_happened_yet_is_no_fact(mapping: Mapping) -> None:
    soon = in_amsterdam(timedelta(seconds=90))
    assert refused(mapping, at=soon) == f"time: not in the future (at: {soon!r})"
    assert fact(mapping, at=in_amsterdam(timedelta(seconds=20))).left == 1


@pytest.mark.parametrize("mapping", ["number"], indirect=True)
def test_a_row_of_the_future_keeps_its_number(mapping: Mapping) -> None:
    facts = Facts(mapping)
    with pytest.raises(RowError):
        facts.of(row(at=in_amsterdam(timedelta(days=1))))
    second = facts.of(row())
    assert second is not None
    assert second.interactions[0].external_ref.id == "7/add#2"


def test_a_broken_row_says_how(mapping: Mapping) -> None:
    with pytest.raises(RowError, match="1 columns instead of 2"):
        Facts(mapping).of(FileRow(2, {}, "raw", "1 columns instead of 2"))
