"""Packages beside the service that are broken keep it from starting, and say why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from journey_service.bootstrap import declarations_of
from journey_service.config import SettingsError
from journey_service.packages import load_packages
from journey_service.settings import Settings
from tests.packages.test_loyalty_stamps import install

Install = Callable[[str], None]
VIEW = """
from projections.additions import Additions
from projections.view import DerivedView, StoredView

def view(name, version=1):
    return DerivedView(name, version, "Nothing.", derive=lambda journeys, now_ms: {})

class Broken:
    name, version = "broken", 1
    def keys_of(self, event):
        return event.nothing
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package with this code, whose ADDITIONS are its entry point."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(code: str) -> None:
        (tmp_path / "added_by_a_test.py").write_text(VIEW + code)
        points = {"added": "added_by_a_test:ADDITIONS"}
        install(tmp_path, name="added", version="2.1", points=points)

    yield write
    sys.modules.pop("added_by_a_test", None)


def refused(pattern: str) -> None:
    with pytest.raises(SettingsError, match=pattern) as error:
        load_packages().catalogue()
    assert "added 2.1, added_by_a_test:ADDITIONS (journey.projections)" in str(error.value) or (
        "journey.projections: " in str(error.value)
    )


def test_nothing_is_added_where_nothing_is_installed() -> None:
    found = load_packages()
    assert (found.views, found.declarations.kinds) == ((), ())
    assert [view for view in found.catalogue() if found.catalogue().is_own(view.name)] == []


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        ("raise OSError('no such file')", "cannot be loaded: OSError: no such file"),
        ("", "cannot be loaded: AttributeError"),
        ("ADDITIONS = [view('a')]", "is a list, and must be"),
        ("ADDITIONS = Additions(views=[1])", "1 is no StoredView and no DerivedView"),
        ("ADDITIONS = Additions(views=[view('A b')])", "view 'A b': names are"),
        ("ADDITIONS = Additions(views=[view('a', 0)])", "view a: version must be"),
        (
            "ADDITIONS = Additions(views=[StoredView(Broken(), '', publish=dict)])",
            "view broken: keys_of raises AttributeError",
        ),
        ("ADDITIONS = Additions(views=[view('profile')])", "profile: there is a projection of"),
        ("ADDITIONS = Additions(declarations='[[kind]]')", "kind 1: name must"),
        ("ADDITIONS = Additions(declarations='[')", "Invalid"),
    ],
)
def test_a_broken_package_is_named_with_what_is_wrong(
    package: Install, code: str, pattern: str
) -> None:
    package(code)
    refused(pattern)


def test_a_name_is_declared_in_one_place(package: Install, tmp_path: Path) -> None:
    told = '[[interaction]]\\nname = \\"quest.moved\\"'
    package(f'ADDITIONS = Additions(declarations="{told}")')
    assert declarations_of(Settings()).types.keys() == {"quest.moved"}
    file = tmp_path / "declared.toml"
    file.write_text('[[interaction]]\nname = "quest.moved"\n')
    with pytest.raises(SettingsError, match=r"declared\.toml: quest\.moved: declared elsewhere"):
        declarations_of(Settings(declarations_file=file))
