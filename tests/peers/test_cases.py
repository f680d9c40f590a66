import ast
from functools import cache
from pathlib import Path

import pytest

from tests.peers.case import Case
from tests.peers.cases import CASES
from tests.peers.page import PAGE, ROOT, text

HOLDING_AT_LEAST = 0.95


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_has_a_test_or_a_reason(case: Case) -> None:
    assert case.shown or case.differs or case.not_applicable
    for shown in case.shown:
        file, _, function = shown.partition("::")
        function, _, row = function.partition("[")
        assert Path(ROOT / file).is_file(), shown
        assert function in functions_of(file), shown
        assert not row or f'"{row.rstrip("]")}"' in (ROOT / file).read_text(), shown


def test_names_are_given_once_a_peer() -> None:
    named = [(case.peer, case.name) for case in CASES]
    assert len(set(named)) == len(named) == 88


def test_nearly_all_that_apply_hold() -> None:
    applying = [case for case in CASES if not case.not_applicable]
    holding = [case for case in applying if case.standing == "holds"]
    assert len(holding) >= HOLDING_AT_LEAST * len(applying)


def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run `python -m tests.peers`"
