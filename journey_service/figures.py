"""Figures of calls and streams, counted on the path of every call."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class CallMetrics:
    """The figures of one method over one transport.

    Counted here and not in the library, whose locks and checks cost more than all the rest of a
    call's accounts. One event loop counts and reads them.
    """

    __slots__ = ("buckets", "counts", "method", "seconds", "transport")

    def __init__(self, method: str, transport: str) -> None:
        self.method = method
        self.transport = transport
        self.counts: dict[tuple[str, str], int] = {}
        self.buckets = [0] * (len(SECONDS) + 1)
        self.seconds = 0.0

    def finished(self, code: str, reason: str, seconds: float) -> None:
        """A call ended."""
        end = (code, reason)
        self.counts[end] = self.counts.get(end, 0) + 1
        self.buckets[bisect_left(SECONDS, seconds)] += 1
        self.seconds += seconds


class CallFigures(Collector):
    """The figures of all methods, as Prometheus reads them."""

    def __init__(self) -> None:
        self.methods: list[CallMetrics] = []

    def collect(self) -> Iterator[Metric]:
        """The two families."""
        calls = CounterMetricFamily(
            "journey_rpc", "Calls that ended", labels=["method", "transport", "code", "reason"]
        )
        seconds = HistogramMetricFamily(
            "journey_rpc_seconds", "How long calls took", labels=["method", "transport"]
        )
        for figures in self.methods:
            labels = (figures.method, figures.transport)
            for end, count in figures.counts.items():
                calls.add_metric((*labels, *end), count)
            bounds = [*map(floatToGoString, SECONDS), "+Inf"]
            reached = list(zip(bounds, accumulate(figures.buckets), strict=True))
            seconds.add_metric(labels, reached, figures.seconds)
        yield from (calls, seconds)


class Listed(Collector):
    """A gauge by a label whose values are known when the page is read, and not kept after."""

    def __init__(
        self, name: str, doc: str, label: str, values: Callable[[], Mapping[str, float]]
    ) -> None:
        self._name, self._doc, self._label = name, doc, label
        self._values = values

    def collect(self) -> Iterator[Metric]:
        """One family."""
        family = GaugeMetricFamily(self._name, self._doc, labels=[self._label])
        for value, figure in sorted(self._values().items()):
            family.add_metric([value], figure)
        yield family


class StreamMetrics:
    """The figures of the streams of one method."""

    __slots__ = ("_family", "_frames", "_method", "blocked", "open", "resets")

    def __init__(
        self, method: str, *, open_: Gauge, frames: Counter, resets: Counter, blocked: Histogram
    ) -> None:
        self._method = method
        self._family = frames
        self._frames: dict[str, Counter] = {}
        self.open = open_.labels(method)
        self.resets = resets
        self.blocked = blocked

    def sent(self, frame: str) -> None:
        """A frame was taken by the transport."""
        count = self._frames.get(frame)
        if count is None:
            count = self._frames[frame] = self._family.labels(self._method, frame)
        count.inc()
