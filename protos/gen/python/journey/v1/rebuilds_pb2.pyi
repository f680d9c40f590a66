from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.rpc import status_pb2 as _status_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from journey.v1 import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RebuildStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REBUILD_STATUS_UNSPECIFIED: _ClassVar[RebuildStatus]
    REBUILD_STATUS_PENDING: _ClassVar[RebuildStatus]
    REBUILD_STATUS_RUNNING: _ClassVar[RebuildStatus]
    REBUILD_STATUS_SWITCHED: _ClassVar[RebuildStatus]
    REBUILD_STATUS_COMPARED: _ClassVar[RebuildStatus]
    REBUILD_STATUS_CANCELLED: _ClassVar[RebuildStatus]
    REBUILD_STATUS_FAILED: _ClassVar[RebuildStatus]
    REBUILD_STATUS_PAUSED: _ClassVar[RebuildStatus]
    REBUILD_STATUS_REVERTED: _ClassVar[RebuildStatus]
REBUILD_STATUS_UNSPECIFIED: RebuildStatus
REBUILD_STATUS_PENDING: RebuildStatus
REBUILD_STATUS_RUNNING: RebuildStatus
REBUILD_STATUS_SWITCHED: RebuildStatus
REBUILD_STATUS_COMPARED: RebuildStatus
REBUILD_STATUS_CANCELLED: RebuildStatus
REBUILD_STATUS_FAILED: RebuildStatus
REBUILD_STATUS_PAUSED: RebuildStatus
REBUILD_STATUS_REVERTED: RebuildStatus

class Rebuild(_message.Message):
    __slots__ = ("rebuild_id", "projection", "from_version", "to_version", "status", "dry_run", "events_done", "events_total", "states_differing", "started_at_ms", "ended_at_ms", "error", "generation", "from_generation", "automatic", "states_compared", "differences", "events_per_s", "left_ms", "partitions_done", "partitions_total", "old_kept_until_ms")
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    FROM_VERSION_FIELD_NUMBER: _ClassVar[int]
    TO_VERSION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    EVENTS_DONE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    STATES_DIFFERING_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    FROM_GENERATION_FIELD_NUMBER: _ClassVar[int]
    AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    STATES_COMPARED_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_PER_S_FIELD_NUMBER: _ClassVar[int]
    LEFT_MS_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_DONE_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    OLD_KEPT_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    rebuild_id: str
    projection: str
    from_version: int
    to_version: int
    status: RebuildStatus
    dry_run: bool
    events_done: int
    events_total: int
    states_differing: int
    started_at_ms: int
    ended_at_ms: int
    error: _status_pb2.Status
    generation: int
    from_generation: int
    automatic: bool
    states_compared: int
    differences: _containers.RepeatedCompositeFieldContainer[FieldDifference]
    events_per_s: int
    left_ms: int
    partitions_done: int
    partitions_total: int
    old_kept_until_ms: int
    def __init__(self, rebuild_id: _Optional[str] = ..., projection: _Optional[str] = ..., from_version: _Optional[int] = ..., to_version: _Optional[int] = ..., status: _Optional[_Union[RebuildStatus, str]] = ..., dry_run: bool = ..., events_done: _Optional[int] = ..., events_total: _Optional[int] = ..., states_differing: _Optional[int] = ..., started_at_ms: _Optional[int] = ..., ended_at_ms: _Optional[int] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., generation: _Optional[int] = ..., from_generation: _Optional[int] = ..., automatic: bool = ..., states_compared: _Optional[int] = ..., differences: _Optional[_Iterable[_Union[FieldDifference, _Mapping]]] = ..., events_per_s: _Optional[int] = ..., left_ms: _Optional[int] = ..., partitions_done: _Optional[int] = ..., partitions_total: _Optional[int] = ..., old_kept_until_ms: _Optional[int] = ...) -> None: ...

class FieldDifference(_message.Message):
    __slots__ = ("field", "states", "examples")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    field: str
    states: int
    examples: _containers.RepeatedCompositeFieldContainer[DifferenceExample]
    def __init__(self, field: _Optional[str] = ..., states: _Optional[int] = ..., examples: _Optional[_Iterable[_Union[DifferenceExample, _Mapping]]] = ...) -> None: ...

class DifferenceExample(_message.Message):
    __slots__ = ("subject_id", "key", "path", "before_json", "after_json")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    BEFORE_JSON_FIELD_NUMBER: _ClassVar[int]
    AFTER_JSON_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    key: str
    path: str
    before_json: str
    after_json: str
    def __init__(self, subject_id: _Optional[str] = ..., key: _Optional[str] = ..., path: _Optional[str] = ..., before_json: _Optional[str] = ..., after_json: _Optional[str] = ...) -> None: ...

class PartitionComparison(_message.Message):
    __slots__ = ("states", "differing", "differences")
    STATES_FIELD_NUMBER: _ClassVar[int]
    DIFFERING_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    states: int
    differing: int
    differences: _containers.RepeatedCompositeFieldContainer[FieldDifference]
    def __init__(self, states: _Optional[int] = ..., differing: _Optional[int] = ..., differences: _Optional[_Iterable[_Union[FieldDifference, _Mapping]]] = ...) -> None: ...

class StartRebuildRequest(_message.Message):
    __slots__ = ("projection", "to_version", "dry_run", "keep_old_ms", "command_id")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    TO_VERSION_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    KEEP_OLD_MS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    projection: str
    to_version: int
    dry_run: bool
    keep_old_ms: int
    command_id: str
    def __init__(self, projection: _Optional[str] = ..., to_version: _Optional[int] = ..., dry_run: bool = ..., keep_old_ms: _Optional[int] = ..., command_id: _Optional[str] = ...) -> None: ...

class StartRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class GetRebuildRequest(_message.Message):
    __slots__ = ("rebuild_id",)
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    rebuild_id: str
    def __init__(self, rebuild_id: _Optional[str] = ...) -> None: ...

class GetRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class ListRebuildsRequest(_message.Message):
    __slots__ = ("projection", "page_size", "page_token")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    projection: str
    page_size: int
    page_token: str
    def __init__(self, projection: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRebuildsResponse(_message.Message):
    __slots__ = ("rebuilds", "next_page_token")
    REBUILDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rebuilds: _containers.RepeatedCompositeFieldContainer[Rebuild]
    next_page_token: str
    def __init__(self, rebuilds: _Optional[_Iterable[_Union[Rebuild, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelRebuildRequest(_message.Message):
    __slots__ = ("rebuild_id",)
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    rebuild_id: str
    def __init__(self, rebuild_id: _Optional[str] = ...) -> None: ...

class CancelRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class PauseRebuildRequest(_message.Message):
    __slots__ = ("rebuild_id",)
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    rebuild_id: str
    def __init__(self, rebuild_id: _Optional[str] = ...) -> None: ...

class PauseRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class ResumeRebuildRequest(_message.Message):
    __slots__ = ("rebuild_id",)
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    rebuild_id: str
    def __init__(self, rebuild_id: _Optional[str] = ...) -> None: ...

class ResumeRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class RevertRebuildRequest(_message.Message):
    __slots__ = ("rebuild_id",)
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    rebuild_id: str
    def __init__(self, rebuild_id: _Optional[str] = ...) -> None: ...

class RevertRebuildResponse(_message.Message):
    __slots__ = ("rebuild",)
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    rebuild: Rebuild
    def __init__(self, rebuild: _Optional[_Union[Rebuild, _Mapping]] = ...) -> None: ...

class DropOldStatesRequest(_message.Message):
    __slots__ = ("projection",)
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    projection: str
    def __init__(self, projection: _Optional[str] = ...) -> None: ...

class DropOldStatesResponse(_message.Message):
    __slots__ = ("generations", "in_use")
    GENERATIONS_FIELD_NUMBER: _ClassVar[int]
    IN_USE_FIELD_NUMBER: _ClassVar[int]
    generations: _containers.RepeatedScalarFieldContainer[int]
    in_use: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, generations: _Optional[_Iterable[int]] = ..., in_use: _Optional[_Iterable[int]] = ...) -> None: ...

class WatchRebuildRequest(_message.Message):
    __slots__ = ("rebuild_id",)
    REBUILD_ID_FIELD_NUMBER: _ClassVar[int]
    rebuild_id: str
    def __init__(self, rebuild_id: _Optional[str] = ...) -> None: ...

class WatchRebuildResponse(_message.Message):
    __slots__ = ("opened", "rebuild", "heartbeat", "going_away")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    opened: _stream_pb2.StreamOpened
    rebuild: Rebuild
    heartbeat: _stream_pb2.Heartbeat
    going_away: _stream_pb2.GoingAway
    def __init__(self, opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., rebuild: _Optional[_Union[Rebuild, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ...) -> None: ...
