"""Each kind says in words where it can be gone on with."""

import pytest

from journey.v1.journeys_pb2 import Journey
from journey_service.cli.output import EMPTY, resume_point
from journey_service.cli.places import PLACES


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"cart": {"lines": [{"line_key": "tea", "quantity": 2}]}}, "tea × 2"),
        ({"list": {"items": [{"item_key": "a"}, {"item_key": "b"}]}}, "a, b"),
        ({"series": {"current": {"kind": "media", "journey_id": "e2"}}}, "media/e2"),
        ({"series": {"up_next": {"kind": "media", "journey_id": "e3"}}}, "next: media/e3"),
        ({"series": {}}, EMPTY),
        ({"reading": {"locator": "page 9", "progress_ppm": 129_999}}, "12 % (page 9)"),
        ({"reading": {}}, EMPTY),
        ({"search": {"query": "shoes"}}, "shoes"),
        ({"preferences": {"entries": [{"key": "size", "value": "42"}]}}, "size = 42"),
        ({"browse": {"items": [{"product": {"sku": "a"}}]}}, "a"),
        ({"checkout": {"status": 1}}, "open"),
        ({"checkout": {"status": 2, "step": "pay"}}, "submitted: pay"),
        ({"form": {"answers": [{"field": "name", "value": "Zoé"}]}}, "name = Zoé"),
        (
            {"conversation": {"status": 2, "read_no": 1, "messages": [{"no": 1}, {"no": 4}]}},
            "assigned, 1 unread",
        ),
        (
            {
                "order": {
                    "lines": [
                        {"quantities": [{"status": 3, "quantity": 1}]},
                        {
                            "quantities": [
                                {"status": 1, "quantity": 2},
                                {"status": 3, "quantity": 4},
                            ]
                        },
                    ]
                }
            },
            "2 ordered, 5 ready for pickup",
        ),
        ({"rewards": {"balance": 1_200}}, "1,200 points"),
        ({"booking": {"status": 3}}, "confirmed"),
        ({"custom": {"json": "{}"}}, "{}"),
        ({}, ""),
    ],
)
def test_a_resume_point_is_told_in_words(state: dict[str, object], words: str) -> None:
    assert resume_point(Journey(**state)) == words  # type: ignore[arg-type]


def test_every_kind_has_its_words() -> None:
    kinds = {field.name for field in Journey.DESCRIPTOR.oneofs_by_name["state"].fields}
    assert kinds == PLACES.keys() | {"media"}
