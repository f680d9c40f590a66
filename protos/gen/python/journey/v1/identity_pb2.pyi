from journey.v1 import interactions_pb2 as _interactions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Customer(_message.Message):
    __slots__ = ("customer_id", "members", "links")
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    customer_id: str
    members: _containers.RepeatedCompositeFieldContainer[Member]
    links: _containers.RepeatedCompositeFieldContainer[IdentityLink]
    def __init__(self, customer_id: _Optional[str] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[IdentityLink, _Mapping]]] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("subject_id", "anonymous", "version", "created_at_ms")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    ANONYMOUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    anonymous: bool
    version: int
    created_at_ms: int
    def __init__(self, subject_id: _Optional[str] = ..., anonymous: bool = ..., version: _Optional[int] = ..., created_at_ms: _Optional[int] = ...) -> None: ...

class IdentityLink(_message.Message):
    __slots__ = ("link_id", "subject_a", "subject_b", "assurance", "made_at_ms", "revoked_at_ms", "evidence")
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_A_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_B_FIELD_NUMBER: _ClassVar[int]
    ASSURANCE_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    REVOKED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    link_id: str
    subject_a: str
    subject_b: str
    assurance: _interactions_pb2.Assurance
    made_at_ms: int
    revoked_at_ms: int
    evidence: _interactions_pb2.LinkEvidence.Kind
    def __init__(self, link_id: _Optional[str] = ..., subject_a: _Optional[str] = ..., subject_b: _Optional[str] = ..., assurance: _Optional[_Union[_interactions_pb2.Assurance, str]] = ..., made_at_ms: _Optional[int] = ..., revoked_at_ms: _Optional[int] = ..., evidence: _Optional[_Union[_interactions_pb2.LinkEvidence.Kind, str]] = ...) -> None: ...
