"""Data keys: one per subject, wrapped by the master key, remembered for a short while.

A wrapped key is bound to its journal, subject and version, so it opens nowhere else:

    master version (2 bytes) ‖ nonce (12) ‖ AES-256-GCM of the 32 key bytes (48)
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from journey_service.domain.errors import EventUnreadable

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION_BYTES = 2


def fields(*parts: bytes | str | int) -> bytes:
    """Bytes that name a place without ambiguity: every part behind its length (4 bytes)."""
    encoded = [
        part.to_bytes(8, "big", signed=True)
        if isinstance(part, int)
        else part.encode()
        if isinstance(part, str)
        else part
        for part in parts
    ]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


class SubjectKeys:
    """The open data keys of one subject; versions are 1, 2, 3 …, the last one seals."""

    __slots__ = ("_ciphers", "prefix", "version", "wrapped")

    def __init__(
        self, journal_id: str, subject_id: str, wrapped: Sequence[bytes], keys: Sequence[bytes]
    ) -> None:
        self.wrapped = tuple(wrapped)
        # What every place of this subject begins with, made once.
        self.prefix = fields(journal_id, subject_id)
        self._ciphers = tuple(AESGCM(key) for key in keys)
        # Of the key that seals.
        self.version = len(self._ciphers)

    def seal(self, plain: bytes, place: bytes, nonce: bytes | None = None) -> bytes:
        """Encrypt with the last key, bound to `place`; the nonce comes first in the answer."""
        nonce = nonce or os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[-1].encrypt(nonce, plain, self.prefix + place)

    def open(self, sealed: bytes, place: bytes, key_version: int, *, behind: int = 0) -> bytes:
        """Decrypt what stands behind so many bytes; raises EventUnreadable where a byte, the place
        or the key is another one."""
        try:
            cipher = self._ciphers[key_version - 1] if key_version > 0 else None
            if cipher is None:
                raise EventUnreadable
            start = behind + NONCE_BYTES
            return cipher.decrypt(sealed[behind:start], sealed[start:], self.prefix + place)
        except (InvalidTag, IndexError, ValueError):
            raise EventUnreadable from None


class KeyRing:
    """Makes, opens and remembers data keys. One per process.

    `master_keys` by version: the greatest wraps, all open. What was looked up longer than `life_s`
    ago has to be looked up again, so that an erased key is forgotten by every process.
    """

    def __init__(
        self, journal_id: str, master_keys: Mapping[int, bytes], *, entries: int, life_s: float
    ) -> None:
        self.journal_id = journal_id
        self._masters = {version: AESGCM(key) for version, key in master_keys.items()}
        self._newest = max(master_keys)
        self._entries = entries
        self._life_s = life_s
        self._remembered: OrderedDict[str, tuple[float, SubjectKeys]] = OrderedDict()
        # Never remembered again, whatever a read under way found before.
        self._erased: OrderedDict[str, None] = OrderedDict()

    def make(self, subject_id: str) -> SubjectKeys:
        """The first data key of a subject; not remembered, because it may never be stored."""
        key = os.urandom(KEY_BYTES)
        wrapped = self._wrap(subject_id, key)
        return SubjectKeys(self.journal_id, subject_id, [wrapped], [key])

    def look(self, subject_id: str, wrapped: Sequence[bytes]) -> SubjectKeys:
        """The keys behind what the database holds now; remembers them. Errors as with `unwrap`."""
        keys = self.unwrap(subject_id, wrapped)
        self.remember(subject_id, keys)
        return keys

    def unwrap(self, subject_id: str, wrapped: Sequence[bytes]) -> SubjectKeys:
        """The keys behind these wraps.

        Raises EventUnreadable when a wrap is damaged or its master key is not there.
        """
        found = self._remembered.get(subject_id)
        if found is not None and found[1].wrapped == tuple(wrapped):
            return found[1]
        opened = [self._unwrap(subject_id, n, one) for n, one in enumerate(wrapped, 1)]
        return SubjectKeys(self.journal_id, subject_id, wrapped, opened)

    def remembered(self, subject_id: str) -> SubjectKeys | None:
        """Keys looked up lately; None = look again."""
        found = self._remembered.get(subject_id)
        if found is None or time.monotonic() - found[0] > self._life_s:
            return None
        return found[1]

    def forget(self, subject_id: str) -> None:
        """Drop the keys of a subject."""
        self._remembered.pop(subject_id, None)

    def erased(self, subject_id: str) -> None:
        """The keys of a subject were deleted, for good."""
        self.forget(subject_id)
        self._erased[subject_id] = None
        while len(self._erased) > self._entries:
            self._erased.popitem(last=False)

    def remember(self, subject_id: str, keys: SubjectKeys) -> None:
        """These are what the database holds now."""
        if subject_id in self._erased:
            return
        self._remembered[subject_id] = (time.monotonic(), keys)
        self._remembered.move_to_end(subject_id)
        while len(self._remembered) > self._entries:
            self._remembered.popitem(last=False)

    def _place(self, subject_id: str, key_version: int, master_version: int) -> bytes:
        return fields("data key", self.journal_id, subject_id, key_version, master_version)

    def _wrap(self, subject_id: str, key: bytes, key_version: int = 1) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        place = self._place(subject_id, key_version, self._newest)
        sealed = self._masters[self._newest].encrypt(nonce, key, place)
        return self._newest.to_bytes(_VERSION_BYTES, "big") + nonce + sealed

    def _unwrap(self, subject_id: str, key_version: int, wrapped: bytes) -> bytes:
        master_version = int.from_bytes(wrapped[:_VERSION_BYTES], "big")
        master = self._masters.get(master_version)
        if master is None:
            raise EventUnreadable(
                f"A data key was wrapped by version {master_version} of the master key, "
                "which this process does not have."
            )
        nonce, sealed = wrapped[_VERSION_BYTES:][:NONCE_BYTES], wrapped[_VERSION_BYTES:]
        try:
            place = self._place(subject_id, key_version, master_version)
            return master.decrypt(nonce, sealed[NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise EventUnreadable("A data key does not open.") from None
