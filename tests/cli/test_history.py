"""What the prompt tells of an event in one line."""

from __future__ import annotations

from google.protobuf.json_format import ParseDict

from journey.v1.events_pb2 import Event
from journey_service.cli.history import content_of, record_of


def test_a_place_stands_before_the_id_of_its_run() -> None:
    body = {"media_paused": {"run_id": "r" * 36, "point_ms": 42_000}}
    told = content_of(ParseDict({"interaction": body}, Event()))
    assert told.startswith('{"point_ms": ')
    assert "42000" in told
    assert "run_id" in told


def test_a_quantity_stands_before_the_product() -> None:
    line = {"product": {"name": "A very long name of a tea " * 3, "sku": "tea"}, "quantity": 2}
    told = content_of(ParseDict({"interaction": {"cart_line_added": {"line": line}}}, Event()))
    assert told.startswith('{"line": {"quantity": "2", "product": {"sku": "tea"')
    assert told.endswith("…")


def test_a_line_for_programs_tells_the_first_partition_as_every_other() -> None:
    first = record_of(Event(partition=0, position=7, version=3))
    other = record_of(Event(partition=1, position=7, version=3))
    assert (first["partition"], other["partition"]) == (0, 1)
    assert first.keys() == other.keys()
    assert (first["position"], first["version"]) == (other["position"], other["version"])
    bare = record_of(Event())
    assert {type(bare[name]) for name in ("position", "version")} == {type(first["position"])}
