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

class CheckoutStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECKOUT_STATUS_UNSPECIFIED: _ClassVar[CheckoutStatus]
    CHECKOUT_STATUS_OPEN: _ClassVar[CheckoutStatus]
    CHECKOUT_STATUS_SUBMITTED: _ClassVar[CheckoutStatus]
    CHECKOUT_STATUS_REFUSED: _ClassVar[CheckoutStatus]
    CHECKOUT_STATUS_ORDERED: _ClassVar[CheckoutStatus]

class QuoteStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUOTE_STATUS_UNSPECIFIED: _ClassVar[QuoteStatus]
    QUOTE_STATUS_OPEN: _ClassVar[QuoteStatus]
    QUOTE_STATUS_ACCEPTED: _ClassVar[QuoteStatus]
    QUOTE_STATUS_DECLINED: _ClassVar[QuoteStatus]
    QUOTE_STATUS_WITHDRAWN: _ClassVar[QuoteStatus]

class OrderStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_STATUS_UNSPECIFIED: _ClassVar[OrderStatus]
    ORDER_STATUS_ORDERED: _ClassVar[OrderStatus]
    ORDER_STATUS_RESERVED: _ClassVar[OrderStatus]
    ORDER_STATUS_READY_FOR_PICKUP: _ClassVar[OrderStatus]
    ORDER_STATUS_PICKED_UP: _ClassVar[OrderStatus]
    ORDER_STATUS_SHIPPED: _ClassVar[OrderStatus]
    ORDER_STATUS_DELIVERED: _ClassVar[OrderStatus]
    ORDER_STATUS_RETURN_REQUESTED: _ClassVar[OrderStatus]
    ORDER_STATUS_RETURNED: _ClassVar[OrderStatus]
    ORDER_STATUS_REFUNDED: _ClassVar[OrderStatus]
    ORDER_STATUS_CANCELLED: _ClassVar[OrderStatus]

class RewardOfferStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REWARD_OFFER_STATUS_UNSPECIFIED: _ClassVar[RewardOfferStatus]
    REWARD_OFFER_STATUS_OPEN: _ClassVar[RewardOfferStatus]
    REWARD_OFFER_STATUS_SPENT: _ClassVar[RewardOfferStatus]
    REWARD_OFFER_STATUS_EXPIRED: _ClassVar[RewardOfferStatus]
    REWARD_OFFER_STATUS_WITHDRAWN: _ClassVar[RewardOfferStatus]
CART_STATUS_UNSPECIFIED: CartStatus
CART_STATUS_ACTIVE: CartStatus
CART_STATUS_FROZEN: CartStatus
CHECKOUT_STATUS_UNSPECIFIED: CheckoutStatus
CHECKOUT_STATUS_OPEN: CheckoutStatus
CHECKOUT_STATUS_SUBMITTED: CheckoutStatus
CHECKOUT_STATUS_REFUSED: CheckoutStatus
CHECKOUT_STATUS_ORDERED: CheckoutStatus
QUOTE_STATUS_UNSPECIFIED: QuoteStatus
QUOTE_STATUS_OPEN: QuoteStatus
QUOTE_STATUS_ACCEPTED: QuoteStatus
QUOTE_STATUS_DECLINED: QuoteStatus
QUOTE_STATUS_WITHDRAWN: QuoteStatus
ORDER_STATUS_UNSPECIFIED: OrderStatus
ORDER_STATUS_ORDERED: OrderStatus
ORDER_STATUS_RESERVED: OrderStatus
ORDER_STATUS_READY_FOR_PICKUP: OrderStatus
ORDER_STATUS_PICKED_UP: OrderStatus
ORDER_STATUS_SHIPPED: OrderStatus
ORDER_STATUS_DELIVERED: OrderStatus
ORDER_STATUS_RETURN_REQUESTED: OrderStatus
ORDER_STATUS_RETURNED: OrderStatus
ORDER_STATUS_REFUNDED: OrderStatus
ORDER_STATUS_CANCELLED: OrderStatus
REWARD_OFFER_STATUS_UNSPECIFIED: RewardOfferStatus
REWARD_OFFER_STATUS_OPEN: RewardOfferStatus
REWARD_OFFER_STATUS_SPENT: RewardOfferStatus
REWARD_OFFER_STATUS_EXPIRED: RewardOfferStatus
REWARD_OFFER_STATUS_WITHDRAWN: RewardOfferStatus

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

class SeriesMemberState(_message.Message):
    __slots__ = ("journey", "order_key")
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    ORDER_KEY_FIELD_NUMBER: _ClassVar[int]
    journey: _references_pb2.JourneyRef
    order_key: str
    def __init__(self, journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., order_key: _Optional[str] = ...) -> None: ...

class SeriesState(_message.Message):
    __slots__ = ("members", "current", "up_next", "finished_count", "more")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    UP_NEXT_FIELD_NUMBER: _ClassVar[int]
    FINISHED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[SeriesMemberState]
    current: _references_pb2.JourneyRef
    up_next: _references_pb2.JourneyRef
    finished_count: int
    more: bool
    def __init__(self, members: _Optional[_Iterable[_Union[SeriesMemberState, _Mapping]]] = ..., current: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., up_next: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., finished_count: _Optional[int] = ..., more: bool = ...) -> None: ...

class ReadingBookmarkState(_message.Message):
    __slots__ = ("bookmark_id", "locator", "text", "set_at_ms")
    BOOKMARK_ID_FIELD_NUMBER: _ClassVar[int]
    LOCATOR_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SET_AT_MS_FIELD_NUMBER: _ClassVar[int]
    bookmark_id: str
    locator: str
    text: str
    set_at_ms: int
    def __init__(self, bookmark_id: _Optional[str] = ..., locator: _Optional[str] = ..., text: _Optional[str] = ..., set_at_ms: _Optional[int] = ...) -> None: ...

class ReadingState(_message.Message):
    __slots__ = ("locator", "as_of_ms", "progress_ppm", "furthest_ppm", "bookmarks", "finished", "finished_at_ms", "more")
    LOCATOR_FIELD_NUMBER: _ClassVar[int]
    AS_OF_MS_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_PPM_FIELD_NUMBER: _ClassVar[int]
    FURTHEST_PPM_FIELD_NUMBER: _ClassVar[int]
    BOOKMARKS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    FINISHED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    locator: str
    as_of_ms: int
    progress_ppm: int
    furthest_ppm: int
    bookmarks: _containers.RepeatedCompositeFieldContainer[ReadingBookmarkState]
    finished: bool
    finished_at_ms: int
    more: bool
    def __init__(self, locator: _Optional[str] = ..., as_of_ms: _Optional[int] = ..., progress_ppm: _Optional[int] = ..., furthest_ppm: _Optional[int] = ..., bookmarks: _Optional[_Iterable[_Union[ReadingBookmarkState, _Mapping]]] = ..., finished: bool = ..., finished_at_ms: _Optional[int] = ..., more: bool = ...) -> None: ...

class SearchState(_message.Message):
    __slots__ = ("query", "filters", "sort", "anchor", "result_count")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_FIELD_NUMBER: _ClassVar[int]
    RESULT_COUNT_FIELD_NUMBER: _ClassVar[int]
    query: str
    filters: _containers.RepeatedCompositeFieldContainer[_interactions_pb2.SearchFilter]
    sort: str
    anchor: str
    result_count: int
    def __init__(self, query: _Optional[str] = ..., filters: _Optional[_Iterable[_Union[_interactions_pb2.SearchFilter, _Mapping]]] = ..., sort: _Optional[str] = ..., anchor: _Optional[str] = ..., result_count: _Optional[int] = ...) -> None: ...

class PreferenceState(_message.Message):
    __slots__ = ("key", "value", "source", "set_at_ms")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SET_AT_MS_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    source: _interactions_pb2.PreferenceSet.Source
    set_at_ms: int
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ..., source: _Optional[_Union[_interactions_pb2.PreferenceSet.Source, str]] = ..., set_at_ms: _Optional[int] = ...) -> None: ...

class PreferencesState(_message.Message):
    __slots__ = ("entries", "more")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[PreferenceState]
    more: bool
    def __init__(self, entries: _Optional[_Iterable[_Union[PreferenceState, _Mapping]]] = ..., more: bool = ...) -> None: ...

class BrowseItemState(_message.Message):
    __slots__ = ("product", "unit_price", "availability", "viewed_at_ms")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    AVAILABILITY_FIELD_NUMBER: _ClassVar[int]
    VIEWED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    product: _interactions_pb2.Product
    unit_price: _interactions_pb2.Money
    availability: _interactions_pb2.ProductViewed.Availability
    viewed_at_ms: int
    def __init__(self, product: _Optional[_Union[_interactions_pb2.Product, _Mapping]] = ..., unit_price: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ..., availability: _Optional[_Union[_interactions_pb2.ProductViewed.Availability, str]] = ..., viewed_at_ms: _Optional[int] = ...) -> None: ...

class BrowseState(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[BrowseItemState]
    def __init__(self, items: _Optional[_Iterable[_Union[BrowseItemState, _Mapping]]] = ...) -> None: ...

class InputState(_message.Message):
    __slots__ = ("field", "value", "saved_at_ms", "conflicts")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SAVED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CONFLICTS_FIELD_NUMBER: _ClassVar[int]
    field: str
    value: str
    saved_at_ms: int
    conflicts: _containers.RepeatedCompositeFieldContainer[Conflict]
    def __init__(self, field: _Optional[str] = ..., value: _Optional[str] = ..., saved_at_ms: _Optional[int] = ..., conflicts: _Optional[_Iterable[_Union[Conflict, _Mapping]]] = ...) -> None: ...

class CheckoutState(_message.Message):
    __slots__ = ("status", "cart_id", "cart_digest", "step", "step_no", "address", "payment_ref", "attempt", "refused", "refused_detail", "order_id", "more")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CART_ID_FIELD_NUMBER: _ClassVar[int]
    CART_DIGEST_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    STEP_NO_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_REF_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_DETAIL_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    status: CheckoutStatus
    cart_id: str
    cart_digest: str
    step: str
    step_no: int
    address: _containers.RepeatedCompositeFieldContainer[InputState]
    payment_ref: str
    attempt: int
    refused: _interactions_pb2.CheckoutRefused.Reason
    refused_detail: str
    order_id: str
    more: bool
    def __init__(self, status: _Optional[_Union[CheckoutStatus, str]] = ..., cart_id: _Optional[str] = ..., cart_digest: _Optional[str] = ..., step: _Optional[str] = ..., step_no: _Optional[int] = ..., address: _Optional[_Iterable[_Union[InputState, _Mapping]]] = ..., payment_ref: _Optional[str] = ..., attempt: _Optional[int] = ..., refused: _Optional[_Union[_interactions_pb2.CheckoutRefused.Reason, str]] = ..., refused_detail: _Optional[str] = ..., order_id: _Optional[str] = ..., more: bool = ...) -> None: ...

class FormErrorState(_message.Message):
    __slots__ = ("field", "text")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    field: str
    text: str
    def __init__(self, field: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class FormSubmissionState(_message.Message):
    __slots__ = ("attempt", "answers", "at_ms")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    answers: _containers.RepeatedCompositeFieldContainer[InputState]
    at_ms: int
    def __init__(self, attempt: _Optional[int] = ..., answers: _Optional[_Iterable[_Union[InputState, _Mapping]]] = ..., at_ms: _Optional[int] = ...) -> None: ...

class FormState(_message.Message):
    __slots__ = ("attempt", "answers", "step", "max_step", "errors", "submitted", "more")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    MAX_STEP_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    answers: _containers.RepeatedCompositeFieldContainer[InputState]
    step: str
    max_step: int
    errors: _containers.RepeatedCompositeFieldContainer[FormErrorState]
    submitted: FormSubmissionState
    more: bool
    def __init__(self, attempt: _Optional[int] = ..., answers: _Optional[_Iterable[_Union[InputState, _Mapping]]] = ..., step: _Optional[str] = ..., max_step: _Optional[int] = ..., errors: _Optional[_Iterable[_Union[FormErrorState, _Mapping]]] = ..., submitted: _Optional[_Union[FormSubmissionState, _Mapping]] = ..., more: bool = ...) -> None: ...

class ConversationMessageState(_message.Message):
    __slots__ = ("no", "message_id", "direction", "author", "mode", "channel", "text", "text_ref", "attachments", "in_reply_to", "at_ms")
    NO_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_REF_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    IN_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    no: int
    message_id: str
    direction: _interactions_pb2.ConversationMessageAdded.Direction
    author: _events_pb2.Actor
    mode: _interactions_pb2.ConversationMode
    channel: _interactions_pb2.Channel
    text: str
    text_ref: str
    attachments: _containers.RepeatedCompositeFieldContainer[_interactions_pb2.Attachment]
    in_reply_to: str
    at_ms: int
    def __init__(self, no: _Optional[int] = ..., message_id: _Optional[str] = ..., direction: _Optional[_Union[_interactions_pb2.ConversationMessageAdded.Direction, str]] = ..., author: _Optional[_Union[_events_pb2.Actor, _Mapping]] = ..., mode: _Optional[_Union[_interactions_pb2.ConversationMode, str]] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., text: _Optional[str] = ..., text_ref: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[_interactions_pb2.Attachment, _Mapping]]] = ..., in_reply_to: _Optional[str] = ..., at_ms: _Optional[int] = ...) -> None: ...

class ConversationQuoteState(_message.Message):
    __slots__ = ("quote_id", "status", "valid_until_ms", "total")
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    quote_id: str
    status: QuoteStatus
    valid_until_ms: int
    total: _interactions_pb2.Money
    def __init__(self, quote_id: _Optional[str] = ..., status: _Optional[_Union[QuoteStatus, str]] = ..., valid_until_ms: _Optional[int] = ..., total: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ...) -> None: ...

class ConversationState(_message.Message):
    __slots__ = ("messages", "quotes", "offer_ids", "order_ids", "read_no", "marked_unread", "mode", "assignee", "queue", "status", "draft", "summary", "topic", "situation", "last_no", "more")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    QUOTES_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    ORDER_IDS_FIELD_NUMBER: _ClassVar[int]
    READ_NO_FIELD_NUMBER: _ClassVar[int]
    MARKED_UNREAD_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNEE_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SITUATION_FIELD_NUMBER: _ClassVar[int]
    LAST_NO_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[ConversationMessageState]
    quotes: _containers.RepeatedCompositeFieldContainer[ConversationQuoteState]
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    order_ids: _containers.RepeatedScalarFieldContainer[str]
    read_no: int
    marked_unread: bool
    mode: _interactions_pb2.ConversationMode
    assignee: str
    queue: str
    status: _interactions_pb2.ConversationStatusSet.Status
    draft: str
    summary: str
    topic: str
    situation: str
    last_no: int
    more: bool
    def __init__(self, messages: _Optional[_Iterable[_Union[ConversationMessageState, _Mapping]]] = ..., quotes: _Optional[_Iterable[_Union[ConversationQuoteState, _Mapping]]] = ..., offer_ids: _Optional[_Iterable[str]] = ..., order_ids: _Optional[_Iterable[str]] = ..., read_no: _Optional[int] = ..., marked_unread: bool = ..., mode: _Optional[_Union[_interactions_pb2.ConversationMode, str]] = ..., assignee: _Optional[str] = ..., queue: _Optional[str] = ..., status: _Optional[_Union[_interactions_pb2.ConversationStatusSet.Status, str]] = ..., draft: _Optional[str] = ..., summary: _Optional[str] = ..., topic: _Optional[str] = ..., situation: _Optional[str] = ..., last_no: _Optional[int] = ..., more: bool = ...) -> None: ...

class OrderQuantity(_message.Message):
    __slots__ = ("status", "quantity")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    status: OrderStatus
    quantity: int
    def __init__(self, status: _Optional[_Union[OrderStatus, str]] = ..., quantity: _Optional[int] = ...) -> None: ...

class OrderLineState(_message.Message):
    __slots__ = ("line_key", "product", "unit", "unit_price", "options", "ordered", "quantities")
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    ORDERED_FIELD_NUMBER: _ClassVar[int]
    QUANTITIES_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    product: _interactions_pb2.Product
    unit: str
    unit_price: _interactions_pb2.Money
    options: _containers.RepeatedCompositeFieldContainer[LineOption]
    ordered: int
    quantities: _containers.RepeatedCompositeFieldContainer[OrderQuantity]
    def __init__(self, line_key: _Optional[str] = ..., product: _Optional[_Union[_interactions_pb2.Product, _Mapping]] = ..., unit: _Optional[str] = ..., unit_price: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ..., options: _Optional[_Iterable[_Union[LineOption, _Mapping]]] = ..., ordered: _Optional[int] = ..., quantities: _Optional[_Iterable[_Union[OrderQuantity, _Mapping]]] = ...) -> None: ...

class OrderMoveState(_message.Message):
    __slots__ = ("line_key", "from_status", "to_status", "quantity", "channel", "actor", "actor_place", "store", "at_ms", "return_id")
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    FROM_STATUS_FIELD_NUMBER: _ClassVar[int]
    TO_STATUS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ACTOR_PLACE_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    from_status: OrderStatus
    to_status: OrderStatus
    quantity: int
    channel: _interactions_pb2.Channel
    actor: _events_pb2.Actor
    actor_place: str
    store: _interactions_pb2.Store
    at_ms: int
    return_id: str
    def __init__(self, line_key: _Optional[str] = ..., from_status: _Optional[_Union[OrderStatus, str]] = ..., to_status: _Optional[_Union[OrderStatus, str]] = ..., quantity: _Optional[int] = ..., channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., actor: _Optional[_Union[_events_pb2.Actor, _Mapping]] = ..., actor_place: _Optional[str] = ..., store: _Optional[_Union[_interactions_pb2.Store, _Mapping]] = ..., at_ms: _Optional[int] = ..., return_id: _Optional[str] = ...) -> None: ...

class OrderTotals(_message.Message):
    __slots__ = ("ordered", "discount", "paid", "refunded")
    ORDERED_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_FIELD_NUMBER: _ClassVar[int]
    ordered: _interactions_pb2.Money
    discount: _interactions_pb2.Money
    paid: _containers.RepeatedCompositeFieldContainer[_interactions_pb2.Money]
    refunded: _containers.RepeatedCompositeFieldContainer[_interactions_pb2.Money]
    def __init__(self, ordered: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ..., discount: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ..., paid: _Optional[_Iterable[_Union[_interactions_pb2.Money, _Mapping]]] = ..., refunded: _Optional[_Iterable[_Union[_interactions_pb2.Money, _Mapping]]] = ...) -> None: ...

class OrderState(_message.Message):
    __slots__ = ("lines", "moves", "totals", "fulfilment", "payment_at", "store", "placed_at_ms", "placed_channel", "cart_id", "checkout_id", "conversation_id", "offer_ids", "pickup_until_ms", "carrier", "tracking_ref", "more")
    LINES_FIELD_NUMBER: _ClassVar[int]
    MOVES_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    FULFILMENT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_AT_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    PLACED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    PLACED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CART_ID_FIELD_NUMBER: _ClassVar[int]
    CHECKOUT_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    PICKUP_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    TRACKING_REF_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[OrderLineState]
    moves: _containers.RepeatedCompositeFieldContainer[OrderMoveState]
    totals: OrderTotals
    fulfilment: _interactions_pb2.Fulfilment
    payment_at: _interactions_pb2.OrderPlaced.PaymentPlace
    store: _interactions_pb2.Store
    placed_at_ms: int
    placed_channel: _interactions_pb2.Channel
    cart_id: str
    checkout_id: str
    conversation_id: str
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    pickup_until_ms: int
    carrier: str
    tracking_ref: str
    more: bool
    def __init__(self, lines: _Optional[_Iterable[_Union[OrderLineState, _Mapping]]] = ..., moves: _Optional[_Iterable[_Union[OrderMoveState, _Mapping]]] = ..., totals: _Optional[_Union[OrderTotals, _Mapping]] = ..., fulfilment: _Optional[_Union[_interactions_pb2.Fulfilment, _Mapping]] = ..., payment_at: _Optional[_Union[_interactions_pb2.OrderPlaced.PaymentPlace, str]] = ..., store: _Optional[_Union[_interactions_pb2.Store, _Mapping]] = ..., placed_at_ms: _Optional[int] = ..., placed_channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., cart_id: _Optional[str] = ..., checkout_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., offer_ids: _Optional[_Iterable[str]] = ..., pickup_until_ms: _Optional[int] = ..., carrier: _Optional[str] = ..., tracking_ref: _Optional[str] = ..., more: bool = ...) -> None: ...

class RewardOfferState(_message.Message):
    __slots__ = ("offer_id", "promotion_id", "title", "amount", "share_ppm", "skus", "channels", "valid_from_ms", "valid_until_ms", "uses_left", "status")
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    SHARE_PPM_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    USES_LEFT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    promotion_id: str
    title: str
    amount: _interactions_pb2.Money
    share_ppm: int
    skus: _containers.RepeatedScalarFieldContainer[str]
    channels: _containers.RepeatedScalarFieldContainer[_interactions_pb2.Channel]
    valid_from_ms: int
    valid_until_ms: int
    uses_left: int
    status: RewardOfferStatus
    def __init__(self, offer_id: _Optional[str] = ..., promotion_id: _Optional[str] = ..., title: _Optional[str] = ..., amount: _Optional[_Union[_interactions_pb2.Money, _Mapping]] = ..., share_ppm: _Optional[int] = ..., skus: _Optional[_Iterable[str]] = ..., channels: _Optional[_Iterable[_Union[_interactions_pb2.Channel, str]]] = ..., valid_from_ms: _Optional[int] = ..., valid_until_ms: _Optional[int] = ..., uses_left: _Optional[int] = ..., status: _Optional[_Union[RewardOfferStatus, str]] = ...) -> None: ...

class RewardsState(_message.Message):
    __slots__ = ("balance", "tier", "offers", "more")
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    balance: int
    tier: str
    offers: _containers.RepeatedCompositeFieldContainer[RewardOfferState]
    more: bool
    def __init__(self, balance: _Optional[int] = ..., tier: _Optional[str] = ..., offers: _Optional[_Iterable[_Union[RewardOfferState, _Mapping]]] = ..., more: bool = ...) -> None: ...

class BookingState(_message.Message):
    __slots__ = ("status", "slot_start_ms", "slot_end_ms", "store", "resource", "party", "hold_until_ms")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SLOT_START_MS_FIELD_NUMBER: _ClassVar[int]
    SLOT_END_MS_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    PARTY_FIELD_NUMBER: _ClassVar[int]
    HOLD_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    status: _interactions_pb2.BookingChanged.Status
    slot_start_ms: int
    slot_end_ms: int
    store: _interactions_pb2.Store
    resource: str
    party: int
    hold_until_ms: int
    def __init__(self, status: _Optional[_Union[_interactions_pb2.BookingChanged.Status, str]] = ..., slot_start_ms: _Optional[int] = ..., slot_end_ms: _Optional[int] = ..., store: _Optional[_Union[_interactions_pb2.Store, _Mapping]] = ..., resource: _Optional[str] = ..., party: _Optional[int] = ..., hold_until_ms: _Optional[int] = ...) -> None: ...

class CustomState(_message.Message):
    __slots__ = ("json",)
    JSON_FIELD_NUMBER: _ClassVar[int]
    json: str
    def __init__(self, json: _Optional[str] = ...) -> None: ...

class Journey(_message.Message):
    __slots__ = ("ref", "media", "cart", "list", "series", "reading", "search", "preferences", "browse", "checkout", "form", "conversation", "order", "rewards", "booking", "custom", "rev", "finished", "hidden", "archived", "activity", "last_device_id", "last_channel", "last_channel_label", "updated_at_ms", "conflicts", "withheld", "checksum")
    REF_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    CART_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    BROWSE_FIELD_NUMBER: _ClassVar[int]
    CHECKOUT_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    REWARDS_FIELD_NUMBER: _ClassVar[int]
    BOOKING_FIELD_NUMBER: _ClassVar[int]
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
    series: SeriesState
    reading: ReadingState
    search: SearchState
    preferences: PreferencesState
    browse: BrowseState
    checkout: CheckoutState
    form: FormState
    conversation: ConversationState
    order: OrderState
    rewards: RewardsState
    booking: BookingState
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
    def __init__(self, ref: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., media: _Optional[_Union[MediaState, _Mapping]] = ..., cart: _Optional[_Union[CartState, _Mapping]] = ..., list: _Optional[_Union[ListState, _Mapping]] = ..., series: _Optional[_Union[SeriesState, _Mapping]] = ..., reading: _Optional[_Union[ReadingState, _Mapping]] = ..., search: _Optional[_Union[SearchState, _Mapping]] = ..., preferences: _Optional[_Union[PreferencesState, _Mapping]] = ..., browse: _Optional[_Union[BrowseState, _Mapping]] = ..., checkout: _Optional[_Union[CheckoutState, _Mapping]] = ..., form: _Optional[_Union[FormState, _Mapping]] = ..., conversation: _Optional[_Union[ConversationState, _Mapping]] = ..., order: _Optional[_Union[OrderState, _Mapping]] = ..., rewards: _Optional[_Union[RewardsState, _Mapping]] = ..., booking: _Optional[_Union[BookingState, _Mapping]] = ..., custom: _Optional[_Union[CustomState, _Mapping]] = ..., rev: _Optional[int] = ..., finished: bool = ..., hidden: bool = ..., archived: bool = ..., activity: _Optional[_Union[_events_pb2.Occurrence, _Mapping]] = ..., last_device_id: _Optional[str] = ..., last_channel: _Optional[_Union[_interactions_pb2.Channel, str]] = ..., last_channel_label: _Optional[str] = ..., updated_at_ms: _Optional[int] = ..., conflicts: _Optional[_Iterable[_Union[Conflict, _Mapping]]] = ..., withheld: _Optional[_Iterable[str]] = ..., checksum: _Optional[int] = ...) -> None: ...
