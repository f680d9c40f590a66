"""Lies about readers of the journal."""

import random

from tests.history.lying import Record, Records, lie, records_of

PARTITION, POSITION = 0, 1


def _frames(records: Records, events: int) -> list[Record]:
    """Frames with at least so many events."""
    return [one for one in records_of(records, "frame") if len(one["events"]) >= events]


@lie("H11", "was skipped")
def a_reader_is_not_sent_an_event(records: Records, draw: random.Random) -> None:
    frame = draw.choice(_frames(records, 2))
    frame["events"].pop(draw.randrange(len(frame["events"])))


@lie("H11", "was sent again")
def a_reader_is_sent_an_event_twice(records: Records, draw: random.Random) -> None:
    frame = draw.choice(_frames(records, 2))
    frame["events"].append(frame["events"][0])


@lie("H11", "was sent again")
def two_events_come_in_the_wrong_order(records: Records, draw: random.Random) -> None:
    frame = draw.choice(
        [one for one in _frames(records, 2) if one["events"][0][0] == one["events"][1][0]]
    )
    frame["events"][0], frame["events"][1] = frame["events"][1], frame["events"][0]


@lie("H11", "where it is not")
def a_reader_is_sent_what_nobody_appended(records: Records, draw: random.Random) -> None:
    frame = draw.choice(_frames(records, 1))
    frame["events"][0][2] = "f" * 32


@lie("H11", "with a checkpoint at")
def a_checkpoint_does_not_hold_what_came_with_it(records: Records, draw: random.Random) -> None:
    frame = draw.choice(_frames(records, 2))
    partition, position, _ = frame["events"][-1]
    frame["places"][str(partition)] = position - 1


@lie("H11", "the checkpoint went from")
def a_checkpoint_goes_back(records: Records, draw: random.Random) -> None:
    frame = draw.choice([one for one in _frames(records, 1) if one["events"][-1][POSITION] > 1])
    partition, position, _ = frame["events"][-1]
    back: Record = {**frame, "events": [], "places": {str(partition): position - 1}}
    records.insert(records.index(frame) + 1, back)


@lie("H11", "which is not there")
def a_heartbeat_names_a_place_that_nobody_wrote(records: Records, draw: random.Random) -> None:
    frame = draw.choice(_frames(records, 1))
    partition = frame["events"][-1][PARTITION]
    ahead: Record = {**frame, "events": [], "places": {str(partition): 10**6}}
    records.insert(records.index(frame) + 1, ahead)


@lie("H11", "where it stood at")
def a_stream_is_opened_behind_another_place(records: Records, draw: random.Random) -> None:
    opened = draw.choice([one for one in records_of(records, "stream") if one["start"]])
    partition = draw.choice(sorted(opened["start"]))
    opened["start"][partition] += 1


@lie("H13", "appeared below")
def an_event_appears_below_a_place_that_was_passed(records: Records, draw: random.Random) -> None:
    frame = draw.choice(_frames(records, 2))
    frame["events"].pop(draw.randrange(len(frame["events"])))
    frame["t"] = 0
