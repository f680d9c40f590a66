import pytest

from journey.v1.sessions_pb2 import (
    DEVICE_STATUS_ACTIVE,
    DEVICE_STATUS_LOST,
    DEVICE_STATUS_SIGNED_OUT,
    DEVICE_STATUS_WIPED,
    SESSION_STATUS_CLOSED,
    Device,
    DeviceStatus,
    Session,
)
from journey_service.domain.devices import (
    Installation,
    admit,
    device_record,
    ended,
    refuse_signed_out,
    standing_after,
)
from journey_service.domain.errors import InstallationLost, SignedOut

ACTIVE, OUT = DEVICE_STATUS_ACTIVE, DEVICE_STATUS_SIGNED_OUT
LOST, WIPED = DEVICE_STATUS_LOST, DEVICE_STATUS_WIPED
SESSION = Session(installation_id="i", device=Device(device_id="tv"))


def installation(
    name: str = "i", status: DeviceStatus = ACTIVE, out_ms: int = 0, device: str = "tv"
) -> Installation:
    return Installation(name, Device(device_id=device, name=name), status, out_ms, out_ms)


def test_a_device_that_nobody_knows_or_that_is_in_use_is_admitted() -> None:
    assert admit([], SESSION, 0) == 0
    assert admit([installation(), installation("j", OUT, 5, device="phone")], SESSION, 0) == 0


@pytest.mark.parametrize("one", [installation("j", LOST), installation("i", WIPED, device="old")])
def test_a_lost_device_is_refused_under_any_installation_of_it(one: Installation) -> None:
    with pytest.raises(InstallationLost):
        admit([one], SESSION, None)


def test_a_credential_of_the_second_of_the_sign_out_counts_as_from_before() -> None:
    with pytest.raises(SignedOut):
        admit([installation(status=OUT, out_ms=5_000)], SESSION, 5_000)
    assert admit([installation(status=OUT, out_ms=5_000)], SESSION, 5_001) == 5_000
    assert admit([installation(status=OUT, out_ms=5_000)], SESSION, None) == 5_000
    assert admit([installation(out_ms=5_000), installation("j", out_ms=3)], SESSION, 0) == 5_000


def test_a_device_in_use_takes_every_credential() -> None:
    refuse_signed_out(installation(out_ms=5_000), 0)


@pytest.mark.parametrize(
    ("stored", "asked", "after"),
    [(ACTIVE, OUT, OUT), (OUT, LOST, LOST), (LOST, OUT, LOST), (WIPED, LOST, WIPED)],
)
def test_what_is_lost_stays_lost(
    stored: DeviceStatus, asked: DeviceStatus, after: DeviceStatus
) -> None:
    assert standing_after(stored, asked) == after


def test_a_session_ends_as_its_device_stands() -> None:
    closed = ended(Session(), LOST)
    assert (closed.status, closed.device_status) == (SESSION_STATUS_CLOSED, LOST)


def test_a_device_is_told_as_its_latest_installation_and_its_worst_standing() -> None:
    record = device_record([installation("b", OUT, 9), installation("a", ACTIVE, 3)])
    assert (record.device.name, record.status) == ("b", OUT)
    assert list(record.installation_ids) == ["a", "b"]
    assert record.last_seen_at_ms == 9
