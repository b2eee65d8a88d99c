"""A site with trend logs: an outbox as a bridge that stopped hours ago left it, and what the devices showed since."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from bacnet_bridge.bacnet.from_log import measure_logged
from bacnet_bridge.bacnet.plan import memory_key
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.clock import SystemClock, moment_of
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.logged import Recorded
from bacnet_bridge.model import AcceptedBy, Meter, Packet, Point, Queue
from bacnet_bridge.outbox.damage import opened_whole
from bacnet_bridge.packet.build import build
from bacnet_bridge.service.accounts import accounts_of
from bacnet_bridge.service.mapped import judged
from bacnet_bridge.settings import Settings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.values import Counter, Daily, States, number, state
from bacnet_bridge.state import StateFolder, write_table
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.slots import grid
from bacnet_bridge.vocabulary.units import parse_unit
from tests.support.bacnet import client
from tests.support.log_records import real
from tests.support.logs import logs_of

DUBLIN = ZoneInfo("Europe/Dublin")
MINUTE = 60
MAPPING = """\
meters:
  Main: {id: main, device: 1001, aP_1: {object: AI1, backfill: TL1}, pC_1: {object: LAV1, backfill: TL2}}
  Growth: {id: growth, device: 1001, as: delta, value: {object: LAV1, backfill: TL2}}
  Fan: {id: fan, device: 1001, value: {object: BI1, backfill: {log: TL3, age: 24 h}}}
  Without: {id: without, device: 1001, value: AI1}
"""


def declared(folder: Path, *past: dict[str, Any], logs: bool = True, interval: float = MINUTE) -> Path:
    """A building of one device, with a log of each of its objects for eight hours, and what befell it in the past."""
    history: dict[str, Any] = {"interval": interval, "history": 8 * 3600, "buffer": 40_000}
    kept = [
        {"object": "trend-log,1", "name": "Power log", "of": "analog-input,1", **history},
        {"object": "trend-log,2", "name": "Energy log", "of": "large-analog-value,1", **history},
        {
            "object": "trend-log,3",
            "name": "Fan log",
            "of": "binary-input,1",
            "cov_increment": 1,
            **history,
            "interval": 10,
        },
    ]
    objects = [
        {"object": "analog-input,1", "name": "Power", "units": "kilowatts",
         "value": {"model": "daily", "base": 9, "amplitude": 21, "noise": 0.9}},
        {"object": "large-analog-value,1", "name": "Energy", "units": "kilowatt-hours",
         "value": {"model": "counter", "start": 184203.5, "base": 900, "amplitude": 2100}},
        {"object": "binary-input,1", "name": "Fan",
         "value": {"model": "states", "states": {f"{hour:02}:{half}:30": ("active", "inactive")[half == "30"]
                                                 for hour in range(24) for half in ("00", "30")}}},
    ]  # fmt: skip
    device = {"instance": 1001, "name": "Panel", "mac": 10, "objects": objects, "logs": kept if logs else []}
    building = {"name": "Healed", "zone": "Europe/Dublin", "network": 100, "devices": [{**device, "past": list(past)}]}
    file = folder / "healed.yaml"
    file.write_text(yaml.safe_dump(building), encoding="utf-8")
    return file


def mapped(folder: Path, text: str = MAPPING) -> None:
    (folder / "mapping").mkdir()
    (folder / "mapping" / "meters.yaml").write_text(text, encoding="utf-8")


def shown(building: SimulatedBuilding, what: Point, at: int) -> Recorded:
    """What the object showed at that instant."""
    device = building.declaration.devices[0]
    value = next(each.value for each in device.objects if each.object == what.source.object)
    if isinstance(value, States):
        active = state(value, at, DUBLIN) == "active"
        return Recorded("enumerated", real(int(active)).number, str(value))
    assert isinstance(value, Counter | Daily)
    exact = real(number(value, f"{device.instance} {what.source.object}", at, DUBLIN))
    return exact._replace(kind="double" if isinstance(value, Counter) else "real")


async def left_at(settings: Settings, building: SimulatedBuilding, stopped: int) -> dict[str, int]:
    """The outbox of a bridge whose latest slot was that of the instant `stopped`, all accepted; that slot, by meter."""
    state_folder = StateFolder(settings.state)
    state_folder.create()
    write_table(state_folder.clocks, _looked_at_long_ago())
    accounts = accounts_of(settings)
    database, outbox = await opened_whole(state_folder.database, SystemClock())
    ledger, latest = SqliteLedger(database), {}
    for meter in judged(settings, accounts).meters:
        slots = grid(meter.interval, meter.zone, moment_of(stopped).year)
        slot = stopped - (stopped - slots.phase) % slots.interval
        await ledger.open(meter.id, slots, meter.zone, slot - slots.interval)
        packet, memory = read(building, meter, Queue(accounts[meter.account], meter.id), slot)
        if packet is not None:
            await outbox.put(packet, memory)
            assert await outbox.head(packet.queue) == packet
            await outbox.accept(packet, AcceptedBy.ANSWER, slot)
            latest[meter.id] = slot
    await database.close()
    return latest


def read(building: SimulatedBuilding, meter: Meter, queue: Queue, slot: int) -> tuple[Packet | None, dict[str, str]]:
    """As the bridge had read it then: a difference's second reading."""
    memory: dict[str, str] = {}
    for at in (slot - meter.interval * 1000, slot):
        readings = []
        for point in meter.points:
            key, facts = (
                memory_key(meter, point),
                Facts("x", parse_unit("kWh" if "large" in str(point.source) else "kW")),
            )
            rule = rule_of(point, facts)
            measured = measure_logged(
                rule, at, shown(building, point, at), (), memory.get(key), carried=False, condition=None
            )
            memory |= {key: measured.memory} if measured.memory is not None else {}
            readings.append(measured.reading)
    outcome = build(meter, queue, slot, readings)
    return (outcome if isinstance(outcome, Packet) else None), memory


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[SqliteLedger]:
    """The ledger, while no bridge runs."""
    database, _ = await opened_whole(StateFolder(settings.state).database, SystemClock())
    yield SqliteLedger(database)
    await database.close()


async def counted(ledger: SqliteLedger, meter: str, since: int, upto: int) -> DayCount:
    """The account of both instants' days together, which is one where midnight is not between them."""
    days = [moment_of(at).astimezone(DUBLIN).date().isoformat() for at in (since, upto)]
    count, *more = [await ledger.day(meter, day, upto) for day in dict.fromkeys(days)]
    return count + more[0] if more else count


async def looked_at(settings: Settings, building: SimulatedBuilding, at: int, lost: int) -> None:
    """The bridge had looked at the device's clock then, which was right; the logs of a minute `lost` records since."""
    table = _looked_at_long_ago()
    async with client(timeout=2, bbmd=f"127.0.0.1:{building.port}") as bridge, logs_of(bridge, 1001) as logs:
        for log in (ObjectId(20, 1), ObjectId(20, 2)):
            await _amid_a_minute()
            clock = (await logs.facts(log)).clock
            assert clock.sequence is not None
            newest = clock.sequence - (clock.at // 60_000 - at // 60_000) + lost
            table[f"1001 {log}"] = {"interval": 60_000, "marks": [_mark(at, newest)]}
    write_table(StateFolder(settings.state).clocks, table)


async def _amid_a_minute() -> None:
    """No record is being made in the seconds to come: a log's newest is that of the minute."""
    left = (2_000 - SystemClock().wall()) % (MINUTE * 1000)
    await asyncio.sleep(left / 1000 if left < 4_000 else 0)


def _looked_at_long_ago() -> dict[str, dict[str, Any]]:
    """The bridge's first look at the log of changes, before all that is in it: without one nothing of it is healed."""
    return {f"1001 {ObjectId(20, 3)}": {"interval": None, "marks": [_mark(SystemClock().wall() - 9 * 3_600_000, 0)]}}


def _mark(at: int, newest: int) -> str:
    """A look at the right clock."""
    ahead = moment_of(at).astimezone(DUBLIN).utcoffset()
    assert ahead is not None
    return f"{at} {round(1000 * ahead.total_seconds())} 20 {newest}"


def read_mapping(settings: Settings) -> dict[str, Meter]:
    """The meters by id."""
    return {meter.id: meter for meter in judged(settings, accounts_of(settings)).meters}
