"""What a local store holds, as values: items of the queue, refusals, commands, the copy."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.sessions_pb2 import Command, CommandResult
from journey_client._copy import Copy, JourneyKey
from journey_client._database import Damaged

# Accounts that begin so are nobody's: visitors, by the sign-in epoch that they came in.
VISITOR = "visitor/"
# Whose account it is where neither the application nor the credential tells.
SOMEBODY = "somebody"
NOT_SHOWN, SHOWN, ORPHANED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Who:
    """A person or visitor on this device; `subject_id` is empty before the first session."""

    account: str
    subject_id: str = ""
    epoch: int = 0

    @property
    def is_visitor(self) -> bool:
        """Whether nobody signed in."""
        return self.account.startswith(VISITOR)


@dataclass(slots=True)
class Item:
    """An interaction of this device from its recording until its effect is in the copy.

    `waiting`: it has no answer yet. `shown`: its effect is applied on top of the copy. `t_ms`:
    when the customer acted, by the service's clock as well as it was known; orders own acts.
    """

    interaction: Interaction
    account: str = ""
    subject_id: str = ""
    epoch: int = 0
    seq: int = 0
    t_ms: int = 0
    size: int = 0
    item_no: int = 0
    waiting: bool = True
    shown: int = SHOWN

    @property
    def event_id(self) -> str:
        """Its id for ever."""
        return self.interaction.event_id


@dataclass(frozen=True, slots=True)
class Refusal:
    """An interaction that the service refused, and its result."""

    interaction: Interaction
    result: RecordResult


@dataclass(slots=True)
class KeptCommand:
    """A command, and what became of it; `told`: the service knows."""

    command: Command
    result: CommandResult | None = None
    told: bool = False


@dataclass(slots=True)
class Contents:
    """Everything that is kept. `following`: who signed in while a visitor's queue waits."""

    installation_id: str
    account: str = ""
    subject_id: str = ""
    epoch: int = 0
    secret: str = ""
    following: Who | None = None
    quarantined: int = 0
    copy_of: str = ""
    copy: Copy = field(default_factory=Copy)
    items: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    commands: list[KeptCommand] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CopyChange:
    """What frames changed in the copy. `whole`: everything else is gone."""

    copy: Copy
    changed: Iterable[JourneyKey]
    removed: Iterable[JourneyKey]
    copy_of: str
    whole: bool = False
    processed_of: str = ""
    processed_seq: int = 0


def item_of(row: Any) -> Item:
    """An item as it stands in the file. Raises Damaged."""
    if zlib.crc32(row["content"]) != row["crc"]:
        raise Damaged(f"interaction {row['event_id']} is not what was written")
    interaction = Interaction.FromString(row["content"])
    interaction.seq = row["seq"] or 0
    return Item(
        interaction,
        account=row["account"],
        subject_id=row["subject_id"],
        epoch=row["epoch"],
        seq=row["seq"] or 0,
        t_ms=row["t_ms"],
        size=row["size"],
        item_no=row["item_no"],
        waiting=bool(row["waiting"]),
        shown=row["shown"],
    )


def unsent_of(row: Any, subject_id: str) -> Item:
    """An item as it is sent."""
    interaction = Interaction.FromString(row["content"])
    seq = interaction.seq = row["seq"] or 0
    return Item(
        interaction,
        subject_id=subject_id,
        epoch=row["epoch"],
        seq=seq,
        size=row["size"],
        item_no=row["item_no"],
    )


def refusal_of(row: Any) -> Refusal:
    """A refusal that was not told."""
    return Refusal(
        Interaction.FromString(row["interaction"]), RecordResult.FromString(row["result"])
    )


def command_of(row: Any) -> KeptCommand:
    """A command that is kept."""
    result = None if row["result"] is None else CommandResult.FromString(row["result"])
    return KeptCommand(Command.FromString(row["command"]), result, told=bool(row["told"]))
