"""Every number of the views is the one that the comments of their messages tell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from projections import thresholds

PROTOS = Path(__file__).parents[2] / "protos" / "journey" / "v1"
# Threshold -> a piece of the comments of views.proto, folds.proto or view_folds.proto.
SENTENCES_OF_VIEWS = {
    "ASKS_MOST": "Messages and calls of the customer since the shop acted last; at most #.",
    "CAMPAIGNS_MOST": "Campaigns by id, the # that were sent last.",
    "CHANNELS_MOST": "Channels, last used first; at most #.",
    "CONTACTS_MOST": "of the others together at most #.",
    "CONTEXT_MOST": "Journeys it is about (orders), by kind and id; at most #.",
    "DEVICES_MOST": "Devices, last used first; at most #.",
    "LOCALES_MOST": "Languages, last told first; at most #.",
    "MODES_MOST": "The latest # changes of mode",
    "OUTCOMES_MOST": "The latest # outcomes",
    "PARTICIPANTS_MOST": "Who took part, last first; at most #.",
    "QUOTES_MOST": "Quotes in it, in the order in which they were given; newest #.",
    "RELEASED_MOST": "at most #, those released last.",
    "RETURNS_MOST": "Returns in the order in which they began, newest #.",
    "SENT_MOST": "of messages that the shop sent at most #,",
    "SNIPPET_CHARS": "a text is cut to its first # characters.",
    "SUPPRESSED_MOST": "Products not to be advertised, by sku; at most #, those bought last.",
    "SUPPRESSING_ORDERS_MOST": "Orders of which units are kept, by when they were placed, "
    "newest #;",
    "TOUCHPOINTS_MOST": "Last contacts, newest first; at most #.",
    "USE_DAYS_MOST": "On how many days (UTC) it was used; at most #.",
}


@pytest.mark.parametrize("name", SENTENCES_OF_VIEWS)
def test_each_number_of_a_view_is_the_one_of_its_comment(name: str) -> None:
    sentence = re.escape(SENTENCES_OF_VIEWS[name]).replace(r"\#", r"([\d,]+)")
    found = re.search(sentence, comments())
    assert found, SENTENCES_OF_VIEWS[name]
    assert getattr(thresholds, name) == int(found[1].replace(",", ""))


def comments() -> str:
    """The comments of the protos of views and folds as one text."""
    lines = [
        line.strip(" /")
        for name in ("views", "view_folds", "folds")
        for line in (PROTOS / f"{name}.proto").read_text("utf-8").splitlines()
        if line.strip().startswith("//")
    ]
    return " ".join(lines)
