from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.rpc import status_pb2 as _status_pb2
from journey.v1 import access_pb2 as _access_pb2
from journey.v1 import clocks_pb2 as _clocks_pb2
from journey.v1 import errors_pb2 as _errors_pb2
from journey.v1 import events_pb2 as _events_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from journey.v1 import journeys_pb2 as _journeys_pb2
from journey.v1 import reading_pb2 as _reading_pb2
from journey.v1 import references_pb2 as _references_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from journey.v1 import sessions_pb2 as _sessions_pb2
from journey.v1 import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JourneyView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOURNEY_VIEW_UNSPECIFIED: _ClassVar[JourneyView]
    JOURNEY_VIEW_CONTINUE: _ClassVar[JourneyView]
    JOURNEY_VIEW_ALL: _ClassVar[JourneyView]
    JOURNEY_VIEW_FINISHED: _ClassVar[JourneyView]
    JOURNEY_VIEW_HIDDEN: _ClassVar[JourneyView]
    JOURNEY_VIEW_ARCHIVED: _ClassVar[JourneyView]
JOURNEY_VIEW_UNSPECIFIED: JourneyView
JOURNEY_VIEW_CONTINUE: JourneyView
JOURNEY_VIEW_ALL: JourneyView
JOURNEY_VIEW_FINISHED: JourneyView
JOURNEY_VIEW_HIDDEN: JourneyView
JOURNEY_VIEW_ARCHIVED: JourneyView

class RecordRequest(_message.Message):
    __slots__ = ("batch_no", "session_id", "epoch", "subject_id", "installation_id", "interactions", "clock", "atomic", "expected_version")
    BATCH_NO_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    ATOMIC_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    batch_no: int
    session_id: str
    epoch: int
    subject_id: str
    installation_id: str
    interactions: _containers.RepeatedCompositeFieldContainer[_interactions_pb2.Interaction]
    clock: _clocks_pb2.ClientClock
    atomic: bool
    expected_version: int
    def __init__(self, batch_no: _Optional[int] = ..., session_id: _Optional[str] = ..., epoch: _Optional[int] = ..., subject_id: _Optional[str] = ..., installation_id: _Optional[str] = ..., interactions: _Optional[_Iterable[_Union[_interactions_pb2.Interaction, _Mapping]]] = ..., clock: _Optional[_Union[_clocks_pb2.ClientClock, _Mapping]] = ..., atomic: bool = ..., expected_version: _Optional[int] = ...) -> None: ...

class RecordResult(_message.Message):
    __slots__ = ("seq", "event_id", "outcome", "duplicate", "reason", "violations", "version", "partition", "position", "current", "lease", "seen_ignored")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    LEASE_FIELD_NUMBER: _ClassVar[int]
    SEEN_IGNORED_FIELD_NUMBER: _ClassVar[int]
    seq: int
    event_id: str
    outcome: _events_pb2.Outcome
    duplicate: bool
    reason: _errors_pb2.ErrorReason
    violations: _containers.RepeatedCompositeFieldContainer[_references_pb2.FieldViolation]
    version: int
    partition: int
    position: int
    current: _journeys_pb2.Journey
    lease: _references_pb2.Lease
    seen_ignored: bool
    def __init__(self, seq: _Optional[int] = ..., event_id: _Optional[str] = ..., outcome: _Optional[_Union[_events_pb2.Outcome, str]] = ..., duplicate: bool = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ..., violations: _Optional[_Iterable[_Union[_references_pb2.FieldViolation, _Mapping]]] = ..., version: _Optional[int] = ..., partition: _Optional[int] = ..., position: _Optional[int] = ..., current: _Optional[_Union[_journeys_pb2.Journey, _Mapping]] = ..., lease: _Optional[_Union[_references_pb2.Lease, _Mapping]] = ..., seen_ignored: bool = ...) -> None: ...

class Throttle(_message.Message):
    __slots__ = ("wait_ms", "max_interactions")
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    wait_ms: int
    max_interactions: int
    def __init__(self, wait_ms: _Optional[int] = ..., max_interactions: _Optional[int] = ...) -> None: ...

class RecordResponse(_message.Message):
    __slots__ = ("batch_no", "processed_seq", "results", "write_token", "clock", "throttle")
    BATCH_NO_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_SEQ_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    WRITE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CLOCK_FIELD_NUMBER: _ClassVar[int]
    THROTTLE_FIELD_NUMBER: _ClassVar[int]
    batch_no: int
    processed_seq: int
    results: _containers.RepeatedCompositeFieldContainer[RecordResult]
    write_token: str
    clock: _clocks_pb2.ServerClock
    throttle: Throttle
    def __init__(self, batch_no: _Optional[int] = ..., processed_seq: _Optional[int] = ..., results: _Optional[_Iterable[_Union[RecordResult, _Mapping]]] = ..., write_token: _Optional[str] = ..., clock: _Optional[_Union[_clocks_pb2.ServerClock, _Mapping]] = ..., throttle: _Optional[_Union[Throttle, _Mapping]] = ...) -> None: ...

class Drain(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RecordStreamRequest(_message.Message):
    __slots__ = ("batch", "drain")
    BATCH_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    batch: RecordRequest
    drain: Drain
    def __init__(self, batch: _Optional[_Union[RecordRequest, _Mapping]] = ..., drain: _Optional[_Union[Drain, _Mapping]] = ...) -> None: ...

class RecordAck(_message.Message):
    __slots__ = ("batch_no", "response", "error")
    BATCH_NO_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    batch_no: int
    response: RecordResponse
    error: _status_pb2.Status
    def __init__(self, batch_no: _Optional[int] = ..., response: _Optional[_Union[RecordResponse, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class RecordCredit(_message.Message):
    __slots__ = ("batches", "bytes")
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    batches: int
    bytes: int
    def __init__(self, batches: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class RecordStreamResponse(_message.Message):
    __slots__ = ("ack", "credit", "opened", "heartbeat", "going_away")
    ACK_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    ack: RecordAck
    credit: RecordCredit
    opened: _stream_pb2.StreamOpened
    heartbeat: _stream_pb2.Heartbeat
    going_away: _stream_pb2.GoingAway
    def __init__(self, ack: _Optional[_Union[RecordAck, _Mapping]] = ..., credit: _Optional[_Union[RecordCredit, _Mapping]] = ..., opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ...) -> None: ...

class GetJourneyRequest(_message.Message):
    __slots__ = ("subject_id", "journey", "at_least", "as_of")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    AS_OF_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    journey: _references_pb2.JourneyRef
    at_least: str
    as_of: _reading_pb2.AsOf
    def __init__(self, subject_id: _Optional[str] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., at_least: _Optional[str] = ..., as_of: _Optional[_Union[_reading_pb2.AsOf, _Mapping]] = ...) -> None: ...

class GetJourneyResponse(_message.Message):
    __slots__ = ("journey", "leases", "processed", "token")
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    journey: _journeys_pb2.Journey
    leases: _containers.RepeatedCompositeFieldContainer[_references_pb2.Lease]
    processed: _containers.RepeatedCompositeFieldContainer[_references_pb2.Processed]
    token: str
    def __init__(self, journey: _Optional[_Union[_journeys_pb2.Journey, _Mapping]] = ..., leases: _Optional[_Iterable[_Union[_references_pb2.Lease, _Mapping]]] = ..., processed: _Optional[_Iterable[_Union[_references_pb2.Processed, _Mapping]]] = ..., token: _Optional[str] = ...) -> None: ...

class ListJourneysRequest(_message.Message):
    __slots__ = ("subject_id", "view", "kinds", "at_least", "page_size", "page_token")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    view: JourneyView
    kinds: _containers.RepeatedScalarFieldContainer[str]
    at_least: str
    page_size: int
    page_token: str
    def __init__(self, subject_id: _Optional[str] = ..., view: _Optional[_Union[JourneyView, str]] = ..., kinds: _Optional[_Iterable[str]] = ..., at_least: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListJourneysResponse(_message.Message):
    __slots__ = ("journeys", "leases", "token", "next_page_token")
    JOURNEYS_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    journeys: _containers.RepeatedCompositeFieldContainer[_journeys_pb2.Journey]
    leases: _containers.RepeatedCompositeFieldContainer[_references_pb2.Lease]
    token: str
    next_page_token: str
    def __init__(self, journeys: _Optional[_Iterable[_Union[_journeys_pb2.Journey, _Mapping]]] = ..., leases: _Optional[_Iterable[_Union[_references_pb2.Lease, _Mapping]]] = ..., token: _Optional[str] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("subject_id", "session_id", "token", "kinds", "journeys", "presence")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    JOURNEYS_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    session_id: str
    token: str
    kinds: _containers.RepeatedScalarFieldContainer[str]
    journeys: _containers.RepeatedCompositeFieldContainer[_references_pb2.JourneyRef]
    presence: bool
    def __init__(self, subject_id: _Optional[str] = ..., session_id: _Optional[str] = ..., token: _Optional[str] = ..., kinds: _Optional[_Iterable[str]] = ..., journeys: _Optional[_Iterable[_Union[_references_pb2.JourneyRef, _Mapping]]] = ..., presence: bool = ...) -> None: ...

class WatchSnapshot(_message.Message):
    __slots__ = ("part", "last", "customer_id", "journeys", "continue_list", "leases", "processed", "truncated")
    PART_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEYS_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_LIST_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    part: int
    last: bool
    customer_id: str
    journeys: _containers.RepeatedCompositeFieldContainer[_journeys_pb2.Journey]
    continue_list: _containers.RepeatedCompositeFieldContainer[_references_pb2.JourneyRef]
    leases: _containers.RepeatedCompositeFieldContainer[_references_pb2.Lease]
    processed: _containers.RepeatedCompositeFieldContainer[_references_pb2.Processed]
    truncated: bool
    def __init__(self, part: _Optional[int] = ..., last: bool = ..., customer_id: _Optional[str] = ..., journeys: _Optional[_Iterable[_Union[_journeys_pb2.Journey, _Mapping]]] = ..., continue_list: _Optional[_Iterable[_Union[_references_pb2.JourneyRef, _Mapping]]] = ..., leases: _Optional[_Iterable[_Union[_references_pb2.Lease, _Mapping]]] = ..., processed: _Optional[_Iterable[_Union[_references_pb2.Processed, _Mapping]]] = ..., truncated: bool = ...) -> None: ...

class RemovedJourney(_message.Message):
    __slots__ = ("journey", "why")
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    journey: _references_pb2.JourneyRef
    why: _stream_pb2.ResetReason
    def __init__(self, journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., why: _Optional[_Union[_stream_pb2.ResetReason, str]] = ...) -> None: ...

class WatchDelta(_message.Message):
    __slots__ = ("part", "last", "journeys", "removed", "continue_changed", "continue_list", "leases", "processed", "customer_id")
    PART_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    JOURNEYS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_CHANGED_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_LIST_FIELD_NUMBER: _ClassVar[int]
    LEASES_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    part: int
    last: bool
    journeys: _containers.RepeatedCompositeFieldContainer[_journeys_pb2.Journey]
    removed: _containers.RepeatedCompositeFieldContainer[RemovedJourney]
    continue_changed: bool
    continue_list: _containers.RepeatedCompositeFieldContainer[_references_pb2.JourneyRef]
    leases: _containers.RepeatedCompositeFieldContainer[_references_pb2.Lease]
    processed: _containers.RepeatedCompositeFieldContainer[_references_pb2.Processed]
    customer_id: str
    def __init__(self, part: _Optional[int] = ..., last: bool = ..., journeys: _Optional[_Iterable[_Union[_journeys_pb2.Journey, _Mapping]]] = ..., removed: _Optional[_Iterable[_Union[RemovedJourney, _Mapping]]] = ..., continue_changed: bool = ..., continue_list: _Optional[_Iterable[_Union[_references_pb2.JourneyRef, _Mapping]]] = ..., leases: _Optional[_Iterable[_Union[_references_pb2.Lease, _Mapping]]] = ..., processed: _Optional[_Iterable[_Union[_references_pb2.Processed, _Mapping]]] = ..., customer_id: _Optional[str] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("opened", "snapshot", "delta", "caught_up", "heartbeat", "presence", "command", "reset", "going_away", "frame", "token")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    DELTA_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    PRESENCE_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    RESET_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    opened: _stream_pb2.StreamOpened
    snapshot: WatchSnapshot
    delta: WatchDelta
    caught_up: _stream_pb2.CaughtUp
    heartbeat: _stream_pb2.Heartbeat
    presence: _sessions_pb2.Presence
    command: _sessions_pb2.Command
    reset: _stream_pb2.StreamReset
    going_away: _stream_pb2.GoingAway
    frame: int
    token: str
    def __init__(self, opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., snapshot: _Optional[_Union[WatchSnapshot, _Mapping]] = ..., delta: _Optional[_Union[WatchDelta, _Mapping]] = ..., caught_up: _Optional[_Union[_stream_pb2.CaughtUp, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., presence: _Optional[_Union[_sessions_pb2.Presence, _Mapping]] = ..., command: _Optional[_Union[_sessions_pb2.Command, _Mapping]] = ..., reset: _Optional[_Union[_stream_pb2.StreamReset, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ..., frame: _Optional[int] = ..., token: _Optional[str] = ...) -> None: ...
