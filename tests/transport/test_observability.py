import io
import json
import logging

import structlog

from journey_service.domain.errors import EventUnreadable
from journey_service.observability import (
    MOST_LINES,
    CallFacts,
    CallLog,
    Metrics,
    ProjectionMetrics,
    set_up,
)
from tests.transport.faulty import until

FACTS = CallFacts(
    "call", "r1", "", "JourneyService/Record", "grpc", "device", "OK", "", "",
    1.25, 10, 20, 0.5, 3, "abc", "",
)  # fmt: skip


def written(log_format: str, level: str, facts: CallFacts) -> str:
    out = io.StringIO()
    call_log = set_up(log_format, level, file=out)
    call_log.write(facts)
    call_log.flush()
    return out.getvalue()


async def test_a_call_is_one_line_of_json_with_every_fact() -> None:
    line = json.loads(written("json", "info", FACTS))
    assert {name: line[name] for name in CallFacts._fields} == FACTS._asdict()
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


async def test_every_line_of_every_source_has_the_same_form() -> None:
    out = io.StringIO()
    call_log = set_up("json", "info", file=out)
    call_log.write(FACTS)
    call_log.flush()
    structlog.get_logger("x").warning("drained", streams=3)
    logging.getLogger("asyncio").warning("slow %s", "task")
    structlog.get_logger("x").error("bug", exc_info=RuntimeError("boom"))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["call", "drained", "slow task", "bug"]
    assert all({"timestamp", "level"} <= set(line) for line in lines)
    assert "RuntimeError: boom" in lines[3]["exception"]


async def test_for_people_the_line_holds_what_is_not_empty() -> None:
    line = written("console", "info", FACTS)
    assert "JourneyService/Record" in line
    assert "trace_id" not in line


async def test_a_file_that_is_no_terminal_gets_json_by_itself() -> None:
    json.loads(written("auto", "info", FACTS))


async def test_calls_that_went_wrong_stand_out() -> None:
    def level(code: str) -> str:
        return str(json.loads(written("json", "info", FACTS._replace(code=code)))["level"])

    assert [level(code) for code in ("OK", "NOT_FOUND", "UNAVAILABLE", "INTERNAL")] == [
        "info", "info", "warning", "error",
    ]  # fmt: skip


async def test_a_line_waits_a_moment_for_others_and_no_longer() -> None:
    out = io.StringIO()
    call_log = set_up("json", "info", file=out)
    call_log.write(FACTS)
    assert out.getvalue() == ""
    await until(out.getvalue)
    for _ in range(MOST_LINES):
        call_log.write(FACTS)
    assert len(out.getvalue().splitlines()) == MOST_LINES + 1


async def test_a_line_of_a_call_that_went_wrong_does_not_wait() -> None:
    out = io.StringIO()
    set_up("json", "info", file=out).write(FACTS._replace(code="INTERNAL"))
    assert json.loads(out.getvalue())["level"] == "error"


async def test_lines_below_the_level_are_not_written() -> None:
    assert written("json", "warning", FACTS) == ""
    assert written("json", "warning", FACTS._replace(code="UNAVAILABLE"))


async def test_identifiers_become_hashes_that_only_the_key_can_tell() -> None:
    one = CallLog(io.StringIO(), as_json=True, level="info", hash_key=b"k1")
    two = CallLog(io.StringIO(), as_json=True, level="info", hash_key=b"k2")
    assert one.hashed("alice") == one.hashed("alice")
    assert one.hashed("alice") != two.hashed("alice")
    assert one.hashed("alice") != one.hashed("bob")
    assert len(one.hashed("alice")) == 12
    assert one.hashed("") == ""


async def test_figures_are_counted_by_method_code_and_reason() -> None:
    metrics = Metrics()
    calls = metrics.calls_of("JourneyService/Record", "grpc")
    for _ in range(2):
        calls.finished("OK", "", 0.003)
    calls.finished("NOT_FOUND", "JOURNEY_NOT_FOUND", 0.003)
    page = metrics.page().decode()
    assert (
        'journey_rpc_total{code="OK",method="JourneyService/Record",reason="",transport="grpc"} 2.0'
        in page
    )
    assert 'reason="JOURNEY_NOT_FOUND",transport="grpc"} 1.0' in page
    assert (
        'journey_rpc_seconds_bucket{le="0.005",method="JourneyService/Record",transport="grpc"} 3.0'
        in page
    )


async def test_a_gauge_may_be_asked_when_the_page_is_read() -> None:
    metrics = Metrics()
    for pool, value in (("append", 1.0), ("read", 2.0)):
        metrics.read_by("journey_pool_busy", "Busy connections", lambda v=value: v, pool=pool)  # type: ignore[misc]
    page = metrics.page().decode()
    assert 'journey_pool_busy{pool="append"} 1.0' in page
    assert 'journey_pool_busy{pool="read"} 2.0' in page


async def test_two_services_in_one_process_count_for_themselves() -> None:
    one, two = Metrics(), Metrics()
    one.calls_of("a", "grpc").finished("OK", "", 0.1)
    assert "journey_rpc_total{" not in two.page().decode()


async def test_a_partition_that_is_held_is_told_of_once_a_minute_and_counted_all_the_time() -> None:
    out, metrics, now = io.StringIO(), Metrics(), [0.0]
    call_log = set_up("json", "info", file=out)
    told = ProjectionMetrics(metrics, clock=lambda: now[0])
    for now[0] in (1_000.0, 1_005.0, 1_010.0, 1_061.0):
        told.failed("journeys", 7, 41, EventUnreadable(position=42))
        told.failed("journeys", 8, 3, EventUnreadable(position=4))
    call_log.flush()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["partition"] for line in lines] == [7, 8, 7, 8]
    assert lines[0]["position"] == 42
    assert "journey verify" in lines[0]["remedy"]
    assert 'journey_projection_failures_total{projection="journeys"} 8.0' in page(metrics)
    assert "journey_projection_held_partitions 2.0" in page(metrics)
    now[0] += 20
    assert "journey_projection_held_partitions 0.0" in page(metrics)


def page(metrics: Metrics) -> str:
    return metrics.page().decode()


def test_a_gauge_of_names_that_come_and_go_shows_those_that_are_there() -> None:
    metrics, lags = Metrics(), {"billing": 7}
    metrics.read_all_by("journey_consumer_lag_events", "Lag", "consumer", lambda: lags)
    assert b'journey_consumer_lag_events{consumer="billing"} 7.0' in metrics.page()
    lags.clear()
    assert b"billing" not in metrics.page()
