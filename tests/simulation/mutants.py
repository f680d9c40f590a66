"""Services that break one promise each, to show that the simulation notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from journey.v1.folds_pb2 import Write
from journey_service.application.customer_view import CustomerView
from journey_service.domain import append, occurrence
from journey_service.domain.batch import Stamp
from journey_service.store.memory import journal
from projections import journey_states
from projections.fold import drop_cancelled
from projections.journeys import cart, lists, media

# The module under its full name is what is changed; types of such changes cannot be stated.
_Changed = Any
Mutant = Callable[[pytest.MonkeyPatch], None]


def _watermark_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(append, "_check_sequence", lambda batch, known: None)


def _arrival_decides(patch: pytest.MonkeyPatch) -> None:
    def keep_last(register: Write, write: Write) -> None:
        register.CopyFrom(write)

    for module in (journey_states, cart, lists, media):
        patch.setattr(module, "keep_latest", keep_last)
    patch.setattr(media, "keep_earliest", keep_last)


def _arrival_is_occurrence(patch: pytest.MonkeyPatch) -> None:
    def on_arrival(t_ms: int, received_ms: int, previous: Stamp | None, seen: object) -> Stamp:
        later = previous is None or received_ms > previous.t_ms
        if later or previous is None:
            return Stamp(received_ms, 0)
        return Stamp(previous.t_ms, previous.counter + 1)

    patch.setattr(occurrence, "_ordered", on_arrival)


def _no_causal_step(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        occurrence,
        "_ordered",
        lambda t_ms, received_ms, previous, seen: Stamp(max(0, min(t_ms, received_ms)), 0),
    )


def _duplicates_counted(patch: pytest.MonkeyPatch) -> None:
    known: _Changed = getattr(journal, "_known")  # noqa: B009  it is private there

    def forgetful(stream: Any, batch: Any, *rest: Any) -> Any:
        found = known(stream, batch, *rest)
        if not batch.sequenced:
            return found
        first_seq = batch.candidates[0].interaction.seq
        return replace(found, events={}, processed_seq=min(found.processed_seq, first_seq - 1))

    patch.setattr(journal, "_known", forgetful)


def _deltas_forget(patch: pytest.MonkeyPatch) -> None:
    changed_since = CustomerView.changed_since
    patch.setattr(
        CustomerView, "changed_since", lambda view, version: changed_since(view, version)[:1]
    )


def _tags_without_marks(patch: pytest.MonkeyPatch) -> None:
    """A removal takes what is there and leaves no mark for what comes later."""

    def cancel(tagged: Any, marks: Any) -> None:
        drop_cancelled(tagged.tags, marks)

    patch.setattr(lists, "cancel", cancel)


def _old_states_served(patch: pytest.MonkeyPatch) -> None:
    """What was published stays, whatever is folded later."""
    apply = CustomerView.apply

    def and_keep(view: _Changed, events: Any) -> Any:
        kept = dict(view._published)
        changed = apply(view, events)
        view._published.update(kept)
        return changed

    patch.setattr(CustomerView, "apply", and_keep)


MUTANTS: Mapping[str, Mutant] = {
    "the watermark is forgotten": _watermark_forgotten,
    "what arrives last wins": _arrival_decides,
    "arrival is taken for occurrence": _arrival_is_occurrence,
    "an act does not follow what was seen": _no_causal_step,
    "a duplicate counts": _duplicates_counted,
    "a delta holds one journey": _deltas_forget,
    "a removal leaves no mark": _tags_without_marks,
    "a published state is kept": _old_states_served,
}
