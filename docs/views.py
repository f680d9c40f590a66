"""What the page of the views tells: the catalogue, and what the comments of views.proto say."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from google.protobuf.descriptor import Descriptor

from journey.v1.access_pb2 import Role
from projections import VIEWS
from projections.view import StoredView, View

PROTO = Path(__file__).parent.parent / "protos" / "journey" / "v1" / "views.proto"
HEAD = re.compile(r"^(message|enum) (\w+) \{$")
MEMBER = re.compile(r"^  (?:(repeated )?([\w.]+) )?(\w+) = \d+;$")
HEADINGS = ("view", "what it is", "key behind the subject", "found by", "read by")
# What stands behind the subject in the key of a state.
KEYS: Mapping[str, str] = {
    "journeys": "kind and journey_id",
    "purchases": "journey_id of the order",
    "conversations": "journey_id of the conversation",
}


@dataclass(slots=True)
class Told:
    """A message or enum as its proto file tells it: name, type and comment of each member."""

    name: str
    comment: str
    members: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def headings(self) -> tuple[str, ...]:
        """Of its table: the values of an enum have no types."""
        return ("field", "type", "meaning") if self.members[0][1] else ("value", "meaning")

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Of its table."""
        for name, kind, meaning in self.members:
            yield (f"`{name}`", kind, meaning) if kind else (f"`{name}`", meaning)


@cache
def told() -> dict[str, Told]:
    """All of views.proto by name."""
    found: dict[str, Told] = {}
    last: Told | None = None
    comment: list[str] = []
    for line in PROTO.read_text("utf-8").splitlines():
        if line.strip().startswith("//"):
            comment.append(line.strip(" /"))
            continue
        if head := HEAD.match(line):
            last = found[head[2]] = Told(head[2], " ".join(comment))
        elif (member := MEMBER.match(line)) and last is not None:
            kind = f"{'list of ' if member[1] else ''}{member[2] or ''}"
            last.members.append((member[3], kind, " ".join(comment)))
        comment = []
    return found


def catalogue() -> Iterator[tuple[str, str, str, str, str]]:
    """Of each view: name, what it is, what its keys name, by what states are found, who reads."""
    for view in VIEWS:
        found_by = sorted(view.index) if isinstance(view, StoredView) else []
        roles = (Role.Name(role).removeprefix("ROLE_").lower() for role in view.read_roles)
        key = KEYS.get(view.name, "–")
        yield (
            f"`{view.name}`",
            view.description,
            key if isinstance(view, StoredView) else f"{key} (made when read)",
            ", ".join(found_by) or "–",
            ", ".join(sorted(roles)),
        )


def explained(view: View) -> str:
    """What the file of a view says of it, behind its first line."""
    made = view.publish if isinstance(view, StoredView) else view.derive
    return (inspect.getdoc(inspect.getmodule(made)) or "").partition("\n\n")[2]


def messages_of(view: View) -> list[Told]:
    """What a view publishes, and what that is made of, as far as views.proto tells it."""
    known = told()
    made = get_type_hints(view.publish).get("return") if isinstance(view, StoredView) else None
    descriptor: Descriptor | None = getattr(made, "DESCRIPTOR", None)
    if descriptor is None or descriptor.name not in known:
        return []
    return [known[name] for name in dict.fromkeys(_names(descriptor, known))]


def _names(descriptor: Descriptor, known: Mapping[str, Told]) -> Iterator[str]:
    yield descriptor.name
    for each in descriptor.fields:
        inner: Any = each.message_type or each.enum_type
        if inner is not None and inner.name in known:
            yield from _names(inner, known) if each.message_type else (inner.name,)
