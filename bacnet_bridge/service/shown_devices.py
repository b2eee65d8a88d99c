"""Devices as the status page shows them. Pure."""

from collections.abc import Hashable, Iterable
from typing import Any

from bacnet_bridge.bacnet.explore import network_of
from bacnet_bridge.bacnet.profile import document
from bacnet_bridge.bacnet.traffic import Traffic, device_key
from bacnet_bridge.model import Meter


def device_document(traffic: Traffic, meters: list[str]) -> dict[str, Any]:
    """What was learned of it, what passed since the start, and the ids of the meters that are read from it."""
    return {
        **document(traffic.profile),
        "device": traffic.key,
        "network": network_of(traffic.profile.address),
        "asked": traffic.asked,
        "unanswered": traffic.unanswered,
        "refused": traffic.refused,
        "last_i_am": traffic.last_i_am,
        "conflicts": list(traffic.conflicts),
        "meters": meters,
    }


def meters_by_device(meters: Iterable[Meter]) -> dict[str, list[str]]:
    """Ids by the device's key."""
    found: dict[str, list[str]] = {}
    for meter in meters:
        found.setdefault(device_key(meter.device, meter.address), []).append(meter.id)
    return found


def device_signs(traffic: Traffic) -> Hashable:
    """What of it is news; counters and times change with every question."""
    return traffic.profile.address, bool(traffic.profile.silent_since), traffic.conflicts
