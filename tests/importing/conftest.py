"""The real service on PostgreSQL, as the client's tests have it."""

from tests.client.conftest import connect, served, store

__all__ = ["connect", "served", "store"]
