"""Making the folders of a data directory, or saying why that cannot be."""

import stat
from contextlib import suppress
from pathlib import Path

from journey_service.embedded.account import Account
from journey_service.embedded.directory import DataDirectory, State
from journey_service.embedded.files import make_directory
from journey_service.embedded.settings import socket_folder


def prepare(directory: DataDirectory, account: Account, state: State) -> None:
    """Make what is missing of DIR and of its folders `lock`, `log`, `run`.

    As root, the data directory lets the server's user pass to its own folders (mode 711), and no
    folder above it is ever opened: where one is closed to that user, the directory is refused.
    """
    _refuse_closed_way(directory, account, state)
    try:
        _make_way(directory.path, account)
        make_directory(directory.locks, 0o700)
        make_directory(directory.log, 0o700, owner=account.owner)
        make_directory(directory.run, 0o700, owner=account.owner)
    except OSError as error:
        raise directory.unusable(
            f"cannot be written to ({error.strerror}: {error.filename})",
            "Make it writable for the user that runs journey, or choose another --data-dir.",
        ) from error
    make_socket_folder(directory, account)


def _refuse_closed_way(directory: DataDirectory, account: Account, state: State) -> None:
    if not account.switched:
        return
    # An empty directory that we were given is ours to open; one in use is left as it is.
    given = state is State.INITIALIZED and directory.path.is_dir()
    way = directory.path if given else _first_existing(directory.path.parent)
    if closed := account.closed_to(way):
        mode = stat.S_IMODE(closed.stat().st_mode)
        raise directory.unusable(
            "cannot be used by root: PostgreSQL does not run as root but as user "
            f"{account.name}, who may not enter {closed} (mode {mode:o})",
            "Choose another --data-dir, such as /var/lib/journey; or start journey as the user "
            "that owns that directory; or open it yourself.",
        )


def _first_existing(path: Path) -> Path:
    return next(step for step in (path, *path.parents) if step.exists())


def _make_way(path: Path, account: Account) -> None:
    missing = [step for step in (path, *path.parents) if not step.exists()]
    for step in reversed(missing):
        make_directory(step, 0o755 if account.switched and step != path else 0o700)
    if account.closed_to(path) == path:
        path.chmod(0o711)


def make_socket_folder(directory: DataDirectory, account: Account) -> None:
    """Make it if it is missing. `DataDirectoryUnusable`: it is not the server's alone."""
    folder = socket_folder(directory)
    make_directory(folder, 0o700, owner=account.owner)
    status = folder.lstat()
    # Below /tmp anybody may have made it first.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
        raise directory.unusable(
            f"has a path that cannot hold a socket, and the folder in its stead, {folder}, "
            f"is not user {account.name}'s alone",
            "Choose a --data-dir with a shorter path and no comma, or remove that folder.",
        )


def clear_socket_folder(directory: DataDirectory) -> None:
    """Take away the socket's folder if it lies outside the data directory."""
    folder = socket_folder(directory)
    if folder != directory.run:
        with suppress(OSError):  # not empty: a process that was killed left something
            folder.rmdir()
