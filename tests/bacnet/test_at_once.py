"""More than one request in flight to a device: only where the site allows it, and the device proves to keep up."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal

import pytest

from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.profile import Profile, after_together, after_too_many
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from tests.support.bacnet import HandmadeDevice, analog, client, meter, placed, point

HOUR = 3_600_000
OBJECTS = {f"analog-input,{number}": analog(number + 0.5, f"AI {number}", 95) for number in range(1, 61)}
SMALL = 206
"""Octets of an APDU: 60 objects take eight requests."""


@dataclass
class Busy(HandmadeDevice):
    """Has no ear for a question while it answers another."""

    lost: int = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.at_once:
            self.lost += 1
        else:
            super().datagram_received(data, addr)


@dataclass
class OneByOne(HandmadeDevice):
    """Takes all questions, and answers one after the other."""

    free_at: float = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = asyncio.get_running_loop().time()
        self.free_at = max(now, self.free_at) + 0.03  # much beside what a busy machine takes
        self.delay = self.free_at - now
        super().datagram_received(data, addr)


async def read_slots(made: HandmadeDevice, limits: Limits) -> Profile:
    """Six slots, every value in each; what was learned in them."""
    async with placed(made), client(timeout=0.3) as bridge:
        reader = Reader(bridge, SystemClock(), limits=limits)
        wanted = [meter(77, point(name), address=made.address, name=name) for name in OBJECTS]
        await reader.warm(wanted)
        for _ in range(6):
            gathered = await asyncio.gather(*(reader.read(each, {}) for each in wanted))
            values = [each.readings[0].value for each in gathered]
            assert values == [Decimal(number) + Decimal("0.5") for number in range(1, 61)]
        await reader.stop()
        return reader.profiles[0]


async def test_one_request_is_in_flight_unless_the_site_says_otherwise() -> None:
    made = HandmadeDevice(objects=OBJECTS, max_apdu=SMALL, delay=0.005)
    await read_slots(made, Limits())
    assert made.most_at_once == 1


async def test_a_device_that_keeps_up_is_asked_as_much_as_the_site_allows() -> None:
    for _ in range(5):  # on a busy machine a device may well seem not to keep up
        made = HandmadeDevice(objects=OBJECTS, max_apdu=SMALL, delay=0.06)
        profile = await read_slots(made, Limits(per_device=4))
        assert made.most_at_once == 4
        if profile.in_flight == 4:
            break
    assert profile.in_flight == 4


@pytest.mark.parametrize("character", [Busy, OneByOne])
async def test_one_that_does_not_keep_up_is_asked_one_after_the_other(character: type[HandmadeDevice]) -> None:
    made = character(objects=OBJECTS, max_apdu=SMALL, delay=0.01)
    profile = await read_slots(made, Limits(per_device=4))
    assert made.most_at_once <= 2
    assert profile.in_flight == 1
    assert profile.in_flight_at


def test_what_was_too_many_is_tried_again_an_hour_later() -> None:
    profile = after_too_many(Profile(77, round_trip=10), 2, now=1_000)
    assert [profile.at_once(4, now) for now in (1_000, HOUR, HOUR + 1_000)] == [1, 1, 2]


def test_more_are_tried_one_by_one_up_to_what_the_site_allows() -> None:
    profile = Profile(77, round_trip=10)
    tried = []
    for _ in range(4):
        tried.append(profile.at_once(3, 0))
        profile = after_together(profile, tried[-1], 10, most=3, now=0)
    assert tried == [2, 3, 3, 3]
    assert profile.at_once(1, 0) == 1
