from journey.v1 import events_pb2 as _events_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from journey.v1 import references_pb2 as _references_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AsOf(_message.Message):
    __slots__ = ("token", "recorded_ms", "occurred_ms")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    RECORDED_MS_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_MS_FIELD_NUMBER: _ClassVar[int]
    token: str
    recorded_ms: int
    occurred_ms: int
    def __init__(self, token: _Optional[str] = ..., recorded_ms: _Optional[int] = ..., occurred_ms: _Optional[int] = ...) -> None: ...

class StartPoint(_message.Message):
    __slots__ = ("beginning", "end", "checkpoint", "recorded_ms")
    BEGINNING_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    RECORDED_MS_FIELD_NUMBER: _ClassVar[int]
    beginning: bool
    end: bool
    checkpoint: str
    recorded_ms: int
    def __init__(self, beginning: bool = ..., end: bool = ..., checkpoint: _Optional[str] = ..., recorded_ms: _Optional[int] = ...) -> None: ...

class EndPoint(_message.Message):
    __slots__ = ("checkpoint", "recorded_ms")
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    RECORDED_MS_FIELD_NUMBER: _ClassVar[int]
    checkpoint: str
    recorded_ms: int
    def __init__(self, checkpoint: _Optional[str] = ..., recorded_ms: _Optional[int] = ...) -> None: ...

class EventFilter(_message.Message):
    __slots__ = ("types", "kinds", "journeys", "channels", "outcomes", "exclude_telemetry", "actors")
    TYPES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    JOURNEYS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_TELEMETRY_FIELD_NUMBER: _ClassVar[int]
    ACTORS_FIELD_NUMBER: _ClassVar[int]
    types: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    journeys: _containers.RepeatedCompositeFieldContainer[_references_pb2.JourneyRef]
    channels: _containers.RepeatedScalarFieldContainer[_interactions_pb2.Channel]
    outcomes: _containers.RepeatedScalarFieldContainer[_events_pb2.Outcome]
    exclude_telemetry: bool
    actors: _containers.RepeatedScalarFieldContainer[_events_pb2.ActorKind]
    def __init__(self, types: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[str]] = ..., journeys: _Optional[_Iterable[_Union[_references_pb2.JourneyRef, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[_interactions_pb2.Channel, str]]] = ..., outcomes: _Optional[_Iterable[_Union[_events_pb2.Outcome, str]]] = ..., exclude_telemetry: bool = ..., actors: _Optional[_Iterable[_Union[_events_pb2.ActorKind, str]]] = ...) -> None: ...

class EventBatch(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_events_pb2.Event]
    def __init__(self, events: _Optional[_Iterable[_Union[_events_pb2.Event, _Mapping]]] = ...) -> None: ...
