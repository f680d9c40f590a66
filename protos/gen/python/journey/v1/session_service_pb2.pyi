from google.api import field_behavior_pb2 as _field_behavior_pb2
from journey.v1 import access_pb2 as _access_pb2
from journey.v1 import clocks_pb2 as _clocks_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from journey.v1 import journeys_pb2 as _journeys_pb2
from journey.v1 import references_pb2 as _references_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from journey.v1 import sessions_pb2 as _sessions_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AcquireMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACQUIRE_MODE_UNSPECIFIED: _ClassVar[AcquireMode]
    ACQUIRE_MODE_IF_FREE: _ClassVar[AcquireMode]
    ACQUIRE_MODE_TAKE_OVER: _ClassVar[AcquireMode]

class TransferResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFER_RESULT_UNSPECIFIED: _ClassVar[TransferResult]
    TRANSFER_RESULT_TAKEN: _ClassVar[TransferResult]
    TRANSFER_RESULT_REFUSED: _ClassVar[TransferResult]
    TRANSFER_RESULT_NO_ANSWER: _ClassVar[TransferResult]

class HandoffVia(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HANDOFF_VIA_UNSPECIFIED: _ClassVar[HandoffVia]
    HANDOFF_VIA_QR: _ClassVar[HandoffVia]
    HANDOFF_VIA_LINK: _ClassVar[HandoffVia]
    HANDOFF_VIA_BUTTON: _ClassVar[HandoffVia]
    HANDOFF_VIA_CODE: _ClassVar[HandoffVia]
ACQUIRE_MODE_UNSPECIFIED: AcquireMode
ACQUIRE_MODE_IF_FREE: AcquireMode
ACQUIRE_MODE_TAKE_OVER: AcquireMode
TRANSFER_RESULT_UNSPECIFIED: TransferResult
TRANSFER_RESULT_TAKEN: TransferResult
TRANSFER_RESULT_REFUSED: TransferResult
TRANSFER_RESULT_NO_ANSWER: TransferResult
HANDOFF_VIA_UNSPECIFIED: HandoffVia
HANDOFF_VIA_QR: HandoffVia
HANDOFF_VIA_LINK: HandoffVia
HANDOFF_VIA_BUTTON: HandoffVia
HANDOFF_VIA_CODE: HandoffVia

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

class ListDevicesRequest(_message.Message):
    __slots__ = ("subject_id", "page_size", "page_token")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    page_size: int
    page_token: str
    def __init__(self, subject_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDevicesResponse(_message.Message):
    __slots__ = ("devices", "next_page_token")
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedCompositeFieldContainer[_sessions_pb2.DeviceRecord]
    next_page_token: str
    def __init__(self, devices: _Optional[_Iterable[_Union[_sessions_pb2.DeviceRecord, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SignOutDeviceRequest(_message.Message):
    __slots__ = ("subject_id", "device_id", "status", "command_id")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    device_id: str
    status: _sessions_pb2.DeviceStatus
    command_id: str
    def __init__(self, subject_id: _Optional[str] = ..., device_id: _Optional[str] = ..., status: _Optional[_Union[_sessions_pb2.DeviceStatus, str]] = ..., command_id: _Optional[str] = ...) -> None: ...

class SignOutDeviceResponse(_message.Message):
    __slots__ = ("device", "closed_sessions")
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    CLOSED_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    device: _sessions_pb2.DeviceRecord
    closed_sessions: int
    def __init__(self, device: _Optional[_Union[_sessions_pb2.DeviceRecord, _Mapping]] = ..., closed_sessions: _Optional[int] = ...) -> None: ...

class AcquireLeaseRequest(_message.Message):
    __slots__ = ("session_id", "journey", "mode", "command_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    journey: _references_pb2.JourneyRef
    mode: AcquireMode
    command_id: str
    def __init__(self, session_id: _Optional[str] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., mode: _Optional[_Union[AcquireMode, str]] = ..., command_id: _Optional[str] = ...) -> None: ...

class AcquireLeaseResponse(_message.Message):
    __slots__ = ("lease", "journey", "token")
    LEASE_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    lease: _references_pb2.Lease
    journey: _journeys_pb2.Journey
    token: str
    def __init__(self, lease: _Optional[_Union[_references_pb2.Lease, _Mapping]] = ..., journey: _Optional[_Union[_journeys_pb2.Journey, _Mapping]] = ..., token: _Optional[str] = ...) -> None: ...

class ReleaseLeaseRequest(_message.Message):
    __slots__ = ("session_id", "journey", "epoch")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    journey: _references_pb2.JourneyRef
    epoch: int
    def __init__(self, session_id: _Optional[str] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., epoch: _Optional[int] = ...) -> None: ...

class ReleaseLeaseResponse(_message.Message):
    __slots__ = ("released",)
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    released: bool
    def __init__(self, released: bool = ...) -> None: ...

class TransferLeaseRequest(_message.Message):
    __slots__ = ("session_id", "journey", "to_installation_id", "command_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    TO_INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    journey: _references_pb2.JourneyRef
    to_installation_id: str
    command_id: str
    def __init__(self, session_id: _Optional[str] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., to_installation_id: _Optional[str] = ..., command_id: _Optional[str] = ...) -> None: ...

class TransferLeaseResponse(_message.Message):
    __slots__ = ("result", "lease")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    result: TransferResult
    lease: _references_pb2.Lease
    def __init__(self, result: _Optional[_Union[TransferResult, str]] = ..., lease: _Optional[_Union[_references_pb2.Lease, _Mapping]] = ...) -> None: ...

class CreateHandoffRequest(_message.Message):
    __slots__ = ("session_id", "journey", "scope", "ttl_ms", "typed_code", "confirm_handoff_id", "command_id")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    TTL_MS_FIELD_NUMBER: _ClassVar[int]
    TYPED_CODE_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_HANDOFF_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    journey: _references_pb2.JourneyRef
    scope: _interactions_pb2.HandoffScope
    ttl_ms: int
    typed_code: bool
    confirm_handoff_id: str
    command_id: str
    def __init__(self, session_id: _Optional[str] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., scope: _Optional[_Union[_interactions_pb2.HandoffScope, str]] = ..., ttl_ms: _Optional[int] = ..., typed_code: bool = ..., confirm_handoff_id: _Optional[str] = ..., command_id: _Optional[str] = ...) -> None: ...

class CreateHandoffResponse(_message.Message):
    __slots__ = ("handoff_id", "code", "typed_code", "expires_at_ms")
    HANDOFF_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TYPED_CODE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    handoff_id: str
    code: str
    typed_code: str
    expires_at_ms: int
    def __init__(self, handoff_id: _Optional[str] = ..., code: _Optional[str] = ..., typed_code: _Optional[str] = ..., expires_at_ms: _Optional[int] = ...) -> None: ...

class ClaimHandoffRequest(_message.Message):
    __slots__ = ("code", "via", "installation_id", "device", "channel", "channel_label", "clock", "command_id")
    CODE_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    code: str
    via: HandoffVia
    installation_id: str
    device: _sessions_pb2.Device
    channel: _interactions_pb2.Channel
    channel_label: str
    clock: _clocks_pb2.ClientClock
    command_id: str
    def __init__(self, code: _Optional[str] = ..., via: _Optional[_Union[HandoffVia, str]] = ..., installation_id: _Optional[str] = ..., device: _Optional[_Union[_sessions_pb2.Device, _Mapping]] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., clock: _Optional[_Union[_clocks_pb2.ClientClock, _Mapping]] = ..., command_id: _Optional[str] = ...) -> None: ...

class ClaimHandoffResponse(_message.Message):
    __slots__ = ("session", "customer_id", "journey", "lease", "processed", "token", "clock")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    session: _sessions_pb2.Session
    customer_id: str
    journey: _journeys_pb2.Journey
    lease: _references_pb2.Lease
    processed: _containers.RepeatedCompositeFieldContainer[_references_pb2.Processed]
    token: str
    clock: _clocks_pb2.ServerClock
    def __init__(self, session: _Optional[_Union[_sessions_pb2.Session, _Mapping]] = ..., customer_id: _Optional[str] = ..., journey: _Optional[_Union[_journeys_pb2.Journey, _Mapping]] = ..., lease: _Optional[_Union[_references_pb2.Lease, _Mapping]] = ..., processed: _Optional[_Iterable[_Union[_references_pb2.Processed, _Mapping]]] = ..., token: _Optional[str] = ..., clock: _Optional[_Union[_clocks_pb2.ServerClock, _Mapping]] = ...) -> None: ...
