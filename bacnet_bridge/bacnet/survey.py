"""A survey of a network: first all devices, then the objects of those that were chosen.

Devices behind one router are explored one after the other, so that whole devices are known soon and their trunk
carries one question at a time; trunks and BACnet/IP devices side by side. Ends at any moment with what is known.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.explore import Exploration, Wanted, network_of
from bacnet_bridge.bacnet.pacing import Gate, Limits, trunk_of
from bacnet_bridge.bacnet.roll_call import Scope, Search
from bacnet_bridge.clock import Clock
from bacnet_bridge.survey.model import FoundDevice, FoundNetwork, Survey

GENTLE: Final = Limits(per_router=1, share=0.2)
"""A survey takes a fifth of a trunk's time at most: it is never as urgent as what the trunk is there for."""
_TRUNKS: Final = 128
"""Trunks and BACnet/IP devices that are explored at once."""

Key = tuple[int, str]
_T = TypeVar("_T")
_Work = Callable[[_T], Awaitable[None]]


class Progress(Protocol):
    """Who watches the survey."""

    def heard(self, devices: int) -> None:
        """So many devices were heard so far."""

    def identified(self) -> None:
        """One more device was asked who it is."""

    def exploring(self, devices: int, objects: int) -> None:
        """From now on so many devices with so many objects are explored."""

    def objects(self, number: int) -> None:
        """So many more objects were explored."""

    def explored(self, device: FoundDevice) -> None:
        """One more device was explored, as far as it could be."""


class Surveyor:
    """One survey; `survey` is what is known at any moment."""

    def __init__(self, client: Client, clock: Clock, scope: Scope, progress: Progress, limits: Limits = GENTLE) -> None:
        self._client, self._clock, self._progress = client, clock, progress
        self._gate = Gate(limits)
        self._directory = Directory(client, clock)
        self._search = Search(client, scope, self._gate, progress.heard)
        self._explorations: dict[Key, Exploration] = {}
        self._before: Mapping[Key, FoundDevice] = {}
        self._began = clock.wall()
        self._finished = False

    @property
    def networks(self) -> tuple[FoundNetwork, ...]:
        return self._search.networks

    def survey(self, scope: Sequence[str] = ()) -> Survey:
        """As far as it is known now. Devices of an earlier run that were not met yet stay as they were."""
        found = {key: exploration.found for key, exploration in self._explorations.items()}
        heard = {(i_am.instance, i_am.address): _only_heard(i_am) for i_am in self._search.found}
        kept = {} if self._finished else self._before
        devices = {**kept, **heard, **found}
        return Survey(
            began=self._began,
            ended=self._clock.wall(),
            finished=self._finished,
            scope=tuple(scope),
            networks=self._search.networks,
            devices=tuple(devices[key] for key in sorted(devices)),
            attention=tuple(self._search.attention),
        )

    async def devices(self, before: Survey | None = None) -> None:
        """The first pass: who is there, and who they are. `before` is what an interrupted run knew."""
        self._before = {} if before is None else {device.key: device for device in before.devices}
        await self._search.run()
        await self._by_trunk(self._search.found, lambda i_am: i_am.address, self._identify)

    async def objects(self, wanted: Wanted, chosen: Callable[[FoundDevice], bool]) -> None:
        """The second pass: the objects of the chosen devices. Who fell silent gets another chance at the end."""
        asked = {key: each for key, each in self._explorations.items() if _is_asked(each.found, chosen)}
        self._progress.exploring(len(asked), sum(_expected(each.found) for each in asked.values()))

        async def explore(key: Key) -> None:
            await asked[key].explore(wanted, self._progress.objects)
            self._progress.explored(asked[key].found)

        await self._by_trunk(asked, lambda key: key[1], explore)
        again = [key for key, each in asked.items() if each.found.trouble and not each.found.explored]
        for key in again:
            await asked[key].explore(wanted, self._progress.objects)

    def finish(self) -> None:
        """All that was to be looked at was."""
        self._finished = True

    async def stop(self) -> None:
        """End what is in flight; to be called before the client's stop."""
        await asyncio.gather(*(each.stop() for each in self._explorations.values()))
        await self._directory.stop()

    async def _identify(self, i_am: IAm) -> None:
        key = i_am.instance, i_am.address
        made = Exploration(i_am, self._client, self._directory, self._clock, self._gate)
        await made.identify()
        if key in self._before:
            made.take_over(self._before[key])
        self._explorations[key] = made
        self._progress.identified()

    async def _by_trunk(self, each: Iterable[_T], address: Callable[[_T], str], work: _Work[_T]) -> None:
        """What stands on one trunk one after the other."""
        trunks: dict[str, list[_T]] = {}
        for one in each:
            trunks.setdefault(trunk_of(address(one)), []).append(one)
        at_once = asyncio.Semaphore(_TRUNKS)

        async def along(trunk: Iterable[_T]) -> None:
            async with at_once:
                for one in trunk:
                    await work(one)

        async with asyncio.TaskGroup() as group:
            for trunk in trunks.values():
                group.create_task(along(trunk))


def _is_asked(found: FoundDevice, chosen: Callable[[FoundDevice], bool]) -> bool:
    return found.identified and chosen(found)


def _expected(found: FoundDevice) -> int:
    """Objects that are still to be explored, as far as the device says."""
    explored = sum(each.explored for each in found.objects)
    listed = len(found.objects) if found.complete else max(0, (found.counted or 1) - 1)  # the device itself is one
    return max(0, listed - explored)


def _only_heard(i_am: IAm) -> FoundDevice:
    return FoundDevice(i_am.instance, i_am.address, network_of(i_am.address), max_apdu=i_am.max_apdu)
