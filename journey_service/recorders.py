"""Recorders of the `eventsourcing` library over a journal on PostgreSQL, in the caller's process.

    env = {"PERSISTENCE_MODULE": "journey_service.recorders", "JOURNEY_DSN": "postgresql://…"}
    application = Orders(env)

JOURNEY_DATA_DIR names the directory with the keys of the service that made the journal; all other
settings hold as for a service. Applications of one process share one store and one thread for a
journal, which is closed with the last of them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from journey_service import config
from journey_service.embedded import default_data_directory
from journey_service.embedded.keys import load_secrets
from journey_service.settings import Settings
from journey_service.store.eventsourcing import JournalLog
from journey_service.store.postgres import PostgresStore
from projections import recorders
from projections.recorders.events import RecordedEvent

__all__ = ["Factory", "RecordedEvent"]


@dataclass(slots=True)
class _Opened:
    """A store that some factories use."""

    bridge: recorders.Bridge
    store: PostgresStore
    users: int = 0


_opened: dict[Settings, _Opened] = {}
_lock = threading.Lock()


class Factory(recorders.JourneyFactory):
    """Makes recorders over the journal that the environment names."""

    _opened_with: Settings

    def open_log(self) -> tuple[recorders.Bridge, recorders.Log]:
        """The journal of JOURNEY_DSN. Raises OSError where that is not given, SettingsError for
        wrong settings, and what PostgresStore.open and load_secrets raise."""
        settings = self._settings()
        with _lock:
            found = _opened.get(settings) or _open(settings)
            _opened[settings] = found
            found.users += 1
        self._opened_with = settings
        log = JournalLog(
            found.store.journal, found.store.clock, actor_id=self.env.name or "library"
        )
        return found.bridge, log

    def close_log(self, bridge: recorders.Bridge, log: recorders.Log) -> None:
        """Close the store if nobody else uses it."""
        bridge.run(log.close())
        with _lock:
            found = _opened[self._opened_with]
            found.users -= 1
            if not found.users:
                del _opened[self._opened_with]
                bridge.run(found.store.close())
                bridge.close()

    def _settings(self) -> Settings:
        names = [config.variable_of(name) for name in config.FIELDS]
        settings = config.load({name: self.env.get(name) or "" for name in names})
        if not settings.dsn:
            raise OSError("JOURNEY_DSN is missing: which journal do the recorders write to?")
        return settings


def _open(settings: Settings) -> _Opened:
    folder = (settings.data_dir or default_data_directory()).expanduser() / "secrets"
    keys = load_secrets(folder)
    bridge = recorders.Bridge()
    try:
        opening = PostgresStore.open(settings.dsn, keys.master_keys, settings=settings)
        return _Opened(bridge, bridge.run(opening))
    except BaseException:
        bridge.close()
        raise
