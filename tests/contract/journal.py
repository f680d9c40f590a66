"""What every journal does. An adapter subclasses this and hands in a `store`."""

from __future__ import annotations

from tests.contract.appending import AppendContract
from tests.contract.racing import ConcurrencyContract
from tests.contract.reading import FollowContract, ReadContract

__all__ = ["AppendContract", "ConcurrencyContract", "JournalContract"]


class JournalContract(AppendContract, ConcurrencyContract, ReadContract, FollowContract):
    """All of it."""
