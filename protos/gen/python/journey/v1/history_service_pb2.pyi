from google.api import field_behavior_pb2 as _field_behavior_pb2
from journey.v1 import access_pb2 as _access_pb2
from journey.v1 import events_pb2 as _events_pb2
from journey.v1 import journeys_pb2 as _journeys_pb2
from journey.v1 import reading_pb2 as _reading_pb2
from journey.v1 import references_pb2 as _references_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from journey.v1 import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_ORDER_UNSPECIFIED: _ClassVar[EventOrder]
    EVENT_ORDER_OCCURRENCE: _ClassVar[EventOrder]
    EVENT_ORDER_RECORDED: _ClassVar[EventOrder]
EVENT_ORDER_UNSPECIFIED: EventOrder
EVENT_ORDER_OCCURRENCE: EventOrder
EVENT_ORDER_RECORDED: EventOrder

class ListEventsRequest(_message.Message):
    __slots__ = ("subject_id", "stream_only", "filter", "order", "descending", "page_size", "page_token")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ONLY_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    DESCENDING_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    stream_only: bool
    filter: _reading_pb2.EventFilter
    order: EventOrder
    descending: bool
    page_size: int
    page_token: str
    def __init__(self, subject_id: _Optional[str] = ..., stream_only: bool = ..., filter: _Optional[_Union[_reading_pb2.EventFilter, _Mapping]] = ..., order: _Optional[_Union[EventOrder, str]] = ..., descending: bool = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListEventsResponse(_message.Message):
    __slots__ = ("events", "checkpoint", "next_page_token")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_events_pb2.Event]
    checkpoint: str
    next_page_token: str
    def __init__(self, events: _Optional[_Iterable[_Union[_events_pb2.Event, _Mapping]]] = ..., checkpoint: _Optional[str] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReadEventsRequest(_message.Message):
    __slots__ = ("subject_id", "stream_only", "partitions", "start", "end", "backwards", "order", "filter", "limit", "purpose")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ONLY_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    BACKWARDS_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    stream_only: bool
    partitions: _containers.RepeatedScalarFieldContainer[int]
    start: _reading_pb2.StartPoint
    end: _reading_pb2.EndPoint
    backwards: bool
    order: EventOrder
    filter: _reading_pb2.EventFilter
    limit: int
    purpose: str
    def __init__(self, subject_id: _Optional[str] = ..., stream_only: bool = ..., partitions: _Optional[_Iterable[int]] = ..., start: _Optional[_Union[_reading_pb2.StartPoint, _Mapping]] = ..., end: _Optional[_Union[_reading_pb2.EndPoint, _Mapping]] = ..., backwards: bool = ..., order: _Optional[_Union[EventOrder, str]] = ..., filter: _Optional[_Union[_reading_pb2.EventFilter, _Mapping]] = ..., limit: _Optional[int] = ..., purpose: _Optional[str] = ...) -> None: ...

class ReadEventsResponse(_message.Message):
    __slots__ = ("opened", "batch", "heartbeat", "done", "going_away", "checkpoint")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    opened: _stream_pb2.StreamOpened
    batch: _reading_pb2.EventBatch
    heartbeat: _stream_pb2.Heartbeat
    done: _stream_pb2.StreamDone
    going_away: _stream_pb2.GoingAway
    checkpoint: str
    def __init__(self, opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., batch: _Optional[_Union[_reading_pb2.EventBatch, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., done: _Optional[_Union[_stream_pb2.StreamDone, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ..., checkpoint: _Optional[str] = ...) -> None: ...

class DiffJourneyRequest(_message.Message):
    __slots__ = ("subject_id", "journey", "before", "after")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    journey: _references_pb2.JourneyRef
    before: _reading_pb2.AsOf
    after: _reading_pb2.AsOf
    def __init__(self, subject_id: _Optional[str] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., before: _Optional[_Union[_reading_pb2.AsOf, _Mapping]] = ..., after: _Optional[_Union[_reading_pb2.AsOf, _Mapping]] = ...) -> None: ...

class FieldChange(_message.Message):
    __slots__ = ("path", "before_json", "after_json")
    PATH_FIELD_NUMBER: _ClassVar[int]
    BEFORE_JSON_FIELD_NUMBER: _ClassVar[int]
    AFTER_JSON_FIELD_NUMBER: _ClassVar[int]
    path: str
    before_json: str
    after_json: str
    def __init__(self, path: _Optional[str] = ..., before_json: _Optional[str] = ..., after_json: _Optional[str] = ...) -> None: ...

class DiffJourneyResponse(_message.Message):
    __slots__ = ("before", "after", "changes", "events", "truncated")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    before: _journeys_pb2.Journey
    after: _journeys_pb2.Journey
    changes: _containers.RepeatedCompositeFieldContainer[FieldChange]
    events: _containers.RepeatedCompositeFieldContainer[_events_pb2.Event]
    truncated: bool
    def __init__(self, before: _Optional[_Union[_journeys_pb2.Journey, _Mapping]] = ..., after: _Optional[_Union[_journeys_pb2.Journey, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[FieldChange, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[_events_pb2.Event, _Mapping]]] = ..., truncated: bool = ...) -> None: ...

class PlayEventsRequest(_message.Message):
    __slots__ = ("subject_id", "journey", "start", "end", "order", "speed", "max_pause_ms", "include_state")
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    MAX_PAUSE_MS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_STATE_FIELD_NUMBER: _ClassVar[int]
    subject_id: str
    journey: _references_pb2.JourneyRef
    start: _reading_pb2.StartPoint
    end: _reading_pb2.EndPoint
    order: EventOrder
    speed: int
    max_pause_ms: int
    include_state: bool
    def __init__(self, subject_id: _Optional[str] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., start: _Optional[_Union[_reading_pb2.StartPoint, _Mapping]] = ..., end: _Optional[_Union[_reading_pb2.EndPoint, _Mapping]] = ..., order: _Optional[_Union[EventOrder, str]] = ..., speed: _Optional[int] = ..., max_pause_ms: _Optional[int] = ..., include_state: bool = ...) -> None: ...

class PlayedEvent(_message.Message):
    __slots__ = ("event", "journey", "pause_ms")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    PAUSE_MS_FIELD_NUMBER: _ClassVar[int]
    event: _events_pb2.Event
    journey: _journeys_pb2.Journey
    pause_ms: int
    def __init__(self, event: _Optional[_Union[_events_pb2.Event, _Mapping]] = ..., journey: _Optional[_Union[_journeys_pb2.Journey, _Mapping]] = ..., pause_ms: _Optional[int] = ...) -> None: ...

class PlayEventsResponse(_message.Message):
    __slots__ = ("opened", "step", "heartbeat", "done", "going_away", "checkpoint")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    opened: _stream_pb2.StreamOpened
    step: PlayedEvent
    heartbeat: _stream_pb2.Heartbeat
    done: _stream_pb2.StreamDone
    going_away: _stream_pb2.GoingAway
    checkpoint: str
    def __init__(self, opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., step: _Optional[_Union[PlayedEvent, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., done: _Optional[_Union[_stream_pb2.StreamDone, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ..., checkpoint: _Optional[str] = ...) -> None: ...
