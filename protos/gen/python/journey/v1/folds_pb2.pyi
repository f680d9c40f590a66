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

class JourneyFold(_message.Message):
    __slots__ = ("ref", "versions", "last_intent", "hidden", "updated", "media", "cart", "list")
    REF_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    LAST_INTENT_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    CART_FIELD_NUMBER: _ClassVar[int]
    LIST_FIELD_NUMBER: _ClassVar[int]
    ref: _references_pb2.JourneyRef
    versions: _containers.RepeatedCompositeFieldContainer[_events_pb2.StreamVersion]
    last_intent: Write
    hidden: Write
    updated: Write
    media: MediaFold
    cart: CartFold
    list: ListFold
    def __init__(self, ref: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., versions: _Optional[_Iterable[_Union[_events_pb2.StreamVersion, _Mapping]]] = ..., last_intent: _Optional[_Union[Write, _Mapping]] = ..., hidden: _Optional[_Union[Write, _Mapping]] = ..., updated: _Optional[_Union[Write, _Mapping]] = ..., media: _Optional[_Union[MediaFold, _Mapping]] = ..., cart: _Optional[_Union[CartFold, _Mapping]] = ..., list: _Optional[_Union[ListFold, _Mapping]] = ...) -> None: ...
