"""Moving a group: its progress, and what is known of events; under the group's lock."""

from __future__ import annotations

from collections.abc import Mapping

from journey_service.domain.groups import forgotten_by_seek
from journey_service.store.postgres import sql
from journey_service.store.postgres.group_members import Place, progress_of
from journey_service.store.postgres.pool import Connection

# No position is beyond it.
_NO_END = (1 << 63) - 1


async def seek(
    connection: Connection,
    place: Place,
    epoch: int,
    checkpoints: Mapping[int, int],
    ends: Mapping[int, int] | None,
    *,
    discard_parked: bool,
) -> None:
    """See ports_of_groups.Groups; in a transaction of the caller that touched all partitions."""
    await connection.execute(sql.statement("move_group_epoch"), place.home, place.group_id, epoch)
    await _move(connection, place, epoch, checkpoints, ends)
    spans = [
        (partition, 0, _NO_END) if ends is None else (partition, after, ends[partition])
        for partition, after in checkpoints.items()
    ]
    gone = forgotten_by_seek(is_range=ends is not None, discard_parked=discard_parked)
    await connection.execute(
        sql.statement("seek_group_deliveries"),
        place.group_id,
        *sql.columns(3, spans),
        sorted(standing.value for standing in gone),
    )
    if ends is not None and discard_parked:
        await connection.execute(sql.statement("release_held"), place.partitions, place.group_id)


async def _move(
    connection: Connection,
    place: Place,
    epoch: int,
    checkpoints: Mapping[int, int],
    ends: Mapping[int, int] | None,
) -> None:
    rows = await connection.fetch(
        sql.statement("read_group_progress"), place.partitions, place.group_id
    )
    known = await connection.fetch(
        sql.statement("furthest_deliveries"), place.partitions, place.group_id
    )
    furthest = {row["partition"]: row["position"] for row in known}
    moved = [
        one.sought(epoch, checkpoints[one.partition], furthest.get(one.partition, 0))
        if ends is None
        else one.again(
            epoch, checkpoints[one.partition], ends[one.partition], furthest.get(one.partition, 0)
        )
        for one in map(progress_of, rows)
    ]
    places = [
        (
            one.partition,
            one.checkpoint,
            one.epoch,
            one.replayed_to,
            one.again_from,
            one.again_to,
            one.resume_at,
        )
        for one in moved
    ]
    await connection.execute(
        sql.statement("seek_group_progress"), place.group_id, *sql.columns(7, places)
    )
