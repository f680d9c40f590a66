from journey.v1 import events_pb2 as _events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventGlance(_message.Message):
    __slots__ = ("outcome",)
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    outcome: _events_pb2.Outcome
    def __init__(self, outcome: _Optional[_Union[_events_pb2.Outcome, str]] = ...) -> None: ...

class PassedBatch(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, events: _Optional[_Iterable[bytes]] = ...) -> None: ...

class PassedFrame(_message.Message):
    __slots__ = ("batch", "checkpoint")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    batch: PassedBatch
    checkpoint: str
    def __init__(self, batch: _Optional[_Union[PassedBatch, _Mapping]] = ..., checkpoint: _Optional[str] = ...) -> None: ...
