from journey.v1 import events_pb2 as _events_pb2
from journey.v1 import references_pb2 as _references_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Write(_message.Message):
    __slots__ = ("t_ms", "counter", "installation_id", "seq", "subject_id", "version", "rank", "number", "aside", "text", "message")
    T_MS_FIELD_NUMBER: _ClassVar[int]
    COUNTER_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ASIDE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    t_ms: int
    counter: int
    installation_id: str
    seq: int
    subject_id: str
    version: int
    rank: int
    number: int
    aside: int
    text: str
    message: bytes
    def __init__(self, t_ms: _Optional[int] = ..., counter: _Optional[int] = ..., installation_id: _Optional[str] = ..., seq: _Optional[int] = ..., subject_id: _Optional[str] = ..., version: _Optional[int] = ..., rank: _Optional[int] = ..., number: _Optional[int] = ..., aside: _Optional[int] = ..., text: _Optional[str] = ..., message: _Optional[bytes] = ...) -> None: ...

class InstallationMark(_message.Message):
    __slots__ = ("installation_id", "before")
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    installation_id: str
    before: Write
    def __init__(self, installation_id: _Optional[str] = ..., before: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class Marks(_message.Message):
    __slots__ = ("versions", "installations")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    INSTALLATIONS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[_events_pb2.StreamVersion]
    installations: _containers.RepeatedCompositeFieldContainer[InstallationMark]
    def __init__(self, versions: _Optional[_Iterable[_Union[_events_pb2.StreamVersion, _Mapping]]] = ..., installations: _Optional[_Iterable[_Union[InstallationMark, _Mapping]]] = ...) -> None: ...

class Tagged(_message.Message):
    __slots__ = ("tags", "marks")
    TAGS_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    tags: _containers.RepeatedCompositeFieldContainer[Write]
    marks: Marks
    def __init__(self, tags: _Optional[_Iterable[_Union[Write, _Mapping]]] = ..., marks: _Optional[_Union[Marks, _Mapping]] = ...) -> None: ...

class TaggedQuantity(_message.Message):
    __slots__ = ("sets", "adds", "marks")
    SETS_FIELD_NUMBER: _ClassVar[int]
    ADDS_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    sets: _containers.RepeatedCompositeFieldContainer[Write]
    adds: _containers.RepeatedCompositeFieldContainer[Write]
    marks: Marks
    def __init__(self, sets: _Optional[_Iterable[_Union[Write, _Mapping]]] = ..., adds: _Optional[_Iterable[_Union[Write, _Mapping]]] = ..., marks: _Optional[_Union[Marks, _Mapping]] = ...) -> None: ...

class MachineTransition(_message.Message):
    __slots__ = ("home", "rev", "write")
    HOME_FIELD_NUMBER: _ClassVar[int]
    REV_FIELD_NUMBER: _ClassVar[int]
    WRITE_FIELD_NUMBER: _ClassVar[int]
    home: str
    rev: int
    write: Write
    def __init__(self, home: _Optional[str] = ..., rev: _Optional[int] = ..., write: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class Machine(_message.Message):
    __slots__ = ("transitions",)
    TRANSITIONS_FIELD_NUMBER: _ClassVar[int]
    transitions: _containers.RepeatedCompositeFieldContainer[MachineTransition]
    def __init__(self, transitions: _Optional[_Iterable[_Union[MachineTransition, _Mapping]]] = ...) -> None: ...

class MediaRun(_message.Message):
    __slots__ = ("run_id", "first", "top", "close", "finish")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    first: Write
    top: Write
    close: Write
    finish: Write
    def __init__(self, run_id: _Optional[str] = ..., first: _Optional[_Union[Write, _Mapping]] = ..., top: _Optional[_Union[Write, _Mapping]] = ..., close: _Optional[_Union[Write, _Mapping]] = ..., finish: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class MediaFold(_message.Message):
    __slots__ = ("runs", "duration", "credits", "format", "group", "series", "tracks", "finished_marks", "unfinished_marks")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    TRACKS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_MARKS_FIELD_NUMBER: _ClassVar[int]
    UNFINISHED_MARKS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[MediaRun]
    duration: Write
    credits: Write
    format: Write
    group: Write
    series: Write
    tracks: Write
    finished_marks: _containers.RepeatedCompositeFieldContainer[Write]
    unfinished_marks: _containers.RepeatedCompositeFieldContainer[Write]
    def __init__(self, runs: _Optional[_Iterable[_Union[MediaRun, _Mapping]]] = ..., duration: _Optional[_Union[Write, _Mapping]] = ..., credits: _Optional[_Union[Write, _Mapping]] = ..., format: _Optional[_Union[Write, _Mapping]] = ..., group: _Optional[_Union[Write, _Mapping]] = ..., series: _Optional[_Union[Write, _Mapping]] = ..., tracks: _Optional[_Union[Write, _Mapping]] = ..., finished_marks: _Optional[_Iterable[_Union[Write, _Mapping]]] = ..., unfinished_marks: _Optional[_Iterable[_Union[Write, _Mapping]]] = ...) -> None: ...

class CartLineFold(_message.Message):
    __slots__ = ("line_key", "quantity", "product", "unit_price", "options", "added_from", "limit")
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    ADDED_FROM_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    quantity: TaggedQuantity
    product: Write
    unit_price: Write
    options: Write
    added_from: Write
    limit: Write
    def __init__(self, line_key: _Optional[str] = ..., quantity: _Optional[_Union[TaggedQuantity, _Mapping]] = ..., product: _Optional[_Union[Write, _Mapping]] = ..., unit_price: _Optional[_Union[Write, _Mapping]] = ..., options: _Optional[_Union[Write, _Mapping]] = ..., added_from: _Optional[_Union[Write, _Mapping]] = ..., limit: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class CartCouponFold(_message.Message):
    __slots__ = ("code", "standing")
    CODE_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    code: str
    standing: Write
    def __init__(self, code: _Optional[str] = ..., standing: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class CartCheckoutFold(_message.Message):
    __slots__ = ("checkout_id", "submitted", "answered", "elsewhere")
    CHECKOUT_ID_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_FIELD_NUMBER: _ClassVar[int]
    ELSEWHERE_FIELD_NUMBER: _ClassVar[int]
    checkout_id: str
    submitted: int
    answered: int
    elsewhere: bool
    def __init__(self, checkout_id: _Optional[str] = ..., submitted: _Optional[int] = ..., answered: _Optional[int] = ..., elsewhere: bool = ...) -> None: ...

class CartFold(_message.Message):
    __slots__ = ("lines", "marks", "coupons", "fulfilment", "note", "checkouts", "order_ids")
    LINES_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    FULFILMENT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    CHECKOUTS_FIELD_NUMBER: _ClassVar[int]
    ORDER_IDS_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[CartLineFold]
    marks: Marks
    coupons: _containers.RepeatedCompositeFieldContainer[CartCouponFold]
    fulfilment: Write
    note: Write
    checkouts: _containers.RepeatedCompositeFieldContainer[CartCheckoutFold]
    order_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, lines: _Optional[_Iterable[_Union[CartLineFold, _Mapping]]] = ..., marks: _Optional[_Union[Marks, _Mapping]] = ..., coupons: _Optional[_Iterable[_Union[CartCouponFold, _Mapping]]] = ..., fulfilment: _Optional[_Union[Write, _Mapping]] = ..., note: _Optional[_Union[Write, _Mapping]] = ..., checkouts: _Optional[_Iterable[_Union[CartCheckoutFold, _Mapping]]] = ..., order_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListItemFold(_message.Message):
    __slots__ = ("item_key", "adds", "told")
    ITEM_KEY_FIELD_NUMBER: _ClassVar[int]
    ADDS_FIELD_NUMBER: _ClassVar[int]
    TOLD_FIELD_NUMBER: _ClassVar[int]
    item_key: str
    adds: Tagged
    told: Write
    def __init__(self, item_key: _Optional[str] = ..., adds: _Optional[_Union[Tagged, _Mapping]] = ..., told: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class ListFold(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ListItemFold]
    def __init__(self, items: _Optional[_Iterable[_Union[ListItemFold, _Mapping]]] = ...) -> None: ...

class SeriesMemberFold(_message.Message):
    __slots__ = ("key", "tags")
    KEY_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    key: str
    tags: _containers.RepeatedCompositeFieldContainer[Write]
    def __init__(self, key: _Optional[str] = ..., tags: _Optional[_Iterable[_Union[Write, _Mapping]]] = ...) -> None: ...

class SeriesFold(_message.Message):
    __slots__ = ("members", "marks", "next")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[SeriesMemberFold]
    marks: Marks
    next: Write
    def __init__(self, members: _Optional[_Iterable[_Union[SeriesMemberFold, _Mapping]]] = ..., marks: _Optional[_Union[Marks, _Mapping]] = ..., next: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class ReadingBookmarkFold(_message.Message):
    __slots__ = ("bookmark_id", "settings")
    BOOKMARK_ID_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    bookmark_id: str
    settings: Tagged
    def __init__(self, bookmark_id: _Optional[str] = ..., settings: _Optional[_Union[Tagged, _Mapping]] = ...) -> None: ...

class ReadingFold(_message.Message):
    __slots__ = ("place", "furthest", "finish", "reopening", "bookmarks")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    FURTHEST_FIELD_NUMBER: _ClassVar[int]
    FINISH_FIELD_NUMBER: _ClassVar[int]
    REOPENING_FIELD_NUMBER: _ClassVar[int]
    BOOKMARKS_FIELD_NUMBER: _ClassVar[int]
    place: Write
    furthest: Write
    finish: Write
    reopening: Write
    bookmarks: _containers.RepeatedCompositeFieldContainer[ReadingBookmarkFold]
    def __init__(self, place: _Optional[_Union[Write, _Mapping]] = ..., furthest: _Optional[_Union[Write, _Mapping]] = ..., finish: _Optional[_Union[Write, _Mapping]] = ..., reopening: _Optional[_Union[Write, _Mapping]] = ..., bookmarks: _Optional[_Iterable[_Union[ReadingBookmarkFold, _Mapping]]] = ...) -> None: ...

class SearchFold(_message.Message):
    __slots__ = ("setting",)
    SETTING_FIELD_NUMBER: _ClassVar[int]
    setting: Write
    def __init__(self, setting: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class PreferenceFold(_message.Message):
    __slots__ = ("key", "stated", "inferred")
    KEY_FIELD_NUMBER: _ClassVar[int]
    STATED_FIELD_NUMBER: _ClassVar[int]
    INFERRED_FIELD_NUMBER: _ClassVar[int]
    key: str
    stated: Tagged
    inferred: Tagged
    def __init__(self, key: _Optional[str] = ..., stated: _Optional[_Union[Tagged, _Mapping]] = ..., inferred: _Optional[_Union[Tagged, _Mapping]] = ...) -> None: ...

class PreferencesFold(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[PreferenceFold]
    def __init__(self, entries: _Optional[_Iterable[_Union[PreferenceFold, _Mapping]]] = ...) -> None: ...

class BrowseItemFold(_message.Message):
    __slots__ = ("sku", "seen")
    SKU_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    sku: str
    seen: Write
    def __init__(self, sku: _Optional[str] = ..., seen: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class BrowseFold(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[BrowseItemFold]
    def __init__(self, items: _Optional[_Iterable[_Union[BrowseItemFold, _Mapping]]] = ...) -> None: ...

class InputFold(_message.Message):
    __slots__ = ("field", "values")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    field: str
    values: Tagged
    def __init__(self, field: _Optional[str] = ..., values: _Optional[_Union[Tagged, _Mapping]] = ...) -> None: ...

class CheckoutFold(_message.Message):
    __slots__ = ("started", "step", "inputs", "machine", "order")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    started: Write
    step: Write
    inputs: _containers.RepeatedCompositeFieldContainer[InputFold]
    machine: Machine
    order: Write
    def __init__(self, started: _Optional[_Union[Write, _Mapping]] = ..., step: _Optional[_Union[Write, _Mapping]] = ..., inputs: _Optional[_Iterable[_Union[InputFold, _Mapping]]] = ..., machine: _Optional[_Union[Machine, _Mapping]] = ..., order: _Optional[_Union[Write, _Mapping]] = ...) -> None: ...

class FormAttemptFold(_message.Message):
    __slots__ = ("attempt", "answers")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    answers: _containers.RepeatedCompositeFieldContainer[InputFold]
    def __init__(self, attempt: _Optional[int] = ..., answers: _Optional[_Iterable[_Union[InputFold, _Mapping]]] = ...) -> None: ...

class FormFold(_message.Message):
    __slots__ = ("attempts", "step", "max_step", "errors", "machine")
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    MAX_STEP_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    attempts: _containers.RepeatedCompositeFieldContainer[FormAttemptFold]
    step: Write
    max_step: Write
    errors: _containers.RepeatedCompositeFieldContainer[InputFold]
    machine: Machine
    def __init__(self, attempts: _Optional[_Iterable[_Union[FormAttemptFold, _Mapping]]] = ..., step: _Optional[_Union[Write, _Mapping]] = ..., max_step: _Optional[_Union[Write, _Mapping]] = ..., errors: _Optional[_Iterable[_Union[InputFold, _Mapping]]] = ..., machine: _Optional[_Union[Machine, _Mapping]] = ...) -> None: ...

class ConversationFold(_message.Message):
    __slots__ = ("started", "machine", "read", "receipt", "unread", "mode", "summary", "draft", "offer_ids", "order_ids", "modes")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    UNREAD_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    ORDER_IDS_FIELD_NUMBER: _ClassVar[int]
    MODES_FIELD_NUMBER: _ClassVar[int]
    started: Write
    machine: Machine
    read: Write
    receipt: Write
    unread: Write
    mode: Write
    summary: Write
    draft: Write
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    order_ids: _containers.RepeatedScalarFieldContainer[str]
    modes: _containers.RepeatedCompositeFieldContainer[Write]
    def __init__(self, started: _Optional[_Union[Write, _Mapping]] = ..., machine: _Optional[_Union[Machine, _Mapping]] = ..., read: _Optional[_Union[Write, _Mapping]] = ..., receipt: _Optional[_Union[Write, _Mapping]] = ..., unread: _Optional[_Union[Write, _Mapping]] = ..., mode: _Optional[_Union[Write, _Mapping]] = ..., summary: _Optional[_Union[Write, _Mapping]] = ..., draft: _Optional[_Union[Write, _Mapping]] = ..., offer_ids: _Optional[_Iterable[str]] = ..., order_ids: _Optional[_Iterable[str]] = ..., modes: _Optional[_Iterable[_Union[Write, _Mapping]]] = ...) -> None: ...

class OrderFold(_message.Message):
    __slots__ = ("machine",)
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    machine: Machine
    def __init__(self, machine: _Optional[_Union[Machine, _Mapping]] = ...) -> None: ...

class RewardsFold(_message.Message):
    __slots__ = ("machine",)
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    machine: Machine
    def __init__(self, machine: _Optional[_Union[Machine, _Mapping]] = ...) -> None: ...

class BookingFold(_message.Message):
    __slots__ = ("machine",)
    MACHINE_FIELD_NUMBER: _ClassVar[int]
    machine: Machine
    def __init__(self, machine: _Optional[_Union[Machine, _Mapping]] = ...) -> None: ...

class CustomItemFold(_message.Message):
    __slots__ = ("item", "adds")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ADDS_FIELD_NUMBER: _ClassVar[int]
    item: str
    adds: Tagged
    def __init__(self, item: _Optional[str] = ..., adds: _Optional[_Union[Tagged, _Mapping]] = ...) -> None: ...

class CustomFieldFold(_message.Message):
    __slots__ = ("field", "values", "greatest", "items", "quantity")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    GREATEST_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    field: str
    values: Tagged
    greatest: Write
    items: _containers.RepeatedCompositeFieldContainer[CustomItemFold]
    quantity: TaggedQuantity
    def __init__(self, field: _Optional[str] = ..., values: _Optional[_Union[Tagged, _Mapping]] = ..., greatest: _Optional[_Union[Write, _Mapping]] = ..., items: _Optional[_Iterable[_Union[CustomItemFold, _Mapping]]] = ..., quantity: _Optional[_Union[TaggedQuantity, _Mapping]] = ...) -> None: ...

class CustomFold(_message.Message):
    __slots__ = ("fields",)
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    fields: _containers.RepeatedCompositeFieldContainer[CustomFieldFold]
    def __init__(self, fields: _Optional[_Iterable[_Union[CustomFieldFold, _Mapping]]] = ...) -> None: ...

class JourneyFold(_message.Message):
    __slots__ = ("ref", "versions", "last_intent", "hidden", "updated", "media", "cart", "list", "series", "reading", "search", "preferences", "browse", "checkout", "form", "conversation", "order", "rewards", "booking", "custom")
    REF_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    LAST_INTENT_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FIELD_NUMBER: _ClassVar[int]
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
    ref: _references_pb2.JourneyRef
    versions: _containers.RepeatedCompositeFieldContainer[_events_pb2.StreamVersion]
    last_intent: Write
    hidden: Write
    updated: Write
    media: MediaFold
    cart: CartFold
    list: ListFold
    series: SeriesFold
    reading: ReadingFold
    search: SearchFold
    preferences: PreferencesFold
    browse: BrowseFold
    checkout: CheckoutFold
    form: FormFold
    conversation: ConversationFold
    order: OrderFold
    rewards: RewardsFold
    booking: BookingFold
    custom: CustomFold
    def __init__(self, ref: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., versions: _Optional[_Iterable[_Union[_events_pb2.StreamVersion, _Mapping]]] = ..., last_intent: _Optional[_Union[Write, _Mapping]] = ..., hidden: _Optional[_Union[Write, _Mapping]] = ..., updated: _Optional[_Union[Write, _Mapping]] = ..., media: _Optional[_Union[MediaFold, _Mapping]] = ..., cart: _Optional[_Union[CartFold, _Mapping]] = ..., list: _Optional[_Union[ListFold, _Mapping]] = ..., series: _Optional[_Union[SeriesFold, _Mapping]] = ..., reading: _Optional[_Union[ReadingFold, _Mapping]] = ..., search: _Optional[_Union[SearchFold, _Mapping]] = ..., preferences: _Optional[_Union[PreferencesFold, _Mapping]] = ..., browse: _Optional[_Union[BrowseFold, _Mapping]] = ..., checkout: _Optional[_Union[CheckoutFold, _Mapping]] = ..., form: _Optional[_Union[FormFold, _Mapping]] = ..., conversation: _Optional[_Union[ConversationFold, _Mapping]] = ..., order: _Optional[_Union[OrderFold, _Mapping]] = ..., rewards: _Optional[_Union[RewardsFold, _Mapping]] = ..., booking: _Optional[_Union[BookingFold, _Mapping]] = ..., custom: _Optional[_Union[CustomFold, _Mapping]] = ...) -> None: ...
