"""What a figure was measured on: processors, memory, load, versions, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("grpcio", "protobuf", "asyncpg", "uvloop", "eventsourcing", "psycopg")
ROOT = Path(__file__).resolve().parent.parent
GIB = 1 << 30


def machine() -> dict[str, str]:
    """Processors, memory and how busy it was before anything was started."""
    facts = {"processor": processor(), "cores": str(cores()), "system": system()}
    if memory := memory_bytes():
        facts["memory"] = f"{memory / GIB:.0f} GiB"
    return facts | {"load before": f"{os.getloadavg()[0]:.1f}"}


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Versions of Python and of the packages that are installed, and the commit."""
    found = {"Python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {"commit": commit()}


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor() -> str:
    """The processor's name, as well as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def system() -> str:
    """Kernel and architecture."""
    return f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}"


def memory_bytes() -> int:
    """Memory of the machine; 0 = unknown."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def commit() -> str:
    """The commit that was measured, with + when files were changed since; "unknown" outside git."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()
