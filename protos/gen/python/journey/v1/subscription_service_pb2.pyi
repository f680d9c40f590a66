from google.api import field_behavior_pb2 as _field_behavior_pb2
from journey.v1 import access_pb2 as _access_pb2
from journey.v1 import groups_pb2 as _groups_pb2
from journey.v1 import projection_service_pb2 as _projection_service_pb2
from journey.v1 import reading_pb2 as _reading_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from journey.v1 import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubscribeRequest(_message.Message):
    __slots__ = ("start", "subject_id", "partitions", "filter", "consumer", "purpose")
    START_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    start: _reading_pb2.StartPoint
    subject_id: str
    partitions: _containers.RepeatedScalarFieldContainer[int]
    filter: _reading_pb2.EventFilter
    consumer: str
    purpose: str
    def __init__(self, start: _Optional[_Union[_reading_pb2.StartPoint, _Mapping]] = ..., subject_id: _Optional[str] = ..., partitions: _Optional[_Iterable[int]] = ..., filter: _Optional[_Union[_reading_pb2.EventFilter, _Mapping]] = ..., consumer: _Optional[str] = ..., purpose: _Optional[str] = ...) -> None: ...

class SubscribeResponse(_message.Message):
    __slots__ = ("opened", "batch", "caught_up", "heartbeat", "going_away", "checkpoint")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    opened: _stream_pb2.StreamOpened
    batch: _reading_pb2.EventBatch
    caught_up: _stream_pb2.CaughtUp
    heartbeat: _stream_pb2.Heartbeat
    going_away: _stream_pb2.GoingAway
    checkpoint: str
    def __init__(self, opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., batch: _Optional[_Union[_reading_pb2.EventBatch, _Mapping]] = ..., caught_up: _Optional[_Union[_stream_pb2.CaughtUp, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class WatchProjectionRequest(_message.Message):
    __slots__ = ("projection", "keys", "checkpoint", "consumer")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_FIELD_NUMBER: _ClassVar[int]
    projection: str
    keys: _containers.RepeatedScalarFieldContainer[str]
    checkpoint: str
    consumer: str
    def __init__(self, projection: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ..., checkpoint: _Optional[str] = ..., consumer: _Optional[str] = ...) -> None: ...

class StatesSnapshot(_message.Message):
    __slots__ = ("states", "last")
    STATES_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedCompositeFieldContainer[_projection_service_pb2.ProjectionState]
    last: bool
    def __init__(self, states: _Optional[_Iterable[_Union[_projection_service_pb2.ProjectionState, _Mapping]]] = ..., last: bool = ...) -> None: ...

class StatesChanged(_message.Message):
    __slots__ = ("states", "removed_keys")
    STATES_FIELD_NUMBER: _ClassVar[int]
    REMOVED_KEYS_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedCompositeFieldContainer[_projection_service_pb2.ProjectionState]
    removed_keys: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, states: _Optional[_Iterable[_Union[_projection_service_pb2.ProjectionState, _Mapping]]] = ..., removed_keys: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchProjectionResponse(_message.Message):
    __slots__ = ("opened", "snapshot", "changes", "caught_up", "heartbeat", "reset", "going_away", "checkpoint")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    opened: _stream_pb2.StreamOpened
    snapshot: StatesSnapshot
    changes: StatesChanged
    caught_up: _stream_pb2.CaughtUp
    heartbeat: _stream_pb2.Heartbeat
    reset: _stream_pb2.StreamReset
    going_away: _stream_pb2.GoingAway
    checkpoint: str
    def __init__(self, opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., snapshot: _Optional[_Union[StatesSnapshot, _Mapping]] = ..., changes: _Optional[_Union[StatesChanged, _Mapping]] = ..., caught_up: _Optional[_Union[_stream_pb2.CaughtUp, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., reset: _Optional[_Union[_stream_pb2.StreamReset, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ..., checkpoint: _Optional[str] = ...) -> None: ...
