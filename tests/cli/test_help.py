"""Help of commands, which keeps the lines of its later paragraphs as they are written."""

import ast
from collections.abc import Iterator
from pathlib import Path

import journey_service.cli.commands

COMMANDS = Path(journey_service.cli.commands.__file__).parent
# What fits beside the margins of a terminal of 80 columns.
WIDTH = 78


def _commands() -> Iterator[ast.FunctionDef]:
    for file in sorted(COMMANDS.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and _is_command(node):
                yield node


def _is_command(node: ast.FunctionDef) -> bool:
    called = [each.func for each in node.decorator_list if isinstance(each, ast.Call)]
    return any(isinstance(each, ast.Attribute) and each.attr == "command" for each in called)


def test_help_fits_eighty_columns() -> None:
    commands = [*_commands()]
    assert len(commands) > 30
    told = {each.name: (ast.get_docstring(each) or "").partition("\n\n")[2] for each in commands}
    wide = [(name, line) for name, text in told.items() for line in text.splitlines()]
    assert [each for each in wide if len(each[1]) > WIDTH] == []
