import pytest

from journey.v1.access_pb2 import (
    ROLE_DEVELOPER,
    ROLE_DEVICE,
    ROLE_OPERATOR,
    ROLE_SERVICE,
    Role,
)
from journey_service.domain.errors import ScopeMissing
from journey_service.domain.identity import Principal, check_group, reaches_group


def service(*scopes: str) -> Principal:
    return Principal(ROLE_SERVICE, "orders", scopes=frozenset(scopes))


@pytest.mark.parametrize("scope", ["group.billing", "group.bill*", "group.*"])
def test_a_service_has_the_groups_that_its_scopes_name(scope: str) -> None:
    assert reaches_group(service("journal.read", scope), "billing")
    check_group(service(scope), "billing")


@pytest.mark.parametrize("scope", ["", "group.bill", "group.billing2", "*", "journal.read", "g*"])
def test_a_service_has_no_other_group(scope: str) -> None:
    with pytest.raises(ScopeMissing) as refused:
        check_group(service(scope), "billing")
    assert refused.value.metadata == {"scope": "group.billing"}


def test_a_developer_has_the_groups_of_developers_whatever_the_scopes() -> None:
    caller = Principal(ROLE_DEVELOPER, "ada", scopes=frozenset({"group.*"}))
    check_group(caller, "dev-ada")
    with pytest.raises(ScopeMissing, match="dev-"):
        check_group(caller, "billing")


@pytest.mark.parametrize(("role", "may"), [(ROLE_OPERATOR, True), (ROLE_DEVICE, False)])
def test_an_operator_has_all_groups_and_a_device_none(role: Role, may: bool) -> None:
    assert reaches_group(Principal(role, "x", scopes=frozenset({"group.*"})), "billing") is may
