from collections.abc import Iterator

import pytest

import projections
from projections.journeys.custom import custom_kind
from tests.projections.acts import QUEST


@pytest.fixture(autouse=True, scope="package")
def declared_kinds() -> Iterator[None]:
    """A deployment that declares one custom kind."""
    projections.declare([custom_kind(QUEST)])
    yield
    projections.declare([])
