"""One slot of one meter: tried again while its device is silent, and a disk that is full is logged once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.model import Account, Meter, Origin, Packet, Point, Problem, PropertyRef, Reading
from bacnet_bridge.room import Room
from bacnet_bridge.service.collect import Collector
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.slots import Grid
from tests.support.clock import NOON, DrivenClock
from tests.support.outbox import SqliteBackend

POINT = Point("value", PropertyRef(ObjectId(0, 1)))
METER = Meter("m", "m", 1001, (POINT,), 300, "UTC", 60)


@dataclass
class Gathering:
    readings: tuple[Reading, ...]
    memory: Mapping[str, str] = field(default_factory=dict)
    unsent: Mapping[str, str] = field(default_factory=dict)


class SilentDevice:
    """A real one is as silent, but notes no times."""

    def __init__(self, clock: DrivenClock) -> None:
        self.clock = clock
        self.tried_at: list[float] = []

    async def read(self, meter: Meter, memory: Mapping[str, str]) -> Gathering:  # noqa: ARG002  as a Reader has it
        self.tried_at.append(self.clock.boot())
        return Gathering((Reading(POINT, self.clock.wall(), problem=Problem(HoleReason.SILENT, "no answer")),))


@pytest.mark.parametrize("step", [0, -3600, 3600])
async def test_a_silent_device_is_tried_again_for_the_tolerance_whatever_wall_time_does(
    tmp_path: Path, step: float
) -> None:
    clock = DrivenClock()
    backend, device = SqliteBackend(tmp_path, clock), SilentDevice(clock)
    outbox = await backend.open()
    await backend.ledger.open("m", Grid(300_000, 0), "UTC", NOON - 1)
    collector = Collector(device, outbox, backend.ledger, clock, {"default": Account("https://localhost/", "default")})
    begin = clock.boot()
    collecting = asyncio.create_task(collector.collect(METER, NOON, NOON + 60_000))
    while not device.tried_at:  # noqa: ASYNC110  the database's threads come first, and announce nothing
        await asyncio.sleep(0)
    clock.step(step)
    await clock.advance(60)
    await asyncio.wait_for(collecting, 10)
    assert [at - begin for at in device.tried_at] == [0, 1, 3, 7, 15, 31]
    assert await backend.ledger.last_hole("m") == (NOON, HoleReason.SILENT, "no answer")
    await backend.close()


async def test_a_full_disk_is_logged_once_and_its_end_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    collector = Collector(SilentDevice(clock), await backend.open(), backend.ledger, clock, {})
    with capture_logs() as logs:
        with monkeypatch.context() as full:
            full.setattr(Room, "enough", lambda *_: False)
            for slot in (1, 2):
                await collector.book(METER, slot, slot, HoleReason.FULL)
        await collector.book(METER, 3, 3, HoleReason.LATE)
        await collector.book(METER, 4, 4, HoleReason.LATE)
    assert [log["log_level"] for log in logs if log["log_level"] != "debug"] == ["error", "info"]
    await backend.close()


class Growing:
    """A counter of which each reading tells the growth; nobody may read it twice at once."""

    def __init__(self) -> None:
        self.count, self.reading = 0, False

    async def read(self, meter: Meter, memory: Mapping[str, str]) -> Gathering:  # noqa: ARG002  as a Reader has it
        assert not self.reading
        self.reading = True
        await asyncio.sleep(0)
        self.reading, self.count = False, self.count + 10
        grown = Decimal(self.count - int(memory.get("count", "0")))
        return Gathering((Reading(POINT, 0, grown),), {"count": str(self.count)}, memory)


async def test_a_packet_beside_the_slots_shares_their_memory_and_waits_for_those_that_are_due(tmp_path: Path) -> None:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    outbox = await backend.open()
    collector = Collector(
        Growing(), outbox, backend.ledger, clock, {"default": Account("https://localhost/", "default")}
    )
    slot_is_put = asyncio.Event()
    asked = asyncio.create_task(collector.once(METER, lambda _: slot_is_put.is_set()))
    await collector.collect(METER, NOON, NOON)
    await clock.advance(1)
    slot_is_put.set()
    await clock.advance(1)
    collected = await asyncio.wait_for(asked, 10)
    await collector.collect(METER, NOON + 300_000, NOON + 300_000)
    packets = await outbox.waiting(collector.queue(METER))
    assert isinstance(collected.outcome, Packet)
    assert [packet.instant for packet in packets] == [NOON, collected.outcome.instant, NOON + 300_000]
    assert [packet.origin for packet in packets] == [Origin.LIVE, Origin.PUSHED, Origin.LIVE]
    assert ['"value":10' in packet.body for packet in packets] == [True] * 3
    assert await outbox.memory("m") == {"count": "30"}
    await backend.close()
