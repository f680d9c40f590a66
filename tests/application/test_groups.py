import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from journey.v1.groups_pb2 import (
    ON_PARK_HOLD,
    CreateGroupRequest,
    DeleteGroupRequest,
    GetGroupRequest,
    Group,
    ListGroupsRequest,
    SeekGroupRequest,
    UpdateGroupRequest,
)
from journey.v1.reading_pb2 import EventFilter, StartPoint
from journey_service.application.tokens import checkpoint_of_journal
from journey_service.domain.errors import (
    CheckpointAhead,
    CommandIdReused,
    EtagMismatch,
    FieldViolations,
    GroupExists,
    GroupNotFound,
    ParkedPresent,
    ScopeMissing,
    TokenMismatch,
)
from journey_service.domain.event_filter import filter_fingerprint
from journey_service.domain.identity import Principal
from tests.application.consumers import (
    BEGINNING,
    BILLING,
    END,
    command,
    group,
    group_scene,
    parked_scene,
)

# --- making, showing, changing --------------------------------------------------------------------


async def test_a_group_has_defaults_and_says_where_it_stands() -> None:
    stage = await group_scene()
    made = await stage.create()
    assert (made.lease_ms, made.max_attempts, made.max_backoff_ms) == (30_000, 10, 600_000)
    assert made.on_park == ON_PARK_HOLD
    assert (made.etag, made.stats.backlog) == ("1", 0)
    assert made.checkpoint
    assert await stage.stands() == made


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (Group(), "group.group_id"),
        (Group(group_id="billing"), "group.purpose"),
        (group(lease_ms=700_000), "group.lease_ms"),
        (group(max_attempts=5_000), "group.max_attempts"),
        (group(min_backoff_ms=-1), "group.min_backoff_ms"),
        (group(min_backoff_ms=9, max_backoff_ms=8), "group.max_backoff_ms"),
    ],
)
async def test_a_group_with_wrong_settings_is_refused(wrong: Group, path: str) -> None:
    stage = await group_scene()
    with pytest.raises(FieldViolations, match=path):
        await stage.application.create_group(
            BILLING, CreateGroupRequest(group=wrong, start=BEGINNING)
        )


async def test_a_group_without_a_start_is_refused() -> None:
    stage = await group_scene()
    with pytest.raises(FieldViolations, match="start"):
        await stage.application.create_group(BILLING, CreateGroupRequest(group=group()))


async def test_an_equal_group_may_be_made_again_where_that_is_allowed() -> None:
    stage = await group_scene()
    first = await stage.create()
    again = CreateGroupRequest(group=group(), start=END, allow_existing=True)
    assert (await stage.application.create_group(BILLING, again)).group == first
    for refused in (
        CreateGroupRequest(group=group(), start=END),
        CreateGroupRequest(group=group(max_attempts=2), start=END, allow_existing=True),
    ):
        with pytest.raises(GroupExists):
            await stage.application.create_group(BILLING, refused)


async def test_groups_are_listed_page_by_page_and_only_those_of_the_caller() -> None:
    stage = await group_scene()
    for name in ("a", "b", "c", "d"):
        await stage.create(group_id=name)
    caller = Principal(BILLING.role, "shop", scopes=frozenset({"group.b", "group.c", "group.d"}))
    names, token = [], ""
    while True:
        request = ListGroupsRequest(page_size=2, page_token=token)
        page = await stage.application.list_groups(caller, request)
        names.append([one.group_id for one in page.groups])
        token = page.next_page_token
        if not token:
            break
    assert names == [["b", "c"], ["d"]]
    with pytest.raises(TokenMismatch):
        await stage.application.list_groups(caller, ListGroupsRequest(page_token="damaged"))


async def test_a_caller_without_the_scope_is_refused_before_anything_is_looked_up() -> None:
    stage = await group_scene()
    stranger = Principal(BILLING.role, "stranger")
    for name in ("billing", "nobody"):
        with pytest.raises(ScopeMissing):
            await stage.application.get_group(stranger, GetGroupRequest(group_id=name))


async def test_settings_are_changed_at_the_version_they_were_read_at() -> None:
    stage = await group_scene()
    made = await stage.create()
    sent = Group(group_id="billing", max_attempts=3, purpose="other", etag=made.etag)
    request = UpdateGroupRequest(group=sent, update_mask=FieldMask(paths=["max_attempts"]))
    changed = (await stage.application.update_group(BILLING, request)).group
    assert (changed.max_attempts, changed.purpose, changed.etag) == (3, "necessary", "2")
    with pytest.raises(EtagMismatch):
        await stage.application.update_group(BILLING, request)
    request.group.etag = ""
    assert (await stage.application.update_group(BILLING, request)).group.etag == "3"


@pytest.mark.parametrize("paths", [[], ["filter"], ["max_attempts", "group_id"]])
async def test_what_never_changes_cannot_be_changed(paths: list[str]) -> None:
    stage = await group_scene()
    await stage.create()
    request = UpdateGroupRequest(group=group(), update_mask=FieldMask(paths=paths))
    with pytest.raises(FieldViolations, match="update_mask"):
        await stage.application.update_group(BILLING, request)


async def test_a_group_with_parked_events_is_deleted_by_force() -> None:
    stage = await parked_scene(1)
    request = DeleteGroupRequest(group_id="billing", etag="1")
    with pytest.raises(ParkedPresent):
        await stage.application.delete_group(BILLING, request)
    request.force, request.etag = True, "7"
    with pytest.raises(EtagMismatch):
        await stage.application.delete_group(BILLING, request)
    request.etag = "1"
    assert (await stage.application.delete_group(BILLING, request)).deleted
    assert not (await stage.application.delete_group(BILLING, request)).deleted
    with pytest.raises(GroupNotFound):
        await stage.stands()


async def test_consumers_of_a_deleted_group_are_told() -> None:
    stage = await group_scene()
    made = await stage.create()
    async with stage.consumer() as consumer:
        await consumer.frame("assignment")
        request = DeleteGroupRequest(group_id="billing", etag=made.etag)
        await stage.application.delete_group(BILLING, request)
        with pytest.raises(GroupNotFound):
            await consumer.next()


# --- moving ---------------------------------------------------------------------------------------


async def test_a_move_to_the_beginning_delivers_all_again_marked_as_replayed() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create()
    async with stage.consumer() as consumer:
        first = await consumer.one()
        assert not first.replayed
        await consumer.ack(first)
        second = await consumer.one()
        request = SeekGroupRequest(group_id="billing", target=BEGINNING, command_id=command())
        moved = await stage.application.seek_group(BILLING, request)
        assert moved.events == 2
        lost = await consumer.ack(second)
        assert [failure.delivery_id for failure in lost.failures] == [second.delivery_id]
        again = await consumer.one()
        assert (again.event.version, again.replayed, again.attempt) == (1, True, 1)
        repeated = await stage.application.seek_group(BILLING, request)
        assert repeated.events == 2
        assert repeated.group.stats.in_flight == 1


async def test_a_dry_move_counts_what_the_filter_keeps_and_moves_nothing() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    await stage.create(start=END, filter=EventFilter(types=["media.*"]))
    await stage.create(start=END, group_id="carts", filter=EventFilter(types=["cart.*"]))
    for name, events in (("billing", 2), ("carts", 0)):
        request = SeekGroupRequest(
            group_id=name, target=BEGINNING, dry_run=True, command_id=command()
        )
        answer = await stage.application.seek_group(BILLING, request)
        assert (answer.events, answer.group.stats.backlog) == (events, 0)


async def test_a_move_behind_a_checkpoint_and_to_a_moment() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    made = await stage.create(start=END)
    early = SeekGroupRequest(
        group_id="billing", target=StartPoint(recorded_ms=1), command_id=command()
    )
    assert (await stage.application.seek_group(BILLING, early)).group.stats.backlog == 2
    back = SeekGroupRequest(
        group_id="billing", target=StartPoint(checkpoint=made.checkpoint), command_id=command()
    )
    assert (await stage.application.seek_group(BILLING, back)).group.stats.backlog == 0


async def test_a_place_that_was_told_with_another_filter_is_none_of_the_groups() -> None:
    stage = await group_scene()
    await stage.record("mila", 2)
    media, carts = EventFilter(types=["media.*"]), EventFilter(types=["cart.*"])
    context = stage.application._context
    places = dict.fromkeys(range(context.journal.partition_count), 0)

    def told(shown: EventFilter) -> StartPoint:
        shown_as = filter_fingerprint(shown)
        return StartPoint(checkpoint=checkpoint_of_journal(context, places, shown=shown_as))

    with pytest.raises(TokenMismatch, match="filter"):
        await stage.create(start=told(carts), filter=media)
    made = await stage.create(start=told(media), filter=media)
    own = StartPoint(checkpoint=made.checkpoint)
    for target in (told(media), own):
        request = SeekGroupRequest(group_id="billing", target=target, command_id=command())
        assert (await stage.application.seek_group(BILLING, request)).events == 2
    wrong = SeekGroupRequest(group_id="billing", target=told(carts), command_id=command())
    with pytest.raises(TokenMismatch, match="filter"):
        await stage.application.seek_group(BILLING, wrong)


async def test_moves_that_make_no_sense_are_refused() -> None:
    stage = await group_scene()
    ahead = await group_scene()
    await stage.create()
    await ahead.record("mila")
    nowhere = SeekGroupRequest(group_id="billing", command_id=command())
    with pytest.raises(FieldViolations, match="target"):
        await stage.application.seek_group(BILLING, nowhere)
    foreign = (await ahead.create(start=END)).checkpoint
    damaged = SeekGroupRequest(
        group_id="billing", target=StartPoint(checkpoint=foreign), command_id=command()
    )
    with pytest.raises((TokenMismatch, CheckpointAhead)):
        await stage.application.seek_group(BILLING, damaged)
    unnamed = SeekGroupRequest(group_id="billing", target=BEGINNING)
    with pytest.raises(FieldViolations, match="command_id"):
        await stage.application.seek_group(BILLING, unnamed)


async def test_a_command_id_is_for_one_content() -> None:
    stage = await group_scene()
    await stage.create()
    name = command()
    first = SeekGroupRequest(group_id="billing", target=BEGINNING, command_id=name)
    await stage.application.seek_group(BILLING, first)
    other = SeekGroupRequest(group_id="billing", target=END, command_id=name)
    with pytest.raises(CommandIdReused):
        await stage.application.seek_group(BILLING, other)
