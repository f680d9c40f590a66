"""Streams read together: one order, no event lost, and no stream out of its own sequence."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from journey.v1.events_pb2 import Event
from journey_service.application.in_order import Pages, as_recorded, in_order
from tests.projections.histories import examples

TIMES = st.lists(st.integers(0, 9), max_size=8)


async def paged(events: Sequence[Event], size: int) -> Pages:
    """A stream in pages; an empty one now and then."""
    for begin in range(0, len(events), size):
        yield events[begin : begin + size]
        yield []


def stream(subject_id: str, times: Sequence[int], *, backwards: bool = False) -> list[Event]:
    events = [
        Event(subject_id=subject_id, version=version, recorded_at_ms=at)
        for version, at in enumerate(times, 1)
    ]
    return events[::-1] if backwards else events


async def together(
    streams: Sequence[Sequence[Event]], size: int, *, backwards: bool = False
) -> list[Event]:
    pages = in_order([paged(each, size) for each in streams], as_recorded, backwards=backwards)
    found = [page async for page in pages]
    assert all(found)
    return [event for page in found for event in page]


@examples(60)
@given(st.lists(TIMES, max_size=4), st.integers(1, 4), st.booleans())
async def test_streams_in_order_come_in_order(
    times: list[list[int]], size: int, backwards: bool
) -> None:
    streams = [
        stream(f"{name}", sorted(each), backwards=backwards) for name, each in enumerate(times)
    ]
    found = await together(streams, size, backwards=backwards)
    every = [event for each in streams for event in each]
    assert found == sorted(every, key=as_recorded, reverse=backwards)


@examples(60)
@given(st.lists(TIMES, min_size=2, max_size=4), st.integers(1, 4), st.booleans())
async def test_where_a_clock_went_back_each_stream_keeps_its_sequence_and_all_its_events(
    times: list[list[int]], size: int, backwards: bool
) -> None:
    streams = [stream(f"{name}", each, backwards=backwards) for name, each in enumerate(times)]
    found = await together(streams, size, backwards=backwards)
    for name, each in enumerate(streams):
        assert [event for event in found if event.subject_id == f"{name}"] == each
    assert len(found) == sum(map(len, streams))
