"""The store on PostgreSQL."""

from journey_service.store.postgres.errors import DatabaseUnfit
from journey_service.store.postgres.health import Health
from journey_service.store.postgres.migrate import Migrated, migrate
from journey_service.store.postgres.observer import NoObserver, Observer
from journey_service.store.postgres.store import PostgresStore
from journey_service.store.postgres.verify import Finding, Folding, Walked

__all__ = [
    "DatabaseUnfit",
    "Finding",
    "Folding",
    "Health",
    "Migrated",
    "NoObserver",
    "Observer",
    "PostgresStore",
    "Walked",
    "migrate",
]
