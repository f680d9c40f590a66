"""The embedded PostgreSQL: what the service runs on when no database is given.

    from journey_service.embedded.postgres import EmbeddedPostgres

    postgres = EmbeddedPostgres(default_data_directory(), progress=print)
    dsn = await postgres.start()
    ...                             # migrate
    postgres.mark_initialized()
    ...                             # a task runs postgres.supervise()
    await postgres.stop()

`python -m journey_service.embedded` does that and waits for Ctrl-C. The class is not here, because
who only reads the secrets has no use for a database driver.
"""

from journey_service.embedded.directory import DataDirectory, default_data_directory
from journey_service.embedded.errors import (
    BinariesMissing,
    DataDirectoryUnusable,
    EmbeddedPostgresError,
    ServerFailed,
)
from journey_service.embedded.keys import Secrets, load_or_create_secrets

__all__ = [
    "BinariesMissing",
    "DataDirectory",
    "DataDirectoryUnusable",
    "EmbeddedPostgresError",
    "Secrets",
    "ServerFailed",
    "default_data_directory",
    "load_or_create_secrets",
]
