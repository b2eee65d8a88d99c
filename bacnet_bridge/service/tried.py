"""A trial of a meter's logs: by the running service, which has the BACnet port, or by a port of one's own."""

from collections.abc import Mapping
from typing import Any, Final

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.control.door import ask
from bacnet_bridge.errors import NoServiceError
from bacnet_bridge.model import Meter
from bacnet_bridge.service.live import own_reader
from bacnet_bridge.service.trial import document, marks_from, slots_of, try_backfill
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder, peek_table

_PATIENCE: Final = 900.0
"""Seconds that the service has for it."""


async def tried(settings: Settings, meter: Meter, first: int, last: int) -> Mapping[str, Any]:
    """As a document. Raises BridgeError; NetworkError where the port cannot be opened."""
    slots_of(meter, first, last)
    marks = peek_table(StateFolder(settings.state).clocks) or {}
    try:
        question = {"trial": meter.name, "first": first, "last": last, "marks": marks}
        told: Mapping[str, Any] = await ask(StateFolder(settings.state).control, "live", patience=_PATIENCE, **question)
    except NoServiceError:
        async with own_reader(settings, SystemClock()) as reader:
            return document(await try_backfill(reader, meter, first, last, marks_from(marks)))
    return told
