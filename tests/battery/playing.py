"""The battery as a person would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def play(*arguments: str, within_s: float) -> subprocess.CompletedProcess[str]:
    """Run the battery as a person would, and show what it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    played = subprocess.run(
        [sys.executable, "-m", "tests.battery", *arguments],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    print(played.stdout, played.stderr)
    return played
