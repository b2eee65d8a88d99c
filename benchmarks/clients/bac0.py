"""BAC0's readMultiple. Run by benchmarks.reading with a home and a current folder of its own.

BAC0, when imported, reads .env from the current folder and writes to ~/.BAC0.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import BAC0

from benchmarks.clients.channel import Task, serve


@dataclass(slots=True)
class _Bac0:
    network: Any
    wanted: list[str]
    flags: bool

    async def read(self) -> list[Any]:
        results: list[Any] = []
        for text in self.wanted:
            results += await self.network.readMultiple(text)
        return results

    def values(self, results: list[Any]) -> Sequence[float]:
        return [float(value) for value in (results[::2] if self.flags else results)]

    def requests(self) -> int:
        return len(self.wanted)


def _texts(task: Task) -> list[str]:
    properties = "presentValue statusFlags" if task.flags else "presentValue"
    # `analogInput:1`, with a colon: the form with a space breaks at the second object.
    batches = [" ".join(f"analogInput:{instance} {properties}" for instance in batch) for batch in task.batches()]
    return [f"{task.server} {batch}" for batch in batches]


@asynccontextmanager
async def connect(task: Task) -> AsyncIterator[_Bac0]:
    BAC0.log_level("silence")
    network = BAC0.start(ip=f"127.0.0.1/32:{task.port}", ping=False)
    try:
        yield _Bac0(network, _texts(task), task.flags)
    finally:
        await network._disconnect()  # noqa: SLF001 it offers no other end


if __name__ == "__main__":
    serve(connect)
