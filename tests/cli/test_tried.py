"""A fold in a file: what is found in it, and what is told of a file that has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from journey_service.cli.exits import Refusal
from journey_service.cli.tried import load, where


def written(folder: Path, text: str) -> str:
    file = folder / "my_fold.py"
    file.write_text(text, "utf-8")
    return str(file)


@pytest.mark.parametrize("name", ["KIND", "PROJECTION", "VIEW"])
def test_the_fold_of_a_file_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    assert load(written(tmp_path, f"{name} = 7")) == 7


def test_of_several_folds_one_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, "KIND = 1\nVIEW = 2\nMINE = 3")
    assert load(f"{file}:MINE") == 3
    with pytest.raises(Refusal, match="it has KIND and VIEW"):
        load(file)


def test_a_file_may_import_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "beside_my_fold.py").write_text("NUMBER = 9", "utf-8")
    assert load(written(tmp_path, "from beside_my_fold import NUMBER as KIND")) == 9


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it has no KIND or PROJECTION or VIEW"),
        ("x = 1\nKIND = 1 / 0", r"it cannot be loaded: ZeroDivisionError.*\(line 2\)"),
        ("KIND = (", r"it cannot be loaded: SyntaxError.*\(line 1\)"),
        ("import there_is_no_such_module", r"ModuleNotFoundError.*\(line 1\)"),
    ],
)
def test_a_file_without_a_fold_is_refused_with_what_it_must_hold(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(Refusal, match=told) as refused:
        load(written(tmp_path, text))
    assert "JourneyKind" in refused.value.ending.next_step


@pytest.mark.parametrize("name", ["nowhere.py", "fold.txt", "."])
def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match="there is no such file"):
        load(str(tmp_path / name))


def test_a_file_that_is_there_and_is_no_python_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A fold", "utf-8")
    with pytest.raises(Refusal, match=r"README.md: its name does not end in \.py"):
        load(str(tmp_path / "README.md"))


def test_a_line_that_raises_is_told_with_its_code(tmp_path: Path) -> None:
    divide = load(written(tmp_path, "def KIND(by):\n    return 1 / by"))
    assert callable(divide)
    with pytest.raises(ZeroDivisionError) as raised:
        divide(0)
    assert where(raised.value) == "my_fold.py:2: return 1 / by"
