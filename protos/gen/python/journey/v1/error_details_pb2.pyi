from journey.v1 import references_pb2 as _references_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VersionConflict(_message.Message):
    __slots__ = ("subject_id", "expected_version", "current_version")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    CURRENT_VERSION_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    expected_version: int
    current_version: int
    def __init__(self, subject_id: _Optional[str] = ..., expected_version: _Optional[int] = ..., current_version: _Optional[int] = ...) -> None: ...

class LeasesHeld(_message.Message):
    __slots__ = ("leases",)
    LEASES_FIELD_NUMBER: _ClassVar[int]
    leases: _containers.RepeatedCompositeFieldContainer[_references_pb2.Lease]
    def __init__(self, leases: _Optional[_Iterable[_Union[_references_pb2.Lease, _Mapping]]] = ...) -> None: ...

class StillConnected(_message.Message):
    __slots__ = ("link_ids",)
    LINK_IDS_FIELD_NUMBER: _ClassVar[int]
    link_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, link_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckpointRange(_message.Message):
    __slots__ = ("oldest", "newest")
    OLDEST_FIELD_NUMBER: _ClassVar[int]
    NEWEST_FIELD_NUMBER: _ClassVar[int]
    oldest: str
    newest: str
    def __init__(self, oldest: _Optional[str] = ..., newest: _Optional[str] = ...) -> None: ...
