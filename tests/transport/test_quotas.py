import pytest

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE
from journey_service.domain.errors import RateLimited, TooManyStreams
from journey_service.domain.identity import Principal
from journey_service.settings import Settings
from journey_service.transport.quotas import Buckets, RecordRates, StreamSlots

DEVICE = Principal(ROLE_DEVICE, "alice", subject_id="a", installation_id="phone")
SERVICE = Principal(ROLE_SERVICE, "orders")


class Time:
    """Loop time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    time = Time()
    bucket = Buckets(10, 20, time)
    assert bucket.wait_s("a", 20) == 0
    bucket.take("a", 20)
    assert bucket.wait_s("a", 5) == 0.5
    assert bucket.wait_s("b", 20) == 0
    time.now += 0.5
    assert bucket.wait_s("a", 5) == 0
    time.now += 1_000
    bucket.take("a", 20)
    assert bucket.wait_s("a", 1) == pytest.approx(0.1)


def test_more_than_the_burst_is_given_when_the_bucket_is_full() -> None:
    time = Time()
    bucket = Buckets(10, 20, time)
    assert bucket.wait_s("a", 100) == 0
    bucket.take("a", 100)
    assert bucket.wait_s("a", 1) == pytest.approx(8.1)


def test_a_rate_of_nothing_limits_nothing() -> None:
    bucket = Buckets(0, 1, Time())
    bucket.take("a", 1_000)
    assert bucket.wait_s("a", 1_000) == 0


def test_a_device_over_its_rate_is_told_when_to_come_again() -> None:
    time = Time()
    rates = RecordRates(Settings(), time)
    rates.take(DEVICE, "s", 200, 100)
    rates.take(DEVICE, "s", 200, 100)
    with pytest.raises(RateLimited) as raised:
        rates.take(DEVICE, "s", 200, 100)
    assert raised.value.retry_after_ms == pytest.approx(2_000, abs=2)
    time.now += 2
    rates.take(DEVICE, "s", 200, 100)


def test_bytes_are_limited_too() -> None:
    rates = RecordRates(Settings(), Time())
    rates.take(DEVICE, "s", 1, 1_000_000)
    with pytest.raises(RateLimited):
        rates.take(DEVICE, "s", 1, 1_000_000)


def test_many_installations_of_one_subject_share_a_limit() -> None:
    rates = RecordRates(Settings(), Time())
    person = Principal(ROLE_DEVICE, "a", subject_id="a")
    for number in range(5):
        rates.take(person, f"s{number}", 200, 100)
    with pytest.raises(RateLimited):
        rates.take(person, "s5", 200, 100)


def test_back_ends_have_no_rate() -> None:
    rates = RecordRates(Settings(), Time())
    for _ in range(50):
        rates.take(SERVICE, "", 500, 1_000_000)


def test_an_installation_may_have_four_streams_and_gets_another_when_one_ends() -> None:
    slots = StreamSlots(Settings())
    held = [slots.hold(DEVICE, "") for _ in range(4)]
    for one in held:
        one.__enter__()
    with pytest.raises(TooManyStreams), slots.hold(DEVICE, ""):
        pass
    held[0].__exit__(None, None, None)
    with slots.hold(DEVICE, ""):
        pass


def test_a_service_may_have_more_streams_than_a_device_but_not_any_number() -> None:
    slots = StreamSlots(Settings(streams_per_service=6))
    held = [slots.hold(SERVICE, "") for _ in range(6)]
    for one in held:
        one.__enter__()
    with pytest.raises(TooManyStreams), slots.hold(SERVICE, ""):
        pass
