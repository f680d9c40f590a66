"""What one caller may use: interactions a second, and streams at once."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_STAFF
from journey_service.domain.errors import RateLimited, TooManyStreams
from journey_service.domain.identity import Principal
from journey_service.settings import Settings

REMEMBERED = 10_000
DEVICES = frozenset({ROLE_DEVICE, ROLE_STAFF})


class Buckets:
    """Token buckets by key: `rate` a second, `burst` at once. A rate of 0 limits nothing."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str, amount: float) -> float:
        """Seconds until `amount` is there; 0 = now. More than the burst needs a full bucket."""
        if not self._rate:
            return 0.0
        return max(0.0, min(amount, self._burst) - self._level(key)) / self._rate

    def take(self, key: str, amount: float) -> None:
        """Use `amount`; a level below nothing is paid back in time."""
        if not self._rate:
            return
        self._levels[key] = (self._level(key) - amount, self._now())
        self._levels.move_to_end(key)
        if len(self._levels) > REMEMBERED:
            self._levels.popitem(last=False)

    def _level(self, key: str) -> float:
        level, since = self._levels.get(key, (self._burst, 0.0))
        return min(self._burst, level + (self._now() - since) * self._rate)


class RecordRates:
    """Rates of what devices record. Back ends are limited by admission alone."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        rate, burst = settings.rate_interactions_per_s, settings.rate_interactions_burst
        size = settings.rate_bytes_per_s
        self._interactions = Buckets(rate, burst, now)
        self._bytes = Buckets(size, max(size, settings.batch_bytes * 4), now)
        self._subjects = Buckets(settings.rate_subject_per_s, 2 * burst, now)

    def take(self, principal: Principal, session_id: str, interactions: int, size: int) -> None:
        """Charge a batch. Raises RateLimited with the delay, and charges nothing then."""
        if principal.role not in DEVICES:
            return
        # A session is not looked up yet: of another's id only the caller's own account pays.
        installation = principal.installation_id or f"{principal.id}/{session_id}"
        charges = (
            (self._interactions, installation, interactions),
            (self._bytes, installation, size),
            (self._subjects, principal.subject_id, interactions),
        )
        wait_s = max(bucket.wait_s(key, amount) for bucket, key, amount in charges)
        if wait_s:
            error = RateLimited(f"Over the quota: repeat in {wait_s:.1f} s.", quota="interactions")
            error.retry_after_ms = int(wait_s * 1_000) + 1
            raise error
        for bucket, key, amount in charges:
            bucket.take(key, amount)


class StreamSlots:
    """Streams open by installation, and by identity."""

    def __init__(self, settings: Settings) -> None:
        self._of_installation = settings.streams_per_installation
        self._of_identity = settings.streams_per_service
        self._open: Counter[str] = Counter()

    @contextmanager
    def hold(self, principal: Principal, session_id: str) -> Iterator[None]:
        """Count a stream while the context is open. Raises TooManyStreams."""
        slots = self._slots(principal, session_id)
        for key, most in slots:
            if self._open[key] >= most:
                raise TooManyStreams(
                    f"{most} streams are open, which is the limit: close one.", quota="streams"
                )
        for key, _ in slots:
            self._open[key] += 1
        try:
            yield
        finally:
            for key, _ in slots:
                self._open[key] -= 1
                if not self._open[key]:
                    del self._open[key]

    def _slots(self, principal: Principal, session_id: str) -> list[tuple[str, int]]:
        slots = [(f"{principal.role}/{principal.id}", self._of_identity)]
        installation = principal.installation_id or (session_id and f"{principal.id}/{session_id}")
        if principal.role in DEVICES and installation:
            slots.append((f"installation/{installation}", self._of_installation))
        return slots
