import dataclasses
import re
from pathlib import Path

import pytest

from journey_service import config
from journey_service.config import FIELDS, Settings, SettingsError, describe, load, rules_of

UNITS = ("_ms", "_s", "_bytes", "_per_s")


def test_without_anything_given_every_setting_has_its_default() -> None:
    assert load({}) == Settings()


def test_the_environment_goes_before_the_default() -> None:
    assert load({"JOURNEY_PAGE_SIZE": "7"}).page_size == 7


def test_the_command_line_goes_before_the_environment() -> None:
    settings = load({"JOURNEY_PAGE_SIZE": "7"}, {"page_size": 9, "log_format": None})
    assert (settings.page_size, settings.log_format) == (9, "auto")


def test_an_empty_variable_counts_as_not_given() -> None:
    assert load({"JOURNEY_DSN": "", "JOURNEY_PAGE_SIZE": ""}) == Settings()


def test_values_take_the_type_of_their_setting() -> None:
    settings = load(
        {"JOURNEY_REUSE_PORT": "yes", "JOURNEY_DATA_DIR": "~/x", "JOURNEY_LANE_COUNT": " 2 "}
    )
    assert settings.reuse_port is True
    assert settings.data_dir == Path("~/x").expanduser()
    assert settings.lane_count == 2


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        ("JOURNEY_PAGE_SIZE", "0", "at least 1"),
        ("JOURNEY_PAGE_SIZE", "many", "a whole number"),
        ("JOURNEY_TOKEN_LEEWAY_MS", "60001", "at most 60000"),
        ("JOURNEY_REUSE_PORT", "perhaps", "true or false"),
        ("JOURNEY_LOG_FORMAT", "xml", "one of auto, json, console"),
        ("JOURNEY_KEY_CACHE_MS", "5001", "at most 5000"),
    ],
)
def test_a_broken_rule_is_told_with_variable_value_and_rule(
    variable: str, value: str, rule: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load({variable: value})
    assert variable in str(raised.value)
    assert value in str(raised.value)
    assert rule in str(raised.value)


def test_all_broken_rules_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        load({"JOURNEY_PAGE_SIZE": "0", "JOURNEY_LANE_COUNT": "0"})
    assert len(str(raised.value).splitlines()) == 2


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"JOURNEY_PAGE_SIZE=600.*JOURNEY_PAGE_SIZE_MAX=500"):
        load({"JOURNEY_PAGE_SIZE": "600"})


def test_a_connection_may_not_end_before_the_streams_on_it() -> None:
    with pytest.raises(SettingsError, match="JOURNEY_CONNECTION_GRACE_MS"):
        load({"JOURNEY_STREAM_LIFE_MS": "3600000"})


def test_an_unknown_flag_names_the_nearest_setting() -> None:
    with pytest.raises(SettingsError, match=r"--pagesize.*JOURNEY_PAGE_SIZE\?"):
        load({}, {"pagesize": 1})


def test_a_misspelt_variable_is_found_and_foreign_ones_are_not() -> None:
    found = config.unknown_variables(
        {"JOURNEY_PAGESIZE": "1", "JOURNEY_TOKEN": "x", "JOURNEY_DSN": "y", "PATH": "z"}
    )
    assert found == ["JOURNEY_PAGESIZE; did you mean JOURNEY_PAGE_SIZE?"]


def test_a_secret_is_neither_described_nor_told_in_errors() -> None:
    secret = "postgresql://u:hunter2@db/x"
    rows = describe(load({"JOURNEY_DSN": secret}))
    assert [row.value for row in rows if row.name == "dsn"] == ["(set)"]
    assert secret not in str(rows)


def test_every_setting_says_what_it_means() -> None:
    assert [row.name for row in describe() if len(row.doc) < 8 or not row.section] == []


def test_the_name_of_every_duration_and_size_says_its_unit() -> None:
    numbers = [name for name, found in FIELDS.items() if found.type == "int"]
    measured = [
        name
        for name in numbers
        if re.search(r"timeout|wait|life|pause|deadline|grace|age|longest|size(?!_max)", name)
    ]
    without = [name for name in measured if not name.endswith(UNITS)]
    assert [name for name in without if "page_size" not in name] == ["continue_list_size"]


def test_every_default_keeps_its_own_rule() -> None:
    given = {
        name: value for name, value in dataclasses.asdict(Settings()).items() if value is not None
    }
    assert load({}, given) == Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().page_size = 3  # type: ignore[misc]


def test_rules_are_found_by_name() -> None:
    assert rules_of("page_size").at_least == 1


def test_every_setting_is_in_force_somewhere() -> None:
    package = Path(config.__file__).parent
    code = "\n".join(
        path.read_text() for path in package.rglob("*.py") if path.name != "settings.py"
    )
    assert [name for name in FIELDS if not re.search(rf"\.{name}\b", code)] == []
