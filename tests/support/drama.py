"""What befalls a site, at random by a seed: devices die and come back, and the platform fails in all of its ways."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Final

from bacnet_bridge.simulator.platform_faults import Fault
from bacnet_bridge.simulator.platform_remote import RemotePlatform
from benchmarks.process import Process

_AT_MOST: Final = 0.15
"""Share of the devices that are dead at once."""


@dataclass(slots=True)
class Drama:
    """`pace` shortens all times; 1 is that of a site, in minutes."""

    seed: int
    devices: Process
    platform: RemotePlatform
    count: int
    """Of the devices."""
    pace: float = 1.0
    deaths: dict[int, list[list[int]]] = field(default_factory=dict)
    """By device, from when to when it was dead: wall milliseconds; without an end it still is."""
    troubles: list[str] = field(default_factory=list)
    """Of the platform, one after the other."""

    async def run(self) -> None:
        """For ever, until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._devices())
            both.create_task(self._platform())

    async def calm(self) -> None:
        """All is well again. Call it once `run` has ended."""
        await self._mute(set())
        await self.platform.come_up()
        await self.platform.clear_faults()

    def dead_between(self, device: int, first: int, last: int) -> bool:
        return any(begin <= last and (not end or end[0] >= first) for begin, *end in self.deaths.get(device, ()))

    async def _devices(self) -> None:
        dice = random.Random(self.seed)
        back: dict[int, float] = {}
        while True:
            await asyncio.sleep(dice.uniform(10, 30) * self.pace)
            now = time.monotonic()
            back = {device: until for device, until in back.items() if until > now}
            room = int(self.count * _AT_MOST) - len(back)
            for device in dice.sample(range(self.count), min(room, dice.randint(0, self.count // 20))):
                back[device] = now + dice.uniform(20, 240) * self.pace
            await self._mute(set(back))

    async def _mute(self, dead: set[int]) -> None:
        before = time.time_ns() // 1_000_000
        await self.devices.ask({"dead": sorted(dead)})
        after = time.time_ns() // 1_000_000
        for device in range(self.count):
            times = self.deaths.setdefault(device, [])
            was = bool(times) and len(times[-1]) == 1
            if device in dead and not was:
                times.append([before])
            elif was and device not in dead:
                times[-1].append(after)

    async def _platform(self) -> None:
        dice = random.Random(self.seed + 1)
        while True:
            await asyncio.sleep(dice.uniform(10, 40) * self.pace)
            await self.platform.behave(duplicates=dice.choice([200, 400, 409]))
            trouble = dice.choice([*_TROUBLES, "away"])
            self.troubles.append(trouble)
            if trouble == "away":
                await self.platform.go_down()
                await asyncio.sleep(dice.uniform(60, 150) * self.pace)
                await self.platform.come_up()
                continue
            seed = dice.randrange(2**32)
            await self.platform.misbehave(*(fault.model_copy(update={"seed": seed}) for fault in _TROUBLES[trouble]))
            await asyncio.sleep(dice.uniform(40, 90) * self.pace)
            await self.platform.clear_faults()


_TROUBLES: Final[dict[str, tuple[Fault, ...]]] = {
    "answers 500": (Fault(status=500, probability=0.3, times=None),),
    "answers 503 to all": (Fault(status=503, times=None),),
    "cut before storing": (Fault(cut="reset", probability=0.2, times=None),),
    "cut after storing": (Fault(cut="reset", after_storing=True, probability=0.2, times=None),),
    "500 after storing": (Fault(status=500, after_storing=True, probability=0.2, times=None),),
    "closes idle connections": (Fault(idle=0.005, probability=0.5, times=None),),
    "slow": (Fault(delay=1.5, probability=0.3, times=None),),
    "slow down": (Fault(status=429, headers={"Retry-After": "3"}, probability=0.05, times=None),),
}
