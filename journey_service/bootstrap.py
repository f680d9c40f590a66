"""The only file that knows which concrete things exist; starts them in order, stops in reverse.

    embedded PostgreSQL → migrations → store → projector → gRPC → operations port

`start` does all of it; `serve` does what stands on a store, whichever it is.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import projections
from journey_service import observability
from journey_service.application import Application
from journey_service.application.projected import Projected
from journey_service.application.visiting import Visiting
from journey_service.declarations import Declarations, load_declarations
from journey_service.domain.errors import StorageUnavailable
from journey_service.domain.tokens import Tokens
from journey_service.domain.validation import RecordLimits, Validation
from journey_service.embedded import (
    Secrets,
    default_data_directory,
    load_or_create_secrets,
)
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.group_metrics import GroupMetrics
from journey_service.observability import CallLog, Metrics, ProjectionMetrics, StoreMetrics
from journey_service.packages import both, load_packages
from journey_service.ports_of_devices import Installations
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from journey_service.store.postgres import PostgresStore, migrate
from journey_service.transport.auth import Authenticator
from journey_service.transport.grpc_server import GrpcServer
from journey_service.transport.issuers import (
    Issuer,
    development_issuer,
    load_issuers,
    visitor_issuer,
)
from journey_service.transport.mint import Mint
from journey_service.transport.operations import Operations
from projections.halting import Watchman
from projections.journeys.custom import custom_kind
from projections.rebuilder import Rebuilder
from projections.runner import Log, Runner
from projections.together import Pages, Together
from projections.view import Catalogue, StoredView

Progress = Callable[[str], None]


Store = PostgresStore | MemoryStore


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. Addresses are host:port; `app_key` opens sessions of visitors;
    `first_start`: its database was made just now."""

    application: Application
    secrets: Secrets
    address: str
    operations_address: str
    store: Store
    failed: asyncio.Future[None]
    app_key: str
    data_dir: Path = Path()
    first_start: bool = False

    async def wait(self) -> None:
        """Until a part of the service fails for good, whose error is raised; else for ever."""
        await asyncio.shield(self.failed)


@asynccontextmanager
async def start(
    settings: Settings, *, progress: Progress = lambda _: None
) -> AsyncIterator[Service]:
    """The whole service while the context is open.

    Raises EmbeddedPostgresError (with its exit status), DatabaseUnfit, AddressTaken, IssuersError;
    whatever was started by then is stopped again.
    """
    data_dir = (settings.data_dir or default_data_directory()).expanduser()
    metrics = Metrics()
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with AsyncExitStack() as stack:
        if settings.dsn:
            dsn, secrets, first = settings.dsn, load_or_create_secrets(data_dir / "secrets"), False
            progress("bringing the database to today's schema")
            await migrate(dsn, partition_count=settings.partition_count, progress=progress)
        else:
            dsn, secrets, first = await _embedded(stack, settings, data_dir, failed, progress)
        progress("opening the journal")
        store = await PostgresStore.open(
            dsn,
            secrets.master_keys,
            settings=settings,
            observer=StoreMetrics(metrics),
            embedded=not settings.dsn,
            rules=projections.RULES,
            identity_key=secrets.identity_key,
        )
        stack.push_async_callback(store.close)
        service = await stack.enter_async_context(
            serve(
                store,
                settings,
                secrets,
                ready=lambda: store.health().writable,
                failed=failed,
                metrics=metrics,
                progress=progress,
            )
        )
        yield replace(service, data_dir=data_dir, first_start=first)


@asynccontextmanager
async def serve(
    store: Store,
    settings: Settings,
    secrets: Secrets,
    *,
    ready: Callable[[], bool] = lambda: True,
    failed: asyncio.Future[None] | None = None,
    metrics: Metrics | None = None,
    progress: Progress = lambda _: None,
) -> AsyncIterator[Service]:
    """Projector, gRPC and operations port over a store, while the context is open.

    `ready` tells whether the journal can be written; `failed` is told of parts that end.
    """
    metrics = metrics or Metrics()
    failed = failed or asyncio.get_running_loop().create_future()
    call_log = observability.set_up(
        settings.log_format, settings.log_level, hash_key=secrets.signing_key
    )
    async with AsyncExitStack() as stack:
        catalogue = load_packages().catalogue()
        application = await _application(store, settings, secrets, catalogue, metrics)
        rebuilder = _rebuilder(store, settings, catalogue)
        await rebuilder.begin_automatic()
        await _keep(stack, rebuilder.run(), failed)
        for folding in _folding(store, settings, catalogue, ProjectionMetrics(metrics)):
            await _keep(stack, folding, failed)
        server = _server(application, settings, secrets, metrics, call_log, ready)
        await server.start()
        stack.push_async_callback(server.stop)
        operations = Operations(alive=server.is_alive, ready=server.is_ready, metrics=metrics.page)
        if settings.operations_address:
            await operations.start(settings.operations_address)
            stack.push_async_callback(operations.stop)
        metrics.read_by("journey_watchers", "Watches open", lambda: application.watchers)
        metrics.read_all_by(
            "journey_consumer_lag_events",
            "Events not yet sent to open subscriptions of this process, by consumer name",
            "consumer",
            application.consumer_lags,
        )
        progress(f"serving on {_with_port(settings.grpc_address, server.port)}")
        yield Service(
            application,
            secrets,
            _with_port(settings.grpc_address, server.port),
            _with_port(settings.operations_address, operations.port),
            store,
            failed,
            app_keys_of(settings, secrets)[0],
        )


async def _embedded(
    stack: AsyncExitStack,
    settings: Settings,
    data_dir: Path,
    failed: asyncio.Future[None],
    progress: Progress,
) -> tuple[str, Secrets, bool]:
    """Start the own PostgreSQL, migrate it, keep it alive; the application's DSN."""
    postgres = EmbeddedPostgres(data_dir, progress=progress, binaries=settings.postgres_bin)
    stack.push_async_callback(postgres.stop)
    owner_dsn = await postgres.start()
    first = postgres.is_first_start
    await migrate(owner_dsn, partition_count=settings.partition_count, progress=progress)
    postgres.mark_initialized()
    await _keep(stack, postgres.supervise(), failed)
    return postgres.dsn("application"), postgres.secrets, first


def _folding(
    store: Store, settings: Settings, catalogue: Catalogue, watchman: Watchman
) -> Iterator[Coroutine[Any, Any, None]]:
    """What folds for ever: the journeys by themselves, all other views in one pass."""

    def runner(view: StoredView[Any], log: Log, life_ms: int) -> Runner[Any]:
        return Runner(
            view.projection,
            log,
            store.states,
            owner=_name_of_process(),
            watchman=watchman,
            stops=store.stops,
            index=view.indexed if view.index else None,
            lease_life_ms=life_ms,
        )

    pages = Pages(store.journal)
    journeys, *others = catalogue.stored()
    yield runner(journeys, store.journal, settings.projection_lease_ms).run()
    if others:
        yield Together(
            pages, [runner(view, pages, settings.view_lease_ms) for view in others]
        ).run()


def _rebuilder(store: Store, settings: Settings, catalogue: Catalogue) -> Rebuilder:
    """This process's part in what is made anew."""
    return Rebuilder(
        catalogue.stored(),
        store.journal,
        store.rebuilds,
        owner=f"{_name_of_process()}/rebuild",
        stops=store.stops,
        keep_old_ms=settings.rebuild_keep_old_ms,
        look_s=settings.rebuild_look_ms / 1_000,
        batch_events=settings.rebuild_batch_events,
        lease_life_ms=settings.projection_lease_ms,
        share_percent=settings.rebuild_share_percent,
        drop_subjects=settings.rebuild_drop_subjects,
    )


async def _application(
    store: Store, settings: Settings, secrets: Secrets, catalogue: Catalogue, metrics: Metrics
) -> Application:
    projections.declare(map(custom_kind, declarations_of(settings).kinds))
    for view in catalogue.stored():
        await store.states.register(view.name, view.version)
    return Application(
        journal=store.journal,
        states=store.states,
        projected=Projected(catalogue, store.state_lists, store.stops, store.rebuilds),
        sessions=store.sessions,
        devices=store.devices,
        handoffs=store.handoffs,
        groups=store.groups,
        identities=store.identities,
        visiting=visiting_of(
            store.installations, settings, secrets.identity_key, secrets.visitor_secret
        ),
        clock=store.clock,
        tokens=Tokens([secrets.signing_key], store.journal.journal_id),
        validation=validation_of(settings, secrets.identity_key),
        settings=settings,
        group_watch=GroupMetrics(metrics),
    )


def visiting_of(
    installations: Installations, settings: Settings, identity_key: bytes, visitor_secret: bytes
) -> Visiting:
    """How visitors are known, with credentials that this installation signs."""
    mint = Mint(visitor_secret, settings.visitor_issuer, settings.audience)
    return Visiting(installations, identity_key, mint.visitor_token, settings.device_token_life_ms)


def declarations_of(settings: Settings) -> Declarations:
    """What this deployment declares, and the packages beside it. Raises SettingsError."""
    path, packages = settings.declarations_file, load_packages().declarations
    return both(packages, load_declarations(path), str(path)) if path else packages


def validation_of(settings: Settings, secrets_key: bytes = b"") -> Validation:
    """The rules with what this deployment declares and its limits.

    The key hashes codes that are never given out. Raises SettingsError.
    """
    return Validation(
        declarations_of(settings).declared(),
        secrets_key=secrets_key,
        device_limits=RecordLimits(
            settings.interaction_bytes, settings.batch_interactions, settings.batch_bytes
        ),
        service_limits=RecordLimits(
            settings.service_interaction_bytes,
            settings.service_batch_interactions,
            settings.service_batch_bytes,
        ),
    )


def _server(
    application: Application,
    settings: Settings,
    secrets: Secrets,
    metrics: Metrics,
    call_log: CallLog,
    ready: Callable[[], bool],
) -> GrpcServer:
    authenticator = Authenticator(
        _issuers(settings, secrets),
        settings,
        identity_key=secrets.identity_key,
        app_keys=app_keys_of(settings, secrets),
        now_s=_seconds_by(application.now_ms),
    )
    return GrpcServer(
        application,
        authenticator,
        validation_of(settings),
        settings=settings,
        metrics=metrics,
        call_log=call_log,
        ready=ready,
    )


def _seconds_by(now_ms: Callable[[], int]) -> Callable[[], float]:
    """The database's time, so that all processes agree; this machine's while that is unknown."""

    def now_s() -> float:
        try:
            return now_ms() / 1_000
        except StorageUnavailable:
            return time.time()

    return now_s


def app_keys_of(settings: Settings, secrets: Secrets) -> list[str]:
    """The keys with which apps open sessions of visitors: those that are set, else the own one."""
    return settings.app_keys.split() or [secrets.app_key]


def _issuers(settings: Settings, secrets: Secrets) -> list[Issuer]:
    own = development_issuer(settings.development_issuer, secrets.token_secret)
    visitors = visitor_issuer(settings.visitor_issuer, secrets.visitor_secret)
    return [own, visitors, *(load_issuers(settings.issuers_file) if settings.issuers_file else [])]


async def _keep(
    stack: AsyncExitStack, work: Coroutine[Any, Any, None], failed: asyncio.Future[None]
) -> None:
    """Run work beside the service; if it fails, so does the service. Leaving cancels it."""
    task = asyncio.create_task(work)

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None and not failed.done():
            failed.set_exception(task.exception() or RuntimeError())

    async def stop() -> None:
        task.cancel()
        await asyncio.wait([task])

    task.add_done_callback(ended)
    stack.push_async_callback(stop)


def _name_of_process() -> str:
    return f"{socket.gethostname()}/{os.getpid()}"


def _with_port(address: str, port: int) -> str:
    """The address with the port that was really taken."""
    return f"{address.rpartition(':')[0]}:{port}" if address else ""
