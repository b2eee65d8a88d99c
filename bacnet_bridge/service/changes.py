"""What is otherwise than it was shown last: the rows of the meters that changed, and what comes of that."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bacnet_bridge.bacnet.traffic import Traffic
from bacnet_bridge.model import Meter
from bacnet_bridge.packet.wire import local_day, timestamp
from bacnet_bridge.service.overview import MeterStatus, abandoned, signs
from bacnet_bridge.service.seeing import Moment, Seeing
from bacnet_bridge.service.shown_devices import device_signs

_MOST: Final = 500
"""Meters in one answer; the others come with the next ones, so that none is of megabytes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How the status page shows things: see `showing.py`."""

    rows: Callable[[Sequence[MeterStatus], int], list[dict[str, Any]]]
    delivery: Callable[[Moment], dict[str, Any]]
    devices: Callable[[Sequence[Traffic]], list[dict[str, Any]]]
    traffic: Callable[[], Sequence[Traffic]]
    mapping: Callable[[], dict[str, Any]]


class Changes:
    """For as long as somebody listens. Days are counted of the meters that changed only."""

    def __init__(self, seeing: Seeing, shown: Shown, zone: str) -> None:
        self._seeing, self._shown, self._zone = seeing, shown, zone
        self._signs: dict[str, Hashable] = {}
        self._statuses: dict[str, MeterStatus] = {}
        self._devices: dict[str, Hashable] = {}
        self._said: dict[str, Any] = {}
        self.now = ""

    async def next(self) -> dict[str, Any]:
        """The members that changed since the last call, see `docs/status.md`; the first call gives all but meters."""
        moment = await self._seeing.moment()
        self.now = timestamp(moment.now, self._zone)
        first, seen = not self._said, await self._look(moment)
        changed = [meter for meter in moment.mapped.values() if self._signs.get(meter.id) != seen[meter.id]]
        told = changed if first else changed[:_MOST]
        statuses = await self._seeing.statuses(moment, told)
        for meter, status in zip(told, statuses, strict=True):
            self._signs[meter.id], self._statuses[meter.id] = seen[meter.id], status
        gone = [each for each in self._signs if each not in seen]
        for each in gone:
            del self._signs[each], self._statuses[each]
        found = {
            "meters": [] if first else self._shown.rows(statuses, moment.now),
            "gone": gone,
            "devices": self._changed_devices(),
            **self._news("overview", await self._overview(moment)),
            **self._news("delivery", self._shown.delivery(moment)),
            **self._news("mapping", self._shown.mapping()),
        }
        changes = {name: said for name, said in found.items() if said}
        if "overview" in changes:
            changes["overview"] = {"now": self.now, **changes["overview"]}
        return changes

    async def _look(self, moment: Moment) -> dict[str, Hashable]:
        """By meter id. With the building's day: its counts begin anew at midnight."""
        days: dict[str, str] = {}
        found: dict[str, Hashable] = {}
        async for meter, seen in self._seeing.each_seen(moment):
            day = days.get(meter.zone) or days.setdefault(meter.zone, local_day(moment.now, meter.zone))
            found[meter.id] = day, _mapped(meter), signs(meter, seen)
        return found

    async def _overview(self, moment: Moment) -> dict[str, Any]:
        """As of the rows that were told: of the whole, too, nothing is counted anew."""
        known = (self._statuses.get(meter.id) for meter in moment.mapped.values())
        meters = [status for status in known if status is not None]
        problems, attention = self._seeing.sentences(moment, meters)
        return {
            "healthy": not problems,
            "problems": problems,
            "attention": attention,
            "other_queues": abandoned(tuple(moment.queues.values()), moment.mapped),
            "exchanges": await self._seeing.exchanges(),
            "meters": len(moment.mapped),
            "accepted": sum(meter.accepted for meter in meters),
            "waiting": sum(meter.waiting for meter in meters),
            "holes": sum(meter.holes for meter in meters),
        }

    def _changed_devices(self) -> list[dict[str, Any]]:
        traffic = self._shown.traffic()
        before, self._devices = self._devices, {each.key: device_signs(each) for each in traffic}
        return self._shown.devices([each for each in traffic if before.get(each.key) != self._devices[each.key]])

    def _news(self, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing where it was said."""
        if self._said.get(name) == said:
            return {}
        self._said[name] = said
        return {name: said}


def _mapped(meter: Meter) -> Hashable:
    """What a row shows of the mapping."""
    return meter.name, meter.device, meter.address, meter.interval
