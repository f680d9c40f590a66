"""Tries measurements in their tiny size against one service, which is most of what they cost.

python -m tests.benchmarks.together RESULTS NAME…
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.program import main
from benchmarks.propagation import UNLIMITED
from benchmarks.rebuild import SERVICE
from benchmarks.service import Service, folder, serving


def run(results: str, names: list[str]) -> int:
    """Run them one after the other; the exit status of the first that failed, else 0."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        service = runner.run(_served(stack))
        try:
            for name in names:
                module = import_module(f"benchmarks.{name}")
                _give(module, service)
                status = main(module.MEASUREMENT, ["--tiny", "--results", results])
                if status:
                    return status
        finally:
            runner.run(stack.aclose())
    return 0


async def _served(stack: AsyncExitStack) -> Service:
    """The service, set as any of them asks for."""
    place = stack.enter_context(folder())
    return await stack.enter_async_context(serving(place, {**UNLIMITED, **SERVICE}))


def _give(module: ModuleType, service: Service) -> None:
    """A measurement takes `serving` from its own names."""

    @asynccontextmanager
    async def given(_: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[Service]:
        del settings
        yield service

    module.__dict__["serving"] = given


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2:]))
