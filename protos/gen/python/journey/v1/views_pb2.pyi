from journey.v1 import events_pb2 as _events_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from journey.v1 import journeys_pb2 as _journeys_pb2
from journey.v1 import references_pb2 as _references_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PurchaseStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PURCHASE_STATUS_UNSPECIFIED: _ClassVar[PurchaseStatus]
    PURCHASE_STATUS_OPEN: _ClassVar[PurchaseStatus]
    PURCHASE_STATUS_RECEIVED: _ClassVar[PurchaseStatus]
    PURCHASE_STATUS_PARTLY_CANCELLED: _ClassVar[PurchaseStatus]
    PURCHASE_STATUS_CANCELLED: _ClassVar[PurchaseStatus]
    PURCHASE_STATUS_PARTLY_RETURNED: _ClassVar[PurchaseStatus]
    PURCHASE_STATUS_RETURNED: _ClassVar[PurchaseStatus]

class SuppressionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPRESSION_REASON_UNSPECIFIED: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_BOUGHT: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_CANCELLED: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_RETURNED: _ClassVar[SuppressionReason]

class ContactKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTACT_KIND_UNSPECIFIED: _ClassVar[ContactKind]
    CONTACT_KIND_MESSAGE: _ClassVar[ContactKind]
    CONTACT_KIND_CHAT: _ClassVar[ContactKind]
    CONTACT_KIND_CALL: _ClassVar[ContactKind]
    CONTACT_KIND_VISIT: _ClassVar[ContactKind]

class ContactDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTACT_DIRECTION_UNSPECIFIED: _ClassVar[ContactDirection]
    CONTACT_DIRECTION_IN: _ClassVar[ContactDirection]
    CONTACT_DIRECTION_OUT: _ClassVar[ContactDirection]

class ContactStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTACT_STATUS_UNSPECIFIED: _ClassVar[ContactStatus]
    CONTACT_STATUS_SENT: _ClassVar[ContactStatus]
    CONTACT_STATUS_DELIVERED: _ClassVar[ContactStatus]
    CONTACT_STATUS_OPENED: _ClassVar[ContactStatus]
    CONTACT_STATUS_CLICKED: _ClassVar[ContactStatus]
    CONTACT_STATUS_BOUNCED: _ClassVar[ContactStatus]
    CONTACT_STATUS_COMPLAINED: _ClassVar[ContactStatus]
    CONTACT_STATUS_UNSUBSCRIBED: _ClassVar[ContactStatus]
    CONTACT_STATUS_STARTED: _ClassVar[ContactStatus]
    CONTACT_STATUS_ENDED: _ClassVar[ContactStatus]
    CONTACT_STATUS_MISSED: _ClassVar[ContactStatus]
    CONTACT_STATUS_FAILED: _ClassVar[ContactStatus]
PURCHASE_STATUS_UNSPECIFIED: PurchaseStatus
PURCHASE_STATUS_OPEN: PurchaseStatus
PURCHASE_STATUS_RECEIVED: PurchaseStatus
PURCHASE_STATUS_PARTLY_CANCELLED: PurchaseStatus
PURCHASE_STATUS_CANCELLED: PurchaseStatus
PURCHASE_STATUS_PARTLY_RETURNED: PurchaseStatus
PURCHASE_STATUS_RETURNED: PurchaseStatus
SUPPRESSION_REASON_UNSPECIFIED: SuppressionReason
SUPPRESSION_REASON_BOUGHT: SuppressionReason
SUPPRESSION_REASON_CANCELLED: SuppressionReason
SUPPRESSION_REASON_RETURNED: SuppressionReason
CONTACT_KIND_UNSPECIFIED: ContactKind
CONTACT_KIND_MESSAGE: ContactKind
CONTACT_KIND_CHAT: ContactKind
CONTACT_KIND_CALL: ContactKind
CONTACT_KIND_VISIT: ContactKind
CONTACT_DIRECTION_UNSPECIFIED: ContactDirection
CONTACT_DIRECTION_IN: ContactDirection
CONTACT_DIRECTION_OUT: ContactDirection
CONTACT_STATUS_UNSPECIFIED: ContactStatus
CONTACT_STATUS_SENT: ContactStatus
CONTACT_STATUS_DELIVERED: ContactStatus
CONTACT_STATUS_OPENED: ContactStatus
CONTACT_STATUS_CLICKED: ContactStatus
CONTACT_STATUS_BOUNCED: ContactStatus
CONTACT_STATUS_COMPLAINED: ContactStatus
CONTACT_STATUS_UNSUBSCRIBED: ContactStatus
CONTACT_STATUS_STARTED: ContactStatus
CONTACT_STATUS_ENDED: ContactStatus
CONTACT_STATUS_MISSED: ContactStatus
CONTACT_STATUS_FAILED: ContactStatus

class PurchaseLineState(_message.Message):
    __slots__ = ("line_key", "product", "unit", "unit_price", "options", "ordered", "received", "cancelled", "returned", "kept", "status")
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    ORDERED_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    product: _interactions_pb2.Product
    unit: str
    unit_price: _interactions_pb2.Money
    options: _containers.RepeatedCompositeFieldContainer[_journeys_pb2.LineOption]
    ordered: int
    received: int
    cancelled: int
    returned: int
    kept: int
    status: PurchaseStatus
    def __init__(self, line_key: _Optional[str] = ..., product: _Optional[_Union[_interactions_pb2.Product, _Mapping]] = ..., unit: _Optional[str] = ..., unit_price: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ..., options: _Optional[_Iterable[_Union[_journeys_pb2.LineOption, _Mapping]]] = ..., ordered: _Optional[int] = ..., received: _Optional[int] = ..., cancelled: _Optional[int] = ..., returned: _Optional[int] = ..., kept: _Optional[int] = ..., status: _Optional[_Union[PurchaseStatus, str]] = ...) -> None: ...

class PurchaseReturnLine(_message.Message):
    __slots__ = ("line_key", "requested", "returned", "refunded")
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    RETURNED_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    requested: int
    returned: int
    refunded: int
    def __init__(self, line_key: _Optional[str] = ..., requested: _Optional[int] = ..., returned: _Optional[int] = ..., refunded: _Optional[int] = ...) -> None: ...

class PurchasePlace(_message.Message):
    __slots__ = ("at_ms", "channel", "channel_label", "store", "actor", "actor_place", "actor_ref", "device_id")
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ACTOR_PLACE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_REF_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    at_ms: int
    channel: _interactions_pb2.Channel
    channel_label: str
    store: _interactions_pb2.Store
    actor: _events_pb2.Actor
    actor_place: str
    actor_ref: str
    device_id: str
    def __init__(self, at_ms: _Optional[int] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., store: _Optional[_Union[_interactions_pb2.Store, _Mapping]] = ..., actor: _Optional[_Union[_events_pb2.Actor, _Mapping]] = ..., actor_place: _Optional[str] = ..., actor_ref: _Optional[str] = ..., device_id: _Optional[str] = ...) -> None: ...

class PurchaseReturnState(_message.Message):
    __slots__ = ("return_id", "lines", "requested", "method", "reason", "received", "condition", "refunded")
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_FIELD_NUMBER: _ClassVar[int]
    return_id: str
    lines: _containers.RepeatedCompositeFieldContainer[PurchaseReturnLine]
    requested: PurchasePlace
    method: _interactions_pb2.ReturnRequested.Method
    reason: str
    received: PurchasePlace
    condition: _interactions_pb2.ReturnReceived.Condition
    refunded: PurchasePlace
    def __init__(self, return_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[PurchaseReturnLine, _Mapping]]] = ..., requested: _Optional[_Union[PurchasePlace, _Mapping]] = ..., method: _Optional[_Union[_interactions_pb2.ReturnRequested.Method, str]] = ..., reason: _Optional[str] = ..., received: _Optional[_Union[PurchasePlace, _Mapping]] = ..., condition: _Optional[_Union[_interactions_pb2.ReturnReceived.Condition, str]] = ..., refunded: _Optional[_Union[PurchasePlace, _Mapping]] = ...) -> None: ...

class PurchaseState(_message.Message):
    __slots__ = ("order_id", "status", "placed", "ownership", "campaign_id", "external_ref", "fulfilment", "payment_at", "totals", "lines", "returns", "checkout_id", "conversation_id", "offer_ids", "updated_at_ms", "more")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PLACED_FIELD_NUMBER: _ClassVar[int]
    OWNERSHIP_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    FULFILMENT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_AT_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    RETURNS_FIELD_NUMBER: _ClassVar[int]
    CHECKOUT_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    status: PurchaseStatus
    placed: PurchasePlace
    ownership: _interactions_pb2.Ownership
    campaign_id: str
    external_ref: _interactions_pb2.ExternalRef
    fulfilment: _interactions_pb2.Fulfilment
    payment_at: _interactions_pb2.OrderPlaced.PaymentPlace
    totals: _journeys_pb2.OrderTotals
    lines: _containers.RepeatedCompositeFieldContainer[PurchaseLineState]
    returns: _containers.RepeatedCompositeFieldContainer[PurchaseReturnState]
    checkout_id: str
    conversation_id: str
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    updated_at_ms: int
    more: bool
    def __init__(self, order_id: _Optional[str] = ..., status: _Optional[_Union[PurchaseStatus, str]] = ..., placed: _Optional[_Union[PurchasePlace, _Mapping]] = ..., ownership: _Optional[_Union[_interactions_pb2.Ownership, str]] = ..., campaign_id: _Optional[str] = ..., external_ref: _Optional[_Union[_interactions_pb2.ExternalRef, _Mapping]] = ..., fulfilment: _Optional[_Union[_interactions_pb2.Fulfilment, _Mapping]] = ..., payment_at: _Optional[_Union[_interactions_pb2.OrderPlaced.PaymentPlace, str]] = ..., totals: _Optional[_Union[_journeys_pb2.OrderTotals, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[PurchaseLineState, _Mapping]]] = ..., returns: _Optional[_Iterable[_Union[PurchaseReturnState, _Mapping]]] = ..., checkout_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., offer_ids: _Optional[_Iterable[str]] = ..., updated_at_ms: _Optional[int] = ..., more: bool = ...) -> None: ...

class SuppressedProduct(_message.Message):
    __slots__ = ("sku", "gtin", "pim_ref", "category", "since_ms", "until_ms", "reason", "order_ids")
    SKU_FIELD_NUMBER: _ClassVar[int]
    GTIN_FIELD_NUMBER: _ClassVar[int]
    PIM_REF_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ORDER_IDS_FIELD_NUMBER: _ClassVar[int]
    sku: str
    gtin: str
    pim_ref: str
    category: str
    since_ms: int
    until_ms: int
    reason: SuppressionReason
    order_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sku: _Optional[str] = ..., gtin: _Optional[str] = ..., pim_ref: _Optional[str] = ..., category: _Optional[str] = ..., since_ms: _Optional[int] = ..., until_ms: _Optional[int] = ..., reason: _Optional[_Union[SuppressionReason, str]] = ..., order_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class SuppressedCategory(_message.Message):
    __slots__ = ("category", "since_ms", "skus")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    category: str
    since_ms: int
    skus: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, category: _Optional[str] = ..., since_ms: _Optional[int] = ..., skus: _Optional[_Iterable[str]] = ...) -> None: ...

class SuppressionState(_message.Message):
    __slots__ = ("products", "categories", "released", "updated_at_ms", "more")
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    RELEASED_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[SuppressedProduct]
    categories: _containers.RepeatedCompositeFieldContainer[SuppressedCategory]
    released: _containers.RepeatedCompositeFieldContainer[SuppressedProduct]
    updated_at_ms: int
    more: bool
    def __init__(self, products: _Optional[_Iterable[_Union[SuppressedProduct, _Mapping]]] = ..., categories: _Optional[_Iterable[_Union[SuppressedCategory, _Mapping]]] = ..., released: _Optional[_Iterable[_Union[SuppressedProduct, _Mapping]]] = ..., updated_at_ms: _Optional[int] = ..., more: bool = ...) -> None: ...

class UseState(_message.Message):
    __slots__ = ("first_ms", "last_ms", "days")
    FIRST_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_MS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    first_ms: int
    last_ms: int
    days: int
    def __init__(self, first_ms: _Optional[int] = ..., last_ms: _Optional[int] = ..., days: _Optional[int] = ...) -> None: ...

class ProfileDevice(_message.Message):
    __slots__ = ("device_id", "app", "app_version", "os", "mode", "use", "channels")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    APP_FIELD_NUMBER: _ClassVar[int]
    APP_VERSION_FIELD_NUMBER: _ClassVar[int]
    OS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    app: str
    app_version: str
    os: str
    mode: _interactions_pb2.InstallationMode
    use: UseState
    channels: _containers.RepeatedScalarFieldContainer[_interactions_pb2.Channel]
    def __init__(self, device_id: _Optional[str] = ..., app: _Optional[str] = ..., app_version: _Optional[str] = ..., os: _Optional[str] = ..., mode: _Optional[_Union[_interactions_pb2.InstallationMode, str]] = ..., use: _Optional[_Union[UseState, _Mapping]] = ..., channels: _Optional[_Iterable[_Union[_interactions_pb2.Channel, str]]] = ...) -> None: ...

class ProfileChannel(_message.Message):
    __slots__ = ("channel", "label", "use")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    channel: _interactions_pb2.Channel
    label: str
    use: UseState
    def __init__(self, channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., label: _Optional[str] = ..., use: _Optional[_Union[UseState, _Mapping]] = ...) -> None: ...

class ProfileLocale(_message.Message):
    __slots__ = ("value", "use")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    USE_FIELD_NUMBER: _ClassVar[int]
    value: str
    use: UseState
    def __init__(self, value: _Optional[str] = ..., use: _Optional[_Union[UseState, _Mapping]] = ...) -> None: ...

class ProfileTouchpoint(_message.Message):
    __slots__ = ("at_ms", "type", "channel", "channel_label", "touchpoint", "journey", "actor", "device_id")
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    TOUCHPOINT_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    at_ms: int
    type: str
    channel: _interactions_pb2.Channel
    channel_label: str
    touchpoint: _interactions_pb2.Touchpoint
    journey: _references_pb2.JourneyRef
    actor: _events_pb2.ActorKind
    device_id: str
    def __init__(self, at_ms: _Optional[int] = ..., type: _Optional[str] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., touchpoint: _Optional[_Union[_interactions_pb2.Touchpoint, _Mapping]] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., actor: _Optional[_Union[_events_pb2.ActorKind, str]] = ..., device_id: _Optional[str] = ...) -> None: ...

class ProfileState(_message.Message):
    __slots__ = ("preferences", "devices", "channels", "touchpoints", "languages", "zones", "first_seen_ms", "last_seen_ms", "more")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    TOUCHPOINTS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    ZONES_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_MS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    preferences: _containers.RepeatedCompositeFieldContainer[_journeys_pb2.PreferenceState]
    devices: _containers.RepeatedCompositeFieldContainer[ProfileDevice]
    channels: _containers.RepeatedCompositeFieldContainer[ProfileChannel]
    touchpoints: _containers.RepeatedCompositeFieldContainer[ProfileTouchpoint]
    languages: _containers.RepeatedCompositeFieldContainer[ProfileLocale]
    zones: _containers.RepeatedCompositeFieldContainer[ProfileLocale]
    first_seen_ms: int
    last_seen_ms: int
    more: bool
    def __init__(self, preferences: _Optional[_Iterable[_Union[_journeys_pb2.PreferenceState, _Mapping]]] = ..., devices: _Optional[_Iterable[_Union[ProfileDevice, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[ProfileChannel, _Mapping]]] = ..., touchpoints: _Optional[_Iterable[_Union[ProfileTouchpoint, _Mapping]]] = ..., languages: _Optional[_Iterable[_Union[ProfileLocale, _Mapping]]] = ..., zones: _Optional[_Iterable[_Union[ProfileLocale, _Mapping]]] = ..., first_seen_ms: _Optional[int] = ..., last_seen_ms: _Optional[int] = ..., more: bool = ...) -> None: ...

class LedgerEntry(_message.Message):
    __slots__ = ("kind", "id", "direction", "channel", "channel_label", "at_ms", "status", "status_at_ms", "category", "template_id", "campaign_id", "offer_id", "order_id", "conversation_id", "text_ref", "actor", "duration_ms", "mode", "store")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATUS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_REF_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    kind: ContactKind
    id: str
    direction: ContactDirection
    channel: _interactions_pb2.Channel
    channel_label: str
    at_ms: int
    status: ContactStatus
    status_at_ms: int
    category: _interactions_pb2.MessageSent.Category
    template_id: str
    campaign_id: str
    offer_id: str
    order_id: str
    conversation_id: str
    text_ref: str
    actor: _events_pb2.Actor
    duration_ms: int
    mode: _interactions_pb2.CallReported.Mode
    store: _interactions_pb2.Store
    def __init__(self, kind: _Optional[_Union[ContactKind, str]] = ..., id: _Optional[str] = ..., direction: _Optional[_Union[ContactDirection, str]] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., at_ms: _Optional[int] = ..., status: _Optional[_Union[ContactStatus, str]] = ..., status_at_ms: _Optional[int] = ..., category: _Optional[_Union[_interactions_pb2.MessageSent.Category, str]] = ..., template_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., text_ref: _Optional[str] = ..., actor: _Optional[_Union[_events_pb2.Actor, _Mapping]] = ..., duration_ms: _Optional[int] = ..., mode: _Optional[_Union[_interactions_pb2.CallReported.Mode, str]] = ..., store: _Optional[_Union[_interactions_pb2.Store, _Mapping]] = ...) -> None: ...

class LedgerDay(_message.Message):
    __slots__ = ("day_ms", "channel", "channel_label", "category", "sent")
    DAY_MS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    day_ms: int
    channel: _interactions_pb2.Channel
    channel_label: str
    category: _interactions_pb2.MessageSent.Category
    sent: int
    def __init__(self, day_ms: _Optional[int] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., category: _Optional[_Union[_interactions_pb2.MessageSent.Category, str]] = ..., sent: _Optional[int] = ...) -> None: ...

class LedgerCampaign(_message.Message):
    __slots__ = ("campaign_id", "message_id", "channel", "sent_at_ms")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENT_AT_MS_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    message_id: str
    channel: _interactions_pb2.Channel
    sent_at_ms: int
    def __init__(self, campaign_id: _Optional[str] = ..., message_id: _Optional[str] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., sent_at_ms: _Optional[int] = ...) -> None: ...

class LedgerState(_message.Message):
    __slots__ = ("entries", "days", "campaigns", "more")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LedgerEntry]
    days: _containers.RepeatedCompositeFieldContainer[LedgerDay]
    campaigns: _containers.RepeatedCompositeFieldContainer[LedgerCampaign]
    more: bool
    def __init__(self, entries: _Optional[_Iterable[_Union[LedgerEntry, _Mapping]]] = ..., days: _Optional[_Iterable[_Union[LedgerDay, _Mapping]]] = ..., campaigns: _Optional[_Iterable[_Union[LedgerCampaign, _Mapping]]] = ..., more: bool = ...) -> None: ...

class ConversationParticipant(_message.Message):
    __slots__ = ("actor", "first_ms", "last_ms", "last_channel")
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    FIRST_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_MS_FIELD_NUMBER: _ClassVar[int]
    LAST_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    actor: _events_pb2.Actor
    first_ms: int
    last_ms: int
    last_channel: _interactions_pb2.Channel
    def __init__(self, actor: _Optional[_Union[_events_pb2.Actor, _Mapping]] = ..., first_ms: _Optional[int] = ..., last_ms: _Optional[int] = ..., last_channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ...) -> None: ...

class AgentConversationState(_message.Message):
    __slots__ = ("conversation_id", "status", "open", "assignee", "queue", "mode", "channel", "channel_label", "waiting_since_ms", "unanswered", "topic", "situation", "summary", "last_message", "participants", "journeys", "offer_ids", "message_ids", "case_ids", "quotes", "call_id", "call_status", "started_at_ms", "updated_at_ms")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    ASSIGNEE_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    WAITING_SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    UNANSWERED_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SITUATION_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    LAST_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    JOURNEYS_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    CASE_IDS_FIELD_NUMBER: _ClassVar[int]
    QUOTES_FIELD_NUMBER: _ClassVar[int]
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    CALL_STATUS_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    status: _interactions_pb2.ConversationStatusSet.Status
    open: bool
    assignee: str
    queue: str
    mode: _interactions_pb2.ConversationMode
    channel: _interactions_pb2.Channel
    channel_label: str
    waiting_since_ms: int
    unanswered: int
    topic: str
    situation: str
    summary: str
    last_message: _journeys_pb2.ConversationMessageState
    participants: _containers.RepeatedCompositeFieldContainer[ConversationParticipant]
    journeys: _containers.RepeatedCompositeFieldContainer[_references_pb2.JourneyRef]
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    case_ids: _containers.RepeatedScalarFieldContainer[str]
    quotes: _containers.RepeatedCompositeFieldContainer[_journeys_pb2.ConversationQuoteState]
    call_id: str
    call_status: _interactions_pb2.CallReported.Status
    started_at_ms: int
    updated_at_ms: int
    def __init__(self, conversation_id: _Optional[str] = ..., status: _Optional[_Union[_interactions_pb2.ConversationStatusSet.Status, str]] = ..., open: bool = ..., assignee: _Optional[str] = ..., queue: _Optional[str] = ..., mode: _Optional[_Union[_interactions_pb2.ConversationMode, str]] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., channel_label: _Optional[str] = ..., waiting_since_ms: _Optional[int] = ..., unanswered: _Optional[int] = ..., topic: _Optional[str] = ..., situation: _Optional[str] = ..., summary: _Optional[str] = ..., last_message: _Optional[_Union[_journeys_pb2.ConversationMessageState, _Mapping]] = ..., participants: _Optional[_Iterable[_Union[ConversationParticipant, _Mapping]]] = ..., journeys: _Optional[_Iterable[_Union[_references_pb2.JourneyRef, _Mapping]]] = ..., offer_ids: _Optional[_Iterable[str]] = ..., message_ids: _Optional[_Iterable[str]] = ..., case_ids: _Optional[_Iterable[str]] = ..., quotes: _Optional[_Iterable[_Union[_journeys_pb2.ConversationQuoteState, _Mapping]]] = ..., call_id: _Optional[str] = ..., call_status: _Optional[_Union[_interactions_pb2.CallReported.Status, str]] = ..., started_at_ms: _Optional[int] = ..., updated_at_ms: _Optional[int] = ...) -> None: ...
