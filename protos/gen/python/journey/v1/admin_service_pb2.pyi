from journey.v1 import access_pb2 as _access_pb2
from journey.v1 import sessions_pb2 as _sessions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("version", "api", "capabilities", "limits", "journal_epoch", "warnings", "partition_count", "server_time_ms")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    API_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_EPOCH_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    PARTITION_COUNT_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    version: str
    api: _containers.RepeatedScalarFieldContainer[str]
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    limits: _sessions_pb2.Limits
    journal_epoch: str
    warnings: _containers.RepeatedScalarFieldContainer[str]
    partition_count: int
    server_time_ms: int
    def __init__(self, version: _Optional[str] = ..., api: _Optional[_Iterable[str]] = ..., capabilities: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[_sessions_pb2.Limits, _Mapping]] = ..., journal_epoch: _Optional[str] = ..., warnings: _Optional[_Iterable[str]] = ..., partition_count: _Optional[int] = ..., server_time_ms: _Optional[int] = ...) -> None: ...

class GetPartitionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ReaderLag(_message.Message):
    __slots__ = ("reader", "position", "lag_events")
    READER_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LAG_EVENTS_FIELD_NUMBER: _ClassVar[int]
    reader: str
    position: int
    lag_events: int
    def __init__(self, reader: _Optional[str] = ..., position: _Optional[int] = ..., lag_events: _Optional[int] = ...) -> None: ...

class Partition(_message.Message):
    __slots__ = ("partition", "head_position", "last_recorded_at_ms", "writer", "readers")
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    HEAD_POSITION_FIELD_NUMBER: _ClassVar[int]
    LAST_RECORDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    WRITER_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    partition: int
    head_position: int
    last_recorded_at_ms: int
    writer: str
    readers: _containers.RepeatedCompositeFieldContainer[ReaderLag]
    def __init__(self, partition: _Optional[int] = ..., head_position: _Optional[int] = ..., last_recorded_at_ms: _Optional[int] = ..., writer: _Optional[str] = ..., readers: _Optional[_Iterable[_Union[ReaderLag, _Mapping]]] = ...) -> None: ...

class GetPartitionsResponse(_message.Message):
    __slots__ = ("partitions",)
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    partitions: _containers.RepeatedCompositeFieldContainer[Partition]
    def __init__(self, partitions: _Optional[_Iterable[_Union[Partition, _Mapping]]] = ...) -> None: ...
