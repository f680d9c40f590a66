"""Where each error reason comes from today, and which are reserved for calls to come.

Meaning, status and client action stand in errors.proto. Every reason is in exactly one of the two
tables; each row of SERVED is provoked through real gRPC by tests/transport/test_error_rows.py.
"""

from __future__ import annotations

from journey.v1 import errors_pb2 as actions

RAISES = "raises it"
# What a client library does, in words.
CLIENT: dict[int, str] = {
    actions.CLIENT_ACTION_RAISE: RAISES,
    actions.CLIENT_ACTION_RENEW_CREDENTIAL: "asks for a new credential once, then raises it",
    actions.CLIENT_ACTION_END_SESSION: "ends the session",
    actions.CLIENT_ACTION_WIPE: "wipes queue and copy",
    actions.CLIENT_ACTION_READ_AGAIN: "raises it; the caller reads again and decides again",
    actions.CLIENT_ACTION_RETRY: "repeats with the same ids, with back-off",
    actions.CLIENT_ACTION_RETRY_AFTER: "repeats when RetryInfo says, else raises it",
    actions.CLIENT_ACTION_RECONNECT: "opens the stream again with its last token",
    actions.CLIENT_ACTION_SEND_FROM_EXPECTED: "sends again from `expected_seq`",
    actions.CLIENT_ACTION_NEW_INSTALLATION: "takes a new installation id, renumbers what is unsent",
    actions.CLIENT_ACTION_COUNT: "counts it",
}

# What gRPC itself refuses; tests/transport/test_calls.py sends each.
BEFORE_THE_SERVICE = (
    "A message over 1 MiB + 64 KiB (`message_bytes`), and metadata over 16 KiB in all, are refused "
    "by the transport itself, before the service sees them: RESOURCE_EXHAUSTED with gRPC's own "
    "text and no ErrorInfo. Nothing was done. The same bytes are refused again: split the batch "
    "(its own limits, which answer with `TOO_LARGE`, are far lower), or send less metadata. "
    "`journey_client` raises `TransportRefused`."
)

CALL, RESULT = "any call", "a result of Record"

SERVED: dict[str, str] = {
    "FIELD_VIOLATIONS": f"{CALL}; {RESULT}",
    "TOO_LARGE": f"Record, RecordStream (batch); {RESULT} (body)",
    "TYPE_UNKNOWN": RESULT,
    "FORBIDDEN_CONTENT": RESULT,
    "RUN_MISMATCH": RESULT,
    "TOKEN_MISMATCH": "calls with at_least, page_token, token, checkpoint or as_of",
    "TOKEN_MISSING": CALL,
    "TOKEN_INVALID": CALL,
    "TOKEN_EXPIRED": f"{CALL}; an open stream at the end of its credential",
    "SIGNED_OUT": "calls with session_id; an open Watch, after going_away",
    "ROLE_NOT_ALLOWED": CALL,
    "SCOPE_MISSING": "ReadEvents of the journal and Subscribe to it, by services; calls on groups",
    "CUSTOMER_MISMATCH": "calls that name a subject, session, installation or token",
    "ACTOR_NOT_ALLOWED": RESULT,
    "INSTALLATION_LOST": "OpenSession; calls of a lost device",
    "AFTER_SIGN_OUT": RESULT,
    "CUSTOMER_NOT_FOUND": "reads, Watch and Subscribe by services and developers",
    "JOURNEY_NOT_FOUND": "GetJourney",
    "PROJECTION_NOT_FOUND": "calls with projection",
    "REBUILD_NOT_FOUND": "calls with rebuild_id",
    "REBUILD_RUNNING": "StartRebuild",
    "SESSION_NOT_FOUND": "calls with session_id",
    "LEASE_HELD": "AcquireLease",
    "LIMIT_REACHED": "AcquireLease, ClaimHandoff",
    "HANDOFF_UNKNOWN": "ClaimHandoff",
    "GROUP_NOT_FOUND": "calls on a group",
    "DELIVERY_UNKNOWN": "results of Settle and Consume",
    "HANDOFF_SPENT": "ClaimHandoff",
    "HANDOFF_OTHER_CUSTOMER": "ClaimHandoff",
    "CONFIRMATION_MISSING": "ClaimHandoff by visitors",
    "CLAIM_LOCKED": "ClaimHandoff with a code of 8 letters",
    "EVENT_ID_REUSED": f"{RESULT}; Record with atomic",
    "GROUP_EXISTS": "CreateGroup",
    "ETAG_MISMATCH": "UpdateGroup, DeleteGroup",
    "PARKED_PRESENT": "DeleteGroup",
    "REPLAY_RUNNING": "ReplayParked, DiscardParked, SeekGroup",
    "LEASE_LOST": "results of Settle and Consume",
    "VERSION_CONFLICT": "Record with expected_version",
    "REV_MISMATCH": RESULT,
    "KEY_TAKEN": RESULT,
    "JOURNEY_CLOSED": RESULT,
    "STATE_CONFLICT": RESULT,
    "CART_CHANGED": RESULT,
    "OFFER_SPENT": RESULT,
    "OFFER_NOT_VALID": RESULT,
    "COLLECT_CODE_WRONG": RESULT,
    "BOT_SUSPECTED": RESULT,
    "COMMAND_ID_REUSED": "calls with command_id",
    "SEQ_GAP": "Record, RecordStream",
    "INSTALLATION_CLONED": "Record, RecordStream; OpenSession of an installation that visitors use",
    "CHECKPOINT_AHEAD": "ReadEvents, PlayEvents, Subscribe; as_of",
    "JOURNAL_REWOUND": "calls with at_least or checkpoint; an open Subscribe",
    "RATE_LIMITED": CALL,
    "IDENTITY_CONTENTION": "OpenSession of a visitor who signs in",
    "TOO_MANY_STREAMS": "all calls that are streams",
    "SLOW_CONSUMER": "open streams",
    "PROJECTION_BEHIND": "reads with at_least",
    "EXPIRED_IN_QUEUE": CALL,
    "STARTING": CALL,
    "DRAINING": "all but calls that a person waits for",
    "STORAGE_UNAVAILABLE": CALL,
    "OUTCOME_UNKNOWN": "Record, RecordStream, OpenSession, RefreshSession, CloseSession",
    "EVENT_UNREADABLE": "ListEvents, ReadEvents and reads of journeys",
    "BUG": CALL,
    "TOO_OLD": RESULT,
}

_GRANTS = "grants of developers"
_IDENTITY = "IdentityService"
_CONSENT = "consent"
_RETENTION = "retention"
_WEB = "the web edge"

NOT_SERVED: dict[str, str] = {
    "GRANT_MISSING": _GRANTS,
    "LINK_NOT_FOUND": _IDENTITY,
    "CLAIM_TAKEN": _IDENTITY,
    "STILL_CONNECTED": _IDENTITY,
    "UNIQUE_CONFLICT": _IDENTITY,
    "SEPARATED": _IDENTITY,
    "IDENTIFIER_ERASED": _IDENTITY,
    "SUBJECT_ERASED": _IDENTITY,
    "PURPOSE_NOT_ALLOWED": _CONSENT,
    "CHECKPOINT_EXPIRED": _RETENTION,
    "TRANSPORT_UNSUPPORTED": _WEB,
}
