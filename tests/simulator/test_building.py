"""The demo's building, asked over UDP by a stock bacpypes3 client."""

import asyncio
import math
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bacpypes3.apdu import ErrorRejectAbortNack, RejectPDU
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import Real

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.declaration import DEMO_BUILDING
from bacnet_bridge.vocabulary.objects import parse_object
from tests.support.building import Client, client_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEVICES = {1001, 1002, 1003, 1004, 1005}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def one_building() -> AsyncIterator[SimulatedBuilding]:
    async with run_building(DEMO_BUILDING, time_scale=60) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client(one_building: SimulatedBuilding) -> AsyncIterator[Client]:
    with client_of(one_building) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def addresses(client: Client) -> dict[int, Address]:
    return await client.find(DEVICES)


@pytest_asyncio.fixture(loop_scope="module")
async def building(one_building: SimulatedBuilding) -> AsyncIterator[SimulatedBuilding]:
    """The one building, with good manners again after the test."""
    yield one_building
    for device in DEVICES:
        await one_building.misbehave(device)


async def read(client: Client, address: Address, *what: str) -> Any:
    """The value, or what the device said instead of one."""
    try:
        return await client.read_property(address, *what)
    except ErrorRejectAbortNack as refusal:  # a BaseException, in bacpypes3
        return refusal


async def read_many(client: Client, address: Address, *what: Any) -> Any:
    try:
        answer = await client.read_property_multiple(address, list(what))
    except ErrorRejectAbortNack as refusal:
        return refusal
    return answer if isinstance(answer, ErrorRejectAbortNack) else {(str(o), str(p)): v for o, p, _, v in answer}


def as_single(value: float) -> float:
    single: float = struct.unpack(">f", struct.pack(">f", value))[0]
    return single


async def test_one_broadcast_finds_every_device_at_its_station(addresses: dict[int, Address]) -> None:
    assert {number: str(address) for number, address in addresses.items()} == {
        1001: "100:10", 1002: "100:11", 1003: "100:12", 1004: "100:13", 1005: "100:14",
    }  # fmt: skip


async def test_device_tells_what_it_is(client: Client, addresses: dict[int, Address]) -> None:
    device = "device,1002"
    assert str(await read(client, addresses[1002], device, "object-name")) == "Utility panel"
    assert str(await read(client, addresses[1002], device, "model-name")) == "Pulse panel"
    assert str(await read(client, addresses[1002], device, "serial-number")) == "SIM-1002"
    assert int(await read(client, addresses[1002], device, "max-apdu-length-accepted")) == 480
    assert str(await read(client, addresses[1002], device, "segmentation-supported")) == "no-segmentation"


async def test_object_list_is_what_is_declared(
    client: Client, addresses: dict[int, Address], building: SimulatedBuilding
) -> None:
    for declared in building.declaration.devices:
        listed = await read(client, addresses[declared.instance], f"device,{declared.instance}", "object-list")
        assert {(int(kind), number) for kind, number in listed} == {
            (8, declared.instance),
            (56, 1),
            *((each.object.type, each.object.instance) for each in declared.objects),
            *((each.object.type, each.object.instance) for each in declared.logs),
        }


async def test_wildcard_instance_means_the_asked_device(client: Client, addresses: dict[int, Address]) -> None:
    one = await read(client, addresses[1003], "device,4194303", "object-identifier")
    assert str(one) == "device,1003"
    many = await read_many(client, addresses[1003], "device,4194303", ["object-name", "vendor-identifier"])
    assert many == {("device,1003", "object-name"): "Air handler 1", ("device,1003", "vendor-identifier"): 999}


async def test_values_on_the_wire_are_those_of_the_control_address() -> None:
    async with run_building(DEMO_BUILDING, time_scale=0) as still:
        with client_of(still) as other:
            found = await other.find({1001})
            shown = (await still.values())[1001]
            for name in ("analog-input,1", "analog-input,10", "analog-input,23"):
                assert await read(other, found[1001], name, "present-value") == as_single(float(shown[name]))
            energy = await read(other, found[1001], "large-analog-value,1", "present-value")
            assert type(energy).__name__ == "Double"
            assert energy == shown["large-analog-value,1"]


async def test_read_multiple_brings_value_flags_and_units(client: Client, addresses: dict[int, Address]) -> None:
    properties = ["present-value", "status-flags", "units", "out-of-service"]
    answer = await read_many(client, addresses[1001], "analog-input,1", properties, "analog-input,10", properties)
    assert len(answer) == 8
    assert str(answer["analog-input,1", "units"]) == "kilowatts"
    assert 0 < answer["analog-input,1", "present-value"] < 40
    assert 225 < answer["analog-input,10", "present-value"] < 238
    assert list(answer["analog-input,1", "status-flags"]) == [0, 0, 0, 0]


async def test_counting_objects_state_their_scales(client: Client, addresses: dict[int, Address]) -> None:
    address = addresses[1002]
    gas = await read_many(client, address, "accumulator,1", ["scale", "prescale", "units", "max-pres-value"])
    assert gas["accumulator,1", "scale"].integerScale == -2
    assert (gas["accumulator,1", "prescale"].multiplier, gas["accumulator,1", "prescale"].moduloDivide) == (1, 1)
    assert str(gas["accumulator,1", "units"]) == "cubic-meters"
    assert gas["accumulator,1", "max-pres-value"] == 99_999_999
    water = await read(client, address, "accumulator,2", "scale")
    assert water.floatScale == as_single(0.1)
    heat = await read_many(client, address, "pulse-converter,1", ["scale-factor", "present-value", "count"])
    assert heat["pulse-converter,1", "scale-factor"] == 0.5
    assert heat["pulse-converter,1", "present-value"] == heat["pulse-converter,1", "count"] * 0.5


@pytest.mark.parametrize(
    ("device", "counter"),
    [
        (1001, "large-analog-value,1"),
        (1002, "accumulator,1"),
        (1002, "pulse-converter,1"),
        (1004, "large-analog-value,1"),
    ],
)
async def test_counters_count(client: Client, addresses: dict[int, Address], device: int, counter: str) -> None:
    before = await read(client, addresses[device], counter, "present-value")
    now = before
    while now == before:  # a minute of the building goes by in a second
        now = await read(client, addresses[device], counter, "present-value")
    assert before < now < before + 1000


@pytest.mark.parametrize(
    ("name", "flags", "nan"),
    [
        ("analog-input,3", [0, 1, 0, 0], False),
        ("analog-input,4", [0, 0, 0, 1], False),
        ("analog-input,5", [0] * 4, True),
    ],
)
async def test_sick_points_say_so(
    client: Client, addresses: dict[int, Address], name: str, flags: list[int], nan: bool
) -> None:
    answer = await read_many(client, addresses[1003], name, ["present-value", "status-flags"])
    assert list(answer[name, "status-flags"]) == flags
    assert math.isnan(answer[name, "present-value"]) == nan


async def test_states_are_named(client: Client, addresses: dict[int, Address], building: SimulatedBuilding) -> None:
    mode = await read_many(client, addresses[1003], "multi-state-input,1", ["state-text", "number-of-states"])
    assert [str(name) for name in mode["multi-state-input,1", "state-text"]] == ["Off", "Economy", "Comfort"]
    assert mode["multi-state-input,1", "number-of-states"] == 3
    await building.set_object(1003, "multi-state-input,1", value="Comfort")
    await building.set_object(1003, "binary-input,1", value="inactive")
    assert await read(client, addresses[1003], "multi-state-input,1", "present-value") == 3
    assert str(await read(client, addresses[1003], "binary-input,1", "present-value")) == "inactive"
    assert (await building.values())[1003]["multi-state-input,1"] == "Comfort"
    await building.set_object(1003, "multi-state-input,1")
    await building.set_object(1003, "binary-input,1")


async def test_tenant_meter_refuses_read_multiple_only(
    client: Client, addresses: dict[int, Address], building: SimulatedBuilding
) -> None:
    refusal = await read_many(client, addresses[1004], "analog-input,1", ["present-value"])
    assert isinstance(refusal, RejectPDU)
    assert str(refusal.apduAbortRejectReason) == "unrecognized-service"
    assert isinstance(await read(client, addresses[1004], "analog-input,1", "present-value"), Real)
    await building.misbehave(1004, refuse_rpm=False)
    assert len(await read_many(client, addresses[1004], "analog-input,1", ["present-value"])) == 1


async def test_small_device_does_not_send_more_than_it_can(client: Client, addresses: dict[int, Address]) -> None:
    everything = [word for _ in range(4) for word in ("accumulator,1", ["all"], "accumulator,2", ["all"])]
    refusal = await read_many(client, addresses[1002], *everything)
    assert str(refusal) == "segmentation-not-supported"


async def test_boiler_panel_takes_its_time(client: Client, addresses: dict[int, Address]) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert isinstance(await read(client, addresses[1005], "analog-input,1", "present-value"), Real)
    assert loop.time() - begun >= 0.149


async def test_late_device_does_not_hold_up_the_others(
    client: Client, addresses: dict[int, Address], building: SimulatedBuilding
) -> None:
    await building.misbehave(1001, delay_ms=4000)
    async with asyncio.timeout(3):
        assert isinstance(await read(client, addresses[1002], "pulse-converter,1", "present-value"), Real)
        assert {1002, 1003, 1004, 1005} <= (await client.find({1002, 1003, 1004, 1005})).keys()


@pytest.mark.parametrize("reason", ["other", "buffer-overflow", "segmentation-not-supported", "out-of-resources"])
async def test_abort(client: Client, addresses: dict[int, Address], building: SimulatedBuilding, reason: str) -> None:
    await building.misbehave(1001, abort=reason)
    assert str(await read(client, addresses[1001], "analog-input,1", "present-value")) == reason
    assert str(await read_many(client, addresses[1001], "analog-input,1", ["units"])) == reason


async def test_silence_is_complete_and_counted(addresses: dict[int, Address], building: SimulatedBuilding) -> None:
    await building.misbehave(1001, silent=True)
    before = (await building.requests())[1001]
    with client_of(building, apduTimeout=200, numberOfApduRetries=1) as hasty:
        assert 1001 not in await hasty.find(DEVICES - {1001})
        assert str(await read(hasty, addresses[1001], "analog-input,1", "present-value")) == "no-response"
    after = (await building.requests())[1001]
    assert after["read-property"] - before["read-property"] == 2  # the request and its one retry
    assert after["who-is"] > before["who-is"]


async def test_zero_with_good_flags_and_back(
    client: Client, addresses: dict[int, Address], building: SimulatedBuilding
) -> None:
    before = await read(client, addresses[1002], "accumulator,1", "present-value")
    await building.misbehave(1002, zero=True)
    await building.misbehave(1003, zero=True)
    assert await read(client, addresses[1002], "accumulator,1", "present-value") == 0
    assert await read(client, addresses[1002], "pulse-converter,1", "present-value") == 0
    faulty = await read_many(client, addresses[1003], "analog-input,3", ["present-value", "status-flags"])
    assert faulty["analog-input,3", "present-value"] == 0
    assert list(faulty["analog-input,3", "status-flags"]) == [0, 0, 0, 0]
    await building.misbehave(1002)
    assert await read(client, addresses[1002], "accumulator,1", "present-value") >= before


async def test_misbehaviour_for_a_while_ends_of_itself(
    client: Client, addresses: dict[int, Address], building: SimulatedBuilding
) -> None:
    await building.misbehave(1001, zero=True, seconds=0.2)
    assert await read(client, addresses[1001], "analog-input,1", "present-value") == 0
    while await read(client, addresses[1001], "analog-input,1", "present-value") == 0:
        pass  # pytest's time limit is ours


async def test_objects_sicken_and_heal(
    client: Client, addresses: dict[int, Address], building: SimulatedBuilding
) -> None:
    async def seen() -> tuple[float, list[int]]:
        answer = await read_many(client, addresses[1001], "analog-input,2", ["present-value", "status-flags"])
        return answer["analog-input,2", "present-value"], list(answer["analog-input,2", "status-flags"])

    await building.set_object(1001, "analog-input,2", fault=True, out_of_service=True)
    assert (await seen())[1] == [0, 1, 0, 1]
    await building.set_object(1001, "AI2", nan=True)
    assert math.isnan((await seen())[0])
    assert math.isnan(float((await building.values())[1001]["analog-input,2"]))
    await building.set_object(1001, "analog-input,2", value=12.5)
    assert await seen() == (12.5, [0, 0, 0, 0])
    await building.set_object(1001, "analog-input,2")
    assert (await seen())[0] not in {12.5, 0}


async def test_writes_are_counted(client: Client, addresses: dict[int, Address], building: SimulatedBuilding) -> None:
    assert not any("write" in service for counts in (await building.requests()).values() for service in counts)
    answer = await client.write_property(addresses[1001], "device,1001", "description", "written")
    assert answer is None
    assert (await building.requests())[1001]["write-property"] == 1


@pytest.mark.parametrize(
    ("device", "object_id", "sickness", "said"),
    [
        (1009, "analog-input,1", {"fault": True}, "there is no device 1009; the building has 1001, 1002"),
        (1001, "analog-input,99", {"fault": True}, "device 1001 has no object analog-input,99"),
        (1001, "analog-imput,1", {"fault": True}, "did you mean analog-input"),
        (1001, "analog-input,1", {"faulty": True}, "there is no key 'faulty', did you mean fault"),
        (1001, "analog-input,1", {"seconds": "soon"}, "not understood: seconds must be a number larger than 0"),
        (1001, "analog-input,1", {"value": "warm"}, "warm"),
        (1003, "binary-input,1", {"value": "on"}, "'on' is not one of inactive, active"),
        (1002, "accumulator,1", {"nan": True}, "accumulator,1 cannot be NaN"),
    ],
)
async def test_what_cannot_be_told_is_refused_with_a_sentence(
    building: SimulatedBuilding, device: int, object_id: str, sickness: Any, said: str
) -> None:
    with pytest.raises(BridgeError, match=said):
        await building.set_object(device, object_id, **sickness)


OTHER_TYPES = """
name: Other types
network: 200
devices:
  - instance: 7
    name: Panel
    mac: 2
    objects:
      - {object: AV1, name: a, units: kW, value: 1.5}
      - {object: BV1, name: b, value: active}
      - {object: MSV1, name: c, state_text: [Low, High], value: High}
      - {object: IV1, name: d, units: kWh, value: -12}
      - {object: PIV1, name: e, units: kWh, value: 12.9}
      - {object: ACC1, name: f, units: kWh, float_scale: 0.1, maximum: 999, value: 123.4}
      - {object: PC1, name: g, units: kWh, scale_factor: 0.25, value: 10.6}
"""


async def test_other_types_show_their_values(tmp_path: Path) -> None:
    file = tmp_path / "types.yaml"
    file.write_text(OTHER_TYPES)
    async with run_building(file) as running:
        assert await running.values() == {
            7: {
                "analog-value,1": 1.5,
                "binary-value,1": "active",
                "multi-state-value,1": "High",
                "integer-value,1": -12,
                "positive-integer-value,1": 12,
                "accumulator,1": 234,  # 1234 counts, rolled over after 999
                "pulse-converter,1": 10.5,
            }
        }
        with client_of(running) as other:
            address = (await other.find({7}))[7]
            assert str(address) == "200:2"
            for name, value in {
                "AV1": 1.5,
                "BV1": 1,
                "MSV1": 2,
                "IV1": -12,
                "PIV1": 12,
                "ACC1": 234,
                "PC1": 10.5,
            }.items():
                shown = await read(other, address, str(parse_object(name)), "present-value")
                assert (name, int(shown) if name == "BV1" else shown) == (name, value)
