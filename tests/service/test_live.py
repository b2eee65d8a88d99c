"""`check --live`, `check --send`, `latest` and `register` on the demo's building and the strict platform."""

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

import pytest

from bacnet_bridge.errors import BridgeError, StateError
from bacnet_bridge.model import Meter, Queue
from bacnet_bridge.packet.remark import Weight
from bacnet_bridge.service.alone import alone
from bacnet_bridge.service.bridge import running
from bacnet_bridge.service.extra import sending
from bacnet_bridge.service.live import Look, live_meters, looking
from bacnet_bridge.service.live_report import LiveReport, live_report
from bacnet_bridge.service.mapped import load_for
from bacnet_bridge.settings import Settings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.bridge import MAPPING, site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.forked import command
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import run_service, site_environment

WRONG = """\
meters:
  Kilo: {id: kilo, device: 1001, aP_1: {object: AI1, multiplier: 0.001, unit: kW}, v_1: AI10, c_1: AI13}
  Ten times: {device: 1001, interval: 5 min, aP_2: AI2, pC_2: {object: LAV2, multiplier: 10, unit: kWh}}
  Missing: {id: missing, device: 1001, value: AI99}
  Faulty: {device: 1003, value: AI3}
  Water: {id: water, device: 1002, value: ACC2, as: delta}
  Nobody: {device: 77, value: AI1}
  Bare: {value: AI1}
"""


async def report(settings: Settings, folder: Path | None, over: float = 0.0) -> tuple[LiveReport, Look]:
    mapping = load_for(settings, folder)
    meters = live_meters(mapping)
    async with looking(settings, folder) as look:
        first = await look(meters, again=False)
        await asyncio.sleep(over)
        second = await look(meters, again=True)
    return live_report(meters, {draft.name for draft in mapping.drafts}, first, second), second


def bodies(look: Look) -> Mapping[str, list[str]]:
    """The fields of the packets that would be sent."""
    return {glance.meter: list(json.loads(glance.body)) for glance in look.glances if glance.body}


def meter(settings: Settings, name: str) -> Meter:
    return next(each for each in load_for(settings, None).meters if each.id == name)


async def test_a_look_is_the_same_alone_and_beside_the_service(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform, tolerance=0.9)
    by_itself, look = await report(settings, None)
    assert not settings.state.exists(), "a command that looks makes nothing"
    assert bodies(look) == {
        "Supply air": ["id", "tsISO8601", "value"],
        "Gas": ["id", "tsISO8601", "value"],
        "Main": ["id", "tsISO8601", "aP_1", "v_1"],
    }
    assert by_itself.count(Weight.WRONG) == 0, by_itself
    assert [(each.cost.device, each.meters) for each in by_itself.devices] == [(1001, 1), (1002, 1), (1003, 1)]
    assert all(each.cost.requests == 1 and each.cost.address for each in by_itself.devices)
    async with running(settings) as bridge:
        await until(bridge, lambda overview: all(each.accepted for each in overview.meters))
        beside, again = await report(settings, None)
        before = await bridge.overview()
        await until(
            bridge, lambda now: all(a.accepted > b.accepted for a, b in zip(now.meters, before.meters, strict=True))
        )
        totals = await bridge.totals()
    assert bodies(again) == bodies(look)
    assert beside.count(Weight.WRONG) == 0
    assert [each.cost.requests for each in beside.devices] == [1, 1, 1]
    assert {reason for each in totals.values() for reason in each.reasons} <= {HoleReason.STOPPED}


def times_of(sentence: str) -> float:
    found = re.search(r" ([\d.]+) times: ", sentence)
    assert found is not None, sentence
    return float(found[1])


@pytest.mark.parametrize("beside", [False, True])
async def test_what_is_wrong_is_named(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, beside: bool
) -> None:
    settings = site_settings(tmp_path, building, platform)
    folder = tmp_path / "wrong"
    folder.mkdir()
    (folder / "wrong.yaml").write_text(WRONG)
    async with running(settings) if beside else nullcontext():
        for _ in range(3):  # both counts of two looks may end in a nought by chance, and are coarse then
            found, look = await report(settings, folder, 2.0)
            if not any("too little to compare" in each.sentence for seen in found.meters for each in seen.remarks):
                break
    wrong = {
        seen.meter.name: [each.sentence for each in seen.remarks if each.weight is Weight.WRONG]
        for seen in found.meters
    }
    assert times_of(wrong["Kilo"][0]) == pytest.approx(1000, rel=0.5), "the power factor is the hour's"
    assert times_of(wrong["Ten times"][0]) == pytest.approx(10, rel=0.25), "looks at two registers are moments apart"
    assert "unknown-object" in wrong["Missing"][0]
    assert "the device flags it: fault" in wrong["Faulty"][0]
    assert "device 77: no answer" in wrong["Nobody"][0]
    assert wrong["Water"] == [], "the second look has the first one's count"
    assert list(wrong) == ["Kilo", "Missing", "Water", "Ten times", "Faulty", "Nobody"], (
        "a draft without a device is not"
    )
    assert [seen.draft for seen in found.meters] == [False, False, False, True, True, True]
    assert '"value":0' in next(glance.body for glance in look.glances if glance.meter == "Water")


async def test_a_packet_is_sent_beside_the_slots_and_none_is_lost(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    gas = meter(settings, "gas")
    with pytest.raises(StateError, match="there is no outbox"):
        async with sending(settings, gas):
            pass
    async with running(settings) as bridge:
        await until(bridge, lambda overview: all(each.accepted for each in overview.meters))
        sent = []
        async with sending(settings, gas) as asks:
            for _ in range(5):
                told = await asks(step="put")
                sent.append(told["instant"])
                while ((await asks(step="look"))["oldest"] or told["instant"] + 1) <= told["instant"]:  # noqa: ASYNC110  delivery announces nothing here
                    await asyncio.sleep(0.05)
            with pytest.raises(BridgeError, match="does not read a meter 'other'"):
                async with sending(settings, Meter("other", "o", 1, gas.points, 1, "UTC", 0.5)):
                    pass
        totals = await bridge.totals()
    stored = list(platform.record.accepted["gas"])
    assert len(set(sent)) == 5
    assert platform.counts("gas").discarded == 0
    assert len(stored) > 5
    assert {reason for each in totals.values() for reason in each.reasons} <= {HoleReason.STOPPED}
    assert totals["gas"].extra_accepted == 5
    async with sending(settings, gas) as asks:
        told = await asks(step="put")
        await platform.until("accepted", len(stored) + 1, id="gas")
    assert told["instant"] > sent[-1]
    assert platform.counts("gas").discarded == 0


async def test_a_queue_that_collects_is_not_sent_to(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    gas, supply = meter(settings, "gas"), meter(settings, "supply")
    async with alone(settings) as rest:
        await rest.outbox.put_and_hold(Queue(rest.accounts["default"], "gas"), 0, rest.clock.wall() + 3_600_000)
    with pytest.raises(BridgeError, match="on hold"):
        async with sending(settings, gas) as asks:
            await asks(step="put")
    nobody_confirms = settings.model_copy(update={"clock": "platform"})
    with pytest.raises(BridgeError, match="nothing confirms that it is"):
        async with sending(nobody_confirms, supply) as asks:
            await asks(step="put")
    assert platform.counts().attempts == 0


def site(folder: Path, building: SimulatedBuilding, platform: StrictPlatform) -> dict[str, str]:
    (folder / "mapping").mkdir()
    (folder / "mapping" / "meters.yaml").write_text(MAPPING + "  Fan: {device: 1003, value: BI1}\n")
    return site_environment(folder, building, platform, BRIDGE_INTERVAL="3600", BRIDGE_TOLERANCE="15")


async def test_the_commands_without_a_service(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    environment = site(tmp_path, building, platform)
    status, out, err = await command(environment, "check", "--live", "--over", "0", "--json")
    found = json.loads(out)
    assert (status, found["sound"]) == (0, True), err
    assert [each["name"] for each in found["live"]["meters"]] == ["Supply air", "Gas", "Main", "Fan"]
    assert found["live"]["meters"][3]["packet"].startswith('{"id":"?","tsISO8601":')
    assert [each["met"] for each in found["live"]["devices"]] == [True, True, True]
    status, out, err = await command(environment, "check", "--send", "Gas")
    assert (status, out) == (2, "")
    assert "there is no outbox" in err
    status, out, err = await command(environment, "check", "--send", "Fan")
    assert (status, "is a draft" in err) == (1, True)


async def test_the_commands_beside_a_service(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    environment = site(tmp_path, building, platform)
    platform.fail(400, times=None, id="main")
    async with run_service(environment) as service:
        await service.until_logged("running")
        status, out, err = await command(environment, "check", "--send", "Gas")
        assert (status, err) == (0, "")
        assert "accepted: the platform answered 200\nread back: it is our last accepted packet, value for value" in out
        status, out, _ = await command(environment, "latest", "gas")
        assert (status, out.splitlines()[-1]) == (0, "gas: it is our last accepted packet, value for value")
        status, out, err = await command(environment, "check", "--send", "main")
        assert status == 1
        assert "was not accepted" in err
        assert "It stays in the outbox" in err
    status, out, _ = await command(environment, "latest", "main", "--json")
    found = json.loads(out)
    assert (status, found["platform"], found["waiting"] > 0) == (1, None, True)


async def test_registering(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> None:
    mapping = tmp_path / "mapping" / "meters.yaml"
    mapping.parent.mkdir()
    mapping.write_text(MAPPING + "  Fan: {device: 1003, value: BI1}\n")
    environment = site_environment(tmp_path, building, platform)
    sheet = tmp_path / "sheet.csv"
    status, _, err = await command(environment, "register", "export", str(sheet))
    assert (status, "'Fan' states no `unit:`" in err) == (0, True)
    text = sheet.read_text(encoding="utf-8-sig")
    status, out, err = await command(environment, "register", "import", str(sheet))
    assert (status, out) == (1, "")
    assert "still without an id: Fan\n" in err
    assert "brings no id: nothing was written" in err
    sheet.write_text(text.rstrip() + "fan-1\n")
    status, out, _ = await command(environment, "register", "import", str(sheet), "--yes")
    assert status == 0
    assert "+  Fan: {id: fan-1, device: 1003, value: BI1}" in out
    assert mapping.read_text() == MAPPING + "  Fan: {id: fan-1, device: 1003, value: BI1}\n"
    assert (await command(environment, "register", "import", str(sheet), "--yes"))[0] == 0
    status, _, err = await command(environment, "register", "export", str(sheet))
    assert (status, "has no draft to register" in err) == (1, True)
