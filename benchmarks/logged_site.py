"""For benchmarks.backfill: a building whose devices keep logs, and the state of a bridge that stopped long ago."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from bacnet_bridge.bacnet.from_log import measure_logged
from bacnet_bridge.bacnet.plan import memory_key
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.clock import SystemClock, moment_of
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.logged import Recorded
from bacnet_bridge.model import AcceptedBy, Account, Meter, Packet, Queue
from bacnet_bridge.outbox.damage import opened_whole
from bacnet_bridge.packet.build import build
from bacnet_bridge.simulator.declaration import BuildingDeclaration
from bacnet_bridge.simulator.values import Counter, Daily, number
from bacnet_bridge.vocabulary.slots import grid
from bacnet_bridge.vocabulary.units import parse_unit

FIRST: Final = 3_001
LIVE: Final = "live"
"""Begins the ids of meters that are read all the while, and have no log."""
_EXTRA: Final = 12
"""Records that logs reach further back than the gap."""


@dataclass(frozen=True, slots=True)
class Size:
    """Every second device takes messages of 480 octets only, the others of 1476; every second meter is a counter."""

    devices: int = 10
    meters: int = 10
    """Of each device, each with a log of its own; beside them one of each device that is only read."""
    step: int = 300
    """Seconds between slots, and between records."""
    slots: int = 2_016
    """Of each meter, without a packet: a week."""
    live: int = 5
    """Seconds between the slots of the meters that are only read."""

    @property
    def logged(self) -> int:
        return self.devices * self.meters


def declare(file: Path, size: Size) -> Path:
    """The building's declaration."""
    devices = [_device(size, at) for at in range(size.devices)]
    file.write_text(yaml.safe_dump({"name": "Logged", "zone": "UTC", "network": 100, "devices": devices}))
    return file


def _device(size: Size, at: int) -> dict[str, Any]:
    numbers = range(1, size.meters + 1)
    room = size.slots + 4 * _EXTRA
    history = {"interval": size.step, "buffer": room, "history": (size.slots + _EXTRA) * size.step}
    made = {
        "instance": FIRST + at,
        "name": f"Controller {at}",
        "mac": 10 + at,
        "objects": [*(_object(each) for each in numbers), _object(999)],
        "logs": [
            {"object": f"trend-log,{each}", "name": f"Log {each}", "of": _object_id(each), **history}
            for each in numbers
        ],
    }
    return made | ({"max_apdu": 480, "segmentation": "no-segmentation"} if at % 2 else {})


def _object_id(each: int) -> str:
    return f"analog-input,{each}" if each % 2 else f"large-analog-value,{each}"


def _object(each: int) -> dict[str, Any]:
    named = {"object": _object_id(each), "name": f"Object {each}"}
    if each % 2:
        value: dict[str, Any] = {"model": "daily", "base": 10 + each, "amplitude": 20, "noise": 0.9}
        return {**named, "units": "kilowatts", "value": value}
    return {
        **named,
        "units": "kilowatt-hours",
        "value": {"model": "counter", "start": each, "base": 9, "amplitude": 21},
    }


def write_mapping(file: Path, size: Size) -> None:
    """A meter for each log, and one of each device that is only read."""
    rows = ["meter,id,device,as,field,object,interval,backfill"]
    for device in range(FIRST, FIRST + size.devices):
        for each in range(1, size.meters + 1):
            name, what = f"{device}-{each}", f"AI{each}" if each % 2 else f"LAV{each}"
            nature = "instant" if each % 2 else "index"
            rows.append(f"Meter {name},{name},{device},{nature},value,{what},{size.step},TL{each}")
        rows.append(f"Live {device},{LIVE}-{device},{device},instant,value,AI999,{size.live},")
    file.write_text("\n".join(rows) + "\n")


async def leave(
    database: Path, declared: BuildingDeclaration, meters: list[Meter], account: Account, size: Size
) -> int:
    """As a bridge leaves it that stopped so many slots ago: one packet of each logged meter, accepted. When it was."""
    opened, outbox = await opened_whole(database, SystemClock())
    ledger, now, stopped = SqliteLedger(opened), SystemClock().wall(), 0
    try:
        for meter in meters:
            if meter.id.startswith(LIVE):
                continue
            slots = grid(meter.interval, meter.zone, moment_of(now).year)
            stopped = now - (now - slots.phase) % slots.interval - size.slots * slots.interval
            await ledger.open(meter.id, slots, meter.zone, stopped - slots.interval)
            packet, memory = _read(declared, meter, Queue(account, meter.id), stopped)
            await outbox.put(packet, memory)
            await outbox.head(packet.queue)
            await outbox.accept(packet, AcceptedBy.ANSWER, stopped)
    finally:
        await opened.close()
    return stopped


def _read(declared: BuildingDeclaration, meter: Meter, queue: Queue, slot: int) -> tuple[Packet, dict[str, str]]:
    """As the bridge had read it then."""
    (point,) = meter.points
    shown = _shown(declared, meter, slot)
    unit = parse_unit("kW" if point.source.object.type == 0 else "kWh")
    measured = measure_logged(rule_of(point, Facts("x", unit)), slot, shown, (), None, carried=False, condition=None)
    packet = build(meter, queue, slot, [measured.reading])
    if not isinstance(packet, Packet):
        raise TypeError(f"{meter.id} has no packet: {packet}")
    return packet, {} if measured.memory is None else {memory_key(meter, point): measured.memory}


def _shown(declared: BuildingDeclaration, meter: Meter, slot: int) -> Recorded:
    """What the meter's object showed at that instant."""
    wanted = meter.points[0].source.object
    device = next(each for each in declared.devices if each.instance == meter.device)
    value = next(each.value for each in device.objects if each.object == wanted)
    if not isinstance(value, Counter | Daily):
        raise TypeError(f"{wanted} is neither a curve nor a counter")
    found = str(number(value, f"{meter.device} {wanted}", slot, ZoneInfo(declared.zone)))
    return Recorded("double" if isinstance(value, Counter) else "real", Decimal(found), found)
