"""Who else claims a bound device's instance: examined when heard, an alarm while it lasts."""

import asyncio
from collections.abc import Callable
from typing import Final

from bacnet_bridge.bacnet.alarms import Alarms
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.identity import About, read_about, read_name
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError

_AGAIN: Final = 300.0
"""Seconds until a claim is looked at again, and for which further I-Ams of it are not."""
_MOST: Final = 32
"""Claims that are looked after at once: I-Ams may be forged by the thousand."""


class Claims:
    """One task per claim that is looked after; an I-Am alone is no alarm, a device that answers behind it is."""

    def __init__(self, client: Client, clock: Clock, alarms: Alarms) -> None:
        self._client, self._clock, self._alarms = client, clock, alarms
        self._tasks: dict[tuple[int, str], asyncio.Task[None]] = {}

    def examine(
        self, instance: int, claimant: str, bound: str, about: About, vacated: Callable[[], None] | None = None
    ) -> None:
        """Look at what stands at `claimant`; `about` is the device at `bound`.

        `vacated` is called where a device answers at the claimant's address, and none at the bound one any more.
        """
        if (instance, claimant) in self._tasks or len(self._tasks) >= _MOST:
            return
        work = self._look_after(instance, claimant, bound, about, vacated)
        task = self._tasks[instance, claimant] = asyncio.create_task(work, name=f"claim of {instance}")
        task.add_done_callback(lambda _: self._tasks.pop((instance, claimant), None))

    def settled(self, instance: int, address: str) -> None:
        """The instance is bound to this address: what was said of it as a claimant is over."""
        if task := self._tasks.get((instance, address)):
            task.cancel()
        self._alarms.end(("claim", instance, address), "claim is over: this is the device", device=instance)

    def part_from(self, instance: int) -> None:
        """Nobody asks for the instance any more: who else claims it does not matter."""
        for of, claimant in [each for each in self._tasks if each[0] == instance]:
            self._tasks[of, claimant].cancel()
            self._alarms.end(("claim", of, claimant), "claim is over: the device is mapped no more", device=instance)

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_after(
        self, instance: int, claimant: str, bound: str, about: About, vacated: Callable[[], None] | None
    ) -> None:
        try:
            other = await read_about(self._client, instance, claimant, 1)
            if not about.is_machine(other):  # or else the same machine, heard over two ways
                await self._compare(instance, claimant, bound, other, vacated)
        except ReadError:
            pass  # nobody there, or no such device: an I-Am from nowhere
        await self._clock.sleep(_AGAIN)
        key = "claim", instance, claimant
        while key in self._alarms:
            if await self._gone(instance, claimant):
                self._alarms.end(key, "claim is over: nobody else has this instance", device=instance, other=claimant)
            else:
                await self._clock.sleep(_AGAIN)

    async def _compare(
        self, instance: int, claimant: str, bound: str, other: About, vacated: Callable[[], None] | None
    ) -> None:
        try:
            name = await read_name(self._client, instance, bound, 2)
        except DeviceSilentError:
            if vacated is not None:
                vacated()
            return
        self._alarms.start(
            ("claim", instance, claimant),
            "a second device claims this instance",
            f"device {instance}: {other} at {claimant} has the same instance as {name!r} at {bound}, "
            "which is read on; give one of them another",
            device=instance,
            other=claimant,
        )

    async def _gone(self, instance: int, claimant: str) -> bool:
        try:
            await read_name(self._client, instance, claimant, 2)
        except ReadError:
            return True
        return False
