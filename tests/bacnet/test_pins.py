"""An object that became another one holds its point: at once, over restarts, until somebody says what is right."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.pins import Pins, pin_key
from bacnet_bridge.bacnet.plan import Gathering
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.bacnet.rule import Facts
from bacnet_bridge.mapping.watch_keys import condition
from bacnet_bridge.model import Nature
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import parse_object
from tests.support.bacnet import (
    HandmadeDevice,
    analog,
    bits,
    client,
    device,
    enumerated,
    meter,
    point,
    text,
    unsigned,
)
from tests.support.clock import DrivenClock

KILOWATTS, WATTS = 48, 47


def power(name: str = "L1 Active Power", units: int = KILOWATTS, value: float = 1.5) -> dict[str, dict[int, bytes]]:
    return {"analog-input,1": analog(value, name, units)}


def values(gathering: Gathering) -> list[Decimal | None]:
    return [reading.value for reading in gathering.readings]


def problem(gathering: Gathering) -> str:
    (reading,) = gathering.readings
    assert reading.problem is not None
    assert reading.problem.reason is HoleReason.REFUSED
    return reading.problem.detail


def facts_asked(made: HandmadeDevice) -> int:
    """How often the objects were asked for their names."""
    return sum((wanted.type, number) == (0, 77) for _, refs in made.asked for wanted, number in refs)


async def says_i_am(made: HandmadeDevice, bridge: Client, reader: Reader) -> None:
    """Returns when the reader has heard it."""
    host, port = bridge._edge.local_address
    made.say_i_am((host, port))
    await until(lambda: any(facts._said_i_am for facts in reader._facts.values()))


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 a datagram's arrival is told to nobody
            await asyncio.sleep(0.002)


async def reloaded(made: HandmadeDevice, bridge: Client, reader: Reader, clock: DrivenClock) -> None:  # noqa: ARG001
    """As devices are that say I-Am when they start."""
    await says_i_am(made, bridge, reader)


async def revised(made: HandmadeDevice, bridge: Client, reader: Reader, clock: DrivenClock) -> None:  # noqa: ARG001
    """As devices are that count how often they were loaded."""
    made.about[155] = unsigned(2)
    await clock.advance(301)


async def silent(made: HandmadeDevice, bridge: Client, reader: Reader, clock: DrivenClock) -> None:  # noqa: ARG001
    """As devices are that take their time to start."""
    made.silent = True
    it = meter(77, point("AI1", "aP_1"), address=made.address)
    gathering = await reader.read(it, {})
    assert gathering.readings[0].problem is not None
    made.silent = False


async def a_day_later(made: HandmadeDevice, bridge: Client, reader: Reader, clock: DrivenClock) -> None:  # noqa: ARG001
    await clock.advance(86_401)


@pytest.mark.parametrize("noticed", [reloaded, revised, silent, a_day_later])
async def test_a_reloaded_controller_holds_the_point_until_it_is_as_before(noticed: Any) -> None:
    async with device(objects=power(), about={155: unsigned(1)}) as made, client(timeout=0.1) as bridge:
        clock = DrivenClock()
        reader = Reader(bridge, clock)
        it = meter(77, point("AI1", "aP_1"), address=made.address)
        assert values(await reader.read(it, {})) == [1500]
        made.objects = power("AV12", WATTS)
        with capture_logs() as logs:
            await noticed(made, bridge, reader, clock)
            detail = (
                "device 77, analog-input,1 present-value: pinned as 'L1 Active Power' in kW, the device now says "
                "'AV12' in W: correct the mapping, or `bacnet-bridge accept 77 analog-input,1`"
            )
            for _ in range(2):
                assert problem(await reader.read(it, {})) == detail
            made.objects = power(value=2)
            assert values(await reader.read(it, {})) == [2000]
        assert [log["event"] for log in logs if "point" in log["event"]] == ["point is held", "point is released"]
        await reader.stop()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (analog(1, "Flow", 48), "'Flow' in kW, the device now says 'Flow 2' in kW"),
        (analog(1, "Flow 2", 47), "'Flow 2' in W, the device now says 'Flow 2' in kW"),
        (analog(1, "Flow 2", None), "'Flow 2', the device now says 'Flow 2' in kW"),
    ],
)
async def test_a_changed_name_or_unit_is_named_on_both_sides(now: dict[int, bytes], said: str) -> None:
    async with device(objects={"analog-input,1": now}) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1"), address=made.address)
        assert values(await reader.read(it, {})) == [1]
        made.objects = power("Flow 2")
        await says_i_am(made, bridge, reader)
        assert f": pinned as {said}: correct the mapping" in problem(await reader.read(it, {}))
        await reader.stop()


def water(count: int, exponent: bytes) -> dict[str, dict[int, bytes]]:
    properties = {85: unsigned(count), 111: bits(), 77: text("W"), 117: enumerated(80), 187: b"\x19" + exponent}
    return {"accumulator,1": properties}


async def test_a_changed_scale_holds_a_counter_and_its_memory() -> None:
    async with device(objects=water(100, b"\xff")) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("ACC1", nature=Nature.DELTA), address=made.address)
        first = await reader.read(it, {})
        made.objects = water(200, b"\x00")
        await says_i_am(made, bridge, reader)
        held = await reader.read(it, first.unsent)
        assert "pinned as 'W' in m³ with scale 0.1, the device now says 'W' in m³: correct" in problem(held)
        assert held.unsent == first.unsent
        made.objects = water(120, b"\xff")
        assert values(await reader.read(it, held.unsent)) == [2]
        await reader.stop()


async def test_an_i_am_while_the_values_are_on_their_way_has_the_object_asked_who_it_is() -> None:
    """Guarantee 4: the answer may already be the re-loaded controller's."""
    async with device(objects={"analog-input,1": analog(1.5, "AI")}) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1"), address=made.address)
        assert values(await reader.read(it, {})) == [Decimal("1.5")]
        made.delay = 0.2
        made.busy.clear()
        reading = reader.read(it, {})
        await made.busy.wait()
        made.objects["analog-input,1"] = analog(1.5, "AI", units=WATTS)
        await says_i_am(made, bridge, reader)
        assert "pinned" in problem(await reading)
        await reader.stop()


async def test_the_object_of_a_condition_is_pinned_as_the_point_is() -> None:
    """Guarantee 4: a re-loaded controller's BI7 may be the state of a door."""
    state = {85: enumerated(1), 77: text("Gateway online")}
    objects = {"analog-input,1": analog(2, "AI"), "binary-input,7": state}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1", valid_when=condition("BI7 = active")), address=made.address)
        assert values(await reader.read(it, {})) == [2]
        await reader.only([it])
        state[77] = text("Door")
        await says_i_am(made, bridge, reader)
        assert problem(await reader.read(it, {})) == (
            "device 77, binary-input,7 present-value: pinned as 'Gateway online', the device now says 'Door': "
            "correct the mapping, or `bacnet-bridge accept 77 binary-input,7`"
        )
        state[77] = text("Gateway online")
        assert values(await reader.read(it, {})) == [2], "its refusal has it asked anew"
        state[77] = text("Door")
        reader.begin_anew()
        assert values(await reader.read(it, {})) == [None]
        assert await reader.accept(77, parse_object("BI7")) == ("device 77, binary-input,7 is now 'Door'",)
        assert values(await reader.read(it, {})) == [2]
        await reader.stop()


async def test_a_pin_outlives_a_restart_of_the_bridge(tmp_path: Path) -> None:
    async with device(objects=power()) as made:
        it = meter(77, point("AI1", "aP_1"), address=made.address)
        for name in ("L1 Active Power", "AV12"):
            made.objects = power(name)
            async with client() as bridge:
                reader = Reader(bridge, DrivenClock(), pins=Kept(tmp_path / "pins.json"))
                gathering = await reader.read(it, {})
                await reader.stop()
        assert "pinned as 'L1 Active Power' in kW" in problem(gathering)


async def test_an_edited_point_is_pinned_anew_and_an_untouched_one_is_not() -> None:
    objects = power() | {"analog-input,2": analog(1, "Two", KILOWATTS)}
    async with device(objects=objects) as made, client() as bridge:
        pins = Kept()
        reader = Reader(bridge, DrivenClock(), pins=pins)
        await reader.warm([meter(77, point("AI1", "aP_1"), point("AI2", "aP_2"), address=made.address)])
        before = pins.keys()
        edited = meter(77, point("AI1", "aP_1", multiplier="2", unit="kW"), point("AI2", "aP_2"), address=made.address)
        made.objects = power("AV12") | {"analog-input,2": analog(1, "Twelve", KILOWATTS)}
        await says_i_am(made, bridge, reader)
        await reader.only([edited])
        one, two = (await reader.read(edited, {})).readings
        assert one.value == 3000
        assert two.problem is not None
        assert "pinned as 'Two' in kW, the device now says 'Twelve' in kW" in two.problem.detail
        assert len(pins.keys()) == 2
        assert len(set(before) & set(pins.keys())) == 1
        await reader.only([])
        assert len(pins.keys()) == 2, "a mapping that cannot be read forgets nothing"
        await reader.stop()


async def test_an_operator_accepts_what_was_held_and_nothing_later(tmp_path: Path) -> None:
    async with device(objects=power()) as made, client() as bridge:
        file = tmp_path / "pins.json"
        reader = Reader(bridge, DrivenClock(), pins=Kept(file))
        it = meter(77, point("AI1", "aP_1"), address=made.address)
        await reader.read(it, {})
        assert await reader.accept(77) == ()
        made.objects = power("AV12", WATTS)
        await says_i_am(made, bridge, reader)
        await reader.read(it, {})
        assert await reader.accept(78) == await reader.accept(77, parse_object("AI2")) == ()
        made.objects = power("AV13", WATTS)
        assert await reader.accept(77, parse_object("AI1")) == ("device 77, analog-input,1 is now 'AV12' in W",)
        assert [entry["name"] for entry in (Kept(file)[key] for key in Kept(file).keys())] == ["AV12"]  # noqa: SIM118
        assert "pinned as 'AV12' in W, the device now says 'AV13'" in problem(await reader.read(it, {}))
        assert len(await reader.accept(77)) == 1
        assert values(await reader.read(it, {})) == [Decimal("1.5")]
        await reader.stop()


async def test_only_a_good_value_pins() -> None:
    """Who puts up a device corrects names and units until its values are taken: until then nothing is held."""
    objects = {"analog-input,1": analog(1, "Draft", 62)}
    async with device(objects=objects) as made, client() as bridge:
        reader = Reader(bridge, DrivenClock())
        it = meter(77, point("AI1", "aP_1"), address=made.address)
        assert "°C" in problem(await reader.read(it, {}))
        made.objects = {"analog-input,1": analog(1, "L1", KILOWATTS, flags=bits(1))}
        assert "fault" in problem(await reader.read(it, {}))
        made.objects = power("L1 Active Power")
        assert values(await reader.read(it, {})) == [1500]
        await reader.stop()


async def test_a_device_that_says_i_am_all_day_is_asked_every_five_minutes() -> None:
    async with device(objects=power()) as made, client() as bridge:
        clock = DrivenClock()
        reader = Reader(bridge, clock)
        it = meter(77, point("AI1", "aP_1"), address=made.address)
        await reader.read(it, {})
        for _ in range(20):
            await says_i_am(made, bridge, reader)
            await reader.read(it, {})
            await clock.advance(60)
        assert 1 + 20 * 60 / 300 <= facts_asked(made) <= 2 + 20 * 60 / 300
        await reader.stop()


async def test_the_revision_is_asked_every_five_minutes_and_once_a_day_where_there_is_none() -> None:
    async with device(objects=power()) as made, client() as bridge:
        clock = DrivenClock()
        reader = Reader(bridge, clock)
        it = meter(77, point("AI1", "aP_1"), address=made.address)

        async def asked_in_an_hour() -> int:
            made.asked.clear()
            for _ in range(60):
                await reader.read(it, {})
                await clock.advance(60)
            return sum((wanted.type, number) == (8, 155) for _, refs in made.asked for wanted, number in refs)

        assert await asked_in_an_hour() == 1
        await clock.advance(86_400)
        made.about[155] = unsigned(1)
        assert await asked_in_an_hour() == 12
        await reader.stop()


def test_a_pin_is_named_by_the_mappings_words_where_they_say_more_than_nothing() -> None:
    it = meter(77, point("AI1", "aP_1", multiplier="1.0"), point("AI1", "aP_2", name="L1", multiplier="0.10"))
    assert [pin_key(it, each) for each in it.points] == [
        "77 | analog-input,1 | field aP_1, source analog-input,1 present-value",
        "77 | analog-input,1 | field aP_2, source analog-input,1 present-value, name L1, multiplier 0.1",
    ]
    at = meter(77, point("AI1"), address="100:10")
    assert pin_key(at, at.points[0]).startswith("77 at 100:10 | ")


def test_an_unknown_scale_is_told() -> None:
    pins, it = Pins(Kept()), meter(77, point("AI1"))
    key = pin_key(it, it.points[0])
    pins.pin(key, Facts("A", None, Decimal("0.1")))
    assert pins.held(key, it.points[0], Facts("A", None, Decimal("0.10"))) is None
    held = pins.held(key, it.points[0], Facts(None, None, None))
    assert held is not None
    assert "pinned as 'A' with scale 0.1, the device now says without a name with scale unknown" in held
