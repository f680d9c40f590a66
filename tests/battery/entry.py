"""Start the service under test: `python -m tests.battery.entry [--mutant=NAME] serve …`.

What follows goes to the command line of the service as it is. A mutant is put into this process
alone, after everything was imported; nothing in the service knows of it. SIGUSR2 makes it say what
every thread is at.
"""

import faulthandler
import signal
import sys

from tests.battery.mutants import MUTANTS

_OPTION = "--mutant="


def main() -> None:
    """Put in the mutant, if one is named, and become the service."""
    faulthandler.register(signal.SIGUSR2, all_threads=True)
    arguments = sys.argv[1:]
    if arguments and arguments[0].startswith(_OPTION):
        MUTANTS[arguments.pop(0).removeprefix(_OPTION)].apply()
    from journey_service.cli import main as service  # noqa: PLC0415  after the mutant is in

    sys.argv = ["journey", *arguments]
    service()


if __name__ == "__main__":
    main()
