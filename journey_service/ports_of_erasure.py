"""What erasing a subject needs of the store."""

from __future__ import annotations

from typing import Protocol


class Erasure(Protocol):
    """The steps that end with the transaction in which a subject's data keys are deleted."""

    async def erase_keys(self, subject_id: str) -> bool:
        """Delete every data key of a subject, and settle all that groups know of its events, in one
        transaction; False = there is no such subject, or it was erased before.

        Waits for appends under way, later ones raise SubjectErased. Events keep their places,
        versions, types and times, and are redacted: here at once, in another process when it looks
        for the key again, at most `key_cache_ms` later. What was in flight, waited or was parked
        counts as settled; saying so once more is right. Raises StorageUnavailable (nothing was
        written) and OutcomeUnknown.
        """
