import json
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from journey_service.cli.exits import Refusal
from journey_service.cli.recording import parse
from tests.cli.conftest import PATIENCE_S, Prompt, environment
from tests.cli.terminal import on_terminal, piped

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
# How often the sample is imported: long enough to be killed in the middle of it.
COPIES = 12
PAGE = json.dumps({"screen_id": "home", "page_kind": "KIND_HOME"})
TEA = json.dumps({"line": {"product": {"sku": "tea"}, "quantity": 2}})


@pytest.fixture
def customer() -> str:
    return f"guest-{uuid.uuid4()}"


def test_what_is_recorded_is_shown_watched_and_listed(prompt: Prompt, customer: str) -> None:
    recorded = prompt("record", customer, "cart.line_added", "--body", TEA, "--device", "till-3")
    assert recorded.status == 0, recorded.err
    assert recorded.records[0] | {"event_id": "", "position": 0, "partition": 0} == {
        "type": "cart.line_added",
        "event_id": "",
        "seq": 1,
        "outcome": "accepted",
        "duplicate": False,
        "reason": "",
        "violations": [],
        "version": 2,
        "partition": 0,
        "position": 0,
    }
    (shown,) = prompt("show", customer).records
    assert (shown["kind"], shown["journey_id"]) == ("cart", "main")
    assert (shown["resume_point"], shown["last_device"]) == ("tea × 2", "till-3")
    assert (shown["channel"], shown["listed"], shown["finished"]) == ("desktop_app", True, False)
    watched = prompt("watch", customer, "--once")
    assert [each for each in watched.records if "kind" in each] == [shown]
    assert watched.records[-1] == {"connection": "live", "why": ""}
    events = prompt("events", customer, "--type", "cart.*").records
    assert [event["type"] for event in events] == ["cart.line_added"]
    assert events[0]["interaction"]["cart_line_added"] == json.loads(TEA) | {
        "line": {"product": {"sku": "tea"}, "quantity": "2"}
    }


def test_people_get_tables(prompt: Prompt, customer: str) -> None:
    told = on_terminal(prompt, "record", customer, "cart.line_added", "--body", TEA)
    assert "accepted" in told.out
    shown = on_terminal(prompt, "show", "--subject", customer)
    heading, row = shown.out.strip().splitlines()
    assert heading.split() == "journey resume point left on when".split()
    assert "cart/main  tea × 2" in row
    assert "desktop_app (prompt)" in row
    assert "to go on with" in row


def test_numbers_of_one_device_go_on_from_prompt_to_prompt(prompt: Prompt, customer: str) -> None:
    arguments = (customer, "cart.line_added", "--body", TEA)
    assert prompt("record", *arguments).records[0]["seq"] == 1
    assert prompt("record", *arguments).records[0]["seq"] == 2


def test_many_interactions_come_from_a_pipe(prompt: Prompt, customer: str) -> None:
    lines = [
        json.dumps({"journey": {"kind": "list", "journey_id": "wish"}, "list_item_added": item})
        for item in ({"content_id": "a"}, {"content_id": "b"}, {})
    ]
    told = prompt(
        "record", customer, "--from", "-", "--as", "service", stdin="\n".join(lines) + "\n"
    )
    assert told.status == 1
    assert [each["outcome"] for each in told.records] == ["accepted", "accepted", "rejected"]
    assert told.records[2]["reason"] == "FIELD_VIOLATIONS"
    assert told.records[2]["violations"]


def test_an_account_is_a_customer_by_name(prompt: Prompt) -> None:
    account = f"person-{uuid.uuid4()}"
    assert prompt("record", "--account", account, "cart.line_added", "--body", TEA).status == 0
    (shown,) = prompt("show", "--account", account).records
    assert shown["resume_point"] == "tea × 2"


def test_events_are_followed_as_they_come(prompt: Prompt, customer: str) -> None:
    assert prompt("record", customer, "page.viewed", "--body", PAGE).status == 0
    words = prompt.words("events", customer, "--follow", "--type", "cart.*", "--limit", "2")
    follower, told = piped(words, prompt)
    assert prompt("record", customer, "cart.line_added", "--body", TEA).status == 0
    with told:
        assert json.loads(told.readline())["interaction"]["seq"] == "2"
        assert prompt("record", customer, "cart.line_added", "--body", TEA).status == 0
        assert json.loads(told.readline())["interaction"]["seq"] == "3"
        assert follower.wait(PATIENCE_S) == 0


def test_events_are_followed_without_an_end(prompt: Prompt, customer: str) -> None:
    assert prompt("record", customer, "cart.line_added", "--body", TEA).status == 0
    words = prompt.words("events", customer, "--follow", "--type", "cart.*")
    follower, told = piped(words, prompt)
    with told:
        try:
            for seq in ("1", "2", "3"):
                assert json.loads(told.readline())["interaction"]["seq"] == seq
                assert prompt("record", customer, "cart.line_added", "--body", TEA).status == 0
        finally:
            follower.send_signal(signal.SIGINT)
            assert follower.wait(PATIENCE_S) == 130


def test_a_token_records_for_its_own_customer_alone(prompt: Prompt, customer: str) -> None:
    token = prompt("token", "device", f"other-{uuid.uuid4()}").out.strip()
    ended = prompt("record", "--token", token, customer, "cart.line_added", "--body", TEA)
    assert ended.status == 1
    assert "nothing was recorded" in ended.err
    assert prompt("events", customer).status == 67


def test_the_newest_events_of_the_journal_name_their_customers(
    prompt: Prompt, customer: str
) -> None:
    prompt("record", customer, "cart.line_added", "--body", TEA)
    events = prompt("events", "--journal", "--type", "cart.*").records
    assert customer in {event["subject_id"] for event in events}


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("cart.exploded",), 2, "'cart.exploded' is no type of interaction"),
        (("cart.line_added", "--body", "{"), 65, "--body is no JSON"),
        (("cart.line_added", "--body", '{"lin": 1}'), 65, "no field 'lin'"),
        (("cart.line_added", "--body", "@no-such-file"), 65, "no-such-file"),
        (("cart.line_added", "--channel", "fax"), 2, "'fax' is no channel"),
        ((), 2, "give a TYPE"),
    ],
)
def test_what_cannot_be_recorded_is_said_before_anything_is_sent(
    prompt: Prompt, customer: str, arguments: tuple[str, ...], status: int, told: str
) -> None:
    ended = prompt("record", customer, *arguments)
    assert ended.status == status
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_a_customer_without_anything_is_said_to_have_nothing(prompt: Prompt, customer: str) -> None:
    removed = prompt("record", customer, "cart.line_removed", "--body", '{"line_key": "tea"}')
    assert removed.status == 0, removed.err
    ended = prompt("show", customer)
    assert (ended.status, ended.out) == (0, "")
    assert f"{customer} has nothing to go on with" in ended.err


@pytest.mark.parametrize("command", ["show", "watch", "events"])
def test_a_customer_that_is_not_there_is_told_by_the_exit_status(
    prompt: Prompt, customer: str, command: str
) -> None:
    ended = prompt(command, customer)
    assert ended.status == 67
    assert not [each for each in ended.records if "connection" not in each]
    assert f"CUSTOMER_NOT_FOUND: There is no customer {customer}" in ended.err
    assert "accounts are named with --account" in ended.err


def test_old_facts_are_imported_once_and_then_shown(prompt: Prompt) -> None:
    arguments = (str(EXAMPLES / "ecom-sample.csv"), "--mapping", str(EXAMPLES / "ecom.toml"))
    first = prompt("import", *arguments)
    assert first.status == 0, first.err
    figures = first.records[0]
    assert (figures["rows"], figures["recorded"], figures["rejected"]) == (319, 319, 0)
    assert {name: found["rows"] for name, found in figures["channels"].items()} == {
        "web": 121,
        "mobile_app": 137,
        "other (tablet)": 61,
    }
    again = prompt("import", *arguments).records[0]
    assert again["events"] == {"known": 324}
    assert (again["rows"], again["recorded"], again["known"]) == (319, 0, 319)
    everything = prompt("show", "user_0486", "--all").records
    assert "cart" in {each["kind"] for each in everything}
    platforms = {"web": "desktop", "mobile_app": "mobile", "tablet": "tablet"}
    assert all(
        each["last_device"] == f"user_0486-{platforms[each['channel']]}" for each in everything
    )
    shown = prompt("show", "user_0486").records
    assert shown == [each for each in everything if each["resume_point"] != "empty"]
    assert shown
    assert {each["channel"] for each in shown} <= {"web", "mobile_app", "tablet"}
    assert all(each["archived"] for each in shown)


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_where_it_was(prompt: Prompt) -> None:
    heading, *lines = (EXAMPLES / "ecom-sample.csv").read_text().splitlines()
    rows = [line.replace("user_0", f"again{number}_") for number in range(COPIES) for line in lines]
    (prompt.folder / "rows.csv").write_text("\n".join([heading, *rows]) + "\n")
    text = (EXAMPLES / "ecom.toml").read_text()
    mapping = text.replace('["session_id",', '["user_id", "session_id",')
    (prompt.folder / "m.toml").write_text(mapping.replace('-ecom"', f'-{uuid.uuid4()}"'))
    words = prompt.words("import", "rows.csv", "--mapping", "m.toml")
    first = subprocess.Popen(words, cwd=prompt.folder, env=environment(), stderr=subprocess.DEVNULL)
    bookmark = prompt.folder / "rows.csv.rejected.jsonl.bookmark"
    while not bookmark.exists():
        assert first.poll() is None, "it was done before it could be killed"
        time.sleep(0.01)
    first.kill()
    first.wait()
    noted = json.loads(bookmark.read_text())["line"]
    figures = prompt("import", "rows.csv", "--mapping", "m.toml").records[0]
    assert figures["rows"] == figures["recorded"] + figures["known"] == len(rows)
    assert figures["earlier"] == max(0, noted - 1)
    again = prompt("import", "rows.csv", "--mapping", "m.toml").records[0]
    assert again["events"] == {"known": COPIES * 324}
    assert not bookmark.exists()


def test_rejected_rows_are_counted_kept_and_told_by_the_exit_status(prompt: Prompt) -> None:
    lines = (EXAMPLES / "ecom-sample.csv").read_text().splitlines()[:20]
    file = prompt.folder / "rows.csv"
    file.write_text("\n".join([*lines, lines[0]]) + "\n")
    told = on_terminal(prompt, "import", "rows.csv", "--mapping", str(EXAMPLES / "ecom.toml"))
    assert told.status == 1
    assert "rejected" in told.out
    (kept,) = (prompt.folder / "rows.csv.rejected.jsonl").read_text().splitlines()
    assert json.loads(kept)["line"] == 21


def test_a_mapping_that_is_wrong_is_told_with_its_place(prompt: Prompt) -> None:
    text = (EXAMPLES / "ecom.toml").read_text().replace('"page.viewed"', '"page.seen"', 1)
    (prompt.folder / "m.toml").write_text(text)
    ended = prompt("import", str(EXAMPLES / "ecom-sample.csv"), "--mapping", "m.toml")
    assert ended.status == 65
    assert "m.toml: rule 1 (home), interaction 1: 'page.seen' is no type" in ended.err
    assert "Nothing was sent" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("record", "guest", "cart.line_added", "--body", "@none.json"), "--body @none.json: no"),
        (("record", "guest", "--from", "none.jsonl"), "--from none.jsonl: no such file"),
        (("import", "none.csv", "--mapping", "none.toml"), "FILE none.csv: no such file"),
        (("import", ".", "--mapping", "none.toml"), "FILE .: is a directory"),
    ],
)
def test_a_file_that_is_not_there_is_named_with_its_option(
    prompt: Prompt, words: tuple[str, ...], told: str
) -> None:
    ended = prompt(*words)
    assert ended.status == 65
    assert told in ended.err
    assert "Errno" not in ended.err


def test_a_wrong_field_is_told_with_the_nearest_names() -> None:
    with pytest.raises(Refusal, match="there is no field 'added_form'") as refused:
        parse({"cart_line_added": {"added_form": 1}}, "--body")
    assert refused.value.ending.next_step == "Did you mean added_from?"
    with pytest.raises(Refusal, match="'zzz'") as refused:
        parse({"zzz": {}}, "line 1")
    assert refused.value.ending.next_step.count(" or ") == 4
