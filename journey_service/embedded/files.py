"""Files that are either there, whole and on disk, or not there (rule R18)."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_durably(
    path: Path,
    content: bytes,
    *,
    owner: tuple[int, int] | None = None,
    before_naming: Callable[[], None] = lambda: None,
) -> None:
    """Put `content` at `path`, readable by its owner (uid, gid; default us) alone.

    A crash at any instant leaves the old file or the new one, never a part of it.
    The temporary name is new (`O_EXCL`), so a link that somebody else planted is not followed.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        if owner is not None:
            os.fchown(descriptor, *owner)
        os.fsync(descriptor)
    before_naming()
    name_durably(Path(temporary), path)


def name_durably(temporary: Path, path: Path) -> None:
    """Rename a file or directory, and return when the new name is on disk."""
    temporary.rename(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Return when the names in a directory are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path, mode: int, *, owner: tuple[int, int] | None = None) -> None:
    """Make one directory with exactly this mode and owner, durably. One that is there stays."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return
    if owner is not None:
        os.chown(path, *owner)
    path.chmod(mode)
    sync_directory(path.parent)
