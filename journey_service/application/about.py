"""About the server: what it is, and how its partitions stand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_STAFF
from journey.v1.admin_service_pb2 import (
    GetPartitionsResponse,
    GetServerInfoResponse,
    Partition,
    ReaderLag,
)
from journey.v1.events_pb2 import Event
from journey.v1.sessions_pb2 import Limits
from journey_service.application.context import Context
from journey_service.domain.errors import EventUnreadable
from journey_service.domain.identity import Principal
from journey_service.settings import Settings

CAPABILITIES = ("record_stream", "watch", "read_events", "subscribe", "diff_journey", "play_events")


async def get_server_info(context: Context, principal: Principal) -> GetServerInfoResponse:
    """Versions, capabilities and limits."""
    warnings = ["durability is weakened: acknowledged events can be lost"]
    return GetServerInfoResponse(
        version=version("journey-service"),
        api=["journey.v1"],
        capabilities=CAPABILITIES,
        limits=limits_of(principal, context.settings),
        journal_epoch=context.journal.epoch,
        warnings=warnings if context.settings.unsafe_durability else [],
        partition_count=context.journal.partition_count,
        server_time_ms=context.clock.now_ms(),
    )


async def get_partitions(context: Context) -> GetPartitionsResponse:
    """Heads of all partitions and how far projections and consumers are behind."""
    heads = await context.journal.heads()
    folded = {
        view.name: await context.states.checkpoints(view.name)
        for view in context.projected.catalogue.stored()
    }
    return GetPartitionsResponse(
        partitions=[
            await _partition(context, partition, head, folded)
            for partition, head in sorted(heads.items())
        ]
    )


def limits_of(principal: Principal, settings: Settings) -> Limits:
    """The limits of this caller."""
    device = principal.role in (ROLE_DEVICE, ROLE_STAFF)
    return Limits(
        max_interaction_bytes=settings.interaction_bytes
        if device
        else settings.service_interaction_bytes,
        max_batch_interactions=settings.batch_interactions
        if device
        else settings.service_batch_interactions,
        max_batch_bytes=settings.batch_bytes if device else settings.service_batch_bytes,
        max_message_bytes=settings.message_bytes,
        max_streams=settings.streams_per_installation if device else settings.streams_per_service,
        max_event_age_ms=settings.late_limit_ms,
        max_page_size=settings.page_size_max,
    )


async def _partition(
    context: Context, partition: int, head: int, folded: Mapping[str, Mapping[int, int]]
) -> Partition:
    last: list[Event] = []
    # Whoever looks for damage needs the rest of the answer.
    with suppress(EventUnreadable):
        last = await context.journal.read_partition(partition, after_position=head - 1, limit=1)
    consumers = context.subscribers.positions()
    return Partition(
        partition=partition,
        head_position=head,
        last_recorded_at_ms=last[0].recorded_at_ms if head and last else 0,
        readers=[
            *(
                _reader(f"projection/{name}", positions.get(partition, 0), head)
                for name, positions in folded.items()
            ),
            *(
                _reader(f"consumer/{consumer}", positions[partition], head)
                for consumer, positions in consumers.items()
                if partition in positions
            ),
        ],
    )


def _reader(name: str, position: int, head: int) -> ReaderLag:
    """How far a reader is; what was recorded since the heads were read it may have read already."""
    return ReaderLag(reader=name, position=position, lag_events=max(0, head - position))
