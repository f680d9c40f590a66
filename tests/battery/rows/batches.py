"""CON-3: every cell of the table of batches, through real gRPC, each on a stream of its own."""

import asyncio
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from journey.v1.interactions_pb2 import Interaction
from tests.battery.client import Batch, Client, End, answer_of
from tests.battery.content import great_line, line_added
from tests.battery.final import read_in_the_end, read_stream
from tests.battery.rows.batch_cells import CELLS, DEVICE, PLAIN, Cell
from tests.battery.run import Run
from tests.battery.writers import open_session
from tests.history.recorder import Answer

_ONE = re.compile(r"(\d*)([a-z])(['!?]?)")
_MANY = re.compile(r"(\d*)(\.\.|~)(\d+)")
_NEIGHBOURS = 24


async def batches(run: Run) -> None:
    """All cells, then a conflict among neighbours that are written together with it."""
    service = run.service()
    await service.start()
    played = [(cell, reporter) for cell in CELLS for reporter in cell.reporters][: run.size]
    for number, (cell, reporter) in enumerate(played):
        await _Play(run, service.address, cell, reporter, number).play()
    run.figure("cells", f"{len(played)} of {sum(len(cell.reporters) for cell in CELLS)}")
    await _conflict_among_neighbours(run, service.address)
    await read_in_the_end(run.recorder, service.address, run.access)


@dataclass
class _Play:
    """One cell with one reporter."""

    run: Run
    address: str
    cell: Cell
    reporter: str
    number: int
    made: dict[str, Interaction] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    session_id: str = ""

    def __post_init__(self) -> None:
        access = self.run.access
        account = f"cell-{self.number}"
        device = self.reporter == DEVICE
        self.subject = access.subject_of(account) if device else account
        self.installation = (
            ""
            if self.reporter == PLAIN
            else str(uuid.UUID(int=self.run.draw.getrandbits(128), version=4))
        )
        token = access.device(account) if device else access.back_end()
        self.client: Client = self.run.client(account, self.address, token)

    async def play(self) -> None:
        """Bring about what is given, send, and compare."""
        before: list[str] = []
        if self.reporter == DEVICE:
            self.session_id = await open_session(
                self.run, self.client, self.subject, self.installation
            )
            before = [""]  # the session's own event
        for part in filter(None, map(str.strip, self.cell.given.split("|"))):
            end = await self.client.settle(self._batch(part))
            self._expect(end.ok, f"what is given was refused: {end.code} {end.reason}")
        end = await self.client.settle(self._batch(self.cell.sent, asked=True))
        self._compare(end)
        stream = await read_stream(self.address, self.run.access, self.subject)
        self._expect(
            [self._letter(event_id) for event_id in stream] == [*before, *self._due()],
            f"the stream holds {[self._letter(event_id) for event_id in stream]}",
        )

    def _batch(self, text: str, *, asked: bool = False) -> Batch:
        interactions = [one for word in text.split() for one in self._interactions(word)]
        return Batch(
            self.subject,
            interactions,
            self.installation,
            self.session_id,
            expected_version=self.cell.at if asked else None,
            atomic=self.cell.atomic and asked,
        )

    def _interactions(self, word: str) -> Iterator[Interaction]:
        draw = self.run.draw
        if many := _MANY.fullmatch(word):
            first, kind, last = many.groups()
            for number in range(1, int(last) + 1):
                make = great_line if kind == "~" else line_added
                yield make(draw, seq=number if first else 0)
            return
        one = _ONE.fullmatch(word)
        assert one, word
        seq, letter, mark = one.groups()
        number = int(seq) if seq and self.reporter != PLAIN else 0
        yield self._named(letter, mark, number)

    def _named(self, letter: str, mark: str, seq: int) -> Interaction:
        """The interaction of a letter and its mark; each mark has content of its own."""
        made = self.made.get(letter + mark)
        if made is None:
            made = line_added(self.run.draw, event_id=self.ids.get(letter, ""))
            self.ids[letter] = made.event_id
            line = made.cart_line_added.line
            if mark == "'":
                line.quantity += 100
            elif mark == "!":
                line.quantity = 0
            elif mark == "?":
                made.ClearField("body")
            self.made[letter + mark] = made
        sent = Interaction()
        sent.CopyFrom(made)
        sent.seq = seq
        return sent

    def _letter(self, event_id: str) -> str:
        return next((letter for letter, known in self.ids.items() if known == event_id), "")

    def _due(self) -> list[str]:
        stream = self.cell.stream
        return [""] * int(stream) if stream.isdecimal() else list(stream)

    def _compare(self, end: End) -> None:
        due = self.cell.answered
        if due[:1].isupper():
            told = f"{end.code} {end.reason}"
            self._expect(not end.ok and told == due, f"answered {told if not end.ok else 'ok'}")
            return
        if not end.ok or end.response is None:
            self._expect(holds=False, otherwise=f"refused: {end.code} {end.reason}")
            return
        word, _, times = due.partition("*")
        words = [word] * int(times) if times else due.split()
        said = [_spoken(answer_of(result)) for result in end.response.results]
        self._expect(said == words, f"answered {' '.join(said)}")
        if self.installation:
            last = self._batch(self.cell.sent).interactions[-1].seq
            self._expect(
                end.response.processed_seq >= last,
                f"processed up to {end.response.processed_seq}, not {last}",
            )

    def _expect(self, holds: object, otherwise: str) -> None:
        cell = self.cell
        self.run.expect(
            holds,
            f"{self.reporter}: {cell.why}; given {cell.given!r}, sent {cell.sent!r}, due "
            f"{cell.answered!r} and stream {cell.stream!r}: {otherwise}",
        )


def _spoken(answer: Answer) -> str:
    if answer.outcome == "ACCEPTED":
        return "=" if answer.duplicate else "+"
    if answer.outcome != "REJECTED":
        return answer.outcome
    if not answer.version:
        return f"-:{answer.reason}"
    return f"{'=' if answer.duplicate else ''}x:{answer.reason}"


async def _conflict_among_neighbours(run: Run, address: str) -> None:
    """Batches that wait together are one transaction; one's conflict must not be the others'."""
    clients = [
        run.client(f"neighbour-{n}", address, run.access.back_end()) for n in range(_NEIGHBOURS)
    ]
    first = await clients[0].settle(Batch("street-0", [line_added(run.draw)]))
    run.expect(first.ok, f"a first batch was refused: {first.reason}")
    due = []
    for number, client in enumerate(clients):
        wrong = number % 3 == 1
        batch = Batch(
            "street-0" if wrong else f"street-{number % 5}",
            [line_added(run.draw)],
            expected_version=99 if wrong else None,
        )
        due.append((wrong, client.settle(batch)))
    ends = await asyncio.gather(*(sending for _, sending in due))
    for (wrong, _), end in zip(due, ends, strict=True):
        conflict = end.reason == "VERSION_CONFLICT"
        run.expect(
            conflict if wrong else end.ok,
            f"among neighbours, {'conflicting' if wrong else 'well'}: {end.code} {end.reason}",
        )
