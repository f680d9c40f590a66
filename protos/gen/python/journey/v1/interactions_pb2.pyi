from google.api import field_behavior_pb2 as _field_behavior_pb2
from journey.v1 import errors_pb2 as _errors_pb2
from journey.v1 import references_pb2 as _references_pb2
from journey.v1 import rules_pb2 as _rules_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Channel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_UNSPECIFIED: _ClassVar[Channel]
    CHANNEL_WEB: _ClassVar[Channel]
    CHANNEL_MOBILE_APP: _ClassVar[Channel]
    CHANNEL_DESKTOP_APP: _ClassVar[Channel]
    CHANNEL_TV_APP: _ClassVar[Channel]
    CHANNEL_STORE: _ClassVar[Channel]
    CHANNEL_KIOSK: _ClassVar[Channel]
    CHANNEL_PHONE: _ClassVar[Channel]
    CHANNEL_LIVE_CHAT: _ClassVar[Channel]
    CHANNEL_EMAIL: _ClassVar[Channel]
    CHANNEL_WHATSAPP: _ClassVar[Channel]
    CHANNEL_SMS: _ClassVar[Channel]
    CHANNEL_PUSH: _ClassVar[Channel]
    CHANNEL_SOCIAL: _ClassVar[Channel]
    CHANNEL_MARKETPLACE: _ClassVar[Channel]
    CHANNEL_ADS: _ClassVar[Channel]
    CHANNEL_PRINT: _ClassVar[Channel]
    CHANNEL_OUTDOOR: _ClassVar[Channel]
    CHANNEL_PACKAGING: _ClassVar[Channel]
    CHANNEL_VIDEO: _ClassVar[Channel]
    CHANNEL_VOICE_ASSISTANT: _ClassVar[Channel]
    CHANNEL_API: _ClassVar[Channel]
    CHANNEL_OTHER: _ClassVar[Channel]

class Ownership(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OWNERSHIP_UNSPECIFIED: _ClassVar[Ownership]
    OWNERSHIP_INTERNAL: _ClassVar[Ownership]
    OWNERSHIP_EXTERNAL: _ClassVar[Ownership]

class FulfilmentMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FULFILMENT_METHOD_UNSPECIFIED: _ClassVar[FulfilmentMethod]
    FULFILMENT_METHOD_DELIVERY: _ClassVar[FulfilmentMethod]
    FULFILMENT_METHOD_PICKUP: _ClassVar[FulfilmentMethod]
    FULFILMENT_METHOD_CARRY_OUT: _ClassVar[FulfilmentMethod]
    FULFILMENT_METHOD_DIGITAL: _ClassVar[FulfilmentMethod]

class MediaFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEDIA_FORMAT_UNSPECIFIED: _ClassVar[MediaFormat]
    MEDIA_FORMAT_VIDEO: _ClassVar[MediaFormat]
    MEDIA_FORMAT_AUDIO: _ClassVar[MediaFormat]
    MEDIA_FORMAT_AUDIOBOOK: _ClassVar[MediaFormat]
    MEDIA_FORMAT_COURSE: _ClassVar[MediaFormat]

class RunOpener(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_OPENER_UNSPECIFIED: _ClassVar[RunOpener]
    RUN_OPENER_PLAY: _ClassVar[RunOpener]
    RUN_OPENER_RESTART: _ClassVar[RunOpener]
    RUN_OPENER_SEEK: _ClassVar[RunOpener]

class ConversationMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONVERSATION_MODE_UNSPECIFIED: _ClassVar[ConversationMode]
    CONVERSATION_MODE_CHAT: _ClassVar[ConversationMode]
    CONVERSATION_MODE_VOICE: _ClassVar[ConversationMode]
    CONVERSATION_MODE_VIDEO: _ClassVar[ConversationMode]

class InstallationMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INSTALLATION_MODE_UNSPECIFIED: _ClassVar[InstallationMode]
    INSTALLATION_MODE_PRIVATE: _ClassVar[InstallationMode]
    INSTALLATION_MODE_SHARED: _ClassVar[InstallationMode]

class Assurance(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSURANCE_UNSPECIFIED: _ClassVar[Assurance]
    ASSURANCE_CLAIMED: _ClassVar[Assurance]
    ASSURANCE_STAFF: _ClassVar[Assurance]
    ASSURANCE_SYSTEM: _ClassVar[Assurance]
    ASSURANCE_VERIFIED: _ClassVar[Assurance]

class HandoffScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HANDOFF_SCOPE_UNSPECIFIED: _ClassVar[HandoffScope]
    HANDOFF_SCOPE_JOURNEY: _ClassVar[HandoffScope]
    HANDOFF_SCOPE_CUSTOMER: _ClassVar[HandoffScope]
    HANDOFF_SCOPE_ASSIST: _ClassVar[HandoffScope]

class SubjectKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUBJECT_KIND_UNSPECIFIED: _ClassVar[SubjectKind]
    SUBJECT_KIND_ANONYMOUS: _ClassVar[SubjectKind]
    SUBJECT_KIND_REGISTERED: _ClassVar[SubjectKind]
    SUBJECT_KIND_EXTERNAL: _ClassVar[SubjectKind]
    SUBJECT_KIND_GROUP: _ClassVar[SubjectKind]

class PromotionPlacement(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROMOTION_PLACEMENT_UNSPECIFIED: _ClassVar[PromotionPlacement]
    PROMOTION_PLACEMENT_OWN: _ClassVar[PromotionPlacement]
    PROMOTION_PLACEMENT_EXTERNAL: _ClassVar[PromotionPlacement]
CHANNEL_UNSPECIFIED: Channel
CHANNEL_WEB: Channel
CHANNEL_MOBILE_APP: Channel
CHANNEL_DESKTOP_APP: Channel
CHANNEL_TV_APP: Channel
CHANNEL_STORE: Channel
CHANNEL_KIOSK: Channel
CHANNEL_PHONE: Channel
CHANNEL_LIVE_CHAT: Channel
CHANNEL_EMAIL: Channel
CHANNEL_WHATSAPP: Channel
CHANNEL_SMS: Channel
CHANNEL_PUSH: Channel
CHANNEL_SOCIAL: Channel
CHANNEL_MARKETPLACE: Channel
CHANNEL_ADS: Channel
CHANNEL_PRINT: Channel
CHANNEL_OUTDOOR: Channel
CHANNEL_PACKAGING: Channel
CHANNEL_VIDEO: Channel
CHANNEL_VOICE_ASSISTANT: Channel
CHANNEL_API: Channel
CHANNEL_OTHER: Channel
OWNERSHIP_UNSPECIFIED: Ownership
OWNERSHIP_INTERNAL: Ownership
OWNERSHIP_EXTERNAL: Ownership
FULFILMENT_METHOD_UNSPECIFIED: FulfilmentMethod
FULFILMENT_METHOD_DELIVERY: FulfilmentMethod
FULFILMENT_METHOD_PICKUP: FulfilmentMethod
FULFILMENT_METHOD_CARRY_OUT: FulfilmentMethod
FULFILMENT_METHOD_DIGITAL: FulfilmentMethod
MEDIA_FORMAT_UNSPECIFIED: MediaFormat
MEDIA_FORMAT_VIDEO: MediaFormat
MEDIA_FORMAT_AUDIO: MediaFormat
MEDIA_FORMAT_AUDIOBOOK: MediaFormat
MEDIA_FORMAT_COURSE: MediaFormat
RUN_OPENER_UNSPECIFIED: RunOpener
RUN_OPENER_PLAY: RunOpener
RUN_OPENER_RESTART: RunOpener
RUN_OPENER_SEEK: RunOpener
CONVERSATION_MODE_UNSPECIFIED: ConversationMode
CONVERSATION_MODE_CHAT: ConversationMode
CONVERSATION_MODE_VOICE: ConversationMode
CONVERSATION_MODE_VIDEO: ConversationMode
INSTALLATION_MODE_UNSPECIFIED: InstallationMode
INSTALLATION_MODE_PRIVATE: InstallationMode
INSTALLATION_MODE_SHARED: InstallationMode
ASSURANCE_UNSPECIFIED: Assurance
ASSURANCE_CLAIMED: Assurance
ASSURANCE_STAFF: Assurance
ASSURANCE_SYSTEM: Assurance
ASSURANCE_VERIFIED: Assurance
HANDOFF_SCOPE_UNSPECIFIED: HandoffScope
HANDOFF_SCOPE_JOURNEY: HandoffScope
HANDOFF_SCOPE_CUSTOMER: HandoffScope
HANDOFF_SCOPE_ASSIST: HandoffScope
SUBJECT_KIND_UNSPECIFIED: SubjectKind
SUBJECT_KIND_ANONYMOUS: SubjectKind
SUBJECT_KIND_REGISTERED: SubjectKind
SUBJECT_KIND_EXTERNAL: SubjectKind
SUBJECT_KIND_GROUP: SubjectKind
PROMOTION_PLACEMENT_UNSPECIFIED: PromotionPlacement
PROMOTION_PLACEMENT_OWN: PromotionPlacement
PROMOTION_PLACEMENT_EXTERNAL: PromotionPlacement

class Money(_message.Message):
    __slots__ = ("currency", "units", "nanos")
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    NANOS_FIELD_NUMBER: _ClassVar[int]
    currency: str
    units: int
    nanos: int
    def __init__(self, currency: _Optional[str] = ..., units: _Optional[int] = ..., nanos: _Optional[int] = ...) -> None: ...

class Product(_message.Message):
    __slots__ = ("sku", "gtin", "name", "category", "pim_ref")
    SKU_FIELD_NUMBER: _ClassVar[int]
    GTIN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PIM_REF_FIELD_NUMBER: _ClassVar[int]
    sku: str
    gtin: str
    name: str
    category: str
    pim_ref: str
    def __init__(self, sku: _Optional[str] = ..., gtin: _Optional[str] = ..., name: _Optional[str] = ..., category: _Optional[str] = ..., pim_ref: _Optional[str] = ...) -> None: ...

class Store(_message.Message):
    __slots__ = ("store_id", "gln")
    STORE_ID_FIELD_NUMBER: _ClassVar[int]
    GLN_FIELD_NUMBER: _ClassVar[int]
    store_id: str
    gln: str
    def __init__(self, store_id: _Optional[str] = ..., gln: _Optional[str] = ...) -> None: ...

class Line(_message.Message):
    __slots__ = ("line_key", "product", "quantity", "unit", "unit_price", "options")
    class OptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    product: Product
    quantity: int
    unit: str
    unit_price: Money
    options: _containers.ScalarMap[str, str]
    def __init__(self, line_key: _Optional[str] = ..., product: _Optional[_Union[Product, _Mapping]] = ..., quantity: _Optional[int] = ..., unit: _Optional[str] = ..., unit_price: _Optional[_Union[Money, _Mapping]] = ..., options: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Touchpoint(_message.Message):
    __slots__ = ("store", "placement_id", "campaign_id", "referrer_url", "ownership")
    STORE_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    REFERRER_URL_FIELD_NUMBER: _ClassVar[int]
    OWNERSHIP_FIELD_NUMBER: _ClassVar[int]
    store: Store
    placement_id: str
    campaign_id: str
    referrer_url: str
    ownership: Ownership
    def __init__(self, store: _Optional[_Union[Store, _Mapping]] = ..., placement_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., referrer_url: _Optional[str] = ..., ownership: _Optional[_Union[Ownership, str]] = ...) -> None: ...

class ExternalRef(_message.Message):
    __slots__ = ("source", "id")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    source: str
    id: str
    def __init__(self, source: _Optional[str] = ..., id: _Optional[str] = ...) -> None: ...

class Rating(_message.Message):
    __slots__ = ("value", "best")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    BEST_FIELD_NUMBER: _ClassVar[int]
    value: int
    best: int
    def __init__(self, value: _Optional[int] = ..., best: _Optional[int] = ...) -> None: ...

class Interaction(_message.Message):
    __slots__ = ("event_id", "seq", "journey", "wall_ms", "mono_ms", "boot_id", "offset_ms", "seen", "channel", "touchpoint", "actor_place", "actor_ref", "correlation_id", "causation_id", "expected_rev", "channel_label", "external_ref", "traceparent", "device_id", "page_viewed", "product_viewed", "search_performed", "list_item_added", "list_item_removed", "cart_line_added", "cart_line_quantity_set", "cart_line_removed", "cart_line_limit_set", "cart_coupon_set", "cart_fulfilment_set", "cart_merged", "checkout_started", "step_entered", "input_saved", "checkout_submitted", "checkout_refused", "order_placed", "order_paid", "order_cancelled", "pickup_updated", "pickup_collected", "delivery_updated", "return_requested", "return_received", "order_refunded", "store_visited", "stock_enquired", "fitting_tried", "booking_changed", "offer_granted", "offer_redeemed", "offer_ended", "points_posted", "promotion_shown", "promotion_clicked", "media_played", "media_progressed", "media_paused", "media_seeked", "media_stopped", "media_tracks_set", "series_updated", "reading_position_set", "reading_bookmark_changed", "conversation_started", "conversation_message_added", "conversation_read", "conversation_channel_switched", "conversation_status_set", "call_reported", "quote_given", "quote_answered", "message_sent", "message_outcome_reported", "audience_entered", "audience_exited", "content_downloaded", "form_submitted", "social_reacted", "rating_given", "referral_made", "support_case_changed", "preference_set", "consent_recorded", "session_opened", "session_closed", "handoff_claimed", "subject_created", "identifier_attached", "identifier_rejected", "subjects_linked", "link_rejected", "link_revoked", "group_changed", "subject_erased", "journey_marked", "lease_granted", "journey_transferred", "interaction_rejected", "timer_fired", "custom")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    WALL_MS_FIELD_NUMBER: _ClassVar[int]
    MONO_MS_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_MS_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TOUCHPOINT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_PLACE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_REF_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_REV_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_LABEL_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_REF_FIELD_NUMBER: _ClassVar[int]
    TRACEPARENT_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_VIEWED_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_VIEWED_FIELD_NUMBER: _ClassVar[int]
    SEARCH_PERFORMED_FIELD_NUMBER: _ClassVar[int]
    LIST_ITEM_ADDED_FIELD_NUMBER: _ClassVar[int]
    LIST_ITEM_REMOVED_FIELD_NUMBER: _ClassVar[int]
    CART_LINE_ADDED_FIELD_NUMBER: _ClassVar[int]
    CART_LINE_QUANTITY_SET_FIELD_NUMBER: _ClassVar[int]
    CART_LINE_REMOVED_FIELD_NUMBER: _ClassVar[int]
    CART_LINE_LIMIT_SET_FIELD_NUMBER: _ClassVar[int]
    CART_COUPON_SET_FIELD_NUMBER: _ClassVar[int]
    CART_FULFILMENT_SET_FIELD_NUMBER: _ClassVar[int]
    CART_MERGED_FIELD_NUMBER: _ClassVar[int]
    CHECKOUT_STARTED_FIELD_NUMBER: _ClassVar[int]
    STEP_ENTERED_FIELD_NUMBER: _ClassVar[int]
    INPUT_SAVED_FIELD_NUMBER: _ClassVar[int]
    CHECKOUT_SUBMITTED_FIELD_NUMBER: _ClassVar[int]
    CHECKOUT_REFUSED_FIELD_NUMBER: _ClassVar[int]
    ORDER_PLACED_FIELD_NUMBER: _ClassVar[int]
    ORDER_PAID_FIELD_NUMBER: _ClassVar[int]
    ORDER_CANCELLED_FIELD_NUMBER: _ClassVar[int]
    PICKUP_UPDATED_FIELD_NUMBER: _ClassVar[int]
    PICKUP_COLLECTED_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_UPDATED_FIELD_NUMBER: _ClassVar[int]
    RETURN_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    RETURN_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    ORDER_REFUNDED_FIELD_NUMBER: _ClassVar[int]
    STORE_VISITED_FIELD_NUMBER: _ClassVar[int]
    STOCK_ENQUIRED_FIELD_NUMBER: _ClassVar[int]
    FITTING_TRIED_FIELD_NUMBER: _ClassVar[int]
    BOOKING_CHANGED_FIELD_NUMBER: _ClassVar[int]
    OFFER_GRANTED_FIELD_NUMBER: _ClassVar[int]
    OFFER_REDEEMED_FIELD_NUMBER: _ClassVar[int]
    OFFER_ENDED_FIELD_NUMBER: _ClassVar[int]
    POINTS_POSTED_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_SHOWN_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_CLICKED_FIELD_NUMBER: _ClassVar[int]
    MEDIA_PLAYED_FIELD_NUMBER: _ClassVar[int]
    MEDIA_PROGRESSED_FIELD_NUMBER: _ClassVar[int]
    MEDIA_PAUSED_FIELD_NUMBER: _ClassVar[int]
    MEDIA_SEEKED_FIELD_NUMBER: _ClassVar[int]
    MEDIA_STOPPED_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TRACKS_SET_FIELD_NUMBER: _ClassVar[int]
    SERIES_UPDATED_FIELD_NUMBER: _ClassVar[int]
    READING_POSITION_SET_FIELD_NUMBER: _ClassVar[int]
    READING_BOOKMARK_CHANGED_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_STARTED_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_MESSAGE_ADDED_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_READ_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_CHANNEL_SWITCHED_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_STATUS_SET_FIELD_NUMBER: _ClassVar[int]
    CALL_REPORTED_FIELD_NUMBER: _ClassVar[int]
    QUOTE_GIVEN_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ANSWERED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_SENT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_OUTCOME_REPORTED_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_ENTERED_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_EXITED_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DOWNLOADED_FIELD_NUMBER: _ClassVar[int]
    FORM_SUBMITTED_FIELD_NUMBER: _ClassVar[int]
    SOCIAL_REACTED_FIELD_NUMBER: _ClassVar[int]
    RATING_GIVEN_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_MADE_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_CASE_CHANGED_FIELD_NUMBER: _ClassVar[int]
    PREFERENCE_SET_FIELD_NUMBER: _ClassVar[int]
    CONSENT_RECORDED_FIELD_NUMBER: _ClassVar[int]
    SESSION_OPENED_FIELD_NUMBER: _ClassVar[int]
    SESSION_CLOSED_FIELD_NUMBER: _ClassVar[int]
    HANDOFF_CLAIMED_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_CREATED_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_ATTACHED_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_REJECTED_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_LINKED_FIELD_NUMBER: _ClassVar[int]
    LINK_REJECTED_FIELD_NUMBER: _ClassVar[int]
    LINK_REVOKED_FIELD_NUMBER: _ClassVar[int]
    GROUP_CHANGED_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ERASED_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_MARKED_FIELD_NUMBER: _ClassVar[int]
    LEASE_GRANTED_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_TRANSFERRED_FIELD_NUMBER: _ClassVar[int]
    INTERACTION_REJECTED_FIELD_NUMBER: _ClassVar[int]
    TIMER_FIRED_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    seq: int
    journey: _references_pb2.JourneyRef
    wall_ms: int
    mono_ms: int
    boot_id: str
    offset_ms: int
    seen: str
    channel: Channel
    touchpoint: Touchpoint
    actor_place: str
    actor_ref: str
    correlation_id: str
    causation_id: str
    expected_rev: int
    channel_label: str
    external_ref: ExternalRef
    traceparent: str
    device_id: str
    page_viewed: PageViewed
    product_viewed: ProductViewed
    search_performed: SearchPerformed
    list_item_added: ListItemAdded
    list_item_removed: ListItemRemoved
    cart_line_added: CartLineAdded
    cart_line_quantity_set: CartLineQuantitySet
    cart_line_removed: CartLineRemoved
    cart_line_limit_set: CartLineLimitSet
    cart_coupon_set: CartCouponSet
    cart_fulfilment_set: CartFulfilmentSet
    cart_merged: CartMerged
    checkout_started: CheckoutStarted
    step_entered: StepEntered
    input_saved: InputSaved
    checkout_submitted: CheckoutSubmitted
    checkout_refused: CheckoutRefused
    order_placed: OrderPlaced
    order_paid: OrderPaid
    order_cancelled: OrderCancelled
    pickup_updated: PickupUpdated
    pickup_collected: PickupCollected
    delivery_updated: DeliveryUpdated
    return_requested: ReturnRequested
    return_received: ReturnReceived
    order_refunded: OrderRefunded
    store_visited: StoreVisited
    stock_enquired: StockEnquired
    fitting_tried: FittingTried
    booking_changed: BookingChanged
    offer_granted: OfferGranted
    offer_redeemed: OfferRedeemed
    offer_ended: OfferEnded
    points_posted: PointsPosted
    promotion_shown: PromotionShown
    promotion_clicked: PromotionClicked
    media_played: MediaPlayed
    media_progressed: MediaProgressed
    media_paused: MediaPaused
    media_seeked: MediaSeeked
    media_stopped: MediaStopped
    media_tracks_set: MediaTracksSet
    series_updated: SeriesUpdated
    reading_position_set: ReadingPositionSet
    reading_bookmark_changed: ReadingBookmarkChanged
    conversation_started: ConversationStarted
    conversation_message_added: ConversationMessageAdded
    conversation_read: ConversationRead
    conversation_channel_switched: ConversationChannelSwitched
    conversation_status_set: ConversationStatusSet
    call_reported: CallReported
    quote_given: QuoteGiven
    quote_answered: QuoteAnswered
    message_sent: MessageSent
    message_outcome_reported: MessageOutcomeReported
    audience_entered: AudienceEntered
    audience_exited: AudienceExited
    content_downloaded: ContentDownloaded
    form_submitted: FormSubmitted
    social_reacted: SocialReacted
    rating_given: RatingGiven
    referral_made: ReferralMade
    support_case_changed: SupportCaseChanged
    preference_set: PreferenceSet
    consent_recorded: ConsentRecorded
    session_opened: SessionOpened
    session_closed: SessionClosed
    handoff_claimed: HandoffClaimed
    subject_created: SubjectCreated
    identifier_attached: IdentifierAttached
    identifier_rejected: IdentifierRejected
    subjects_linked: SubjectsLinked
    link_rejected: LinkRejected
    link_revoked: LinkRevoked
    group_changed: GroupChanged
    subject_erased: SubjectErased
    journey_marked: JourneyMarked
    lease_granted: LeaseGranted
    journey_transferred: JourneyTransferred
    interaction_rejected: InteractionRejected
    timer_fired: TimerFired
    custom: Custom
    def __init__(self, event_id: _Optional[str] = ..., seq: _Optional[int] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., wall_ms: _Optional[int] = ..., mono_ms: _Optional[int] = ..., boot_id: _Optional[str] = ..., offset_ms: _Optional[int] = ..., seen: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., touchpoint: _Optional[_Union[Touchpoint, _Mapping]] = ..., actor_place: _Optional[str] = ..., actor_ref: _Optional[str] = ..., correlation_id: _Optional[str] = ..., causation_id: _Optional[str] = ..., expected_rev: _Optional[int] = ..., channel_label: _Optional[str] = ..., external_ref: _Optional[_Union[ExternalRef, _Mapping]] = ..., traceparent: _Optional[str] = ..., device_id: _Optional[str] = ..., page_viewed: _Optional[_Union[PageViewed, _Mapping]] = ..., product_viewed: _Optional[_Union[ProductViewed, _Mapping]] = ..., search_performed: _Optional[_Union[SearchPerformed, _Mapping]] = ..., list_item_added: _Optional[_Union[ListItemAdded, _Mapping]] = ..., list_item_removed: _Optional[_Union[ListItemRemoved, _Mapping]] = ..., cart_line_added: _Optional[_Union[CartLineAdded, _Mapping]] = ..., cart_line_quantity_set: _Optional[_Union[CartLineQuantitySet, _Mapping]] = ..., cart_line_removed: _Optional[_Union[CartLineRemoved, _Mapping]] = ..., cart_line_limit_set: _Optional[_Union[CartLineLimitSet, _Mapping]] = ..., cart_coupon_set: _Optional[_Union[CartCouponSet, _Mapping]] = ..., cart_fulfilment_set: _Optional[_Union[CartFulfilmentSet, _Mapping]] = ..., cart_merged: _Optional[_Union[CartMerged, _Mapping]] = ..., checkout_started: _Optional[_Union[CheckoutStarted, _Mapping]] = ..., step_entered: _Optional[_Union[StepEntered, _Mapping]] = ..., input_saved: _Optional[_Union[InputSaved, _Mapping]] = ..., checkout_submitted: _Optional[_Union[CheckoutSubmitted, _Mapping]] = ..., checkout_refused: _Optional[_Union[CheckoutRefused, _Mapping]] = ..., order_placed: _Optional[_Union[OrderPlaced, _Mapping]] = ..., order_paid: _Optional[_Union[OrderPaid, _Mapping]] = ..., order_cancelled: _Optional[_Union[OrderCancelled, _Mapping]] = ..., pickup_updated: _Optional[_Union[PickupUpdated, _Mapping]] = ..., pickup_collected: _Optional[_Union[PickupCollected, _Mapping]] = ..., delivery_updated: _Optional[_Union[DeliveryUpdated, _Mapping]] = ..., return_requested: _Optional[_Union[ReturnRequested, _Mapping]] = ..., return_received: _Optional[_Union[ReturnReceived, _Mapping]] = ..., order_refunded: _Optional[_Union[OrderRefunded, _Mapping]] = ..., store_visited: _Optional[_Union[StoreVisited, _Mapping]] = ..., stock_enquired: _Optional[_Union[StockEnquired, _Mapping]] = ..., fitting_tried: _Optional[_Union[FittingTried, _Mapping]] = ..., booking_changed: _Optional[_Union[BookingChanged, _Mapping]] = ..., offer_granted: _Optional[_Union[OfferGranted, _Mapping]] = ..., offer_redeemed: _Optional[_Union[OfferRedeemed, _Mapping]] = ..., offer_ended: _Optional[_Union[OfferEnded, _Mapping]] = ..., points_posted: _Optional[_Union[PointsPosted, _Mapping]] = ..., promotion_shown: _Optional[_Union[PromotionShown, _Mapping]] = ..., promotion_clicked: _Optional[_Union[PromotionClicked, _Mapping]] = ..., media_played: _Optional[_Union[MediaPlayed, _Mapping]] = ..., media_progressed: _Optional[_Union[MediaProgressed, _Mapping]] = ..., media_paused: _Optional[_Union[MediaPaused, _Mapping]] = ..., media_seeked: _Optional[_Union[MediaSeeked, _Mapping]] = ..., media_stopped: _Optional[_Union[MediaStopped, _Mapping]] = ..., media_tracks_set: _Optional[_Union[MediaTracksSet, _Mapping]] = ..., series_updated: _Optional[_Union[SeriesUpdated, _Mapping]] = ..., reading_position_set: _Optional[_Union[ReadingPositionSet, _Mapping]] = ..., reading_bookmark_changed: _Optional[_Union[ReadingBookmarkChanged, _Mapping]] = ..., conversation_started: _Optional[_Union[ConversationStarted, _Mapping]] = ..., conversation_message_added: _Optional[_Union[ConversationMessageAdded, _Mapping]] = ..., conversation_read: _Optional[_Union[ConversationRead, _Mapping]] = ..., conversation_channel_switched: _Optional[_Union[ConversationChannelSwitched, _Mapping]] = ..., conversation_status_set: _Optional[_Union[ConversationStatusSet, _Mapping]] = ..., call_reported: _Optional[_Union[CallReported, _Mapping]] = ..., quote_given: _Optional[_Union[QuoteGiven, _Mapping]] = ..., quote_answered: _Optional[_Union[QuoteAnswered, _Mapping]] = ..., message_sent: _Optional[_Union[MessageSent, _Mapping]] = ..., message_outcome_reported: _Optional[_Union[MessageOutcomeReported, _Mapping]] = ..., audience_entered: _Optional[_Union[AudienceEntered, _Mapping]] = ..., audience_exited: _Optional[_Union[AudienceExited, _Mapping]] = ..., content_downloaded: _Optional[_Union[ContentDownloaded, _Mapping]] = ..., form_submitted: _Optional[_Union[FormSubmitted, _Mapping]] = ..., social_reacted: _Optional[_Union[SocialReacted, _Mapping]] = ..., rating_given: _Optional[_Union[RatingGiven, _Mapping]] = ..., referral_made: _Optional[_Union[ReferralMade, _Mapping]] = ..., support_case_changed: _Optional[_Union[SupportCaseChanged, _Mapping]] = ..., preference_set: _Optional[_Union[PreferenceSet, _Mapping]] = ..., consent_recorded: _Optional[_Union[ConsentRecorded, _Mapping]] = ..., session_opened: _Optional[_Union[SessionOpened, _Mapping]] = ..., session_closed: _Optional[_Union[SessionClosed, _Mapping]] = ..., handoff_claimed: _Optional[_Union[HandoffClaimed, _Mapping]] = ..., subject_created: _Optional[_Union[SubjectCreated, _Mapping]] = ..., identifier_attached: _Optional[_Union[IdentifierAttached, _Mapping]] = ..., identifier_rejected: _Optional[_Union[IdentifierRejected, _Mapping]] = ..., subjects_linked: _Optional[_Union[SubjectsLinked, _Mapping]] = ..., link_rejected: _Optional[_Union[LinkRejected, _Mapping]] = ..., link_revoked: _Optional[_Union[LinkRevoked, _Mapping]] = ..., group_changed: _Optional[_Union[GroupChanged, _Mapping]] = ..., subject_erased: _Optional[_Union[SubjectErased, _Mapping]] = ..., journey_marked: _Optional[_Union[JourneyMarked, _Mapping]] = ..., lease_granted: _Optional[_Union[LeaseGranted, _Mapping]] = ..., journey_transferred: _Optional[_Union[JourneyTransferred, _Mapping]] = ..., interaction_rejected: _Optional[_Union[InteractionRejected, _Mapping]] = ..., timer_fired: _Optional[_Union[TimerFired, _Mapping]] = ..., custom: _Optional[_Union[Custom, _Mapping]] = ...) -> None: ...

class PageViewed(_message.Message):
    __slots__ = ("url", "screen_id", "title", "page_kind", "referrer_url", "content_id", "error_code")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[PageViewed.Kind]
        KIND_HOME: _ClassVar[PageViewed.Kind]
        KIND_LIST: _ClassVar[PageViewed.Kind]
        KIND_PRODUCT: _ClassVar[PageViewed.Kind]
        KIND_CART: _ClassVar[PageViewed.Kind]
        KIND_CHECKOUT: _ClassVar[PageViewed.Kind]
        KIND_ACCOUNT: _ClassVar[PageViewed.Kind]
        KIND_CONTENT: _ClassVar[PageViewed.Kind]
        KIND_PROMOTION: _ClassVar[PageViewed.Kind]
        KIND_REVIEW: _ClassVar[PageViewed.Kind]
        KIND_ERROR: _ClassVar[PageViewed.Kind]
        KIND_OTHER: _ClassVar[PageViewed.Kind]
    KIND_UNSPECIFIED: PageViewed.Kind
    KIND_HOME: PageViewed.Kind
    KIND_LIST: PageViewed.Kind
    KIND_PRODUCT: PageViewed.Kind
    KIND_CART: PageViewed.Kind
    KIND_CHECKOUT: PageViewed.Kind
    KIND_ACCOUNT: PageViewed.Kind
    KIND_CONTENT: PageViewed.Kind
    KIND_PROMOTION: PageViewed.Kind
    KIND_REVIEW: PageViewed.Kind
    KIND_ERROR: PageViewed.Kind
    KIND_OTHER: PageViewed.Kind
    URL_FIELD_NUMBER: _ClassVar[int]
    SCREEN_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PAGE_KIND_FIELD_NUMBER: _ClassVar[int]
    REFERRER_URL_FIELD_NUMBER: _ClassVar[int]
    CONTENT_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    url: str
    screen_id: str
    title: str
    page_kind: PageViewed.Kind
    referrer_url: str
    content_id: str
    error_code: str
    def __init__(self, url: _Optional[str] = ..., screen_id: _Optional[str] = ..., title: _Optional[str] = ..., page_kind: _Optional[_Union[PageViewed.Kind, str]] = ..., referrer_url: _Optional[str] = ..., content_id: _Optional[str] = ..., error_code: _Optional[str] = ...) -> None: ...

class ProductViewed(_message.Message):
    __slots__ = ("product", "unit_price", "availability", "list_id", "rank")
    class Availability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        AVAILABILITY_UNSPECIFIED: _ClassVar[ProductViewed.Availability]
        AVAILABILITY_IN_STOCK: _ClassVar[ProductViewed.Availability]
        AVAILABILITY_LOW: _ClassVar[ProductViewed.Availability]
        AVAILABILITY_OUT: _ClassVar[ProductViewed.Availability]
        AVAILABILITY_BACKORDER: _ClassVar[ProductViewed.Availability]
    AVAILABILITY_UNSPECIFIED: ProductViewed.Availability
    AVAILABILITY_IN_STOCK: ProductViewed.Availability
    AVAILABILITY_LOW: ProductViewed.Availability
    AVAILABILITY_OUT: ProductViewed.Availability
    AVAILABILITY_BACKORDER: ProductViewed.Availability
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    AVAILABILITY_FIELD_NUMBER: _ClassVar[int]
    LIST_ID_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    product: Product
    unit_price: Money
    availability: ProductViewed.Availability
    list_id: str
    rank: int
    def __init__(self, product: _Optional[_Union[Product, _Mapping]] = ..., unit_price: _Optional[_Union[Money, _Mapping]] = ..., availability: _Optional[_Union[ProductViewed.Availability, str]] = ..., list_id: _Optional[str] = ..., rank: _Optional[int] = ...) -> None: ...

class SearchFilter(_message.Message):
    __slots__ = ("name", "values")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    name: str
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...

class SearchPerformed(_message.Message):
    __slots__ = ("query", "filters", "sort", "result_count", "anchor")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    RESULT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ANCHOR_FIELD_NUMBER: _ClassVar[int]
    query: str
    filters: _containers.RepeatedCompositeFieldContainer[SearchFilter]
    sort: str
    result_count: int
    anchor: str
    def __init__(self, query: _Optional[str] = ..., filters: _Optional[_Iterable[_Union[SearchFilter, _Mapping]]] = ..., sort: _Optional[str] = ..., result_count: _Optional[int] = ..., anchor: _Optional[str] = ...) -> None: ...

class ListItemAdded(_message.Message):
    __slots__ = ("item_key", "product", "content_id", "search_id", "note", "order_key")
    ITEM_KEY_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEARCH_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    ORDER_KEY_FIELD_NUMBER: _ClassVar[int]
    item_key: str
    product: Product
    content_id: str
    search_id: str
    note: str
    order_key: str
    def __init__(self, item_key: _Optional[str] = ..., product: _Optional[_Union[Product, _Mapping]] = ..., content_id: _Optional[str] = ..., search_id: _Optional[str] = ..., note: _Optional[str] = ..., order_key: _Optional[str] = ...) -> None: ...

class ListItemRemoved(_message.Message):
    __slots__ = ("item_key",)
    ITEM_KEY_FIELD_NUMBER: _ClassVar[int]
    item_key: str
    def __init__(self, item_key: _Optional[str] = ...) -> None: ...

class CartLineAdded(_message.Message):
    __slots__ = ("line", "added_from")
    LINE_FIELD_NUMBER: _ClassVar[int]
    ADDED_FROM_FIELD_NUMBER: _ClassVar[int]
    line: Line
    added_from: _references_pb2.JourneyRef
    def __init__(self, line: _Optional[_Union[Line, _Mapping]] = ..., added_from: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ...) -> None: ...

class CartLineQuantitySet(_message.Message):
    __slots__ = ("line",)
    LINE_FIELD_NUMBER: _ClassVar[int]
    line: Line
    def __init__(self, line: _Optional[_Union[Line, _Mapping]] = ...) -> None: ...

class CartLineRemoved(_message.Message):
    __slots__ = ("line_key",)
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    def __init__(self, line_key: _Optional[str] = ...) -> None: ...

class CartLineLimitSet(_message.Message):
    __slots__ = ("line_key", "max_quantity", "reason")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[CartLineLimitSet.Reason]
        REASON_STOCK: _ClassVar[CartLineLimitSet.Reason]
        REASON_PER_CUSTOMER: _ClassVar[CartLineLimitSet.Reason]
        REASON_OTHER: _ClassVar[CartLineLimitSet.Reason]
    REASON_UNSPECIFIED: CartLineLimitSet.Reason
    REASON_STOCK: CartLineLimitSet.Reason
    REASON_PER_CUSTOMER: CartLineLimitSet.Reason
    REASON_OTHER: CartLineLimitSet.Reason
    LINE_KEY_FIELD_NUMBER: _ClassVar[int]
    MAX_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    line_key: str
    max_quantity: int
    reason: CartLineLimitSet.Reason
    def __init__(self, line_key: _Optional[str] = ..., max_quantity: _Optional[int] = ..., reason: _Optional[_Union[CartLineLimitSet.Reason, str]] = ...) -> None: ...

class CartCouponSet(_message.Message):
    __slots__ = ("code", "status", "discount", "reason", "offer_id")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[CartCouponSet.Status]
        STATUS_ENTERED: _ClassVar[CartCouponSet.Status]
        STATUS_ACCEPTED: _ClassVar[CartCouponSet.Status]
        STATUS_REFUSED: _ClassVar[CartCouponSet.Status]
        STATUS_REMOVED: _ClassVar[CartCouponSet.Status]
    STATUS_UNSPECIFIED: CartCouponSet.Status
    STATUS_ENTERED: CartCouponSet.Status
    STATUS_ACCEPTED: CartCouponSet.Status
    STATUS_REFUSED: CartCouponSet.Status
    STATUS_REMOVED: CartCouponSet.Status
    CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    code: str
    status: CartCouponSet.Status
    discount: Money
    reason: str
    offer_id: str
    def __init__(self, code: _Optional[str] = ..., status: _Optional[_Union[CartCouponSet.Status, str]] = ..., discount: _Optional[_Union[Money, _Mapping]] = ..., reason: _Optional[str] = ..., offer_id: _Optional[str] = ...) -> None: ...

class CartFulfilmentSet(_message.Message):
    __slots__ = ("method", "store", "slot_start_ms", "slot_end_ms")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    SLOT_START_MS_FIELD_NUMBER: _ClassVar[int]
    SLOT_END_MS_FIELD_NUMBER: _ClassVar[int]
    method: FulfilmentMethod
    store: Store
    slot_start_ms: int
    slot_end_ms: int
    def __init__(self, method: _Optional[_Union[FulfilmentMethod, str]] = ..., store: _Optional[_Union[Store, _Mapping]] = ..., slot_start_ms: _Optional[int] = ..., slot_end_ms: _Optional[int] = ...) -> None: ...

class CartMerged(_message.Message):
    __slots__ = ("link_id", "rule", "lines")
    class Rule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RULE_UNSPECIFIED: _ClassVar[CartMerged.Rule]
        RULE_MAX: _ClassVar[CartMerged.Rule]
        RULE_SUM: _ClassVar[CartMerged.Rule]
        RULE_REPLACE: _ClassVar[CartMerged.Rule]
        RULE_KEEP: _ClassVar[CartMerged.Rule]
    RULE_UNSPECIFIED: CartMerged.Rule
    RULE_MAX: CartMerged.Rule
    RULE_SUM: CartMerged.Rule
    RULE_REPLACE: CartMerged.Rule
    RULE_KEEP: CartMerged.Rule
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    link_id: str
    rule: CartMerged.Rule
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    def __init__(self, link_id: _Optional[str] = ..., rule: _Optional[_Union[CartMerged.Rule, str]] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ...) -> None: ...

class CheckoutStarted(_message.Message):
    __slots__ = ("cart_id", "cart_digest")
    CART_ID_FIELD_NUMBER: _ClassVar[int]
    CART_DIGEST_FIELD_NUMBER: _ClassVar[int]
    cart_id: str
    cart_digest: str
    def __init__(self, cart_id: _Optional[str] = ..., cart_digest: _Optional[str] = ...) -> None: ...

class StepEntered(_message.Message):
    __slots__ = ("step", "step_no")
    STEP_FIELD_NUMBER: _ClassVar[int]
    STEP_NO_FIELD_NUMBER: _ClassVar[int]
    step: str
    step_no: int
    def __init__(self, step: _Optional[str] = ..., step_no: _Optional[int] = ...) -> None: ...

class InputValue(_message.Message):
    __slots__ = ("text", "cleared")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CLEARED_FIELD_NUMBER: _ClassVar[int]
    text: str
    cleared: bool
    def __init__(self, text: _Optional[str] = ..., cleared: bool = ...) -> None: ...

class InputSaved(_message.Message):
    __slots__ = ("attempt", "fields")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: InputValue
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[InputValue, _Mapping]] = ...) -> None: ...
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    fields: _containers.MessageMap[str, InputValue]
    def __init__(self, attempt: _Optional[int] = ..., fields: _Optional[_Mapping[str, InputValue]] = ...) -> None: ...

class CheckoutSubmitted(_message.Message):
    __slots__ = ("attempt", "cart_digest")
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CART_DIGEST_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    cart_digest: str
    def __init__(self, attempt: _Optional[int] = ..., cart_digest: _Optional[str] = ...) -> None: ...

class CheckoutRefused(_message.Message):
    __slots__ = ("attempt", "reason", "detail")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[CheckoutRefused.Reason]
        REASON_PAYMENT_FAILED: _ClassVar[CheckoutRefused.Reason]
        REASON_OUT_OF_STOCK: _ClassVar[CheckoutRefused.Reason]
        REASON_PRICE_CHANGED: _ClassVar[CheckoutRefused.Reason]
        REASON_OTHER: _ClassVar[CheckoutRefused.Reason]
    REASON_UNSPECIFIED: CheckoutRefused.Reason
    REASON_PAYMENT_FAILED: CheckoutRefused.Reason
    REASON_OUT_OF_STOCK: CheckoutRefused.Reason
    REASON_PRICE_CHANGED: CheckoutRefused.Reason
    REASON_OTHER: CheckoutRefused.Reason
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    reason: CheckoutRefused.Reason
    detail: str
    def __init__(self, attempt: _Optional[int] = ..., reason: _Optional[_Union[CheckoutRefused.Reason, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class Fulfilment(_message.Message):
    __slots__ = ("method", "store")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    method: FulfilmentMethod
    store: Store
    def __init__(self, method: _Optional[_Union[FulfilmentMethod, str]] = ..., store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...

class OrderPlaced(_message.Message):
    __slots__ = ("lines", "total", "discount", "fulfilment", "payment_at", "store", "cart_id", "checkout_id", "attempt", "conversation_id", "offer_ids", "claim_secret")
    class PaymentPlace(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PAYMENT_PLACE_UNSPECIFIED: _ClassVar[OrderPlaced.PaymentPlace]
        PAYMENT_PLACE_ONLINE: _ClassVar[OrderPlaced.PaymentPlace]
        PAYMENT_PLACE_STORE: _ClassVar[OrderPlaced.PaymentPlace]
        PAYMENT_PLACE_ON_COLLECTION: _ClassVar[OrderPlaced.PaymentPlace]
        PAYMENT_PLACE_INVOICE: _ClassVar[OrderPlaced.PaymentPlace]
    PAYMENT_PLACE_UNSPECIFIED: OrderPlaced.PaymentPlace
    PAYMENT_PLACE_ONLINE: OrderPlaced.PaymentPlace
    PAYMENT_PLACE_STORE: OrderPlaced.PaymentPlace
    PAYMENT_PLACE_ON_COLLECTION: OrderPlaced.PaymentPlace
    PAYMENT_PLACE_INVOICE: OrderPlaced.PaymentPlace
    LINES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    FULFILMENT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_AT_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    CART_ID_FIELD_NUMBER: _ClassVar[int]
    CHECKOUT_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_IDS_FIELD_NUMBER: _ClassVar[int]
    CLAIM_SECRET_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    total: Money
    discount: Money
    fulfilment: Fulfilment
    payment_at: OrderPlaced.PaymentPlace
    store: Store
    cart_id: str
    checkout_id: str
    attempt: int
    conversation_id: str
    offer_ids: _containers.RepeatedScalarFieldContainer[str]
    claim_secret: str
    def __init__(self, lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., total: _Optional[_Union[Money, _Mapping]] = ..., discount: _Optional[_Union[Money, _Mapping]] = ..., fulfilment: _Optional[_Union[Fulfilment, _Mapping]] = ..., payment_at: _Optional[_Union[OrderPlaced.PaymentPlace, str]] = ..., store: _Optional[_Union[Store, _Mapping]] = ..., cart_id: _Optional[str] = ..., checkout_id: _Optional[str] = ..., attempt: _Optional[int] = ..., conversation_id: _Optional[str] = ..., offer_ids: _Optional[_Iterable[str]] = ..., claim_secret: _Optional[str] = ...) -> None: ...

class OrderPaid(_message.Message):
    __slots__ = ("payment_ref", "amount", "method")
    PAYMENT_REF_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    payment_ref: str
    amount: Money
    method: str
    def __init__(self, payment_ref: _Optional[str] = ..., amount: _Optional[_Union[Money, _Mapping]] = ..., method: _Optional[str] = ...) -> None: ...

class OrderCancelled(_message.Message):
    __slots__ = ("lines", "on_behalf", "reason")
    class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SIDE_UNSPECIFIED: _ClassVar[OrderCancelled.Side]
        SIDE_CUSTOMER: _ClassVar[OrderCancelled.Side]
        SIDE_SHOP: _ClassVar[OrderCancelled.Side]
    SIDE_UNSPECIFIED: OrderCancelled.Side
    SIDE_CUSTOMER: OrderCancelled.Side
    SIDE_SHOP: OrderCancelled.Side
    LINES_FIELD_NUMBER: _ClassVar[int]
    ON_BEHALF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    on_behalf: OrderCancelled.Side
    reason: str
    def __init__(self, lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., on_behalf: _Optional[_Union[OrderCancelled.Side, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class PickupUpdated(_message.Message):
    __slots__ = ("store", "lines", "status", "collect_code", "expires_at_ms")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[PickupUpdated.Status]
        STATUS_RESERVED: _ClassVar[PickupUpdated.Status]
        STATUS_READY: _ClassVar[PickupUpdated.Status]
        STATUS_EXPIRED: _ClassVar[PickupUpdated.Status]
    STATUS_UNSPECIFIED: PickupUpdated.Status
    STATUS_RESERVED: PickupUpdated.Status
    STATUS_READY: PickupUpdated.Status
    STATUS_EXPIRED: PickupUpdated.Status
    STORE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COLLECT_CODE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    store: Store
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    status: PickupUpdated.Status
    collect_code: str
    expires_at_ms: int
    def __init__(self, store: _Optional[_Union[Store, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., status: _Optional[_Union[PickupUpdated.Status, str]] = ..., collect_code: _Optional[str] = ..., expires_at_ms: _Optional[int] = ...) -> None: ...

class PickupCollected(_message.Message):
    __slots__ = ("store", "lines", "collect_code")
    STORE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    COLLECT_CODE_FIELD_NUMBER: _ClassVar[int]
    store: Store
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    collect_code: str
    def __init__(self, store: _Optional[_Union[Store, _Mapping]] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., collect_code: _Optional[str] = ...) -> None: ...

class DeliveryUpdated(_message.Message):
    __slots__ = ("lines", "status", "carrier", "tracking_ref")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[DeliveryUpdated.Status]
        STATUS_SHIPPED: _ClassVar[DeliveryUpdated.Status]
        STATUS_UNDERWAY: _ClassVar[DeliveryUpdated.Status]
        STATUS_DELIVERED: _ClassVar[DeliveryUpdated.Status]
        STATUS_FAILED: _ClassVar[DeliveryUpdated.Status]
    STATUS_UNSPECIFIED: DeliveryUpdated.Status
    STATUS_SHIPPED: DeliveryUpdated.Status
    STATUS_UNDERWAY: DeliveryUpdated.Status
    STATUS_DELIVERED: DeliveryUpdated.Status
    STATUS_FAILED: DeliveryUpdated.Status
    LINES_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CARRIER_FIELD_NUMBER: _ClassVar[int]
    TRACKING_REF_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    status: DeliveryUpdated.Status
    carrier: str
    tracking_ref: str
    def __init__(self, lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., status: _Optional[_Union[DeliveryUpdated.Status, str]] = ..., carrier: _Optional[str] = ..., tracking_ref: _Optional[str] = ...) -> None: ...

class ReturnRequested(_message.Message):
    __slots__ = ("return_id", "lines", "method", "reason")
    class Method(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        METHOD_UNSPECIFIED: _ClassVar[ReturnRequested.Method]
        METHOD_STORE: _ClassVar[ReturnRequested.Method]
        METHOD_MAIL: _ClassVar[ReturnRequested.Method]
        METHOD_KIOSK: _ClassVar[ReturnRequested.Method]
    METHOD_UNSPECIFIED: ReturnRequested.Method
    METHOD_STORE: ReturnRequested.Method
    METHOD_MAIL: ReturnRequested.Method
    METHOD_KIOSK: ReturnRequested.Method
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    return_id: str
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    method: ReturnRequested.Method
    reason: str
    def __init__(self, return_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., method: _Optional[_Union[ReturnRequested.Method, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class ReturnReceived(_message.Message):
    __slots__ = ("return_id", "lines", "store", "condition")
    class Condition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CONDITION_UNSPECIFIED: _ClassVar[ReturnReceived.Condition]
        CONDITION_SELLABLE: _ClassVar[ReturnReceived.Condition]
        CONDITION_DAMAGED: _ClassVar[ReturnReceived.Condition]
    CONDITION_UNSPECIFIED: ReturnReceived.Condition
    CONDITION_SELLABLE: ReturnReceived.Condition
    CONDITION_DAMAGED: ReturnReceived.Condition
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    return_id: str
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    store: Store
    condition: ReturnReceived.Condition
    def __init__(self, return_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., store: _Optional[_Union[Store, _Mapping]] = ..., condition: _Optional[_Union[ReturnReceived.Condition, str]] = ...) -> None: ...

class OrderRefunded(_message.Message):
    __slots__ = ("return_id", "lines", "amount", "payment_ref")
    RETURN_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_REF_FIELD_NUMBER: _ClassVar[int]
    return_id: str
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    amount: Money
    payment_ref: str
    def __init__(self, return_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., amount: _Optional[_Union[Money, _Mapping]] = ..., payment_ref: _Optional[str] = ...) -> None: ...

class StoreVisited(_message.Message):
    __slots__ = ("store", "via", "reason")
    class Via(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VIA_UNSPECIFIED: _ClassVar[StoreVisited.Via]
        VIA_CODE: _ClassVar[StoreVisited.Via]
        VIA_CARD: _ClassVar[StoreVisited.Via]
        VIA_STAFF: _ClassVar[StoreVisited.Via]
        VIA_APP: _ClassVar[StoreVisited.Via]
    VIA_UNSPECIFIED: StoreVisited.Via
    VIA_CODE: StoreVisited.Via
    VIA_CARD: StoreVisited.Via
    VIA_STAFF: StoreVisited.Via
    VIA_APP: StoreVisited.Via
    STORE_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    store: Store
    via: StoreVisited.Via
    reason: str
    def __init__(self, store: _Optional[_Union[Store, _Mapping]] = ..., via: _Optional[_Union[StoreVisited.Via, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class StockEnquired(_message.Message):
    __slots__ = ("product", "store", "result", "quantity", "alternative", "alternative_store", "conversation_id")
    class Result(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RESULT_UNSPECIFIED: _ClassVar[StockEnquired.Result]
        RESULT_IN_STOCK: _ClassVar[StockEnquired.Result]
        RESULT_LOW: _ClassVar[StockEnquired.Result]
        RESULT_OUT_OF_STOCK: _ClassVar[StockEnquired.Result]
    RESULT_UNSPECIFIED: StockEnquired.Result
    RESULT_IN_STOCK: StockEnquired.Result
    RESULT_LOW: StockEnquired.Result
    RESULT_OUT_OF_STOCK: StockEnquired.Result
    class Alternative(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ALTERNATIVE_UNSPECIFIED: _ClassVar[StockEnquired.Alternative]
        ALTERNATIVE_NONE: _ClassVar[StockEnquired.Alternative]
        ALTERNATIVE_ONLINE: _ClassVar[StockEnquired.Alternative]
        ALTERNATIVE_STORE: _ClassVar[StockEnquired.Alternative]
    ALTERNATIVE_UNSPECIFIED: StockEnquired.Alternative
    ALTERNATIVE_NONE: StockEnquired.Alternative
    ALTERNATIVE_ONLINE: StockEnquired.Alternative
    ALTERNATIVE_STORE: StockEnquired.Alternative
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVE_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVE_STORE_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    product: Product
    store: Store
    result: StockEnquired.Result
    quantity: int
    alternative: StockEnquired.Alternative
    alternative_store: Store
    conversation_id: str
    def __init__(self, product: _Optional[_Union[Product, _Mapping]] = ..., store: _Optional[_Union[Store, _Mapping]] = ..., result: _Optional[_Union[StockEnquired.Result, str]] = ..., quantity: _Optional[int] = ..., alternative: _Optional[_Union[StockEnquired.Alternative, str]] = ..., alternative_store: _Optional[_Union[Store, _Mapping]] = ..., conversation_id: _Optional[str] = ...) -> None: ...

class FittingTried(_message.Message):
    __slots__ = ("product", "size", "store", "outcome")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[FittingTried.Outcome]
        OUTCOME_KEEPS: _ClassVar[FittingTried.Outcome]
        OUTCOME_DECLINES: _ClassVar[FittingTried.Outcome]
        OUTCOME_UNDECIDED: _ClassVar[FittingTried.Outcome]
    OUTCOME_UNSPECIFIED: FittingTried.Outcome
    OUTCOME_KEEPS: FittingTried.Outcome
    OUTCOME_DECLINES: FittingTried.Outcome
    OUTCOME_UNDECIDED: FittingTried.Outcome
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    product: Product
    size: str
    store: Store
    outcome: FittingTried.Outcome
    def __init__(self, product: _Optional[_Union[Product, _Mapping]] = ..., size: _Optional[str] = ..., store: _Optional[_Union[Store, _Mapping]] = ..., outcome: _Optional[_Union[FittingTried.Outcome, str]] = ...) -> None: ...

class BookingChanged(_message.Message):
    __slots__ = ("status", "slot_start_ms", "slot_end_ms", "store", "resource", "party", "hold_until_ms")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[BookingChanged.Status]
        STATUS_REQUESTED: _ClassVar[BookingChanged.Status]
        STATUS_HELD: _ClassVar[BookingChanged.Status]
        STATUS_CONFIRMED: _ClassVar[BookingChanged.Status]
        STATUS_DONE: _ClassVar[BookingChanged.Status]
        STATUS_CANCELLED: _ClassVar[BookingChanged.Status]
        STATUS_EXPIRED: _ClassVar[BookingChanged.Status]
    STATUS_UNSPECIFIED: BookingChanged.Status
    STATUS_REQUESTED: BookingChanged.Status
    STATUS_HELD: BookingChanged.Status
    STATUS_CONFIRMED: BookingChanged.Status
    STATUS_DONE: BookingChanged.Status
    STATUS_CANCELLED: BookingChanged.Status
    STATUS_EXPIRED: BookingChanged.Status
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SLOT_START_MS_FIELD_NUMBER: _ClassVar[int]
    SLOT_END_MS_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_FIELD_NUMBER: _ClassVar[int]
    PARTY_FIELD_NUMBER: _ClassVar[int]
    HOLD_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    status: BookingChanged.Status
    slot_start_ms: int
    slot_end_ms: int
    store: Store
    resource: str
    party: int
    hold_until_ms: int
    def __init__(self, status: _Optional[_Union[BookingChanged.Status, str]] = ..., slot_start_ms: _Optional[int] = ..., slot_end_ms: _Optional[int] = ..., store: _Optional[_Union[Store, _Mapping]] = ..., resource: _Optional[str] = ..., party: _Optional[int] = ..., hold_until_ms: _Optional[int] = ...) -> None: ...

class OfferGranted(_message.Message):
    __slots__ = ("offer_id", "promotion_id", "title", "amount", "share_ppm", "skus", "channels", "valid_from_ms", "valid_until_ms", "uses", "targeted")
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    PROMOTION_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    SHARE_PPM_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    USES_FIELD_NUMBER: _ClassVar[int]
    TARGETED_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    promotion_id: str
    title: str
    amount: Money
    share_ppm: int
    skus: _containers.RepeatedScalarFieldContainer[str]
    channels: _containers.RepeatedScalarFieldContainer[Channel]
    valid_from_ms: int
    valid_until_ms: int
    uses: int
    targeted: bool
    def __init__(self, offer_id: _Optional[str] = ..., promotion_id: _Optional[str] = ..., title: _Optional[str] = ..., amount: _Optional[_Union[Money, _Mapping]] = ..., share_ppm: _Optional[int] = ..., skus: _Optional[_Iterable[str]] = ..., channels: _Optional[_Iterable[_Union[Channel, str]]] = ..., valid_from_ms: _Optional[int] = ..., valid_until_ms: _Optional[int] = ..., uses: _Optional[int] = ..., targeted: bool = ...) -> None: ...

class OfferRedeemed(_message.Message):
    __slots__ = ("offer_id", "order_id", "store")
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    order_id: str
    store: Store
    def __init__(self, offer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., store: _Optional[_Union[Store, _Mapping]] = ...) -> None: ...

class OfferEnded(_message.Message):
    __slots__ = ("offer_id", "reason")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[OfferEnded.Reason]
        REASON_EXPIRED: _ClassVar[OfferEnded.Reason]
        REASON_WITHDRAWN: _ClassVar[OfferEnded.Reason]
    REASON_UNSPECIFIED: OfferEnded.Reason
    REASON_EXPIRED: OfferEnded.Reason
    REASON_WITHDRAWN: OfferEnded.Reason
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    reason: OfferEnded.Reason
    def __init__(self, offer_id: _Optional[str] = ..., reason: _Optional[_Union[OfferEnded.Reason, str]] = ...) -> None: ...

class PointsPosted(_message.Message):
    __slots__ = ("entry_id", "points", "reason", "order_id", "reverses_entry_id", "tier")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[PointsPosted.Reason]
        REASON_EARNED: _ClassVar[PointsPosted.Reason]
        REASON_SPENT: _ClassVar[PointsPosted.Reason]
        REASON_ADJUSTED: _ClassVar[PointsPosted.Reason]
        REASON_EXPIRED: _ClassVar[PointsPosted.Reason]
        REASON_REVERSED: _ClassVar[PointsPosted.Reason]
    REASON_UNSPECIFIED: PointsPosted.Reason
    REASON_EARNED: PointsPosted.Reason
    REASON_SPENT: PointsPosted.Reason
    REASON_ADJUSTED: PointsPosted.Reason
    REASON_EXPIRED: PointsPosted.Reason
    REASON_REVERSED: PointsPosted.Reason
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REVERSES_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    points: int
    reason: PointsPosted.Reason
    order_id: str
    reverses_entry_id: str
    tier: str
    def __init__(self, entry_id: _Optional[str] = ..., points: _Optional[int] = ..., reason: _Optional[_Union[PointsPosted.Reason, str]] = ..., order_id: _Optional[str] = ..., reverses_entry_id: _Optional[str] = ..., tier: _Optional[str] = ...) -> None: ...

class PromotionShown(_message.Message):
    __slots__ = ("promotion_id", "offer_id", "ad_id", "placement", "network", "skus")
    PROMOTION_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    AD_ID_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    promotion_id: str
    offer_id: str
    ad_id: str
    placement: PromotionPlacement
    network: str
    skus: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, promotion_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., ad_id: _Optional[str] = ..., placement: _Optional[_Union[PromotionPlacement, str]] = ..., network: _Optional[str] = ..., skus: _Optional[_Iterable[str]] = ...) -> None: ...

class PromotionClicked(_message.Message):
    __slots__ = ("promotion_id", "offer_id", "ad_id", "placement", "network", "skus")
    PROMOTION_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    AD_ID_FIELD_NUMBER: _ClassVar[int]
    PLACEMENT_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    promotion_id: str
    offer_id: str
    ad_id: str
    placement: PromotionPlacement
    network: str
    skus: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, promotion_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., ad_id: _Optional[str] = ..., placement: _Optional[_Union[PromotionPlacement, str]] = ..., network: _Optional[str] = ..., skus: _Optional[_Iterable[str]] = ...) -> None: ...

class MediaPlayed(_message.Message):
    __slots__ = ("run_id", "run_start_ms", "opened_by", "point_ms", "speed", "duration_ms", "cause", "credits_at_ms", "format", "group_id", "series_id")
    class Cause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CAUSE_UNSPECIFIED: _ClassVar[MediaPlayed.Cause]
        CAUSE_START: _ClassVar[MediaPlayed.Cause]
        CAUSE_RESUME: _ClassVar[MediaPlayed.Cause]
        CAUSE_TRANSFER: _ClassVar[MediaPlayed.Cause]
    CAUSE_UNSPECIFIED: MediaPlayed.Cause
    CAUSE_START: MediaPlayed.Cause
    CAUSE_RESUME: MediaPlayed.Cause
    CAUSE_TRANSFER: MediaPlayed.Cause
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_START_MS_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    CREDITS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    SERIES_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    run_start_ms: int
    opened_by: RunOpener
    point_ms: int
    speed: int
    duration_ms: int
    cause: MediaPlayed.Cause
    credits_at_ms: int
    format: MediaFormat
    group_id: str
    series_id: str
    def __init__(self, run_id: _Optional[str] = ..., run_start_ms: _Optional[int] = ..., opened_by: _Optional[_Union[RunOpener, str]] = ..., point_ms: _Optional[int] = ..., speed: _Optional[int] = ..., duration_ms: _Optional[int] = ..., cause: _Optional[_Union[MediaPlayed.Cause, str]] = ..., credits_at_ms: _Optional[int] = ..., format: _Optional[_Union[MediaFormat, str]] = ..., group_id: _Optional[str] = ..., series_id: _Optional[str] = ...) -> None: ...

class MediaProgressed(_message.Message):
    __slots__ = ("run_id", "run_start_ms", "opened_by", "point_ms", "speed", "lease_epoch")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_START_MS_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    LEASE_EPOCH_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    run_start_ms: int
    opened_by: RunOpener
    point_ms: int
    speed: int
    lease_epoch: int
    def __init__(self, run_id: _Optional[str] = ..., run_start_ms: _Optional[int] = ..., opened_by: _Optional[_Union[RunOpener, str]] = ..., point_ms: _Optional[int] = ..., speed: _Optional[int] = ..., lease_epoch: _Optional[int] = ...) -> None: ...

class MediaPaused(_message.Message):
    __slots__ = ("run_id", "run_start_ms", "opened_by", "point_ms", "speed", "duration_ms")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_START_MS_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    run_start_ms: int
    opened_by: RunOpener
    point_ms: int
    speed: int
    duration_ms: int
    def __init__(self, run_id: _Optional[str] = ..., run_start_ms: _Optional[int] = ..., opened_by: _Optional[_Union[RunOpener, str]] = ..., point_ms: _Optional[int] = ..., speed: _Optional[int] = ..., duration_ms: _Optional[int] = ...) -> None: ...

class MediaSeeked(_message.Message):
    __slots__ = ("run_id", "run_start_ms", "opened_by", "point_ms", "speed", "duration_ms", "from_point_ms")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_START_MS_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    FROM_POINT_MS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    run_start_ms: int
    opened_by: RunOpener
    point_ms: int
    speed: int
    duration_ms: int
    from_point_ms: int
    def __init__(self, run_id: _Optional[str] = ..., run_start_ms: _Optional[int] = ..., opened_by: _Optional[_Union[RunOpener, str]] = ..., point_ms: _Optional[int] = ..., speed: _Optional[int] = ..., duration_ms: _Optional[int] = ..., from_point_ms: _Optional[int] = ...) -> None: ...

class MediaStopped(_message.Message):
    __slots__ = ("run_id", "run_start_ms", "opened_by", "point_ms", "speed", "duration_ms", "reason")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[MediaStopped.Reason]
        REASON_ENDED: _ClassVar[MediaStopped.Reason]
        REASON_CUSTOMER: _ClassVar[MediaStopped.Reason]
        REASON_REPLACED: _ClassVar[MediaStopped.Reason]
        REASON_ERROR: _ClassVar[MediaStopped.Reason]
    REASON_UNSPECIFIED: MediaStopped.Reason
    REASON_ENDED: MediaStopped.Reason
    REASON_CUSTOMER: MediaStopped.Reason
    REASON_REPLACED: MediaStopped.Reason
    REASON_ERROR: MediaStopped.Reason
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_START_MS_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    run_start_ms: int
    opened_by: RunOpener
    point_ms: int
    speed: int
    duration_ms: int
    reason: MediaStopped.Reason
    def __init__(self, run_id: _Optional[str] = ..., run_start_ms: _Optional[int] = ..., opened_by: _Optional[_Union[RunOpener, str]] = ..., point_ms: _Optional[int] = ..., speed: _Optional[int] = ..., duration_ms: _Optional[int] = ..., reason: _Optional[_Union[MediaStopped.Reason, str]] = ...) -> None: ...

class MediaTracksSet(_message.Message):
    __slots__ = ("audio_language", "subtitle_language", "speed")
    AUDIO_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SUBTITLE_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    audio_language: str
    subtitle_language: str
    speed: int
    def __init__(self, audio_language: _Optional[str] = ..., subtitle_language: _Optional[str] = ..., speed: _Optional[int] = ...) -> None: ...

class SeriesMember(_message.Message):
    __slots__ = ("journey", "order_key")
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    ORDER_KEY_FIELD_NUMBER: _ClassVar[int]
    journey: _references_pb2.JourneyRef
    order_key: str
    def __init__(self, journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., order_key: _Optional[str] = ...) -> None: ...

class SeriesUpdated(_message.Message):
    __slots__ = ("members", "next")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[SeriesMember]
    next: _references_pb2.JourneyRef
    def __init__(self, members: _Optional[_Iterable[_Union[SeriesMember, _Mapping]]] = ..., next: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ...) -> None: ...

class ReadingPositionSet(_message.Message):
    __slots__ = ("locator", "progress_ppm", "restart")
    LOCATOR_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_PPM_FIELD_NUMBER: _ClassVar[int]
    RESTART_FIELD_NUMBER: _ClassVar[int]
    locator: str
    progress_ppm: int
    restart: bool
    def __init__(self, locator: _Optional[str] = ..., progress_ppm: _Optional[int] = ..., restart: bool = ...) -> None: ...

class ReadingBookmarkChanged(_message.Message):
    __slots__ = ("bookmark_id", "locator", "text", "removed")
    BOOKMARK_ID_FIELD_NUMBER: _ClassVar[int]
    LOCATOR_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    bookmark_id: str
    locator: str
    text: str
    removed: bool
    def __init__(self, bookmark_id: _Optional[str] = ..., locator: _Optional[str] = ..., text: _Optional[str] = ..., removed: bool = ...) -> None: ...

class ConversationStarted(_message.Message):
    __slots__ = ("topic", "situation", "offer_id", "order_id", "message_id", "quote_id")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SITUATION_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    topic: str
    situation: str
    offer_id: str
    order_id: str
    message_id: str
    quote_id: str
    def __init__(self, topic: _Optional[str] = ..., situation: _Optional[str] = ..., offer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., message_id: _Optional[str] = ..., quote_id: _Optional[str] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("ref", "media_type", "size_bytes")
    REF_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    ref: str
    media_type: str
    size_bytes: int
    def __init__(self, ref: _Optional[str] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class ConversationMessageAdded(_message.Message):
    __slots__ = ("message_id", "direction", "text", "text_ref", "attachments", "in_reply_to", "order_id")
    class Direction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DIRECTION_UNSPECIFIED: _ClassVar[ConversationMessageAdded.Direction]
        DIRECTION_IN: _ClassVar[ConversationMessageAdded.Direction]
        DIRECTION_OUT: _ClassVar[ConversationMessageAdded.Direction]
    DIRECTION_UNSPECIFIED: ConversationMessageAdded.Direction
    DIRECTION_IN: ConversationMessageAdded.Direction
    DIRECTION_OUT: ConversationMessageAdded.Direction
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_REF_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    IN_REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    direction: ConversationMessageAdded.Direction
    text: str
    text_ref: str
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    in_reply_to: str
    order_id: str
    def __init__(self, message_id: _Optional[str] = ..., direction: _Optional[_Union[ConversationMessageAdded.Direction, str]] = ..., text: _Optional[str] = ..., text_ref: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ..., in_reply_to: _Optional[str] = ..., order_id: _Optional[str] = ...) -> None: ...

class ConversationRead(_message.Message):
    __slots__ = ("up_to_no", "marked_unread")
    UP_TO_NO_FIELD_NUMBER: _ClassVar[int]
    MARKED_UNREAD_FIELD_NUMBER: _ClassVar[int]
    up_to_no: int
    marked_unread: bool
    def __init__(self, up_to_no: _Optional[int] = ..., marked_unread: bool = ...) -> None: ...

class ConversationChannelSwitched(_message.Message):
    __slots__ = ("from_channel", "to_channel", "mode", "handoff_id", "summary")
    FROM_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TO_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    HANDOFF_ID_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    from_channel: Channel
    to_channel: Channel
    mode: ConversationMode
    handoff_id: str
    summary: str
    def __init__(self, from_channel: _Optional[_Union[Channel, str]] = ..., to_channel: _Optional[_Union[Channel, str]] = ..., mode: _Optional[_Union[ConversationMode, str]] = ..., handoff_id: _Optional[str] = ..., summary: _Optional[str] = ...) -> None: ...

class ConversationStatusSet(_message.Message):
    __slots__ = ("status", "assignee", "queue")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[ConversationStatusSet.Status]
        STATUS_OPEN: _ClassVar[ConversationStatusSet.Status]
        STATUS_ASSIGNED: _ClassVar[ConversationStatusSet.Status]
        STATUS_WAITING: _ClassVar[ConversationStatusSet.Status]
        STATUS_RESOLVED: _ClassVar[ConversationStatusSet.Status]
    STATUS_UNSPECIFIED: ConversationStatusSet.Status
    STATUS_OPEN: ConversationStatusSet.Status
    STATUS_ASSIGNED: ConversationStatusSet.Status
    STATUS_WAITING: ConversationStatusSet.Status
    STATUS_RESOLVED: ConversationStatusSet.Status
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ASSIGNEE_FIELD_NUMBER: _ClassVar[int]
    QUEUE_FIELD_NUMBER: _ClassVar[int]
    status: ConversationStatusSet.Status
    assignee: str
    queue: str
    def __init__(self, status: _Optional[_Union[ConversationStatusSet.Status, str]] = ..., assignee: _Optional[str] = ..., queue: _Optional[str] = ...) -> None: ...

class CallReported(_message.Message):
    __slots__ = ("call_id", "mode", "status", "duration_ms", "recording_ref")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MODE_UNSPECIFIED: _ClassVar[CallReported.Mode]
        MODE_VOICE: _ClassVar[CallReported.Mode]
        MODE_VIDEO: _ClassVar[CallReported.Mode]
    MODE_UNSPECIFIED: CallReported.Mode
    MODE_VOICE: CallReported.Mode
    MODE_VIDEO: CallReported.Mode
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[CallReported.Status]
        STATUS_STARTED: _ClassVar[CallReported.Status]
        STATUS_ENDED: _ClassVar[CallReported.Status]
        STATUS_MISSED: _ClassVar[CallReported.Status]
        STATUS_FAILED: _ClassVar[CallReported.Status]
    STATUS_UNSPECIFIED: CallReported.Status
    STATUS_STARTED: CallReported.Status
    STATUS_ENDED: CallReported.Status
    STATUS_MISSED: CallReported.Status
    STATUS_FAILED: CallReported.Status
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    RECORDING_REF_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    mode: CallReported.Mode
    status: CallReported.Status
    duration_ms: int
    recording_ref: str
    def __init__(self, call_id: _Optional[str] = ..., mode: _Optional[_Union[CallReported.Mode, str]] = ..., status: _Optional[_Union[CallReported.Status, str]] = ..., duration_ms: _Optional[int] = ..., recording_ref: _Optional[str] = ...) -> None: ...

class QuoteGiven(_message.Message):
    __slots__ = ("quote_id", "lines", "total", "valid_until_ms")
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    quote_id: str
    lines: _containers.RepeatedCompositeFieldContainer[Line]
    total: Money
    valid_until_ms: int
    def __init__(self, quote_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[Line, _Mapping]]] = ..., total: _Optional[_Union[Money, _Mapping]] = ..., valid_until_ms: _Optional[int] = ...) -> None: ...

class QuoteAnswered(_message.Message):
    __slots__ = ("quote_id", "answer")
    class Answer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ANSWER_UNSPECIFIED: _ClassVar[QuoteAnswered.Answer]
        ANSWER_ACCEPTED: _ClassVar[QuoteAnswered.Answer]
        ANSWER_DECLINED: _ClassVar[QuoteAnswered.Answer]
        ANSWER_WITHDRAWN: _ClassVar[QuoteAnswered.Answer]
    ANSWER_UNSPECIFIED: QuoteAnswered.Answer
    ANSWER_ACCEPTED: QuoteAnswered.Answer
    ANSWER_DECLINED: QuoteAnswered.Answer
    ANSWER_WITHDRAWN: QuoteAnswered.Answer
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    quote_id: str
    answer: QuoteAnswered.Answer
    def __init__(self, quote_id: _Optional[str] = ..., answer: _Optional[_Union[QuoteAnswered.Answer, str]] = ...) -> None: ...

class MessageSent(_message.Message):
    __slots__ = ("message_id", "category", "template_id", "campaign_id", "offer_id", "order_id", "conversation_id", "text_ref")
    class Category(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CATEGORY_UNSPECIFIED: _ClassVar[MessageSent.Category]
        CATEGORY_TRANSACTIONAL: _ClassVar[MessageSent.Category]
        CATEGORY_SERVICE: _ClassVar[MessageSent.Category]
        CATEGORY_MARKETING: _ClassVar[MessageSent.Category]
    CATEGORY_UNSPECIFIED: MessageSent.Category
    CATEGORY_TRANSACTIONAL: MessageSent.Category
    CATEGORY_SERVICE: MessageSent.Category
    CATEGORY_MARKETING: MessageSent.Category
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_REF_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    category: MessageSent.Category
    template_id: str
    campaign_id: str
    offer_id: str
    order_id: str
    conversation_id: str
    text_ref: str
    def __init__(self, message_id: _Optional[str] = ..., category: _Optional[_Union[MessageSent.Category, str]] = ..., template_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., offer_id: _Optional[str] = ..., order_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., text_ref: _Optional[str] = ...) -> None: ...

class MessageOutcomeReported(_message.Message):
    __slots__ = ("message_id", "outcome", "link")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[MessageOutcomeReported.Outcome]
        OUTCOME_DELIVERED: _ClassVar[MessageOutcomeReported.Outcome]
        OUTCOME_BOUNCED: _ClassVar[MessageOutcomeReported.Outcome]
        OUTCOME_OPENED: _ClassVar[MessageOutcomeReported.Outcome]
        OUTCOME_CLICKED: _ClassVar[MessageOutcomeReported.Outcome]
        OUTCOME_COMPLAINED: _ClassVar[MessageOutcomeReported.Outcome]
        OUTCOME_UNSUBSCRIBED: _ClassVar[MessageOutcomeReported.Outcome]
    OUTCOME_UNSPECIFIED: MessageOutcomeReported.Outcome
    OUTCOME_DELIVERED: MessageOutcomeReported.Outcome
    OUTCOME_BOUNCED: MessageOutcomeReported.Outcome
    OUTCOME_OPENED: MessageOutcomeReported.Outcome
    OUTCOME_CLICKED: MessageOutcomeReported.Outcome
    OUTCOME_COMPLAINED: MessageOutcomeReported.Outcome
    OUTCOME_UNSUBSCRIBED: MessageOutcomeReported.Outcome
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    outcome: MessageOutcomeReported.Outcome
    link: str
    def __init__(self, message_id: _Optional[str] = ..., outcome: _Optional[_Union[MessageOutcomeReported.Outcome, str]] = ..., link: _Optional[str] = ...) -> None: ...

class AudienceEntered(_message.Message):
    __slots__ = ("audience_id", "destination", "skus", "reason")
    AUDIENCE_ID_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    audience_id: str
    destination: str
    skus: _containers.RepeatedScalarFieldContainer[str]
    reason: str
    def __init__(self, audience_id: _Optional[str] = ..., destination: _Optional[str] = ..., skus: _Optional[_Iterable[str]] = ..., reason: _Optional[str] = ...) -> None: ...

class AudienceExited(_message.Message):
    __slots__ = ("audience_id", "destination", "skus", "reason")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[AudienceExited.Reason]
        REASON_BOUGHT: _ClassVar[AudienceExited.Reason]
        REASON_CONSENT: _ClassVar[AudienceExited.Reason]
        REASON_RULE: _ClassVar[AudienceExited.Reason]
        REASON_MANUAL: _ClassVar[AudienceExited.Reason]
    REASON_UNSPECIFIED: AudienceExited.Reason
    REASON_BOUGHT: AudienceExited.Reason
    REASON_CONSENT: AudienceExited.Reason
    REASON_RULE: AudienceExited.Reason
    REASON_MANUAL: AudienceExited.Reason
    AUDIENCE_ID_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    SKUS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    audience_id: str
    destination: str
    skus: _containers.RepeatedScalarFieldContainer[str]
    reason: AudienceExited.Reason
    def __init__(self, audience_id: _Optional[str] = ..., destination: _Optional[str] = ..., skus: _Optional[_Iterable[str]] = ..., reason: _Optional[_Union[AudienceExited.Reason, str]] = ...) -> None: ...

class ContentDownloaded(_message.Message):
    __slots__ = ("content_id", "title", "media_type")
    CONTENT_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    content_id: str
    title: str
    media_type: str
    def __init__(self, content_id: _Optional[str] = ..., title: _Optional[str] = ..., media_type: _Optional[str] = ...) -> None: ...

class FormSubmitted(_message.Message):
    __slots__ = ("attempt", "answers", "trap_filled")
    class AnswersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    TRAP_FILLED_FIELD_NUMBER: _ClassVar[int]
    attempt: int
    answers: _containers.ScalarMap[str, str]
    trap_filled: bool
    def __init__(self, attempt: _Optional[int] = ..., answers: _Optional[_Mapping[str, str]] = ..., trap_filled: bool = ...) -> None: ...

class SocialReacted(_message.Message):
    __slots__ = ("network", "reaction", "content_id", "sku", "url")
    class Reaction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REACTION_UNSPECIFIED: _ClassVar[SocialReacted.Reaction]
        REACTION_FOLLOWED: _ClassVar[SocialReacted.Reaction]
        REACTION_UNFOLLOWED: _ClassVar[SocialReacted.Reaction]
        REACTION_LIKED: _ClassVar[SocialReacted.Reaction]
        REACTION_UNLIKED: _ClassVar[SocialReacted.Reaction]
        REACTION_COMMENTED: _ClassVar[SocialReacted.Reaction]
        REACTION_SHARED: _ClassVar[SocialReacted.Reaction]
    REACTION_UNSPECIFIED: SocialReacted.Reaction
    REACTION_FOLLOWED: SocialReacted.Reaction
    REACTION_UNFOLLOWED: SocialReacted.Reaction
    REACTION_LIKED: SocialReacted.Reaction
    REACTION_UNLIKED: SocialReacted.Reaction
    REACTION_COMMENTED: SocialReacted.Reaction
    REACTION_SHARED: SocialReacted.Reaction
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    REACTION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    network: str
    reaction: SocialReacted.Reaction
    content_id: str
    sku: str
    url: str
    def __init__(self, network: _Optional[str] = ..., reaction: _Optional[_Union[SocialReacted.Reaction, str]] = ..., content_id: _Optional[str] = ..., sku: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class RatingGiven(_message.Message):
    __slots__ = ("rating_id", "product", "order_id", "conversation_id", "store", "rating", "text", "text_ref")
    RATING_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TEXT_REF_FIELD_NUMBER: _ClassVar[int]
    rating_id: str
    product: Product
    order_id: str
    conversation_id: str
    store: Store
    rating: Rating
    text: str
    text_ref: str
    def __init__(self, rating_id: _Optional[str] = ..., product: _Optional[_Union[Product, _Mapping]] = ..., order_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., store: _Optional[_Union[Store, _Mapping]] = ..., rating: _Optional[_Union[Rating, _Mapping]] = ..., text: _Optional[str] = ..., text_ref: _Optional[str] = ...) -> None: ...

class ReferralMade(_message.Message):
    __slots__ = ("referral_id", "status", "network", "order_id")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[ReferralMade.Status]
        STATUS_SENT: _ClassVar[ReferralMade.Status]
        STATUS_OPENED: _ClassVar[ReferralMade.Status]
        STATUS_CONVERTED: _ClassVar[ReferralMade.Status]
    STATUS_UNSPECIFIED: ReferralMade.Status
    STATUS_SENT: ReferralMade.Status
    STATUS_OPENED: ReferralMade.Status
    STATUS_CONVERTED: ReferralMade.Status
    REFERRAL_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    referral_id: str
    status: ReferralMade.Status
    network: str
    order_id: str
    def __init__(self, referral_id: _Optional[str] = ..., status: _Optional[_Union[ReferralMade.Status, str]] = ..., network: _Optional[str] = ..., order_id: _Optional[str] = ...) -> None: ...

class SupportCaseChanged(_message.Message):
    __slots__ = ("case_id", "status", "topic", "situation", "order_id", "conversation_id", "priority")
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[SupportCaseChanged.Status]
        STATUS_OPEN: _ClassVar[SupportCaseChanged.Status]
        STATUS_PENDING: _ClassVar[SupportCaseChanged.Status]
        STATUS_SOLVED: _ClassVar[SupportCaseChanged.Status]
        STATUS_REOPENED: _ClassVar[SupportCaseChanged.Status]
        STATUS_CLOSED: _ClassVar[SupportCaseChanged.Status]
    STATUS_UNSPECIFIED: SupportCaseChanged.Status
    STATUS_OPEN: SupportCaseChanged.Status
    STATUS_PENDING: SupportCaseChanged.Status
    STATUS_SOLVED: SupportCaseChanged.Status
    STATUS_REOPENED: SupportCaseChanged.Status
    STATUS_CLOSED: SupportCaseChanged.Status
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    SITUATION_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    case_id: str
    status: SupportCaseChanged.Status
    topic: str
    situation: str
    order_id: str
    conversation_id: str
    priority: int
    def __init__(self, case_id: _Optional[str] = ..., status: _Optional[_Union[SupportCaseChanged.Status, str]] = ..., topic: _Optional[str] = ..., situation: _Optional[str] = ..., order_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., priority: _Optional[int] = ...) -> None: ...

class PreferenceSet(_message.Message):
    __slots__ = ("key", "value", "source")
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[PreferenceSet.Source]
        SOURCE_STATED: _ClassVar[PreferenceSet.Source]
        SOURCE_INFERRED: _ClassVar[PreferenceSet.Source]
    SOURCE_UNSPECIFIED: PreferenceSet.Source
    SOURCE_STATED: PreferenceSet.Source
    SOURCE_INFERRED: PreferenceSet.Source
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    source: PreferenceSet.Source
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ..., source: _Optional[_Union[PreferenceSet.Source, str]] = ...) -> None: ...

class BoundIdentifier(_message.Message):
    __slots__ = ("type", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: str
    value: str
    def __init__(self, type: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ConsentEvidence(_message.Message):
    __slots__ = ("message_id", "form_id", "paper_ref", "session_id")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    FORM_ID_FIELD_NUMBER: _ClassVar[int]
    PAPER_REF_FIELD_NUMBER: _ClassVar[int]
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    form_id: str
    paper_ref: str
    session_id: str
    def __init__(self, message_id: _Optional[str] = ..., form_id: _Optional[str] = ..., paper_ref: _Optional[str] = ..., session_id: _Optional[str] = ...) -> None: ...

class ConsentRecorded(_message.Message):
    __slots__ = ("purpose", "consent_channel", "bound_to", "decision", "legal_basis", "policy_version", "text_hash", "evidence", "expires_at_ms", "covers")
    class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DECISION_UNSPECIFIED: _ClassVar[ConsentRecorded.Decision]
        DECISION_GRANTED: _ClassVar[ConsentRecorded.Decision]
        DECISION_DENIED: _ClassVar[ConsentRecorded.Decision]
        DECISION_WITHDRAWN: _ClassVar[ConsentRecorded.Decision]
        DECISION_EXPIRED: _ClassVar[ConsentRecorded.Decision]
    DECISION_UNSPECIFIED: ConsentRecorded.Decision
    DECISION_GRANTED: ConsentRecorded.Decision
    DECISION_DENIED: ConsentRecorded.Decision
    DECISION_WITHDRAWN: ConsentRecorded.Decision
    DECISION_EXPIRED: ConsentRecorded.Decision
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    BOUND_TO_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    COVERS_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    consent_channel: Channel
    bound_to: BoundIdentifier
    decision: ConsentRecorded.Decision
    legal_basis: str
    policy_version: str
    text_hash: str
    evidence: ConsentEvidence
    expires_at_ms: int
    covers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, purpose: _Optional[str] = ..., consent_channel: _Optional[_Union[Channel, str]] = ..., bound_to: _Optional[_Union[BoundIdentifier, _Mapping]] = ..., decision: _Optional[_Union[ConsentRecorded.Decision, str]] = ..., legal_basis: _Optional[str] = ..., policy_version: _Optional[str] = ..., text_hash: _Optional[str] = ..., evidence: _Optional[_Union[ConsentEvidence, _Mapping]] = ..., expires_at_ms: _Optional[int] = ..., covers: _Optional[_Iterable[str]] = ...) -> None: ...

class SessionOpened(_message.Message):
    __slots__ = ("session_id", "installation_id", "device_id", "app", "app_version", "os", "language", "zone", "epoch", "mode")
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    APP_FIELD_NUMBER: _ClassVar[int]
    APP_VERSION_FIELD_NUMBER: _ClassVar[int]
    OS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    installation_id: str
    device_id: str
    app: str
    app_version: str
    os: str
    language: str
    zone: str
    epoch: int
    mode: InstallationMode
    def __init__(self, session_id: _Optional[str] = ..., installation_id: _Optional[str] = ..., device_id: _Optional[str] = ..., app: _Optional[str] = ..., app_version: _Optional[str] = ..., os: _Optional[str] = ..., language: _Optional[str] = ..., zone: _Optional[str] = ..., epoch: _Optional[int] = ..., mode: _Optional[_Union[InstallationMode, str]] = ...) -> None: ...

class SessionClosed(_message.Message):
    __slots__ = ("session_id", "reason")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[SessionClosed.Reason]
        REASON_CLOSED: _ClassVar[SessionClosed.Reason]
        REASON_IDLE: _ClassVar[SessionClosed.Reason]
        REASON_SIGNED_OUT: _ClassVar[SessionClosed.Reason]
        REASON_EXPIRED: _ClassVar[SessionClosed.Reason]
        REASON_REVOKED: _ClassVar[SessionClosed.Reason]
        REASON_REPLACED: _ClassVar[SessionClosed.Reason]
    REASON_UNSPECIFIED: SessionClosed.Reason
    REASON_CLOSED: SessionClosed.Reason
    REASON_IDLE: SessionClosed.Reason
    REASON_SIGNED_OUT: SessionClosed.Reason
    REASON_EXPIRED: SessionClosed.Reason
    REASON_REVOKED: SessionClosed.Reason
    REASON_REPLACED: SessionClosed.Reason
    SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    session_id: str
    reason: SessionClosed.Reason
    def __init__(self, session_id: _Optional[str] = ..., reason: _Optional[_Union[SessionClosed.Reason, str]] = ...) -> None: ...

class HandoffClaimed(_message.Message):
    __slots__ = ("handoff_id", "scope", "journey", "from_session_id", "to_session_id", "guest", "via")
    class Via(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VIA_UNSPECIFIED: _ClassVar[HandoffClaimed.Via]
        VIA_QR: _ClassVar[HandoffClaimed.Via]
        VIA_LINK: _ClassVar[HandoffClaimed.Via]
        VIA_BUTTON: _ClassVar[HandoffClaimed.Via]
        VIA_CODE: _ClassVar[HandoffClaimed.Via]
    VIA_UNSPECIFIED: HandoffClaimed.Via
    VIA_QR: HandoffClaimed.Via
    VIA_LINK: HandoffClaimed.Via
    VIA_BUTTON: HandoffClaimed.Via
    VIA_CODE: HandoffClaimed.Via
    HANDOFF_ID_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    JOURNEY_FIELD_NUMBER: _ClassVar[int]
    FROM_SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    TO_SESSION_ID_FIELD_NUMBER: _ClassVar[int]
    GUEST_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    handoff_id: str
    scope: HandoffScope
    journey: _references_pb2.JourneyRef
    from_session_id: str
    to_session_id: str
    guest: bool
    via: HandoffClaimed.Via
    def __init__(self, handoff_id: _Optional[str] = ..., scope: _Optional[_Union[HandoffScope, str]] = ..., journey: _Optional[_Union[_references_pb2.JourneyRef, _Mapping]] = ..., from_session_id: _Optional[str] = ..., to_session_id: _Optional[str] = ..., guest: bool = ..., via: _Optional[_Union[HandoffClaimed.Via, str]] = ...) -> None: ...

class SubjectCreated(_message.Message):
    __slots__ = ("kind", "installation_id", "epoch")
    KIND_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    kind: SubjectKind
    installation_id: str
    epoch: int
    def __init__(self, kind: _Optional[_Union[SubjectKind, str]] = ..., installation_id: _Optional[str] = ..., epoch: _Optional[int] = ...) -> None: ...

class IdentifierAttached(_message.Message):
    __slots__ = ("type", "hash", "original", "assurance", "method")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_FIELD_NUMBER: _ClassVar[int]
    ASSURANCE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    type: str
    hash: bytes
    original: str
    assurance: Assurance
    method: str
    def __init__(self, type: _Optional[str] = ..., hash: _Optional[bytes] = ..., original: _Optional[str] = ..., assurance: _Optional[_Union[Assurance, str]] = ..., method: _Optional[str] = ...) -> None: ...

class IdentifierRejected(_message.Message):
    __slots__ = ("type", "hash", "reason")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[IdentifierRejected.Reason]
        REASON_MALFORMED: _ClassVar[IdentifierRejected.Reason]
        REASON_BLOCKED: _ClassVar[IdentifierRejected.Reason]
        REASON_UNVERIFIED: _ClassVar[IdentifierRejected.Reason]
        REASON_DEMOTED: _ClassVar[IdentifierRejected.Reason]
        REASON_LIMIT: _ClassVar[IdentifierRejected.Reason]
        REASON_ERASED: _ClassVar[IdentifierRejected.Reason]
        REASON_AMBIGUOUS: _ClassVar[IdentifierRejected.Reason]
    REASON_UNSPECIFIED: IdentifierRejected.Reason
    REASON_MALFORMED: IdentifierRejected.Reason
    REASON_BLOCKED: IdentifierRejected.Reason
    REASON_UNVERIFIED: IdentifierRejected.Reason
    REASON_DEMOTED: IdentifierRejected.Reason
    REASON_LIMIT: IdentifierRejected.Reason
    REASON_ERASED: IdentifierRejected.Reason
    REASON_AMBIGUOUS: IdentifierRejected.Reason
    TYPE_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    type: str
    hash: bytes
    reason: IdentifierRejected.Reason
    def __init__(self, type: _Optional[str] = ..., hash: _Optional[bytes] = ..., reason: _Optional[_Union[IdentifierRejected.Reason, str]] = ...) -> None: ...

class LinkEvidence(_message.Message):
    __slots__ = ("kind", "identifier_type", "identifier_hash", "handoff_id")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[LinkEvidence.Kind]
        KIND_CARRIED_OVER: _ClassVar[LinkEvidence.Kind]
        KIND_IDENTIFIER: _ClassVar[LinkEvidence.Kind]
        KIND_CLAIM: _ClassVar[LinkEvidence.Kind]
        KIND_HANDOFF: _ClassVar[LinkEvidence.Kind]
        KIND_OPERATOR: _ClassVar[LinkEvidence.Kind]
    KIND_UNSPECIFIED: LinkEvidence.Kind
    KIND_CARRIED_OVER: LinkEvidence.Kind
    KIND_IDENTIFIER: LinkEvidence.Kind
    KIND_CLAIM: LinkEvidence.Kind
    KIND_HANDOFF: LinkEvidence.Kind
    KIND_OPERATOR: LinkEvidence.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_TYPE_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_HASH_FIELD_NUMBER: _ClassVar[int]
    HANDOFF_ID_FIELD_NUMBER: _ClassVar[int]
    kind: LinkEvidence.Kind
    identifier_type: str
    identifier_hash: bytes
    handoff_id: str
    def __init__(self, kind: _Optional[_Union[LinkEvidence.Kind, str]] = ..., identifier_type: _Optional[str] = ..., identifier_hash: _Optional[bytes] = ..., handoff_id: _Optional[str] = ...) -> None: ...

class SubjectsLinked(_message.Message):
    __slots__ = ("link_id", "subject_a", "subject_b", "evidence", "assurance", "policy_version", "caused_by", "lead_before_a", "lead_before_b", "lead_after", "made_at_ms", "registered_a", "registered_b", "created_a_ms", "created_b_ms")
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_A_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_B_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    ASSURANCE_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAUSED_BY_FIELD_NUMBER: _ClassVar[int]
    LEAD_BEFORE_A_FIELD_NUMBER: _ClassVar[int]
    LEAD_BEFORE_B_FIELD_NUMBER: _ClassVar[int]
    LEAD_AFTER_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_A_FIELD_NUMBER: _ClassVar[int]
    REGISTERED_B_FIELD_NUMBER: _ClassVar[int]
    CREATED_A_MS_FIELD_NUMBER: _ClassVar[int]
    CREATED_B_MS_FIELD_NUMBER: _ClassVar[int]
    link_id: str
    subject_a: str
    subject_b: str
    evidence: LinkEvidence
    assurance: Assurance
    policy_version: str
    caused_by: str
    lead_before_a: str
    lead_before_b: str
    lead_after: str
    made_at_ms: int
    registered_a: bool
    registered_b: bool
    created_a_ms: int
    created_b_ms: int
    def __init__(self, link_id: _Optional[str] = ..., subject_a: _Optional[str] = ..., subject_b: _Optional[str] = ..., evidence: _Optional[_Union[LinkEvidence, _Mapping]] = ..., assurance: _Optional[_Union[Assurance, str]] = ..., policy_version: _Optional[str] = ..., caused_by: _Optional[str] = ..., lead_before_a: _Optional[str] = ..., lead_before_b: _Optional[str] = ..., lead_after: _Optional[str] = ..., made_at_ms: _Optional[int] = ..., registered_a: bool = ..., registered_b: bool = ..., created_a_ms: _Optional[int] = ..., created_b_ms: _Optional[int] = ...) -> None: ...

class LinkRejected(_message.Message):
    __slots__ = ("subject_a", "subject_b", "reason", "evidence")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[LinkRejected.Reason]
        REASON_UNIQUE_CONFLICT: _ClassVar[LinkRejected.Reason]
        REASON_SEPARATED: _ClassVar[LinkRejected.Reason]
        REASON_LIMIT: _ClassVar[LinkRejected.Reason]
        REASON_SHARED_DEVICE: _ClassVar[LinkRejected.Reason]
    REASON_UNSPECIFIED: LinkRejected.Reason
    REASON_UNIQUE_CONFLICT: LinkRejected.Reason
    REASON_SEPARATED: LinkRejected.Reason
    REASON_LIMIT: LinkRejected.Reason
    REASON_SHARED_DEVICE: LinkRejected.Reason
    SUBJECT_A_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_B_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    subject_a: str
    subject_b: str
    reason: LinkRejected.Reason
    evidence: LinkEvidence
    def __init__(self, subject_a: _Optional[str] = ..., subject_b: _Optional[str] = ..., reason: _Optional[_Union[LinkRejected.Reason, str]] = ..., evidence: _Optional[_Union[LinkEvidence, _Mapping]] = ...) -> None: ...

class LinkRevoked(_message.Message):
    __slots__ = ("link_id", "reason", "separation", "identifiers")
    class Side(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SIDE_UNSPECIFIED: _ClassVar[LinkRevoked.Side]
        SIDE_A: _ClassVar[LinkRevoked.Side]
        SIDE_B: _ClassVar[LinkRevoked.Side]
        SIDE_QUARANTINE: _ClassVar[LinkRevoked.Side]
    SIDE_UNSPECIFIED: LinkRevoked.Side
    SIDE_A: LinkRevoked.Side
    SIDE_B: LinkRevoked.Side
    SIDE_QUARANTINE: LinkRevoked.Side
    class Separation(_message.Message):
        __slots__ = ("subject_a", "subject_b", "lifted")
        SUBJECT_A_FIELD_NUMBER: _ClassVar[int]
        SUBJECT_B_FIELD_NUMBER: _ClassVar[int]
        LIFTED_FIELD_NUMBER: _ClassVar[int]
        subject_a: str
        subject_b: str
        lifted: bool
        def __init__(self, subject_a: _Optional[str] = ..., subject_b: _Optional[str] = ..., lifted: bool = ...) -> None: ...
    class IdentifierDecision(_message.Message):
        __slots__ = ("type", "hash", "side")
        TYPE_FIELD_NUMBER: _ClassVar[int]
        HASH_FIELD_NUMBER: _ClassVar[int]
        SIDE_FIELD_NUMBER: _ClassVar[int]
        type: str
        hash: bytes
        side: LinkRevoked.Side
        def __init__(self, type: _Optional[str] = ..., hash: _Optional[bytes] = ..., side: _Optional[_Union[LinkRevoked.Side, str]] = ...) -> None: ...
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SEPARATION_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    link_id: str
    reason: str
    separation: LinkRevoked.Separation
    identifiers: _containers.RepeatedCompositeFieldContainer[LinkRevoked.IdentifierDecision]
    def __init__(self, link_id: _Optional[str] = ..., reason: _Optional[str] = ..., separation: _Optional[_Union[LinkRevoked.Separation, _Mapping]] = ..., identifiers: _Optional[_Iterable[_Union[LinkRevoked.IdentifierDecision, _Mapping]]] = ...) -> None: ...

class GroupChanged(_message.Message):
    __slots__ = ("group_id", "group_kind", "change", "role")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[GroupChanged.Kind]
        KIND_HOUSEHOLD: _ClassVar[GroupChanged.Kind]
        KIND_COMPANY: _ClassVar[GroupChanged.Kind]
        KIND_ACCOUNT: _ClassVar[GroupChanged.Kind]
    KIND_UNSPECIFIED: GroupChanged.Kind
    KIND_HOUSEHOLD: GroupChanged.Kind
    KIND_COMPANY: GroupChanged.Kind
    KIND_ACCOUNT: GroupChanged.Kind
    class Change(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CHANGE_UNSPECIFIED: _ClassVar[GroupChanged.Change]
        CHANGE_JOINED: _ClassVar[GroupChanged.Change]
        CHANGE_LEFT: _ClassVar[GroupChanged.Change]
    CHANGE_UNSPECIFIED: GroupChanged.Change
    CHANGE_JOINED: GroupChanged.Change
    CHANGE_LEFT: GroupChanged.Change
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_KIND_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    group_kind: GroupChanged.Kind
    change: GroupChanged.Change
    role: str
    def __init__(self, group_id: _Optional[str] = ..., group_kind: _Optional[_Union[GroupChanged.Kind, str]] = ..., change: _Optional[_Union[GroupChanged.Change, str]] = ..., role: _Optional[str] = ...) -> None: ...

class SubjectErased(_message.Message):
    __slots__ = ("erasure_id", "counts")
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    ERASURE_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    erasure_id: str
    counts: _containers.ScalarMap[str, int]
    def __init__(self, erasure_id: _Optional[str] = ..., counts: _Optional[_Mapping[str, int]] = ...) -> None: ...

class JourneyMarked(_message.Message):
    __slots__ = ("mark",)
    class Mark(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MARK_UNSPECIFIED: _ClassVar[JourneyMarked.Mark]
        MARK_FINISHED: _ClassVar[JourneyMarked.Mark]
        MARK_UNFINISHED: _ClassVar[JourneyMarked.Mark]
        MARK_HIDDEN: _ClassVar[JourneyMarked.Mark]
    MARK_UNSPECIFIED: JourneyMarked.Mark
    MARK_FINISHED: JourneyMarked.Mark
    MARK_UNFINISHED: JourneyMarked.Mark
    MARK_HIDDEN: JourneyMarked.Mark
    MARK_FIELD_NUMBER: _ClassVar[int]
    mark: JourneyMarked.Mark
    def __init__(self, mark: _Optional[_Union[JourneyMarked.Mark, str]] = ...) -> None: ...

class LeaseGranted(_message.Message):
    __slots__ = ("epoch", "installation_id", "cause")
    class Cause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CAUSE_UNSPECIFIED: _ClassVar[LeaseGranted.Cause]
        CAUSE_ACQUIRED: _ClassVar[LeaseGranted.Cause]
        CAUSE_TAKEN_OVER: _ClassVar[LeaseGranted.Cause]
    CAUSE_UNSPECIFIED: LeaseGranted.Cause
    CAUSE_ACQUIRED: LeaseGranted.Cause
    CAUSE_TAKEN_OVER: LeaseGranted.Cause
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    installation_id: str
    cause: LeaseGranted.Cause
    def __init__(self, epoch: _Optional[int] = ..., installation_id: _Optional[str] = ..., cause: _Optional[_Union[LeaseGranted.Cause, str]] = ...) -> None: ...

class JourneyTransferred(_message.Message):
    __slots__ = ("epoch", "from_installation_id", "to_installation_id", "point_ms", "speed")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FROM_INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    TO_INSTALLATION_ID_FIELD_NUMBER: _ClassVar[int]
    POINT_MS_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    from_installation_id: str
    to_installation_id: str
    point_ms: int
    speed: int
    def __init__(self, epoch: _Optional[int] = ..., from_installation_id: _Optional[str] = ..., to_installation_id: _Optional[str] = ..., point_ms: _Optional[int] = ..., speed: _Optional[int] = ...) -> None: ...

class InteractionRejected(_message.Message):
    __slots__ = ("event_id", "seq", "type", "reason")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    seq: int
    type: str
    reason: _errors_pb2.ErrorReason
    def __init__(self, event_id: _Optional[str] = ..., seq: _Optional[int] = ..., type: _Optional[str] = ..., reason: _Optional[_Union[_errors_pb2.ErrorReason, str]] = ...) -> None: ...

class TimerFired(_message.Message):
    __slots__ = ("timer", "due_at_ms", "condition_version")
    TIMER_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CONDITION_VERSION_FIELD_NUMBER: _ClassVar[int]
    timer: str
    due_at_ms: int
    condition_version: int
    def __init__(self, timer: _Optional[str] = ..., due_at_ms: _Optional[int] = ..., condition_version: _Optional[int] = ...) -> None: ...

class Custom(_message.Message):
    __slots__ = ("name", "interaction_class", "json")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INTERACTION_CLASS_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    interaction_class: _rules_pb2.InteractionClass
    json: str
    def __init__(self, name: _Optional[str] = ..., interaction_class: _Optional[_Union[_rules_pb2.InteractionClass, str]] = ..., json: _Optional[str] = ...) -> None: ...
