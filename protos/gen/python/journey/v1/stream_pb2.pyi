from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResetReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESET_REASON_UNSPECIFIED: _ClassVar[ResetReason]
    RESET_REASON_TOKEN_TOO_OLD: _ClassVar[ResetReason]
    RESET_REASON_TOKEN_AHEAD: _ClassVar[ResetReason]
    RESET_REASON_FILTER_CHANGED: _ClassVar[ResetReason]
    RESET_REASON_PROJECTION_REBUILT: _ClassVar[ResetReason]
    RESET_REASON_MEMBERS_LEFT: _ClassVar[ResetReason]
    RESET_REASON_ERASED: _ClassVar[ResetReason]
    RESET_REASON_JOURNAL_REWOUND: _ClassVar[ResetReason]

class GoingAwayReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GOING_AWAY_REASON_UNSPECIFIED: _ClassVar[GoingAwayReason]
    GOING_AWAY_REASON_DRAINING: _ClassVar[GoingAwayReason]
    GOING_AWAY_REASON_ROTATION: _ClassVar[GoingAwayReason]
    GOING_AWAY_REASON_AUTH_EXPIRING: _ClassVar[GoingAwayReason]
    GOING_AWAY_REASON_REPLACED: _ClassVar[GoingAwayReason]
    GOING_AWAY_REASON_SIGNED_OUT: _ClassVar[GoingAwayReason]
    GOING_AWAY_REASON_RESTART: _ClassVar[GoingAwayReason]
RESET_REASON_UNSPECIFIED: ResetReason
RESET_REASON_TOKEN_TOO_OLD: ResetReason
RESET_REASON_TOKEN_AHEAD: ResetReason
RESET_REASON_FILTER_CHANGED: ResetReason
RESET_REASON_PROJECTION_REBUILT: ResetReason
RESET_REASON_MEMBERS_LEFT: ResetReason
RESET_REASON_ERASED: ResetReason
RESET_REASON_JOURNAL_REWOUND: ResetReason
GOING_AWAY_REASON_UNSPECIFIED: GoingAwayReason
GOING_AWAY_REASON_DRAINING: GoingAwayReason
GOING_AWAY_REASON_ROTATION: GoingAwayReason
GOING_AWAY_REASON_AUTH_EXPIRING: GoingAwayReason
GOING_AWAY_REASON_REPLACED: GoingAwayReason
GOING_AWAY_REASON_SIGNED_OUT: GoingAwayReason
GOING_AWAY_REASON_RESTART: GoingAwayReason

class StreamOpened(_message.Message):
    __slots__ = ("stream_id", "heartbeat_ms", "resumed", "why_not", "rotate_at_ms", "auth_expires_at_ms", "server_ms")
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    WHY_NOT_FIELD_NUMBER: _ClassVar[int]
    ROTATE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    AUTH_EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    SERVER_MS_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    heartbeat_ms: int
    resumed: bool
    why_not: ResetReason
    rotate_at_ms: int
    auth_expires_at_ms: int
    server_ms: int
    def __init__(self, stream_id: _Optional[str] = ..., heartbeat_ms: _Optional[int] = ..., resumed: bool = ..., why_not: _Optional[_Union[ResetReason, str]] = ..., rotate_at_ms: _Optional[int] = ..., auth_expires_at_ms: _Optional[int] = ..., server_ms: _Optional[int] = ...) -> None: ...

class CaughtUp(_message.Message):
    __slots__ = ("server_ms",)
    SERVER_MS_FIELD_NUMBER: _ClassVar[int]
    server_ms: int
    def __init__(self, server_ms: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("server_ms", "lag_events")
    SERVER_MS_FIELD_NUMBER: _ClassVar[int]
    LAG_EVENTS_FIELD_NUMBER: _ClassVar[int]
    server_ms: int
    lag_events: int
    def __init__(self, server_ms: _Optional[int] = ..., lag_events: _Optional[int] = ...) -> None: ...

class StreamReset(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: ResetReason
    def __init__(self, reason: _Optional[_Union[ResetReason, str]] = ...) -> None: ...

class GoingAway(_message.Message):
    __slots__ = ("reason", "retry_after_ms")
    REASON_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    reason: GoingAwayReason
    retry_after_ms: int
    def __init__(self, reason: _Optional[_Union[GoingAwayReason, str]] = ..., retry_after_ms: _Optional[int] = ...) -> None: ...

class StreamDone(_message.Message):
    __slots__ = ("count", "sha256")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    count: int
    sha256: bytes
    def __init__(self, count: _Optional[int] = ..., sha256: _Optional[bytes] = ...) -> None: ...
