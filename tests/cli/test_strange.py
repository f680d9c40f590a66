"""Names in a filter that nobody knows are told, and refused by nobody."""

from __future__ import annotations

import pytest

from journey.v1.reading_pb2 import EventFilter
from journey_service.cli.strange import strange, warn
from journey_service.settings import Settings


@pytest.mark.parametrize("wanted", [["cart.line_added"], ["cart.*", "order.*"], []])
def test_what_is_built_in_is_not_strange(wanted: list[str]) -> None:
    assert not [*strange(EventFilter(types=wanted, kinds=["cart", "media"]), (), ())]


def test_what_is_declared_is_not_strange() -> None:
    wanted = EventFilter(types=["garden.*", "garden.watered"], kinds=["garden"])
    assert len([*strange(wanted, (), ())]) == 3
    assert not [*strange(wanted, {"garden"}, {"garden.watered"})]


def test_what_nobody_knows_is_a_line_each_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted = EventFilter(types=["nosuch.*", "cart.*", "cart"], kinds=["nosuch", "cart"])
    warn(wanted, Settings())
    said = capsys.readouterr()
    assert said.out == ""
    kind, group, name = said.err.splitlines()
    assert kind.startswith("--kind nosuch: ")
    assert group.startswith("--type nosuch.*: ")
    assert name.startswith("--type cart: ")
