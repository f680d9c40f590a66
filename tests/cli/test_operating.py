import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from journey_service.cli.app import app_for
from journey_service.cli.ending import run
from journey_service.cli.exits import MEANING, Exit
from tests.cli.conftest import Prompt
from tests.cli.terminal import Terminal, on_terminal
from tests.postgres import RoleDsn, new_data_dir

FREE = ("--grpc-address", "127.0.0.1:0", "--operations-address", "127.0.0.1:0")
COMMANDS = sorted(
    "up serve migrate record show watch events import token config doctor verify".split()
)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Path]:
    with new_data_dir() as folder:
        yield folder


def test_the_first_resume_plays_and_then_finds_its_data_again(bare: Prompt, lasting: Path) -> None:
    up = ("--data-dir", str(lasting), *FREE)
    first = bare("up", "--once", *up)
    assert first.status == 0, first.err
    steps = [record for record in first.records if "no" in record]
    assert len(steps) == 16
    assert {"sent": "GetJourney media/film-42", "answer": "0:31:13.250, left on phone"}.items() <= (
        steps[7].items()
    )
    assert all(step["ms"] is None or step["ms"] > 0 for step in steps)
    assert steps[12]["answer"] == steps[13]["answer"] == "lemonade × 2, napkins × 1, popcorn × 2"
    assert "stopped" in first.err
    terminal = Terminal(bare.words("up", *up), bare)
    told = terminal.read_until("Ctrl-C stops everything")
    assert f"Found the data again in {lasting}" in told
    assert "goes on with film-43" in told
    assert "show cart/film-43" in told  # another basket too: what was put into one stays there
    assert "line_removed" not in told
    assert "both devices show the same" in told
    assert "What mila can go on with" in told
    assert told.count("journey show") == told.count("journey watch") == 1
    (key,) = {record["app_key"] for record in first.records if "app_key" in record}
    assert f"app key     {key}" in told  # the same as the first time
    terminal.process.send_signal(signal.SIGINT)
    ended = terminal.read_all()
    assert ended.status == 0
    assert ended.out.rstrip().endswith("stopped")


def test_an_address_that_is_taken_is_said_to_be(bare: Prompt, lasting: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        ended = bare("serve", "--data-dir", str(lasting), "--grpc-address", address)
    assert ended.status == 69
    assert address in ended.err
    assert "choose another --grpc-address" in ended.err
    assert "Traceback" not in ended.err
    assert "add_port" not in ended.err
    assert "runs already" not in ended.err


def test_a_second_service_on_the_same_data_is_told_that_the_first_runs(
    bare: Prompt, service: dict[str, str]
) -> None:
    ended = bare("serve", "--data-dir", service["data_dir"], "--grpc-address", service["address"])
    assert ended.status == 69
    assert f"a service runs already on the data directory {service['data_dir']}" in ended.err
    assert "add_port" not in ended.err
    assert bare("doctor", "--data-dir", service["data_dir"], "--address", service["address"],
                "--set", "operations_address=127.0.0.1:0").status == 0  # fmt: skip


def test_a_data_directory_that_cannot_be_used_is_left_alone(bare: Prompt) -> None:
    with new_data_dir() as folder:
        folder.mkdir(exist_ok=True)
        (folder / "diary.txt").write_text("mine")
        ended = bare("serve", "--data-dir", str(folder), *FREE)
        assert ended.status == 78
        assert str(folder) in ended.err
        assert [path.name for path in folder.iterdir()] == ["diary.txt"]


def test_a_database_is_migrated_once_and_then_again(bare: Prompt, empty_database: str) -> None:
    first = bare("migrate", "--dsn", empty_database)
    assert first.status == 0, first.err
    assert first.records[0]["applied"]
    again = bare("migrate", "--dsn", empty_database)
    assert again.records[0]["applied"] == []
    assert again.records[0]["journal_id"] == first.records[0]["journal_id"]


def test_the_journal_is_walked_while_it_is_served(prompt: Prompt) -> None:
    prompt("record", "guest", "list.item_added", "--journey", "list/wish", "--body",
           '{"content_id": "film-1"}')  # fmt: skip
    ended = prompt("verify")
    assert ended.status == 0, ended.err
    assert ended.records[-1]["findings"] == 0
    assert ended.records[-1]["events"] >= 2


def test_the_doctor_looks_at_everything(prompt: Prompt) -> None:
    ended = prompt("doctor")
    found = {record["check"]: record["verdict"] for record in ended.records}
    assert ended.status == 0, ended.records
    assert set(found) == {
        "settings", "PostgreSQL", "data", "keys", "gRPC", "operations", "database", "service",
        "clock",
    }  # fmt: skip
    assert found["service"] == found["database"] == found["clock"] == "ok"


def test_the_doctor_warns_that_no_service_runs(bare: Prompt, lasting: Path) -> None:
    ended = bare("doctor", "--data-dir", str(lasting), "--address", "127.0.0.1:1",
                 "--set", "operations_address=127.0.0.1:0")  # fmt: skip
    found = {record["check"]: record for record in ended.records}
    assert found["service"]["verdict"] == "warn"
    assert found["service"]["found"] == "not running at 127.0.0.1:1"
    assert "journey up" in found["service"]["advice"]


def test_the_doctor_says_what_is_wrong_and_what_to_do(bare: Prompt, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    ended = on_terminal(
        bare, "doctor", "--data-dir", str(tmp_path), "--dsn", "postgresql://127.0.0.1:1/none"
    )
    assert ended.status == 1
    assert "fail  database" in ended.out
    assert "Look at the DSN" in ended.out


def test_a_service_that_is_not_there_is_said_to_be_away(prompt: Prompt) -> None:
    ended = prompt("show", "guest", "--address", "127.0.0.1:1")
    assert ended.status == 69
    assert "no answer from the service at 127.0.0.1:1" in ended.err
    assert "journey up" in ended.err


def test_a_token_of_another_installation_is_refused(prompt: Prompt) -> None:
    ended = prompt("show", "guest", "--token", "a.b.c")
    assert ended.status == 1
    assert "TOKEN_INVALID" in ended.err
    assert "--data-dir" in ended.err


def test_a_token_is_made_and_taken(prompt: Prompt) -> None:
    told = prompt("token", "service", "reports", "--json").records[0]
    assert told["life_s"] == 3600
    alone = prompt("token", "service", "reports").out.strip()
    page = '{"screen_id": "home", "page_kind": "KIND_HOME"}'
    assert prompt("record", "guest-of-tokens", "page.viewed", "--body", page).status == 0
    assert prompt("show", "guest-of-tokens", "--token", alone).status == 0


def test_a_token_that_would_live_too_long_is_refused(prompt: Prompt) -> None:
    ended = prompt("token", "device", "mila", "--life-s", "901")
    assert ended.status == 2
    assert "lives 1 to 900 s, not 901" in ended.err


@pytest.mark.parametrize("subject", ["", "bad id!", "x" * 129])
def test_a_token_that_the_service_would_refuse_is_not_made(prompt: Prompt, subject: str) -> None:
    ended = prompt("token", "device", subject)
    assert ended.status == 2
    assert ended.out == ""
    assert f"subject {subject!r} is no id: an id has 1 to 128 printable" in ended.err


def test_an_id_that_no_customer_can_have_is_named_with_its_rule(prompt: Prompt) -> None:
    ended = prompt("record", "bad id!", "cart.line_added")
    assert ended.status == 2
    assert "customer 'bad id!' is no id" in ended.err
    assert "without spaces" in ended.err


def test_an_account_that_nobody_has_is_named_as_it_was_typed(prompt: Prompt) -> None:
    ended = prompt("show", "--account", "nobody-yet")
    assert ended.status == 67
    assert "account nobody-yet: There is no customer" in ended.err


def test_a_broken_rule_is_told_once(prompt: Prompt) -> None:
    ended = prompt("show", "guest", "--kind", "film")
    assert ended.status == 1
    assert ended.err.count("film") <= 1
    assert ended.err.count("kinds") == 1


def test_settings_are_printed_with_unit_and_source(
    bare: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {row["name"]: row for row in bare("config", "--set", "heartbeat_ms=1000").records}
    assert rows["heartbeat_ms"]["value"] == "1000"
    assert rows["heartbeat_ms"]["source"] == "command line"
    assert rows["heartbeat_ms"]["unit"] == "ms"
    assert rows["page_size"]["source"] == "default"


def test_a_setting_that_breaks_its_rule_is_told_with_it(bare: Prompt) -> None:
    ended = bare("config", "--set", "page_size=0")
    assert ended.status == 78
    assert "at least 1" in ended.err


def test_a_misspelt_setting_is_named_as_typed_with_the_nearest(bare: Prompt) -> None:
    ended = bare("config", "--set", "page_sze=3")
    assert ended.status == 78
    assert "--set page_sze: there is no such setting; did you mean page_size?" in ended.err


def test_help_on_up_begins_with_the_help(bare: Prompt) -> None:
    assert "starting" not in bare("up", "--help").err


def test_nobody_is_shown_where_no_service_was_started(bare: Prompt, tmp_path: Path) -> None:
    ended = bare("show", "guest", "--data-dir", str(tmp_path / "none"))
    assert ended.status == 78
    assert "no service was started yet" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["shw"],
        ["show"],
        ["show", "a", "--account", "b"],
        ["events"],
        ["record", "a"],
        ["migrate"],
        ["events", "a", "--follow", "--newest", "3"],
        ["record", "a", "cart.line_added", "--as", "king"],
    ],
)
def test_a_wrong_command_line_is_status_2(words: list[str]) -> None:
    assert run(words) == Exit.USAGE


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert "Example" in told
    assert f"$ journey {command}" in " ".join(told.split()) or command == "config"


def test_the_commands_are_those_and_their_exit_statuses_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert set(MEANING) == set(Exit)
    for status, meaning in MEANING.items():
        assert f"{status.value} {meaning}" in told
    assert app_for([]).info.no_args_is_help
    assert all(f" {command} " in told for command in COMMANDS)


def test_the_store_of_a_dsn_is_walked(
    bare: Prompt, database_as: RoleDsn, service: dict[str, str]
) -> None:
    data_dir = service["data_dir"]
    ended = bare("verify", "--dsn", database_as("application"), "--data-dir", data_dir)
    assert ended.status == 0, ended.err
    assert ended.records[-1] == {"events": 0, "findings": 0}
