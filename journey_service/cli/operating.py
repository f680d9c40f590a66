"""`journey up`, `serve`, `migrate`, `verify`: the service and its database on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import shlex
import shutil
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

import journey_client
from journey.v1.events_pb2 import Event
from journey.v1.folds_pb2 import JourneyFold
from journey.v1.sessions_pb2 import Device
from journey_client import Client
from journey_client.errors import CustomerNotFound
from journey_service import bootstrap
from journey_service.bootstrap import Service
from journey_service.cli import callers, showing
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.first_resume import ACCOUNT, NotTheSame, Scene
from journey_service.cli.output import Output
from journey_service.cli.running import Steps, stop_signals
from journey_service.domain.identity import subject_id_of_account
from journey_service.embedded import DataDirectory
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.settings import Settings
from journey_service.store.postgres.migrate import migrate
from journey_service.store.postgres.store import PostgresStore
from journey_service.store.postgres.verify import Finding, Folding, Walked
from journey_service.transport.grpc_server import AddressTaken
from journey_service.transport.mint import Mint
from projections import JOURNEYS
from projections.projection import serialized

_DEMO = uuid.UUID("6f3d1c8e-4a0b-4f57-9d55-0c2f7c7a9b10")
_PLATFORMS = {"phone": "android", "laptop": "web"}
_SHOWN_FINDINGS = 50
# Nobody waits for a walk, so it waits for its turn.
_PATIENCE_MS = 60_000
_TEA = '{"line": {"product": {"sku": "tea"}, "quantity": 1}}'


async def serve(settings: Settings, out: Output) -> None:
    """Serve until asked to stop."""
    async with _started(settings, out) as service:

        def tell() -> None:
            if out.as_json:
                out.record(_places(service))
            out.say("[dim]Ctrl-C or SIGTERM stops it.[/]")

        await _until_stopped(service, tell)


async def up(settings: Settings, out: Output, *, stay: bool) -> None:
    """Serve, play the first resume, say what to try, and stay until asked to stop."""
    async with _started(settings, out) as service:
        mint = Mint(service.secrets.token_secret, settings.development_issuer, settings.audience)
        subject_id = subject_id_of_account(service.secrets.identity_key, ACCOUNT)
        await _tell_what_is_there(service, mint, subject_id, out)
        out.say(
            "\n[bold]The first resume[/], by two real clients over gRPC (the film in time-lapse)\n"
        )
        scene = Scene(_devices(service, mint), out)
        try:
            await scene.play()
        except NotTheSame as error:
            raise Refusal(
                f"the demonstration failed: {error}", "This is a fault: tell us."
            ) from error
        out.say(f"\n[green]✓[/] {scene.steps} steps, and both devices show the same.")
        _say_what_to_try(service, mint, out, _options(settings, service))
        if stay:
            last = "\n[dim]Ctrl-C stops everything; the data stays.[/]"
            await _until_stopped(service, lambda: out.say(last))


async def migrate_database(settings: Settings, out: Output) -> None:
    """Bring a database to today's schema."""
    steps = Steps(out.notes)
    async with steps.ticking():
        done = await migrate(
            settings.dsn, partition_count=settings.partition_count, progress=steps.step
        )
    out.record(dataclasses.asdict(done)) if out.as_json else None
    applied = ", ".join(done.applied) or "nothing: it was there already"
    out.say(f"applied: {applied}\njournal {done.journal_id}, {done.partition_count} partitions")


async def verify(settings: Settings, out: Output, *, events_per_s: float) -> int:
    """Walk the whole journal and print what is wrong; returns how many findings."""
    steps = Steps(out.notes)
    findings = walked = 0
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(steps.ticking())
        store = await _store(stack, settings, steps.step)
        generation = await store.states.register(JOURNEYS.name, JOURNEYS.version)
        folding = Folding(JOURNEYS.name, generation, _folded)
        steps.done()
        told = stack.enter_context(_walk_bar(out))
        async for seen in store.verify(folding=folding, events_per_s=events_per_s):
            if isinstance(seen, Walked):
                walked = seen.events
                told(seen)
            else:
                findings += 1
                _tell_finding(seen, findings, out)
    verdict = f"{findings:,} findings" if findings else "nothing is wrong"
    out.record({"events": walked, "findings": findings}) if out.as_json else None
    out.say(f"{walked:,} events looked at: {verdict}")
    return findings


def _folded(_: str, events: Sequence[Event]) -> dict[str, bytes]:
    """What the stored states of a subject must be: the fold of its events."""
    states: dict[str, JourneyFold] = {}
    for event in events:
        JOURNEYS.fold_event(states, event)
    return {key: serialized(state) for key, state in states.items()}


async def _store(
    stack: contextlib.AsyncExitStack, settings: Settings, step: Callable[[str], None]
) -> PostgresStore:
    """The store of the settings, beside a service that may be running."""
    if settings.dsn:
        dsn, keys = settings.dsn, callers.secrets_of(settings).master_keys
    else:
        callers.secrets_of(settings)
        postgres = EmbeddedPostgres(callers.data_dir(settings), progress=step)
        await stack.enter_async_context(postgres)
        dsn, keys = postgres.dsn("application"), postgres.secrets.master_keys
    step("opening the journal")
    patient = dataclasses.replace(settings, pool_wait_ms=_PATIENCE_MS)
    store = await PostgresStore.open(dsn, keys, settings=patient)
    return await stack.enter_async_context(store)


@contextlib.contextmanager
def _walk_bar(out: Output) -> Iterator[Callable[[Walked], None]]:
    with Progress(
        TextColumn("events"),
        BarColumn(),
        TaskProgressColumn(),
        console=out.notes,
        transient=True,
        disable=not out.notes.is_terminal,
    ) as bar:
        task = bar.add_task("walk", total=None)
        yield lambda seen: bar.update(task, completed=seen.events, total=seen.total)


def _tell_finding(finding: Finding, number: int, out: Output) -> None:
    if out.as_json:
        out.record(dataclasses.asdict(finding))
    elif number <= _SHOWN_FINDINGS:
        where = f"partition {finding.partition}, position {finding.position}"
        out.say(f"[red]{finding.what}[/] {where} {finding.subject_id}: {finding.text}")


@contextlib.asynccontextmanager
async def _started(settings: Settings, out: Output) -> AsyncIterator[Service]:
    """The running service; its start is told step by step, its end, too."""
    steps = Steps(out.notes)
    async with (
        _whose_address(settings),
        steps.ticking(),
        bootstrap.start(settings, progress=steps.step) as service,
    ):
        steps.done()
        # What the start made stays: to look through it for garbage, again and again, would hold
        # all calls up for 50 to 80 ms each time.
        gc.freeze()
        try:
            yield service
        finally:
            steps.go_on()
            steps.step("stopping")
    steps.step("stopped")


@contextlib.asynccontextmanager
async def _whose_address(settings: Settings) -> AsyncIterator[None]:
    """Say if the address is taken by the service of this very data directory."""
    try:
        yield
    except AddressTaken as error:
        folder = callers.data_dir(settings).resolve()
        if settings.dsn or not DataDirectory(folder).in_use():
            raise
        raise Refusal(
            f"a service runs already on the data directory {folder}, "
            f"and {settings.grpc_address} is taken",
            "Use it as it is, e.g. `journey doctor`; or stop it with Ctrl-C where it was started; "
            "or serve another --data-dir at another --grpc-address.",
            Exit.UNAVAILABLE,
        ) from error


async def _until_stopped(service: Service, tell: Callable[[], None]) -> None:
    """Until Ctrl-C or SIGTERM, once `tell` has said so; raises what the service fails of."""
    with stop_signals() as asked:
        tell()
        waiting = {
            asyncio.create_task(asked.wait()),
            asyncio.create_task(service.wait()),
        }
        done, left = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        for task in done:
            task.result()


async def _tell_what_is_there(service: Service, mint: Mint, subject_id: str, out: Output) -> None:
    """Say where the data lies, and what the customer left there, if anything."""
    if service.first_start:
        out.say(f"\nMade a new journal in [bold]{service.data_dir}[/].")
        return
    out.say(f"\nFound the data again in [bold]{service.data_dir}[/].")
    token = mint.token("service", callers.NAME)
    async with journey_client.connect(service.address, token=token) as client:
        customer = client.customer(subject_id)
        with contextlib.suppress(CustomerNotFound):  # who was not shown it last time
            if not await customer.continue_list():
                return
            out.say(f"What {ACCOUNT} can go on with, from last time:\n")
            await showing.show(customer, out, everything=False, kinds=())


def _devices(service: Service, mint: Mint) -> Callable[[str], Client]:
    """Makes the clients of the demonstration: the same installations every evening."""

    def connect(device: str) -> Client:
        async def token() -> str:
            return mint.token("device", ACCOUNT)

        return journey_client.connect(
            service.address,
            credentials=token,
            device=Device(
                device_id=device, name=f"{ACCOUNT}'s {device}", platform=_PLATFORMS[device]
            ),
            installation_id=str(uuid.uuid5(_DEMO, device)),
        )

    return connect


def _say_what_to_try(service: Service, mint: Mint, out: Output, options: str) -> None:
    """Addresses, a device token, and three commands."""
    command = _command()
    if out.as_json:
        out.record({**_places(service), "token": mint.token("device", ACCOUNT)})
        return
    out.say("\n[bold]Served[/]")
    out.say(f"  gRPC        {service.address}")
    out.say(f"  operations  http://{service.operations_address}/healthz, /readyz, /metrics")
    out.say(f"  app key     {service.app_key}  (opens sessions of visitors without account)")
    out.say(
        f"\n[bold]A token[/] of a device of {ACCOUNT}, for 15 minutes (journey token makes more)"
    )
    out.say(f"  {mint.token('device', ACCOUNT)}", soft_wrap=True)
    out.say("\n[bold]Try, in another terminal[/]")
    for words in (
        f"show --account {ACCOUNT}",
        f"watch --account {ACCOUNT}",
        f"record --account {ACCOUNT} cart.line_added --body '{_TEA}'",
    ):
        name, _, rest = words.partition(" ")
        out.say(f"  {command} {name}{options} {rest}", soft_wrap=True, markup=False)


def _options(settings: Settings, service: Service) -> str:
    """What other commands must be told to find this service."""
    found = ""
    if settings.data_dir is not None:
        found += f" --data-dir {shlex.quote(str(settings.data_dir))}"
    if service.address != Settings().grpc_address:
        found += f" --address {service.address}"
    return found


def _command() -> str:
    """How to call journey from where the user stands."""
    called = Path(sys.argv[0])
    if shutil.which("journey") or called.name != "journey":
        return "journey"
    with contextlib.suppress(ValueError):
        return str(called.absolute().relative_to(Path.cwd()))
    return str(called)


def _places(service: Service) -> dict[str, str]:
    return {
        "address": service.address,
        "operations_address": service.operations_address,
        "data_dir": str(service.data_dir),
        "app_key": service.app_key,
    }
