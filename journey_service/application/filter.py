"""Which journeys a watch shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from journey_service.domain.tokens import fingerprint

# Stands where kinds do, and names none.
NARROW = "\0narrow"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which journeys a watch shows; empty parts mean all."""

    kinds: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def fingerprint(self, *, narrow: bool = False) -> int:
        """Equal for equal filters; 0 for none. `narrow`: of who sees a part of the customer alone,
        which hides, too."""
        parts = [*sorted(self.kinds), "", *sorted(self.keys)]
        if narrow:
            return fingerprint(NARROW, *parts)
        return fingerprint(*parts) if len(parts) > 1 else 0

    def keep(self, keys: Collection[str]) -> list[str]:
        """Those keys that it shows."""
        return [key for key in keys if self._shows(key)]

    def _shows(self, key: str) -> bool:
        kind = key.partition("/")[0]
        return (not self.kinds or kind in self.kinds) and (not self.keys or key in self.keys)
