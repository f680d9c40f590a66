"""Run the embedded PostgreSQL alone: `python -m journey_service.embedded DIR`, until Ctrl-C."""

import asyncio
import signal
import sys
from pathlib import Path

from journey_service.embedded.directory import default_data_directory
from journey_service.embedded.errors import EmbeddedPostgresError
from journey_service.embedded.postgres import EmbeddedPostgres


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


async def _run(data_dir: Path) -> None:
    told_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told_to_end.set)
    async with EmbeddedPostgres(data_dir, progress=_say) as postgres:
        postgres.mark_initialized()
        sys.stdout.write(postgres.dsn("owner") + "\n")
        sys.stdout.flush()
        keeping = asyncio.create_task(postgres.supervise())
        try:
            await told_to_end.wait()
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])


def main() -> int:
    """Serve the folder that the first argument names; the exit status is the error's."""
    data_dir = Path(sys.argv[1]) if len(sys.argv) > 1 else default_data_directory()
    try:
        asyncio.run(_run(data_dir))
    except EmbeddedPostgresError as error:
        _say(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
