"""A fold that somebody wrote and wants to try: found in a Python file."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType, TracebackType

from journey_service.cli.exits import Exit, Refusal

# What a file may call its fold.
NAMES = ("KIND", "PROJECTION", "VIEW")
HOLDS = (
    "The file sets KIND to a projections.projection.JourneyKind, PROJECTION to a projection, or "
    "VIEW to a StoredView or DerivedView of projections.view; FILE.py:NAME names another one."
)
MODULE = "journey_tried_fold"


def load(typed: str) -> object:
    """What FILE.py or FILE.py:NAME holds. Raises Refusal."""
    path, name = _split(typed)
    module = _module(path)
    found = [each for each in ([name] if name else NAMES) if hasattr(module, each)]
    if not found:
        raise Refusal(f"--with {path}: it has no {name or ' or '.join(NAMES)}", HOLDS, Exit.DATA)
    if len(found) > 1:
        raise Refusal(
            f"--with {path}: it has {' and '.join(found)}", f"Name one: {path}:{found[0]}"
        )
    return getattr(module, found[0])


def where(error: BaseException) -> str:
    """File, line and code of the innermost line that raised."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}: {last.line or ''}"


def _split(typed: str) -> tuple[Path, str]:
    path, colon, name = typed.rpartition(":")
    if colon and path.endswith(".py") and name.isidentifier():
        return Path(path), name
    return Path(typed), ""


def _module(path: Path) -> ModuleType:
    """The file, carried out, beside its neighbours, which it may import."""
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if not path.is_file():
        raise Refusal(f"--with {path}: there is no such file", HOLDS, Exit.DATA)
    if spec is None or spec.loader is None:
        raise Refusal(f"--with {path}: its name does not end in .py", HOLDS, Exit.DATA)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    # Dataclasses look for the module they stand in.
    sys.modules[MODULE] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        told = f"{type(error).__name__}: {error} ({_in_file(error, path)})"
        raise Refusal(f"--with {path}: it cannot be loaded: {told}", HOLDS, Exit.DATA) from error
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module


def _in_file(error: Exception, path: Path) -> str:
    """The line of the file itself at which it failed."""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}"
    lines = [line for file, line in _frames(error.__traceback__) if Path(file) == path]
    return f"line {lines[-1]}" if lines else where(error)


def _frames(trace: TracebackType | None) -> list[tuple[str, int | None]]:
    return [(frame.filename, frame.lineno) for frame in traceback.extract_tb(trace)]
