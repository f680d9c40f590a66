"""Frames of states: a snapshot or a delta in parts, so that none is too large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from journey.v1.journey_service_pb2 import WatchDelta, WatchResponse, WatchSnapshot
from journey.v1.journeys_pb2 import Journey

# What a frame adds to a journey: tag and length.
FRAMING_BYTES = 6
Content = TypeVar("Content", WatchSnapshot, WatchDelta)


def frames_of(
    rest: Content, journeys: list[Journey], *, frame_bytes: int, last_bytes: int
) -> list[WatchResponse]:
    """The journeys in parts of at most frame_bytes; the last one carries the rest, and leaves room
    for last_bytes more."""
    parts = list(_parts(journeys, frame_bytes))
    room = frame_bytes - rest.ByteSize() - last_bytes
    if parts[-1] and sum(map(_size, parts[-1])) > room:
        parts.append([])
    frames = []
    for number, part in enumerate(parts, 1):
        content = type(rest)(part=number, journeys=part)
        if number == len(parts):
            content.MergeFrom(rest)
        frames.append(_response(content))
    return frames


def _parts(journeys: list[Journey], frame_bytes: int) -> Iterator[list[Journey]]:
    """Always at least one part."""
    part: list[Journey] = []
    size = 0
    for journey in journeys:
        if part and size + _size(journey) > frame_bytes:
            yield part
            part, size = [], 0
        part.append(journey)
        size += _size(journey)
    yield part


def _size(journey: Journey) -> int:
    """Bytes of a journey within a frame."""
    return journey.ByteSize() + FRAMING_BYTES


def _response(content: Content) -> WatchResponse:
    if isinstance(content, WatchSnapshot):
        return WatchResponse(snapshot=content)
    return WatchResponse(delta=content)
