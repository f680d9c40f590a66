"""A book of one partition, with a consumer and a clock, for its cases."""

from __future__ import annotations

from dataclasses import replace

from journey_service.domain.group_book import Book
from journey_service.domain.group_progress import Change, Progress, Stored
from journey_service.domain.groups import Act, DeliveryName, Entry, Said, Standing, Terms

NOW = 1_000_000
HOLD = Terms(lease_ms=100, max_attempts=3, min_backoff_ms=10, max_backoff_ms=1_000, hold=True)
CONTINUE = replace(HOLD, hold=False)
ACK, PARK, RETRY = Said(Act.ACK), Said(Act.PARK, "why"), Said(Act.RETRY)


class Case:
    """A book of partition 3 at epoch 5, its consumer, and a clock."""

    def __init__(
        self,
        *entries: Entry,
        checkpoint: int = 0,
        terms: Terms = HOLD,
        parked: dict[str, int] | None = None,
        replayed_to: int = 0,
        again: tuple[int, int, int] = (0, 0, 0),
        more: bool = False,
    ) -> None:
        self.now_ms = NOW
        progress = Progress(3, checkpoint, "one", 5, 1, replayed_to, *again)
        self.book = Book(Stored(progress, entries, parked or {}, more), terms, NOW)
        self.names: dict[int, DeliveryName] = {}

    def come(self, *subjects: str) -> None:
        """The next events; of no subject: one that is not wanted."""
        for subject_id in subjects:
            position = self.book.scanned + 1
            self.book.note(position, subject_id or "other", "a.b", wanted=bool(subject_id))

    def out(self) -> list[int]:
        """Deliver all that can be."""
        given = []
        while position := self.book.next_ready(self.now_ms):
            entry = self.book.deliver(position, "one", self.now_ms)
            self.names[position] = name_of(entry)
            given.append(position)
        return given

    def say(self, position: int, said: Said = ACK) -> int:
        return self.book.say(self.names[position], said, self.now_ms, 0.5)

    def pass_ms(self, ms: int) -> list[int]:
        self.now_ms += ms
        return [entry.position for entry in self.book.pass_time(self.now_ms)]

    def store(self) -> Change:
        change = self.book.change()
        self.book.stored(change)
        return change

    def standing(self, position: int) -> Standing:
        return self.book.entries[position].standing


def entry(position: int, subject_id: str, standing: Standing, **fields: int | str | bool) -> Entry:
    made = Entry(
        position, subject_id, standing, attempt=1, due_ms=NOW + 50, consumer_id="one", epoch=5
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def name_of(entry: Entry) -> DeliveryName:
    given = (entry.epoch, entry.position, entry.attempt, entry.first_ms)
    return DeliveryName("g", 3, *given, "one")
