"""Waiting for something that tells nobody when it happens, and saying so."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

STEP_S = 0.005
_SILENCE_S = 0.9  # a person who waits hears something at least every second

Progress = Callable[[str], None]
T = TypeVar("T")


async def wait_for(look: Callable[[], T | None], *, saying: str, progress: Progress) -> T:
    """Look every 5 ms until `look` finds something that is true, and return it.

    While it waits, a line `saying` what for goes to `progress` every 0.9 s. There is no limit:
    who needs one puts `asyncio.timeout` around it.
    """
    began = heard = time.monotonic()
    while not (found := look()):
        await asyncio.sleep(STEP_S)
        now = time.monotonic()
        if now - heard >= _SILENCE_S:
            heard = now
            progress(f"{saying} ({now - began:.0f} s)")
    return found
