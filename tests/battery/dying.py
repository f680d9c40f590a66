"""A device of the client library that writes its calls into the history, and kills itself.

    python -m tests.battery.dying FOLDER NAME SUBJECT ADDRESS TOKEN STORE POINT NTH ACTS TOGETHER

FOLDER is where histories lie, NAME this life of the device in it, SUBJECT whose stream it writes.
The rest is as in `tests.client.killed`, whose traps it sets; TOGETHER acts make a batch.
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from journey.v1.interactions_pb2 import Interaction
from journey_client import JourneyError, interactions
from journey_client._calls import Calls
from journey_client._store import Store
from tests.battery.client import answer_of
from tests.battery.content import hash_of
from tests.client.killed import act, set_traps
from tests.history.recorder import CallOutcome, Recorder


class Noted:
    """What a device asks for and what it is answered, as the history holds it."""

    def __init__(self, recorder: Recorder, subject: str, address: str) -> None:
        self._recorder = recorder
        self._subject = subject
        self._address = address
        self._installation = ""

    def listen(self) -> None:
        """From now on note every call, before it is sent; and whose installation it is."""
        load, ask = Store.load, Calls._try

        def loaded(store: Store, account: str, *, visits: bool = False) -> Any:
            contents = load(store, account, visits=visits)
            self._installation = contents.installation_id
            return contents

        async def asked(
            calls: Any, method: Any, request: Any, seconds: float, *, bare: bool
        ) -> Any:
            return await self._note(
                method.path, request, lambda: ask(calls, method, request, seconds, bare=bare)
            )

        Store.load = loaded  # type: ignore[method-assign,assignment]
        Calls._try = asked  # type: ignore[method-assign,assignment]

    async def _note(self, path: str, request: Any, ask: Callable[[], Any]) -> Any:
        rpc = path.rpartition("/")[2]
        sent = request.interactions if rpc == "Record" else ()
        call_id = self._recorder.call(
            proc=self._recorder.process,
            rpc=rpc,
            subject=self._subject,
            installation=self._installation,
            first_seq=sent[0].seq if sent else 0,
            event_ids=[interaction.event_id for interaction in sent],
            hashes=[hash_of(interaction) for interaction in sent],
            connection=self._address,
        )
        try:
            answer = await ask()
        except JourneyError as error:
            outcome: CallOutcome = "unknown" if error.outcome == "unknown" else "fail"
            self._recorder.result(call_id, outcome, code=error.code.name, reason=error.reason)
            raise
        answers = [answer_of(result) for result in answer.results] if sent else ()
        processed = answer.processed_seq if sent else 0
        self._recorder.result(call_id, "ok", answers=answers, processed_seq=processed)
        return answer


def whole_line() -> Interaction:
    """A line that leaves nothing to the service's defaults: it is stored as it is sent."""
    made = interactions.cart_line_added("tea")
    made.cart_line_added.line.line_key, made.cart_line_added.line.unit = "tea", "C62"
    return made


def main() -> None:
    """Be the device."""
    folder, name, subject, address, token, store, point, nth, acts, together = sys.argv[1:]
    with Recorder(Path(folder), name) as recorder:
        Noted(recorder, subject, address).listen()
        set_traps(point, int(nth))
        life = act(address, token, Path(store), int(acts), together=int(together), make=whole_line)
        asyncio.run(life)


if __name__ == "__main__":
    main()
