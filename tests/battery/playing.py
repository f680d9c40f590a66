"""The battery as a person would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.processes import unmeasured

ROOT = Path(__file__).parents[2]


def play(*arguments: str, within_s: float) -> subprocess.CompletedProcess[str]:
    """Run the battery as a person would, and show what it says."""
    played = subprocess.run(
        [sys.executable, "-m", "tests.battery", *arguments],
        cwd=ROOT,
        env=unmeasured(),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    print(played.stdout, played.stderr)
    return played
