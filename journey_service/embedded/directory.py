"""The data directory: where everything of an installation lies, and in which state it is.

DIR/journey.json   the marker, written last at the first start: from then on nothing is made anew
DIR/postgres/      the cluster
DIR/secrets/       keys and passwords
DIR/run/           the server's socket
DIR/log/           the server's log
DIR/lock/          `start`: held while somebody decides about starting or stopping
                   `users`: held together by all service processes
                   `server`: held by the server itself and all of its processes
DIR/binaries/      a copy of PostgreSQL's programs, where the installed ones are out of its reach

`NAME.making` is being made; `NAME.incomplete-N` was left by a first start that did not finish.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from journey_service.embedded.errors import DataDirectoryUnusable
from journey_service.embedded.files import sync_directory, write_durably
from journey_service.embedded.locks import is_shared
from journey_service.failpoints import failpoint

FORMAT = 1
_OURS = frozenset({"postgres", "secrets", "run", "log", "lock", "binaries", "lost+found"})


class State(Enum):
    """What a data directory is to us."""

    NEW = "nothing is in it, or what an unfinished first start left"
    INITIALIZED = "its first start is over"


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The layout above, at one place. `path` is absolute and free of links."""

    path: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own directory."""
        return self.path / "postgres"

    @property
    def secrets(self) -> Path:
        """Keys and passwords."""
        return self.path / "secrets"

    @property
    def run(self) -> Path:
        """Where the socket lies unless the path is too long for one."""
        return self.path / "run"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.path / "log"

    @property
    def locks(self) -> Path:
        """The lock files."""
        return self.path / "lock"

    @property
    def binaries(self) -> Path:
        """Copies of programs."""
        return self.path / "binaries"

    @property
    def marker(self) -> Path:
        """The file that says that the first start is over."""
        return self.path / "journey.json"

    def making(self, name: str) -> Path:
        """Where `name` is made before it gets its name."""
        return self.path / f"{name}.making"

    def state(self) -> State:
        """Look, without touching anything. `DataDirectoryUnusable`: it is somebody else's."""
        names = self._names()
        if self.marker.name in names:
            return State.INITIALIZED
        foreign = sorted(name for name in names if not _is_ours(name))
        if foreign:
            raise self.unusable(
                f"is not a Journey data directory: it holds {', '.join(foreign[:3])}",
                "Point --data-dir at an empty directory.",
            )
        return State.NEW

    def in_use(self) -> bool:
        """Whether a service uses it just now, whichever process that is."""
        try:
            return is_shared(self.locks / "users")
        except PermissionError:
            return False

    def check(self, major: int) -> State:
        """Look whether this release, which runs PostgreSQL `major`, may use it (rule R19).

        `DataDirectoryUnusable`: it may not. Nothing is touched either way.
        """
        state = self.state()
        if state is State.INITIALIZED:
            self._check_marker()
            self._check_version(major)
        return state

    def _names(self) -> list[str]:
        try:
            return [entry.name for entry in self.path.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self.unusable(
                f"cannot be read ({error.strerror})",
                "Make it readable for the user that runs journey, or choose another --data-dir.",
            ) from error

    def _check_marker(self) -> None:
        try:
            written = json.loads(self.marker.read_bytes())["format"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self.unusable(
                f"has a marker that cannot be read ({self.marker.name}: {error})",
                "Restore that file from a backup.",
            ) from error
        if written != FORMAT:
            raise self.unusable(
                f"has format {written}, this release knows {FORMAT}",
                "Start it with the release that wrote it, or point --data-dir elsewhere.",
            )

    def _check_version(self, major: int) -> None:
        try:
            written = (self.cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise self.unusable(
                f"has no readable postgres/PG_VERSION ({error}), but its marker says it was made",
                "Restore the directory from a backup, or point --data-dir at another one.",
            ) from error
        if not written.isdecimal():
            raise self.unusable(
                f"was written by an unknown PostgreSQL (postgres/PG_VERSION says {written!r})",
                "Restore the directory from a backup, or point --data-dir at another one.",
            )
        if int(written) != major:
            raise self.unusable(
                f"was written by PostgreSQL {written}, this release runs {major}",
                f"Start it with a release that runs PostgreSQL {written}, "
                "or point --data-dir at another directory.",
            )

    def unusable(self, what: str, advice: str) -> DataDirectoryUnusable:
        """The one form in which a data directory is refused."""
        return DataDirectoryUnusable(f"journey: {self.path} {what}. Nothing was changed. {advice}")

    def set_aside(self) -> list[Path]:
        """Rename what an unfinished first start left, and return the new names. Nothing is deleted.

        Whole secrets stay: they were named when they were complete, and they may already serve
        a database that is not the embedded one.
        """
        left = [name for name in sorted(self._names()) if _is_left_over(name)]
        number = 1
        while any(self._aside(name, number).exists() for name in left):
            number += 1
        moved = [(self.path / name).rename(self._aside(name, number)) for name in left]
        sync_directory(self.path)
        return moved

    def _aside(self, name: str, number: int) -> Path:
        return self.path / f"{name}.incomplete-{number}"

    def mark(self, major: int) -> None:
        """Write the marker: the first start is over."""
        content = {
            "format": FORMAT,
            "postgres": major,
            "initialized_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        text = json.dumps(content, indent=2) + "\n"
        write_durably(
            self.marker,
            text.encode(),
            before_naming=lambda: failpoint("first-start:marker-written"),
        )
        failpoint("first-start:marker-named")


def default_data_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where data lies when nobody says: `JOURNEY_DATA_DIR`, or the place this platform has for it.

    For root that is /var/lib/journey: the server runs as another user, who may not enter
    root's home.
    """
    if told := environment.get("JOURNEY_DATA_DIR"):
        return Path(told)
    if os.geteuid() == 0:
        return Path("/var/lib/journey")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "journey"
    # The XDG specification has relative paths ignored.
    data_home = Path(environment.get("XDG_DATA_HOME", ""))
    return (data_home if data_home.is_absolute() else Path.home() / ".local" / "share") / "journey"


def _is_ours(name: str) -> bool:
    stem, _, rest = name.lstrip(".").partition(".")
    unfinished = rest.startswith(("making", "incomplete-"))
    return name in _OURS or (unfinished and stem in _OURS) or name.startswith(".journey.json.")


def _is_left_over(name: str) -> bool:
    unfinished = name == "postgres" or name.startswith(("postgres.making", "secrets.making-"))
    return unfinished and ".incomplete-" not in name
