"""Pacing: who may ask, on which trunk, in which order."""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from bacnet_bridge.bacnet.pacing import Gate, Limits, next_turn, trunk_of


@pytest.mark.parametrize(
    ("address", "trunk"),
    [
        ("100:10", "network 100"),
        ("100:192.168.1.5:47808", "network 100"),
        ("101:10", "network 101"),
        ("192.168.1.20", "192.168.1.20"),
        ("192.168.1.20:47809", "192.168.1.20:47809"),
    ],
)
def test_devices_behind_a_router_share_its_trunk(address: str, trunk: str) -> None:
    assert trunk_of(address) == trunk


@pytest.mark.parametrize(
    ("served", "shift", "whose"),
    [
        ({}, 0, "a"),
        ({}, 1, "b"),
        ({}, 2, "c"),
        ({}, 3, "a"),
        ({"a": 1}, 0, "b"),
        ({"a": 1, "b": 1, "c": 1}, 2, "c"),
        ({"a": 5, "b": 4, "c": 5}, 2, "b"),
    ],
)
def test_turns_go_round_from_another_start_each_slot(served: dict[str, int], shift: int, whose: str) -> None:
    assert next_turn("abc", served, {"a": 0, "b": 1, "c": 2}, shift) == whose


class Bus:
    """Asks through a gate, and sees who is at it at once."""

    def __init__(self, limits: Limits) -> None:
        self.gate = Gate(limits)
        self.at_once: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.order: list[str] = []
        self.times: list[tuple[float, float]] = []

    async def ask(self, address: str, requests: int = 1) -> None:
        trunk = trunk_of(address)
        for _ in range(requests):
            async with self.gate.turn(address, address):
                began = asyncio.get_running_loop().time()
                for where in (trunk, "all"):
                    self.at_once[where] += 1
                    self.most[where] = max(self.most[where], self.at_once[where])
                await asyncio.sleep(0)
                self.order.append(address)
                for where in (trunk, "all"):
                    self.at_once[where] -= 1
            self.times.append((began, asyncio.get_running_loop().time()))


async def test_no_more_than_allowed_on_a_trunk_and_in_all() -> None:
    bus = Bus(Limits(total=3, per_router=2))
    await asyncio.gather(*(bus.ask(f"{network}:{mac}", 3) for network in range(4) for mac in range(5)))
    assert len(bus.order) == 60
    assert bus.most["all"] == 3
    assert {bus.most[f"network {network}"] for network in range(4)} <= {1, 2}


async def test_a_long_reading_does_not_hold_up_a_short_one() -> None:
    bus = Bus(Limits(per_router=1))
    await asyncio.gather(bus.ask("1:1", 50), bus.ask("1:2", 1))
    assert bus.order.index("1:2") <= 2


async def test_nobody_is_always_last() -> None:
    bus = Bus(Limits(per_router=1))
    last = set()
    for _ in range(6):
        bus.order.clear()
        await asyncio.gather(*(bus.ask(f"1:{mac}") for mac in range(4)))
        last.add(bus.order[-1])
    assert len(last) == 3, "all but the one that is due first, and so goes first"


async def test_a_trunk_rests_between_questions() -> None:
    bus = Bus(Limits(per_router=1, gap=0.02))
    await asyncio.gather(*(bus.ask(f"1:{mac}", 2) for mac in range(2)))
    assert all(later[0] - earlier[1] >= 0.015 for earlier, later in pairwise(bus.times))


@pytest.mark.parametrize("his_turn_comes", [False, True])
async def test_who_gives_up_leaves_no_gap_and_hands_his_turn_on(his_turn_comes: bool) -> None:
    gate = Gate(Limits(per_router=1))
    async with gate.turn("1:1", "first"):
        waiting = [asyncio.create_task(_pass(gate, who)) for who in ("second", "third")]
        await asyncio.sleep(0)
        if not his_turn_comes:
            waiting[0].cancel()
    if his_turn_comes:
        waiting[0].cancel()
    await asyncio.wait(waiting)
    assert waiting[0].cancelled()
    assert waiting[1].done()
    assert not waiting[1].cancelled()
    await _pass(gate, "fourth")


async def _pass(gate: Gate, who: str) -> None:
    async with gate.turn("1:1", who):
        await asyncio.sleep(0)
