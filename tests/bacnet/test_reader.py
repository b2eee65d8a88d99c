import asyncio
from collections.abc import Mapping
from decimal import Decimal

import pytest

from bacnet_bridge.bacnet.plan import Gathering
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.mapping.watch_keys import condition
from bacnet_bridge.model import SKIPPED_FLAGS, Nature
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import RELIABILITY
from tests.support.bacnet import (
    analog,
    apdu_of,
    bits,
    client,
    device,
    enumerated,
    meter,
    overhearing,
    point,
    real,
    text,
    unsigned,
)
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.building import free_port
from tests.support.clock import DrivenClock

MAIN = meter(
    1001,
    *(point(f"AI{n}", f"aP_{n}", name=f"L{n} Active Power") for n in (1, 2, 3)),
    *(point(f"AI{n + 3}", f"rP_{n}") for n in (1, 2, 3)),
    *(point(f"AI{n + 6}", f"apP_{n}") for n in (1, 2, 3)),
    *(point(f"AI{n + 9}", f"v_{n}") for n in (1, 2, 3)),
    *(point(f"AI{n + 12}", f"c_{n}") for n in (1, 2, 3)),
    *(point(f"large-analog-value,{n}", f"pC_{n}", nature=Nature.INDEX) for n in (1, 2, 3)),
    *(point(f"AI{n + 20}", f"v_{pair}") for n, pair in ((1, 12), (2, 13), (3, 23))),
)
TENANT = meter(1004, point("AI1", "aP_1"), point("LAV1", "pC_1", nature=Nature.INDEX))
UTILITY = [
    meter(1002, each) for each in (point("ACC1"), point("ACC2", nature=Nature.DELTA), point("PC1", nature=Nature.INDEX))
]
AIR = [meter(1003, point(each)) for each in ("AI1", "AI2", "AI3", "AI4", "AI5", "BI1", "MSI1")]
BOILER = meter(1005, point("AI1"), point("AI2"))
ALL = (MAIN, TENANT, BOILER, *UTILITY, *AIR)


def values(gathering: Gathering) -> list[Decimal | None]:
    return [reading.value for reading in gathering.readings]


def problems(gathering: Gathering) -> list[tuple[HoleReason, str]]:
    return [(each.problem.reason, each.problem.detail) for each in gathering.readings if each.problem is not None]


async def test_the_whole_building_and_nothing_but_reads_leaves(building: SimulatedBuilding) -> None:
    """Discovery, facts, reading and a device that refuses; every datagram taken apart by hand."""
    bbmd, port = f"{building.address}:{building.port}", free_port()
    with overhearing(port) as sent:
        async with client(address=f"127.0.0.1/32:{port}", bbmd=bbmd, timeout=2, ttl=60) as bridge:
            reader = Reader(bridge, SystemClock())
            await reader.warm(ALL)
            main, tenant, boiler, *others = await asyncio.gather(*(reader.read(each, {}) for each in ALL))
            shown = await building.values()
            await reader.stop()

    assert problems(main) == problems(tenant) == problems(boiler) == []
    assert len(main.readings) == 21
    assert [reading.point for reading in main.readings] == list(MAIN.points)
    power = values(main)[0]
    assert power is not None
    assert float(power) == pytest.approx(float(shown[1001]["analog-input,1"]) * 1000, rel=0.2)
    assert {reading.unit for reading in main.readings} == {"kW", "kVAr", "kVA", "V", "A", "kWh"}

    gas, water, heat, *air = (other.readings[0] for other in others)
    assert gas.value == Decimal(gas.raw) / 100
    assert water.problem is not None
    assert water.problem.reason is HoleReason.FIRST
    assert heat.value == Decimal(heat.raw)

    supply, _, outside, exhaust, co2, fan, mode = air
    assert supply.unit == "°C"
    assert supply.value is not None
    assert [reading.problem and reading.problem.detail for reading in (outside, exhaust, co2)] == [
        "device 1003, analog-input,3 present-value: the device flags it: fault",
        "device 1003, analog-input,4 present-value: the device flags it: out-of-service",
        "device 1003, analog-input,5 present-value: the value is NaN",
    ]
    assert fan.value in {0, 1}
    assert mode.value in {1, 2, 3}
    assert_only_reads(sent)


def assert_only_reads(sent: list[bytes]) -> None:
    assert {datagram[1] for datagram in sent} == {0x05, 0x09, 0x0A}
    services = set()
    for datagram in sent:
        assert int.from_bytes(datagram[2:4]) == len(datagram)
        if datagram[1] == 0x05:
            continue
        apdu = apdu_of(datagram)
        if apdu is None:
            assert datagram[5] & 0x80
            services.add(("network", datagram[-3]))
        else:
            services.add(("confirmed", apdu[3]) if apdu[0] >> 4 == 0 else (f"type {apdu[0] >> 4}", apdu[1]))
    assert {("confirmed", 12), ("confirmed", 14), ("type 1", 8)} <= services
    assert services <= {("confirmed", 12), ("confirmed", 14), ("type 1", 8), ("network", 0)}


async def test_facts_are_read_once_and_again_after_a_silence() -> None:
    objects = {"analog-input,1": analog(1.5, "Flow", 47)}
    async with device(objects=objects) as made, client(timeout=0.06) as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1", "aP_1", name="Flow"), address=made.address)
        assert values(await reader.read(it, {})) == [Decimal("1.5")]
        assert values(await reader.read(it, {})) == [Decimal("1.5")]
        assert [len(refs) for _, refs in made.asked] == [5, 2]
        made.silent = True
        silent = await reader.read(it, {})
        assert problems(silent) == [(HoleReason.SILENT, "device 77: no answer")]
        made.silent = False
        objects["analog-input,1"] = analog(1.5, "Another point", 48)
        assert problems(await reader.read(it, {})) == [
            (
                HoleReason.REFUSED,
                (
                    "device 77, analog-input,1 present-value: pinned as 'Flow' in W, the device now says "
                    "'Another point' in kW: correct the mapping, or `bacnet-bridge accept 77 analog-input,1`"
                ),
            )
        ]
        await reader.stop()


async def test_what_objects_say_of_themselves_is_asked_once_for_all_meters() -> None:
    objects = {f"analog-input,{number}": analog(number, f"AI {number}") for number in range(1, 61)}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        meters = [meter(77, point(name), address=made.address, name=name) for name in objects]
        await reader.warm(meters)
        asked = [ref for _, refs in made.asked for ref in refs]
        assert len(asked) == len(set(asked))
        await reader.stop()


async def test_memory_goes_with_the_packet_or_without_it() -> None:
    objects = {
        "accumulator,1": {85: unsigned(100), 111: bits(), 77: text("Water"), 117: enumerated(80), 187: b"\x19\xff"}
    }
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("ACC1", nature=Nature.DELTA), address=made.address)
        first = await reader.read(it, {"another point": "kept"})
        assert first.unsent["another point"] == "kept"
        objects["accumulator,1"][85] = unsigned(110)
        second = await reader.read(it, first.unsent)
        assert values(second) == [Decimal(1)]
        assert values(await reader.read(it, second.unsent)) == [Decimal(1)]
        assert values(await reader.read(it, second.memory)) == [Decimal(0)]
        await reader.stop()


async def test_two_devices_of_one_instance_at_two_addresses_are_two() -> None:
    """Guarantee 4: what is due together from them must not be answered by one of them."""
    async with (
        device(objects={"analog-input,1": analog(1, "Here", units=62)}) as here,
        device(objects={"analog-input,1": analog(2, "There", units=64)}) as there,
        client() as bridge,
    ):
        reader = Reader(bridge, DrivenClock())
        wanted = [meter(77, point("AI1"), address=made.address) for made in (here, there)]
        for _ in range(2):
            read = await asyncio.gather(*(reader.read(each, {}) for each in wanted))
            assert [values(each) for each in read] == [[1], [2]]
            assert [each.readings[0].unit for each in read] == ["°C", "°F"]
        await reader.stop()


def water(count: int) -> dict[str, dict[int, bytes]]:
    return {"accumulator,1": {85: unsigned(count), 111: bits(), 77: text("W"), 117: enumerated(80), 187: b"\x19\x00"}}


async def test_another_devices_counter_does_not_go_on_where_the_first_ones_ended() -> None:
    async with (
        device(instance=77, objects=water(100)) as old,
        device(instance=78, objects=water(9000)) as new,
        client() as bridge,
    ):
        reader = Reader(bridge, DrivenClock())
        register = point("ACC1", nature=Nature.DELTA)
        first = await reader.read(meter(77, register, address=old.address), {})
        other = await reader.read(meter(78, register, address=new.address), first.unsent)
        assert [reason for reason, _ in problems(other)] == [HoleReason.FIRST]
        await reader.stop()


async def test_registers_of_different_units_are_not_added_up() -> None:
    objects = {"analog-input,1": analog(5, units=19), "analog-input,2": analog(3000, units=18)}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        detail = "the registers of the sum are in kWh and Wh: convert with `multiplier:`, and say `unit:` with each"
        assert problems(await reader.read(meter(77, point("AI1"), point("AI2"), address=made.address), {})) == [
            (HoleReason.REFUSED, f"device 77, analog-input,{number} present-value: {detail}") for number in (1, 2)
        ]
        said = meter(77, point("AI1"), point("AI2", multiplier="0.001", unit="kWh"), address=made.address)
        assert values(await reader.read(said, {})) == [5, 3]
        electrical = meter(77, point("AI1", "pC_1"), point("AI2", "pC_1"), address=made.address)
        assert values(await reader.read(electrical, {})) == [5000, 3000]
        await reader.stop()


async def test_facts_that_made_a_refusal_are_read_again() -> None:
    objects = {"analog-input,1": analog(1.5, "Old", 62)}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1", "aP_1", name="New"), address=made.address)
        assert "is called 'Old'" in problems(await reader.read(it, {}))[0][1]
        objects["analog-input,1"] = analog(1.5, "New", 62)
        assert "°C" in problems(await reader.read(it, {}))[0][1]
        objects["analog-input,1"] = analog(1.5, "New", 48)
        assert values(await reader.read(it, {})) == [1500]
        await reader.stop()


async def test_blanks_and_nulls_around_a_devices_name_are_not_part_of_it() -> None:
    objects = {"analog-input,1": analog(1, " L1 Power \0\0", 47)}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        assert values(await reader.read(meter(77, point("AI1", name="L1 Power"), address=made.address), {})) == [1]
        await reader.stop()


async def test_a_device_that_is_busy_with_a_fact_is_asked_for_it_again() -> None:
    objects = {"analog-input,1": {85: real(2), 111: bits(), 77: text("AI")}}
    async with device(objects=objects) as made, client() as bridge:
        busy = b"\x5e\x91\x02\x91\x20\x5f", b"\x5e\x91\x00\x91\x03\x5f"
        made.rewrite = lambda datagram: datagram.replace(*busy)
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1"), address=made.address)
        assert problems(await reader.read(it, {})) == [
            (HoleReason.REFUSED, "device 77, analog-input,1 units: device-busy")
        ]
        made.rewrite = lambda datagram: datagram
        assert values(await reader.read(it, {})) == [2]
        await reader.stop()


async def test_a_silent_device_does_not_delay_the_others() -> None:
    async with (
        device(silent=True) as dead,
        device(instance=78, objects={"analog-input,1": analog(4, units=62)}) as alive,
        client(timeout=5) as bridge,
    ):
        reader = Reader(bridge, DrivenClock())
        waiting = reader.read(meter(77, point("AI1"), address=dead.address), {})
        for _ in range(3):
            async with asyncio.timeout(1):
                assert values(await reader.read(meter(78, point("AI1"), address=alive.address), {})) == [4]
        assert not waiting.done()
        await reader.stop()
        assert problems(await waiting) == [(HoleReason.SILENT, "device 77: reading was stopped")]


async def test_devices_of_bad_manners(building: SimulatedBuilding) -> None:
    rude = {1001: {"refuse_rpm": True}, 1002: {"abort": "other"}, 1003: {"delay_ms": 300}, 1005: {"silent": True}}
    await asyncio.gather(*(building.misbehave(number, **manners) for number, manners in rude.items()))  # type: ignore[arg-type]
    async with client(bbmd=f"{building.address}:{building.port}", timeout=1) as bridge:
        reader = Reader(bridge, SystemClock())
        refusing, aborting, slow, silent = await asyncio.gather(
            reader.read(MAIN, {}),
            reader.read(UTILITY[0], {}),
            reader.read(meter(1003, point("AI1")), {}),
            reader.read(BOILER, {}),
        )
        await reader.stop()
    assert problems(refusing) == problems(slow) == []
    assert problems(aborting)[0] == (HoleReason.REFUSED, "device 1002, accumulator,1 present-value: abort other")
    assert problems(silent) == [(HoleReason.SILENT, "device 1005: no answer to Who-Is")] * 2


async def test_a_points_condition_is_read_in_the_same_gathering() -> None:
    state = {85: enumerated(1)}
    objects = {"analog-input,1": analog(2, units=62), "binary-input,7": state}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1", valid_when=condition("BI7 = active")), address=made.address)
        assert values(await reader.read(it, {})) == [2]
        made.asked.clear()
        state[85] = enumerated(0)
        assert problems(await reader.read(it, {})) == [
            (
                HoleReason.REFUSED,
                "device 77, analog-input,1 present-value: valid only when BI7 = active, and binary-input,7 is inactive",
            )
        ]
        assert len(made.asked) == 1
        del objects["binary-input,7"]
        assert problems(await reader.read(it, {})) == [
            (HoleReason.REFUSED, "device 77, binary-input,7 present-value: unknown-object")
        ]
        await reader.stop()


async def test_an_accumulators_largest_value_is_read_and_need_not_be() -> None:
    objects = {
        "accumulator,1": {**water(0)["accumulator,1"], 65: unsigned(999)},
        "accumulator,2": water(5)["accumulator,1"],
    }
    async with device(objects=objects) as made, client() as bridge:
        clock = DrivenClock()
        reader = Reader(bridge, clock)
        it = meter(77, *(point(each, nature=Nature.DELTA) for each in ("ACC1", "ACC2")), address=made.address)
        memory: Mapping[str, str] = {}
        read = []
        for count in (980, 990, 3, 6, 9):
            for number in (1, 2):
                objects[f"accumulator,{number}"][85] = unsigned(count)
            gathering = await reader.read(it, memory)
            read.append(values(gathering))
            memory = gathering.memory if None not in read[-1] else gathering.unsent
            await clock.advance(300)
        assert read == [[None, None], [10, 10], [None, None], [None, None], [19, 6]]
        assert "rollover" in gathering.readings[0].notice
        assert "reset" in gathering.readings[1].notice
        await reader.stop()


async def test_a_device_that_is_mapped_no_more_is_forgotten_and_asked_nothing() -> None:
    async with device() as gone, device(instance=78) as kept, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        gone.objects = kept.objects = {"analog-input,1": analog(1, "One")}
        one, other = (
            meter(each.instance, point("AI1"), address=each.address, name=name)
            for each, name in ((gone, "one"), (kept, "other"))
        )
        await reader.warm([one, other])
        await reader.only([other])
        assert [profile.instance for profile in reader.profiles] == [78]
        gone.silent, before = True, len(gone.asked)
        reader.try_silent()
        assert (await reader.read(other, {})).readings[0].problem is None
        assert len(gone.asked) == before
        gone.silent = False
        await reader.read(one, {})
        assert len(gone.asked) > before, "a meter that comes back is read"
        await reader.stop()


async def test_where_our_port_is_opened_anew_who_was_silent_is_tried_at_once() -> None:
    async with device(objects={"analog-input,1": analog(1.5)}, silent=True) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        (silent,) = (await reader.read(meter(77, point("AI1"), address=made.address), {})).readings
        assert silent.problem is not None
        made.silent, before = False, len(made.asked)
        reader.moved()
        async with asyncio.timeout(5):
            while len(made.asked) == before:  # noqa: ASYNC110 nobody is told of it
                await asyncio.sleep(0)
        await reader.stop()


async def test_a_reliability_that_becomes_bad_is_seen_though_all_was_plain_before() -> None:
    objects = {"analog-input,1": {**analog(1.5), RELIABILITY: enumerated(0)}}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1", skip=SKIPPED_FLAGS | {"reliability"}), address=made.address)
        for _ in range(2):
            assert values(await reader.read(it, {})) == [Decimal("1.5")]
        objects["analog-input,1"][RELIABILITY] = enumerated(7)
        assert values(await reader.read(it, {})) == [None]
        await reader.stop()


async def test_registers_of_different_units_are_not_added_up_though_each_was_good_alone() -> None:
    objects = {"analog-input,1": analog(1, units=48), "analog-input,2": analog(2, units=47)}
    second = objects.pop("analog-input,2")
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1"), point("AI2"), address=made.address)
        assert values(await reader.read(it, {})) == [1, None]
        first = objects.pop("analog-input,1")
        objects["analog-input,2"] = second
        assert values(await reader.read(it, {})) == [None, 2]
        objects["analog-input,1"] = first
        for _ in range(2):
            gathering = await reader.read(it, {})
            assert values(gathering) == [None, None]
            assert "are in kW and W" in problems(gathering)[0][1]
        await reader.stop()
