"""Erasing a subject's events and what groups know of them. See ports_of_erasure."""

from __future__ import annotations

from journey_service.domain.identity import partition_of
from journey_service.store.memory.groups import MemoryGroups
from journey_service.store.memory.journal import MemoryJournal


class MemoryErasure:
    """See ports_of_erasure.Erasure."""

    def __init__(self, journal: MemoryJournal, groups: MemoryGroups) -> None:
        self._journal = journal
        self._groups = groups

    async def erase_keys(self, subject_id: str) -> bool:
        """See ports_of_erasure.Erasure."""
        erased = self._journal.erase(subject_id)
        if erased:
            partition = partition_of(subject_id, self._journal.partition_count)
            self._groups.settle_erased(partition, subject_id)
        return erased
