"""The product's own reading layer: Reader on Client, every Reading built. Run by benchmarks.reading."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.plan import Gathering
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Meter
from bacnet_bridge.service.interpreter import settle
from benchmarks.clients.channel import Task, serve
from benchmarks.meters import meters


@dataclass(slots=True)
class _Bridge:
    client: Client
    reader: Reader
    meters: list[Meter]
    memory: dict[str, Mapping[str, str]] = field(default_factory=dict)
    made: int = 0

    async def read(self) -> list[Gathering]:
        """All meters are due at one moment, as on the schedule; their memory goes on from pass to pass."""
        reads = [self.reader.read(meter, self.memory.get(meter.id, {})) for meter in self.meters]
        gatherings = [await read for read in reads]
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

        async def counting(address: str, service: int, request: bytes, *, tries: int, segments: int = 0) -> bytes:
            self.made += 1
            return await ask(address, service, request, tries=tries, segments=segments)

        self.client.ask = counting  # type: ignore[method-assign]  # for this pass alone: counting costs CPU
        await self.read()
        del self.client.ask
        settle()  # as the service does


@asynccontextmanager
async def connect(task: Task) -> AsyncIterator[_Bridge]:
    client = Client(Identity(4_000, f"127.0.0.1/32:{task.port}"))
    await client.start()
    bridge = _Bridge(
        client, Reader(client, SystemClock()), meters(task.device, task.server, task.objects, task.points_per_meter)
    )
    try:
        await bridge.learn()
        yield bridge
    finally:
        await bridge.reader.stop()
        await client.stop()


if __name__ == "__main__":
    serve(connect)
