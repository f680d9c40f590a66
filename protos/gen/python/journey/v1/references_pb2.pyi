from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JourneyRef(_message.Message):
    __slots__ = ("kind", "journey_id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_ID_FIELD_NUMBER: _ClassVar[int]
    kind: str
    journey_id: str
    def __init__(self, kind: _Optional[str] = ..., journey_id: _Optional[str] = ...) -> None: ...

class Processed(_message.Message):
    __slots__ = ("epoch", "subject_id", "seq")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    subject_id: str
    seq: int
    def __init__(self, epoch: _Optional[int] = ..., subject_id: _Optional[str] = ..., seq: _Optional[int] = ...) -> None: ...

class Queue(_message.Message):
    __slots__ = ("epoch", "first_seq", "last_seq", "count")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQ_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQ_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    first_seq: int
    last_seq: int
    count: int
    def __init__(self, epoch: _Optional[int] = ..., first_seq: _Optional[int] = ..., last_seq: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class Lease(_message.Message):
    __slots__ = ("journey", "installation_id", "device_id", "epoch", "lease_until_ms")
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    LEASE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    journey: JourneyRef
    installation_id: str
    device_id: str
    epoch: int
    lease_until_ms: int
    def __init__(self, journey: _Optional[_Union[JourneyRef, _Mapping]] = ..., installation_id: _Optional[str] = ..., device_id: _Optional[str] = ..., epoch: _Optional[int] = ..., lease_until_ms: _Optional[int] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ("point_ms", "as_of_ms", "speed")
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    point_ms: int
    as_of_ms: int
    speed: int
    def __init__(self, point_ms: _Optional[int] = ..., as_of_ms: _Optional[int] = ..., speed: _Optional[int] = ...) -> None: ...

class FieldViolation(_message.Message):
    __slots__ = ("path", "rule")
    PATH_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    path: str
    rule: str
    def __init__(self, path: _Optional[str] = ..., rule: _Optional[str] = ...) -> None: ...
