"""Who a client command is: the token it was given, or one made from the data directory's secret."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import journey_client
from journey_client import Client, CredentialProvider
from journey_service.cli.exits import Exit, Refusal
from journey_service.domain.identity import subject_id_of_account
from journey_service.embedded import Secrets, default_data_directory
from journey_service.embedded.keys import load_secrets
from journey_service.settings import Settings
from journey_service.transport.mint import MAX_ID_CHARS, Mint

NAME = "journey-cli"


@dataclass(frozen=True, slots=True)
class Caller:
    """Where to call and as whom. `token` empty: one is made for each need."""

    settings: Settings
    address: str
    token: str = ""

    def client(
        self,
        role: str = "service",
        *,
        subject: str = NAME,
        scopes: Iterable[str] = (),
        subject_id: str = "",
        device: str = "",
        installation_id: str = "",
    ) -> Client:
        """A client of this role. Without --token it mints development tokens, as they end."""
        minted = self.minted(role, subject, scopes=scopes, subject_id=subject_id)
        return journey_client.connect(
            self.address,
            token=self.token,
            credentials=None if self.token else minted,
            device=device or NAME,
            installation_id=installation_id,
            service=role != "device",
        )

    def minted(
        self, role: str, subject: str, *, scopes: Iterable[str] = (), subject_id: str = ""
    ) -> CredentialProvider:
        """Development tokens, a new one whenever it is asked; raises if there is no secret."""
        scopes = tuple(scopes)
        if not self.token:
            secrets_of(self.settings)

        async def provide() -> str:
            return mint(self.settings).token(role, subject, scopes=scopes, subject_id=subject_id)

        return provide

    def subject_id(self, customer: str, account: str) -> str:
        """The subject that a command names, by id or by account."""
        if bool(customer) == bool(account):
            raise Refusal("name one customer: a subject id, or --account NAME", status=Exit.USAGE)
        if customer:
            return id_typed("customer", customer)
        return subject_id_of_account(secrets_of(self.settings).identity_key, account)


def id_typed(what: str, typed: str) -> str:
    """An id from the command line, which a token can carry. Raises Refusal with the rule."""
    if typed and len(typed) <= MAX_ID_CHARS and typed.isprintable() and " " not in typed:
        return typed
    rule = f"1 to {MAX_ID_CHARS} printable characters without spaces"
    raise Refusal(f"{what} {typed!r} is no id: an id has {rule}", status=Exit.USAGE)


def data_dir(settings: Settings) -> Path:
    """The data directory of these settings."""
    return (settings.data_dir or default_data_directory()).expanduser()


def secrets_of(settings: Settings) -> Secrets:
    """The secrets in the data directory; raises if there are none."""
    folder = data_dir(settings) / "secrets"
    try:
        if folder.is_dir():
            return load_secrets(folder)
    except PermissionError as error:
        raise Refusal(
            f"{folder} may not be read by this user",
            "Run as the user that runs the service, or give --token.",
            Exit.SETTINGS,
        ) from error
    raise Refusal(
        f"no service was started yet in {data_dir(settings)}",
        "Start one with `journey up`, name its --data-dir, or give --token.",
        Exit.SETTINGS,
    )


def mint(settings: Settings) -> Mint:
    """Makes development tokens with the secret of the data directory."""
    secret = secrets_of(settings).token_secret
    return Mint(secret, settings.development_issuer, settings.audience)
