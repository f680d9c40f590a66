import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from journey_service.embedded.postgres import EmbeddedPostgres
from tests.postgres import new_data_dir


@pytest.fixture(scope="session")
async def pattern() -> AsyncIterator[Path]:
    """A data directory whose first start is over, and whose server is stopped."""
    with new_data_dir() as folder:
        async with EmbeddedPostgres(folder, progress=print) as postgres:
            postgres.mark_initialized()
        yield folder


@pytest.fixture
def made(pattern: Path, data_dir: Path) -> Path:
    """A copy of it, a test's own: copying costs an eighth of what making one costs."""
    subprocess.run(["cp", "--archive", pattern, data_dir], check=True)
    return data_dir
