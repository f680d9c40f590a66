"""A service with a read model of its own: how often each product was put into a cart.

It reads Journey's log through the `eventsourcing` library's ProjectionRunner and keeps the counts
in a SQLite file. A count and how far the log was read are one transaction of that file, so that
every event counts once, however often this program is stopped or killed.

    JOURNEY_ADDRESS=127.0.0.1:8080 JOURNEY_TOKEN=… python examples/sqlite_read_model/wanted.py
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteTrackingRecorder

from journey_client.eventsourcing import RecordedEvent

DEFAULTS = {
    "PERSISTENCE_MODULE": "journey_client.eventsourcing",
    "JOURNEY_READS": "all",  # what devices and back ends record
    "JOURNEY_PURPOSE": "analytics",
    "WANTED_PERSISTENCE_MODULE": "eventsourcing.sqlite",
    "WANTED_SQLITE_DBNAME": "wanted.db",
}


class Shop(Application[UUID]):
    """Journey's log, as the library sees it."""


class WantedProducts(SQLiteTrackingRecorder):
    """The table of counts, beside the one that says how far the log was read."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's tables, and one more."""
        counts = "CREATE TABLE IF NOT EXISTS wanted (sku TEXT PRIMARY KEY, pieces INTEGER NOT NULL)"
        return [*super().construct_create_table_statements(), counts]

    def add(self, sku: str, pieces: int, tracking: Tracking) -> None:
        """Count, and note how far the log was read, or neither."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO wanted VALUES (?, ?) "
                "ON CONFLICT (sku) DO UPDATE SET pieces = pieces + excluded.pieces",
                (sku, pieces),
            )

    def most_wanted(self) -> list[tuple[str, int]]:
        """Products and pieces, most first."""
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute("SELECT sku, pieces FROM wanted ORDER BY pieces DESC, sku")
            return [(row["sku"], row["pieces"]) for row in cursor.fetchall()]


class Wanted(Projection[WantedProducts]):
    """Every product that is put into a cart."""

    topics = ("cart.line_added",)

    def process_event(self, domain_event: RecordedEvent, tracking: Tracking) -> None:
        """Count the pieces."""
        line = domain_event.event.interaction.cart_line_added.line
        self.view.add(line.product.sku, line.quantity, tracking)


def runner(env: Mapping[str, str] = os.environ) -> ProjectionRunner[Shop, Any]:
    """Goes on reading where the SQLite file says; use it with `with`."""
    return ProjectionRunner(
        application_class=Shop,
        projection_class=Wanted,
        view_class=WantedProducts,
        env={**DEFAULTS, **env},
    )


if __name__ == "__main__":
    with runner() as running:
        running.run_forever()
