"""What a device keeps over restarts: its queue, the copy of its customer, refusals, commands.

Every method is one transaction. Methods block: call them from a thread (`Storage`).
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from google.protobuf.message import DecodeError

from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import Lease
from journey.v1.sessions_pb2 import Command, CommandResult
from journey_client import ids
from journey_client._copy import Copy, JourneyKey
from journey_client._database import Damaged, Database
from journey_client._kept import (
    VISITOR,
    Contents,
    CopyChange,
    Item,
    Refusal,
    Who,
    command_of,
    item_of,
    refusal_of,
    unsent_of,
)
from journey_client.recording import BatchLimits

_INSTALLATION, _ACCOUNT, _QUARANTINED = "installation_id", "account", "quarantined"
_SECRET, _VISITOR = "installation_secret", "visitor"
_COPY_FACTS = ("token", "customer_id", "copy_of", "truncated", "continue_list")


class Store:
    """The local store of one installation."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make it. Raises StoreInUse."""
        return cls(Database.open(path), path)

    @property
    def lost(self) -> str:
        """What became of an earlier file that could not be read; empty: nothing was lost."""
        return self._database.lost

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def load(self, account: str, *, visits: bool = False) -> Contents:
        """Everything, for who uses the device now; `account` empty: who used it last; VISITOR: who
        is here without account. `visits`: what a visitor left unsent is sent before a person's."""
        try:
            return self._load(account, visits=visits)
        except (Damaged, DecodeError, sqlite3.DatabaseError) as error:
            self._database.close()
            self._database = Database.set_aside(self._path, str(error))
            return self._load(account, visits=visits)

    # --- who uses it ---

    def person(self, account: str) -> Who:
        """What is known of an account here."""
        with self._database.transaction():
            return self._who(account)

    def note_person(self, account: str) -> None:
        """Who uses the device from now on."""
        with self._database.transaction():
            self._note_person(account)

    def keep_secret(self, secret: str) -> None:
        """Keep the secret by which the installation is known again."""
        with self._database.transaction():
            self._note(_SECRET, secret)

    # --- the queue ---

    def keep(self, items: Sequence[Item]) -> None:
        """Put new interactions at the end of the queue."""
        with self._database.transaction():
            for item in items:
                self._add(item)

    def compact(self) -> set[str]:
        """Of the unnumbered reports of a run keep first and furthest; returns the ids gone."""
        with self._database.transaction():
            return {row["event_id"] for row in self._database.rows("compact")}

    def bind(self, account: str, subject_id: str, epoch: int) -> None:
        """The account's subject is known now: what waited for it belongs to it."""
        with self._database.transaction():
            self._database.run("note_account", account=account, subject_id=subject_id, epoch=epoch)
            self._database.run("bind_items", account=account, subject_id=subject_id, epoch=epoch)
            self._note_person(account)

    def next_batch(self, subject_id: str, limits: BatchLimits) -> list[Item]:
        """What is sent next, with its numbers; these are stored before it is sent.

        Numbers of a batch follow each other, and it is of one sign-in epoch.
        """
        most = limits.interactions
        with self._database.transaction():
            rows = self._database.rows("read_line", subject_id=subject_id, most=most)
            items = [unsent_of(row, subject_id) for row in rows]
            by_id = {item.event_id: item for item in items}
            batch = next(limits.split(item.interaction for item in items), [])
            chosen = [by_id[interaction.event_id] for interaction in batch]
            return list(self._numbered(subject_id, chosen))

    def settle(
        self, answered: Iterable[str], refusals: Iterable[Refusal], quarantined: int
    ) -> None:
        """Take interactions with their own answers out of the queue; refusals stay to be told."""
        with self._database.transaction():
            for event_id in answered:
                self._database.run("answer_item", event_id=event_id)
            self._database.run("drop_done")
            for refusal in refusals:
                self._database.run(
                    "add_refusal",
                    event_id=refusal.interaction.event_id,
                    interaction=refusal.interaction.SerializeToString(),
                    result=refusal.result.SerializeToString(),
                )
            if quarantined:
                self._note(_QUARANTINED, self._facts().get(_QUARANTINED, 0) + quarantined)

    def renumber(self) -> str:
        """Take a new installation id; what is unsent is numbered from 1, under its event ids."""
        new = ids.installation_id()
        with self._database.transaction():
            for name in ("forget_numbers", "orphan_items", "empty_lines", "empty_processed"):
                self._database.run(name)
            self._database.run("unbind_items", prefix=VISITOR)
            self._database.run("unbind_visitors", prefix=VISITOR)
            self._note(_SECRET, "")
            self._note(_INSTALLATION, new)
        return new

    def forget_refusal(self, event_id: str) -> None:
        """The application was told."""
        with self._database.transaction():
            self._database.run("drop_refusal", event_id=event_id)

    # --- the copy ---

    def keep_copy(self, change: CopyChange) -> None:
        """Apply frames: states, token, and the end of the effects that they hold."""
        with self._database.transaction():
            if change.whole:
                self._database.run("empty_journeys")
                self._database.run("empty_processed")
            for key in change.removed:
                self._database.run("drop_journey", kind=key.kind, journey_id=key.journey_id)
            for key in change.changed:
                self._put_journey(change.copy, key)
            self._note_copy(change)
            if change.processed_of:
                self._cover(change)

    def drop_copy(self) -> None:
        """Forget the copy: another person uses the device."""
        with self._database.transaction():
            self._drop_copy()

    def wipe_subject(self, subject_id: str) -> None:
        """Drop queue and copy of a subject that was erased."""
        with self._database.transaction():
            for name in ("drop_items_of", "drop_line_of", "drop_account_of"):
                self._database.run(name, subject_id=subject_id)
            self._drop_copy()

    def wipe(self) -> str:
        """Drop everything; returns the new installation id."""
        new = ids.installation_id()
        with self._database.transaction():
            for name in ("items", "lines", "accounts", "refusals", "commands", "facts"):
                self._database.run(f"empty_{name}")
            self._drop_copy()
            self._note(_INSTALLATION, new)
        return new

    # --- commands ---

    def keep_command(self, command: Command) -> None:
        """Keep a command until it was carried out; its id for ever."""
        with self._database.transaction():
            self._database.run(
                "add_command", command_id=command.id, command=command.SerializeToString()
            )

    def keep_result(self, result: CommandResult) -> None:
        """Keep what became of a command until the service was told."""
        with self._database.transaction():
            told = result.SerializeToString()
            self._database.run("answer_command", command_id=result.id, result=told)

    def told_results(self, command_ids: Iterable[str]) -> None:
        """The service was told."""
        with self._database.transaction():
            for command_id in command_ids:
                self._database.run("tell_command", command_id=command_id)

    # --- inside transactions ---

    def _load(self, account: str, *, visits: bool) -> Contents:
        with self._database.transaction():
            facts = self._facts()
            if _INSTALLATION not in facts:
                facts[_INSTALLATION] = ids.installation_id()
                self._note(_INSTALLATION, facts[_INSTALLATION])
            visitor = facts.get(_VISITOR, f"{VISITOR}0")
            account = visitor if account == VISITOR else account or facts.get(_ACCOUNT, "")
            self._note(_ACCOUNT, account)
            rows, following = self._database, None
            if visits and account != visitor and self._waits(visitor):
                following, account = self._who(account), visitor
            who = self._who(account)
            return Contents(
                installation_id=facts[_INSTALLATION],
                account=account,
                subject_id=who.subject_id,
                epoch=who.epoch,
                secret=facts.get(_SECRET, ""),
                following=following,
                quarantined=facts.get(_QUARANTINED, 0),
                copy_of=facts.get("copy_of", ""),
                copy=self._kept_copy(facts),
                items=[item_of(row) for row in rows.rows("read_items")],
                refusals=[refusal_of(row) for row in rows.rows("read_refusals")],
                commands=[command_of(row) for row in rows.rows("read_commands")],
            )

    def _who(self, account: str) -> Who:
        found = self._database.one("find_account", account=account)
        if found is None:
            return Who(account)
        known = {"account": account, "subject_id": found["subject_id"], "epoch": found["epoch"]}
        # Nothing may wait for a subject that is known: it would never be sent.
        self._database.run("bind_items", **known)
        return Who(**known)

    def _waits(self, account: str) -> bool:
        counted = self._database.one("count_waiting", account=account)
        return bool(counted and counted["waiting"])

    def _note_person(self, account: str) -> None:
        self._note(_ACCOUNT, account)
        if account.startswith(VISITOR):
            self._note(_VISITOR, account)

    def _add(self, item: Item) -> None:
        content = item.interaction.SerializeToString()
        progressed = item.interaction.media_progressed
        self._database.run(
            "add_item",
            account=item.account,
            subject_id=item.subject_id,
            epoch=item.epoch,
            event_id=item.event_id,
            run_id=progressed.run_id,
            point_ms=progressed.point_ms,
            t_ms=item.t_ms,
            size=item.size,
            content=content,
            crc=zlib.crc32(content),
        )

    def _numbered(self, subject_id: str, items: Sequence[Item]) -> Iterable[Item]:
        """The first of these whose numbers follow each other; those without get theirs."""
        found = self._database.one("find_next_seq", subject_id=subject_id)
        next_seq = free = found["next_seq"] if found else 1
        batch: list[Item] = []
        for item in items:
            seq = item.seq or next_seq
            if batch and (item.epoch != batch[0].epoch or seq != batch[-1].seq + 1):
                break
            if not item.seq:
                item.seq = item.interaction.seq = seq
                self._database.run("number_item", item_no=item.item_no, seq=seq)
                next_seq += 1
            batch.append(item)
        if next_seq != free:
            self._database.run("note_next_seq", subject_id=subject_id, next_seq=next_seq)
        return batch

    def _put_journey(self, copy: Copy, key: JourneyKey) -> None:
        lease = copy.leases.get(key)
        self._database.run(
            "put_journey",
            kind=key.kind,
            journey_id=key.journey_id,
            state=copy.journeys[key].SerializeToString(),
            lease=lease.SerializeToString() if lease else None,
        )

    def _note_copy(self, change: CopyChange) -> None:
        copy = change.copy
        listed = "\n".join(f"{key.kind}/{key.journey_id}" for key in copy.continue_keys)
        values = (copy.token, copy.customer_id, change.copy_of, int(copy.truncated), listed)
        for name, value in zip(_COPY_FACTS, values, strict=True):
            self._note(name, value)
        for (epoch, subject_id), seq in copy.processed.items():
            self._database.run("note_processed", subject_id=subject_id, epoch=epoch, seq=seq)

    def _cover(self, change: CopyChange) -> None:
        subject_id, seq = change.processed_of, change.processed_seq
        self._database.run("cover_items", subject_id=subject_id, seq=seq)
        self._database.run("end_orphans")
        self._database.run("drop_done")

    def _drop_copy(self) -> None:
        self._database.run("empty_journeys")
        self._database.run("empty_processed")
        for name in _COPY_FACTS:
            self._note(name, 0 if name == "truncated" else "")

    def _kept_copy(self, facts: dict[str, Any]) -> Copy:
        copy = Copy(
            token=facts.get("token", ""),
            customer_id=facts.get("customer_id", ""),
            truncated=bool(facts.get("truncated", 0)),
        )
        for row in self._database.rows("read_journeys"):
            key = JourneyKey(row["kind"], row["journey_id"])
            copy.journeys[key] = Journey.FromString(row["state"])
            if row["lease"] is not None:
                copy.leases[key] = Lease.FromString(row["lease"])
        listed = facts.get("continue_list", "")
        copy.continue_keys = tuple(
            JourneyKey(*line.split("/", 1)) for line in listed.split("\n") if line
        )
        for row in self._database.rows("read_processed"):
            copy.processed[row["epoch"], row["subject_id"]] = row["seq"]
        return copy

    def _facts(self) -> dict[str, Any]:
        return {row["name"]: row["value"] for row in self._database.rows("read_facts")}

    def _note(self, name: str, value: object) -> None:
        self._database.run("note_fact", name=name, value=value)
