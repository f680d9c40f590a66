"""A customer seen live, in a terminal and in a pipe, while simulated devices act."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import uuid
from typing import Any

import pytest

import journey_client
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.cli.watching import watch_lines
from tests.cli.conftest import PATIENCE_S, Prompt, environment
from tests.cli.terminal import Terminal, on_terminal, piped

TEA = json.dumps({"line": {"product": {"sku": "tea"}, "quantity": 2}})
DAY = ("--seed", "7", "--speed", "0")


@pytest.fixture
def account(prompt: Prompt) -> str:
    """An account with tea in its basket."""
    name = f"person-{uuid.uuid4().hex[:8]}"
    told = prompt("record", "--account", name, "cart.line_added", "--body", TEA)
    assert told.status == 0, told.err
    return name


def test_a_picture_of_eighty_columns_shows_devices_journeys_and_what_changes(
    prompt: Prompt, account: str
) -> None:
    watching = Terminal(prompt.words("watch", "--account", account), prompt, columns=80)
    watching.read_until("tea × 2")
    done = prompt("simulate", "--account", account, *DAY, "--quiet")
    assert done.status == 0, done.err
    for wanted in ("● phone", "● tv", "night-train-7", "is there", "phone has left", "○ phone"):
        watching.read_until(wanted)
    watching.process.send_signal(signal.SIGINT)
    ended = watching.read_all()
    assert ended.status == 130
    assert "Traceback" not in ended.out
    assert "● live since" in ended.out
    assert max(map(len, re.split(r"[\r\n]+", ended.out))) <= 80


def test_a_pipe_gets_a_line_for_each_change(prompt: Prompt, account: str) -> None:
    watching, told = piped(prompt.words("watch", "--account", account), prompt)
    with told:
        found = [json.loads(told.readline())]
        while found[-1].get("connection") != "live":
            found.append(json.loads(told.readline()))
        assert prompt("simulate", "--account", account, *DAY, "--quiet").status == 0
        gone: set[str] = set()
        while gone != {"phone", "laptop", "tv"}:
            found.append(json.loads(told.readline()))
            gone |= {found[-1]["present"]} if found[-1].get("gone") else set()
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE_S) == 130
    journeys = {f"{each['kind']}/{each['journey_id']}" for each in found if "kind" in each}
    assert {"cart/main", "media/night-train-7", "form/insurance-7", "order/order-7"} <= journeys
    listed = [each["continue_list"] for each in found if "continue_list" in each]
    assert listed[0] == ["cart/main"]
    assert listed[-1][0] == "media/night-train-7"
    assert {each["present"] for each in found if "present" in each} == {"phone", "laptop", "tv"}
    assert all(len(change) > 1 or "lag" in change or "continue_list" in change for change in found)


def test_a_customer_to_watch_can_be_made_with_a_simulated_day(prompt: Prompt) -> None:
    ended = prompt("watch", "--account", "nobody-yet")
    assert ended.status == 67
    assert "journey simulate --account NAME" in ended.err


def test_a_customer_who_is_not_there_yet_is_waited_for_on_a_terminal(prompt: Prompt) -> None:
    name = f"person-{uuid.uuid4().hex[:8]}"
    watching = Terminal(prompt.words("watch", "--account", name), prompt, columns=80)
    watching.read_until(f"waiting for the first event of {name}")
    told = prompt("record", "--account", name, "cart.line_added", "--body", TEA)
    assert told.status == 0, told.err
    watching.read_until("tea × 2")
    watching.process.send_signal(signal.SIGINT)
    assert watching.read_all().status == 130


def test_a_program_that_wants_the_customer_once_is_not_kept_waiting(prompt: Prompt) -> None:
    ended = on_terminal(prompt, "watch", "--account", "nobody-yet", "--once")
    assert ended.status == 67


def test_a_pipe_is_told_once_that_nobody_answers_and_where(bare: Prompt) -> None:
    watching = subprocess.Popen(
        bare.words("watch", "mila", "--address", "127.0.0.1:1", "--token", "a.b.c"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert watching.stdout is not None
    connections = [json.loads(watching.stdout.readline())["connection"] for _ in range(4)]
    watching.send_signal(signal.SIGINT)
    _, told = watching.communicate(timeout=PATIENCE_S)
    assert connections.count("stale") == 2
    assert told.count("no answer from the service at 127.0.0.1:1") == 1
    assert "journey up" in told
    assert watching.returncode == 130


async def test_a_pipe_gives_up_on_a_service_that_never_answered() -> None:
    async with journey_client.connect("127.0.0.1:1", token="a.b.c", service=True) as client:
        following = client.customer("mila").watch()
        with pytest.raises(Refusal, match="no answer from the service") as refused:
            await watch_lines(following, Output(True), "127.0.0.1:1", once=False, within_s=0.2)
    assert refused.value.ending.status == Exit.UNAVAILABLE


def test_a_day_is_told_act_by_act_and_ends_with_the_comparison(prompt: Prompt) -> None:
    name = f"person-{uuid.uuid4().hex[:8]}"
    words = ("--account", name, *DAY, "--offline", "0.5", "--clock-error", "3y")
    told = on_terminal(prompt, "simulate", *words)
    assert told.status == 0
    lines = told.out.splitlines()
    assert lines[0] == f"A day of {name} on phone, laptop, tv: {_acts(lines)} acts, seed 7"
    assert f"journey watch --account {name}" in lines[1]
    basket = next(line for line in lines if "into the basket" in line)
    assert basket.startswith("07:4")
    assert "phone   off puts" in basket
    assert "kept on the device" in basket
    assert lines[-1].startswith("✓ 3 devices and the service show ")
    again = prompt("simulate", *words)
    assert again.status == 1
    assert f"the day of seed 7 was played for {name} before" in again.err


def _acts(lines: list[str]) -> int:
    """How many acts were told; what a device does because it is told to is none of the plan."""
    return sum(" → " in line and " is told to " not in line for line in lines)


def test_a_day_in_a_pipe_is_json_and_says_what_was_sent(prompt: Prompt) -> None:
    name = f"person-{uuid.uuid4().hex[:8]}"
    told = prompt("simulate", "--account", name, *DAY, "--devices", "2")
    assert told.status == 0, told.err
    first, *acts, last = told.records
    assert (first["seed"], first["devices"]) == (7, ["phone", "laptop"])
    assert last["equal"] is True
    ids = {event_id for act in acts for event_id in act["event_ids"]}
    events = prompt("events", "--account", name, "--limit", "500").records
    assert ids <= {event["interaction"]["event_id"] for event in events}
    types: list[Any] = [act["types"] for act in acts]
    assert ["form.submitted"] in types


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--clock-error", "long"), "write a number and one of"),
        (("--devices", "1"), "greater than or equal to 2"),
        (("--offline", "2"), "less than or equal to 1"),
        (("--speed", "-1"), "greater than or equal to 0"),
    ],
)
def test_a_day_that_cannot_be_is_refused_before_anything_is_sent(
    prompt: Prompt, arguments: tuple[str, str], told: str
) -> None:
    ended = prompt("simulate", *arguments)
    assert ended.status == 2
    assert told in " ".join(ended.err.split())


def test_help_teaches_with_examples(bare: Prompt) -> None:
    assert "journey watch --account mila" in bare("watch", "--help").out
    assert "status 130" in " ".join(bare("watch", "--help").out.split())
    assert "--offline 0.6 --clock-error 3y" in bare("simulate", "--help").out
