"""Services that break one promise each, so that the checker can show that it notices."""

from collections.abc import Mapping
from typing import Protocol


class Mutant(Protocol):
    def apply(self) -> None: ...


MUTANTS: Mapping[str, Mutant] = {}
