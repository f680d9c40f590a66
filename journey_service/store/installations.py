"""Which sign-in epoch of an installation counts, in every store."""

from __future__ import annotations

EPOCHS_AHEAD = 16


def epoch_in_force(stored: int, asked: int) -> int:
    """The greater of both: clients sign out offline, but not more than 16 times unseen."""
    return max(stored, min(asked, stored + EPOCHS_AHEAD))


def epoch_after_sign_out(stored: int, ended: int) -> int:
    """Behind the epoch that ended; signing out of it twice changes nothing."""
    return max(stored, ended + 1)
