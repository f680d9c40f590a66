"""Run the battery: `python -m tests.battery --mode ci|long --only DUR --seed N --minutes M`.

Status 1: a row is broken or invalid. Its data directory and history stay and are named.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.battery.mutants import MUTANTS
from tests.battery.rows import ROWS
from tests.battery.run import Row, Run, Verdict, judge

_PLACE = "journey-battery-"


def main() -> int:
    """Run the rows asked for, one after the other, and print a verdict each."""
    asked = _asked()
    if asked.mutants:
        return _play_mutants(asked)
    rows = [row for row in ROWS if _is_wanted(row.id, asked.only or [""])]
    if not rows:
        print(f"no row begins with {' or '.join(asked.only)}; there are {_listed()}")
        return 2
    seed = random.SystemRandom().randrange(2**32) if asked.seed is None else asked.seed
    verdicts = [_play(row, asked, seed) for row in rows]
    print(f"{sum(verdict.passed for verdict in verdicts)} of {len(verdicts)} rows held")
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def _play(row: Row, asked: argparse.Namespace, seed: int) -> Verdict:
    size = asked.size or row.size(asked.mode)
    print(f"{row.id}: {row.title}; {size:,} {row.unit}, seed {seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PLACE}{row.id.lower()}-", dir=asked.folder))
    # The database runs as another user, who must get through.
    folder.chmod(0o711)
    ends_at = time.monotonic() + asked.minutes * 60 if asked.minutes else None
    run = Run(row, asked.mode, seed, folder, size, ends_at, mutant=asked.mutant)
    verdict = asyncio.run(judge(run))
    print("\n".join(verdict.lines()), flush=True)
    if asked.discard or (verdict.passed and not asked.keep):
        shutil.rmtree(folder)
    return verdict


def _play_mutants(asked: argparse.Namespace) -> int:
    """Every mutant in its row; status 1 if one is not found out by its rule."""
    missed = []
    for name, mutant in MUTANTS.items():
        row = next(row for row in ROWS if row.id == mutant.row)
        print(f"mutant {name}: {mutant.why}", flush=True)
        broken = argparse.Namespace(**{**vars(asked), "size": mutant.size, "mutant": name})
        verdict = _play(row, broken, asked.seed or 1)
        if mutant.rule not in {finding.rule for finding in verdict.findings}:
            missed.append(f"{name} ({mutant.rule})")
    print(
        f"missed: {', '.join(missed)}" if missed else f"all {len(MUTANTS)} mutants were found out"
    )
    return 1 if missed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.battery", description=__doc__)
    parser.add_argument("--mode", choices=("ci", "long"), default="ci")
    parser.add_argument("--only", action="append", help=f"row or group, of {_listed()}")
    parser.add_argument("--seed", type=int, help="repeat the choices of an earlier run")
    parser.add_argument("--minutes", type=float, help="end each row's load after so long")
    parser.add_argument("--size", type=int, help="rounds or sends, instead of the mode's")
    parser.add_argument("--mutant", default="", help="break the service on purpose")
    parser.add_argument("--mutants", action="store_true", help="play every mutant in its row")
    parser.add_argument("--folder", type=Path, help="where data directories are made")
    parser.add_argument("--keep", action="store_true", help="keep what passed, too")
    parser.add_argument("--discard", action="store_true", help="keep nothing, even of failures")
    return parser.parse_args()


def _is_wanted(row_id: str, only: list[str]) -> bool:
    """Whether it is named, or begins as a group does; SUB-1 names no SUB-10."""
    whole = {row.id for row in ROWS}
    return any(row_id == name if name in whole else row_id.startswith(name) for name in only)


def _listed() -> str:
    return ", ".join(row.id for row in ROWS)


if __name__ == "__main__":
    sys.exit(main())
