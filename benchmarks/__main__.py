"""All measurements, or the ones named, one after the other: `python -m benchmarks --quick`."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.program import add_arguments

NAMES = (
    "record",
    "record_stream",
    "get_journey",
    "propagation",
    "watchers",
    "appends",
    "rebuild",
    "growth",
    "start",
)


def main() -> int:
    """Run them, each in its own process; exit status 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    add_arguments(parser)
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    flags = [argument for argument in sys.argv[1:] if argument not in given.names]
    failed = [name for name in given.names or NAMES if not succeeds(name, flags)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def succeeds(name: str, flags: list[str]) -> bool:
    """Run one measurement; whether it came to its end."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *flags]
    finished = subprocess.run(command, check=False)
    print()
    return finished.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
