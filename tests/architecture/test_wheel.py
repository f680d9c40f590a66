import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, tracked_files

SHIPPED = {
    "journey_service": "journey_service",
    "projections": "projections",
    "clients/python/journey_client": "journey_client",
    "protos/gen/python/journey": "journey",
}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel made from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return folder


@pytest.fixture(scope="module")
def wheel_names(dist: Path) -> set[str]:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_brings_four_packages_and_nothing_else(wheel_names: set[str]) -> None:
    top = {name.split("/")[0] for name in wheel_names}
    assert {name for name in top if not name.endswith(".dist-info")} == set(SHIPPED.values())


def test_the_wheel_holds_every_tracked_file_of_its_packages(wheel_names: set[str]) -> None:
    wanted = {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for folder, package in SHIPPED.items()
        for path in tracked_files()
        if path.is_relative_to(folder)
    }
    assert wanted - wheel_names == set()
    assert {f"{package}/py.typed" for package in SHIPPED.values()} <= wanted


def test_the_wheel_brings_the_command_the_licence_and_the_notice(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        by_name = {name.split("/")[-1]: name for name in archive.namelist()}
        commands = archive.read(by_name["entry_points.txt"]).decode()
    assert "journey = journey_service.cli:main" in commands
    assert {"LICENSE", "NOTICE"} <= by_name.keys()


def test_the_source_distribution_can_generate_code_again(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"protos/generate.py", "protos/journey/v1/events.proto", "LICENSE"} <= names
    assert not {name for name in names if name.startswith("protos/google/")}
