import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from tests.support.bacnet import HandmadeDevice, analog, client, device, meter, point, text
from tests.support.bbmd import HandmadeBBMD, bbmd
from tests.support.clock import DrivenClock


async def until(holds: Callable[[], object]) -> None:
    """Nothing announces that an I-Am was heard; it takes a datagram's way."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 as above
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def out_of_time() -> AsyncIterator[tuple[HandmadeDevice, HandmadeBBMD, Client]]:
    """A device that is there, but whose I-Am comes when nobody waits for it any more: the test sends it."""
    async with (
        device(objects={"analog-input,1": analog(21.5)}) as made,
        bbmd() as (broadcaster, where),
        client(bbmd=where, timeout=0.15) as bridge,
    ):
        yield made, broadcaster, bridge


async def test_an_i_am_that_comes_too_late_counts_for_the_next_search() -> None:
    async with out_of_time() as (made, broadcaster, bridge):
        directory = Directory(bridge, kept=Kept())
        with pytest.raises(DeviceSilentError):
            await directory.find(77, None, tries=1)
        made.say_i_am(bridge._edge.local_address)
        await until(lambda: directory._sought._late[77])
        assert (await directory.find(77, None, tries=1)).address == made.address
        assert broadcaster.who_is == 1
        assert not directory._sought._late


async def test_a_late_i_am_finds_its_device_and_asks_nobody_anew() -> None:
    """Each late answer that has another question asked would keep a slow trunk busy for ever."""
    async with out_of_time() as (made, broadcaster, bridge):
        reader = Reader(bridge, SystemClock())
        mapped = meter(77, point("AI1"))
        assert (await reader.read(mapped, {})).readings[0].problem
        asked = broadcaster.who_is
        made.say_i_am(bridge._edge.local_address)
        await until(lambda: made.asked)
        (reading,) = (await reader.read(mapped, {})).readings
        assert reading.value is not None
        assert broadcaster.who_is == asked
        await reader.stop()


async def test_what_was_heard_late_counts_once() -> None:
    async with out_of_time() as (made, broadcaster, bridge):
        directory = Directory(bridge)
        with pytest.raises(DeviceSilentError):
            await directory.find(77, None, tries=1)
        for instance in (77, 78):
            made.instance = instance
            made.say_i_am(bridge._edge.local_address)
        await until(lambda: directory._sought._late[77])
        assert (await directory.find(77, None)).address == made.address
        directory.forget(77, None)
        with pytest.raises(DeviceSilentError):
            await directory.find(77, None, tries=1)
        assert broadcaster.who_is == 2


async def test_a_device_that_did_not_say_who_it_is_is_asked_again() -> None:
    async with device() as made, client(timeout=0.1) as bridge:
        kept, clock = Kept(), DrivenClock()
        directory = Directory(bridge, clock, kept)
        made.about[77] = 0, 3  # type: ignore[assignment]  # busy, as devices are that are just starting
        bound = await directory.find(77, made.address)
        assert kept.keys() == []
        made.about[77] = text("AHU 1")
        asked = len(made.asked)
        assert await directory.find(77, made.address) == bound
        assert len(made.asked) == asked
        await clock.advance(61)
        assert await directory.find(77, made.address) == bound
        assert kept[f"77 at {made.address}"]["name"] == "AHU 1"
        asked = len(made.asked)
        await clock.advance(61)
        assert await directory.find(77, made.address) == bound
        assert len(made.asked) == asked


async def test_forged_claims_are_looked_at_side_by_side_and_not_all() -> None:
    about = {77: text("AHU 1")}
    forged = [(f"127.0.0.1:{port}", 77) for port in range(20_000, 20_040)]
    async with (
        device(about=about) as old,
        device(about=about) as new,
        bbmd((new.address, 77), *forged) as (_, where),
        client(bbmd=where, timeout=0.3) as bridge,
    ):
        kept = Kept()
        kept.put("77", {"address": old.address, "max_apdu": 480, "name": "AHU 1"})
        old.silent = True
        directory = Directory(bridge, DrivenClock(), kept)
        async with asyncio.timeout(4):  # 40 × 0.3 s one after the other
            assert (await directory.find(77, None)).address == new.address
        await directory.stop()


async def test_searches_on_one_trunk_are_few_at_once_and_cost_no_other_trunk() -> None:
    gate, at_once, most = Gate(), 0, 0
    never, entered = asyncio.Event(), asyncio.Event()

    async def search(near: str, *, silent: bool) -> None:
        nonlocal at_once, most
        async with gate.search(near, silent=silent):
            at_once += 1
            most = max(most, at_once)
            entered.set()
            await never.wait()

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        dead = [tasks.create_task(search(f"100:{mac}", silent=False)) for mac in range(200)]
        await entered.wait()
        await asyncio.sleep(0)
        assert most == 4
        for near in ("101:1", "", "192.168.1.5"):
            async with gate.search(near, silent=False):
                pass
        async with gate.search("100:7", silent=True):
            pass
        for each in dead:
            each.cancel()


async def test_an_identity_is_asked_for_in_the_trunk_s_turn() -> None:
    class Counting(Gate):
        turns = 0

        def turn(self, address: str, who: str) -> Any:
            self.turns += 1
            return super().turn(address, who)

    async with device() as made, client(timeout=0.1) as bridge:
        gate = Counting()
        await Directory(bridge, kept=Kept(), gate=gate).find(77, made.address)
        assert gate.turns == 1


async def test_an_ambiguous_late_answer_is_refused_and_forgotten() -> None:
    async with out_of_time() as (made, _, bridge), device() as other:
        directory = Directory(bridge, kept=Kept())
        with pytest.raises(DeviceSilentError):
            await directory.find(77, None, tries=1)
        for each in (made, other):
            each.say_i_am(bridge._edge.local_address)
        await until(lambda: len(directory._sought._late[77]) == 2)
        with pytest.raises(ReadError, match="claim this instance"):
            await directory.find(77, None, tries=1)
        assert not directory._sought._late
