from journey.v1 import errors_pb2 as _errors_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_ACCEPTED: _ClassVar[Outcome]
    OUTCOME_QUARANTINED: _ClassVar[Outcome]
    OUTCOME_REJECTED: _ClassVar[Outcome]

class TimeQuality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIME_QUALITY_UNSPECIFIED: _ClassVar[TimeQuality]
    TIME_QUALITY_MONO: _ClassVar[TimeQuality]
    TIME_QUALITY_OFFSET: _ClassVar[TimeQuality]
    TIME_QUALITY_WALL: _ClassVar[TimeQuality]
    TIME_QUALITY_FLOOR: _ClassVar[TimeQuality]
    TIME_QUALITY_TRUSTED: _ClassVar[TimeQuality]

class DataClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATA_CLASS_UNSPECIFIED: _ClassVar[DataClass]
    DATA_CLASS_PUBLIC: _ClassVar[DataClass]
    DATA_CLASS_PERSONAL: _ClassVar[DataClass]
    DATA_CLASS_SENSITIVE: _ClassVar[DataClass]

class ActorKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTOR_KIND_UNSPECIFIED: _ClassVar[ActorKind]
    ACTOR_KIND_CUSTOMER: _ClassVar[ActorKind]
    ACTOR_KIND_STAFF: _ClassVar[ActorKind]
    ACTOR_KIND_SERVICE: _ClassVar[ActorKind]
    ACTOR_KIND_SYSTEM: _ClassVar[ActorKind]
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_ACCEPTED: Outcome
OUTCOME_QUARANTINED: Outcome
OUTCOME_REJECTED: Outcome
TIME_QUALITY_UNSPECIFIED: TimeQuality
TIME_QUALITY_MONO: TimeQuality
TIME_QUALITY_OFFSET: TimeQuality
TIME_QUALITY_WALL: TimeQuality
TIME_QUALITY_FLOOR: TimeQuality
TIME_QUALITY_TRUSTED: TimeQuality
DATA_CLASS_UNSPECIFIED: DataClass
DATA_CLASS_PUBLIC: DataClass
DATA_CLASS_PERSONAL: DataClass
DATA_CLASS_SENSITIVE: DataClass
ACTOR_KIND_UNSPECIFIED: ActorKind
ACTOR_KIND_CUSTOMER: ActorKind
ACTOR_KIND_STAFF: ActorKind
ACTOR_KIND_SERVICE: ActorKind
ACTOR_KIND_SYSTEM: ActorKind

class Occurrence(_message.Message):
    __slots__ = ("t_ms", "counter", "installation_id", "seq")
    T_MS_FIELD_NUMBER: _ClassVar[int]
    COUNTER_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    t_ms: int
    counter: int
    installation_id: str
    seq: int
    def __init__(self, t_ms: _Optional[int] = ..., counter: _Optional[int] = ..., installation_id: _Optional[str] = ..., seq: _Optional[int] = ...) -> None: ...

class StreamVersion(_message.Message):
    __slots__ = ("subject_id", "version")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    version: int
    def __init__(self, subject_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class Cut(_message.Message):
    __slots__ = ("versions", "installation_id", "before")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[StreamVersion]
    installation_id: str
    before: Occurrence
    def __init__(self, versions: _Optional[_Iterable[_Union[StreamVersion, _Mapping]]] = ..., installation_id: _Optional[str] = ..., before: _Optional[_Union[Occurrence, _Mapping]] = ...) -> None: ...

class MachineOrder(_message.Message):
    __slots__ = ("home", "rev")
    HOME_FIELD_NUMBER: _ClassVar[int]
    REV_FIELD_NUMBER: _ClassVar[int]
    home: str
    rev: int
    def __init__(self, home: _Optional[str] = ..., rev: _Optional[int] = ...) -> None: ...

class Actor(_message.Message):
    __slots__ = ("kind", "id")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    kind: ActorKind
    id: str
    def __init__(self, kind: _Optional[_Union[ActorKind, str]] = ..., id: _Optional[str] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("subject_id", "version", "partition", "position", "type", "received_ms", "recorded_at_ms", "occurrence", "time_quality", "skew_ms", "late", "outcome", "reason", "cut", "interaction", "actor", "session_id", "lease_epoch", "lease_stale", "machine", "content_hash", "thinned", "redacted", "allowed_purposes", "data_class", "same_as")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_MS_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    OCCURRENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_QUALITY_FIELD_NUMBER: _ClassVar[int]
    SKEW_MS_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    INTERACTION_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_EPOCH_FIELD_NUMBER: _ClassVar[int]
    LEASE_STALE_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    THINNED_FIELD_NUMBER: _ClassVar[int]
    REDACTED_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_PURPOSES_FIELD_NUMBER: _ClassVar[int]
    DATA_CLASS_FIELD_NUMBER: _ClassVar[int]
    SAME_AS_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    version: int
    partition: int
    position: int
    type: str
    received_ms: int
    recorded_at_ms: int
    occurrence: Occurrence
    time_quality: TimeQuality
    skew_ms: int
    late: bool
    outcome: Outcome
    reason: _errors_pb2.ErrorReason
    cut: Cut
    interaction: _interactions_pb2.Interaction
    actor: Actor
    session_id: str
    lease_epoch: int
    lease_stale: bool
    machine: MachineOrder
    content_hash: bytes
    thinned: bool
    redacted: bool
    allowed_purposes: _containers.RepeatedScalarFieldContainer[str]
    data_class: DataClass
    same_as: int
    def __init__(self, subject_id: _Optional[str] = ..., version: _Optional[int] = ..., partition: _Optional[int] = ..., position: _Optional[int] = ..., type: _Optional[str] = ..., received_ms: _Optional[int] = ..., recorded_at_ms: _Optional[int] = ..., occurrence: _Optional[_Union[Occurrence, _Mapping]] = ..., time_quality: _Optional[_Union[TimeQuality, str]] = ..., skew_ms: _Optional[int] = ..., late: bool = ..., outcome: _Optional[_Union[Outcome, str]] = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ..., cut: _Optional[_Union[Cut, _Mapping]] = ..., interaction: _Optional[_Union[_interactions_pb2.Interaction, _Mapping]] = ..., actor: _Optional[_Union[Actor, _Mapping]] = ..., session_id: _Optional[str] = ..., lease_epoch: _Optional[int] = ..., lease_stale: bool = ..., machine: _Optional[_Union[MachineOrder, _Mapping]] = ..., content_hash: _Optional[bytes] = ..., thinned: bool = ..., redacted: bool = ..., allowed_purposes: _Optional[_Iterable[str]] = ..., data_class: _Optional[_Union[DataClass, str]] = ..., same_as: _Optional[int] = ...) -> None: ...
