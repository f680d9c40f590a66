"""Which recorders an application gets, by its environment."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, TypeVar

from eventsourcing.persistence import (
    InfrastructureFactory,
    Mapper,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic

from projections.recorders.bridge import Bridge
from projections.recorders.events import JourneyMapper
from projections.recorders.log import Log
from projections.recorders.notifications import JourneyApplicationRecorder
from projections.recorders.streams import JourneyAggregateRecorder
from projections.recorders.tracking import JourneyProcessRecorder, JourneyTrackingRecorder

Recorder = TypeVar("Recorder")

# "own": an application reads what it recorded; "all": also what devices and back ends did.
READS = "JOURNEY_READS"


class JourneyFactory(InfrastructureFactory[JourneyTrackingRecorder]):
    """Makes recorders over one log, which is opened with the first of them.

    The library's variables hold (MAPPER_TOPIC, CIPHER_TOPIC, COMPRESSOR_TOPIC, …_RECORDER_TOPIC,
    IS_SNAPSHOTTING_ENABLED); JOURNEY_READS is "own" or "all".
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self._opened: tuple[Bridge, Log] | None = None

    @abstractmethod
    def open_log(self) -> tuple[Bridge, Log]:
        """The log of the environment. Raises OSError (EnvironmentError) for what is missing."""

    @abstractmethod
    def close_log(self, bridge: Bridge, log: Log) -> None:
        """Let go of what `open_log` gave."""

    def mapper(
        self,
        transcoder: Transcoder | None = None,
        mapper_class: type[Mapper[Any]] | None = None,
    ) -> Mapper[Any]:
        """The library's mapper, which also knows Journey's own events."""
        if mapper_class is None and not self.env.get(self.MAPPER_TOPIC):
            mapper_class = JourneyMapper
        return super().mapper(transcoder, mapper_class)

    def aggregate_recorder(self, purpose: str = "events") -> JourneyAggregateRecorder:
        """For streams of originators; of another purpose than events, for snapshots."""
        return JourneyAggregateRecorder(
            *self._log(), application=self.env.name, purpose=purpose, everything=self._everything
        )

    def application_recorder(self) -> JourneyApplicationRecorder:
        """For streams and the application's sequence."""
        made = self._class(self.APPLICATION_RECORDER_TOPIC, JourneyApplicationRecorder)
        return made(*self._log(), application=self.env.name, everything=self._everything)

    def tracking_recorder(
        self, tracking_recorder_class: type[JourneyTrackingRecorder] | None = None
    ) -> JourneyTrackingRecorder:
        """For how far a projection is."""
        found = self._class(self.TRACKING_RECORDER_TOPIC, JourneyTrackingRecorder)
        return (tracking_recorder_class or found)(*self._log(), application=self.env.name)

    def process_recorder(self) -> JourneyProcessRecorder:
        """For events and how far their maker is, in one."""
        made = self._class(self.PROCESS_RECORDER_TOPIC, JourneyProcessRecorder)
        return made(*self._log(), application=self.env.name, everything=self._everything)

    def close(self) -> None:
        """Let go of the log."""
        opened, self._opened = self._opened, None
        if opened is not None:
            self.close_log(*opened)

    @property
    def _everything(self) -> bool:
        reads = self.env.get(READS) or "own"
        if reads not in {"own", "all"}:
            raise OSError(f"{READS}={reads!r}: must be own or all")
        return reads == "all"

    def _log(self) -> tuple[Bridge, Log]:
        if self._opened is None:
            self._opened = self.open_log()
        return self._opened

    def _class(self, variable: str, default: type[Recorder]) -> type[Recorder]:
        topic = self.env.get(variable)
        return resolve_topic(topic) if topic else default
