"""How visitors are known: ids computed from installation and sign-in epoch, secrets, credentials.

The first session of an installation tells its secret, of which only a keyed hash is kept; who knows
the installation alone is nobody.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from journey.v1.access_pb2 import ROLE_DEVICE
from journey.v1.session_service_pb2 import OpenSessionRequest
from journey.v1.sessions_pb2 import Session
from journey_service.domain.errors import InstallationCloned
from journey_service.domain.identity import (
    Principal,
    installation_secret,
    keyed_hash,
    subject_id_of_visitor,
)
from journey_service.ports_of_devices import Installations

# The credential of a visitor, given the visitor and database time in ms since 1970 UTC.
Issue = Callable[[Principal, int], str]
NOT_YOURS = (
    "The installation id is in use, and its secret was not sent: take a new installation id and "
    "renumber from 1."
)


@dataclass(frozen=True, slots=True)
class Visiting:
    """What makes visitors known: what is kept of installations, the key of ids, credentials."""

    installations: Installations
    identity_key: bytes
    issue: Issue
    life_ms: int

    def subject_id(self, installation_id: str, epoch: int) -> str:
        """The subject of who uses an installation without account in a sign-in epoch."""
        return subject_id_of_visitor(self.identity_key, installation_id, epoch)

    def visitor(self, installation_id: str, epoch: int, now_ms: int) -> Principal:
        """That visitor, with a credential that begins now."""
        subject_id = self.subject_id(installation_id, epoch)
        return Principal(
            ROLE_DEVICE,
            subject_id,
            subject_id,
            expires_at_ms=(now_ms + self.life_ms) // 1_000 * 1_000,
            installation_id=installation_id,
            issued_at_ms=now_ms // 1_000 * 1_000,
            anonymous=True,
            epoch=epoch,
        )

    def is_visit(self, session: Session) -> bool:
        """Whether a session is of who used its installation without account."""
        return session.subject_id == self.subject_id(session.installation_id, session.epoch)

    async def admit(self, request: OpenSessionRequest, *, repeated_after_ms: int) -> str:
        """The secret of an installation that is new here, to be told; empty where it was told.

        The call by which it was made gets it again when it is repeated, if it was made behind
        `repeated_after_ms`. Raises InstallationCloned without the secret.
        """
        installation_id = request.installation_id
        kept = await self.installations.secret(installation_id)
        if kept is not None and self._fits(request.installation_secret, kept.secret_hash):
            return ""
        new = installation_secret(self.identity_key, installation_id, request.command_id)
        if kept is None:
            kept = await self.installations.keep_secret(installation_id, self._hash(new))
        elif kept.made_at_ms <= repeated_after_ms:
            raise InstallationCloned(NOT_YOURS)
        if not self._fits(new, kept.secret_hash):
            raise InstallationCloned(NOT_YOURS)
        return new

    async def check_proof(self, request: OpenSessionRequest) -> bool:
        """Whether a signed-in caller proves that the visitors of the installation were its own.

        Raises InstallationCloned for a wrong secret; where there is none, there were no visitors.
        """
        if not request.installation_secret:
            return False
        kept = await self.installations.secret(request.installation_id)
        if kept is not None and not self._fits(request.installation_secret, kept.secret_hash):
            raise InstallationCloned(NOT_YOURS)
        return kept is not None

    async def proves(self, installation_id: str, secret: str) -> bool:
        """Whether that is the installation's secret."""
        kept = await self.installations.secret(installation_id)
        return kept is not None and self._fits(secret, kept.secret_hash)

    def _fits(self, secret: str, secret_hash: str) -> bool:
        return hmac.compare_digest(self._hash(secret), secret_hash)

    def _hash(self, secret: str) -> str:
        return keyed_hash(self.identity_key, "installation", secret)
