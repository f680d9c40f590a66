import uuid
import zlib

from journey_client import ids


def test_event_ids_are_uuids_of_version_7_with_their_time() -> None:
    made = uuid.UUID(ids.event_id(1_700_000_000_123))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == 1_700_000_000_123


def test_two_event_ids_of_one_millisecond_differ() -> None:
    assert ids.event_id(1) != ids.event_id(1)


def test_an_imported_fact_has_the_same_id_every_time() -> None:
    first = ids.imported_event_id("shop", "row 1", "page.viewed")
    assert first == ids.imported_event_id("shop", "row 1", "page.viewed")
    assert uuid.UUID(first).version == 5


def test_imported_ids_differ_by_source_by_row_and_by_type() -> None:
    made = {
        ids.imported_event_id(source, row, name)
        for source in ("shop", "till")
        for row in ("1", "2")
        for name in ("page.viewed", "cart.line_added")
    }
    assert len(made) == 8


def test_a_run_id_tells_its_journey() -> None:
    run = ids.run_id("media", "film-42")
    assert len(run) == 32
    assert run[24:] == f"{zlib.crc32(b'media/film-42'):08x}"
    assert run[:24] != ids.run_id("media", "film-42")[:24]
