"""Why the embedded PostgreSQL cannot be used.

EmbeddedPostgresError       what a person reads is `str(error)`; `exit_code` is the process's
├── DataDirectoryUnusable   78: nothing was changed, and nothing will be until somebody acts
├── BinariesMissing         78: there is no PostgreSQL to start
└── ServerFailed            1: it was started and ended; the text holds its last words
"""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL is not there."""

    exit_code = 1

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class DataDirectoryUnusable(EmbeddedPostgresError):
    """The data directory cannot be used as it is. Nothing in it was touched."""

    exit_code = 78


class BinariesMissing(EmbeddedPostgresError):
    """No PostgreSQL server program was found."""

    exit_code = 78


class ServerFailed(EmbeddedPostgresError):
    """The server or initdb ended when it should have gone on."""
