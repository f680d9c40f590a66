"""What consumers of a group note whose service keeps its promises, drawn from a seed."""

import random
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
At = tuple[int, int]
CONSUMERS = ("north", "south", "west")
MAX_ATTEMPTS = 4


@dataclass
class _Partition:
    """A partition as its group sees it: events by position, and how far each is."""

    number: int
    events: dict[int, tuple[str, int, str]]
    owner: str = "north"
    epoch: int = 1
    attempts: dict[int, int] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    parked: set[int] = field(default_factory=set)
    out: dict[int, str] = field(default_factory=dict)

    def held(self) -> set[int]:
        """What waits behind parked events."""
        if not self.parked:
            return set()
        lowest: dict[str, int] = {}
        for position in sorted(self.parked):
            lowest.setdefault(self.events[position][0], position)
        return {
            position
            for position, (subject, *_) in self.events.items()
            if lowest.get(subject, position) < position
        }

    def next(self) -> list[int]:
        """Positions that may go out: of each subject the lowest that is not done."""
        lowest: dict[str, int] = {}
        aside = self.done | self.parked | self.held()
        for position in sorted(self.events.keys() - aside):
            lowest.setdefault(self.events[position][0], position)
        return [position for position in lowest.values() if position not in self.out]

    def checkpoint(self) -> int:
        """All up to here is done or put aside."""
        left = self.events.keys() - self.done - self.parked - self.held()
        return min(left, default=max(self.events, default=0) + 1) - 1


class _Consuming:
    """Time, consumers and partitions."""

    def __init__(self, draw: random.Random, finals: list[Record], name: str) -> None:
        self.draw = draw
        self.name = name
        self.now = 5_000_000
        self.records: list[Record] = []
        self.numbers = 0
        events: dict[int, dict[int, tuple[str, int, str]]] = {}
        for final in finals:
            for version, partition, position, event_id, *_ in final["events"]:
                found = events.setdefault(partition, {})
                found[position] = (final["subject"], version, event_id)
        self.partitions = [_Partition(number, found) for number, found in events.items()]

    def note(self, kind: str, **fields: Any) -> None:
        self.records.append({"kind": kind, "group": self.name, **fields})

    def tick(self) -> int:
        self.now += self.draw.randint(1, 100)
        return self.now

    def run(self) -> list[Record]:
        """Deliver everything, then tell what is parked."""
        self.note("group", hold=True, max_attempts=MAX_ATTEMPTS)
        while busy := [one for one in self.partitions if one.out or one.next()]:
            self.step(self.draw.choice(busy))
        self.put_parked_to_use()
        aside = [[one.number, place] for one in self.partitions for place in sorted(one.parked)]
        self.note("aside", events=aside)
        return self.records

    def step(self, partition: _Partition) -> None:
        """Something happens in a partition."""
        chance = self.draw.random()
        if chance < 0.04:
            self.move(partition)
        elif chance < 0.2:
            self.look()
        elif partition.out and (chance < 0.6 or not partition.next()):
            self.settle(partition)
        elif partition.next():
            self.deliver(partition)

    def deliver(self, partition: _Partition, *, replayed: bool = False, position: int = 0) -> None:
        position = position or self.draw.choice(partition.next())
        subject, version, event_id = partition.events[position]
        attempt = partition.attempts[position] = partition.attempts.get(position, 0) + 1
        self.numbers += 1
        partition.out[position] = f"delivery-{self.numbers}"
        self.note(
            "delivery",
            consumer=partition.owner,
            t=self.tick(),
            delivery_id=partition.out[position],
            subject=subject,
            version=version,
            partition=partition.number,
            position=position,
            event_id=event_id,
            attempt=attempt,
            epoch=partition.epoch,
            replayed=replayed,
        )

    def settle(self, partition: _Partition, how: str = "") -> None:
        """One that is out is said to be done, or not; now and then nobody hears the answer."""
        position = self.draw.choice(sorted(partition.out))
        delivery_id = partition.out.pop(position)
        how = how or self.choose(partition, position)
        self.say(delivery_id, how, heard=self.draw.random() < 0.95)
        if how in {"ack", "skip"}:
            partition.done.add(position)
        elif how == "park" or partition.attempts[position] >= MAX_ATTEMPTS:
            partition.parked.add(position)

    def choose(self, partition: _Partition, position: int) -> str:
        """Most succeed. The last one of a subject is parked, so that it holds no other."""
        subject = partition.events[position][0]
        if all(other[0] != subject for at, other in partition.events.items() if at > position):
            return "park"
        return self.draw.choices(("ack", "skip", "retry", "park"), (80, 8, 10, 2))[0]

    def say(self, delivery_id: str, how: str, *, heard: bool = True, reason: str = "") -> None:
        self.note("settle", t=self.tick(), delivery_id=delivery_id, how=how)
        if heard:
            self.note("settled", t=self.tick(), delivery_id=delivery_id, reason=reason)

    def move(self, partition: _Partition) -> None:
        """Its consumer is lost: another takes over, and the late one is refused."""
        late = list(partition.out.values())
        for position in partition.out:
            if partition.attempts[position] >= MAX_ATTEMPTS:
                partition.parked.add(position)
        partition.out.clear()
        partition.epoch += 1
        partition.owner = self.draw.choice(CONSUMERS)
        for delivery_id in late:
            if self.draw.random() < 0.5:
                self.say(delivery_id, "ack", reason="LEASE_LOST")

    def look(self) -> None:
        """Somebody sees the checkpoints; a stored one may lag behind."""
        checkpoints = {str(one.number): one.checkpoint() for one in self.partitions}
        self.note("progress", t=self.tick(), checkpoints=checkpoints)

    def put_parked_to_use(self) -> None:
        """Some of the parked are dropped, some delivered once more; what they held goes on."""
        for partition in self.partitions:
            for position in sorted(partition.parked)[:-1]:
                chance = self.draw.random()
                if chance < 0.3:
                    partition.parked.discard(position)
                    partition.done.add(position)
                    self.note("discarded", events=[[partition.number, position]])
                elif chance < 0.6:
                    partition.parked.discard(position)
                    self.deliver(partition, replayed=True, position=position)
                    self.settle(partition, "ack")
            while partition.next():
                self.deliver(partition)
                self.settle(partition, "ack")


def group_records(seed: int, records: list[Record], name: str = "billing") -> list[Record]:
    """What the consumers of a group note that is given all that these records say is stored."""
    finals = [record for record in records if record["kind"] == "final"]
    return _Consuming(random.Random(f"group/{seed}"), finals, name).run()
