from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import any_pb2 as _any_pb2
from journey.v1 import access_pb2 as _access_pb2
from journey.v1 import reading_pb2 as _reading_pb2
from journey.v1 import rebuilds_pb2 as _rebuilds_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProjectionStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROJECTION_STATUS_UNSPECIFIED: _ClassVar[ProjectionStatus]
    PROJECTION_STATUS_LIVE: _ClassVar[ProjectionStatus]
    PROJECTION_STATUS_BUILDING: _ClassVar[ProjectionStatus]
    PROJECTION_STATUS_FAILED: _ClassVar[ProjectionStatus]
PROJECTION_STATUS_UNSPECIFIED: ProjectionStatus
PROJECTION_STATUS_LIVE: ProjectionStatus
PROJECTION_STATUS_BUILDING: ProjectionStatus
PROJECTION_STATUS_FAILED: ProjectionStatus

class Projection(_message.Message):
    __slots__ = ("name", "version", "generation", "status", "checkpoint", "lag_events", "lag_ms", "error", "rebuild_id", "read_roles", "stops", "skips", "index_fields", "description", "derived", "own")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    LAG_EVENTS_FIELD_NUMBER: _ClassVar[int]
    LAG_MS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    READ_ROLES_FIELD_NUMBER: _ClassVar[int]
    STOPS_FIELD_NUMBER: _ClassVar[int]
    SKIPS_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELDS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DERIVED_FIELD_NUMBER: _ClassVar[int]
    OWN_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    generation: int
    status: ProjectionStatus
    checkpoint: str
    lag_events: int
    lag_ms: int
    error: str
    rebuild_id: str
    read_roles: _containers.RepeatedScalarFieldContainer[_access_pb2.Role]
    stops: _containers.RepeatedCompositeFieldContainer[StoppedFold]
    skips: _containers.RepeatedCompositeFieldContainer[SkippedEvent]
    index_fields: _containers.RepeatedScalarFieldContainer[str]
    description: str
    derived: bool
    own: bool
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., generation: _Optional[int] = ..., status: _Optional[_Union[ProjectionStatus, str]] = ..., checkpoint: _Optional[str] = ..., lag_events: _Optional[int] = ..., lag_ms: _Optional[int] = ..., error: _Optional[str] = ..., rebuild_id: _Optional[str] = ..., read_roles: _Optional[_Iterable[_Union[_access_pb2.Role, str]]] = ..., stops: _Optional[_Iterable[_Union[StoppedFold, _Mapping]]] = ..., skips: _Optional[_Iterable[_Union[SkippedEvent, _Mapping]]] = ..., index_fields: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ..., derived: bool = ..., own: bool = ...) -> None: ...

class StoppedFold(_message.Message):
    __slots__ = ("partition", "position", "event_id", "type", "subject_id", "error", "stopped_at_ms")
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STOPPED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    partition: int
    position: int
    event_id: str
    type: str
    subject_id: str
    error: str
    stopped_at_ms: int
    def __init__(self, partition: _Optional[int] = ..., position: _Optional[int] = ..., event_id: _Optional[str] = ..., type: _Optional[str] = ..., subject_id: _Optional[str] = ..., error: _Optional[str] = ..., stopped_at_ms: _Optional[int] = ...) -> None: ...

class SkippedEvent(_message.Message):
    __slots__ = ("partition", "position", "reason", "actor", "skipped_at_ms")
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    partition: int
    position: int
    reason: str
    actor: str
    skipped_at_ms: int
    def __init__(self, partition: _Optional[int] = ..., position: _Optional[int] = ..., reason: _Optional[str] = ..., actor: _Optional[str] = ..., skipped_at_ms: _Optional[int] = ...) -> None: ...

class ProjectionState(_message.Message):
    __slots__ = ("key", "message", "json", "withheld", "updated_at_ms", "subject_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    key: str
    message: _any_pb2.Any
    json: str
    withheld: _containers.RepeatedScalarFieldContainer[str]
    updated_at_ms: int
    subject_id: str
    def __init__(self, key: _Optional[str] = ..., message: _Optional[_Union[_any_pb2.Any, _Mapping]] = ..., json: _Optional[str] = ..., withheld: _Optional[_Iterable[str]] = ..., updated_at_ms: _Optional[int] = ..., subject_id: _Optional[str] = ...) -> None: ...

class IndexMatch(_message.Message):
    __slots__ = ("field", "value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    value: str
    def __init__(self, field: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ListProjectionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListProjectionsResponse(_message.Message):
    __slots__ = ("projections", "next_page_token")
    PROJECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    projections: _containers.RepeatedCompositeFieldContainer[Projection]
    next_page_token: str
    def __init__(self, projections: _Optional[_Iterable[_Union[Projection, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetStateRequest(_message.Message):
    __slots__ = ("projection", "key", "at_least", "as_of")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    projection: str
    key: str
    at_least: str
    as_of: _reading_pb2.AsOf
    def __init__(self, projection: _Optional[str] = ..., key: _Optional[str] = ..., at_least: _Optional[str] = ..., as_of: _Optional[_Union[_reading_pb2.AsOf, _Mapping]] = ...) -> None: ...

class GetStateResponse(_message.Message):
    __slots__ = ("state", "checkpoint")
    STATE_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    state: ProjectionState
    checkpoint: str
    def __init__(self, state: _Optional[_Union[ProjectionState, _Mapping]] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class ListStatesRequest(_message.Message):
    __slots__ = ("projection", "key_prefix", "index", "at_least", "page_size", "page_token")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    KEY_PREFIX_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    projection: str
    key_prefix: str
    index: _containers.RepeatedCompositeFieldContainer[IndexMatch]
    at_least: str
    page_size: int
    page_token: str
    def __init__(self, projection: _Optional[str] = ..., key_prefix: _Optional[str] = ..., index: _Optional[_Iterable[_Union[IndexMatch, _Mapping]]] = ..., at_least: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStatesResponse(_message.Message):
    __slots__ = ("states", "checkpoint", "next_page_token")
    STATES_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedCompositeFieldContainer[ProjectionState]
    checkpoint: str
    next_page_token: str
    def __init__(self, states: _Optional[_Iterable[_Union[ProjectionState, _Mapping]]] = ..., checkpoint: _Optional[str] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RetryProjectionRequest(_message.Message):
    __slots__ = ("projection", "partitions")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    projection: str
    partitions: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, projection: _Optional[str] = ..., partitions: _Optional[_Iterable[int]] = ...) -> None: ...

class RetryProjectionResponse(_message.Message):
    __slots__ = ("retried",)
    RETRIED_FIELD_NUMBER: _ClassVar[int]
    retried: _containers.RepeatedCompositeFieldContainer[StoppedFold]
    def __init__(self, retried: _Optional[_Iterable[_Union[StoppedFold, _Mapping]]] = ...) -> None: ...

class SkipEventRequest(_message.Message):
    __slots__ = ("projection", "partition", "position", "reason")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    projection: str
    partition: int
    position: int
    reason: str
    def __init__(self, projection: _Optional[str] = ..., partition: _Optional[int] = ..., position: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class SkipEventResponse(_message.Message):
    __slots__ = ("skipped",)
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    skipped: SkippedEvent
    def __init__(self, skipped: _Optional[_Union[SkippedEvent, _Mapping]] = ...) -> None: ...
