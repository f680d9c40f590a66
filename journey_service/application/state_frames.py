"""Frames of a projection's states, none of which is too large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from journey.v1.projection_service_pb2 import ProjectionState

# What a frame adds to a state: tag and length.
FRAMING_BYTES = 6


def parts_of_states(
    states: Iterable[ProjectionState], frame_bytes: int
) -> Iterator[list[ProjectionState]]:
    """The states in parts of at most frame_bytes, one state at least; none where there are none."""
    part: list[ProjectionState] = []
    size = 0
    for state in states:
        added = state.ByteSize() + FRAMING_BYTES
        if part and size + added > frame_bytes:
            yield part
            part, size = [], 0
        part.append(state)
        size += added
    if part:
        yield part
