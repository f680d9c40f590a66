"""Every default, limit and timeout, in one place: name, unit, rule and meaning.

`journey config` prints them and docs/reference/settings.md is made from here. R numbers are rules
of the reliability page. How they are read is in config.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from journey_service.setting_rules import section_of

KIB = 1_024
MIB = 1_024 * KIB
SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_address = section_of("Addresses")
_database = section_of("Database")
_journal = section_of("Journal and projections")
_record = section_of("Recording")
_read = section_of("Reading")
_stream = section_of("Streams")
_group = section_of("Consumer groups")
_session = section_of("Sessions")
_access = section_of("Access")
_rate = section_of("Rates")
_admission = section_of("Admission")
_wire = section_of("Connections")
_stop = section_of("Stopping")
_watch = section_of("Logs and health")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can set. Immutable; made by `load`."""

    grpc_address: str = _address(
        "127.0.0.1:8080", "host:port of the gRPC server; port 0 = a free one"
    )
    operations_address: str = _address(
        "127.0.0.1:8082", "host:port of /healthz, /readyz and /metrics; empty = none"
    )
    reuse_port: bool = _address(
        default=False, doc="several processes listen on one port; else a second one is refused"
    )

    dsn: str = _database(
        "", "PostgreSQL to use, as postgresql://…; empty = an own one is started", secret=True
    )
    data_dir: Path | None = _database(  # noqa: RUF009  it makes a field
        doc="directory of the own PostgreSQL and the keys; unset = the platform's place"
    )
    postgres_bin: Path | None = _database(  # noqa: RUF009  it makes a field
        doc="folder with postgres and initdb for the own PostgreSQL; unset = the installed wheel"
    )
    unsafe_durability: bool = _database(
        default=False, doc="serve although the database may lose what was acknowledged (R17)"
    )
    pool_append_connections: int = _database(2, "connections that append", at_least=1)
    pool_read_connections: int = _database(3, "connections that read for callers", at_least=1)
    pool_catch_up_connections: int = _database(2, "connections of tails and folds", at_least=1)
    pool_bulk_connections: int = _database(1, "connections of bulk reads", at_least=1)
    pool_wait_ms: int = _database(250, "longest wait for a connection")
    pool_read_wait_ms: int = _database(50, "longest wait for one that reads for a caller")
    statement_timeout_ms: int = _database(5 * SECOND_MS, "longest statement", at_least=100)
    bulk_statement_timeout_ms: int = _database(
        10 * MINUTE_MS, "longest statement of a bulk read", at_least=100
    )
    lock_timeout_ms: int = _database(2 * SECOND_MS, "longest wait for a row lock", at_least=10)
    idle_in_transaction_timeout_ms: int = _database(
        5 * SECOND_MS, "longest pause inside a transaction", at_least=100
    )
    transaction_timeout_ms: int = _database(
        10 * SECOND_MS, "longest transaction, PostgreSQL 17 and newer", at_least=100
    )
    connection_check_ms: int = _database(SECOND_MS, "how often a busy server looks for its client")
    tcp_user_timeout_ms: int = _database(
        5 * SECOND_MS, "longest time that sent data stays unacknowledged"
    )
    clock_sample_ms: int = _database(
        10 * SECOND_MS, "pause between looks at the database's clock", at_least=100
    )
    clock_sample_life_ms: int = _database(
        MINUTE_MS, "an older look at the database's clock stops writes", at_least=1_000
    )

    partition_count: int = _journal(
        64, "partitions of the journal; counts when the database is made", at_least=1, at_most=1_024
    )
    lane_count: int = _journal(1, "writers of this process", at_least=1, at_most=64)
    lane_queue_interactions: int = _journal(
        2_000, "interactions that may wait in a lane", at_least=1
    )
    lane_queue_bytes: int = _journal(8 * MIB, "bytes that may wait in a lane", at_least=1)
    resolve_unknown_ms: int = _journal(
        6 * SECOND_MS, "longest look for the outcome of a commit whose answer was lost (R9)"
    )
    hint_interval_ms: int = _journal(10, "shortest pause between hints to other processes (R16)")
    head_poll_busy_ms: int = _journal(25, "pause between looks at busy heads", at_least=1)
    head_poll_idle_ms: int = _journal(SECOND_MS, "pause between looks at idle heads", at_least=1)
    key_cache_ms: int = _journal(
        5 * SECOND_MS, "how long a data key is used without looking again", at_most=5 * SECOND_MS
    )
    key_cache_entries: int = _journal(10_000, "data keys remembered", at_least=1)
    view_cache_subjects: int = _journal(10_000, "subjects whose states are remembered", at_least=1)
    projection_lease_ms: int = _journal(
        10 * SECOND_MS, "life of a projector's lease of its partitions", at_least=100
    )
    skip_wait_ms: int = _journal(
        4 * SECOND_MS,
        "how long an order to skip an event waits while that is tried again; less than the "
        "deadlines of calls, behind which nobody would hear why",
    )
    view_lease_ms: int = _journal(
        30 * SECOND_MS,
        "the same for other projections than the journeys; their lists stand still for so long "
        "when a process is killed",
        at_least=100,
    )

    rebuild_look_ms: int = _journal(
        SECOND_MS, "how often rebuilds to work at are looked for", at_least=10
    )
    rebuild_watch_ms: int = _journal(
        200, "how often a rebuild that is watched is looked at", at_least=10
    )
    rebuild_batch_events: int = _journal(
        5_000, "events that a rebuild folds before it stores them", at_least=1
    )
    rebuild_share_percent: int = _journal(
        50, "part of its time that a serving process gives to rebuilds", at_least=1, at_most=100
    )
    rebuild_keep_old_ms: int = _journal(
        DAY_MS, "how long states that were replaced are kept for switching back"
    )
    rebuild_drop_subjects: int = _journal(
        500, "subjects whose old states are dropped in one step", at_least=1
    )

    late_limit_ms: int = _record(30 * DAY_MS, "older interactions are recorded without effect")
    clock_warning_ms: int = _record(5 * MINUTE_MS, "a device clock off by more is told so")
    interaction_bytes: int = _record(16 * KIB, "body of an interaction", at_least=1)
    service_interaction_bytes: int = _record(64 * KIB, "the same from a back end", at_least=1)
    batch_interactions: int = _record(200, "interactions in a batch", at_least=1)
    service_batch_interactions: int = _record(500, "the same from a back end", at_least=1)
    batch_bytes: int = _record(256 * KIB, "size of a batch", at_least=1)
    service_batch_bytes: int = _record(MIB, "the same from a back end", at_least=1)

    declarations_file: Path | None = _record(  # noqa: RUF009  it makes a field
        doc="TOML with custom kinds of journeys, [[kind]], and their interactions, [[interaction]]"
    )

    call_deadline_ms: int = _read(
        5 * SECOND_MS, "deadline of a unary call that brings none", at_least=1
    )
    at_least_wait_ms: int = _read(5 * SECOND_MS, "longest wait for the token of a read")
    page_size: int = _read(50, "entries in a page when none are asked for", at_least=1)
    page_size_max: int = _read(500, "entries in a page at most", at_least=1)
    events_page_size: int = _read(100, "events in a page when none are asked for", at_least=1)
    events_page_size_max: int = _read(1_000, "events in a page at most", at_least=1)
    diff_events: int = _read(1_000, "events told between two points of a journey", at_least=1)
    diff_bytes: int = _read(MIB, "size of those events", at_least=KIB)
    play_pause_ms: int = _read(
        5 * SECOND_MS, "longest pause of a play of events that asks for no other", at_least=1
    )

    streams_per_installation: int = _stream(4, "streams an installation may have open", at_least=1)
    streams_per_service: int = _stream(64, "streams a back end or developer may", at_least=1)
    heartbeat_ms: int = _stream(15 * SECOND_MS, "longest silence of a stream", at_least=10)
    watch_look_ms: int = _stream(
        MINUTE_MS, "how often a silent watch looks for what nothing told it of", at_least=10
    )
    stream_life_ms: int = _stream(
        30 * MINUTE_MS, "a stream ends, planned, after this time ± 10 %", at_least=1_000
    )
    auth_warning_ms: int = _stream(
        30 * SECOND_MS, "a stream ends, planned, this long before its credential"
    )
    blocked_send_ms: int = _stream(
        30 * SECOND_MS, "a stream whose reader takes nothing for this long is cut", at_least=10
    )
    frame_bytes: int = _stream(
        256 * KIB, "size of a frame or of a part of a snapshot", at_least=KIB
    )
    snapshot_journeys: int = _stream(200, "journeys in a snapshot", at_least=1)
    continue_list_size: int = _stream(20, "entries of the continue list on a watch", at_least=1)
    event_frame_events: int = _stream(500, "events in a frame", at_least=1)
    telemetry_push_ms: int = _stream(SECOND_MS, "shortest pause between reports of one journey")
    resume_token_life_ms: int = _stream(7 * DAY_MS, "older tokens begin with a snapshot")
    resume_token_events: int = _stream(50_000, "tokens further behind begin with a snapshot")
    record_stream_batches: int = _stream(16, "batches a stream may have unanswered", at_least=1)
    record_stream_bytes: int = _stream(8 * MIB, "bytes a stream may have unanswered", at_least=KIB)
    record_stream_pair_batches: int = _stream(
        4, "unanswered batches of one installation and subject", at_least=1
    )

    group_lease_ms: int = _group(
        30 * SECOND_MS, "lease of a delivery, unless the group says another"
    )
    group_lease_least_ms: int = _group(5 * SECOND_MS, "shortest lease a group may have", at_least=1)
    group_lease_most_ms: int = _group(
        10 * MINUTE_MS, "longest lease of a delivery, also when it is extended", at_least=1
    )
    group_attempts: int = _group(10, "attempts before an event is parked", at_least=1)
    group_attempts_most: int = _group(1_000, "most attempts a group may ask for", at_least=1)
    group_backoff_ms: int = _group(SECOND_MS, "first wait before another attempt; it doubles")
    group_backoff_most_ms: int = _group(10 * MINUTE_MS, "longest wait before another attempt")
    group_attend_ms: int = _group(
        400, "how often a process tells that its consumers are there", at_least=10
    )
    group_consumer_life_ms: int = _group(
        1_500, "a consumer of which nothing was told for this long has lost all", at_least=50
    )
    group_window_events: int = _group(
        200, "events of a partition that wait in memory for a consumer", at_least=1
    )
    group_window_bytes: int = _group(MIB, "and their bytes", at_least=1)
    group_gap_events: int = _group(
        5_000, "events of a partition that may be settled behind one that is not", at_least=1
    )
    group_checkpoint_events: int = _group(
        500, "events that a filter hid before a checkpoint is stored for them alone", at_least=1
    )
    group_checkpoint_ms: int = _group(SECOND_MS, "or after this time", at_least=1)
    group_count_events: int = _group(
        20_000, "events that are looked at to count a backlog, or what a seek delivers", at_least=1
    )
    consume_deliveries: int = _group(1_000, "credit of a consumer, capped", at_least=1)
    consume_bytes: int = _group(16 * MIB, "credit of a consumer in bytes, capped", at_least=1)
    pull_deliveries: int = _group(100, "deliveries of one Pull, capped", at_least=1)
    pull_bytes: int = _group(MIB, "bytes of the deliveries of one Pull, capped", at_least=1)
    pull_wait_ms: int = _group(30 * SECOND_MS, "longest wait of a Pull")
    parked_events: int = _group(
        1_000, "parked events replayed or discarded by one call", at_least=1
    )
    parked_events_most: int = _group(10_000, "the same, where the call asks for more", at_least=1)

    session_idle_ms: int = _session(30 * MINUTE_MS, "a session ends after this silence", at_least=1)
    session_longest_ms: int = _session(DAY_MS, "a session ends after this time", at_least=1)
    session_cache_ms: int = _session(
        5 * SECOND_MS, "how long a session is used without looking again", at_most=5 * SECOND_MS
    )
    session_cache_entries: int = _session(10_000, "sessions remembered", at_least=1)
    command_life_ms: int = _session(DAY_MS, "how long a repeated call gets its first answer")
    presence_life_ms: int = _session(
        30 * SECOND_MS, "a session counts as present for so long after its last call", at_least=1
    )
    presence_push_ms: int = _session(SECOND_MS, "shortest pause between two tellings of presence")
    sign_out_order_life_ms: int = _session(
        30 * DAY_MS, "how long a device is told that it was signed out or is to be wiped"
    )
    lease_life_ms: int = _session(
        45 * SECOND_MS, "a device that plays and says no more is active for so long", at_least=1
    )
    lease_limits: str = _session(
        "",
        "devices that may be active at once, as media=2; empty = any number; a claim of the "
        "same name goes before",
    )
    lease_limit_rule: str = _session(
        "deny-new",
        "what happens to one device too many: it is denied, or the oldest gives way",
        choices=("deny-new", "evict-oldest"),
    )
    lease_limit_unreachable: str = _session(
        "allow",
        "what happens where it cannot be counted in time: a device is allowed, or waits",
        choices=("allow", "wait"),
    )
    pause_order_life_ms: int = _session(
        10 * MINUTE_MS, "how long a device that lost its lease is told to pause"
    )
    transfer_answer_ms: int = _session(
        10 * SECOND_MS, "longest wait for the device that a journey is sent to", at_least=1
    )
    handoff_life_ms: int = _session(5 * MINUTE_MS, "life of a handoff code that asks for none")
    handoff_longest_ms: int = _session(10 * MINUTE_MS, "longest life of a handoff code")
    typed_code_life_ms: int = _session(2 * MINUTE_MS, "life of a handoff code of 8 letters")
    typed_code_tries: int = _session(
        5, "codes of 8 letters that a claimer may try in that time", at_least=1
    )
    assist_longest_ms: int = _session(
        8 * HOUR_MS, "a session of staff that was opened by a code ends after this time"
    )
    cart_merge_rule: str = _session(
        "max",
        "quantity of a line when a visitor's cart meets the account's: the greater, both together, "
        "the visitor's, or the account's",
        choices=("max", "sum", "replace", "keep"),
    )
    customer_subjects: int = _session(500, "most subjects that are one customer", at_least=2)
    customer_links: int = _session(2_000, "most links that make one customer", at_least=1)
    min_app_version: str = _session(
        "", "oldest app version served, numbers with dots; older ones are told to upgrade"
    )

    audience: str = _access("journey", "`aud` that access tokens must name")
    development_issuer: str = _access(
        "journey-development",
        "`iss` of tokens signed with the shared secret; loopback callers only",
    )
    issuers_file: Path | None = _access(  # noqa: RUF009  it makes a field
        doc="TOML with the issuers that are trusted, [[issuer]] name, algorithm, key_set"
    )
    app_keys: str = _access(
        "",
        "publishable keys of apps that may open sessions of visitors, with spaces between them; "
        "empty = the one that `journey up` shows",
    )
    visitor_issuer: str = _access(
        "journey-visitors", "`iss` of the credentials that visitors are given"
    )
    token_bytes: int = _access(8 * KIB, "size of an access token", at_least=KIB)
    token_leeway_ms: int = _access(
        30 * SECOND_MS, "how far the clocks of issuers may be off", at_most=MINUTE_MS
    )
    device_token_life_ms: int = _access(
        15 * MINUTE_MS, "longest life of a token of device or staff", at_most=15 * MINUTE_MS
    )
    token_life_ms: int = _access(
        HOUR_MS, "longest life of the others", at_least=1_000, at_most=HOUR_MS
    )
    token_cache_entries: int = _access(10_000, "verified tokens remembered", at_least=8)

    rate_interactions_per_s: int = _rate(50, "interactions of an installation; 0 = no limit")
    rate_interactions_burst: int = _rate(500, "the same at once", at_least=1)
    rate_bytes_per_s: int = _rate(MIB, "bytes of interactions of an installation; 0 = no limit")
    rate_subject_per_s: int = _rate(100, "interactions of devices of a subject; 0 = no limit")
    rate_visitors_per_s: int = _rate(
        5, "sessions of visitors that one peer may open, also behind a proxy; 0 = no limit"
    )
    rate_visitors_burst: int = _rate(50, "the same at once", at_least=1)
    rate_visitors_of_app_per_s: int = _rate(
        200, "sessions of visitors that one app key may open; 0 = no limit"
    )
    rate_visitors_of_app_burst: int = _rate(2_000, "the same at once", at_least=1)

    admission_start_calls: int = _admission(
        128, "calls under way at first, and again when they are answered in time", at_least=1
    )
    admission_floor_calls: int = _admission(
        4, "calls under way however slow they are, kept free for people who wait", at_least=1
    )
    admission_ceiling_calls: int = _admission(512, "calls under way at most", at_least=1)
    admission_bulk_calls: int = _admission(2, "bulk reads under way", at_least=1)
    admission_queue_calls: int = _admission(1_000, "calls that may wait, of each class")
    admission_wait_ms: int = _admission(50, "longest wait of a call that a person waits for")
    admission_flush_wait_ms: int = _admission(
        200, "longest wait of a queue that empties, of a page"
    )
    small_batch_interactions: int = _admission(
        10, "a larger Record gives way to calls that a person waits for", at_least=1
    )
    admission_slow_ms: int = _admission(
        SECOND_MS, "where a person waits longer for an answer, fewer calls are let in", at_least=1
    )

    message_bytes: int = _wire(MIB + 64 * KIB, "a message to the server, unpacked", at_least=KIB)
    metadata_bytes: int = _wire(16 * KIB, "metadata of a call", at_least=KIB)
    # gRPC refuses by this number what it still holds in memory, and finished calls are held for a
    # moment: with 100, clients with 64 to 98 calls under way were refused up to 0.6 % of them.
    concurrent_streams: int = _wire(
        200, "calls of one connection; clients should keep to half of it", at_least=2
    )
    keepalive_ms: int = _wire(30 * SECOND_MS, "pings on a silent connection", at_least=1_000)
    keepalive_timeout_ms: int = _wire(10 * SECOND_MS, "without an answer it is dead", at_least=100)
    client_ping_ms: int = _wire(5 * SECOND_MS, "shortest pause between pings of a client")
    connection_age_ms: int = _wire(
        30 * MINUTE_MS, "a connection takes no new calls after", at_least=1_000
    )
    connection_grace_ms: int = _wire(
        36 * MINUTE_MS, "and is cut so much later; longer than a stream lives", at_least=1_000
    )

    drain_notice_ms: int = _stop(5 * SECOND_MS, "health says no before anything is refused")
    drain_streams_ms: int = _stop(10 * SECOND_MS, "streams are told to go within this time")
    drain_grace_ms: int = _stop(15 * SECOND_MS, "calls under way are cut after this")

    log_format: str = _watch(
        "auto", "lines of JSON, or coloured for a terminal", choices=("auto", "json", "console")
    )
    log_level: str = _watch("info", "least level", choices=("debug", "info", "warning", "error"))
    health_interval_ms: int = _watch(SECOND_MS, "how often readiness is looked at", at_least=10)
    self_check_ms: int = _watch(
        10 * SECOND_MS, "how often the server calls itself for /healthz", at_least=10
    )
    reflection: str = _watch(
        "loopback",
        "who may ask for the schema: nobody, role developer, or also any caller on this machine",
        choices=("off", "developer", "loopback"),
    )
