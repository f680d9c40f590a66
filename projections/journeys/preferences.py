"""Preferences: what the customer stated goes before what was inferred, whenever that was.

An empty value clears: a preference that was stated and cleared shows what was inferred.
"""

from __future__ import annotations

from journey.v1.folds_pb2 import JourneyFold, PreferenceFold, PreferencesFold, Tagged, Write
from journey.v1.interactions_pb2 import PreferenceSet
from journey.v1.journeys_pb2 import Journey, PreferenceState
from projections import thresholds
from projections.fold import Order, entry, join_tagged, latest, order_of, replace_observed
from projections.projection import Act, JourneyKind, activity_by_intent
from projections.published import as_text, keep_newest, losing, told_conflicts


def was_set(preferences: PreferencesFold, act: Act) -> None:
    """A preference was stated, inferred or cleared, in place of what was seen of its source."""
    known = _preference(preferences, act.body.key)
    stated = act.body.source == PreferenceSet.SOURCE_STATED
    register = known.stated if stated else known.inferred
    replace_observed(register, act.write(text=act.body.value), act.marks)


def _preference(preferences: PreferencesFold, key: str) -> PreferenceFold:
    return entry(preferences.entries, PreferenceFold, "key", key)


def merge(mine: PreferencesFold, theirs: PreferencesFold) -> None:
    """Join the second state into the first."""
    for preference in theirs.entries:
        known = _preference(mine, preference.key)
        join_tagged(known.stated, preference.stated)
        join_tagged(known.inferred, preference.inferred)


# --- published state -----------------------------------------------------------------------------


def publish(fold: JourneyFold, journey: Journey) -> Order | None:
    """Fill `journey.preferences` and `conflicts`; returns the activity."""
    state, orders = journey.preferences, []
    losers: list[tuple[str, str, Write]] = []
    for preference in fold.preferences.entries:
        register, source = _register(preference)
        losers += [(preference.key, as_text(each.text), each) for each in losing(register)]
        chosen = latest(register.tags)
        if chosen is not None and chosen.text:
            orders.append(order_of(chosen))
            state.entries.append(_published(preference.key, chosen, source))
    state.more = keep_newest(state.entries, orders.__getitem__)
    journey.conflicts.extend(told_conflicts(losers))
    return activity_by_intent(fold)


def _register(preference: PreferenceFold) -> tuple[Tagged, PreferenceSet.Source]:
    """The highest rank that has a value; of those without the one that was inferred."""
    stated = latest(preference.stated.tags)
    if stated is not None and stated.text:
        return preference.stated, PreferenceSet.SOURCE_STATED
    return preference.inferred, PreferenceSet.SOURCE_INFERRED


def _published(key: str, chosen: Write, source: PreferenceSet.Source) -> PreferenceState:
    return PreferenceState(key=key, value=chosen.text, source=source, set_at_ms=chosen.t_ms)


PREFERENCES = JourneyKind(
    name="preferences",
    folds={"preference_set": was_set},
    merge=merge,
    publish=publish,
    listed=lambda _: False,
    archive_after_ms=lambda _: thresholds.ARCHIVE_AFTER_MS,
)
