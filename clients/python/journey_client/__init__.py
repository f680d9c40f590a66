"""The Python client of the Journey service: record on one device, go on exactly there on another.

    async with journey_client.connect("127.0.0.1:8080", token=token) as client:
        session = await client.open_session(channel="web")
        player = journey_client.MediaRuns("film-42", duration_ms=5_400_000)
        await session.record(player.played(0))
        await session.record(player.paused(1_873_250))
        point = await session.resume("media", "film-42")     # on any device of the customer
        async for view in session.watch():
            print(view.continue_list)

A device that works offline keeps a queue and a copy of its customer in a local store; what is
recorded is stored, shown, then sent, and a killed process loses and doubles nothing:

    async with journey_client.open_device("127.0.0.1:8080", "phone.db", token=token) as phone:
        await phone.record(player.paused(1_873_250))         # with or without network
        point = await phone.resume("media", "film-42")       # at once, from the local copy

A back end follows what is recorded, and goes on where it was after any break:

    async for event in client.subscribe("billing", store=FileCheckpoints("billing.json")):
        await bill(event)

Interactions are made by the functions of `journey_client.interactions`, by MediaRuns, or as
messages of `journey.v1`. Every refusal is a class of `journey_client.errors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from journey_client import errors, ids, interactions
from journey_client._calls import Retries
from journey_client._copy import JourneyKey
from journey_client._credentials import CredentialProvider
from journey_client._described import channel_of
from journey_client._error import (
    JourneyError,
    NotAnswered,
    OnlineOnly,
    QueueFull,
    Replaced,
    StoreInUse,
    TimedOut,
    TransportRefused,
    Unreachable,
)
from journey_client._kept import Refusal
from journey_client.bulk import EventPage
from journey_client.checkpoints import (
    CheckpointStore,
    FileCheckpoints,
    MemoryCheckpoints,
    PostgresCheckpoints,
)
from journey_client.client import Client, connect
from journey_client.clocks import Clocks, MachineClocks
from journey_client.connection import Connection, ConnectionSettings, ConnectionState
from journey_client.consume_settings import ConsumeSettings
from journey_client.consuming import Deliveries
from journey_client.delivery import Delivery, Park, Retry, Skip
from journey_client.device_settings import DeviceSettings, QueueLimits
from journey_client.leases import Leases, Taken
from journey_client.player import MediaRuns
from journey_client.projections import Change, WatchedProjection
from journey_client.reading import Customer, ResumePoint, resume_point
from journey_client.recording import Recorded
from journey_client.session import Session
from journey_client.subscribing import Batch, Subscription
from journey_client.view import View
from journey_client.watching import Watch

if TYPE_CHECKING:
    from journey_client.device import Device, Kept, open_device

__all__ = [
    "Batch",
    "Change",
    "CheckpointStore",
    "Client",
    "Clocks",
    "Connection",
    "ConnectionSettings",
    "ConnectionState",
    "ConsumeSettings",
    "CredentialProvider",
    "Customer",
    "Deliveries",
    "Delivery",
    "Device",
    "DeviceSettings",
    "EventPage",
    "FileCheckpoints",
    "JourneyError",
    "JourneyKey",
    "Kept",
    "Leases",
    "MachineClocks",
    "MediaRuns",
    "MemoryCheckpoints",
    "NotAnswered",
    "OnlineOnly",
    "Park",
    "PostgresCheckpoints",
    "QueueFull",
    "QueueLimits",
    "Recorded",
    "Refusal",
    "Replaced",
    "ResumePoint",
    "Retries",
    "Retry",
    "Session",
    "Skip",
    "StoreInUse",
    "Subscription",
    "Taken",
    "TimedOut",
    "TransportRefused",
    "Unreachable",
    "View",
    "Watch",
    "WatchedProjection",
    "channel_of",
    "connect",
    "errors",
    "ids",
    "interactions",
    "open_device",
    "resume_point",
]

_OF_DEVICES = frozenset({"Device", "Kept", "open_device"})


def __getattr__(name: str) -> Any:
    """Load the folds only for who works offline: they take as long as all the rest."""
    if name in _OF_DEVICES:
        return getattr(import_module("journey_client.device"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
