from google.api import field_behavior_pb2 as _field_behavior_pb2
from journey.v1 import events_pb2 as _events_pb2
from journey.v1 import interactions_pb2 as _interactions_pb2
from journey.v1 import references_pb2 as _references_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CartStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CART_STATUS_UNSPECIFIED: _ClassVar[CartStatus]
    CART_STATUS_ACTIVE: _ClassVar[CartStatus]
    CART_STATUS_FROZEN: _ClassVar[CartStatus]
CART_STATUS_UNSPECIFIED: CartStatus
CART_STATUS_ACTIVE: CartStatus
CART_STATUS_FROZEN: CartStatus

class Conflict(_message.Message):
    __slots__ = ("field", "json", "occurrence")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    OCCURRENCE_FIELD_NUMBER: _ClassVar[int]
    field: str
    json: str
    occurrence: _events_pb2.Occurrence
    def __init__(self, field: _Optional[str] = ..., json: _Optional[str] = ..., occurrence: _Optional[_Union[_events_pb2.Occurrence, _Mapping]] = ...) -> None: ...

class MediaPlace(_message.Message):
    __slots__ = ("point_ms", "at_ms", "installation_id", "run_id")
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    point_ms: int
    at_ms: int
    installation_id: str
    run_id: str
    def __init__(self, point_ms: _Optional[int] = ..., at_ms: _Optional[int] = ..., installation_id: _Optional[str] = ..., run_id: _Optional[str] = ...) -> None: ...

class MediaTracks(_message.Message):
    __slots__ = ("audio_language", "subtitle_language", "speed")
    AUDIO_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SUBTITLE_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    audio_language: str
    subtitle_language: str
    speed: int
    def __init__(self, audio_language: _Optional[str] = ..., subtitle_language: _Optional[str] = ..., speed: _Optional[int] = ...) -> None: ...

class MediaState(_message.Message):
    __slots__ = ("point_ms", "as_of_ms", "speed", "start_ms", "duration_ms", "credits_at_ms", "format", "installation_id", "run_id", "furthest_ms", "finished", "finished_at_ms", "watch_count", "tracks", "history", "alternates", "group_id", "series_id")
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    AS_OF_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    CREDITS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    FURTHEST_MS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    WATCH_COUNT_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    ALTERNATES_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    SERIES_ID_FIELD_NUMBER: _ClassVar[int]
    point_ms: int
    as_of_ms: int
    speed: int
    start_ms: int
    duration_ms: int
    credits_at_ms: int
    format: _interactions_pb2.MediaFormat
    installation_id: str
    run_id: str
    furthest_ms: int
    finished: bool
    finished_at_ms: int
    watch_count: int
    tracks: MediaTracks
    history: _containers.RepeatedCompositeFieldContainer[MediaPlace]
    alternates: _containers.RepeatedCompositeFieldContainer[MediaPlace]
    group_id: str
    series_id: str
    def __init__(self, point_ms: _Optional[int] = ..., as_of_ms: _Optional[int] = ..., speed: _Optional[int] = ..., start_ms: _Optional[int] = ..., duration_ms: _Optional[int] = ..., credits_at_ms: _Optional[int] = ..., format: _Optional[_Union[_interactions_pb2.MediaFormat, str]] = ..., installation_id: _Optional[str] = ..., run_id: _Optional[str] = ..., furthest_ms: _Optional[int] = ..., finished: bool = ..., finished_at_ms: _Optional[int] = ..., watch_count: _Optional[int] = ..., tracks: _Optional[_Union[MediaTracks, _Mapping]] = ..., history: _Optional[_Iterable[_Union[MediaPlace, _Mapping]]] = ..., alternates: _Optional[_Iterable[_Union[MediaPlace, _Mapping]]] = ..., group_id: _Optional[str] = ..., series_id: _Optional[str] = ...) -> None: ...

class CartLineState(_message.Message):
    __slots__ = ("line_key", "product", "quantity", "unit", "wanted", "capped", "unit_price", "options", "added_from")
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    WANTED_FIELD_NUMBER: _ClassVar[int]
    CAPPED_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    ADDED_FROM_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    product: _interactions_pb2.Product
    quantity: int
    unit: str
    wanted: int
    capped: bool
    unit_price: _interactions_pb2.Money
    options: _containers.RepeatedCompositeFieldContainer[LineOption]
    added_from: _references_pb2.JourneyRef
    def __init__(self, line_key: _Optional[str] = ..., product: _Optional[_Union[_interactions_pb2.Product, _Mapping]] = ..., quantity: _Optional[int] = ..., unit: _Optional[str] = ..., wanted: _Optional[int] = ..., capped: bool = ..., unit_price: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ..., options: _Optional[_Iterable[_Union[LineOption, _Mapping]]] = ..., added_from: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ...) -> None: ...

class LineOption(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class CartCouponState(_message.Message):
    __slots__ = ("code", "status", "discount")
    CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    code: str
    status: _interactions_pb2.CartCouponSet.Status
    discount: _interactions_pb2.Money
    def __init__(self, code: _Optional[str] = ..., status: _Optional[_Union[_interactions_pb2.CartCouponSet.Status, str]] = ..., discount: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ...) -> None: ...

class CartFulfilmentState(_message.Message):
    __slots__ = ("method", "store", "slot_start_ms", "slot_end_ms")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    SLOT_START_MS_FIELD_NUMBER: _ClassVar[int]
    SLOT_END_MS_FIELD_NUMBER: _ClassVar[int]
    method: _interactions_pb2.FulfilmentMethod
    store: _interactions_pb2.Store
    slot_start_ms: int
    slot_end_ms: int
    def __init__(self, method: _Optional[_Union[_interactions_pb2.FulfilmentMethod, str]] = ..., store: _Optional[_Union[_interactions_pb2.Store, _Mapping]] = ..., slot_start_ms: _Optional[int] = ..., slot_end_ms: _Optional[int] = ...) -> None: ...

class CartState(_message.Message):
    __slots__ = ("lines", "coupons", "fulfilment", "note", "status", "generation", "digest", "more")
    LINES_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    FULFILMENT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[CartLineState]
    coupons: _containers.RepeatedCompositeFieldContainer[CartCouponState]
    fulfilment: CartFulfilmentState
    note: str
    status: CartStatus
    generation: int
    digest: str
    more: bool
    def __init__(self, lines: _Optional[_Iterable[_Union[CartLineState, _Mapping]]] = ..., coupons: _Optional[_Iterable[_Union[CartCouponState, _Mapping]]] = ..., fulfilment: _Optional[_Union[CartFulfilmentState, _Mapping]] = ..., note: _Optional[str] = ..., status: _Optional[_Union[CartStatus, str]] = ..., generation: _Optional[int] = ..., digest: _Optional[str] = ..., more: bool = ...) -> None: ...

class ListItemState(_message.Message):
    __slots__ = ("item_key", "product", "content_id", "search_id", "note", "order_key", "added_at_ms")
    ITEM_KEY_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEARCH_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ORDER_KEY_FIELD_NUMBER: _ClassVar[int]
    ADDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    item_key: str
    product: _interactions_pb2.Product
    content_id: str
    search_id: str
    note: str
    order_key: str
    added_at_ms: int
    def __init__(self, item_key: _Optional[str] = ..., product: _Optional[_Union[_interactions_pb2.Product, _Mapping]] = ..., content_id: _Optional[str] = ..., search_id: _Optional[str] = ..., note: _Optional[str] = ..., order_key: _Optional[str] = ..., added_at_ms: _Optional[int] = ...) -> None: ...

class ListState(_message.Message):
    __slots__ = ("items", "more")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ListItemState]
    more: bool
    def __init__(self, items: _Optional[_Iterable[_Union[ListItemState, _Mapping]]] = ..., more: bool = ...) -> None: ...

class CustomState(_message.Message):
    __slots__ = ("json",)
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: str
    def __init__(self, json: _Optional[str] = ...) -> None: ...

class Journey(_message.Message):
    __slots__ = ("ref", "media", "cart", "list", "custom", "rev", "finished", "hidden", "archived", "activity", "last_device_id", "last_channel", "last_channel_label", "updated_at_ms", "conflicts", "withheld", "checksum")
    REF_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    CART_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    REV_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    LAST_DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LAST_CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CONFLICTS_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    ref: _references_pb2.JourneyRef
    media: MediaState
    cart: CartState
    list: ListState
    custom: CustomState
    rev: int
    finished: bool
    hidden: bool
    archived: bool
    activity: _events_pb2.Occurrence
    last_device_id: str
    last_channel: _interactions_pb2.Channel
    last_channel_label: str
    updated_at_ms: int
    conflicts: _containers.RepeatedCompositeFieldContainer[Conflict]
    withheld: _containers.RepeatedScalarFieldContainer[str]
    checksum: int
    def __init__(self, ref: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., media: _Optional[_Union[MediaState, _Mapping]] = ..., cart: _Optional[_Union[CartState, _Mapping]] = ..., list: _Optional[_Union[ListState, _Mapping]] = ..., custom: _Optional[_Union[CustomState, _Mapping]] = ..., rev: _Optional[int] = ..., finished: bool = ..., hidden: bool = ..., archived: bool = ..., activity: _Optional[_Union[_events_pb2.Occurrence, _Mapping]] = ..., last_device_id: _Optional[str] = ..., last_channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., last_channel_label: _Optional[str] = ..., updated_at_ms: _Optional[int] = ..., conflicts: _Optional[_Iterable[_Union[Conflict, _Mapping]]] = ..., withheld: _Optional[_Iterable[str]] = ..., checksum: _Optional[int] = ...) -> None: ...
