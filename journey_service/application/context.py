"""What every call stands on: ports, tokens, settings, and what this process remembers."""

from __future__ import annotations

from dataclasses import dataclass

from journey_service.application.desks import Desks
from journey_service.application.hub import Hub
from journey_service.application.presence import PresenceBook
from journey_service.application.projected import Projected
from journey_service.application.reader import Reader
from journey_service.application.session_cache import SessionCache
from journey_service.application.standing import Standing
from journey_service.application.subscribers import Subscribers
from journey_service.application.visiting import Visiting
from journey_service.domain.tokens import Tokens
from journey_service.domain.validation import Validation
from journey_service.ports import Clock, Journal, Sessions, States
from journey_service.ports_of_devices import Devices, Handoffs
from journey_service.ports_of_identity import Identities
from journey_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """Made once at start, by bootstrap."""

    journal: Journal
    states: States
    sessions: Sessions
    clock: Clock
    tokens: Tokens
    validation: Validation
    settings: Settings
    reader: Reader
    hub: Hub
    session_cache: SessionCache
    devices: Devices
    handoffs: Handoffs
    identities: Identities
    presence: PresenceBook
    standing: Standing
    subscribers: Subscribers
    projected: Projected
    desks: Desks
    visiting: Visiting
