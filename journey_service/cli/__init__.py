"""The command `journey`: words typed at a prompt become calls."""

from __future__ import annotations

import sys

__all__ = ["main"]

STOPPED = 130


def main() -> None:
    """Run the command line and end the process with its exit status."""
    try:
        if sys.argv[1:2] == ["up"] and not {"-h", "--help"}.intersection(sys.argv):
            # What is imported takes a second, and nobody should wonder meanwhile.
            print("   0.0 s  starting", file=sys.stderr, flush=True)
        from journey_service.cli.ending import run  # noqa: PLC0415  see above

        status = run(sys.argv[1:])
    except KeyboardInterrupt:
        status = STOPPED
    sys.exit(status)
