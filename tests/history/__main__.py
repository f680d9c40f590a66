"""Check a history that a run left: `python -m tests.history FOLDER`. Status 1: it breaks a rule."""

import sys
from pathlib import Path

from tests.history.checker import check
from tests.history.history import load


def main() -> int:
    """Print counts and findings."""
    history = load(Path(sys.argv[1]))
    findings = check(history)
    counts = ", ".join(
        f"{history.count(outcome)} {outcome}" for outcome in ("ok", "fail", "unknown")
    )
    print(f"{counts}, {history.faults} faults, {history.observations} observations")
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
