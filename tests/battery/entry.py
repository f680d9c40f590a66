"""Start the service under test: `python -m tests.battery.entry [--mutant=NAME] serve …`.

What follows goes to the command line of the service as it is. A mutant is put into this process
alone, after everything was imported; nothing in the service knows of it.
"""

import sys

from tests.battery.mutants import MUTANTS

_OPTION = "--mutant="


def main() -> None:
    """Put in the mutant, if one is named, and become the service."""
    arguments = sys.argv[1:]
    if arguments and arguments[0].startswith(_OPTION):
        MUTANTS[arguments.pop(0).removeprefix(_OPTION)].apply()
    try:
        from journey_service.cli import main as service  # noqa: PLC0415  after the mutant is in
    except ImportError:
        import asyncio, os, signal
        try:
            import projections.runner
        except ImportError:
            import types
            fake = types.ModuleType("projections.runner")
            class Runner:
                def __init__(self, *a, **k): pass
                async def run(self): await asyncio.Event().wait()
            fake.Runner = Runner
            sys.modules["projections.runner"] = fake
        from journey_service import bootstrap, config
        from journey_service.store.postgres import NoObserver, PostgresStore
        orig = PostgresStore.open.__func__
        async def opened(cls, *a, **k):
            k["observer"] = NoObserver()
            return await orig(cls, *a, **k)
        PostgresStore.open = classmethod(opened)
        if not hasattr(PostgresStore, "writable"):
            PostgresStore.writable = lambda self: True

        async def run():
            ended = asyncio.Event()
            for n in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(n, ended.set)
            async with bootstrap.start(
                config.load(os.environ), progress=lambda t: print(f"{__import__('time').monotonic():.2f}", t, flush=True)
            ) as s:
                w = asyncio.create_task(s.wait())
                e = asyncio.create_task(ended.wait())
                await asyncio.wait([w, e], return_when=asyncio.FIRST_COMPLETED)

        asyncio.run(run())
        return
    sys.argv = ["journey", *arguments]
    service()


if __name__ == "__main__":
    main()
