"""examples/sqlite_read_model keeps its counts exactly, over stops and failures."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eventsourcing.tests import persistence

from journey.v1.interactions_pb2 import Interaction
from journey.v1.references_pb2 import JourneyRef
from journey_client.eventsourcing import _bridges
from projections.recorders.events import NAMES
from tests.interop.remote import service
from tests.transport.serving import Served, batch, listed

EXAMPLE = Path(__file__).parents[2] / "examples" / "sqlite_read_model" / "wanted.py"
CART = JourneyRef(kind="cart", journey_id="main")


@pytest.fixture(scope="module")
def example() -> Iterator[Any]:
    spec = importlib.util.spec_from_file_location("wanted", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["wanted"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["wanted"]


class Shoppers:
    """Devices that put products into carts, and do other things."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.bridge = _bridges.take()
        self.counted: Counter[str] = Counter()
        self.last = 0

    def put(self, *skus: str, customer: str = "mila") -> None:
        self.bridge.run(self._put(skus, customer))
        self.counted.update(skus)

    async def _put(self, skus: tuple[str, ...], customer: str) -> None:
        session = await self.served.open_session(customer, f"phone-{customer}-{self.last}")
        many = [_added(seq, sku) for seq, sku in enumerate(skus, 1)]
        many.append(listed(seq=len(many) + 1))
        answer = await self.served.journeys.Record(
            batch(session, *many), metadata=self.served.as_("device", customer)
        )
        self.last = answer.results[-2].position


def _added(seq: int, sku: str) -> Interaction:
    interaction = listed(seq=seq)
    interaction.journey.CopyFrom(CART)
    interaction.cart_line_added.line.product.sku = sku
    interaction.cart_line_added.line.quantity = 1
    return interaction


@pytest.fixture
def running() -> Iterator[tuple[Shoppers, dict[str, str]]]:
    with service() as (served, env):
        shoppers = Shoppers(served)
        yield shoppers, env
        _bridges.give_back()


def test_the_example_counts_every_product_once(
    example: Any, running: tuple[Shoppers, dict[str, str]], tmp_path: Path
) -> None:
    shoppers, env = running
    env = env | {"WANTED_SQLITE_DBNAME": str(tmp_path / "wanted.db")}
    shoppers.put("milk", "bread", "milk")
    with example.runner(env) as runner:
        shoppers.put("milk", "tea", customer="ben")
        runner.wait(shoppers.last, timeout=10)
        assert runner.view.most_wanted() == [("milk", 3), ("bread", 1), ("tea", 1)]
    shoppers.put("tea", "tea", "tea")
    with example.runner(env) as runner:
        runner.wait(shoppers.last, timeout=10)
        assert runner.view.most_wanted() == [("tea", 4), ("milk", 3), ("bread", 1)]


def test_a_failure_in_the_middle_counts_nothing_twice(
    example: Any,
    running: tuple[Shoppers, dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shoppers, env = running
    env = env | {"WANTED_SQLITE_DBNAME": str(tmp_path / "wanted.db")}
    shoppers.put(*(f"sku-{number % 3}" for number in range(10)))
    insert = example.WantedProducts._insert_tracking
    calls = []

    def dying(view: Any, cursor: Any, tracking: Any) -> None:
        insert(view, cursor, tracking)
        if tracking.application_name == "Shop":
            calls.append(tracking)
        if len(calls) == 6:
            raise ConnectionError("killed between the two writes")

    monkeypatch.setattr(example.WantedProducts, "_insert_tracking", dying)
    with (
        pytest.raises(ConnectionError, match="killed"),
        example.runner(env) as runner,
    ):
        runner.run_forever(timeout=10)
    with example.runner(env) as runner:
        runner.wait(shoppers.last, timeout=10)
        assert dict(runner.view.most_wanted()) == shoppers.counted
    assert len(calls) == 11, "the one that failed came again, and no other"


# --- the guide -----------------------------------------------------------------------------------

GUIDE = EXAMPLE.parents[2] / "docs" / "how-to" / "use-with-eventsourcing.md"


def test_the_guide_shows_the_example_as_it_is() -> None:
    shown = GUIDE.read_text("utf-8").partition("```py\n")[2].partition("```")[0]
    assert shown
    assert shown in EXAMPLE.read_text("utf-8")


def test_every_contract_class_of_recorders_stands_in_the_guide() -> None:
    classes = [
        name
        for name, found in vars(persistence).items()
        if isinstance(found, type) and name.endswith(("TestCase", "BaseCase"))
    ]
    table = GUIDE.read_text("utf-8").partition("## Shown by")[2]
    # What others derive from, and what brings no recorder.
    told = {name for name in classes if f"`{name}`" in table}
    assert told == {*classes} - {"RecorderTestCase", "TestCase"}


def test_the_guide_declares_what_the_recorders_write() -> None:
    declared = GUIDE.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    assert [entry["name"] for entry in tomllib.loads(declared)["interaction"]] == [*NAMES]
