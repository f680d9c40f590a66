"""Declarations of custom kinds: what a file may say, and what is refused with its place."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import projections
from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE
from journey.v1.clocks_pb2 import ClientClock
from journey.v1.errors_pb2 import ERROR_REASON_TYPE_UNKNOWN
from journey.v1.events_pb2 import OUTCOME_ACCEPTED
from journey.v1.interactions_pb2 import Custom, Interaction
from journey.v1.journey_service_pb2 import (
    ListJourneysRequest,
    RecordRequest,
    RecordResult,
)
from journey.v1.references_pb2 import JourneyRef
from journey.v1.rules_pb2 import INTERACTION_CLASS_INTENT
from journey_service.bootstrap import Service, serve
from journey_service.config import SettingsError
from journey_service.declarations import Declarations, load_declarations
from journey_service.domain.formats import CustomType
from journey_service.domain.identity import Principal
from journey_service.embedded.keys import Secrets
from journey_service.settings import Settings
from journey_service.store.memory import MemoryStore
from projections import thresholds
from projections.journeys.custom import Condition, CustomKind, Part

SHOP = Principal(ROLE_SERVICE, "shop")

DAY_MS = 24 * 60 * 60 * 1_000
WHOLE = """
[[kind]]
name = "quest"
archive_after_days = 30
finished = { field = "level", at_least = 10 }
listed = [{ field = "stage", present = true }, { field = "mood", equals = "brave" }]
[kind.fields]
stage = "latest_with_conflicts"
mood = "latest"
level = "max"
badges = "tags"
coins = "quantity"

[[kind]]
name = "pet"
[kind.fields]
mood = "latest"

[[interaction]]
name = "quest.moved"
roles = ["device", "service"]
purpose = "functional"

[[interaction]]
name = "pet.fed"
"""


@pytest.fixture
def declare(tmp_path: Path) -> Path:
    return tmp_path / "declarations.toml"


def load(path: Path, text: str) -> Declarations:
    path.write_text(text, "utf-8")
    return load_declarations(path)


def test_a_file_declares_kinds_and_the_interactions_that_fill_them(declare: Path) -> None:
    declarations = load(declare, WHOLE)
    quest, pet = declarations.kinds
    assert quest == CustomKind(
        "quest",
        {
            "stage": Part.LATEST_WITH_CONFLICTS,
            "mood": Part.LATEST,
            "level": Part.MAX,
            "badges": Part.TAGS,
            "coins": Part.QUANTITY,
        },
        finished=(Condition("level", at_least=10),),
        listed=(Condition("stage", present=True), Condition("mood", equals="brave")),
        archive_after_ms=30 * DAY_MS,
    )
    assert pet == CustomKind("pet", {"mood": Part.LATEST})
    assert pet.archive_after_ms == thresholds.ARCHIVE_AFTER_MS
    assert declarations.types == {
        "quest.moved": CustomType(frozenset({ROLE_DEVICE, ROLE_SERVICE}), "functional"),
        "pet.fed": CustomType(),
    }


def test_the_rules_of_recording_know_what_is_declared(declare: Path) -> None:
    declared = load(declare, WHOLE).declared()
    assert declared.custom_kinds == {"quest", "pet"}
    assert set(declared.custom_types) == {"quest.moved", "pet.fed"}


def test_the_file_that_the_guide_shows_can_be_loaded(declare: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/declare-a-kind.md").read_text("utf-8")
    shown = guide.partition("```toml\n")[2].partition("```")[0]
    declarations = load(declare, shown)
    assert [kind.name for kind in declarations.kinds] == ["quest"]
    assert [*declarations.types] == ["quest.moved"]


def test_an_empty_file_declares_nothing(declare: Path) -> None:
    assert load(declare, "") == Declarations()


KIND = '[[kind]]\nname = "quest"\n'
FIELDS = '[kind.fields]\nlevel = "max"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kind = 1", "kind must be tables, [[kind]]"),
        ("[interaction]", "interaction must be tables, [[interaction]]"),
        ("[[kinds]]", "kinds: none of interaction, kind"),
        ("[[kind]]\n" + FIELDS, "kind 1: name must be 1 to 32 characters"),
        ('[[kind]]\nname = "Quest"\n' + FIELDS, "kind Quest: name must be 1 to 32 characters"),
        ('[[kind]]\nname = "cart"\n' + FIELDS, "kind cart: this kind is built in"),
        (KIND, "kind quest: fields must name 1 to 16 fields"),
        (KIND + "fields = 3", "kind quest: fields must name 1 to 16 fields"),
        (
            KIND + "[kind.fields]\n" + "\n".join(f'f{n} = "max"' for n in range(17)),
            "kind quest: fields must name 1 to 16 fields",
        ),
        (
            KIND + '[kind.fields]\nlevel = "sum"\n',
            "'sum' is none of the parts latest, latest_with_conflicts, max, tags, quantity",
        ),
        (KIND + "[kind.fields]\nlevel = 3\n", "kind quest: fields.level: 3 is none of the parts"),
        (KIND + "colour = 3\n" + FIELDS, "kind quest: colour: none of archive_after_days"),
        (KIND + "archive_after_days = 0\n" + FIELDS, "archive_after_days must be a whole number"),
        (KIND + "archive_after_days = true\n" + FIELDS, "archive_after_days must be a whole"),
        (KIND + "finished = 3\n" + FIELDS, "finished: a condition names one of the fields"),
        (
            KIND + 'listed = { field = "x", present = true }\n' + FIELDS,
            "listed: a condition names one of the fields as field",
        ),
        (
            KIND + 'listed = [{ field = "level" }]\n' + FIELDS,
            "listed: a condition has one of at_least, equals, present",
        ),
        (
            KIND + 'listed = { field = "level", at_most = 3 }\n' + FIELDS,
            "listed: a condition has one of at_least, equals, present",
        ),
        (
            KIND + 'listed = { field = "level", at_least = 3, present = true }\n' + FIELDS,
            "listed: a condition has one of at_least, equals, present",
        ),
        (
            KIND + 'listed = { field = "level", at_least = 1.5 }\n' + FIELDS,
            "listed: at_least cannot be 1.5",
        ),
        (KIND + FIELDS + KIND + FIELDS, "kind quest: is there twice"),
        ("[[interaction]]", "interaction 1: name must be text"),
        ('[[interaction]]\nname = "moved"', "interaction moved: name must be 2 to 4 words"),
        (
            '[[interaction]]\nname = "cart.x"',
            "interaction cart.x: name must not begin with a group",
        ),
        (
            '[[interaction]]\nname = "quest.moved"\npurpose = "fun"',
            "interaction quest.moved: purpose must be a known purpose",
        ),
        (
            '[[interaction]]\nname = "quest.moved"\npurpose = 3',
            "interaction quest.moved: purpose must be text",
        ),
        *(
            (
                f'[[interaction]]\nname = "quest.moved"\nroles = {roles}',
                "interaction quest.moved: roles must be some of device, staff, service",
            )
            for roles in ("3", "[]", '["operator"]', "[[1]]")
        ),
        ('[[interaction]]\nname = "quest.moved"\nrole = 3', "role: none of name, purpose, roles"),
        ('[[interaction]]\nname = "q.m"\n[[interaction]]\nname = "q.m"', "q.m: is there twice"),
        ("[[kind", "Expected"),
    ],
)
def test_what_is_wrong_is_refused_with_file_entry_and_rule(
    declare: Path, text: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(declare, text)
    assert problem in str(refused.value)
    assert str(refused.value).startswith(f"{declare}: ")


def test_all_wrong_entries_are_told_at_once(declare: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load(declare, KIND + '[[interaction]]\nname = "moved"')
    assert len(str(refused.value).splitlines()) == 2


def test_all_that_is_wrong_with_one_entry_is_told_at_once(declare: Path) -> None:
    text = """
[[kind]]
name = "Quest"
colour = 3
archive_after_days = 0
finished = [{ field = "level", at_least = 1.5 }, { field = "goal", present = true }]
[kind.fields]
level = "sum"
coins = 3

[[interaction]]
name = "moved"
purpose = 3
roles = []
"""
    with pytest.raises(SettingsError) as refused:
        load(declare, text)
    told = [line.removeprefix(f"{declare}: ") for line in str(refused.value).splitlines()]
    assert [" ".join(line.split()[:4]) for line in told] == [
        "kind Quest: colour: none",
        "kind Quest: name must",
        "kind Quest: fields.level: 'sum'",
        "kind Quest: fields.coins: 3",
        "kind Quest: finished: at_least",
        "kind Quest: finished: a",
        "kind Quest: archive_after_days must",
        "interaction moved: name must",
        "interaction moved: purpose must",
        "interaction moved: roles must",
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.toml"):
        load_declarations(tmp_path / "missing.toml")


# --- a service with declarations -----------------------------------------------------------------


@asynccontextmanager
async def served(declarations: Path | None) -> AsyncIterator[Service]:
    """The service as it is started, on a store in memory."""
    settings = Settings(
        grpc_address="127.0.0.1:0",
        operations_address="",
        drain_notice_ms=0,
        drain_grace_ms=100,
        declarations_file=declarations,
    )
    secrets = Secrets({1: b"m" * 32}, b"t" * 32, b"s" * 32, b"i" * 32, {})
    try:
        async with serve(MemoryStore(settings), settings, secrets) as service:
            yield service
    finally:
        projections.declare([])


async def test_a_declared_kind_is_recorded_read_and_listed_and_others_are_refused(
    declare: Path,
) -> None:
    declare.write_text(WHOLE, "utf-8")
    async with served(declare) as service:
        results = await record(service, "quest.moved", '{"stage": "gate", "mood": "brave"}')
        assert [each.outcome for each in results] == [OUTCOME_ACCEPTED]
        unknown = await record(service, "quest.slept", "{}")
        assert [each.reason for each in unknown] == [ERROR_REASON_TYPE_UNKNOWN]
        request = ListJourneysRequest(subject_id="mila", kinds=["quest"])
        listed = await service.application.list_journeys(SHOP, request, deadline=None)
    (journey,) = listed.journeys
    assert (journey.ref.kind, journey.custom.json) == ("quest", '{"mood":"brave","stage":"gate"}')


async def test_without_declarations_there_are_no_custom_kinds() -> None:
    async with served(None) as service:
        (refused,) = await record(service, "quest.moved", '{"stage": "gate"}')
    assert refused.reason == ERROR_REASON_TYPE_UNKNOWN


async def test_a_service_whose_declarations_are_wrong_does_not_start(declare: Path) -> None:
    declare.write_text("[[kind]]", "utf-8")
    with pytest.raises(SettingsError, match="kind 1"):
        async with served(declare):
            pass


async def record(service: Service, name: str, json: str) -> Sequence[RecordResult]:
    """What becomes of one custom interaction that the shop records."""
    now_ms = service.application.now_ms()
    body = Custom(name=name, interaction_class=INTERACTION_CLASS_INTENT, json=json)
    interaction = Interaction(
        event_id=str(uuid.uuid4()),
        wall_ms=now_ms,
        journey=JourneyRef(kind="quest", journey_id="garden"),
        custom=body,
    )
    request = RecordRequest(
        subject_id="mila", interactions=[interaction], clock=ClientClock(sent_wall_ms=now_ms)
    )
    response = await service.application.record(SHOP, request, received_ms=now_ms, deadline=None)
    return response.results
