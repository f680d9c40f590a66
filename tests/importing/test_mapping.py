from pathlib import Path
from textwrap import dedent

import pytest

from journey_client.importing import Mapping, MappingError

ROOT = Path(__file__).resolve().parents[2]
DATA = Path("rows.csv")
WHOLE = """
    source = "shop"
    [row]
    identity = ["id"]
    subject_id = "{user}"
    [time]
    column = "at"
    format = "unix_ms"
    [channel]
    default = "web"
    [rules]
    column = "what"
    [[rule]]
    when = "add"
    type = "cart.line_added"
    body = { line = { product = { sku = "{sku}" }, quantity = "{count}" } }
"""


def load(tmp_path: Path, text: str) -> Mapping:
    path = tmp_path / "m.toml"
    path.write_text(dedent(text))
    return Mapping.load(path, DATA)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(MappingError) as refused:
        load(tmp_path, text)
    return str(refused.value).splitlines()


def test_a_mapping_tells_the_columns_it_needs(tmp_path: Path) -> None:
    mapping = load(tmp_path, WHOLE)
    assert mapping.columns == {"id", "user", "at", "what", "sku", "count"}
    assert mapping.form == "csv"


def test_the_mapping_of_the_shop_events_is_whole() -> None:
    mapping = Mapping.load(ROOT / "examples/ecom.toml", ROOT / "examples/ecom-sample.csv")
    assert len(mapping.rules) == 19
    assert mapping.other_rule is None


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ('source = "shop"', "", "m.toml: source: required"),
        ('source = "shop"', 'source = "shop"\nsorce = 1', "m.toml: sorce: not known here"),
        ('identity = ["id"]', "", "m.toml: row.identity: the columns that name a row"),
        ('"{user}"', '"{user"', "m.toml: row.subject_id: '{user' has a brace without"),
        ('"unix_ms"', '"soon"', "m.toml: time.format: one of iso8601, unix_s, unix_ms, or a"),
        ('"unix_ms"', '"iso8601"\nzone = "Mars"', "m.toml: time.zone: 'Mars' is no IANA zone"),
        ('"web"', '"fax"', "m.toml: channel.default: 'fax' is no channel; there are: web"),
        ('"web"', '"other"', "m.toml: channel.default: channel other needs a label"),
        (
            '"cart.line_added"',
            '"cart.exploded"',
            "m.toml: rule 1 (add), interaction 1: 'cart.exploded' is no type of interaction",
        ),
        (
            'sku = "{sku}"',
            'sky = "{sku}"',
            "m.toml: rule 1 (add), interaction 1: body.line.product.sky: Product has sku, gtin",
        ),
        (
            'sku = "{sku}"',
            'name = "x"',
            "m.toml: rule 1 (add), interaction 1: body.line.product.sku: required",
        ),
        (
            'quantity = "{count}"',
            'quantity = "many"',
            "m.toml: rule 1 (add), interaction 1: body.line.quantity: 'many' is no whole number",
        ),
        (
            'when = "add"',
            'when = "add"\njourney = "media/{id}"',
            "m.toml: rule 1 (add), interaction 1: journey 'media/{id}': cart.line_added is for",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, good: str, bad: str, told: str
) -> None:
    assert good in WHOLE
    found = problems(tmp_path, WHOLE.replace(good, bad))
    assert any(line.startswith(told) for line in found), found


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, WHOLE.replace('"unix_ms"', '"soon"').replace('"web"', '"fax"'))
    assert len(found) == 2


def test_two_rules_for_one_value_are_refused(tmp_path: Path) -> None:
    twice = WHOLE + '[[rule]]\n    when = "add"\n    type = "page.viewed"\n'
    found = problems(tmp_path, twice)
    assert "m.toml: rule 2: 'add' has a rule already" in found


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "line 1" in problems(tmp_path, "source =\n")[0]


def test_a_file_without_a_column_that_is_needed_is_refused(tmp_path: Path) -> None:
    mapping = load(tmp_path, WHOLE)
    with pytest.raises(MappingError, match=r"rows.csv: needs column 'sku', but the file has id"):
        mapping.check_header("rows.csv", ["id", "user", "at", "what", "count"])


@pytest.mark.parametrize(
    ("header", "shown"), [(["name", "street"], "name,street"), ([], "nothing")]
)
def test_a_file_of_another_kind_is_said_to_look_like_one(
    tmp_path: Path, header: list[str], shown: str
) -> None:
    mapping = load(tmp_path, WHOLE)
    with pytest.raises(MappingError, match="does not look like") as refused:
        mapping.check_header("rows.csv", header)
    assert len(refused.value.problems) == 1
    assert str(refused.value).endswith(f"first line is: {shown}")
