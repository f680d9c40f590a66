"""One named case of a peer's suite."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour of a peer, in our words.

    `shown` names tests as file::function, or file::function[row of its table]. `differs` says
    why Journey does otherwise on purpose, `not_applicable` what it has no such thing for.
    """

    peer: str
    name: str
    says: str
    shown: tuple[str, ...] = ()
    differs: str = ""
    not_applicable: str = ""

    @property
    def standing(self) -> str:
        """holds, differs or not applicable."""
        if self.not_applicable:
            return "not applicable"
        return "differs" if self.differs else "holds"


def cases_in(peer: str, file: str, said: dict[str, str]) -> list[Case]:
    """Cases that are shown by `test_<name>` of a file."""
    return [Case(peer, name, says, (f"{file}::test_{name}",)) for name, says in said.items()]
