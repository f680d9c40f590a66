"""Who consumes a group, and which partitions each has: read and changed under the group's lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg

from journey_service.domain.group_progress import Progress
from journey_service.domain.group_sharing import share
from journey_service.ports_of_groups import Attendance, Member
from journey_service.store.postgres import sql
from journey_service.store.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group lies: the partition of its id, and all partitions of the journal."""

    home: int
    group_id: str
    partitions: Sequence[int]


async def attend(
    connection: Connection, place: Place, members: Mapping[str, Member]
) -> Attendance | None:
    """See ports_of_groups.Groups; in a transaction of the caller."""
    group = await lock(connection, place)
    if group is None:
        return None
    there = await connection.fetch(
        sql.statement("read_group_consumers"), place.home, place.group_id
    )
    streams = {row["consumer_id"]: row["stream"] for row in there}
    replaced = {
        name
        for name, member in members.items()
        if not member.joining and streams.get(name, member.stream) != member.stream
    }
    renewed = {name: member for name, member in members.items() if name not in replaced}
    anew = {name for name, member in renewed.items() if streams.get(name, "") != member.stream}
    lapsed = {row["consumer_id"] for row in there if not row["live"]} - renewed.keys()
    await _note(connection, place, renewed, lapsed)
    live = (streams.keys() - lapsed) | renewed.keys()
    return await _shared(connection, place, group, live, anew, renewed.keys(), replaced)


async def lock(connection: Connection, place: Place) -> asyncpg.Record | None:
    """The group's revision and epoch, locked; None where it is not there."""
    return await connection.fetchrow(sql.statement("lock_group"), place.home, place.group_id)


async def leave(connection: Connection, place: Place, consumer_id: str, stream: str) -> None:
    """See ports_of_groups.Groups; in a transaction of the caller."""
    group = await lock(connection, place)
    if group is None:
        return
    there = await connection.fetch(
        sql.statement("read_group_consumers"), place.home, place.group_id
    )
    streams = {row["consumer_id"]: row["stream"] for row in there}
    if streams.get(consumer_id) != stream:
        return
    await _note(connection, place, {}, {consumer_id})
    live = {row["consumer_id"] for row in there if row["live"]} - {consumer_id}
    await _shared(connection, place, group, live, (), (), ())


async def _note(
    connection: Connection, place: Place, renewed: Mapping[str, Member], gone: Collection[str]
) -> None:
    if renewed:
        await connection.execute(
            sql.statement("renew_group_consumers"),
            place.home,
            place.group_id,
            [*renewed],
            [member.stream for member in renewed.values()],
            [member.life_ms for member in renewed.values()],
        )
    if gone:
        await connection.execute(
            sql.statement("drop_group_consumers"), place.home, place.group_id, sorted(gone)
        )


async def _shared(
    connection: Connection,
    place: Place,
    group: asyncpg.Record,
    live: Collection[str],
    anew: Collection[str],
    asking: Collection[str],
    replaced: Collection[str],
) -> Attendance:
    """Share the partitions; those of a consumer that came `anew` change hands even to itself."""
    rows = await connection.fetch(
        sql.statement("read_group_progress"), place.partitions, place.group_id
    )
    known = {row["partition"]: progress_of(row) for row in rows}
    busy = {row["partition"] for row in rows if row["busy"]}
    owners = {each: "" if one.owner in anew else one.owner for each, one in known.items()}
    sharing = share(owners, busy, live)
    epoch = group["epoch"]
    if sharing.moves:
        epoch += 1
        known |= await _moved(connection, place, epoch, sharing.moves, known)
    return Attendance(
        owned={each: one for each, one in known.items() if one.owner in asking},
        leaving=sharing.leaving,
        replaced=frozenset(replaced),
        consumers=len(live),
        epoch=epoch,
        revision=group["revision"],
    )


async def _moved(
    connection: Connection,
    place: Place,
    epoch: int,
    moves: Mapping[int, str],
    known: Mapping[int, Progress],
) -> dict[int, Progress]:
    """What moved; where something was stored meanwhile, the next one to attend moves it."""
    partitions = sorted(moves)
    await connection.execute(sql.statement("move_group_epoch"), place.home, place.group_id, epoch)
    rows = await connection.fetch(
        sql.statement("move_group_partitions"),
        place.group_id,
        epoch,
        partitions,
        [known[each].revision for each in partitions],
        [moves[each] for each in partitions],
    )
    moved = {}
    for row in rows:
        one = known[row["partition"]]
        moved[one.partition] = replace(
            one, owner=moves[one.partition], epoch=epoch, revision=one.revision + 1
        )
    return moved


def progress_of(row: asyncpg.Record) -> Progress:
    """A row of read_group_progress."""
    return Progress(
        row["partition"],
        row["checkpoint"],
        row["owner"],
        row["epoch"],
        row["revision"],
        row["replayed_to"],
        row["again_from"],
        row["again_to"],
        row["resume_at"],
    )
