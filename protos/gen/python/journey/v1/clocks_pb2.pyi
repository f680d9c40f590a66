from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ClientClock(_message.Message):
    __slots__ = ("sent_wall_ms", "sent_mono_ms", "boot_id", "mono_pauses", "offset_ms", "rtt_ms")
    SENT_WALL_MS_FIELD_NUMBER: _ClassVar[int]
    SENT_MONO_MS_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    MONO_PAUSES_FIELD_NUMBER: _ClassVar[int]
    OFFSET_MS_FIELD_NUMBER: _ClassVar[int]
    RTT_MS_FIELD_NUMBER: _ClassVar[int]
    sent_wall_ms: int
    sent_mono_ms: int
    boot_id: str
    mono_pauses: bool
    offset_ms: int
    rtt_ms: int
    def __init__(self, sent_wall_ms: _Optional[int] = ..., sent_mono_ms: _Optional[int] = ..., boot_id: _Optional[str] = ..., mono_pauses: bool = ..., offset_ms: _Optional[int] = ..., rtt_ms: _Optional[int] = ...) -> None: ...

class ServerClock(_message.Message):
    __slots__ = ("received_ms", "answered_ms", "clock_warning")
    RECEIVED_MS_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_MS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_WARNING_FIELD_NUMBER: _ClassVar[int]
    received_ms: int
    answered_ms: int
    clock_warning: bool
    def __init__(self, received_ms: _Optional[int] = ..., answered_ms: _Optional[int] = ..., clock_warning: bool = ...) -> None: ...
