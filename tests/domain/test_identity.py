from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode

import pytest

from journey.v1.access_pb2 import (
    ROLE_DEVELOPER,
    ROLE_DEVICE,
    ROLE_OPERATOR,
    ROLE_SERVICE,
    ROLE_STAFF,
    ROLE_UNSPECIFIED,
    Role,
)
from journey_service.domain.errors import CustomerMismatch, FieldViolations
from journey_service.domain.identity import (
    Principal,
    claimant_of,
    identity_check,
    partition_of,
    partition_of_session,
    reach,
    session_id_of,
    subject_id_of_account,
    subject_id_of_visitor,
)
from tests.domain.samples import SUBJECT

KEY = b"identity key of the test journal"


def test_the_partition_is_the_crc_that_clients_compute_too() -> None:
    # CRC-32 of "123456789" is the check value of the algorithm.
    assert partition_of("123456789", 2**32) == 0xCBF43926
    assert partition_of("123456789") == 0xCBF43926 % 64
    assert partition_of("kundin-é", 16) < 16


def test_an_account_has_one_subject_for_ever() -> None:
    found = subject_id_of_account(KEY, "ada@example.org")
    digest = hmac.new(KEY, b"registered\0ada@example.org", hashlib.sha256).digest()
    assert found == b32encode(digest).decode().lower()[:26]
    assert found == subject_id_of_account(KEY, "ada@example.org")
    assert len(found) == 26


def test_accounts_and_keys_give_different_subjects() -> None:
    found = {
        subject_id_of_account(KEY, "ada"),
        subject_id_of_account(KEY, "Ada"),
        subject_id_of_account(b"other", "ada"),
    }
    assert len(found) == 3


def test_a_visitor_has_one_subject_for_each_sign_in_epoch_of_an_installation() -> None:
    digest = hmac.digest(KEY, b"anonymous\0phone\x003", hashlib.sha256)
    assert subject_id_of_visitor(KEY, "phone", 3) == b32encode(digest).decode().lower()[:26]


def test_installations_epochs_accounts_and_keys_give_different_subjects() -> None:
    subjects = {
        subject_id_of_visitor(KEY, "phone", 0),
        subject_id_of_visitor(KEY, "phone", 1),
        subject_id_of_visitor(KEY, "tablet", 0),
        subject_id_of_visitor(b"another", "phone", 0),
        subject_id_of_account(KEY, "phone\x000"),
    }
    assert len(subjects) == 5


def test_a_session_id_tells_its_partition() -> None:
    session_id = session_id_of(SUBJECT, 64, bytes(range(17)))
    assert partition_of_session(session_id, 64) == partition_of(SUBJECT, 64)
    assert len(session_id.partition(".")[2]) == 26


@pytest.mark.parametrize(
    "session_id",
    [
        "",
        "12",
        "12.",
        "64." + "a" * 26,
        "-1." + "a" * 26,
        "012." + "a" * 26,
        "١." + "a" * 26,
        "1." + "a" * 25,
        "1." + "A" * 26,
        "1." + "a" * 26 + "\n",
        "9" * 5_000 + "." + "a" * 26,
    ],
)
def test_what_no_session_is_called_has_no_partition(session_id: str) -> None:
    assert partition_of_session(session_id, 64) is None


def test_a_device_reaches_its_own_subject_named_or_not() -> None:
    device = Principal(ROLE_DEVICE, "ada", SUBJECT)
    assert reach(device, "") == reach(device, SUBJECT) == SUBJECT


def test_staff_reach_the_open_case_named_or_not() -> None:
    clerk = Principal(ROLE_STAFF, "clerk", SUBJECT)
    assert reach(clerk, "") == reach(clerk, SUBJECT) == SUBJECT


@pytest.mark.parametrize("role", [ROLE_DEVICE, ROLE_STAFF])
@pytest.mark.parametrize("own", ["", SUBJECT])
def test_nobody_reaches_another_customer(role: Role, own: str) -> None:
    with pytest.raises(CustomerMismatch):
        reach(Principal(role, "x", own), "somebody else")


@pytest.mark.parametrize("role", [ROLE_DEVICE, ROLE_STAFF])
def test_without_customer_nobody_is_reached(role: Role) -> None:
    with pytest.raises(CustomerMismatch):
        reach(Principal(role, "x"), "")


@pytest.mark.parametrize("role", [ROLE_SERVICE, ROLE_DEVELOPER, ROLE_OPERATOR])
def test_back_ends_developers_and_operators_name_whom_they_reach(role: Role) -> None:
    caller = Principal(role, "orders")
    assert reach(caller, SUBJECT) == SUBJECT
    with pytest.raises(FieldViolations):
        reach(caller, "")


def test_a_role_that_nobody_knows_reaches_nobody() -> None:
    with pytest.raises(CustomerMismatch):
        reach(Principal(ROLE_UNSPECIFIED, "somebody"), SUBJECT)


def test_a_journal_knows_its_identity_key_from_every_other() -> None:
    noted = identity_check(KEY, "a journal")
    assert noted == identity_check(KEY, "a journal")
    assert noted != identity_check(b"another key", "a journal")
    assert noted != identity_check(KEY, "another journal")
    assert KEY not in noted


def test_a_claimant_is_known_again_and_is_no_name() -> None:
    mila = claimant_of(Principal(ROLE_DEVICE, "account", "mila"))
    assert mila == claimant_of(Principal(ROLE_DEVICE, "another account", "mila"))
    assert mila != claimant_of(Principal(ROLE_STAFF, "mila", "case"))
    assert "mila" not in mila
