"""rusty-bacnet's client: Rust, called from Python. Run by benchmarks.reading."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from rusty_bacnet import BACnetClient, ObjectIdentifier, ObjectType, PropertyIdentifier

from benchmarks.clients.channel import Task, serve

_Wanted = list[tuple[ObjectIdentifier, list[tuple[PropertyIdentifier, int | None]]]]


@dataclass(slots=True)
class _Rusty:
    client: BACnetClient
    server: str
    wanted: list[_Wanted]

    async def read(self) -> list[Any]:
        results: list[Any] = []
        for specifications in self.wanted:
            results += await self.client.read_property_multiple(self.server, specifications)
        return results

    def values(self, results: list[Any]) -> Sequence[float]:
        return [float(result["results"][0]["value"].value) for result in results]

    def requests(self) -> int:
        return len(self.wanted)


def _specifications(task: Task) -> list[_Wanted]:
    properties: list[tuple[PropertyIdentifier, int | None]] = [(PropertyIdentifier.PRESENT_VALUE, None)]
    if task.flags:
        properties.append((PropertyIdentifier.STATUS_FLAGS, None))
    return [
        [(ObjectIdentifier(ObjectType.ANALOG_INPUT, instance), properties) for instance in batch]
        for batch in task.batches()
    ]


@asynccontextmanager
async def connect(task: Task) -> AsyncIterator[_Rusty]:
    async with BACnetClient(interface="127.0.0.1", port=task.port, broadcast_address="127.255.255.255") as client:
        yield _Rusty(client, task.server, _specifications(task))


if __name__ == "__main__":
    serve(connect)
