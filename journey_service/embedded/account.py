"""The operating system user that PostgreSQL runs as: it refuses to run as root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journey_service.embedded.errors import DataDirectoryUnusable

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine. `switched`: we are root, and programs are started as this user."""

    name: str
    uid: int
    gid: int
    switched: bool

    @property
    def owner(self) -> tuple[int, int] | None:
        """What to hand to chown; None when our own files are the server's already."""
        return (self.uid, self.gid) if self.switched else None

    def spawn_arguments(self) -> dict[str, Any]:
        """Arguments of `subprocess.Popen` that start a program as this user, in its group alone."""
        if not self.switched:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def closed_to(self, path: Path) -> Path | None:
        """The first directory on the way to `path`, itself included, that this user may not enter.

        Looks at mode bits only: an access list that opens a directory is not seen.
        """
        way = (*reversed(path.parents), path)
        return next((step for step in way if not self._may_enter(step)), None)

    def _may_enter(self, directory: Path) -> bool:
        status = directory.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def server_account(cluster: Path) -> Account:
    """Who the server runs as: us; as root, whoever owns the cluster, or a system user."""
    if os.geteuid() != 0:
        return Account(_name_of(os.geteuid()), os.geteuid(), os.getegid(), switched=False)
    if cluster.is_dir() and (uid := cluster.stat().st_uid) != 0:
        return Account(_name_of(uid), uid, cluster.stat().st_gid, switched=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid, switched=True)
    raise DataDirectoryUnusable(
        "journey: PostgreSQL does not run as root, and this system has no user "
        f"{' or '.join(UNPRIVILEGED)}. Nothing was changed. "
        "Add one, or start journey as another user than root."
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # containers run as ids that no file names
        return str(uid)
