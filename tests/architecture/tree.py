"""What the work tree holds, for tests that read it."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("journey_service", "projections", "clients/python/journey_client")
STATEMENTS = "journey_service/store/**/statements/**/*.sql"
MIGRATIONS = "journey_service/store/**/migrations/*.sql"


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that git knows, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    names = (Path(name) for name in listed.stdout.split("\0") if name)
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def source_modules() -> list[Path]:
    """Python files of the packages that are installed, written by hand, relative to the root."""
    return sorted(
        path.relative_to(ROOT) for folder in PACKAGES for path in (ROOT / folder).rglob("*.py")
    )


def written_modules() -> list[Path]:
    """All Python files written by hand: sources, tests, programs; relative to the root."""
    folders = ("tests", "benchmarks", "docs", "examples", "requirements")
    others = (path.relative_to(ROOT) for name in folders for path in (ROOT / name).rglob("*.py"))
    return sorted([*source_modules(), *others, Path("protos/generate.py")])


def parse(module: Path) -> ast.Module:
    """Syntax tree of one module."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"), filename=str(module))


def texts(tree: ast.Module) -> list[str]:
    """Every string constant of a module, pieces of f-strings too; docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]
