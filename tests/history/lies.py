"""Lies put into true histories, each with the rule that has to notice.

A test plays each of `LIES` and fails for a rule without one.
"""

import itertools
import random

from tests.history.lying import (
    EVENT_ID,
    HASH,
    INSTALLATION,
    LIES,
    PARTITION,
    POSITION,
    SEQ,
    VERSION,
    Record,
    Records,
    forget,
    lie,
    long_final,
    ok_calls,
    readings_of,
    records_of,
    results_by_id,
    single_calls,
    two_of_one_installation,
)

__all__ = ["LIES"]

# --- H1: lost ------------------------------------------------------------------------------------


@lie("H1", "the tail")
def an_acknowledged_tail_is_lost(records: Records, draw: random.Random) -> None:
    call, result = draw.choice(single_calls(records))
    version = result["answers"][0][3]
    forget(records, call["subject"], lambda row: row[VERSION] >= version)


@lie("H1", "a prefix")
def an_acknowledged_prefix_is_lost(records: Records, draw: random.Random) -> None:
    call, result = draw.choice(single_calls(records))
    version = result["answers"][0][3]
    forget(records, call["subject"], lambda row: row[VERSION] <= version)


@lie("H1", "the middle")
def an_acknowledged_middle_is_lost(records: Records, draw: random.Random) -> None:
    subject = long_final(records, draw)["subject"]
    versions = sorted(
        result["answers"][0][3]
        for call, result in single_calls(records)
        if call["subject"] == subject
    )
    lost = versions[len(versions) // 2]
    forget(records, subject, lambda row: row[VERSION] == lost)


# --- H2: twice -----------------------------------------------------------------------------------


@lie("H2", "stored at version")
def an_event_is_stored_twice(records: Records, draw: random.Random) -> None:
    final = long_final(records, draw)
    chosen = draw.choice(final["events"])
    for events in readings_of(records, final["subject"]):
        again = next(list(row) for row in events if row[EVENT_ID] == chosen[EVENT_ID])
        again[VERSION], again[POSITION] = events[-1][VERSION] + 1, events[-1][POSITION] + 1
        events.append(again)


@lie("H2", "both are seq")
def a_sequence_number_is_used_twice(records: Records, draw: random.Random) -> None:
    first, second = two_of_one_installation(long_final(records, draw), draw)
    second[SEQ] = first[SEQ]


# --- H3: untrue answers --------------------------------------------------------------------------


@lie("H3", "stored at version")
def two_events_change_places_after_the_answer(records: Records, draw: random.Random) -> None:
    call, result = draw.choice(single_calls(records))
    first = result["answers"][0][3]
    for events in readings_of(records, call["subject"]):
        one = next(row for row in events if row[VERSION] == first)
        other = events[0] if one is not events[0] else events[-1]
        one[EVENT_ID:], other[EVENT_ID:] = other[EVENT_ID:], one[EVENT_ID:]


@lie("H3", "stored at version")
def an_answer_names_another_position(records: Records, draw: random.Random) -> None:
    _, result = draw.choice(single_calls(records))
    result["answers"][0] = result["answers"][0]._replace(position=10**6)


@lie("H3", "stored as")
def an_answer_names_another_outcome(records: Records, draw: random.Random) -> None:
    _, result = draw.choice(single_calls(records))
    result["answers"][0] = result["answers"][0]._replace(outcome="QUARANTINED")


@lie("H3", "told to be the first")
def a_repeat_is_not_called_one(records: Records, draw: random.Random) -> None:
    first: set[str] = set()
    repeats = []
    for call, result in ok_calls(records):
        for index, (event_id, answer) in enumerate(
            zip(call["event_ids"], result["answers"], strict=True)
        ):
            if answer.duplicate and event_id in first:
                repeats.append((result, index))
            elif answer.version:
                first.add(event_id)
    result, index = draw.choice(repeats)
    result["answers"][index] = result["answers"][index]._replace(duplicate=False)


@lie("H3", "interactions")
def an_interaction_gets_no_answer(records: Records, draw: random.Random) -> None:
    _, result = draw.choice(single_calls(records))
    result["answers"] = result["answers"][:-1]


@lie("H3", "no other content")
def a_fresh_id_is_called_reused(records: Records, draw: random.Random) -> None:
    call, result = draw.choice(single_calls(records))
    result["answers"][0] = result["answers"][0]._replace(
        outcome="REJECTED", reason="EVENT_ID_REUSED", version=0, position=0
    )
    assert call["event_ids"]


# --- H4: holes and forks -------------------------------------------------------------------------


@lie("H4", "version")
def a_version_is_left_out(records: Records, draw: random.Random) -> None:
    final = long_final(records, draw)
    hole = draw.choice(final["events"])[VERSION]
    for events in readings_of(records, final["subject"]):
        for row in events:
            row[VERSION] += row[VERSION] >= hole


@lie("H4", "position")
def a_position_is_left_out(records: Records, draw: random.Random) -> None:
    final = long_final(records, draw)
    partition = final["events"][0][PARTITION]
    hole = final["events"][len(final["events"]) // 2][POSITION]
    for record in records:
        if record["kind"] in {"item", "final", "table"}:
            for row in record["events"]:
                row[POSITION] += row[PARTITION] == partition and row[POSITION] >= hole


@lie("H4", "head")
def a_head_runs_ahead_of_its_events(records: Records, draw: random.Random) -> None:
    heads = records_of(records, "heads")[0]["heads"]
    heads[draw.choice(sorted(heads))] += 1


@lie("H4", "seen at version")
def a_reader_saw_another_event_there(records: Records, draw: random.Random) -> None:
    events = draw.choice(records_of(records, "item"))["events"]
    first, second = events[0], events[-1]
    first[EVENT_ID], second[EVENT_ID] = second[EVENT_ID], first[EVENT_ID]


@lie("H4", "seen at version")
def the_database_holds_another_event_there(records: Records, draw: random.Random) -> None:
    draw.choice(records_of(records, "table"))["events"][0][EVENT_ID] = "0" * 32


@lie("H4", "the database has")
def the_database_lacks_a_row(records: Records, draw: random.Random) -> None:
    draw.choice(records_of(records, "table"))["events"].pop()


# --- H5: invented --------------------------------------------------------------------------------


@lie("H5", "never attempted")
def an_event_appears_that_nobody_sent(records: Records, draw: random.Random) -> None:
    final = long_final(records, draw)
    for events in readings_of(records, final["subject"]):
        invented = list(events[-1])
        invented[VERSION] += 1
        invented[POSITION] += 1
        invented[EVENT_ID] = "f" * 32
        events.append(invented)


@lie("H5", "never attempted")
def an_event_appears_in_a_foreign_stream(records: Records, draw: random.Random) -> None:
    final, other = draw.sample(records_of(records, "final"), 2)
    moved = list(draw.choice(other["events"]))
    final["events"].append([len(final["events"]) + 1, *moved[1:]])


@lie("H5", "stored with hash")
def an_event_has_content_that_nobody_sent(records: Records, draw: random.Random) -> None:
    draw.choice(long_final(records, draw)["events"])[HASH] = "f" * 16


# --- H6: failures that happened ------------------------------------------------------------------


@lie("H6", "failed for good")
def an_append_that_failed_is_stored(records: Records, draw: random.Random) -> None:
    results = results_by_id(records)
    calls = records_of(records, "call")
    failed = [call for call in calls if results[call["id"]]["outcome"] == "fail"]
    possible = {
        event_id
        for call in calls
        if results[call["id"]]["outcome"] != "fail"
        for event_id in call["event_ids"]
    }
    call = draw.choice([call for call in failed if not possible & set(call["event_ids"])])
    for events in readings_of(records, call["subject"]):
        row = list(events[-1])
        row[VERSION] += 1
        row[POSITION] += 1
        row[EVENT_ID] = call["event_ids"][0]
        row[INSTALLATION:] = ["", 0, call["hashes"][0], *row[HASH + 1 :]] if row[4:] else []
        events.append(row)


@lie("H6", "failed for good")
def an_append_that_succeeded_is_called_failed(records: Records, draw: random.Random) -> None:
    _, result = draw.choice(single_calls(records))
    result.update(outcome="fail", code="UNAVAILABLE", reason="STORAGE_UNAVAILABLE", answers=[])


@lie("H6", "failed for good")
def a_first_answer_is_called_a_failure(records: Records, draw: random.Random) -> None:
    """Only its repeats are told that it is stored, as what somebody wrote before them."""
    first: dict[str, Record] = {}
    repeated: set[str] = set()
    unsure = {
        event_id
        for call in records_of(records, "call")
        if results_by_id(records)[call["id"]]["outcome"] == "unknown"
        for event_id in call["event_ids"]
    }
    for call, result in ok_calls(records):
        for event_id, answer in zip(call["event_ids"], result["answers"], strict=True):
            if answer.duplicate:
                repeated.add(event_id)
            elif answer.version:
                first[event_id] = result
    chosen = draw.choice(sorted(first.keys() & repeated - unsure))
    first[chosen].update(
        outcome="fail", code="DEADLINE_EXCEEDED", reason="EXPIRED_IN_QUEUE", answers=[]
    )


# --- H7: sequences -------------------------------------------------------------------------------


@lie("H7", "then seq")
def an_installation_is_overtaken_by_itself(records: Records, draw: random.Random) -> None:
    first, second = two_of_one_installation(long_final(records, draw), draw)
    first[EVENT_ID:], second[EVENT_ID:] = second[EVENT_ID:], first[EVENT_ID:]


@lie("H7", "is missing")
def the_watermark_passes_what_was_never_stored(records: Records, draw: random.Random) -> None:
    """The call that carried it ended unknown, later ones say it was processed."""
    chosen = [
        (call, result)
        for call, result in single_calls(records)
        if call["installation"] and call["first_seq"] < 5
    ]
    call, result = draw.choice(chosen)
    result.update(outcome="unknown", code="UNAVAILABLE", reason="", answers=[], processed_seq=0)
    forget(records, call["subject"], lambda row: row[EVENT_ID] in call["event_ids"])


@lie("H7", "processed only up to")
def a_batch_is_ok_but_not_processed(records: Records, draw: random.Random) -> None:
    chosen = [result for call, result in single_calls(records) if call["installation"]]
    draw.choice(chosen)["processed_seq"] = 0


# --- H8: time ------------------------------------------------------------------------------------


def _neighbours(records: Records, draw: random.Random) -> tuple[Record, Record, Record, Record]:
    """Two calls of one subject that overlapped, the earlier version first, with their results."""
    found = []
    by_subject: dict[str, list[tuple[Record, Record]]] = {}
    for call, result in single_calls(records):
        by_subject.setdefault(call["subject"], []).append((call, result))
    for pairs in by_subject.values():
        pairs.sort(key=lambda pair: pair[1]["answers"][0][3])
        found += [
            (first[0], first[1], second[0], second[1])
            for first, second in itertools.pairwise(pairs)
            if second[0]["t0"] < first[1]["t1"]
        ]
    return draw.choice(found)


@lie("H8", "answered before")
def a_call_was_sent_only_after_a_later_one_was_answered(
    records: Records, draw: random.Random
) -> None:
    first, first_result, _, second_result = _neighbours(records, draw)
    first["t0"] = second_result["t1"] + 1
    first_result["t1"] = first["t0"] + 1


@lie("H8", "answered before")
def a_call_was_answered_before_an_earlier_one_was_sent(
    records: Records, draw: random.Random
) -> None:
    first, _, second, second_result = _neighbours(records, draw)
    second["t0"] = first["t0"] - 2
    second_result["t1"] = first["t0"] - 1


# --- H9: conditions ------------------------------------------------------------------------------


@lie("H9", "written at version")
def a_condition_that_did_not_hold_is_ok(records: Records, draw: random.Random) -> None:
    chosen = [call for call, _ in single_calls(records) if call["expected_version"] is not None]
    draw.choice(chosen)["expected_version"] += 1


@lie("H9", "was told a conflict")
def a_conflict_names_the_version_expected(records: Records, draw: random.Random) -> None:
    conflicts = [
        one for one in records_of(records, "result") if one["reason"] == "VERSION_CONFLICT"
    ]
    result = draw.choice(conflicts)
    call = next(one for one in records_of(records, "call") if one["id"] == result["id"])
    result["current_version"] = call["expected_version"]


@lie("H9", "was told a conflict")
def a_conflict_names_a_head_that_never_was(records: Records, draw: random.Random) -> None:
    conflicts = [
        one for one in records_of(records, "result") if one["reason"] == "VERSION_CONFLICT"
    ]
    draw.choice(conflicts)["current_version"] = 10**6


@lie("H9", "should have been answered again")
def a_repeat_is_told_the_conflict_that_it_caused(records: Records, draw: random.Random) -> None:
    chosen = [
        (call, result)
        for call, result in single_calls(records)
        if call["expected_version"] is not None
    ]
    call, result = draw.choice(chosen)
    again = {**call, "id": "again", "attempt": 2, "t0": result["t1"] + 1}
    told = {
        **result,
        "id": "again",
        "t1": again["t0"] + 1,
        "outcome": "fail",
        "code": "ABORTED",
        "reason": "VERSION_CONFLICT",
        "answers": [],
        "current_version": call["expected_version"] + len(call["event_ids"]),
    }
    records.extend((again, told))
