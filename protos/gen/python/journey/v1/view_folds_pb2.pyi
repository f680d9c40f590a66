from journey.v1 import folds_pb2 as _folds_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PurchaseFold(_message.Message):
    __slots__ = ("order_id", "machine")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    machine: _folds_pb2.Machine
    def __init__(self, order_id: _Optional[str] = ..., machine: _Optional[_Union[_folds_pb2.Machine, _Mapping]] = ...) -> None: ...

class SuppressionOrderFold(_message.Message):
    __slots__ = ("order_id", "machine")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    machine: _folds_pb2.Machine
    def __init__(self, order_id: _Optional[str] = ..., machine: _Optional[_Union[_folds_pb2.Machine, _Mapping]] = ...) -> None: ...

class SuppressionFold(_message.Message):
    __slots__ = ("orders",)
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    orders: _containers.RepeatedCompositeFieldContainer[SuppressionOrderFold]
    def __init__(self, orders: _Optional[_Iterable[_Union[SuppressionOrderFold, _Mapping]]] = ...) -> None: ...

class UseFold(_message.Message):
    __slots__ = ("key", "first_ms", "last_ms", "days", "channels", "opened")
    KEY_FIELD_NUMBER: _ClassVar[int]
    FIRST_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_MS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    key: str
    first_ms: int
    last_ms: int
    days: _containers.RepeatedScalarFieldContainer[int]
    channels: _containers.RepeatedScalarFieldContainer[int]
    opened: _folds_pb2.Write
    def __init__(self, key: _Optional[str] = ..., first_ms: _Optional[int] = ..., last_ms: _Optional[int] = ..., days: _Optional[_Iterable[int]] = ..., channels: _Optional[_Iterable[int]] = ..., opened: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ...) -> None: ...

class ProfileFold(_message.Message):
    __slots__ = ("preferences", "devices", "channels", "languages", "zones", "touchpoints")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    ZONES_FIELD_NUMBER: _ClassVar[int]
    TOUCHPOINTS_FIELD_NUMBER: _ClassVar[int]
    preferences: _folds_pb2.PreferencesFold
    devices: _containers.RepeatedCompositeFieldContainer[UseFold]
    channels: _containers.RepeatedCompositeFieldContainer[UseFold]
    languages: _containers.RepeatedCompositeFieldContainer[UseFold]
    zones: _containers.RepeatedCompositeFieldContainer[UseFold]
    touchpoints: _containers.RepeatedCompositeFieldContainer[_folds_pb2.Write]
    def __init__(self, preferences: _Optional[_Union[_folds_pb2.PreferencesFold, _Mapping]] = ..., devices: _Optional[_Iterable[_Union[UseFold, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[UseFold, _Mapping]]] = ..., languages: _Optional[_Iterable[_Union[UseFold, _Mapping]]] = ..., zones: _Optional[_Iterable[_Union[UseFold, _Mapping]]] = ..., touchpoints: _Optional[_Iterable[_Union[_folds_pb2.Write, _Mapping]]] = ...) -> None: ...

class LedgerCampaignFold(_message.Message):
    __slots__ = ("campaign_id", "last")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    last: _folds_pb2.Write
    def __init__(self, campaign_id: _Optional[str] = ..., last: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ...) -> None: ...

class LedgerFold(_message.Message):
    __slots__ = ("sent", "contacts", "outcomes", "campaigns")
    SENT_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    sent: _containers.RepeatedCompositeFieldContainer[_folds_pb2.Write]
    contacts: _containers.RepeatedCompositeFieldContainer[_folds_pb2.Write]
    outcomes: _containers.RepeatedCompositeFieldContainer[_folds_pb2.Write]
    campaigns: _containers.RepeatedCompositeFieldContainer[LedgerCampaignFold]
    def __init__(self, sent: _Optional[_Iterable[_Union[_folds_pb2.Write, _Mapping]]] = ..., contacts: _Optional[_Iterable[_Union[_folds_pb2.Write, _Mapping]]] = ..., outcomes: _Optional[_Iterable[_Union[_folds_pb2.Write, _Mapping]]] = ..., campaigns: _Optional[_Iterable[_Union[LedgerCampaignFold, _Mapping]]] = ...) -> None: ...

class ParticipantFold(_message.Message):
    __slots__ = ("key", "first", "last")
    KEY_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    key: str
    first: _folds_pb2.Write
    last: _folds_pb2.Write
    def __init__(self, key: _Optional[str] = ..., first: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., last: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ...) -> None: ...

class AgentConversationFold(_message.Message):
    __slots__ = ("conversation_id", "machine", "started", "first", "last", "mode", "summary", "message", "call", "answer", "asks", "participants", "order_ids", "offer_ids", "message_ids", "case_ids")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ASKS_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    ORDER_IDS_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    CASE_IDS_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    machine: _folds_pb2.Machine
    started: _folds_pb2.Write
    first: _folds_pb2.Write
    last: _folds_pb2.Write
    mode: _folds_pb2.Write
    summary: _folds_pb2.Write
    message: _folds_pb2.Write
    call: _folds_pb2.Write
    answer: _folds_pb2.Write
    asks: _containers.RepeatedCompositeFieldContainer[_folds_pb2.Write]
    participants: _containers.RepeatedCompositeFieldContainer[ParticipantFold]
    order_ids: _containers.RepeatedScalarFieldContainer[str]
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    case_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, conversation_id: _Optional[str] = ..., machine: _Optional[_Union[_folds_pb2.Machine, _Mapping]] = ..., started: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., first: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., last: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., mode: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., summary: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., message: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., call: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., answer: _Optional[_Union[_folds_pb2.Write, _Mapping]] = ..., asks: _Optional[_Iterable[_Union[_folds_pb2.Write, _Mapping]]] = ..., participants: _Optional[_Iterable[_Union[ParticipantFold, _Mapping]]] = ..., order_ids: _Optional[_Iterable[str]] = ..., offer_ids: _Optional[_Iterable[str]] = ..., message_ids: _Optional[_Iterable[str]] = ..., case_ids: _Optional[_Iterable[str]] = ...) -> None: ...
