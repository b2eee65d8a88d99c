"""Registered with a BBMD that loses answers, refuses, repeats itself and forgets; behind routers that move."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.discover import Binding, Directory
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, decode_read, encode_read
from bacnet_bridge.errors import DeviceSilentError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import analog, client
from tests.support.bbmd import bbmd, router

READ_AI1 = encode_read(PropertyRef(ObjectId(0, 1)))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.bacnet.foreign._AGAIN", 0.05)
    monkeypatch.setattr("bacnet_bridge.bacnet.foreign._AGAIN_AT_MOST", 0.1)
    monkeypatch.setattr("bacnet_bridge.bacnet.client._REGISTRATION_WAIT", 2.0)


async def test_a_bbmd_that_first_says_no_is_asked_again() -> None:
    async with bbmd(("192.0.2.1", 5)) as (made, where):
        made.refusals = 2
        with capture_logs() as logs:
            async with client(bbmd=where) as bridge:
                assert (await Directory(bridge).find(5, None)).address == "192.0.2.1"
        assert made.registrations == 3
        assert [log["event"] for log in logs] == ["no registration with the BBMD", "BBMD accepts us"]


async def test_lost_answers_do_not_end_a_registration() -> None:
    async with bbmd(("192.0.2.1", 5)) as (made, where), client(bbmd=where, ttl=1) as bridge:
        made.losses = 5
        with capture_logs() as logs:
            await made.until_registered(7)
            assert await Directory(bridge).find(5, None) == Binding(5, "192.0.2.1", 480)
        assert logs == []


async def test_a_bbmd_that_was_started_anew_is_told_again_before_the_time_is_over() -> None:
    async with bbmd(("192.0.2.1", 5)) as (made, where), client(bbmd=where, ttl=3600) as bridge:
        made.restart()
        assert (await Directory(bridge).find(5, None)).address == "192.0.2.1"
        assert made.registrations == 2


async def test_answers_that_arrive_twice_do_not_multiply_the_registrations() -> None:
    async with bbmd() as (made, where), client(bbmd=where, ttl=1):
        made.answers_twice = True
        began = asyncio.get_running_loop().time()
        await made.until_registered(5)
        assert asyncio.get_running_loop().time() - began > 1.8, "each is renewed after half a second"


async def test_without_a_registration_who_is_waits_for_it_a_moment_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bacnet_bridge.bacnet.client._REGISTRATION_WAIT", 0.05)
    async with bbmd(("192.0.2.1", 5)) as (made, where):
        made.losses = 10_000
        async with client(bbmd=where, timeout=0.06) as bridge:
            with pytest.raises(DeviceSilentError, match="no answer to Who-Is"):
                await Directory(bridge).find(5, None)
            assert made.who_is == 0


async def test_a_router_that_moved_is_followed() -> None:
    objects = {"analog-input,1": analog(21.5)}
    async with (
        router(objects=objects) as old,
        router(objects=objects) as new,
        bbmd() as (made, where),
        client(bbmd=where, timeout=0.15) as bridge,
    ):
        made.router = old
        for _ in range(2):
            _, datum = decode_read(await bridge.ask("100:10", READ_PROPERTY, READ_AI1, tries=1))
            assert datum.value == 21.5
        old.silent, made.router = True, new
        with pytest.raises(DeviceSilentError):
            await bridge.ask("100:10", READ_PROPERTY, READ_AI1, tries=1)
        _, datum = decode_read(await bridge.ask("100:10", READ_PROPERTY, READ_AI1, tries=2))
        assert datum.value == 21.5
        assert [len(each.asked) for each in (old, new)] == [2, 1]
