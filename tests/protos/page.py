"""The tables of the catalogue's page, copied by hand; the descriptors must say the same.

One line a type: message, dotted name, class, by, journey, purpose, marks. `-` = none.
Class: I intent, T telemetry, J decided, S stated. By: D device, St staff, Sv service, J Journey.
Journey: kinds; `/main` = what an empty journey_id means; `?` = may be left out.
Marks: M machine, Q queued offline too, R expected_rev from devices; coalescing `last(field)`,
`run`, `joined()`; `()` = the journey alone is the key.
"""

TYPES = """
Browse, search, lists 100-119
PageViewed               page.viewed                  T D         -              analytics  -
ProductViewed product.viewed I D,St browse/main functional last(product.sku)
SearchPerformed          search.performed             I D,St      search/main    functional last()
ListItemAdded            list.item_added              I D,St,Sv   list           functional -
ListItemRemoved          list.item_removed            I D,St,Sv   list           functional -

Cart 120-139
CartLineAdded            cart.line_added              I D,St,Sv   cart/main      necessary  -
CartLineQuantitySet cart.line_quantity_set I D,St,Sv cart/main necessary last(line.line_key)
CartLineRemoved          cart.line_removed            I D,St,Sv   cart/main      necessary  -
CartLineLimitSet         cart.line_limit_set          I Sv        cart/main      necessary  -
CartCouponSet            cart.coupon_set              I D,St,Sv   cart/main      necessary  -
CartFulfilmentSet        cart.fulfilment_set          I D,St,Sv   cart/main      necessary  last()
CartMerged               cart.merged                  J J         cart/main      necessary  -

Checkout, steps and input 140-159
CheckoutStarted          checkout.started             I D,St,Sv   checkout       necessary  -
StepEntered              step.entered                 I D,St,Sv   checkout,form  necessary  last()
InputSaved input.saved I D,St,Sv checkout,form,cart/main,conversation necessary joined()
CheckoutSubmitted        checkout.submitted           I D,St,Sv   checkout       necessary  M,R
CheckoutRefused          checkout.refused             I Sv        checkout       necessary  M

Order and fulfilment 160-189
OrderPlaced              order.placed                 I St,Sv     order          necessary  M
OrderPaid                order.paid                   I St,Sv     order          necessary  M
OrderCancelled           order.cancelled              I St,Sv     order          necessary  M
PickupUpdated            order.pickup_updated         I St,Sv,J   order          necessary  M
PickupCollected          order.pickup_collected       I St,Sv     order          necessary  M
DeliveryUpdated          order.delivery_updated       I Sv        order          necessary  M
ReturnRequested          order.return_requested       I D,St,Sv   order          necessary  M,R
ReturnReceived           order.return_received        I St,Sv     order          necessary  M
OrderRefunded            order.refunded               I St,Sv     order          necessary  M

Store 190-199
StoreVisited             store.visited                I D,St      -              functional -
StockEnquired            store.stock_enquired         I D,St,Sv   -              necessary  -
FittingTried             store.fitting_tried          I D,St      -              functional -
BookingChanged           booking.changed              I D,St,Sv,J booking        necessary  M,R

Offers, loyalty, promotions 200-219
OfferGranted             offer.granted                I Sv        rewards/main   necessary  M
OfferRedeemed            offer.redeemed               I St,Sv     rewards/main   necessary  M
OfferEnded               offer.ended                  I Sv,J      rewards/main   necessary  M
PointsPosted             loyalty.points_posted        I Sv        rewards/main   necessary  M
PromotionShown           promotion.shown              T D,Sv      -              analytics  -
PromotionClicked         promotion.clicked            I D,Sv      -              analytics  -

Media 220-239
MediaPlayed              media.played                 I D,Sv      media          functional -
MediaProgressed          media.progressed             T D,Sv      media          functional run
MediaPaused              media.paused                 I D,Sv      media          functional -
MediaSeeked              media.seeked                 I D,Sv      media          functional -
MediaStopped             media.stopped                I D,Sv      media          functional -
MediaTracksSet           media.tracks_set             I D,Sv      media          functional last()
SeriesUpdated            media.series_updated         I D,Sv      series         functional last()

Reading 240-249
ReadingPositionSet       reading.position_set         I D         reading        functional last()
ReadingBookmarkChanged   reading.bookmark_changed     I D         reading        functional -

Conversation, call, quote 250-269
ConversationStarted      conversation.started         I D,St,Sv   conversation   necessary  -
ConversationMessageAdded conversation.message_added   I D,St,Sv   conversation   necessary  M,Q
ConversationRead         conversation.read            I D,St      conversation   necessary  last()
ConversationChannelSwitched conversation.channel_switched I D,St,Sv   conversation   necessary  -
ConversationStatusSet    conversation.status_set      I St,Sv     conversation   necessary  M
CallReported             conversation.call_reported   I D,St,Sv   conversation   necessary  -
QuoteGiven               conversation.quote_given     I St,Sv     conversation   necessary  M
QuoteAnswered            conversation.quote_answered  I D,St,Sv   conversation   necessary  M,R

Messages, audiences 270-279
MessageSent              message.sent                 I St,Sv     -              VALUE      -
MessageOutcomeReported   message.outcome_reported     I Sv        -              MESSAGE_SENT -
AudienceEntered          audience.entered             I Sv,J      -              AUDIENCE   -
AudienceExited           audience.exited              I Sv,J      -              necessary  -

Content, social, feedback, support 280-299
ContentDownloaded        content.downloaded           I D,Sv      -              analytics  -
FormSubmitted            form.submitted               I D,St,Sv   form           necessary  M,R
SocialReacted            social.reacted               I D,Sv      -              analytics  -
RatingGiven              feedback.rating_given        I D,St,Sv   -              necessary  -
ReferralMade             feedback.referral_made       I D,Sv      -              analytics  -
SupportCaseChanged       support.case_changed         I St,Sv     -              necessary  -

Preference, consent 300-319
PreferenceSet preference.set I D,St,Sv preferences/main functional last(key)
ConsentRecorded          consent.recorded             I D,St,Sv,J -              necessary  -

Session, handoff, identity 320-349
SessionOpened            session.opened               J J         -              necessary  -
SessionClosed            session.closed               J J         -              necessary  -
HandoffClaimed           handoff.claimed              J J         -              necessary  -
SubjectCreated           identity.subject_created     J J         -              necessary  -
IdentifierAttached       identity.identifier_attached J J         -              necessary  -
IdentifierRejected       identity.identifier_rejected J J         -              necessary  -
SubjectsLinked           identity.subjects_linked     J J         -              necessary  -
LinkRejected             identity.link_rejected       J J         -              necessary  -
LinkRevoked              identity.link_revoked        J J         -              necessary  -
GroupChanged             identity.group_changed       J J         -              necessary  -
SubjectErased            identity.subject_erased      J J         -              necessary  -

Journey, timer 350-369
JourneyMarked journey.marked I D,St */main functional last(mark)
LeaseGranted             journey.lease_granted        J J         *              functional -
JourneyTransferred       journey.transferred          J J         *              functional -
InteractionRejected      journey.interaction_rejected J J         -              necessary  -
TimerFired               timer.fired                  J J         *?             TIMER      -

Custom 1000-1000
Custom                   custom                       S Sv        custom?        analytics  -
"""

# The fields column. One line a type, its fields in order: `?` optional, `^` may be empty or 0
# though not marked optional, `:30` text of at most 30 characters, `#5` at most 5 entries,
# `*` personal (◆), `=` write only, `[1,9]` range, `a|b` exactly one of them.
FIELDS = """
PageViewed url|screen_id title?:200 page_kind referrer_url? content_id? error_code?:64
ProductViewed product unit_price? availability? list_id? rank?[1,10000]
SearchPerformed query^:256* filters^#50 sort^:64 result_count?[0,] anchor?:128
SearchFilter name:64 values^:128#50
ListItemAdded item_key? product|content_id|search_id note?:500* order_key?:64
ListItemRemoved item_key
CartLineAdded line added_from?
CartLineQuantitySet line
CartLineRemoved line_key
CartLineLimitSet line_key max_quantity?[0,1000000] reason
CartCouponSet code:64 status discount? reason?:200 offer_id?
CartFulfilmentSet method store? slot_start_ms? slot_end_ms?
CartMerged link_id rule lines#1000
CheckoutStarted cart_id cart_digest:64
StepEntered step:64 step_no[1,100]
InputSaved attempt?[1,] fields
InputValue text:2000*|cleared
CheckoutSubmitted attempt[1,] cart_digest:64
CheckoutRefused attempt[1,] reason detail?:200
OrderPlaced lines total discount? fulfilment payment_at store? cart_id? checkout_id? attempt?[1,] \
conversation_id? offer_ids?#20 claim_secret?:64=
Fulfilment method store?
OrderPaid payment_ref amount method:64
OrderCancelled lines? on_behalf reason?:200
PickupUpdated store lines status collect_code?:64= expires_at_ms?
PickupCollected store lines collect_code:64=
DeliveryUpdated lines status carrier?:64 tracking_ref?
ReturnRequested return_id lines method reason?:64
ReturnReceived return_id lines store? condition
OrderRefunded return_id? lines amount payment_ref
StoreVisited store via reason?:64
StockEnquired product store result quantity?[0,1000000] alternative alternative_store? \
conversation_id?
FittingTried product size?:32 store outcome
BookingChanged status slot_start_ms slot_end_ms store? resource? party[1,100] hold_until_ms?
OfferGranted offer_id promotion_id? title:200 amount|share_ppm skus^ channels? valid_from_ms \
valid_until_ms uses[1,100] targeted?
OfferRedeemed offer_id order_id store?
OfferEnded offer_id reason
PointsPosted entry_id points[-1000000000,1000000000] reason order_id? reverses_entry_id? tier?:64
PromotionShown promotion_id? offer_id? ad_id? placement network?:64 skus^
PromotionClicked promotion_id? offer_id? ad_id? placement network?:64 skus^
MediaPlayed RUN duration_ms^ cause credits_at_ms? format? group_id? series_id?
MediaProgressed RUN lease_epoch^
MediaPaused RUN duration_ms^
MediaSeeked RUN duration_ms^ from_point_ms^
MediaStopped RUN duration_ms^ reason
MediaTracksSet audio_language? subtitle_language? speed?
SeriesUpdated members next?
SeriesMember journey order_key:64
ReadingPositionSet locator:512 progress_ppm^ restart?
ReadingBookmarkChanged bookmark_id locator:512 text?:500* removed?
ConversationStarted topic?:200 situation?:64 offer_id? order_id? message_id? quote_id?
ConversationMessageAdded message_id direction text?:2000* text_ref? attachments?#10 in_reply_to? \
order_id?
Attachment ref media_type:64 size_bytes^[0,]
ConversationRead up_to_no marked_unread?
ConversationChannelSwitched from_channel to_channel mode handoff_id? summary?:2000*
ConversationStatusSet status assignee? queue?:64
CallReported call_id mode status duration_ms? recording_ref?
QuoteGiven quote_id lines total valid_until_ms
QuoteAnswered quote_id answer
MessageSent message_id category template_id? campaign_id? offer_id? order_id? conversation_id? \
text_ref?
MessageOutcomeReported message_id outcome link?
AudienceEntered audience_id destination? skus^ reason:200
AudienceExited audience_id destination? skus^ reason
ContentDownloaded content_id title?:200 media_type:64
FormSubmitted attempt[1,] answers:2000* trap_filled^
SocialReacted network:64 reaction content_id|sku|url
RatingGiven rating_id product|order_id|conversation_id|store rating text?:2000* text_ref?
ReferralMade referral_id status network?:64 order_id?
SupportCaseChanged case_id status topic:128 situation?:64 order_id? conversation_id? \
priority?[1,5]
PreferenceSet key:64 value^:1000* source
ConsentRecorded purpose:128 consent_channel? bound_to?= decision legal_basis:64 policy_version:64 \
text_hash evidence expires_at_ms? covers^#500
SessionOpened session_id installation_id device_id app^:64 app_version^:32 os^:64 language^ zone^ \
epoch^[0,] mode
SessionClosed session_id reason
HandoffClaimed handoff_id scope journey? from_session_id to_session_id guest^ via
SubjectCreated kind installation_id? epoch?[0,]
IdentifierAttached type hash original:1024* assurance method^:64
IdentifierRejected type hash? reason
SubjectsLinked link_id subject_a subject_b evidence assurance policy_version:64 caused_by? \
lead_before_a lead_before_b lead_after made_at_ms? registered_a^ registered_b^ \
created_a_ms? created_b_ms?
LinkRejected subject_a subject_b reason evidence
LinkRevoked link_id reason:500 separation identifiers^#1000
GroupChanged group_id group_kind change role:64
SubjectErased erasure_id counts^#1000[0,]
JourneyMarked mark
LeaseGranted epoch installation_id cause
JourneyTransferred epoch from_installation_id? to_installation_id point_ms? speed?
InteractionRejected event_id seq^ type^:64 reason
TimerFired timer:64 due_at_ms condition_version[1,]
Custom name:64 interaction_class json
Money currency units^ nanos^[-999999999,999999999]
Product sku gtin? name?:200 category?:200 pim_ref?
Store store_id gln?
Line line_key? product quantity^[-1000000,1000000] unit? unit_price? options?:128#20
Rating value^[0,100] best[1,100]
ExternalRef source id
Touchpoint store? placement_id? campaign_id? referrer_url? ownership?
"""
RUN = "run_id run_start_ms^ opened_by point_ms^ speed^"

CHANNELS = """
WEB MOBILE_APP DESKTOP_APP TV_APP STORE KIOSK PHONE LIVE_CHAT EMAIL WHATSAPP SMS PUSH SOCIAL
MARKETPLACE ADS PRINT OUTDOOR PACKAGING VIDEO VOICE_ASSISTANT API OTHER
"""

# The braces of the fields column, where the enum is a part of the message or of its own.
ENUMS = """
PageViewed.Kind HOME LIST PRODUCT CART CHECKOUT ACCOUNT CONTENT PROMOTION REVIEW ERROR OTHER
ProductViewed.Availability IN_STOCK LOW OUT BACKORDER
CartLineLimitSet.Reason STOCK PER_CUSTOMER OTHER
CartCouponSet.Status ENTERED ACCEPTED REFUSED REMOVED
FulfilmentMethod DELIVERY PICKUP CARRY_OUT DIGITAL
CartMerged.Rule MAX SUM REPLACE KEEP
CheckoutRefused.Reason PAYMENT_FAILED OUT_OF_STOCK PRICE_CHANGED OTHER
OrderPlaced.PaymentPlace ONLINE STORE ON_COLLECTION INVOICE
OrderCancelled.Side CUSTOMER SHOP
PickupUpdated.Status RESERVED READY EXPIRED
DeliveryUpdated.Status SHIPPED UNDERWAY DELIVERED FAILED
ReturnRequested.Method STORE MAIL KIOSK
ReturnReceived.Condition SELLABLE DAMAGED
StoreVisited.Via CODE CARD STAFF APP
StockEnquired.Result IN_STOCK LOW OUT_OF_STOCK
StockEnquired.Alternative NONE ONLINE STORE
FittingTried.Outcome KEEPS DECLINES UNDECIDED
BookingChanged.Status REQUESTED HELD CONFIRMED DONE CANCELLED EXPIRED
OfferEnded.Reason EXPIRED WITHDRAWN
PointsPosted.Reason EARNED SPENT ADJUSTED EXPIRED REVERSED
PromotionPlacement OWN EXTERNAL
RunOpener PLAY RESTART SEEK
MediaPlayed.Cause START RESUME TRANSFER
MediaFormat VIDEO AUDIO AUDIOBOOK COURSE
MediaStopped.Reason ENDED CUSTOMER REPLACED ERROR
ConversationMessageAdded.Direction IN OUT
ConversationMode CHAT VOICE VIDEO
ConversationStatusSet.Status OPEN ASSIGNED WAITING RESOLVED
CallReported.Mode VOICE VIDEO
CallReported.Status STARTED ENDED MISSED FAILED
QuoteAnswered.Answer ACCEPTED DECLINED WITHDRAWN
MessageSent.Category TRANSACTIONAL SERVICE MARKETING
MessageOutcomeReported.Outcome DELIVERED BOUNCED OPENED CLICKED COMPLAINED UNSUBSCRIBED
AudienceExited.Reason BOUGHT CONSENT RULE MANUAL
SocialReacted.Reaction FOLLOWED UNFOLLOWED LIKED UNLIKED COMMENTED SHARED
ReferralMade.Status SENT OPENED CONVERTED
SupportCaseChanged.Status OPEN PENDING SOLVED REOPENED CLOSED
PreferenceSet.Source STATED INFERRED
ConsentRecorded.Decision GRANTED DENIED WITHDRAWN EXPIRED
InstallationMode PRIVATE SHARED
SessionClosed.Reason CLOSED IDLE SIGNED_OUT EXPIRED REVOKED REPLACED
HandoffScope JOURNEY CUSTOMER ASSIST
HandoffClaimed.Via QR LINK BUTTON CODE
SubjectKind ANONYMOUS REGISTERED EXTERNAL GROUP
Assurance CLAIMED STAFF SYSTEM VERIFIED
IdentifierRejected.Reason MALFORMED BLOCKED UNVERIFIED DEMOTED LIMIT ERASED AMBIGUOUS
LinkRejected.Reason UNIQUE_CONFLICT SEPARATED LIMIT SHARED_DEVICE
LinkRevoked.Side A B QUARANTINE
GroupChanged.Kind HOUSEHOLD COMPANY ACCOUNT
GroupChanged.Change JOINED LEFT
JourneyMarked.Mark FINISHED UNFINISHED HIDDEN
LeaseGranted.Cause ACQUIRED TAKEN_OVER
Ownership INTERNAL EXTERNAL
"""

# Values that not every role of the type may send, or that have a purpose or kinds of their own.
VALUES = """
CartCouponSet.Status.ACCEPTED Sv
CartCouponSet.Status.REFUSED Sv
PickupUpdated.Status.RESERVED St,Sv
PickupUpdated.Status.READY St,Sv
PreferenceSet.Source.STATED D,St
PreferenceSet.Source.INFERRED Sv personalisation
ConsentRecorded.Decision.GRANTED D,St,Sv
ConsentRecorded.Decision.DENIED D,St,Sv
ConsentRecorded.Decision.WITHDRAWN D,St,Sv
ConsentRecorded.Decision.EXPIRED J
PromotionPlacement.EXTERNAL - advertising
MessageSent.Category.TRANSACTIONAL - necessary
MessageSent.Category.SERVICE - service:<channel>
MessageSent.Category.MARKETING - marketing:<channel>
MessageOutcomeReported.Outcome.OPENED - - analytics
MessageOutcomeReported.Outcome.CLICKED - - analytics
JourneyMarked.Mark.FINISHED - - - media,reading
JourneyMarked.Mark.UNFINISHED - - - media,reading
"""

# What names a fact for good within its journey.
KEYS = """
OrderPlaced journey.journey_id
OrderPaid payment_ref
OrderRefunded payment_ref
ReturnRequested return_id
ReturnReceived return_id
OfferGranted offer_id
OfferRedeemed offer_id order_id
PointsPosted entry_id
ConversationMessageAdded message_id
QuoteGiven quote_id
"""
