"""The server's settings that are ours: `journey.conf` in the cluster, written whole at each start.

`postgresql.conf` includes it at its end. What an operator sets with `ALTER SYSTEM` still wins;
the values that durability rests on are looked at again on every connection (rule R17).
"""

import hashlib
import os
from pathlib import Path

from journey_service.embedded.directory import DataDirectory

INCLUDE = "\n# Journey's settings, written anew at every start.\ninclude 'journey.conf'\n"
PORT = 5432  # only a part of the socket's name: the server listens on no network
_LONGEST_SOCKET_PATH = (
    103  # sun_path holds 108 bytes on Linux, 104 on macOS, one of them for the end
)

# Connections that a server takes, unless it is told another number.
CONNECTIONS = 60

_SETTINGS = {
    # Only through the socket, and only for who may enter its folder.
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    # An acknowledged commit is on disk (P1).
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_sync_retry": "off",
    # Sized for a machine that has other things to do.
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    # Nothing a customer did reaches the log: no values (R22), no keys in details, no contexts.
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
    "log_error_verbosity": "terse",
    # One file a weekday, begun anew each week.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": 0,
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %a ",
    "cluster_name": "journey",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def socket_folder(directory: DataDirectory) -> Path:
    """Where the server's socket lies: in the data directory, or, where that path cannot be a
    socket's, below /tmp under a name made from the directory's.
    """
    path = os.fsencode(directory.run)
    # A comma would divide two hosts in a connection URL.
    if len(path) + len(f"/.s.PGSQL.{PORT}") <= _LONGEST_SOCKET_PATH and b"," not in path:
        return directory.run
    digest = hashlib.sha256(os.fsencode(directory.path)).hexdigest()[:16]
    return Path("/tmp") / f"journey-{digest}"  # noqa: S108  its owner is checked before use


def settings_text(directory: DataDirectory, *, compression: str, connections: int) -> str:
    """The content of `journey.conf`. `compression`: a value of `wal_compression`."""
    settings = _SETTINGS | {
        "max_connections": connections,
        "unix_socket_directories": _listed(socket_folder(directory)),
        "log_directory": directory.log,
        "wal_compression": compression,
    }
    lines = (f"{name} = {_quoted(value)}" for name, value in settings.items())
    return "# Written by Journey at every start; changes here are lost.\n" + "\n".join(lines) + "\n"


def _quoted(value: object) -> str:
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def _listed(path: Path) -> str:
    # A list setting splits at commas unless the item is quoted.
    return '"' + str(path).replace('"', '""') + '"'
