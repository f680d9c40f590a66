"""What a client runs on and where it is seen, from how an application says it."""

from __future__ import annotations

import socket
import sys
from typing import cast

from journey.v1.interactions_pb2 import Channel
from journey.v1.sessions_pb2 import Device

SDK = "journey_client python"


def channel_of(channel: Channel | str) -> Channel:
    """A channel by its name in any case, e.g. "web" or "CHANNEL_WEB". Raises ValueError."""
    if not isinstance(channel, str):
        return channel
    name = channel.upper().replace("-", "_").removeprefix("CHANNEL_")
    try:
        return cast("Channel", Channel.Value(f"CHANNEL_{name}"))
    except ValueError:
        known = ", ".join(each.removeprefix("CHANNEL_").lower() for each in Channel.keys()[1:])
        raise ValueError(f"{channel!r} is no channel; there are: {known}") from None


def device_facts(device: Device | str) -> Device:
    """A device as told, with this library's name; by default this machine."""
    described = Device()
    if isinstance(device, Device):
        described.CopyFrom(device)
    elif device:
        described.device_id = device
        described.name = device
    if not described.device_id:
        described.device_id = socket.gethostname()
        described.platform = sys.platform
    described.sdk = described.sdk or SDK
    return described
