"""What was read before a start, for the history: packets from the outbox while they are kept, holes from the ledger.

Nobody waits for it, so it takes little at a time and pauses for longer than it works. It ends with the first portion
of rows that were all due more than a day ago; a million packets take a minute or two.
"""

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import Meter
from bacnet_bridge.outbox.late import LatePacket
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.service.history import SPAN, History, Track

_PORTION: Final = 500
"""Rows in one query: deliveries' own queries wait behind it for some milliseconds. And meters in one turn."""
_LEISURE: Final = 4
"""So many times as long as a portion took is the pause after it."""
_LOOK: Final = 1.0
"""Seconds between two looks whether the clock is credible."""
_log = structlog.get_logger()


class Recall:
    """Fills the history of the meters that are mapped at the start. Later ones begin empty."""

    def __init__(self, history: History, outbox: SqliteOutbox, ledger: SqliteLedger, clock: Clock) -> None:
        self._history, self._outbox, self._ledger, self._clock = history, outbox, ledger, clock

    async def run(self, meters: tuple[Meter, ...], credible: Callable[[], bool]) -> None:
        """Once. Where the file cannot be read the history stays as it is, which says so."""
        while not credible():  # else nobody knows what the last 24 hours are
            await self._clock.sleep(_LOOK)
        now = self._clock.wall()
        try:
            for meter in meters:
                for first, last in await self._ledger.holes_since(meter.id, now - SPAN * 1000):
                    self._history.missed(meter, first, min(last, now), recalled=True)
            await self._values(meters, now - SPAN * 1000)
        except BridgeError as error:
            _log.warning("trends lack what was before the start", reason=str(error))
            return
        self._history.complete = True

    async def _values(self, meters: tuple[Meter, ...], since: int) -> None:
        tracks: dict[str, Track] = {}
        for each in meters:
            if len(tracks) % _PORTION == 0:
                await asyncio.sleep(0)
            tracks[each.id] = self._history.track(each)
        below, older = self._outbox.newest_row + 1, False
        while below and not older:
            began = self._clock.monotonic()
            below, packets = await self._outbox.of_late(
                below, _PORTION, lambda packets: (_sifted(packets, tracks), _older(packets, since))
            )
            found, older = packets
            for meter, slot, value in found:
                tracks[meter].recall(slot, value)
            await self._clock.sleep(_LEISURE * (self._clock.monotonic() - began))


def _sifted(packets: list[LatePacket], tracks: Mapping[str, Track]) -> list[tuple[str, int, float]]:
    """Of the points that lack a value, the newest packet's; the others are not even parsed."""
    found: dict[tuple[str, int], tuple[str, int, float]] = {}
    for packet in packets:
        track = tracks.get(packet.meter)
        if track is None or not track.lacks(packet.instant):
            continue
        key = packet.meter, track.number(packet.instant)
        if key not in found and not math.isnan(value := _value(packet.body, track.field)):
            found[key] = packet.meter, packet.instant, value
    return list(found.values())


def _older(packets: list[LatePacket], since: int) -> bool:
    """All that were due are older. Pushed ones tell nothing: they are old from the beginning."""
    live = [packet.instant for packet in packets if packet.live]
    return bool(live) and max(live) < since


def _value(body: bytes, field: str) -> float:
    """NaN where the packet lacks it, or is damaged."""
    try:
        value = float(json.loads(body)[field])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return math.nan
    return value if math.isfinite(value) else math.nan
