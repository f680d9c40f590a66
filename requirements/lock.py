"""Pin what pyproject.toml and requirements/*.in ask for, with hashes, for every platform at once.

    python requirements/lock.py              write requirements/*.lock anew, keeping what still fits
    python requirements/lock.py --upgrade    the newest versions that fit
    python requirements/lock.py --check      say which lock no longer fits; exit status 1 if any

Locks hold no address of a registry: they are as good on a machine that has a mirror.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
# In this order: dev keeps to what runtime chose, bench to what both chose.
INPUTS = {
    "runtime": ["pyproject.toml", "requirements/build.in"],
    "dev": ["pyproject.toml", "requirements/build.in", "--extra", "dev"],
    "bench": ["pyproject.toml", "requirements/build.in", "--extra", "bench"],
    "generate": ["requirements/generate.in"],
}
KEEPS_TO = {"dev": "runtime", "bench": "dev"}
HEADER = "# Made by `make lock`. Edit pyproject.toml or requirements/*.in instead.\n"
COMPILE = [
    *("uv", "pip", "compile", "--quiet", "--no-config", "--no-header"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-emit-find-links"),
]


def main() -> int:
    """Do what the arguments say; exit status 0, or 1 when `--check` finds a stale lock."""
    parser = argparse.ArgumentParser(prog="python requirements/lock.py", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    parser.add_argument("--upgrade", action="store_true", help="the newest versions that fit")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journey-lock-") as folder:
        fresh = {name: pin(name, Path(folder), upgrade=arguments.upgrade) for name in INPUTS}
    stale = [name for name, text in fresh.items() if text != read(FOLDER / f"{name}.lock")]
    for name in stale:
        print(f"{'stale' if arguments.check else 'wrote'} requirements/{name}.lock")
        if not arguments.check:
            (FOLDER / f"{name}.lock").write_text(fresh[name])
    if not stale:
        print("locks are fresh")
    return 1 if stale and arguments.check else 0


def pin(name: str, folder: Path, *, upgrade: bool) -> str:
    """Text of one lock; it starts from the present one, so that only what must change does."""
    target = folder / f"{name}.lock"
    if not upgrade:
        target.write_text(read(FOLDER / f"{name}.lock"))
    kept = KEEPS_TO.get(name)
    constraints = ["--constraint", str(folder / f"{kept}.lock")] if kept else []
    command = [str(Path(sys.executable).with_name("uv")), *COMPILE[1:], *INPUTS[name]]
    command += [*constraints, "--output-file", str(target)]
    subprocess.run(command, check=True, cwd=ROOT)
    return HEADER + without_folder(target.read_text(), folder)


def without_folder(text: str, folder: Path) -> str:
    """The text without comments that name the temporary folder."""
    return "".join(line for line in text.splitlines(keepends=True) if str(folder) not in line)


def read(path: Path) -> str:
    """Text of a file, empty when there is none."""
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
