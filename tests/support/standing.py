"""One demo building for all tests of a worker: a start takes a second and a half of the processor.

It runs in a thread with a loop of its own, because every test has another loop. Each test borrows it, and what that
test made of its devices and objects is taken back.
"""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Unpack

import aiohttp

from bacnet_bridge.simulator.building import Manners, Sickness, SimulatedBuilding, run_building
from bacnet_bridge.simulator.declaration import DEMO_BUILDING


@contextmanager
def standing_building() -> Iterator[SimulatedBuilding]:
    started: queue.SimpleQueue[SimulatedBuilding | BaseException] = queue.SimpleQueue()
    over = threading.Event()

    async def stand() -> None:
        try:
            async with run_building(DEMO_BUILDING) as running:
                started.put(running)
                await asyncio.to_thread(over.wait)
        except BaseException as error:
            started.put(error)  # to whoever waits for it
            raise

    thread = threading.Thread(target=asyncio.run, args=(stand(),), name="building")
    thread.start()
    try:
        found = started.get()
        if isinstance(found, BaseException):
            raise found
        yield found
    finally:
        over.set()
        thread.join()


@dataclass(frozen=True)
class Borrowed(SimulatedBuilding):
    """The building for one test."""

    altered: set[int | tuple[int, str]] = field(default_factory=set)
    """Devices and objects that are not as they are declared."""

    async def misbehave(self, device: int, **manners: Unpack[Manners]) -> None:
        self.altered.add(device)
        await super().misbehave(device, **manners)

    async def set_object(self, device: int, object_id: str, **sickness: Unpack[Sickness]) -> None:
        self.altered.add((device, object_id))
        await super().set_object(device, object_id, **sickness)

    async def take_back(self) -> None:
        for each in self.altered:
            if isinstance(each, int):
                await super().misbehave(each)
            else:
                await super().set_object(*each)


@asynccontextmanager
async def borrowed(of: SimulatedBuilding) -> AsyncIterator[Borrowed]:
    async with aiohttp.ClientSession() as session:
        made = Borrowed(of.declaration, of.address, of.port, of.control_url, of._process, session)
        yield made
        await made.take_back()
