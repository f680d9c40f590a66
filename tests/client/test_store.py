import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from journey.v1.interactions_pb2 import Interaction
from journey.v1.journey_service_pb2 import RecordResult
from journey.v1.journeys_pb2 import Journey
from journey.v1.references_pb2 import JourneyRef
from journey.v1.sessions_pb2 import Command, CommandResult
from journey_client import MediaRuns, StoreInUse, ids, interactions
from journey_client._copy import Copy, JourneyKey
from journey_client._kept import VISITOR, CopyChange, Item, Refusal, Who
from journey_client._store import Store
from journey_client.recording import BatchLimits

TWO = BatchLimits(interactions=2)
MANY = BatchLimits()
CART = JourneyKey("cart", "main")


def item(sku: str = "tea", subject: str = "mila", epoch: int = 1, account: str = "") -> Item:
    return kept(interactions.cart_line_added(sku), subject, epoch, account)


def kept(
    interaction: Interaction, subject: str = "mila", epoch: int = 1, account: str = ""
) -> Item:
    interaction.event_id = ids.event_id()
    size = interaction.ByteSize()
    return Item(interaction, account=account, subject_id=subject, epoch=epoch, t_ms=1, size=size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "phone.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(path)
    opened.load("mila")
    yield opened
    opened.close()


def again(store: Store, path: Path) -> Store:
    """Close and open it, as a restart does."""
    store.close()
    return Store.open(path)


def test_what_is_kept_is_there_after_a_restart(store: Store, path: Path) -> None:
    items = [item("tea"), item("milk")]
    store.keep(items)
    installation = store.load("").installation_id
    reopened = again(store, path)
    contents = reopened.load("")
    assert contents.installation_id == installation
    assert [each.interaction for each in contents.items] == [each.interaction for each in items]
    assert all(each.waiting and each.shown and not each.seq for each in contents.items)
    reopened.close()


def test_numbers_are_given_when_a_batch_is_made_and_stay(store: Store, path: Path) -> None:
    store.keep([item() for _ in range(3)])
    first = store.next_batch("mila", TWO)
    assert [each.seq for each in first] == [each.interaction.seq for each in first] == [1, 2]
    reopened = again(store, path)
    same = reopened.next_batch("mila", MANY)
    assert [each.event_id for each in same[:2]] == [each.event_id for each in first]
    assert [each.seq for each in same] == [1, 2, 3]
    reopened.close()


def test_a_number_is_never_used_for_another_content(store: Store) -> None:
    store.keep([item()])
    (sent,) = store.next_batch("mila", MANY)
    store.settle([sent.event_id], [], 0)
    store.keep([item()])
    assert [each.seq for each in store.next_batch("mila", MANY)] == [2]


def test_each_subject_has_its_own_numbers_and_its_own_queue(store: Store) -> None:
    store.keep([item(subject="mila"), item(subject="anna"), item(subject="mila")])
    assert [each.seq for each in store.next_batch("mila", MANY)] == [1, 2]
    assert [each.seq for each in store.next_batch("anna", MANY)] == [1]


def test_a_batch_is_of_one_sign_in_epoch(store: Store) -> None:
    store.keep([item(epoch=1), item(epoch=1), item(epoch=2)])
    first = store.next_batch("mila", MANY)
    assert [(each.seq, each.epoch) for each in first] == [(1, 1), (2, 1)]
    store.settle([each.event_id for each in first], [], 0)
    assert [(each.seq, each.epoch) for each in store.next_batch("mila", MANY)] == [(3, 2)]


def test_an_item_leaves_the_queue_only_with_its_own_answer(store: Store) -> None:
    store.keep([item() for _ in range(3)])
    batch = store.next_batch("mila", MANY)
    store.settle([batch[1].event_id], [], 0)
    assert [each.seq for each in store.next_batch("mila", MANY)] == [1]
    store.settle([batch[0].event_id], [], 0)
    assert [each.seq for each in store.next_batch("mila", MANY)] == [3]


def test_what_is_answered_is_shown_until_the_copy_holds_it(store: Store, path: Path) -> None:
    store.keep([item(), item()])
    first, _ = store.next_batch("mila", MANY)
    store.settle([first.event_id], [], 0)
    assert [each.waiting for each in store.load("").items] == [False, True]
    copy = Copy(token="t", processed={(1, "mila"): 2})
    store.keep_copy(CopyChange(copy, (), (), "mila", processed_of="mila", processed_seq=2))
    (left,) = store.load("").items
    assert (left.seq, left.waiting, left.shown) == (2, True, 0)


def test_a_batch_holds_what_may_travel_together(store: Store) -> None:
    store.keep([kept(interactions.cart_line_added("tea", name="n" * 150)) for _ in range(9)])
    small = BatchLimits(interactions=200, size_bytes=1_024 + 3 * 250)
    assert len(store.next_batch("mila", small)) == 3


def test_reports_of_a_run_are_compacted_to_the_first_and_the_furthest(store: Store) -> None:
    film, other = MediaRuns("film"), MediaRuns("other")
    film.played(0)
    other.played(0)
    reports = [kept(film.progressed(point)) for point in (1, 2, 9, 4)]
    store.keep([*reports, kept(other.progressed(3)), item()])
    gone = store.compact()
    assert gone == {reports[1].event_id, reports[3].event_id}
    assert len(store.load("").items) == 4


def test_what_has_a_number_is_not_compacted(store: Store) -> None:
    film = MediaRuns("film")
    film.played(0)
    store.keep([kept(film.progressed(point)) for point in (1, 2, 3)])
    store.next_batch("mila", MANY)
    assert store.compact() == set()


def test_a_new_installation_id_means_numbers_from_one_under_the_same_ids(store: Store) -> None:
    before = store.load("").installation_id
    store.keep([item(), item(), item()])
    first, *_ = batch = store.next_batch("mila", MANY)
    store.settle([first.event_id], [], 0)
    assert store.renumber() == store.load("").installation_id != before
    renumbered = store.next_batch("mila", MANY)
    assert [each.event_id for each in renumbered] == [each.event_id for each in batch[1:]]
    assert [each.seq for each in renumbered] == [1, 2]


def test_what_was_recorded_before_the_subject_was_known_belongs_to_its_account(
    store: Store,
) -> None:
    store.keep([item(subject="", epoch=0, account="mila")])
    store.keep([item(subject="", epoch=0, account="anna")])
    store.bind("mila", "subject-of-mila", 3)
    (sent,) = store.next_batch("subject-of-mila", MANY)
    assert sent.epoch == 3
    assert store.load("mila").subject_id == "subject-of-mila"
    assert store.load("anna").subject_id == ""


def test_a_visitor_of_a_store_is_the_same_until_somebody_signs_out(
    store: Store, path: Path
) -> None:
    assert store.load(VISITOR).account == "visitor/0"
    store.bind("visitor/0", "anonymous", 0)
    store.note_person("mila")
    reopened = again(store, path)
    assert reopened.load("").account == "mila"
    visitor = reopened.load(VISITOR)
    assert (visitor.account, visitor.subject_id) == ("visitor/0", "anonymous")
    reopened.note_person("visitor/1")
    assert reopened.load(VISITOR).account == "visitor/1"
    reopened.close()


def test_what_a_visitor_left_unsent_comes_before_who_signed_in(store: Store) -> None:
    store.bind("mila", "of mila", 0)
    assert store.load("mila", visits=True).following is None
    store.keep([item(subject="", epoch=0, account="visitor/0")])
    assert store.load("mila").following is None  # an application without visitors
    contents = store.load("mila", visits=True)
    assert (contents.account, contents.following) == ("visitor/0", Who("mila", "of mila", 0))


def test_a_new_installation_id_has_no_secret_and_takes_the_visitors_queue_over(
    store: Store,
) -> None:
    store.keep_secret("secret")
    items = [
        item("tea", subject="anonymous", account="visitor/0"),
        item("milk", subject="of mila", account="mila"),
    ]
    store.keep(items)
    assert store.load("").secret == "secret"
    store.renumber()
    contents = store.load("")
    assert contents.secret == ""
    assert [each.subject_id for each in contents.items] == ["", "of mila"]


def test_a_refusal_stays_until_it_was_told(store: Store, path: Path) -> None:
    store.keep([item()])
    (sent,) = store.next_batch("mila", MANY)
    store.settle([sent.event_id], [Refusal(sent.interaction, RecordResult(seq=1))], 2)
    reopened = again(store, path)
    contents = reopened.load("")
    assert [each.interaction.event_id for each in contents.refusals] == [sent.event_id]
    assert contents.quarantined == 2
    reopened.forget_refusal(sent.event_id)
    assert reopened.load("").refusals == []
    reopened.close()


def test_the_copy_is_there_after_a_restart(store: Store, path: Path) -> None:
    cart = Journey(ref=JourneyRef(kind="cart", journey_id="main"), updated_at_ms=7)
    film = Journey(ref=JourneyRef(kind="media", journey_id="a/b"))
    keys = (JourneyKey("media", "a/b"), CART)
    copy = Copy(
        journeys={CART: cart, keys[0]: film},
        continue_keys=keys,
        processed={(1, "mila"): 4},
        customer_id="c",
        truncated=True,
        token="t1",
    )
    store.keep_copy(CopyChange(copy, keys, (), "mila"))
    reopened = again(store, path)
    contents = reopened.load("")
    assert contents.copy_of == "mila"
    assert contents.copy.journeys == {CART: cart, keys[0]: film}
    assert contents.copy.continue_keys == keys
    assert contents.copy.processed == {(1, "mila"): 4}
    assert (contents.copy.token, contents.copy.customer_id) == ("t1", "c")
    assert contents.copy.truncated
    reopened.keep_copy(CopyChange(Copy(token="t2"), (), [CART], "mila"))
    assert reopened.load("").copy.journeys.keys() == {keys[0]}
    reopened.keep_copy(CopyChange(Copy(token="t3"), (), (), "mila", whole=True))
    assert reopened.load("").copy.journeys == {}
    reopened.close()


def test_a_command_is_kept_once_with_what_became_of_it(store: Store) -> None:
    store.keep_command(Command(id="c"))
    store.keep_command(Command(id="c"))
    store.keep_result(CommandResult(id="c", done=True))
    (command,) = store.load("").commands
    assert command.result == CommandResult(id="c", done=True)
    store.told_results(["c"])
    assert store.load("").commands[0].told


def test_an_erased_subject_leaves_nothing_and_others_keep_theirs(store: Store) -> None:
    store.keep([item(subject="mila"), item(subject="anna")])
    store.keep_copy(CopyChange(Copy(token="t"), (), (), "mila"))
    store.wipe_subject("mila")
    contents = store.load("")
    assert [each.subject_id for each in contents.items] == ["anna"]
    assert contents.copy.token == ""


def test_a_wiped_store_is_a_new_installation_with_nothing_in_it(store: Store, path: Path) -> None:
    before = store.load("").installation_id
    secret = "a-very-private-thing"
    store.keep([kept(interactions.cart_line_added(secret))])
    store.wipe()
    contents = store.load("")
    assert contents.installation_id != before
    assert contents.items == []
    store.close()
    assert not any(secret.encode() in each.read_bytes() for each in path.parent.iterdir())
    Store.open(path).close()


def test_a_second_process_is_told_that_the_store_is_in_use(store: Store, path: Path) -> None:
    with pytest.raises(StoreInUse, match="a file of its own"):
        Store.open(path)


def killed_in_mid_write(path: Path) -> None:
    store = Store.open(path)
    store.load("mila")
    store.keep([item("tea")])
    with store._database.transaction():
        store._add(item("milk"))
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_leaves_the_store_free_and_whole(path: Path) -> None:
    victim = multiprocessing.get_context("spawn").Process(target=killed_in_mid_write, args=(path,))
    victim.start()
    victim.join(30)
    assert victim.exitcode == -signal.SIGKILL
    store = Store.open(path)
    left = store.load("").items
    store.close()
    assert [each.interaction.cart_line_added.line.product.sku for each in left] == ["tea"]
    assert store.lost == ""


def torn(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4_000] = b"\xff" * 3_900
    path.write_bytes(content)


def of_another_schema(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()


def of_another_program(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE notes (text)")
    file.close()


def no_database(path: Path) -> None:
    path.write_bytes(b"what is this? " * 100)


def with_a_changed_item(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE items SET content = zeroblob(length(content))")
    file.close()


@pytest.mark.parametrize(
    "damage", [torn, of_another_schema, of_another_program, no_database, with_a_changed_item]
)
def test_what_cannot_be_read_is_moved_aside_and_said_so(
    store: Store, path: Path, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    store.keep([item()])
    store.next_batch("mila", MANY)
    before = store.load("").installation_id
    store.close()
    damage(path)  # type: ignore[operator]
    reopened = Store.open(path)
    contents = reopened.load("")
    reopened.close()
    assert "cannot be read" in reopened.lost
    assert "new installation" in caplog.text
    assert contents.installation_id != before
    assert contents.items == []
    assert any(".unreadable-" in each.name for each in path.parent.iterdir())
