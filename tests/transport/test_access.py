import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor

from journey.v1.access_pb2 import LOAD_CLASS_STREAM, ROLE_DEVICE, SCOPE_CUSTOMER, Access, access
from journey_service.transport.methods import (
    SchemaIncomplete,
    access_matrix,
    matrix_lines,
    read_methods,
)

# The rows of the calls served, from section 6 of the reliability page.
ROWS = """
Record, RecordStream                                      device staff service
GetJourney, ListJourneys, Watch                           device staff service developer
OpenSession, RefreshSession, CloseSession, ListSessions   device staff service
ListDevices                                               device staff service
AcquireLease, ReleaseLease, TransferLease, CreateHandoff, ClaimHandoff  device staff
SignOutDevice                                             device staff service operator
GetCustomer                                               device staff service developer
ListEvents, DiffJourney                                   device staff service developer
ReadEvents, Subscribe, WatchProjection, PlayEvents        service developer
Consume, Pull, Settle, GetGroup                           service developer
ListParked                                                service developer operator
CreateGroup, UpdateGroup, DeleteGroup, SeekGroup, ListGroups  service developer operator
ReplayParked, DiscardParked                               service developer operator
GetState                                                  device service developer
ListProjections, ListStates                               service developer operator
RetryProjection, SkipEvent                                developer operator
GetRebuild, ListRebuilds, WatchRebuild                     service developer operator
StartRebuild, CancelRebuild, PauseRebuild, ResumeRebuild   developer operator
RevertRebuild, DropOldStates                              developer operator
GetServerInfo                                             device staff service developer operator
GetPartitions                                             developer operator
"""


def rows() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in ROWS.strip().splitlines():
        calls, roles = line.split("  ", 1)
        found |= dict.fromkeys(calls.split(", "), frozenset(roles.split()))
    return found


def test_the_access_matrix_is_the_one_of_the_design() -> None:
    assert access_matrix(read_methods().values()) == rows()


def test_the_matrix_can_be_printed() -> None:
    lines = list(matrix_lines(read_methods().values()))
    assert len(lines) == len(rows()) + 1
    partitions = next(line for line in lines if line.startswith("GetPartitions"))
    assert partitions.split() == ["GetPartitions", "-", "-", "-", "yes", "yes"]


def service(name: str, **lacking: bool) -> ServiceDescriptor:
    """A service with one method, made as protoc would, that lacks something."""
    method = descriptor_pb2.MethodDescriptorProto(
        name="Do", input_type=f".{name}.Empty", output_type=f".{name}.Empty"
    )
    rules: Access = method.options.Extensions[access]  # type: ignore[index]
    if not lacking.get("roles"):
        rules.roles.append(ROLE_DEVICE)
    if not lacking.get("scope"):
        rules.scope = SCOPE_CUSTOMER
    if not lacking.get("load"):
        rules.load = LOAD_CLASS_STREAM
    if not lacking.get("idempotency"):
        method.options.idempotency_level = descriptor_pb2.MethodOptions.IDEMPOTENT
    method.client_streaming = lacking.get("bidi", False)
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{name}.proto", package=name, syntax="proto3",
        dependency=["journey/v1/access.proto"],
    )  # fmt: skip
    file.message_type.add(name="Empty")
    file.service.add(name="S", method=[method])
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    found: ServiceDescriptor = pool.FindServiceByName(f"{name}.S")
    return found


@pytest.mark.parametrize(
    ("lacking", "told"),
    [("roles", "roles"), ("scope", "scope"), ("load", "load"), ("idempotency", "idempotency")],
)
def test_a_method_that_lacks_a_rule_keeps_the_server_from_starting(lacking: str, told: str) -> None:
    with pytest.raises(SchemaIncomplete, match=rf"lacks_{lacking}\.S\.Do has no .*{told}"):
        read_methods([service(f"lacks_{lacking}", **{lacking: True})])


def test_a_method_with_all_rules_is_read_and_a_bidi_one_needs_no_idempotency() -> None:
    methods = read_methods([service("whole"), service("both_ways", idempotency=True, bidi=True)])
    assert methods["S/Do"].path == "/both_ways.S/Do"
    assert methods["S/Do"].client_streams
