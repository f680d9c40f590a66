import pytest

from journey_service.domain.errors import EventUnreadable
from journey_service.store.codec import open_sealed, seal
from journey_service.store.keys import KeyRing, fields

OLD, NEW = b"o" * 32, b"n" * 32


def ring(*keys: bytes, entries: int = 100, life_s: float = 5.0, journal: str = "j") -> KeyRing:
    masters = dict(enumerate(keys or (OLD,), 1))
    return KeyRing(journal, masters, entries=entries, life_s=life_s)


def test_what_is_sealed_opens_with_the_wrapped_key_alone() -> None:
    keys = ring().make("ann")
    sealed = seal(keys, b"content", "states", "media/film")
    again = ring().look("ann", keys.wrapped)
    assert open_sealed(again, sealed, 1, "states", "media/film") == b"content"
    assert b"content" not in sealed


@pytest.mark.parametrize(
    "place",
    [("states", "media/film2"), ("state", "smedia/film"), ("states",), ("states", "media", "film")],
)
def test_it_opens_at_no_other_place(place: tuple[str, ...]) -> None:
    keys = ring().make("ann")
    sealed = seal(keys, b"content", "states", "media/film")
    with pytest.raises(EventUnreadable):
        open_sealed(keys, sealed, 1, *place)


@pytest.mark.parametrize("version", [-1, 0, 2, 2**40])
def test_a_key_version_that_is_not_there_opens_nothing(version: int) -> None:
    keys = ring().make("ann")
    with pytest.raises(EventUnreadable):
        open_sealed(keys, seal(keys, b"content", "x"), version, "x")


def test_two_sealings_of_the_same_differ() -> None:
    keys = ring().make("ann")
    assert len({seal(keys, b"same", "x") for _ in range(50)}) == 50


def test_every_subject_has_a_key_of_its_own() -> None:
    maker = ring()
    ann, bob = maker.make("ann"), maker.make("bob")
    with pytest.raises(EventUnreadable):
        open_sealed(bob, seal(ann, b"content", "x"), 1, "x")


@pytest.mark.parametrize(("subject", "journal"), [("bob", "j"), ("ann", "another journal")])
def test_a_wrapped_key_opens_for_its_subject_and_journal_alone(subject: str, journal: str) -> None:
    wrapped = ring().make("ann").wrapped
    with pytest.raises(EventUnreadable):
        ring(journal=journal).look(subject, wrapped)


def test_a_new_master_key_wraps_and_the_old_one_still_opens() -> None:
    old = ring(OLD).make("ann").wrapped
    both = ring(OLD, NEW)
    assert both.look("ann", old).version == 1
    new = both.make("bob").wrapped
    with pytest.raises(EventUnreadable, match="version 2 of the master key"):
        ring(OLD).look("bob", new)


@pytest.mark.parametrize("damaged", [b"", b"\0\1", b"\0\1" + b"x" * 60])
def test_a_damaged_wrap_opens_nothing(damaged: bytes) -> None:
    with pytest.raises(EventUnreadable):
        ring().look("ann", [damaged])


def test_a_subject_may_have_several_keys_and_the_last_one_seals() -> None:
    maker = ring()
    first = maker.make("ann")
    second = maker._wrap("ann", b"s" * 32, key_version=2)
    both = maker.look("ann", [*first.wrapped, second])
    assert both.version == 2
    assert open_sealed(both, seal(first, b"old", "x"), 1, "x") == b"old"
    assert open_sealed(both, seal(both, b"new", "x"), 2, "x") == b"new"


def test_keys_are_remembered_for_a_while_and_up_to_a_number() -> None:
    maker = ring(entries=2)
    for name in ("ann", "bob", "cid"):
        maker.look(name, maker.make(name).wrapped)
    assert maker.remembered("ann") is None
    assert maker.remembered("cid") is not None
    maker.forget("cid")
    assert maker.remembered("cid") is None
    hurried = ring(life_s=0)
    hurried.look("ann", hurried.make("ann").wrapped)
    assert hurried.remembered("ann") is None


def test_another_wrap_of_a_known_subject_is_opened_anew() -> None:
    maker = ring()
    first, second = maker.make("ann"), maker.make("ann")
    assert maker.look("ann", first.wrapped).wrapped == first.wrapped
    assert maker.look("ann", second.wrapped).wrapped == second.wrapped


def test_no_two_places_have_the_same_bytes() -> None:
    places: list[tuple[bytes | str | int, ...]] = [
        ("ab", "c"),
        ("a", "bc"),
        ("abc",),
        ("abc", ""),
        (b"abc", 1),
        (b"abc", -1),
        ("a", "b", "c"),
    ]
    assert len({fields(*place) for place in places}) == len(places)


def test_an_erased_key_is_not_remembered_again_by_who_found_it_before() -> None:
    maker = ring()
    ann = maker.make("ann")
    maker.remember("ann", ann)
    maker.erased("ann")
    maker.look("ann", ann.wrapped)
    assert maker.remembered("ann") is None


def test_so_many_erased_subjects_are_kept_as_keys() -> None:
    maker = ring(entries=1)
    ann = maker.make("ann")
    maker.erased("ann")
    maker.erased("bob")
    maker.remember("ann", ann)
    assert maker.remembered("ann") is ann
