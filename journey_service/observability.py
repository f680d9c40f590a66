"""What operators see: log lines through structlog, figures for Prometheus.

A call is one line at its end, a stream also one at its opening. No line and no label holds a
payload, a token or an identifier in clear: customers and sessions appear as keyed hashes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TextIO

import prometheus_client
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from journey_service.figures import SECONDS, CallFigures, CallMetrics, Listed, StreamMetrics

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)

HASHES_REMEMBERED = 4_096
MOST_LINES = 64
LONGEST_WAIT_S = 0.05

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
LEVEL_OF_CODE = {"INTERNAL": "error", "DATA_LOSS": "error", "UNKNOWN": "error"}
# Flow control (RESOURCE_EXHAUSTED) is no trouble: an import is told to wait many times a second.
LEVEL_OF_CODE |= {"UNAVAILABLE": "warning"}


class CallFacts(NamedTuple):
    """One line of the log. Names are those of the fields; empty texts are left as they are."""

    event: str
    request_id: str
    trace_id: str
    method: str
    transport: str
    role: str
    code: str
    reason: str
    outcome: str
    duration_ms: float
    bytes_in: int
    bytes_out: int
    queue_wait_ms: float
    queue_depth: int
    customer: str
    session: str


_COUNTS = ("bytes_in", "bytes_out", "queue_depth")
# None of the values needs escaping: names of ours, hexadecimal and numbers.
_JSON_LINE = (
    '{"timestamp":"%s","level":"%s",'
    + ",".join(
        f'"{name}":' + ("%.3f" if name.endswith("_ms") else "%d" if name in _COUNTS else '"%s"')
        for name in CallFacts._fields
    )
    + "}\n"
)


class CallLog:
    """Writes the line of a call.

    As JSON it is composed directly, which takes 4 µs where a structlog event takes 25, and lines
    are handed to the file together: it is on the path of every call. A line waits 50 ms at most,
    one of a call that went wrong not at all.
    """

    def __init__(self, file: TextIO, *, as_json: bool, level: str, hash_key: bytes = b"") -> None:
        self._file = file
        self._as_json = as_json
        self._least = LEVELS[level]
        self._key = hash_key[:64]
        self._log = structlog.get_logger("journey.call")
        self._waiting: list[str] = []
        self._second = 0
        self._second_text = ""
        # The same customers come again and again; a hash is made once for many calls.
        self.hashed = lru_cache(HASHES_REMEMBERED)(self._hashed)

    def write(self, facts: CallFacts) -> None:
        """One line, if its level is wanted."""
        level = LEVEL_OF_CODE.get(facts.code, "info")
        if LEVELS[level] < self._least:
            return
        if self._as_json:
            self._waiting.append(_JSON_LINE % (self._now(), level, *facts))
            if level != "info" or len(self._waiting) >= MOST_LINES:
                self.flush()
            elif len(self._waiting) == 1:
                asyncio.get_running_loop().call_later(LONGEST_WAIT_S, self.flush)
        else:
            fields = {name: value for name, value in facts._asdict().items() if value}
            getattr(self._log, level)(fields.pop("event"), **fields)

    def flush(self) -> None:
        """Hand over what waits."""
        if self._waiting:
            self._file.write("".join(self._waiting))
            self._file.flush()
            self._waiting.clear()

    def _now(self) -> str:
        """The time as structlog writes it; its date is formatted once a second."""
        second, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._second_text}.{nanoseconds // 1_000:06d}Z"

    def _hashed(self, identifier: str) -> str:
        """An identifier as lines may hold it: 12 hexadecimal digits, the same for the same key."""
        if not identifier:
            return ""
        return hashlib.blake2b(identifier.encode(), digest_size=6, key=self._key).hexdigest()


def set_up(
    log_format: str, log_level: str, *, file: TextIO | None = None, hash_key: bytes = b""
) -> CallLog:
    """Configure structlog and the standard library's logging; returns the log of calls.

    `log_format`: json, console, or auto (console on a terminal). `hash_key`: makes the hashes of
    identifiers the same in all processes that share it.
    """
    out = file or sys.stderr
    as_json = log_format == "json" or (log_format == "auto" and not out.isatty())
    last: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            *([structlog.processors.format_exc_info] if as_json else []),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[log_level]),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    _lead_in_standard_logging(out, shared, last, LEVELS[log_level])
    return CallLog(out, as_json=as_json, level=log_level, hash_key=hash_key)


def _lead_in_standard_logging(out: TextIO, shared: list[Any], last: Any, level: int) -> None:
    """Lines of libraries (asyncio, grpc) take the same form; theirs begin at warning."""
    lines = logging.StreamHandler(out)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [lines]
    root.setLevel(max(level, logging.WARNING))


class Metrics:
    """All figures of a process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = CallFigures()
        self.registry.register(self._calls)
        self._streams_open = self.gauge("journey_streams_open", "Streams open", "method")
        self._frames = self.counter("journey_stream_frames_total", "Frames sent", "method", "frame")
        self._resets = self.counter(
            "journey_stream_resets_total", "Copies that had to be sent anew", "reason"
        )
        self.batches_refused = self.counter(
            "journey_stream_batches_refused_total",
            "Batches refused on streams that went on",
            "method",
            "code",
            "reason",
        )
        self._blocked = self.histogram(
            "journey_stream_blocked_seconds", "How long sends waited for readers", SECONDS
        )
        self.in_flight = self.gauge(
            "journey_admission_in_flight", "Calls under way by class", "load"
        )
        self.queued = self.gauge("journey_admission_queued", "Calls that wait by class", "load")
        self.limit = self.gauge("journey_admission_limit", "Calls that may be under way")
        self.shed = self.counter(
            "journey_admission_shed_total", "Calls refused before work began", "load", "reason"
        )
        self.loop_lag = self.gauge("journey_loop_lag_seconds", "How late the event loop is")

    def calls_of(self, method: str, transport: str) -> CallMetrics:
        """The figures of the calls of a method."""
        figures = CallMetrics(method, transport)
        self._calls.methods.append(figures)
        return figures

    def streams_of(self, method: str) -> StreamMetrics:
        """The figures of the streams of a method."""
        return StreamMetrics(
            method,
            open_=self._streams_open,
            frames=self._frames,
            resets=self._resets,
            blocked=self._blocked,
        )

    def read_by(self, name: str, doc: str, value: Callable[[], float], **labels: str) -> None:
        """A gauge that is asked when the page is read, such as journey_watchers."""
        known = self.registry._names_to_collectors.get(name)  # noqa: SLF001  no public look-up
        gauge = known if isinstance(known, Gauge) else self.gauge(name, doc, *labels)
        (gauge.labels(**labels) if labels else gauge).set_function(value)

    def read_all_by(
        self, name: str, doc: str, label: str, values: Callable[[], Mapping[str, float]]
    ) -> None:
        """The same for a label whose values come and go, such as the names of subscribers."""
        self.registry.register(Listed(name, doc, label, values))

    def page(self) -> bytes:
        """What Prometheus reads, text format 0.0.4."""
        return prometheus_client.generate_latest(self.registry)

    def counter(self, name: str, doc: str, *labels: str) -> Counter:
        """A counter on the page."""
        return Counter(name, doc, labels, registry=self.registry)

    def gauge(self, name: str, doc: str, *labels: str) -> Gauge:
        """A gauge on the page."""
        return Gauge(name, doc, labels, registry=self.registry)

    def histogram(self, name: str, doc: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        """A histogram on the page."""
        return Histogram(name, doc, labels, registry=self.registry, buckets=buckets)


class StoreMetrics:
    """What the store tells, as figures: appends, retries, lanes, pools."""

    def __init__(self, metrics: Metrics) -> None:
        self._events = metrics.counter(
            "journey_append_events_total", "Events that became durable", "path"
        )
        self._requests = metrics.histogram(
            "journey_append_batch_requests", "Requests written in one commit", COUNTS, "path"
        )
        self._sizes = metrics.histogram(
            "journey_append_batch_events", "Events written in one commit", COUNTS, "path"
        )
        self._seconds = metrics.histogram(
            "journey_append_commit_seconds", "From sending a group to its commit", SECONDS, "path"
        )
        self._retries = metrics.counter(
            "journey_append_retries_total", "Groups tried again", "cause"
        )
        self._unknown = metrics.counter(
            "journey_append_unknown_total", "Commits whose answer was lost", "resolved"
        )
        self._queued = metrics.gauge(
            "journey_append_queued_interactions", "Interactions that wait in a lane", "lane"
        )
        self._waits = metrics.histogram(
            "journey_pool_wait_seconds", "How long connections were waited for", SECONDS, "pool"
        )
        self._holes = metrics.counter(
            "journey_journal_holes_total", "Positions missing below a head"
        )

    def appended(self, path: str, *, requests: int, events: int, seconds: float) -> None:
        """A group was written."""
        self._events.labels(path).inc(events)
        self._requests.labels(path).observe(requests)
        self._sizes.labels(path).observe(events)
        self._seconds.labels(path).observe(seconds)

    def retried(self, cause: str) -> None:
        """A group was tried again."""
        self._retries.labels(cause).inc()

    def outcome_unknown(self, resolved: str) -> None:
        """A commit's answer was lost, and this was found."""
        self._unknown.labels(resolved).inc()

    def queued(self, lane: int, interactions: int) -> None:
        """So many interactions wait."""
        self._queued.labels(lane).set(interactions)

    def pool_waited(self, pool: str, seconds: float) -> None:
        """A connection was waited for."""
        self._waits.labels(pool).observe(seconds)

    def hole_found(self, partition: int, position: int) -> None:
        """A position is missing below the head: the journal is damaged, and somebody must look."""
        self._holes.inc()
        structlog.get_logger("journey.tail").critical(
            "hole in the journal", partition=partition, position=position
        )


# A partition whose fold failed is told of again after this long, and counts as held for so long
# after a try (projections.runner tries each 5 s).
TELL_AGAIN_S = 60.0
HELD_FOR_S = 15.0


class ProjectionMetrics:
    """What runners of projections tell, as figures and lines."""

    def __init__(self, metrics: Metrics, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` tells seconds that never go back."""
        self._clock = clock
        self._lag = metrics.gauge(
            "journey_projection_lag_events", "Events not folded yet", "projection"
        )
        self._failures = metrics.counter(
            "journey_projection_failures_total", "Pages that a fold could not fold", "projection"
        )
        # When a partition was last told of, and when it last failed, by projection and partition.
        self._told: dict[tuple[str, int], float] = {}
        self._held: dict[tuple[str, int], float] = {}
        metrics.read_by(
            "journey_projection_held_partitions",
            "Partitions that are not folded on, because an event of theirs is damaged",
            self.held,
        )

    def held(self) -> int:
        """How many partitions failed so lately that they cannot have been folded on since."""
        now = self._clock()
        return sum(now - failed < HELD_FOR_S for failed in self._held.values())

    def stands(self, projection: str, *, lag_events: int) -> None:
        """So many events are not folded yet."""
        self._lag.labels(projection).set(lag_events)

    def failed(self, projection: str, partition: int, position: int, error: Exception) -> None:
        """A fold raised; it is tried again. A line tells of it at once and then each minute."""
        self._failures.labels(projection).inc()
        key, now = (projection, partition), self._clock()
        self._held[key] = now
        if now - self._told.get(key, float("-inf")) < TELL_AGAIN_S:
            return
        self._told[key] = now
        structlog.get_logger("journey.projection").error(
            "fold failed",
            projection=projection,
            partition=partition,
            position=position + 1,
            remedy="nothing is skipped; run: journey verify",
            exc_info=error,
        )
