import os
import stat
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import pytest

from journey_service.embedded import DataDirectory, DataDirectoryUnusable
from journey_service.embedded.locks import is_held
from journey_service.embedded.postgres import EmbeddedPostgres
from journey_service.embedded.settings import socket_folder
from journey_service.failpoints import FIRST_START_STEPS
from tests.embedded.running import serving, spawned

ROLES = {"journey_owner", "journey_application", "journey_reader"}


async def test_a_second_start_finds_what_the_first_stored(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir, progress=print) as postgres:
        assert postgres.is_first_start
        postgres.mark_initialized()
        await ask(postgres.dsn(), "CREATE TABLE kept AS SELECT 31 AS minute")
        first = postgres.secrets
    async with EmbeddedPostgres(data_dir, progress=print) as postgres:
        assert not postgres.is_first_start
        assert await ask(postgres.dsn(), "SELECT minute FROM kept") == 31
        assert postgres.secrets == first


async def test_each_role_gets_in_with_its_own_password_and_only_the_owner_makes_tables(
    data_dir: Path,
) -> None:
    async with EmbeddedPostgres(data_dir, progress=print) as postgres:
        for role in ("owner", "application", "reader"):
            assert await ask(postgres.dsn(role), "SELECT current_user") == f"journey_{role}"
        await ask(postgres.dsn("owner"), "CREATE TABLE mine ()")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(postgres.dsn("application"), "CREATE TABLE yours ()")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(postgres.dsn("owner").replace("journey_owner", "journey_reader"), "SELECT 1")


async def test_no_connection_of_a_role_spends_thousands_of_rounds_on_a_password_of_chance(
    embedded: EmbeddedPostgres,
) -> None:
    known = "SELECT count(*) FROM pg_authid WHERE rolpassword ~ '^SCRAM-SHA-256[$]1:'"
    assert await ask(embedded.dsn("superuser", "postgres"), known) == len(ROLES)


async def test_the_settings_that_durability_and_privacy_rest_on_are_set(
    embedded: EmbeddedPostgres,
) -> None:
    wanted = {
        "data_checksums": "on",
        "data_sync_retry": "off",
        "fsync": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "synchronous_commit": "on",
        "unix_socket_permissions": "0700",
    }
    connection = await asyncpg.connect(embedded.dsn("application"))
    rows = await connection.fetch(
        "SELECT name, setting FROM pg_settings WHERE name = ANY($1)", list(wanted)
    )
    await connection.close()
    assert {row["name"]: row["setting"] for row in rows} == wanted


async def test_secrets_are_readable_by_their_owner_alone(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir, progress=print) as postgres:
        postgres.mark_initialized()
    folder = data_dir / "secrets"
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [
        "identity.key",
        "master.key",
        "postgres.json",
        "token.key",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {file.stat().st_uid for file in files} == {os.geteuid()}


async def test_nothing_but_the_named_remains_in_the_data_directory(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir, progress=print) as postgres:
        postgres.mark_initialized()
    assert sorted(entry.name for entry in data_dir.iterdir()) == [
        "journey.json",
        "lock",
        "log",
        "postgres",
        "run",
        "secrets",
    ]
    assert list((data_dir / "run").iterdir()) == []


async def test_the_server_never_runs_as_root(embedded: EmbeddedPostgres) -> None:
    assert embedded.process_id is not None
    assert Path(f"/proc/{embedded.process_id}").stat().st_uid != 0
    assert embedded.directory.cluster.stat().st_uid != 0


async def test_a_path_too_long_for_a_socket_is_no_hindrance(data_dir: Path) -> None:
    long = data_dir / ("d" * 90)
    async with EmbeddedPostgres(long, progress=print) as postgres:
        folder = socket_folder_in(postgres.dsn())
        assert folder.parent == Path("/tmp")  # noqa: S108
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert await ask(postgres.dsn(), "SELECT 31") == 31
    assert not folder.exists()


async def test_a_socket_folder_that_somebody_else_made_first_is_refused(data_dir: Path) -> None:
    long = data_dir / ("d" * 90)
    folder = socket_folder(DataDirectory(long))
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    try:
        with pytest.raises(DataDirectoryUnusable, match=rf"{folder}, is not user .*'s alone"):
            await EmbeddedPostgres(long, progress=print).start()
    finally:
        folder.rmdir()


async def test_a_path_may_hold_any_character(data_dir: Path) -> None:
    odd = data_dir / 'it\'s, \\ a "fôlder" 100% @ ?&=#'
    async with EmbeddedPostgres(odd, progress=print) as postgres:
        postgres.mark_initialized()
        assert await ask(postgres.dsn(), "SELECT 31") == 31
    async with EmbeddedPostgres(odd, progress=print) as postgres:
        assert await ask(postgres.dsn("reader"), "SELECT 31") == 31


async def test_somebody_who_waits_hears_something_every_second(data_dir: Path) -> None:
    async with spawned(data_dir, failpoints="first-start:migrated=hold") as first:
        await first.until_it_says("is ready")
        async with spawned(data_dir) as second:
            await second.until_it_says("waiting for another journey process", times=2)


@pytest.mark.parametrize("step", FIRST_START_STEPS)
async def test_a_first_start_killed_at_any_step_is_made_anew_by_the_next(
    step: str, data_dir: Path
) -> None:
    async with spawned(data_dir, failpoints=f"{step}=kill") as killed:
        assert await killed.ended() == -9, killed.said
    had_cluster = (data_dir / "postgres").exists()
    over = (data_dir / "journey.json").exists()
    assert over == (step == "first-start:marker-named")

    # What it does is measured in the tests below.
    async with serving(data_dir, measured=False) as service:
        connection = await asyncpg.connect(service.dsn)
        roles = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname LIKE 'journey%'")
        await connection.close()
        assert {row["rolname"] for row in roles} == ROLES
        assert await service.stop() == 0
    moved = {entry.name for entry in data_dir.iterdir() if ".incomplete-" in entry.name}
    assert ("postgres.incomplete-1" in moved) == (had_cluster and not over)
    assert not is_held(data_dir / "lock" / "server")


async def test_a_first_start_killed_again_and_again_moves_each_try_aside(data_dir: Path) -> None:
    for _ in range(2):
        async with spawned(data_dir, failpoints="first-start:after-initdb=kill") as killed:
            assert await killed.ended() == -9
    async with serving(data_dir) as service:
        assert await service.stop() == 0
    assert {entry.name for entry in data_dir.glob("postgres.making*")} == {
        "postgres.making.incomplete-1",
        "postgres.making.incomplete-2",
    }


async def test_keys_that_may_serve_another_database_survive_an_unfinished_first_start(
    data_dir: Path,
) -> None:
    async with spawned(data_dir, failpoints="first-start:database-made=kill") as killed:
        assert await killed.ended() == -9
    key = (data_dir / "secrets" / "master.key").read_bytes()
    async with serving(data_dir) as service:
        assert (data_dir / "secrets" / "master.key").read_bytes() == key
        assert await service.stop() == 0


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def socket_folder_in(dsn: str) -> Path:
    return Path(unquote(dsn.partition("host=")[2].partition("&")[0]))
