"""`journey doctor`: is everything there that the service needs, and what to do where it is not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import asyncpg

import journey_client
from journey_client import JourneyError
from journey_service import config
from journey_service.cli import callers
from journey_service.cli.exits import Refusal
from journey_service.cli.output import Output
from journey_service.embedded import DataDirectory, EmbeddedPostgresError
from journey_service.embedded.binaries import locate
from journey_service.embedded.settings import PORT, socket_folder
from journey_service.settings import Settings
from journey_service.store.postgres import sql
from journey_service.store.postgres.durability import weaknesses

Verdict = Literal["ok", "warn", "fail"]
_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
_LEAST_FREE_BYTES = 1 << 30
_PATIENCE_S = 3.0
_CLOCKS_APART_MS = 1_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and what to do about it."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


async def doctor(settings: Settings, address: str, out: Output) -> int:
    """Print every check; returns how many failed."""
    failed = 0
    async for check in _checks(settings, address):
        failed += check.verdict == "fail"
        _tell(check, out)
    return failed


def _tell(check: Check, out: Output) -> None:
    if out.as_json:
        out.record(
            {
                "check": check.name,
                "verdict": check.verdict,
                "found": check.found,
                "advice": check.advice,
            }
        )
        return
    colour = _COLOURS[check.verdict]
    out.say(f"[{colour}]{check.verdict:4}[/]  [bold]{check.name:11}[/] {check.found}")
    if check.advice:
        out.say(f"                  [dim]→[/] {check.advice}")


async def _checks(settings: Settings, address: str) -> AsyncIterator[Check]:
    yield _settings()
    if not settings.dsn:
        yield _binaries(settings)
        yield _directory(settings)
    yield _keys(settings)
    served = await _answers(address)
    yield _port("gRPC", address, served=served)
    yield _port("operations", settings.operations_address, served=served)
    looks: list[Callable[[Settings, str], Awaitable[Check]]] = [_database]
    if served:
        looks += [_service, _clock]
    for look in looks:
        yield await look(settings, address)
    if not served:
        yield Check("service", "warn", f"not running at {address}", "Start it with `journey up`.")


def _settings() -> Check:
    unknown = config.unknown_variables(os.environ)
    if unknown:
        return Check("settings", "warn", f"no setting: {'; '.join(unknown)}", "Mend or unset it.")
    return Check("settings", "ok", "all in their limits")


def _binaries(settings: Settings) -> Check:
    try:
        found = locate(settings.postgres_bin)
    except EmbeddedPostgresError as error:
        return Check("PostgreSQL", "fail", error.text, "Or name a database with --dsn.")
    return Check("PostgreSQL", "ok", f"{found.version} in {found.folder}")


def _directory(settings: Settings) -> Check:
    path = callers.data_dir(settings)
    try:
        state = DataDirectory(path).check(locate(settings.postgres_bin).major)
    except EmbeddedPostgresError as error:
        return Check("data", "fail", error.text)
    above = next(step for step in (path, *path.parents) if step.exists())
    free = shutil.disk_usage(above).free
    found = f"{path}: {state.value}, {free / 2**30:.1f} GiB free"
    if free < _LEAST_FREE_BYTES:
        return Check("data", "warn", found, "Make room: without it nothing can be recorded.")
    return Check("data", "ok", found)


def _keys(settings: Settings) -> Check:
    try:
        secrets = callers.secrets_of(settings)
    except Refusal as error:
        return Check("keys", "warn", error.ending.what, error.ending.next_step)
    except EmbeddedPostgresError as error:
        return Check("keys", "fail", error.text)
    versions = len(secrets.master_keys)
    return Check("keys", "ok", f"there, for their owner alone; master key version {versions}")


async def _answers(address: str) -> bool:
    """Whether a Journey service answers there."""
    async with journey_client.connect(address) as client:
        try:
            await client.server_info()
        except JourneyError as error:
            return bool(error.reason)
    return True


def _port(name: str, address: str, *, served: bool) -> Check:
    if not address:
        return Check(
            name, "warn", "not served", "Set operations_address to see health and metrics."
        )
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host.strip("[]"), int(port)))
        except OSError as error:
            if served:
                return Check(name, "ok", f"{address} is served")
            advice = f"Stop what listens there, or set {name.lower()}_address."
            return Check(name, "fail", f"{address}: {error.strerror}", advice)
    verdict: Verdict = "warn" if served else "ok"
    return Check(name, verdict, f"{address} is free" + (", but gRPC is served" if served else ""))


async def _service(settings: Settings, address: str) -> Check:
    client = callers.Caller(settings, address, os.environ.get("JOURNEY_TOKEN", "")).client
    try:
        async with client() as calling:
            info = await calling.server_info()
    except JourneyError as error:
        return Check("service", "fail", f"{error.reason}: {error.message}", "See `journey token`.")
    except Refusal as error:
        return Check("service", "warn", error.ending.what, error.ending.next_step)
    found = f"release {info.version} at {address}, {info.partition_count} partitions, token taken"
    if info.warnings:
        return Check("service", "warn", f"{found}: {'; '.join(info.warnings)}", "See the database.")
    return Check("service", "ok", found)


async def _clock(settings: Settings, address: str) -> Check:
    """How far this machine's clock is from the service's, by one call."""
    try:
        async with callers.Caller(settings, address).client() as client:
            before = time.time()
            info = await client.server_info()
            off_ms = info.server_time_ms - (before + time.time()) * 500
    except (JourneyError, Refusal) as error:
        return Check("clock", "warn", f"not compared: {error}")
    found = f"{off_ms:+.0f} ms from this machine's"
    if abs(off_ms) > _CLOCKS_APART_MS:
        return Check("clock", "warn", found, "Set both by NTP; interactions are corrected anyway.")
    return Check("clock", "ok", found)


async def _database(settings: Settings, _: str) -> Check:
    """Whether the database keeps what it acknowledges (rule R17)."""
    try:
        dsn = settings.dsn or _embedded_dsn(settings)
        connection = await asyncpg.connect(dsn, timeout=_PATIENCE_S)
    except (Refusal, EmbeddedPostgresError):
        return Check("database", "warn", "none yet", "`journey up` makes one.")
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        verdict: Verdict = "fail" if settings.dsn else "warn"
        advice = "Look at the DSN." if settings.dsn else "It starts with the service."
        return Check("database", verdict, f"does not answer: {error!r}", advice)
    with contextlib.suppress(asyncio.CancelledError):
        try:
            row = await connection.fetchrow(sql.statement("check_connection"))
            version = connection.get_settings().server_version.split()[0]
        finally:
            await connection.close()
    weak = weaknesses(dict(row or {}), checksums=not settings.dsn)
    found = f"PostgreSQL {version}"
    if weak:
        advice = "Set it right: nothing is written while acknowledged events may be lost."
        return Check("database", "fail", f"{found}: {', '.join(weak)}", advice)
    return Check("database", "ok", f"{found}, keeps what it acknowledges")


def _embedded_dsn(settings: Settings) -> str:
    """The own server's, as the application, if it is there; it is not started for this."""
    password = callers.secrets_of(settings).passwords["application"]
    folder = socket_folder(DataDirectory(callers.data_dir(settings).resolve()))
    return f"postgresql://journey_application:{password}@/journey?host={folder}&port={PORT}"
