"""Lies about groups of consumers: rule H12, each by the words of the part that has to notice."""

import random
from collections import Counter

from tests.history.lying import Record, Records, lie, records_of


def delivered_once(records: Records, draw: random.Random) -> Record:
    """A delivery of an event that was delivered in no other attempt."""
    given = records_of(records, "delivery")
    counts = Counter(one["event_id"] for one in given)
    return draw.choice([one for one in given if counts[one["event_id"]] == 1])


def confirmed(records: Records, draw: random.Random) -> Record:
    """A delivery that was acknowledged, which was confirmed."""
    answers = {one["delivery_id"] for one in records_of(records, "settled") if not one["reason"]}
    acked = {
        one["delivery_id"]
        for one in records_of(records, "settle")
        if one["how"] == "ack" and one["delivery_id"] in answers
    }
    return draw.choice(
        [
            one
            for one in records_of(records, "delivery")
            if one["delivery_id"] in acked and not one["replayed"]
        ]
    )


def unsay(records: Records, delivery_ids: set[str]) -> None:
    """Nothing was said of these deliveries."""
    records[:] = [
        one
        for one in records
        if one["kind"] not in {"settle", "settled"} or one["delivery_id"] not in delivery_ids
    ]


@lie("H12", "was never delivered")
def an_event_is_left_out(records: Records, draw: random.Random) -> None:
    dropped = delivered_once(records, draw)
    unsay(records, {dropped["delivery_id"]})
    records.remove(dropped)


@lie("H12", "where it is not")
def an_event_is_delivered_as_another(records: Records, draw: random.Random) -> None:
    draw.choice(records_of(records, "delivery"))["event_id"] = "f" * 32


@lie("H12", "was delivered before version")
def two_first_deliveries_of_a_subject_change_places(records: Records, draw: random.Random) -> None:
    first = delivered_once(records, draw)
    others = [
        one
        for one in records_of(records, "delivery")
        if one["subject"] == first["subject"]
        and one["version"] != first["version"]
        and one["attempt"] == 1
    ]
    second = draw.choice(others)
    first["t"], second["t"] = second["t"], first["t"]
    if (first["t"] < second["t"]) == (first["version"] < second["version"]):
        first["t"], second["t"] = second["t"], first["t"]


@lie("H12", "in epoch")
def an_epoch_has_two_owners(records: Records, draw: random.Random) -> None:
    given = records_of(records, "delivery")
    shared = Counter((one["partition"], one["epoch"]) for one in given)
    one = draw.choice([one for one in given if shared[one["partition"], one["epoch"]] > 1])
    one["consumer"] = "a stranger"


@lie("H12", "delivered again in attempt")
def a_settled_event_is_delivered_again(records: Records, draw: random.Random) -> None:
    one = confirmed(records, draw)
    again = {**one, "attempt": one["attempt"] + 1, "t": one["t"] + 10**9, "delivery_id": "again"}
    records.append(again)


@lie("H12", "delivered again in attempt 1 of")
def who_takes_over_has_forgotten_what_was_settled(records: Records, draw: random.Random) -> None:
    one = confirmed(records, draw)
    records.append(
        {
            **one,
            "epoch": one["epoch"] + 10**6,
            "attempt": 1,
            "t": one["t"] + 10**9,
            "delivery_id": "again",
        }
    )


@lie("H12", "went from")
def a_stored_checkpoint_goes_back(records: Records, draw: random.Random) -> None:
    looks = [one for one in records_of(records, "progress") if any(one["checkpoints"].values())]
    look = draw.choice(looks)
    partition = next(name for name, place in look["checkpoints"].items() if place)
    later = {**look["checkpoints"], partition: look["checkpoints"][partition] - 1}
    records.append({**look, "t": look["t"] + 1, "checkpoints": later})


@lie("H12", "passed the unsettled position")
def a_checkpoint_is_the_highest_settled(records: Records, draw: random.Random) -> None:
    """As if what is settled behind a gap were the end of all that is settled."""
    look = draw.choice(records_of(records, "progress")[:5])
    given = records_of(records, "delivery")
    later = next(one for one in given if one["t"] > look["t"] and one["attempt"] == 1)
    look["checkpoints"][str(later["partition"])] = later["position"]


@lie("H12", "neither settled nor parked")
def a_parked_event_vanishes(records: Records, draw: random.Random) -> None:
    aside = records_of(records, "aside")[0]["events"]
    parked = max(aside)
    aside.remove(parked)
    unsay(
        records,
        {
            one["delivery_id"]
            for one in records_of(records, "delivery")
            if [one["partition"], one["position"]] == parked
        },
    )


@lie("H12", "neither settled nor parked")
def an_acknowledgement_is_forgotten(records: Records, draw: random.Random) -> None:
    unsay(records, {delivered_once(records, draw)["delivery_id"]})
