"""`journey replay --with`: a changed or new fold over real history, beside the live one.

Nothing is written anywhere but on the screen and into the report. Of the journal one partition is
read after the other, so memory holds the states of the customers of one partition, twice.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from journey.v1.events_pb2 import Event
from journey.v1.reading_pb2 import EndPoint, EventFilter, StartPoint
from journey_client import Client
from journey_service.cli import history, output, tried
from journey_service.cli.exits import readable
from journey_service.cli.exporting import Pace, heads_of, progress
from journey_service.cli.output import Output
from projections.shadow import (
    CHANGED,
    Customer,
    Differing,
    Figures,
    FoldFailed,
    Pair,
    first_difference,
    order_differences,
)

FIELDS_SHOWN = 20
CHANGES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which history to replay, and how much of it. 0 customers = all."""

    events: EventFilter
    customers: Sequence[str] = ()
    start: StartPoint | None = None
    end: EndPoint | None = None
    most_customers: int = 0
    examples: int = 3


async def replay(
    client: Client, pair: Pair, wanted: Wanted, out: Output, *, name: str, report: Path | None
) -> bool:
    """Replay, show how it goes, and print what would differ; returns whether nothing would."""
    with _report(report) as lines:
        running = Replay(client, pair, wanted, lines)
        with progress(out, "replay") as told:
            pace = Pace(await heads_of(client, "".join(wanted.customers)), 0)
            async for page in running.pages():
                pace.wrote(len(page), page[-1])
                if wanted.customers:
                    pace.share = running.figures.customers / len(wanted.customers)
                told(pace)
            running.finish()
        examples = [await running.example(each) for each in running.looked_at()]
        summary = _summary_of(running.figures, pair, name)
        _write(lines, {**summary, "examples": _worth_telling(examples)})
    _tell(out, running, summary, examples)
    return running.figures.same


@dataclass(slots=True)
class Replay:
    """One replay: customers under way, what was found, and which customers to look at closer."""

    client: Client
    pair: Pair
    wanted: Wanted
    report: TextIO | None = None
    figures: Figures = field(default_factory=Figures)
    # The first customers that differ, and the first ones of all.
    chosen: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    failures: list[tuple[str, FoldFailed]] = field(default_factory=list)
    _open: dict[str, Customer] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)

    async def pages(self) -> AsyncIterator[Sequence[Event]]:
        """The pages of events that were folded, one customer or one partition after the other."""
        for subject_id in self.wanted.customers or ("",):
            partition = -1
            async for page in self._read(subject_id):
                if page[0].partition != partition:
                    self.finish()
                    partition = page[0].partition
                    if self._is_full():
                        return
                self._fold(page)
                yield page
            self.finish()

    async def _read(self, subject_id: str) -> AsyncIterator[Sequence[Event]]:
        """Pages of a subject, as whose its states are stored, or of the journal; each of one
        partition."""
        async for page in self.client.read_events(
            subject_id,
            stream_only=bool(subject_id),
            start=self.wanted.start,
            end=self.wanted.end,
            filter=self.wanted.events,
            purpose=history.PURPOSE,
        ):
            if page.events:
                yield page.events

    def _is_full(self) -> bool:
        return 0 < self.wanted.most_customers <= self.figures.customers

    def _fold(self, events: Iterable[Event]) -> None:
        for event in events:
            customer = self._customer(event.subject_id)
            if customer is None:
                continue
            try:
                customer.fold(event)
            except FoldFailed as failed:
                self._note(event.subject_id, customer, failed)

    def _customer(self, subject_id: str) -> Customer | None:
        """The customer, unless it failed or is one too many."""
        if subject_id in self._failed:
            return None
        if subject_id not in self._open:
            seen = self.figures.customers + len(self._open)
            if 0 < self.wanted.most_customers <= seen:
                return None
            self._open[subject_id] = Customer(self.pair)
        return self._open[subject_id]

    def _note(self, subject_id: str, customer: Customer, failed: FoldFailed) -> None:
        self._open.pop(subject_id)
        self._failed.add(subject_id)
        self.figures.add_failed(customer)
        if len(self.failures) < self.wanted.examples:
            self.failures.append((subject_id, failed))
        _write(self.report, {"customer": subject_id, "failed": _failure_of(failed)})

    def finish(self) -> None:
        """Compare the customers that were read to their end."""
        for subject_id, customer in [*self._open.items()]:
            try:
                found = customer.differing()
            except FoldFailed as failed:
                self._note(subject_id, customer, failed)
                continue
            self.figures.add(customer, found)
            if len(self.first) < self.wanted.examples:
                self.first.append(subject_id)
            if found:
                if len(self.chosen) < self.wanted.examples:
                    self.chosen.append(subject_id)
                states = [_differing_of(each) for each in found]
                _write(self.report, {"customer": subject_id, "differing": states})
        self._open.clear()
        self._failed.clear()

    def looked_at(self) -> list[str]:
        """The customers whose events are folded once more, those that differ in front."""
        return list(dict.fromkeys((*self.chosen, *self.first)))

    async def example(self, subject_id: str) -> dict[str, Any]:
        """The event that made the first difference of a customer, and what its states would be had
        the events come the other way round, if that is something else."""
        events = [event async for page in self._read(subject_id) for event in page]
        told: dict[str, Any] = {"customer": subject_id}
        try:
            found = first_difference(self.pair, events)
        except FoldFailed as failed:
            # Its end can be shown, and a state on the way there cannot.
            self._note_example(subject_id, failed)
            return told
        if found is not None:
            event, differing = found
            told["event"] = history.record_of(event)
            told["differing"] = [_differing_of(each) for each in differing]
        self._reorder(told, events)
        return told

    def _note_example(self, subject_id: str, failed: FoldFailed) -> None:
        """One that was counted before as a customer, and fails when it is looked at closer."""
        self.figures.failed += 1
        if len(self.failures) < self.wanted.examples:
            self.failures.append((subject_id, failed))
        _write(self.report, {"customer": subject_id, "failed": _failure_of(failed)})

    def _reorder(self, told: dict[str, Any], events: Sequence[Event]) -> None:
        """Add what the other order of events makes different, or that it cannot be borne."""
        try:
            disordered = order_differences(self.pair.tried, events)
        except FoldFailed as failed:
            self.figures.disordered += 1
            told["fails_in_other_order"] = _failure_of(failed)
            return
        if disordered:
            self.figures.disordered += 1
            told["depends_on_order"] = [_differing_of(each) for each in disordered]


# --- what is told --------------------------------------------------------------------------------


def _report(path: Path | None) -> Any:
    """The file for one line a customer and a last one with the figures."""
    if path is None:
        return _NoReport()
    with readable("--report", path):
        return path.open("w", encoding="utf-8")


class _NoReport:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _write(report: TextIO | None, record: dict[str, Any]) -> None:
    if report is not None:
        report.write(json.dumps(record, ensure_ascii=False) + "\n")


def _differing_of(state: Differing) -> dict[str, Any]:
    changes = [
        {"path": each.path, "live": each.before_json, "tried": each.after_json}
        for each in state.changes
    ]
    return {"key": state.key, "kind": state.kind, "changes": changes}


def _failure_of(failed: FoldFailed) -> dict[str, Any]:
    event = failed.event
    return {
        "fold": failed.side,
        "error": f"{type(failed.error).__name__}: {failed.error}",
        "where": tried.where(failed.error),
        "event_id": event.interaction.event_id,
        "type": event.type,
        "version": event.version,
        "partition": event.partition,
        "position": event.position,
    }


def _summary_of(figures: Figures, pair: Pair, name: str) -> dict[str, Any]:
    return {
        "tried": name,
        "beside": pair.live.name if pair.live else "",
        "same": figures.same,
        "customers": figures.customers,
        "customers_differing": figures.customers_differing,
        "customers_failed": figures.failed,
        "customers_depending_on_order": figures.disordered,
        "events": figures.events,
        "states": figures.states,
        "states_differing": figures.states_differing,
        "fields": dict(figures.fields.most_common()),
    }


def _tell(
    out: Output, running: Replay, summary: dict[str, Any], examples: list[dict[str, Any]]
) -> None:
    if out.as_json:
        for subject_id, failed in running.failures:
            out.record({"customer": subject_id, "failed": _failure_of(failed)})
        for example in _worth_telling(examples):
            out.record(example)
        out.record(summary)
        return
    figures = running.figures
    beside = f"the live {summary['beside']}" if summary["beside"] else "nothing of that name"
    seen = (_count(figures.customers, "customer"), _count(figures.events, "event"))
    told = ", ".join((*seen, _count(figures.states, "state")))
    out.say(f"{summary['tried']} beside {beside}: {told}", markup=False)
    if figures.same:
        out.say("\nNobody would see anything else.")
        return
    if figures.customers_differing:
        _tell_differences(out, figures)
    _tell_failures(out, running)
    for example in _worth_telling(examples):
        _tell_example(out, example)


def _worth_telling(examples: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in examples if len(each) > 1]


def _tell_differences(out: Output, figures: Figures) -> None:
    who, where = figures.customers_differing, figures.states_differing
    out.say(f"\n{_count(who, 'customer')} would see something else, in {_count(where, 'state')}.\n")
    fields = figures.fields.most_common(FIELDS_SHOWN)
    out.table(("field", "states"), ((name, f"{count:,}") for name, count in fields))


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _tell_failures(out: Output, running: Replay) -> None:
    if not running.figures.failed:
        return
    failed_in_all = _count(running.figures.failed, "customer")
    out.say(f"\nA fold cannot bear the events of {failed_in_all}:")
    for subject_id, failed in running.failures:
        event = failed.event
        at = f"{subject_id}: {event.type}, version {event.version}"
        out.say(f"\n{at}: the {failed.side} fold raised {failed.error!r}", markup=False)
        out.say(f"  {tried.where(failed.error)}", markup=False)


def _tell_example(out: Output, example: dict[str, Any]) -> None:
    """A customer, the event that made the first difference, and what that was."""
    event = example.get("event")
    if event is not None:
        out.say(f"\n{example['customer']}: since {event['type']}, version {event['version']}, "
                f"{output.moment(int(event['occurrence']['t_ms']))}", markup=False)  # fmt: skip
        _tell_states(out, example["differing"], ("live", "tried"))
    if "depends_on_order" in example:
        out.say(f"\n{example['customer']}: had its events arrived the other way round, the tried "
                "fold would give something else, which no fold may:", markup=False)  # fmt: skip
        _tell_states(out, example["depends_on_order"], ("the other way", "as it was"))
    if "fails_in_other_order" in example:
        failed = example["fails_in_other_order"]
        out.say(f"\n{example['customer']}: had its events arrived the other way round, the tried "
                "fold would have raised, which no fold may:", markup=False)  # fmt: skip
        out.say(f"  {failed['type']}, version {failed['version']}: {failed['error']}", markup=False)
        out.say(f"  {failed['where']}", markup=False)


def _tell_states(out: Output, states: list[dict[str, Any]], sides: tuple[str, str]) -> None:
    for state in states:
        if state["kind"] != CHANGED:
            out.say(f"  {state['key']} {state['kind']}", markup=False)
        rows = [
            (f"  {state['key']}", each["path"], each["live"] or "–", each["tried"] or "–")
            for each in state["changes"][:CHANGES_SHOWN]
        ]
        if rows:
            out.table(("  state", "field", *sides), rows)
