"""Whether the database keeps what it acknowledges (rule R17). If not, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from journey_service.domain.errors import StorageUnavailable

_MUST_BE = {
    "fsync": "on",
    "full_page_writes": "on",
    "data_sync_retry": "off",
    "zero_damaged_pages": "off",
    "ignore_checksum_failure": "off",
}


def weaknesses(settings: Mapping[str, Any], *, checksums: bool) -> tuple[str, ...]:
    """The settings under which acknowledged events may be lost, as "name=value"; () = none.

    `settings` is a row of check_connection.sql. Checksums are asked of embedded servers alone.
    """
    wanted = dict(_MUST_BE, data_checksums="on") if checksums else _MUST_BE
    weak = [f"{name}={settings[name]}" for name, value in wanted.items() if settings[name] != value]
    if settings["synchronous_commit"] in {None, "off"}:
        weak.append(f"synchronous_commit={settings['synchronous_commit']}")
    return tuple(weak)


class DurabilityGuard:
    """Remembers what the newest connection said, and stands before every write."""

    def __init__(self, *, unsafe: bool) -> None:
        self._unsafe = unsafe
        # Called when the database is found to be safe again: older sessions may not be.
        self.recovered: Callable[[], None] = lambda: None
        self.weak: tuple[str, ...] = ()

    @property
    def writable(self) -> bool:
        """Whether writes are let through."""
        return self._unsafe or not self.weak

    def note(self, weak: tuple[str, ...]) -> None:
        """A connection was looked at; the last look counts."""
        before, self.weak = self.weak, weak
        if before and not weak:
            self.recovered()

    def check(self) -> None:
        """Raise StorageUnavailable, naming the settings, while acknowledged events may be lost."""
        if not self.writable:
            raise StorageUnavailable(
                "Nothing is written, because the database may lose what it acknowledges: "
                f"{', '.join(self.weak)}. Set it right, or start with --unsafe-durability.",
                settings=",".join(self.weak),
            )
