import asyncio
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from journey_service.embedded import (
    BinariesMissing,
    DataDirectoryUnusable,
    default_data_directory,
)
from journey_service.embedded.binaries import locate
from journey_service.embedded.postgres import EmbeddedPostgres
from tests.embedded.running import spawned

MAJOR = locate().major
NOTHING = "Nothing was changed."


REFUSED = {
    "another major version": (
        "postgres/PG_VERSION",
        "17\n",
        (
            f"journey: DIR was written by PostgreSQL 17, this release runs {MAJOR}. {NOTHING} "
            "Start it with a release that runs PostgreSQL 17, "
            "or point --data-dir at another directory."
        ),
    ),
    "a foreign version": (
        "postgres/PG_VERSION",
        "devel\n",
        (
            "journey: DIR was written by an unknown PostgreSQL (postgres/PG_VERSION says 'devel'). "
            f"{NOTHING} Restore the directory from a backup, or point --data-dir at another one."
        ),
    ),
    "a newer format": (
        "journey.json",
        '{"format": 2}',
        (
            f"journey: DIR has format 2, this release knows 1. {NOTHING} "
            "Start it with the release that wrote it, or point --data-dir elsewhere."
        ),
    ),
    "a damaged marker": (
        "journey.json",
        "{",
        (
            "journey: DIR has a marker that cannot be read (journey.json: Expecting property name "
            "enclosed in double quotes: line 1 column 2 (char 1)). "
            f"{NOTHING} Restore that file from a backup."
        ),
    ),
    "a damaged key": (
        "secrets/identity.key",
        '{"identity_key": "c2hvcnQ="}',
        (
            "journey: DIR/secrets is damaged (ValueError('a key has 5 bytes, not 32')). "
            f"{NOTHING} Restore it from a backup."
        ),
    ),
}


@pytest.mark.parametrize(("name", "content", "text"), REFUSED.values(), ids=REFUSED)
async def test_a_directory_that_cannot_be_used_is_refused_with_78_and_left_as_it_is(
    name: str, content: str, text: str, made: Path
) -> None:
    (made / name).write_text(content)
    before = fingerprint(made)
    async with spawned(made) as service:
        assert await service.ended() == 78
        assert "\n".join(service.said) == text.replace("DIR", str(made))
    assert fingerprint(made) == before


async def test_another_major_version_is_refused_within_two_seconds(made: Path) -> None:
    (made / "postgres" / "PG_VERSION").write_text("17\n")
    async with asyncio.timeout(2):
        with pytest.raises(DataDirectoryUnusable):
            await EmbeddedPostgres(made, progress=print).start()


async def test_keys_that_are_gone_are_never_made_anew(made: Path) -> None:
    (made / "secrets").rename(made / "mislaid")
    with pytest.raises(DataDirectoryUnusable, match="secrets is missing"):
        await EmbeddedPostgres(made, progress=print).start()
    assert not (made / "secrets").exists()


async def test_a_key_that_is_missing_is_never_made_anew(made: Path) -> None:
    (made / "secrets" / "master.key").unlink()
    with pytest.raises(DataDirectoryUnusable, match=r"master\.key cannot be read"):
        await EmbeddedPostgres(made, progress=print).start()
    assert not (made / "secrets" / "master.key").exists()


async def test_a_key_that_others_can_read_is_refused(made: Path) -> None:
    (made / "secrets" / "token.key").chmod(0o640)
    with pytest.raises(DataDirectoryUnusable, match=r"token\.key can be read by others"):
        await EmbeddedPostgres(made, progress=print).start()


async def test_a_directory_of_somebody_else_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "thesis.odt").write_text("years of work")
    before = fingerprint(data_dir)
    with pytest.raises(DataDirectoryUnusable) as refusal:
        await EmbeddedPostgres(data_dir, progress=print).start()
    assert str(refusal.value) == (
        f"journey: {data_dir} is not a Journey data directory: it holds thesis.odt. "
        f"{NOTHING} Point --data-dir at an empty directory."
    )
    assert fingerprint(data_dir) == before


async def test_a_file_in_place_of_the_directory_is_refused(data_dir: Path) -> None:
    data_dir.write_text("a file")
    with pytest.raises(DataDirectoryUnusable, match=r"cannot be read \(Not a directory\)"):
        await EmbeddedPostgres(data_dir, progress=print).start()
    data_dir.unlink()


async def test_a_cluster_that_is_gone_is_not_made_anew(made: Path) -> None:
    (made / "postgres").rename(made / "mislaid")
    with pytest.raises(DataDirectoryUnusable, match="its marker says it was made"):
        await EmbeddedPostgres(made, progress=print).start()
    assert not (made / "postgres").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
async def test_as_root_a_closed_folder_above_is_named_and_not_opened(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    with pytest.raises(DataDirectoryUnusable) as refusal:
        await EmbeddedPostgres(data_dir / "deep" / "data", progress=print).start()
    assert f"who may not enter {data_dir} (mode 700). {NOTHING}" in str(refusal.value)
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert list(data_dir.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_is_not_ours_is_refused() -> None:
    with pytest.raises(DataDirectoryUnusable, match="cannot be written to"):
        await EmbeddedPostgres(Path("/journey-data"), progress=print).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
async def test_as_root_an_empty_directory_that_is_closed_is_opened_for_passing_only(
    data_dir: Path,
) -> None:
    data_dir.mkdir(mode=0o700)
    async with EmbeddedPostgres(data_dir, progress=print):
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o711
        assert stat.S_IMODE((data_dir / "secrets").stat().st_mode) == 0o700


def test_root_has_its_own_place_for_data() -> None:
    expected = "/var/lib/journey" if os.geteuid() == 0 else ".local/share/journey"
    assert str(default_data_directory({})).endswith(expected)


def test_a_place_that_is_named_in_the_environment_is_taken() -> None:
    assert default_data_directory({"JOURNEY_DATA_DIR": "/srv/journey"}) == Path("/srv/journey")


def test_missing_programs_are_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BinariesMissing, match=f"no PostgreSQL programs in {tmp_path}"):
        locate(tmp_path)


def test_a_folder_of_programs_can_be_named_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bin"
    folder.symlink_to(locate().folder)
    monkeypatch.setenv("JOURNEY_POSTGRES_BIN", str(folder))
    assert locate().folder == locate(folder).folder


def test_a_server_too_old_is_refused(tmp_path: Path) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9 (Debian)'\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(BinariesMissing, match=r"is PostgreSQL 14\.9, and Journey needs 15"):
        locate(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
async def test_programs_below_a_closed_folder_are_copied_for_the_server(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o755)
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    package = locate().folder.parents[1]
    for part in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(part), closed / part)
    binaries = closed / package.name / "pginstall" / "bin"
    where = data_dir / "data"
    async with EmbeddedPostgres(where, progress=print, binaries=binaries) as postgres:
        postgres.mark_initialized()
        assert postgres.process_id
        program = Path(f"/proc/{postgres.process_id}/exe").resolve()
        assert program.is_relative_to(where / "binaries" / locate().version)
    async with EmbeddedPostgres(where, progress=print, binaries=binaries) as postgres:
        assert postgres.process_id
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def fingerprint(folder: Path) -> dict[str, tuple[int, int, int, str]]:
    return {str(path.relative_to(folder)): _of(path) for path in _all(folder)}


def _all(folder: Path) -> Iterator[Path]:
    yield folder
    yield from sorted(folder.rglob("*"))


def _of(path: Path) -> tuple[int, int, int, str]:
    status = path.lstat()
    content = path.read_bytes() if path.is_file() else b""
    digest = hashlib.sha256(content).hexdigest()
    return status.st_mode, status.st_mtime_ns, status.st_ctime_ns, digest
