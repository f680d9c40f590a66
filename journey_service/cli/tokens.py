"""`journey token` and `journey config`: who may call, and what is set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import typer

from journey_service import config
from journey_service.cli import callers
from journey_service.cli.exits import Exit, Refusal
from journey_service.cli.output import Output
from journey_service.settings import Settings

_SHORT_ROLES = frozenset({"device", "staff"})
_UNITS = {
    "_ms": "ms",
    "_bytes": "bytes",
    "_per_s": "per second",
    "_size": "entries",
    "_size_max": "entries",
}


def token(
    settings: Settings,
    out: Output,
    role: str,
    subject: str,
    *,
    json: bool,
    life_s: int | None,
    scopes: list[str],
    claims: Mapping[str, Any],
) -> None:
    """Print a development token, alone on stdout so that `$(journey token …)` takes it."""
    longest_ms = settings.device_token_life_ms if role in _SHORT_ROLES else settings.token_life_ms
    life = longest_ms // 1_000 if life_s is None else life_s
    if not 0 < life <= longest_ms // 1_000:
        told = f"a token of role {role} lives 1 to {longest_ms // 1_000} s, not {life}"
        raise Refusal(told, status=Exit.USAGE)
    callers.id_typed("subject", subject)
    for name, value in claims.items():
        if value:
            callers.id_typed("--" + name.replace("_", "-").removesuffix("-id"), value)
    try:
        made = callers.mint(settings).token(role, subject, life_s=life, scopes=scopes, **claims)
    except ValueError as error:
        raise Refusal(str(error), status=Exit.USAGE) from error
    if json:
        out.record({"token": made, "role": role, "subject": subject, "life_s": life})
        return
    typer.echo(made)
    out.note(f"role {role}, subject {subject}, {life} s, for callers on this machine alone")


def print_settings(settings: Settings, given: Mapping[str, object], out: Output) -> None:
    """Every setting with value, unit, where it comes from, and what it means."""
    section = ""
    rows: list[tuple[str, ...]] = []
    for row in config.describe(settings):
        source = _source(row, given)
        if out.as_json:
            out.record({**row._asdict(), "unit": unit_of(row.name), "source": source})
            continue
        if row.section != section and rows:
            out.table((section, "", "", "", ""), rows)
            out.say()
            rows = []
        section = row.section
        rows.append((row.name, row.value or "–", unit_of(row.name), source, row.doc))
    out.table((section, "", "", "", ""), rows)


def unit_of(name: str) -> str:
    """The unit that a setting's name ends in; empty for none."""
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")


def _source(row: config.Row, given: Mapping[str, object]) -> str:
    if row.name in given:
        return "command line"
    return row.variable if os.environ.get(row.variable) else "default"
