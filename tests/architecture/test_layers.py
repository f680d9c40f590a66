import subprocess
import sys
from pathlib import Path

import grimp

from tests.architecture.tree import ROOT

ROOT_PACKAGES = ("journey_service", "projections", "journey_client", "journey")
# Who may speak gRPC: the edge of the service, and its client.
GRPC_SPEAKERS = ("journey_service.transport", "journey_client")


def test_imports_point_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    finished = subprocess.run(
        [program, "--no-logo", "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stdout


def test_generated_services_and_stubs_are_imported_at_the_edges_alone() -> None:
    graph = grimp.build_graph(*ROOT_PACKAGES, cache_dir=None)
    halves = {module for module in graph.modules if module.endswith("_pb2_grpc")}
    importers = {
        importer for half in halves for importer in graph.find_modules_that_directly_import(half)
    }
    assert halves
    assert {name for name in importers if not name.startswith(GRPC_SPEAKERS)} == set()
