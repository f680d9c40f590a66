"""Writes docs/peers.md: `python -m tests.peers`."""

from tests.peers.page import PAGE, summary, text

PAGE.write_text(text(), encoding="utf-8")
print(summary())
