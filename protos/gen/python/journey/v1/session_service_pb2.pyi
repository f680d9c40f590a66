from google.api import field_behavior_pb2 as _field_behavior_pb2
from journey.v1 import access_pb2 as _access_pb2
from journey.v1 import clocks_pb2 as _clocks_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from journey.v1 import references_pb2 as _references_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from journey.v1 import sessions_pb2 as _sessions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpenSessionRequest(_message.Message):
    __slots__ = ("installation_id", "device", "channel", "channel_label", "epoch", "subject_id", "queues", "protocol", "clock", "app_key", "installation_secret", "command_id")
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    APP_KEY_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_SECRET_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    installation_id: str
    device: _sessions_pb2.Device
    channel: _interactions_pb2.Channel
    channel_label: str
    epoch: int
    subject_id: str
    queues: _containers.RepeatedCompositeFieldContainer[_references_pb2.Queue]
    protocol: int
    clock: _clocks_pb2.ClientClock
    app_key: str
    installation_secret: str
    command_id: str
    def __init__(self, installation_id: _Optional[str] = ..., device: _Optional[_Union[_sessions_pb2.Device, _Mapping]] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., epoch: _Optional[int] = ..., subject_id: _Optional[str] = ..., queues: _Optional[_Iterable[_Union[_references_pb2.Queue, _Mapping]]] = ..., protocol: _Optional[int] = ..., clock: _Optional[_Union[_clocks_pb2.ClientClock, _Mapping]] = ..., app_key: _Optional[str] = ..., installation_secret: _Optional[str] = ..., command_id: _Optional[str] = ...) -> None: ...

class OpenSessionResponse(_message.Message):
    __slots__ = ("session", "customer_id", "processed", "device_status", "commands", "limits", "partition_count", "min_app_version", "capabilities", "credential", "credential_expires_at_ms", "installation_secret", "clock")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_FIELD_NUMBER: _ClassVar[int]
    DEVICE_STATUS_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    PARTITION_COUNT_FIELD_NUMBER: _ClassVar[int]
    MIN_APP_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_SECRET_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    session: _sessions_pb2.Session
    customer_id: str
    processed: _containers.RepeatedCompositeFieldContainer[_references_pb2.Processed]
    device_status: _sessions_pb2.DeviceStatus
    commands: _containers.RepeatedCompositeFieldContainer[_sessions_pb2.Command]
    limits: _sessions_pb2.Limits
    partition_count: int
    min_app_version: str
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    credential: str
    credential_expires_at_ms: int
    installation_secret: str
    clock: _clocks_pb2.ServerClock
    def __init__(self, session: _Optional[_Union[_sessions_pb2.Session, _Mapping]] = ..., customer_id: _Optional[str] = ..., processed: _Optional[_Iterable[_Union[_references_pb2.Processed, _Mapping]]] = ..., device_status: _Optional[_Union[_sessions_pb2.DeviceStatus, str]] = ..., commands: _Optional[_Iterable[_Union[_sessions_pb2.Command, _Mapping]]] = ..., limits: _Optional[_Union[_sessions_pb2.Limits, _Mapping]] = ..., partition_count: _Optional[int] = ..., min_app_version: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ..., credential: _Optional[str] = ..., credential_expires_at_ms: _Optional[int] = ..., installation_secret: _Optional[str] = ..., clock: _Optional[_Union[_clocks_pb2.ServerClock, _Mapping]] = ...) -> None: ...

class RefreshSessionRequest(_message.Message):
    __slots__ = ("session_id", "applied_token", "queues", "foreground", "journey", "results", "installation_secret", "clock")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    APPLIED_TOKEN_FIELD_NUMBER: _ClassVar[int]
    QUEUES_FIELD_NUMBER: _ClassVar[int]
    FOREGROUND_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_SECRET_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    applied_token: str
    queues: _containers.RepeatedCompositeFieldContainer[_references_pb2.Queue]
    foreground: bool
    journey: _references_pb2.JourneyRef
    results: _containers.RepeatedCompositeFieldContainer[_sessions_pb2.CommandResult]
    installation_secret: str
    clock: _clocks_pb2.ClientClock
    def __init__(self, session_id: _Optional[str] = ..., applied_token: _Optional[str] = ..., queues: _Optional[_Iterable[_Union[_references_pb2.Queue, _Mapping]]] = ..., foreground: bool = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., results: _Optional[_Iterable[_Union[_sessions_pb2.CommandResult, _Mapping]]] = ..., installation_secret: _Optional[str] = ..., clock: _Optional[_Union[_clocks_pb2.ClientClock, _Mapping]] = ...) -> None: ...

class RefreshSessionResponse(_message.Message):
    __slots__ = ("session", "auth_expires_at_ms", "credential", "commands", "clock")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    AUTH_EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    COMMANDS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    session: _sessions_pb2.Session
    auth_expires_at_ms: int
    credential: str
    commands: _containers.RepeatedCompositeFieldContainer[_sessions_pb2.Command]
    clock: _clocks_pb2.ServerClock
    def __init__(self, session: _Optional[_Union[_sessions_pb2.Session, _Mapping]] = ..., auth_expires_at_ms: _Optional[int] = ..., credential: _Optional[str] = ..., commands: _Optional[_Iterable[_Union[_sessions_pb2.Command, _Mapping]]] = ..., clock: _Optional[_Union[_clocks_pb2.ServerClock, _Mapping]] = ...) -> None: ...

class CloseSessionRequest(_message.Message):
    __slots__ = ("session_id", "sign_out")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    SIGN_OUT_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    sign_out: bool
    def __init__(self, session_id: _Optional[str] = ..., sign_out: bool = ...) -> None: ...

class CloseSessionResponse(_message.Message):
    __slots__ = ("session", "epoch")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    session: _sessions_pb2.Session
    epoch: int
    def __init__(self, session: _Optional[_Union[_sessions_pb2.Session, _Mapping]] = ..., epoch: _Optional[int] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ("subject_id", "include_ended", "page_size", "page_token")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_ENDED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    include_ended: bool
    page_size: int
    page_token: str
    def __init__(self, subject_id: _Optional[str] = ..., include_ended: bool = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions", "next_page_token")
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[_sessions_pb2.Session]
    next_page_token: str
    def __init__(self, sessions: _Optional[_Iterable[_Union[_sessions_pb2.Session, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
