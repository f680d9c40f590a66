from google.api import field_behavior_pb2 as _field_behavior_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from journey.v1 import references_pb2 as _references_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeviceStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEVICE_STATUS_UNSPECIFIED: _ClassVar[DeviceStatus]
    DEVICE_STATUS_ACTIVE: _ClassVar[DeviceStatus]
    DEVICE_STATUS_SIGNED_OUT: _ClassVar[DeviceStatus]
    DEVICE_STATUS_LOST: _ClassVar[DeviceStatus]
    DEVICE_STATUS_WIPED: _ClassVar[DeviceStatus]

class SessionStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SESSION_STATUS_UNSPECIFIED: _ClassVar[SessionStatus]
    SESSION_STATUS_ACTIVE: _ClassVar[SessionStatus]
    SESSION_STATUS_CLOSED: _ClassVar[SessionStatus]
    SESSION_STATUS_EXPIRED: _ClassVar[SessionStatus]

class CommandKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMAND_KIND_UNSPECIFIED: _ClassVar[CommandKind]
    COMMAND_KIND_PAUSE: _ClassVar[CommandKind]
    COMMAND_KIND_OPEN_AT: _ClassVar[CommandKind]
    COMMAND_KIND_SIGN_OUT: _ClassVar[CommandKind]
    COMMAND_KIND_WIPE: _ClassVar[CommandKind]
    COMMAND_KIND_UPGRADE: _ClassVar[CommandKind]
DEVICE_STATUS_UNSPECIFIED: DeviceStatus
DEVICE_STATUS_ACTIVE: DeviceStatus
DEVICE_STATUS_SIGNED_OUT: DeviceStatus
DEVICE_STATUS_LOST: DeviceStatus
DEVICE_STATUS_WIPED: DeviceStatus
SESSION_STATUS_UNSPECIFIED: SessionStatus
SESSION_STATUS_ACTIVE: SessionStatus
SESSION_STATUS_CLOSED: SessionStatus
SESSION_STATUS_EXPIRED: SessionStatus
COMMAND_KIND_UNSPECIFIED: CommandKind
COMMAND_KIND_PAUSE: CommandKind
COMMAND_KIND_OPEN_AT: CommandKind
COMMAND_KIND_SIGN_OUT: CommandKind
COMMAND_KIND_WIPE: CommandKind
COMMAND_KIND_UPGRADE: CommandKind

class Device(_message.Message):
    __slots__ = ("device_id", "name", "platform", "app", "app_version", "os", "sdk", "language", "zone", "mode")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    APP_FIELD_NUMBER: _ClassVar[int]
    APP_VERSION_FIELD_NUMBER: _ClassVar[int]
    OS_FIELD_NUMBER: _ClassVar[int]
    SDK_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    name: str
    platform: str
    app: str
    app_version: str
    os: str
    sdk: str
    language: str
    zone: str
    mode: _interactions_pb2.InstallationMode
    def __init__(self, device_id: _Optional[str] = ..., name: _Optional[str] = ..., platform: _Optional[str] = ..., app: _Optional[str] = ..., app_version: _Optional[str] = ..., os: _Optional[str] = ..., sdk: _Optional[str] = ..., language: _Optional[str] = ..., zone: _Optional[str] = ..., mode: _Optional[_Union[_interactions_pb2.InstallationMode, str]] = ...) -> None: ...

class DeviceRecord(_message.Message):
    __slots__ = ("device", "status", "installation_ids", "last_seen_at_ms", "subject_id")
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_IDS_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_AT_MS_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    device: Device
    status: DeviceStatus
    installation_ids: _containers.RepeatedScalarFieldContainer[str]
    last_seen_at_ms: int
    subject_id: str
    def __init__(self, device: _Optional[_Union[Device, _Mapping]] = ..., status: _Optional[_Union[DeviceStatus, str]] = ..., installation_ids: _Optional[_Iterable[str]] = ..., last_seen_at_ms: _Optional[int] = ..., subject_id: _Optional[str] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("session_id", "subject_id", "installation_id", "epoch", "device", "channel", "channel_label", "status", "guest", "journey", "opened_at_ms", "last_seen_at_ms", "expires_at_ms", "signed_out_at_ms", "claimant", "device_status")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    GUEST_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    SIGNED_OUT_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CLAIMANT_FIELD_NUMBER: _ClassVar[int]
    DEVICE_STATUS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    subject_id: str
    installation_id: str
    epoch: int
    device: Device
    channel: _interactions_pb2.Channel
    channel_label: str
    status: SessionStatus
    guest: bool
    journey: _references_pb2.JourneyRef
    opened_at_ms: int
    last_seen_at_ms: int
    expires_at_ms: int
    signed_out_at_ms: int
    claimant: str
    device_status: DeviceStatus
    def __init__(self, session_id: _Optional[str] = ..., subject_id: _Optional[str] = ..., installation_id: _Optional[str] = ..., epoch: _Optional[int] = ..., device: _Optional[_Union[Device, _Mapping]] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., status: _Optional[_Union[SessionStatus, str]] = ..., guest: bool = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., opened_at_ms: _Optional[int] = ..., last_seen_at_ms: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., signed_out_at_ms: _Optional[int] = ..., claimant: _Optional[str] = ..., device_status: _Optional[_Union[DeviceStatus, str]] = ...) -> None: ...

class Command(_message.Message):
    __slots__ = ("id", "kind", "journey", "place", "playing", "expires_at_ms")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    PLAYING_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: CommandKind
    journey: _references_pb2.JourneyRef
    place: _references_pb2.Place
    playing: bool
    expires_at_ms: int
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[CommandKind, str]] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., place: _Optional[_Union[_references_pb2.Place, _Mapping]] = ..., playing: bool = ..., expires_at_ms: _Optional[int] = ...) -> None: ...

class CommandResult(_message.Message):
    __slots__ = ("id", "done", "reason")
    ID_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    id: str
    done: bool
    reason: str
    def __init__(self, id: _Optional[str] = ..., done: bool = ..., reason: _Optional[str] = ...) -> None: ...

class PresentSession(_message.Message):
    __slots__ = ("session_id", "device_id", "name", "channel", "journey", "place", "lease_until_ms")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    LEASE_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    device_id: str
    name: str
    channel: _interactions_pb2.Channel
    journey: _references_pb2.JourneyRef
    place: _references_pb2.Place
    lease_until_ms: int
    def __init__(self, session_id: _Optional[str] = ..., device_id: _Optional[str] = ..., name: _Optional[str] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., place: _Optional[_Union[_references_pb2.Place, _Mapping]] = ..., lease_until_ms: _Optional[int] = ...) -> None: ...

class Presence(_message.Message):
    __slots__ = ("sessions",)
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[PresentSession]
    def __init__(self, sessions: _Optional[_Iterable[_Union[PresentSession, _Mapping]]] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("max_interaction_bytes", "max_batch_interactions", "max_batch_bytes", "max_message_bytes", "max_streams", "max_event_age_ms", "max_page_size")
    MAX_INTERACTION_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_STREAMS_FIELD_NUMBER: _ClassVar[int]
    MAX_EVENT_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    max_interaction_bytes: int
    max_batch_interactions: int
    max_batch_bytes: int
    max_message_bytes: int
    max_streams: int
    max_event_age_ms: int
    max_page_size: int
    def __init__(self, max_interaction_bytes: _Optional[int] = ..., max_batch_interactions: _Optional[int] = ..., max_batch_bytes: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_streams: _Optional[int] = ..., max_event_age_ms: _Optional[int] = ..., max_page_size: _Optional[int] = ...) -> None: ...
