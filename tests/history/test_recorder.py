from pathlib import Path

import pytest

from tests.history.checker import check
from tests.history.history import load
from tests.history.recorder import Answer, Recorder


def record_one_append(folder: Path) -> Recorder:
    with Recorder(folder, "p1") as recorder:
        call = recorder.call(
            proc="w1.0",
            rpc="Record",
            subject="ada",
            installation="phone",
            first_seq=1,
            event_ids=["e1"],
            hashes=["h1"],
        )
        answer = Answer("ACCEPTED", "", duplicate=False, version=1, partition=7, position=1)
        recorder.result(call, "ok", answers=[answer], processed_seq=1)
        recorder.items("r1", "ada", [(1, 7, 1, "e1")])
        recorder.final("ada", [[1, 7, 1, "e1", "phone", 1, "h1", "ACCEPTED", "", "media.paused"]])
        recorder.table("ada", [(1, 7, 1, "e1")])
        recorder.heads({7: 1})
    return recorder


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    record_one_append(tmp_path)
    history = load(tmp_path)
    call = history.streams["ada"].calls[0]
    assert call.t1 is not None
    assert call.t0 < call.t1
    assert call.answers == (Answer("ACCEPTED", "", False, 1, 7, 1),)
    assert history.observations == 1
    assert history.heads == {7: 1}
    assert check(history) == []


def test_calls_are_counted_by_outcome_and_faults_once(tmp_path: Path) -> None:
    with Recorder(tmp_path, "p1") as recorder:
        for outcome in ("ok", "fail", "fail"):
            call = recorder.call(proc="w", rpc="Record", subject="ada")
            recorder.result(call, outcome)
        with recorder.during("pause", "service"):
            recorder.fault("kill", "postgres")
    assert (recorder.ok, recorder.fail, recorder.unknown, recorder.faults) == (1, 2, 0, 2)
    assert load(tmp_path).faults == 2


def test_a_call_without_a_result_is_unknown(tmp_path: Path) -> None:
    with Recorder(tmp_path, "p1") as recorder:
        recorder.call(proc="w", rpc="Record", subject="ada", event_ids=["e1"], hashes=["h1"])
    assert load(tmp_path).count("unknown") == 1


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path: Path) -> None:
    record_one_append(tmp_path)
    with (tmp_path / "history-p1.jsonl").open("a") as file:
        file.write('{"kind":"item","sub')
    assert check(load(tmp_path)) == []


def test_a_folder_without_histories_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="history-"):
        load(tmp_path)
