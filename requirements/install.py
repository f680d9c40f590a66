"""Make a virtual environment hold exactly what a lock says, and show that it is getting there.

    python3 requirements/install.py runtime     .venv with what the service needs
    python3 requirements/install.py dev         .venv with what tests and checks need as well
    python3 requirements/install.py bench       .venv with what the measurements need as well
    python3 requirements/install.py generate    .venv-generate with the code generator

Only the standard library, for it runs before anything is installed. Wheels only, every one compared
with its hash. Nothing is done when the lock is the one installed last.
"""

import hashlib
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
ENVIRONMENTS = {
    "runtime": ".venv",
    "dev": ".venv",
    "bench": ".venv",
    "generate": ".venv-generate",
}
TICK_SECONDS = 1.0
ON_TERMINAL = sys.stdout.isatty()


def main() -> int:
    """Install the lock named by the first argument; exit status 0, 1 (failed) or 2 (wrong use)."""
    if sys.version_info < OLDEST_PYTHON:
        return refuse_python()
    if len(sys.argv) != 2 or sys.argv[1] not in ENVIRONMENTS:  # noqa: PLR2004
        print(__doc__, file=sys.stderr)
        return 2
    name = sys.argv[1]
    environment = ROOT / ENVIRONMENTS[name]
    lock = ROOT / "requirements" / f"{name}.lock"
    made = make_environment(environment)
    installed = once_per_content(lock, environment, lambda: install_lock(lock, environment))
    if not installed:
        return 1
    if name == "generate":
        return 0
    project = ROOT / "pyproject.toml"
    linked = once_per_content(project, environment, lambda: link_project(environment), anew=made)
    return 0 if linked else 1


def refuse_python() -> int:
    """Say which Python is too old and how to name another; exit status 1."""
    found = ".".join(map(str, sys.version_info[:3]))
    print(
        f"Journey needs Python 3.11 or newer, and {sys.executable} is {found}.\n"
        "Name another one, for example: make PYTHON=python3.12 up",
        file=sys.stderr,
    )
    return 1


def make_environment(environment: Path) -> bool:
    """Make the virtual environment if there is none; True when it was made now."""
    if (environment / "pyvenv.cfg").exists() and python_of(environment).exists():
        return False
    command = [sys.executable, "-m", "venv", "--clear", str(environment)]
    if not run(command, f"making {environment.name} with Python {sys.version.split()[0]}"):
        sys.exit(1)
    return True


def python_of(environment: Path) -> Path:
    """Path of the environment's interpreter on this system."""
    folder, suffix = ("Scripts", ".exe") if sys.platform == "win32" else ("bin", "")
    return environment / folder / f"python{suffix}"


def once_per_content(
    source: Path, environment: Path, install: Callable[[], bool], *, anew: bool = False
) -> bool:
    """Run `install` unless it did well for these bytes of `source`; True when in place."""
    stamp = environment / f".installed-{source.name}"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if not anew and stamp.exists() and stamp.read_text() == digest:
        return True
    if not install():
        return False
    stamp.write_text(digest)
    return True


def install_lock(lock: Path, environment: Path) -> bool:
    """Install a lock with hashes, wheels only, with a line of progress a second."""
    total = len(re.findall(r"^[A-Za-z0-9][^ ]*==", lock.read_text(), re.MULTILINE))
    # What is used is compiled when it is first imported: a tenth of what there is.
    arguments = ["--no-compile", "--require-hashes", "--only-binary", ":all:"]
    arguments += ["--requirement", str(lock)]
    return pip(environment, arguments, f"installing {lock.name} ({total} packages)")


def link_project(environment: Path) -> bool:
    """Install this work tree itself, editable, with the build tools of the lock."""
    arguments = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    return pip(environment, arguments, "linking the work tree")


def pip(environment: Path, arguments: list[str], title: str) -> bool:
    """Run pip install in the environment; True when it did well."""
    command = [str(python_of(environment)), "-m", "pip", "install", "--disable-pip-version-check"]
    return run([*command, *arguments], title)


def run(command: list[str], title: str) -> bool:
    """Run a program with a line of progress a second; its own words are shown when it fails."""
    log: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=log.extend, args=(process.stdout,), daemon=True)
        reader.start()
        show_progress(process, log, title)
        reader.join()
    if process.returncode != 0:
        print("".join(log), file=sys.stderr)
    return process.returncode == 0


def show_progress(process: "subprocess.Popen[str]", log: list[str], title: str) -> None:
    """Print title, seconds and what the program is at, every second until it ends."""
    started = time.monotonic()
    while process.poll() is None:
        show(f"{title}: {time.monotonic() - started:.0f} s{latest_step(log)}")
        with suppress(subprocess.TimeoutExpired):
            process.wait(TICK_SECONDS)
    end = "done" if process.returncode == 0 else "failed"
    show(f"{title}: {end} in {time.monotonic() - started:.1f} s", end="\n")


def latest_step(log: list[str]) -> str:
    """What pip is doing now, in a few words; empty when it has not said."""
    for line in reversed(log[-40:]):
        if line.startswith("Collecting "):
            return f", getting {line.split()[1].split('==')[0]}"
        if line.startswith("Installing collected packages"):
            return ", unpacking"
    return ""


def show(text: str, end: str = "") -> None:
    """Overwrite the line on a terminal, add a line elsewhere."""
    if ON_TERMINAL:
        print(f"\r\033[K{text}", end=end, flush=True)
    else:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
