"""What our SQL must not say, as pure functions from text to complaints."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that no file may match, but those whose name holds `only_in`."""

    name: str
    pattern: re.Pattern[str]
    only_in: str | None = None


def rule(name: str, pattern: str, only_in: str | None = None) -> Rule:
    """Compile one rule; case never matters."""
    return Rule(name, re.compile(pattern, re.IGNORECASE | re.MULTILINE), only_in)


RULES = (
    rule("SERIALIZABLE", r"\bserializable\b"),
    rule("a sequence", r"\b(nextval|setval|(big|small)?serial|create\s+sequence|as\s+identity)\b"),
    rule("LOCK TABLE", r"(\A|;)\s*lock\s+"),
    rule("transaction ids", r"\b(xmin|xmax|txid_\w+|xid8?|pg_current_(xact|snap)\w*)\b"),
    rule("a trigger", r"\b(trigger|create\s+(or\s+replace\s+)?rule)\b"),
    rule("session-level SET", r"(\A|;)\s*set\s+(?!local\b|constraints\b)"),
    rule("session-level set_config", r"\bset_config\s*\([^()]*,\s*false\s*\)"),
    rule("NOTIFY", r"\b(pg_)?notify\b", only_in="hint"),
    rule("an advisory lock", r"\bpg_\w*advisory\w*", only_in="migrat"),
)
PARTITION = re.compile(r"\bpartitions?\b(?!\s+by\b)", re.IGNORECASE)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
TEXT = re.compile(r"'(?:[^']|'')*'")
TABLE = re.compile(
    r"\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([\w.\"]+)\s*\((.*?)\n?\)\s*"
    r"(?:partition\b[^;]*|with\s*\([^;]*\)[^;]*|using\b[^;]*)?(?:;|\Z)",
    re.IGNORECASE | re.DOTALL,
)
TABLE_KEY = re.compile(r"\b(?:primary\s+key|unique)\s*\(([^)]*)\)", re.IGNORECASE)
COLUMN_KEY = re.compile(r"^\s*(\w+)\s[^,(]*\b(?:primary\s+key|unique)\b(?!\s*\()", re.IGNORECASE)
UNIQUE_INDEX = re.compile(
    r"\bcreate\s+unique\s+index\b[^;]*?\bon\s+(?:only\s+)?([\w.\"]+)[^;(]*\(([^;]*?)\)",
    re.IGNORECASE,
)
ADDED_KEY = re.compile(
    r"\balter\s+table\s+(?:only\s+|if\s+exists\s+)*([\w.\"]+)[^;]*?"
    r"\b(?:primary\s+key|unique)\s*\(([^)]*)\)",
    re.IGNORECASE,
)


def without_comments(sql: str) -> str:
    """The statement alone: no comments, literals emptied."""
    return TEXT.sub("''", COMMENT.sub(" ", sql))


def forbidden(sql: str, file_stem: str) -> list[str]:
    """Names of the rules that the text of a file breaks."""
    bare = without_comments(sql)
    return [
        rule.name
        for rule in RULES
        if rule.pattern.search(bare) and not (rule.only_in and rule.only_in in file_stem)
    ]


def binds_partition(sql: str) -> bool:
    """Whether a statement says which partitions it is about."""
    return PARTITION.search(without_comments(sql)) is not None


def unique_keys(sql: str) -> Iterator[tuple[str, str]]:
    """(table, columns) of every unique key that a migration makes."""
    bare = without_comments(sql)
    for table, body in TABLE.findall(bare):
        yield from ((table, columns) for columns in TABLE_KEY.findall(body))
        for line in body.split(","):
            yield from ((table, column) for column in COLUMN_KEY.findall(line.strip()))
    yield from UNIQUE_INDEX.findall(bare)
    yield from ADDED_KEY.findall(bare)


def keys_without_partition(sql: str) -> list[str]:
    """Tables with a unique key that the partition is not part of."""
    return [
        table.strip('"').split(".")[-1]
        for table, columns in unique_keys(sql)
        if not re.search(r"\bpartition\b", columns, re.IGNORECASE)
    ]
