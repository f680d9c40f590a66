"""`journey rebuild`: projections made anew; how it goes, what differs, what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import aclosing, contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from journey.v1.rebuilds_pb2 import (
    REBUILD_STATUS_CANCELLED,
    REBUILD_STATUS_COMPARED,
    REBUILD_STATUS_PAUSED,
    REBUILD_STATUS_PENDING,
    REBUILD_STATUS_RUNNING,
    REBUILD_STATUS_SWITCHED,
    Rebuild,
    RebuildStatus,
)
from journey_client import Client
from journey_service.cli import output
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.fitting import NARROW
from journey_service.cli.output import Output

GOING_ON = (REBUILD_STATUS_PENDING, REBUILD_STATUS_RUNNING)
WENT_WELL = (REBUILD_STATUS_SWITCHED, REBUILD_STATUS_COMPARED)
COLUMNS = ("rebuild", "status", "began", "events", "fold", "states", "differing")
DIFFERENCES = ("field", "states", "example", "before", "after")
# Characters of a value in a table; JSON lines have all of it.
VALUE_CHARS = 40


async def start(
    client: Client,
    out: Output,
    projection: str,
    *,
    dry_run: bool,
    keep_old_ms: int | None,
    follow: bool,
) -> bool:
    """Begin a rebuild and follow it to its end; whether it went well."""
    begun = await client.start_rebuild(projection, dry_run=dry_run, keep_old_ms=keep_old_ms)
    if not follow:
        _record(out, begun)
        out.say(f"{begun.rebuild_id} goes on; `journey rebuild status {begun.rebuild_id}`")
        return True
    out.note(f"{begun.rebuild_id} goes on in the service; Ctrl-C stops only watching it")
    return await watch(client, out, begun.rebuild_id)


async def watch(client: Client, out: Output, rebuild_id: str) -> bool:
    """Show how it goes until its end, then what differs; whether it went well."""
    with _bar(out) as told:
        async with aclosing(client.watch_rebuild(rebuild_id)) as looks:
            async for seen in looks:
                told(seen)
    ended = await client.rebuild(rebuild_id)
    _show(out, ended)
    return ended.status in WENT_WELL


async def status(client: Client, out: Output, name: str) -> bool:
    """One rebuild with what differs, or all of them; whether there is any."""
    if name:
        _show(out, await client.rebuild(await _rebuild_id(client, name)))
        return True
    found = [each async for each in client.rebuilds()]
    for each in found:
        _record(out, each)
    if found:
        out.table(COLUMNS, map(_row, found))
    return bool(found)


async def pause(client: Client, out: Output, name: str) -> bool:
    """Let it rest; whether it does."""
    told = await client.pause_rebuild(await _rebuild_id(client, name))
    return _told(out, told, (REBUILD_STATUS_PAUSED,), "there is nothing to pause")


async def resume(client: Client, out: Output, name: str) -> bool:
    """Let it go on; whether it does."""
    told = await client.resume_rebuild(await _rebuild_id(client, name))
    return _told(out, told, GOING_ON, "there is nothing to resume")


async def cancel(client: Client, out: Output, name: str) -> bool:
    """Stop it; whether it is."""
    told = await client.cancel_rebuild(await _rebuild_id(client, name))
    return _told(out, told, (REBUILD_STATUS_CANCELLED,), "there is nothing to cancel")


async def switch_back(client: Client, out: Output, name: str) -> None:
    """Make what it replaced live again."""
    _tell(out, await client.revert_rebuild(await _rebuild_id(client, name)))


async def drop(client: Client, out: Output, projection: str) -> None:
    """Drop old states before their time."""
    answer = await client.drop_old_states(projection)
    if out.as_json:
        out.record(output.message(answer) | {"projection": projection})
    for number in answer.generations:
        out.say(f"generation {number} of {projection} is being dropped")
    for number in answer.in_use:
        out.say(f"generation {number} of {projection} stays: an older release still folds it on")
    if not answer.generations and not answer.in_use:
        out.say(f"{projection} keeps no old states")


async def _rebuild_id(client: Client, name: str) -> str:
    """The id as it was typed; of a projection its newest rebuild. Raises Refusal."""
    if "." in name:
        return name
    async with aclosing(client.rebuilds(name)) as found:
        async for rebuild in found:
            return rebuild.rebuild_id
    raise Refusal(
        f"{name} was never rebuilt",
        "`journey rebuild status` lists rebuilds, `journey projections` what can be rebuilt.",
        Exit.NOT_FOUND,
    )


# --- what is printed -----------------------------------------------------------------------------


def _record(out: Output, rebuild: Rebuild) -> None:
    if out.as_json:
        out.record(output.message(rebuild))


def _tell(out: Output, rebuild: Rebuild) -> None:
    _record(out, rebuild)
    out.say(f"{rebuild.rebuild_id} is {status_name(rebuild)}")


def _told(out: Output, rebuild: Rebuild, wanted: Collection[RebuildStatus], why_not: str) -> bool:
    """Print how it stands; whether that is how it should, and why not."""
    if rebuild.status in wanted:
        _tell(out, rebuild)
        return True
    _record(out, rebuild)
    out.note(f"{rebuild.rebuild_id} is {status_name(rebuild)}: {why_not}")
    return False


def _show(out: Output, rebuild: Rebuild) -> None:
    """One rebuild and its comparison."""
    _record(out, rebuild)
    out.table(COLUMNS, [_row(rebuild)])
    if rebuild.HasField("error"):
        out.say(f"\n[red]{rebuild.error.message}[/]")
    if rebuild.differences:
        rows = [row for difference in rebuild.differences for row in _differing(difference)]
        out.table(DIFFERENCES, rows, title="\nWhat differs from the live states")
    elif rebuild.states_compared:
        out.say(f"\nAll {rebuild.states_compared:,} states are the same, byte for byte.")
    if rebuild.old_kept_until_ms:
        until = output.moment(rebuild.old_kept_until_ms)
        out.say(
            f"\nThe old states are kept until {until}: "
            f"`journey rebuild switch-back {rebuild.rebuild_id}` makes them live again."
        )


def _row(rebuild: Rebuild) -> tuple[str, ...]:
    return (
        rebuild.rebuild_id,
        status_name(rebuild) + (" (dry run)" if rebuild.dry_run else ""),
        output.moment(rebuild.started_at_ms),
        f"{rebuild.events_done:,} of {rebuild.events_total:,}",
        f"{rebuild.from_version or '-'} → {rebuild.to_version}",
        f"{rebuild.states_compared:,}",
        f"{rebuild.states_differing:,}",
    )


def _differing(difference: object) -> Iterator[tuple[str, ...]]:
    field, count = getattr(difference, "field"), getattr(difference, "states")  # noqa: B009
    for number, example in enumerate(getattr(difference, "examples")):  # noqa: B009
        yield (
            "" if number else field,
            "" if number else f"{count:,}",
            f"{example.subject_id} {example.key} {example.path}".strip(),
            _cut(example.before_json),
            _cut(example.after_json),
        )


def _cut(value: str) -> str:
    return value if len(value) <= VALUE_CHARS else value[: VALUE_CHARS - 1] + "…"


def status_name(rebuild: Rebuild) -> str:
    """Its status as people read it."""
    return RebuildStatus.Name(rebuild.status).removeprefix("REBUILD_STATUS_").lower()


@contextmanager
def _bar(out: Output) -> Iterator[Callable[[Rebuild], None]]:
    """A bar on a terminal; JSON lines for programs."""
    if out.as_json:
        yield lambda seen: out.record(output.message(seen))
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[text]}"))
    with Progress(*columns, console=out.notes, transient=True) as bar:
        task = bar.add_task("rebuild", total=1.0, text="")
        yield lambda seen: bar.update(
            task, completed=_share(seen), text=pace(seen, narrow=out.notes.width < NARROW)
        )


def _share(rebuild: Rebuild) -> float:
    """Partitions that are done count as compared, too; events alone as folded."""
    folded = rebuild.events_done / rebuild.events_total if rebuild.events_total else 1.0
    done = rebuild.partitions_done / max(rebuild.partitions_total, 1)
    return (folded + done) / 2


def pace(rebuild: Rebuild, *, narrow: bool = False) -> str:
    """How it goes, in words; on a narrow terminal the bar alone tells of partitions."""
    if rebuild.status not in (*WENT_WELL,) and rebuild.ended_at_ms:
        return status_name(rebuild)
    told = f"{rebuild.events_done:,} of {rebuild.events_total:,} events"
    if rebuild.ended_at_ms:
        return f"{told}; {rebuild.states_compared:,} states compared"
    if rebuild.events_per_s:
        told += f", {rebuild.events_per_s:,} a second"
    if rebuild.left_ms > 0:
        told += f", {rebuild.left_ms / 1_000:,.0f} s left"
    if narrow:
        return told
    partitions = f"{rebuild.partitions_done} of {rebuild.partitions_total} partitions"
    return f"{told}; {partitions}, {rebuild.states_compared:,} states compared"
