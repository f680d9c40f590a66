"""`journey projections`: how they stand, what they keep, and what to do with those that stopped."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from rich.text import Text

from journey.v1 import journeys_pb2, views_pb2  # noqa: F401  what states are made of
from journey.v1.access_pb2 import Role
from journey.v1.projection_service_pb2 import (
    PROJECTION_STATUS_FAILED,
    PROJECTION_STATUS_LIVE,
    Projection,
    ProjectionState,
    ProjectionStatus,
    SkippedEvent,
    StoppedFold,
)
from journey_client import CheckpointStore, Client, JourneyError
from journey_client.errors import ProjectionNotFound
from journey_service.cli import output
from journey_service.cli.counts import MOST_POSITION, whole
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.domain.identity import partition_of
from journey_service.domain.state_keys import parts_of

# What the tokens carry that commands make for themselves.
SCOPES = ("projection.read",)
COLUMNS = ("projection", "status", "version", "generation", "behind", "age", "found by", "readers")
STATES = ("key", "changed", "state")
# The projection of which derived views are made.
JOURNEYS = "journeys"
# An event that is just tried again is looked for so often.
LOOKS, LOOK_S = 10, 0.5
# Characters of a state in a table.
STATE_WIDTH = 100


async def list_projections(client: Client, out: Output) -> int:
    """Print all projections; returns how many of them stopped."""
    found = [each async for each in client.projections()]
    failed = [each for each in found if each.status == PROJECTION_STATUS_FAILED]
    if out.as_json:
        for each in found:
            out.record(record_of(each))
        return len(failed)
    out.table(COLUMNS, map(row_of, found))
    for each in failed:
        _tell_stops(out, each)
    return len(failed)


async def show_projection(client: Client, out: Output, name: str) -> bool:
    """Print all about one projection; returns whether it stopped. Raises Refusal."""
    found = {each.name: each async for each in client.projections()}
    if name not in found:
        raise ProjectionNotFound(f"There is no projection {name!r}: {', '.join(found)}.")
    shown = found[name]
    if out.as_json:
        out.record(record_of(shown))
        return shown.status == PROJECTION_STATUS_FAILED
    out.table(COLUMNS, [row_of(shown)])
    out.say(f"\n{shown.description}", markup=False)
    _tell_stops(out, shown)
    for skip in shown.skips:
        out.say(
            f"leaves out {skip.partition}/{skip.position}, told by {skip.actor} "
            f"{output.moment(skip.skipped_at_ms)}: {skip.reason}",
            markup=False,
        )
    return shown.status == PROJECTION_STATUS_FAILED


def _tell_stops(out: Output, shown: Projection) -> None:
    """In red: where it stopped, why, and what to do."""
    for stop in shown.stops:
        place = f"{stop.partition}/{stop.position}"
        event = f"{stop.type} {stop.event_id} of {stop.subject_id}"
        out.say(
            Text(
                f"\n{shown.name} stopped {output.moment(stop.stopped_at_ms)} in partition "
                f"{stop.partition}, at position {stop.position}: "
                f"{event if stop.event_id else 'a damaged event'}: {stop.error}",
                style="red",
            ),
            soft_wrap=True,
        )
        out.say(f"  journey projections retry {shown.name}", markup=False)
        out.say(
            f'  journey projections skip {shown.name} --event {place} --reason "…"', markup=False
        )


async def show_state(client: Client, out: Output, name: str, key: str) -> bool:
    """Print one state, exact; returns whether there is one."""
    state = await client.state(name, key)
    there = state.WhichOneof("content") is not None
    if out.as_json:
        out.record(record_of_state(state))
    elif there:
        out.say(json.dumps(content_of(state), indent=2, ensure_ascii=False), markup=False)
    with contextlib.suppress(JourneyError):
        await _tell_if_stopped(client, out, name, key)
    return there


async def _tell_if_stopped(client: Client, out: Output, name: str, key: str) -> None:
    """In red, beside the output: that the projection stopped in the partition of this state."""
    found = {each.name: each async for each in client.projections()}
    # What is derived is made of journeys whenever it is read.
    source = JOURNEYS if name in found and found[name].derived else name
    stops = found[source].stops if source in found else ()
    subject_id, _ = parts_of(key)
    partition = partition_of(subject_id, (await client.server_info()).partition_count)
    for stop in stops:
        if stop.partition == partition:
            place = f"{partition}/{stop.position}"
            # Of others it is read on from the log; lists and watchers have what is stored.
            own = stop.subject_id in {subject_id, ""}
            left = "this state ends" if own else "this state is exact, lists of states end"
            out.note(
                f"{source} stopped in partition {partition}, at position {stop.position}: {left} "
                f"there. journey projections retry {source}, or "
                f'journey projections skip {source} --event {place} --reason "…"',
                style="red",
            )


async def list_states(
    client: Client, out: Output, name: str, prefix: str, where: Mapping[str, str], *, limit: int
) -> int:
    """Print states as they are stored, at most `limit` (0: all); returns how many."""
    found: list[ProjectionState] = []
    async for state in client.states(name, key_prefix=prefix, index=where):
        if out.as_json:
            out.record(record_of_state(state))
        found.append(state)
        if limit and len(found) >= limit:
            break
    if found:
        out.table(STATES, map(row_of_state, found))
    return len(found)


async def watch_states(
    client: Client,
    out: Output,
    name: str,
    keys: Sequence[str],
    *,
    consumer: str,
    store: CheckpointStore | None,
    once: bool,
) -> None:
    """Print states and then the changed ones, until stopped. `once`: until level."""
    async with client.watch_projection(name, consumer, keys=keys, store=store) as watched:
        async for change in watched.told():
            if change.reset:
                out.note("all states follow")
            for state in change.states:
                _tell_state(out, state)
            for key in change.removed_keys:
                out.record({"key": key, "removed": True}) if out.as_json else None
                out.say(f"{key}  is gone", markup=False)
            if once and watched.live:
                await change.done()
                return


def _tell_state(out: Output, state: ProjectionState) -> None:
    if out.as_json:
        out.record(record_of_state(state))
    else:
        out.say("  ".join(row_of_state(state)), markup=False, no_wrap=True, overflow="ellipsis")


async def retry(client: Client, out: Output, name: str, partitions: Sequence[int]) -> int:
    """Try again where a projection stopped; returns in how many places that was."""
    retried = await client.retry_projection(name, partitions)
    for stop in retried:
        out.record(stop_record(stop)) if out.as_json else None
        out.say(
            f"{name} tries partition {stop.partition} again, from position {stop.position}",
            markup=False,
        )
    return len(retried)


async def skip(client: Client, out: Output, name: str, event: str, reason: str) -> None:
    """Leave out the event at which a projection stopped: by its place or its id."""
    partition, position = await _place_of(client, name, event)
    told = await client.skip_event(name, partition, position, reason=reason)
    out.record(skip_record(told)) if out.as_json else None
    out.say(
        f"{name} leaves out {told.partition}/{told.position}, for ever: {told.reason}",
        markup=False,
    )


async def _place_of(client: Client, name: str, event: str) -> tuple[int, int]:
    partition, slash, position = event.partition("/")
    if slash and partition.isdecimal() and position.isdecimal():
        return (
            whole("--event", event, partition),
            whole("--event", event, position, least=1, most=MOST_POSITION),
        )
    for _ in range(LOOKS):
        found = {each.name: each async for each in client.projections()}
        shown = found.get(name, Projection())
        for stop in shown.stops:
            if stop.event_id == event:
                return stop.partition, stop.position
        if shown.stops or not shown.lag_events:
            break
        # It may be just tried again.
        await asyncio.sleep(LOOK_S)
    raise Refusal(
        f"--event {event}: {name} is not stopped at such an event",
        f"`journey projections show {name}` tells where it is stopped, as PARTITION/POSITION; "
        "what was just told to retry is tried first: look in a moment.",
        Exit.USAGE,
    )


def where_of(typed: Iterable[str]) -> dict[str, str]:
    """Fields and values, as field=value. Raises Refusal."""
    found = {}
    for each in typed:
        name, equals, value = each.partition("=")
        if not (name and equals and value):
            raise Refusal(f"--where {each}: write FIELD=VALUE", status=Exit.USAGE)
        found[name] = value
    return found


# --- rows and records ----------------------------------------------------------------------------


def row_of(shown: Projection) -> tuple[str, ...]:
    """A projection for people."""
    return (
        shown.name,
        _in_a_word(shown),
        str(shown.version),
        str(shown.generation or ""),
        "" if shown.derived else f"{shown.lag_events:,}",
        f"{shown.lag_ms / 1_000:,.1f} s" if shown.lag_ms else "",
        ", ".join(shown.index_fields),
        ", ".join(map(_role, shown.read_roles)),
    )


def _in_a_word(shown: Projection) -> str:
    """Of what it has not tried yet nobody knows whether it stops there, so it is not live."""
    if shown.derived:
        return "derived"
    behind = shown.status == PROJECTION_STATUS_LIVE and shown.lag_events
    return "behind" if behind else status_of(shown)


def status_of(shown: Projection) -> str:
    """How it stands, in a word."""
    return ProjectionStatus.Name(shown.status).removeprefix("PROJECTION_STATUS_").lower()


def _role(role: Role) -> str:
    return Role.Name(role).removeprefix("ROLE_").lower()


def record_of(shown: Projection) -> dict[str, Any]:
    """A projection for programs."""
    return {
        "name": shown.name,
        "status": status_of(shown),
        "version": shown.version,
        "generation": shown.generation,
        "derived": shown.derived,
        "own": shown.own,
        "lag_events": shown.lag_events,
        "lag_ms": shown.lag_ms,
        "checkpoint": shown.checkpoint,
        "rebuild_id": shown.rebuild_id,
        "index_fields": list(shown.index_fields),
        "read_roles": [_role(role) for role in shown.read_roles],
        "description": shown.description,
        "error": shown.error,
        "stops": [stop_record(stop) for stop in shown.stops],
        "skips": [skip_record(skip) for skip in shown.skips],
    }


def stop_record(stop: StoppedFold) -> dict[str, Any]:
    """A stop for programs."""
    return {
        "partition": stop.partition,
        "position": stop.position,
        "event_id": stop.event_id,
        "type": stop.type,
        "subject_id": stop.subject_id,
        "error": stop.error,
        "stopped_at": output.iso(stop.stopped_at_ms),
    }


def skip_record(skip: SkippedEvent) -> dict[str, Any]:
    """What is left out, for programs."""
    return {
        "partition": skip.partition,
        "position": skip.position,
        "reason": skip.reason,
        "actor": skip.actor,
        "skipped_at": output.iso(skip.skipped_at_ms),
    }


def row_of_state(state: ProjectionState) -> tuple[str, str, str]:
    """A state for people."""
    shown = json.dumps(content_of(state), ensure_ascii=False)
    cut = shown if len(shown) <= STATE_WIDTH else shown[: STATE_WIDTH - 1] + "…"
    return state.key, output.moment(state.updated_at_ms), cut


def record_of_state(state: ProjectionState) -> dict[str, Any]:
    """A state for programs."""
    return {
        "key": state.key,
        "subject_id": state.subject_id,
        "updated_at": output.iso(state.updated_at_ms),
        "state": content_of(state),
    }


def content_of(state: ProjectionState) -> Any:
    """What the state says; None where there is none. Of a message that is not known here, which a
    package beside the service brought, only its type."""
    match state.WhichOneof("content"):
        case "json":
            return json.loads(state.json)
        case "message":
            try:
                shown = MessageToDict(state.message, preserving_proto_field_name=True)
            except TypeError:
                return {"@type": state.message.type_url}
            shown.pop("@type", None)
            return shown
        case _:
            return None
