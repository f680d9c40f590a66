"""`journey record`: one interaction from the prompt, or many as JSON lines, as a device would."""

from __future__ import annotations

import difflib
import json
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError

from journey.v1.errors_pb2 import ErrorReason
from journey.v1.events_pb2 import Outcome
from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.references_pb2 import JourneyRef
from journey_client import Client, Recorded, catalogue
from journey_service.cli.exits import Exit, Refusal, readable
from journey_service.cli.output import Output

# How protobuf tells of a field that is not there: its names are those of JSON.
_UNKNOWN_FIELD = re.compile(
    r'no field named "(?P<name>[^"]*)" at "(?P<place>[^"]*)"(?:.*?"\[(?P<there>[^]]*)\])?',
    re.DOTALL,
)
_NAME = re.compile(r"'(\w+)'")
_CAPITAL = re.compile(r"([A-Z])")
_NAMES_SHOWN = 5
COLUMNS = ("type", "outcome", "version", "place", "reason")
_NAMESPACE = uuid.UUID("0b0b9d2c-5a43-4f6c-8b4e-5d3c8f1a7e21")


async def record(
    client: Client,
    interactions: list[Interaction],
    out: Output,
    *,
    subject_id: str,
    as_device: bool,
    channel: str,
) -> bool:
    """Record them in this order and print what became of each; whether all were accepted."""
    if as_device:
        session = await client.open_session(channel=channel, keep_alive_ms=0)
        if subject_id and session.subject_id != subject_id:
            told = f"the token is not of the customer {subject_id}; nothing was recorded"
            raise Refusal(told, "Leave the customer out, or take a token of theirs.")
        recorded = await session.record(*interactions)
    else:
        recorded = await client.record(subject_id, interactions)
    _print(interactions, recorded, out)
    return not recorded.refused


def installation_of(device: str, subject_id: str) -> str:
    """The installation that the prompt is for a device and customer: always the same one."""
    return str(uuid.uuid5(_NAMESPACE, f"{device}/{subject_id}"))


def interaction_of(
    type_name: str, journey: str, body: str, expected_rev: int | None
) -> Interaction:
    """One interaction from what stands on the command line."""
    field = catalogue.types().get(type_name)
    if field is None:
        near = ", ".join(name for name in catalogue.types() if name.split(".")[0] in type_name)
        raise Refusal(
            f"{type_name!r} is no type of interaction",
            f"There are {near}." if near else "Types are named as cart.line_added.",
            Exit.USAGE,
        )
    parsed = parse({field.name: _json(body or "{}", "--body")}, "--body")
    kind, _, journey_id = journey.partition("/")
    rules = catalogue.rules_of(field.name)
    if not journey and rules.default_journey_id:
        kind, journey_id = rules.kinds[0], rules.default_journey_id
    if kind:
        parsed.journey.CopyFrom(JourneyRef(kind=kind, journey_id=journey_id))
    if expected_rev is not None:
        parsed.expected_rev = expected_rev
    getattr(parsed, field.name).SetInParent()
    return parsed


def interactions_in(path: Path) -> Iterator[Interaction]:
    """Interactions from a file of JSON lines; `-` is standard input."""
    with readable("--from", path):
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield parse(_json(line, f"line {number}"), f"line {number}")


def parse(told: Any, where: str) -> Interaction:
    """An interaction from its JSON form."""
    try:
        return ParseDict(told, Interaction())
    except ParseError as error:
        raise _unparsed(where, str(error)) from None


def _unparsed(where: str, told: str) -> Refusal:
    """What is wrong; of an unknown field the nearest names, as the schema writes them."""
    unknown = _UNKNOWN_FIELD.search(told)
    if unknown is None:
        return Refusal(f"{where}: {told}", "Field names are the schema's.", Exit.DATA)
    there = [_CAPITAL.sub(r"_\1", name).lower() for name in _NAME.findall(unknown["there"])]
    near = difflib.get_close_matches(unknown["name"], there, n=_NAMES_SHOWN, cutoff=0.5)
    names = near or there[:_NAMES_SHOWN]
    what = f"{where}: there is no field {unknown['name']!r} in {unknown['place']}"
    return Refusal(what, f"Did you mean {' or '.join(names)}?" if names else "", Exit.DATA)


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refusal(f"{where} is no JSON: {error}", status=Exit.DATA) from None


def _print(interactions: list[Interaction], recorded: Recorded, out: Output) -> None:
    pairs = list(zip(interactions, recorded.results, strict=True))
    if out.as_json:
        for interaction, result in pairs:
            out.record(_record_of(interaction, result))
    out.table(COLUMNS, (_row_of(interaction, result) for interaction, result in pairs))


def _record_of(interaction: Interaction, result: RecordResult) -> dict[str, Any]:
    return {
        "type": catalogue.dotted_name(interaction),
        "event_id": result.event_id or interaction.event_id,
        "seq": result.seq,
        "outcome": _outcome(result),
        "duplicate": result.duplicate,
        "reason": _reason(result),
        "violations": [{"path": each.path, "rule": each.rule} for each in result.violations],
        "version": result.version,
        "partition": result.partition,
        "position": result.position,
    }


def _row_of(interaction: Interaction, result: RecordResult) -> tuple[str, ...]:
    broken = "; ".join(f"{each.path}: {each.rule}" for each in result.violations)
    return (
        catalogue.dotted_name(interaction),
        _outcome(result) + (", known before" if result.duplicate else ""),
        str(result.version),
        f"{result.partition}/{result.position}",
        " ".join(filter(None, (_reason(result), broken))),
    )


def _outcome(result: RecordResult) -> str:
    return Outcome.Name(result.outcome).removeprefix("OUTCOME_").lower()


def _reason(result: RecordResult) -> str:
    return ErrorReason.Name(result.reason).removeprefix("ERROR_REASON_") if result.reason else ""
