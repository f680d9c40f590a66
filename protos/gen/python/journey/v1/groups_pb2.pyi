from google.api import field_behavior_pb2 as _field_behavior_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from journey.v1 import errors_pb2 as _errors_pb2
from journey.v1 import events_pb2 as _events_pb2
from journey.v1 import reading_pb2 as _reading_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from journey.v1 import stream_pb2 as _stream_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OnPark(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ON_PARK_UNSPECIFIED: _ClassVar[OnPark]
    ON_PARK_HOLD: _ClassVar[OnPark]
    ON_PARK_CONTINUE: _ClassVar[OnPark]

class NackAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NACK_ACTION_UNSPECIFIED: _ClassVar[NackAction]
    NACK_ACTION_RETRY: _ClassVar[NackAction]
    NACK_ACTION_PARK: _ClassVar[NackAction]
    NACK_ACTION_SKIP: _ClassVar[NackAction]
ON_PARK_UNSPECIFIED: OnPark
ON_PARK_HOLD: OnPark
ON_PARK_CONTINUE: OnPark
NACK_ACTION_UNSPECIFIED: NackAction
NACK_ACTION_RETRY: NackAction
NACK_ACTION_PARK: NackAction
NACK_ACTION_SKIP: NackAction

class Group(_message.Message):
    __slots__ = ("group_id", "filter", "purpose", "lease_ms", "max_attempts", "min_backoff_ms", "max_backoff_ms", "on_park", "checkpoint", "stats", "etag")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    MIN_BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    ON_PARK_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    STATS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    filter: _reading_pb2.EventFilter
    purpose: str
    lease_ms: int
    max_attempts: int
    min_backoff_ms: int
    max_backoff_ms: int
    on_park: OnPark
    checkpoint: str
    stats: GroupStats
    etag: str
    def __init__(self, group_id: _Optional[str] = ..., filter: _Optional[_Union[_reading_pb2.EventFilter, _Mapping]] = ..., purpose: _Optional[str] = ..., lease_ms: _Optional[int] = ..., max_attempts: _Optional[int] = ..., min_backoff_ms: _Optional[int] = ..., max_backoff_ms: _Optional[int] = ..., on_park: _Optional[_Union[OnPark, str]] = ..., checkpoint: _Optional[str] = ..., stats: _Optional[_Union[GroupStats, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class GroupStats(_message.Message):
    __slots__ = ("consumers", "in_flight", "backlog", "parked", "held", "oldest_unsettled_ms", "backlog_at_most")
    CONSUMERS_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    OLDEST_UNSETTLED_MS_FIELD_NUMBER: _ClassVar[int]
    BACKLOG_AT_MOST_FIELD_NUMBER: _ClassVar[int]
    consumers: int
    in_flight: int
    backlog: int
    parked: int
    held: int
    oldest_unsettled_ms: int
    backlog_at_most: bool
    def __init__(self, consumers: _Optional[int] = ..., in_flight: _Optional[int] = ..., backlog: _Optional[int] = ..., parked: _Optional[int] = ..., held: _Optional[int] = ..., oldest_unsettled_ms: _Optional[int] = ..., backlog_at_most: bool = ...) -> None: ...

class Delivery(_message.Message):
    __slots__ = ("delivery_id", "event", "attempt", "lease_expires_at_ms", "replayed", "bytes")
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    LEASE_EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    event: _events_pb2.Event
    attempt: int
    lease_expires_at_ms: int
    replayed: bool
    bytes: int
    def __init__(self, delivery_id: _Optional[str] = ..., event: _Optional[_Union[_events_pb2.Event, _Mapping]] = ..., attempt: _Optional[int] = ..., lease_expires_at_ms: _Optional[int] = ..., replayed: bool = ..., bytes: _Optional[int] = ...) -> None: ...

class Nack(_message.Message):
    __slots__ = ("delivery_id", "action", "reason", "delay_ms")
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DELAY_MS_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    action: NackAction
    reason: str
    delay_ms: int
    def __init__(self, delivery_id: _Optional[str] = ..., action: _Optional[_Union[NackAction, str]] = ..., reason: _Optional[str] = ..., delay_ms: _Optional[int] = ...) -> None: ...

class Extension(_message.Message):
    __slots__ = ("delivery_id", "lease_ms")
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    LEASE_MS_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    lease_ms: int
    def __init__(self, delivery_id: _Optional[str] = ..., lease_ms: _Optional[int] = ...) -> None: ...

class Settlement(_message.Message):
    __slots__ = ("ack_ids", "nacks", "extensions")
    ACK_IDS_FIELD_NUMBER: _ClassVar[int]
    NACKS_FIELD_NUMBER: _ClassVar[int]
    EXTENSIONS_FIELD_NUMBER: _ClassVar[int]
    ack_ids: _containers.RepeatedScalarFieldContainer[str]
    nacks: _containers.RepeatedCompositeFieldContainer[Nack]
    extensions: _containers.RepeatedCompositeFieldContainer[Extension]
    def __init__(self, ack_ids: _Optional[_Iterable[str]] = ..., nacks: _Optional[_Iterable[_Union[Nack, _Mapping]]] = ..., extensions: _Optional[_Iterable[_Union[Extension, _Mapping]]] = ...) -> None: ...

class SettlementFailure(_message.Message):
    __slots__ = ("delivery_id", "reason")
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    reason: _errors_pb2.ErrorReason
    def __init__(self, delivery_id: _Optional[str] = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ...) -> None: ...

class SettlementResult(_message.Message):
    __slots__ = ("settled_ids", "failures")
    SETTLED_IDS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    settled_ids: _containers.RepeatedScalarFieldContainer[str]
    failures: _containers.RepeatedCompositeFieldContainer[SettlementFailure]
    def __init__(self, settled_ids: _Optional[_Iterable[str]] = ..., failures: _Optional[_Iterable[_Union[SettlementFailure, _Mapping]]] = ...) -> None: ...

class ParkedFilter(_message.Message):
    __slots__ = ("types", "subject_id", "reason_contains", "parked_from_ms", "parked_to_ms")
    TYPES_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_CONTAINS_FIELD_NUMBER: _ClassVar[int]
    PARKED_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    PARKED_TO_MS_FIELD_NUMBER: _ClassVar[int]
    types: _containers.RepeatedScalarFieldContainer[str]
    subject_id: str
    reason_contains: str
    parked_from_ms: int
    parked_to_ms: int
    def __init__(self, types: _Optional[_Iterable[str]] = ..., subject_id: _Optional[str] = ..., reason_contains: _Optional[str] = ..., parked_from_ms: _Optional[int] = ..., parked_to_ms: _Optional[int] = ...) -> None: ...

class ParkedEvent(_message.Message):
    __slots__ = ("parked_id", "event", "reason", "attempts", "parked_at_ms", "consumer_id", "held")
    PARKED_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    PARKED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_ID_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    parked_id: str
    event: _events_pb2.Event
    reason: str
    attempts: int
    parked_at_ms: int
    consumer_id: str
    held: int
    def __init__(self, parked_id: _Optional[str] = ..., event: _Optional[_Union[_events_pb2.Event, _Mapping]] = ..., reason: _Optional[str] = ..., attempts: _Optional[int] = ..., parked_at_ms: _Optional[int] = ..., consumer_id: _Optional[str] = ..., held: _Optional[int] = ...) -> None: ...

class CreateGroupRequest(_message.Message):
    __slots__ = ("group", "start", "allow_existing")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    ALLOW_EXISTING_FIELD_NUMBER: _ClassVar[int]
    group: Group
    start: _reading_pb2.StartPoint
    allow_existing: bool
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ..., start: _Optional[_Union[_reading_pb2.StartPoint, _Mapping]] = ..., allow_existing: bool = ...) -> None: ...

class CreateGroupResponse(_message.Message):
    __slots__ = ("group",)
    GROUP_FIELD_NUMBER: _ClassVar[int]
    group: Group
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...

class GetGroupRequest(_message.Message):
    __slots__ = ("group_id",)
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    def __init__(self, group_id: _Optional[str] = ...) -> None: ...

class GetGroupResponse(_message.Message):
    __slots__ = ("group",)
    GROUP_FIELD_NUMBER: _ClassVar[int]
    group: Group
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...

class ListGroupsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListGroupsResponse(_message.Message):
    __slots__ = ("groups", "next_page_token")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[Group]
    next_page_token: str
    def __init__(self, groups: _Optional[_Iterable[_Union[Group, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateGroupRequest(_message.Message):
    __slots__ = ("group", "update_mask")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    group: Group
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateGroupResponse(_message.Message):
    __slots__ = ("group",)
    GROUP_FIELD_NUMBER: _ClassVar[int]
    group: Group
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...

class DeleteGroupRequest(_message.Message):
    __slots__ = ("group_id", "etag", "force")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    etag: str
    force: bool
    def __init__(self, group_id: _Optional[str] = ..., etag: _Optional[str] = ..., force: bool = ...) -> None: ...

class DeleteGroupResponse(_message.Message):
    __slots__ = ("deleted",)
    DELETED_FIELD_NUMBER: _ClassVar[int]
    deleted: bool
    def __init__(self, deleted: bool = ...) -> None: ...

class SeekGroupRequest(_message.Message):
    __slots__ = ("group_id", "target", "discard_parked", "dry_run", "command_id", "end")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    DISCARD_PARKED_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    target: _reading_pb2.StartPoint
    discard_parked: bool
    dry_run: bool
    command_id: str
    end: _reading_pb2.EndPoint
    def __init__(self, group_id: _Optional[str] = ..., target: _Optional[_Union[_reading_pb2.StartPoint, _Mapping]] = ..., discard_parked: bool = ..., dry_run: bool = ..., command_id: _Optional[str] = ..., end: _Optional[_Union[_reading_pb2.EndPoint, _Mapping]] = ...) -> None: ...

class SeekGroupResponse(_message.Message):
    __slots__ = ("group", "events", "at_most")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    AT_MOST_FIELD_NUMBER: _ClassVar[int]
    group: Group
    events: int
    at_most: bool
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ..., events: _Optional[int] = ..., at_most: bool = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("deliveries", "bytes")
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    deliveries: int
    bytes: int
    def __init__(self, deliveries: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class ConsumeStart(_message.Message):
    __slots__ = ("group_id", "consumer_id", "credit")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_ID_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    consumer_id: str
    credit: Credit
    def __init__(self, group_id: _Optional[str] = ..., consumer_id: _Optional[str] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ...) -> None: ...

class ConsumeDrain(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ConsumeRequest(_message.Message):
    __slots__ = ("start", "credit", "settlement", "drain")
    START_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    start: ConsumeStart
    credit: Credit
    settlement: Settlement
    drain: ConsumeDrain
    def __init__(self, start: _Optional[_Union[ConsumeStart, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ..., settlement: _Optional[_Union[Settlement, _Mapping]] = ..., drain: _Optional[_Union[ConsumeDrain, _Mapping]] = ...) -> None: ...

class DeliveryBatch(_message.Message):
    __slots__ = ("deliveries",)
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    deliveries: _containers.RepeatedCompositeFieldContainer[Delivery]
    def __init__(self, deliveries: _Optional[_Iterable[_Union[Delivery, _Mapping]]] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("partitions", "epoch")
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    partitions: _containers.RepeatedScalarFieldContainer[int]
    epoch: int
    def __init__(self, partitions: _Optional[_Iterable[int]] = ..., epoch: _Optional[int] = ...) -> None: ...

class ConsumeResponse(_message.Message):
    __slots__ = ("opened", "deliveries", "result", "assignment", "heartbeat", "going_away")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GOING_AWAY_FIELD_NUMBER: _ClassVar[int]
    opened: _stream_pb2.StreamOpened
    deliveries: DeliveryBatch
    result: SettlementResult
    assignment: Assignment
    heartbeat: _stream_pb2.Heartbeat
    going_away: _stream_pb2.GoingAway
    def __init__(self, opened: _Optional[_Union[_stream_pb2.StreamOpened, _Mapping]] = ..., deliveries: _Optional[_Union[DeliveryBatch, _Mapping]] = ..., result: _Optional[_Union[SettlementResult, _Mapping]] = ..., assignment: _Optional[_Union[Assignment, _Mapping]] = ..., heartbeat: _Optional[_Union[_stream_pb2.Heartbeat, _Mapping]] = ..., going_away: _Optional[_Union[_stream_pb2.GoingAway, _Mapping]] = ...) -> None: ...

class PullRequest(_message.Message):
    __slots__ = ("group_id", "consumer_id", "max_deliveries", "max_bytes", "wait_ms")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    CONSUMER_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    MAX_BYTES_FIELD_NUMBER: _ClassVar[int]
    WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    consumer_id: str
    max_deliveries: int
    max_bytes: int
    wait_ms: int
    def __init__(self, group_id: _Optional[str] = ..., consumer_id: _Optional[str] = ..., max_deliveries: _Optional[int] = ..., max_bytes: _Optional[int] = ..., wait_ms: _Optional[int] = ...) -> None: ...

class PullResponse(_message.Message):
    __slots__ = ("deliveries",)
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    deliveries: _containers.RepeatedCompositeFieldContainer[Delivery]
    def __init__(self, deliveries: _Optional[_Iterable[_Union[Delivery, _Mapping]]] = ...) -> None: ...

class SettleRequest(_message.Message):
    __slots__ = ("group_id", "settlement")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    settlement: Settlement
    def __init__(self, group_id: _Optional[str] = ..., settlement: _Optional[_Union[Settlement, _Mapping]] = ...) -> None: ...

class SettleResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: SettlementResult
    def __init__(self, result: _Optional[_Union[SettlementResult, _Mapping]] = ...) -> None: ...

class ListParkedRequest(_message.Message):
    __slots__ = ("group_id", "filter", "page_size", "page_token")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    filter: ParkedFilter
    page_size: int
    page_token: str
    def __init__(self, group_id: _Optional[str] = ..., filter: _Optional[_Union[ParkedFilter, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListParkedResponse(_message.Message):
    __slots__ = ("parked", "total", "next_page_token")
    PARKED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parked: _containers.RepeatedCompositeFieldContainer[ParkedEvent]
    total: int
    next_page_token: str
    def __init__(self, parked: _Optional[_Iterable[_Union[ParkedEvent, _Mapping]]] = ..., total: _Optional[int] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReplayParkedRequest(_message.Message):
    __slots__ = ("group_id", "parked_ids", "filter", "limit", "dry_run", "command_id")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    PARKED_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    parked_ids: _containers.RepeatedScalarFieldContainer[str]
    filter: ParkedFilter
    limit: int
    dry_run: bool
    command_id: str
    def __init__(self, group_id: _Optional[str] = ..., parked_ids: _Optional[_Iterable[str]] = ..., filter: _Optional[_Union[ParkedFilter, _Mapping]] = ..., limit: _Optional[int] = ..., dry_run: bool = ..., command_id: _Optional[str] = ...) -> None: ...

class ReplayParkedResponse(_message.Message):
    __slots__ = ("matched", "replayed", "remaining")
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    matched: int
    replayed: int
    remaining: int
    def __init__(self, matched: _Optional[int] = ..., replayed: _Optional[int] = ..., remaining: _Optional[int] = ...) -> None: ...

class DiscardParkedRequest(_message.Message):
    __slots__ = ("group_id", "parked_ids", "filter", "limit", "dry_run", "reason", "command_id")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    PARKED_IDS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    COMMAND_ID_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    parked_ids: _containers.RepeatedScalarFieldContainer[str]
    filter: ParkedFilter
    limit: int
    dry_run: bool
    reason: str
    command_id: str
    def __init__(self, group_id: _Optional[str] = ..., parked_ids: _Optional[_Iterable[str]] = ..., filter: _Optional[_Union[ParkedFilter, _Mapping]] = ..., limit: _Optional[int] = ..., dry_run: bool = ..., reason: _Optional[str] = ..., command_id: _Optional[str] = ...) -> None: ...

class DiscardParkedResponse(_message.Message):
    __slots__ = ("matched", "discarded", "remaining")
    MATCHED_FIELD_NUMBER: _ClassVar[int]
    DISCARDED_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    matched: int
    discarded: int
    remaining: int
    def __init__(self, matched: _Optional[int] = ..., discarded: _Optional[int] = ..., remaining: _Optional[int] = ...) -> None: ...
