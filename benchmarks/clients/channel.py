"""A client's side of the line to the benchmark: JSON, a line each way. bacnet_js.cjs speaks the same.

The task stands in the first argument. The client prints `{"ready": …}`; for every further line, `{"passes": …}`, it
reads everything so many times and answers with a Turn; at the end of its input it ends.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read: present-value and status-flags of analog-input 1 … `objects` of one device."""

    device: int
    server: str
    """`127.0.0.1:47808`."""
    port: int
    """The client's own UDP port on 127.0.0.1."""
    objects: int
    per_request: int
    flags: bool = True
    """False: present-value alone."""
    points_per_meter: int = 1

    def batches(self) -> list[range]:
        """Instances per request, for clients that are told what to put into one."""
        return [
            range(first, min(first + self.per_request, self.objects + 1))
            for first in range(1, self.objects + 1, self.per_request)
        ]


class Turn(TypedDict):
    """What the passes over every object took. `cpu` is of the whole process, its threads included, in seconds."""

    seconds: float
    cpu: float
    requests: int
    """Of one pass."""
    values: list[list[float]]
    """By pass, and by instance: the proof that every object was read, and read now."""


class Client(Protocol):
    """`read` is what is measured."""

    async def read(self) -> Any: ...

    def values(self, results: Any) -> Sequence[float]:
        """The present-values of a pass, by instance. Raises where one is missing."""

    def requests(self) -> int:
        """Confirmed requests that one pass makes."""


Connect = Callable[[Task], AbstractAsyncContextManager[Client]]


def serve(connect: Connect) -> None:
    """Run a client until its input ends."""
    # Whatever a library prints goes to stderr; the line to the benchmark stays clean.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    task = Task(**json.loads(sys.argv[1]))
    asyncio.run(_serve(connect, task, lambda message: print(json.dumps(message), file=out)))


async def _serve(connect: Connect, task: Task, tell: Callable[[Any], None]) -> None:
    async with connect(task) as client:
        await client.read()
        tell({"ready": client.requests()})
        async for line in lines():
            tell(await _turn(client, json.loads(line)["passes"]))


async def _turn(client: Client, passes: int) -> Turn:
    began, cpu = time.perf_counter(), time.process_time()
    results = [await client.read() for _ in range(passes)]
    took, used = time.perf_counter() - began, time.process_time() - cpu
    values = [list(client.values(each)) for each in results]
    return Turn(seconds=took, cpu=used, requests=client.requests(), values=values)


async def lines() -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        yield line
