from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TokenKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOKEN_KIND_UNSPECIFIED: _ClassVar[TokenKind]
    TOKEN_KIND_STATE: _ClassVar[TokenKind]
    TOKEN_KIND_WRITE: _ClassVar[TokenKind]
    TOKEN_KIND_CHECKPOINT: _ClassVar[TokenKind]
    TOKEN_KIND_PAGE: _ClassVar[TokenKind]
TOKEN_KIND_UNSPECIFIED: TokenKind
TOKEN_KIND_STATE: TokenKind
TOKEN_KIND_WRITE: TokenKind
TOKEN_KIND_CHECKPOINT: TokenKind
TOKEN_KIND_PAGE: TokenKind

class TokenPayload(_message.Message):
    __slots__ = ("kind", "epoch", "subjects", "versions", "issued_ms", "floor_ms", "floor_counter", "generation", "journey", "filter", "partitions", "positions", "call", "last_key")
    KIND_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    ISSUED_MS_FIELD_NUMBER: _ClassVar[int]
    FLOOR_MS_FIELD_NUMBER: _ClassVar[int]
    FLOOR_COUNTER_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    LAST_KEY_FIELD_NUMBER: _ClassVar[int]
    kind: TokenKind
    epoch: str
    subjects: _containers.RepeatedScalarFieldContainer[int]
    versions: _containers.RepeatedScalarFieldContainer[int]
    issued_ms: int
    floor_ms: int
    floor_counter: int
    generation: int
    journey: int
    filter: int
    partitions: _containers.RepeatedScalarFieldContainer[int]
    positions: _containers.RepeatedScalarFieldContainer[int]
    call: str
    last_key: str
    def __init__(self, kind: _Optional[_Union[TokenKind, str]] = ..., epoch: _Optional[str] = ..., subjects: _Optional[_Iterable[int]] = ..., versions: _Optional[_Iterable[int]] = ..., issued_ms: _Optional[int] = ..., floor_ms: _Optional[int] = ..., floor_counter: _Optional[int] = ..., generation: _Optional[int] = ..., journey: _Optional[int] = ..., filter: _Optional[int] = ..., partitions: _Optional[_Iterable[int]] = ..., positions: _Optional[_Iterable[int]] = ..., call: _Optional[str] = ..., last_key: _Optional[str] = ...) -> None: ...
