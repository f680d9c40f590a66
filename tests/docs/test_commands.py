"""Every command and every program in the README and the docs does what it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.typed import stop_forking, type_in
from tests.postgres import new_data_dir

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    {ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")}
)
COMMAND = re.compile(r"^\s*\$ (journey .*?)(?:\s+# exits with (\d+))?$", re.MULTILINE)
PROGRAM = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"\bmake ([a-z][a-z-]+)")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
PATIENCE_S = 60

pytestmark = pytest.mark.timeout(300)


class Running(NamedTuple):
    """A service with mila's first resume in it, tokens of hers and of a friend's, an app key."""

    environment: dict[str, str]
    address: str
    token: str
    friends_token: str
    app_key: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    errors = tmp_path_factory.mktemp("docs") / "errors"
    declared = errors.with_name("declarations.toml")
    guide = (ROOT / "docs/how-to/declare-a-kind.md").read_text("utf-8")
    declared.write_text(guide.partition("```toml\n")[2].partition("```")[0], "utf-8")
    with new_data_dir() as data_dir, errors.open("w") as told:
        environment = {
            **os.environ,
            "JOURNEY_DATA_DIR": str(data_dir),
            "JOURNEY_DECLARATIONS_FILE": str(declared),
            "JOURNEY_GRPC_ADDRESS": "127.0.0.1:0",
            "JOURNEY_OPERATIONS_ADDRESS": "127.0.0.1:0",
            "JOURNEY_DRAIN_NOTICE_MS": "0",
            "COLUMNS": "160",
        }
        up = subprocess.Popen(
            [_program("journey"), "up", "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            cwd=ROOT,
        )
        assert up.stdout is not None
        with up.stdout:
            try:
                last = next((line for line in up.stdout if '"token"' in line), "")
                assert last, errors.read_text()
                served = json.loads(last)
                environment["JOURNEY_ADDRESS"] = served["address"]
                friends = _token(environment, "ben")
                yield Running(
                    environment, served["address"], served["token"], friends, served["app_key"]
                )
            finally:
                stop_forking()
                up.send_signal(signal.SIGINT)
                status = up.wait(PATIENCE_S)
        assert status == 0, errors.read_text()


def _token(environment: dict[str, str], account: str) -> str:
    """A device's token, as the prompt makes it."""
    words = [_program("journey"), "token", "device", account, "--json"]
    made = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return str(json.loads(made.stdout)["token"])


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _commands() -> Iterator[object]:
    for page in PAGES:
        for number, (command, status) in enumerate(COMMAND.findall(page.read_text("utf-8"))):
            name = f"{page.relative_to(ROOT)}:{number} {command[:40]}"
            yield pytest.param(command, int(status or 0), id=name)


@pytest.mark.parametrize(("command", "status"), [*_commands()])
def test_a_command_in_the_docs_does_what_it_says(
    running: Running, command: str, status: int, tmp_path: Path
) -> None:
    words = shlex.split(command)
    words = [str(ROOT / word) if word.startswith("examples/") else word for word in words]
    assert words[0] == "journey", "other programs are not started here"
    done = type_in(words, tmp_path, running.environment, within_s=PATIENCE_S)
    assert done.status == status, done.out + done.err
    assert done.out or done.err


def _programs() -> Iterator[object]:
    for page in PAGES:
        for number, program in enumerate(PROGRAM.findall(page.read_text("utf-8"))):
            yield pytest.param(program, id=f"{page.relative_to(ROOT)}:{number}")


@pytest.mark.parametrize("program", [*_programs()])
def test_a_program_in_the_docs_runs(running: Running, program: str) -> None:
    whole = (
        "import asyncio\nimport sys\n"
        "token, friends_token, address, app_key = sys.argv[1:]\n"
        "async def main():\n"
        + textwrap.indent(program.replace('"127.0.0.1:8080"', "address"), "    ")
        + "\nasyncio.run(main())\n"
    )
    told = running.token, running.friends_token, running.address, running.app_key
    done = subprocess.run(
        [sys.executable, "-c", whole, *told],
        env=running.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_make_target_named_in_the_docs_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    code = "\n".join(re.findall(r"```.*?```|`[^`]+`", page.read_text("utf-8"), re.DOTALL))
    assert set(MAKE.findall(code)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_is_short_and_shows_code_by_line_twenty_two() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) < 150
    assert "```python" in lines[:22]
