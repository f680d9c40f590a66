"""Keys and passwords of an installation, as files that only their owner reads.

secrets/master.key     wraps the data keys of subjects; versioned, the last version seals
secrets/token.key      two keys: one signs development access tokens, one signs checkpoints and
                       resume tokens; neither can stand in for the other
secrets/identity.key   subject ids are computed with it: made with the database, never changed
secrets/postgres.json  passwords of the database roles

A backup of the data directory without `master.key` holds nothing that can be read; without
`identity.key` nobody is recognised any more.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from journey_service.embedded.errors import DataDirectoryUnusable
from journey_service.embedded.files import name_durably, sync_directory, write_durably
from journey_service.failpoints import failpoint

KEY_BYTES = 32
ROLES = ("superuser", "owner", "application", "reader")


@dataclass(frozen=True, slots=True)
class Secrets:
    """All of them. Keys are 32 random bytes each; none appears in `repr`."""

    master_keys: Mapping[int, bytes] = field(repr=False)
    token_secret: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)
    identity_key: bytes = field(repr=False)
    passwords: Mapping[str, str] = field(repr=False)

    @property
    def visitor_secret(self) -> bytes:
        """Signs the credentials that visitors are given."""
        return hmac.digest(self.token_secret, b"credentials of visitors", hashlib.sha256)

    @property
    def app_key(self) -> str:
        """The publishable key that apps may use where the operator has named none."""
        made = hmac.digest(self.token_secret, b"publishable key of apps", hashlib.sha256)
        return "app_" + base64.b32encode(made).decode().lower()[:26]

    @property
    def master_key_version(self) -> int:
        """The version that seals."""
        return max(self.master_keys)

    @property
    def master_key(self) -> bytes:
        """The key that seals; older ones only open."""
        return self.master_keys[self.master_key_version]


def load_or_create_secrets(folder: Path) -> Secrets:
    """Read the secrets in `folder` (DIR/secrets); make them if the folder is not there.

    They are made whole under a temporary name: a folder that exists is complete. Of two
    processes that make them at once, one wins and both return the winner's.
    `DataDirectoryUnusable`: a file is missing, damaged, or readable by others.
    """
    if not folder.is_dir():
        _create(folder)
    return load_secrets(folder)


def load_secrets(folder: Path) -> Secrets:
    """Read secrets that must be there. `DataDirectoryUnusable`: see `load_or_create_secrets`."""
    if not folder.is_dir():
        raise _unusable(folder, "is missing", "Restore it from a backup.")
    return _load(folder)


def _create(folder: Path) -> None:
    making = folder.with_name(f"{folder.name}.making-{os.getpid()}-{secrets.token_hex(4)}")
    making.mkdir(mode=0o700, parents=True)
    for name, content in _new_files().items():
        write_durably(making / name, json.dumps(content, indent=2).encode() + b"\n")
    sync_directory(making)
    failpoint("first-start:secrets-written")
    try:
        name_durably(making, folder)
    except OSError:
        if not folder.is_dir():
            raise
        _discard(making)
    failpoint("first-start:secrets-named")


def _new_files() -> dict[str, dict[str, Any]]:
    return {
        "master.key": {"keys": {"1": _new_key()}},
        "token.key": {"token_secret": _new_key(), "signing_key": _new_key()},
        "identity.key": {"identity_key": _new_key()},
        "postgres.json": {role: secrets.token_urlsafe(24) for role in ROLES},
    }


def _discard(making: Path) -> None:
    # Ours lost the race and never served anything.
    for file in making.iterdir():
        file.unlink()
    making.rmdir()


def _load(folder: Path) -> Secrets:
    token = _read(folder / "token.key")
    try:
        return Secrets(
            master_keys=_versioned(_read(folder / "master.key")["keys"]),
            token_secret=_key(token["token_secret"]),
            signing_key=_key(token["signing_key"]),
            identity_key=_key(_read(folder / "identity.key")["identity_key"]),
            passwords={role: str(_read(folder / "postgres.json")[role]) for role in ROLES},
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _unusable(folder, f"is damaged ({error!r})", "Restore it from a backup.") from error


def _versioned(texts: dict[str, str]) -> dict[int, bytes]:
    if not texts:
        raise ValueError("there is no master key")
    return {int(version): _key(text) for version, text in texts.items()}


def _read(path: Path) -> dict[str, Any]:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise _unusable(path, "can be read by others", f"Run: chmod 600 {path}")
        content: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _unusable(path, f"cannot be read ({error})", "Restore it from a backup.") from error
    return content


def _unusable(path: Path, what: str, advice: str) -> DataDirectoryUnusable:
    return DataDirectoryUnusable(f"journey: {path} {what}. Nothing was changed. {advice}")


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _key(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {len(key)} bytes, not {KEY_BYTES}")
    return key
