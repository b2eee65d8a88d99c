"""The product's own reading layer: Reader on Client, every Reading built. Run by benchmarks.reading."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.reader import Gathering, Reader
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Meter, Nature, Point, PropertyRef
from bacnet_bridge.vocabulary.fields import SINGLE, Quantity
from bacnet_bridge.vocabulary.objects import ObjectId
from benchmarks.building import NAME, field_of
from benchmarks.clients.channel import Task, serve

_ANALOG_INPUT = 0


def meters(task: Task) -> list[Meter]:
    """The device's objects as meters: of one `value` each, or electrical ones of up to 21 fields."""
    firsts = range(1, task.objects + 1, task.points_per_meter)
    return [_meter(task, range(first, min(first + task.points_per_meter, task.objects + 1))) for first in firsts]


def _meter(task: Task, instances: range) -> Meter:
    points = tuple(_point(instance, single=task.points_per_meter == 1) for instance in instances)
    name = f"meter-{instances[0]}"
    return Meter(name, name, task.device, points, 60, "Europe/Dublin", 15.0, address=task.server)


def _point(instance: int, *, single: bool) -> Point:
    source = PropertyRef(ObjectId(_ANALOG_INPUT, instance))
    if single:
        return Point(SINGLE.key, source, name=NAME.format(instance))
    counts = field_of(instance).quantity is Quantity.ENERGY
    nature = Nature.INDEX if counts else Nature.INSTANT
    return Point(field_of(instance).key, source, nature, NAME.format(instance))


@dataclass(slots=True)
class _Bridge:
    client: Client
    reader: Reader
    meters: list[Meter]
    memory: dict[str, dict[str, str]] = field(default_factory=dict)
    made: int = 0

    async def read(self) -> list[Gathering]:
        """All meters are due at one moment, as on the schedule; their memory goes on from pass to pass."""
        reads = [self.reader.read(meter, self.memory.get(meter.id, {})) for meter in self.meters]
        gatherings: list[Gathering] = await asyncio.gather(*reads)
        for meter, gathering in zip(self.meters, gatherings, strict=True):
            self.memory[meter.id] = gathering.memory
        return gatherings

    def values(self, results: list[Gathering]) -> Sequence[float]:
        readings = [reading for gathering in results for reading in gathering.readings]
        if wrong := [reading.problem for reading in readings if reading.value is None]:
            raise RuntimeError(f"{len(wrong)} readings without a value, the first: {wrong[0]}")
        return [float(reading.raw) for reading in readings]

    def requests(self) -> int:
        return self.made

    async def learn(self) -> None:
        """Two passes before anything is measured: facts are read in the first, requests counted in the second."""
        await self.read()
        ask = self.client.ask

        async def counting(address: str, service: int, request: bytes, *, tries: int) -> bytes:
            self.made += 1
            return await ask(address, service, request, tries=tries)

        self.client.ask = counting  # type: ignore[method-assign]  # for this pass alone: counting costs CPU
        await self.read()
        del self.client.ask


@asynccontextmanager
async def connect(task: Task) -> AsyncIterator[_Bridge]:
    client = Client(Identity(4_000, f"127.0.0.1/32:{task.port}"))
    await client.start()
    bridge = _Bridge(client, Reader(client, SystemClock()), meters(task))
    try:
        await bridge.learn()
        yield bridge
    finally:
        await bridge.reader.stop()
        await client.stop()


if __name__ == "__main__":
    serve(connect)
