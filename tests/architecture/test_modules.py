import ast
import re

from tests.architecture.tree import ROOT, parse, source_modules, written_modules

LONGEST_MODULE_LINES = 400
# Modules that are one thing although they are long: path -> why.
LONG_MODULES: dict[str, str] = {
    "journey_service/domain/errors.py": "all that can be refused is one tree, drawn at its top",
}
EMPTY_WORDS = frozenset(
    "base common handler handlers helper helpers manager managers misc processor processors "
    "tenant util utils".split()
)
EMPTY_CLASS = re.compile(r"(Base|Common|Helper|Manager|Processor|Utils?)$|^(Base|Common)[A-Z]")


def test_no_module_is_named_by_an_empty_word() -> None:
    named = [
        str(module)
        for module in written_modules()
        if EMPTY_WORDS & set(re.split(r"[_/]", str(module.with_suffix("")).lower()))
    ]
    assert named == []


def test_no_class_is_named_by_an_empty_word() -> None:
    named = [
        f"{module}: {node.name}"
        for module in source_modules()
        for node in ast.walk(parse(module))
        if isinstance(node, ast.ClassDef) and EMPTY_CLASS.search(node.name)
    ]
    assert named == []


def test_a_long_module_is_two_modules_or_is_named_with_a_reason() -> None:
    long = {
        str(module)
        for module in written_modules()
        if len((ROOT / module).read_text().splitlines()) > LONGEST_MODULE_LINES
    }
    assert long == set(LONG_MODULES)


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(module)
        for module in written_modules()
        if not module.name.startswith(("test_", "conftest"))
        and ast.get_docstring(parse(module)) is None
    ]
    assert silent == []
