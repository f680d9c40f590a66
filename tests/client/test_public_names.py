import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest

import journey_client
from journey_client import errors, importing, interactions

MODULES = (journey_client, importing)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_what_is_public_is_listed_in_order(module: ModuleType) -> None:
    assert module.__all__ == sorted(module.__all__)
    assert all(hasattr(module, name) for name in module.__all__)


def public_things() -> Iterator[tuple[str, object]]:
    for module in MODULES:
        for name in module.__all__:
            yield f"{module.__name__}.{name}", getattr(module, name)
    for module in (errors, interactions):
        for name, thing in vars(module).items():
            if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__:
                yield f"{module.__name__}.{name}", thing


def members(thing: object) -> Iterator[tuple[str, object]]:
    if inspect.isclass(thing):
        for name, member in vars(thing).items():
            if not name.startswith("_") and (callable(member) or isinstance(member, property)):
                yield name, member


def test_every_public_name_is_documented() -> None:
    silent = []
    for path, thing in public_things():
        if not (inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)):
            continue  # an alias has a comment where it is made
        if not (inspect.getdoc(thing) or "").strip():
            silent.append(path)
        silent += [
            f"{path}.{name}" for name, member in members(thing) if not inspect.getdoc(member)
        ]
    assert silent == []
