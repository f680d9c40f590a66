"""Tokens and database credentials of the service under test, made from its own secrets."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from journey_service.config import Settings
from journey_service.domain.identity import subject_id_of_account
from journey_service.embedded.directory import DataDirectory
from journey_service.embedded.keys import Secrets, load_or_create_secrets
from journey_service.embedded.settings import PORT, socket_folder
from journey_service.transport.mint import Mint

_RENEWED_AFTER_S = 300
BACK_END_SCOPES = ("group.*", "journal.read")


@dataclass(slots=True)
class Access:
    """What a caller needs, for one data directory whose first start is over."""

    directory: DataDirectory
    secrets: Secrets
    _minted: dict[str, tuple[float, str]] = field(default_factory=dict)

    @classmethod
    def to(cls, data_dir: Path) -> "Access":
        """Read the secrets."""
        directory = DataDirectory(data_dir.resolve())
        return cls(directory, load_or_create_secrets(directory.secrets))

    def back_end(self, name: str = "battery") -> str:
        """Metadata value of a service that may read the journal."""
        return self._bearer("service", name, BACK_END_SCOPES)

    def developer(self) -> str:
        """Metadata value of a developer."""
        return self._bearer("developer", "battery", ())

    def device(self, account: str) -> str:
        """Metadata value of a device that a customer has signed in to."""
        return self._bearer("device", account, ())

    def subject_of(self, account: str) -> str:
        """The stream of a customer's devices."""
        return subject_id_of_account(self.secrets.identity_key, account)

    def dsn(self, role: str = "reader") -> str:
        """Where and as whom to connect to the database."""
        password = quote(self.secrets.passwords[role], safe="")
        folder = quote(str(socket_folder(self.directory)))
        return f"postgresql://journey_{role}:{password}@/journey?host={folder}&port={PORT}"

    def _bearer(self, role: str, subject: str, scopes: tuple[str, ...]) -> str:
        key = f"{role}/{subject}"
        made, token = self._minted.get(key, (0.0, ""))
        if not token or time.monotonic() - made > _RENEWED_AFTER_S:
            settings = Settings()
            mint = Mint(self.secrets.token_secret, settings.development_issuer, settings.audience)
            token = mint.token(role, subject, scopes=scopes)
            self._minted[key] = (time.monotonic(), token)
        return f"Bearer {token}"
