"""A re-loaded controller under the whole service: held, told, accepted by a command."""

import json
from pathlib import Path

from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bacnet import HandmadeDevice, analog, device
from tests.support.bridge import site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.forked import command
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture


def say_i_am(made: HandmadeDevice, bridge: Bridge) -> None:
    host, port = bridge.intake.reader._client._edge.local_address
    made.say_i_am((host, port))


async def test_a_held_point_is_told_and_read_on_when_it_is_accepted(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with device(objects={"analog-input,1": analog(1.5, "Flow", 48)}) as made:
        (tmp_path / "mapping").mkdir()
        (tmp_path / "mapping" / "meters.yaml").write_text(
            f"meters:\n  Plant: {{id: supply, device: 77, address: '{made.address}', value: AI1}}\n"
        )
        settings = site_settings(tmp_path, building, platform)
        state = ("--state", str(settings.state))
        async with running(settings) as bridge:
            await until(bridge, lambda overview: overview.meters[0].accepted)
            assert (await command({}, "accept", "77", *state))[0] == 1
            made.objects = {"analog-input,1": analog(9, "AV12", 47)}
            say_i_am(made, bridge)
            seen = await until(bridge, lambda overview: overview.attention)
            (sentence,) = seen.attention
            assert sentence.startswith(
                "Plant: value refused: device 77, analog-input,1 present-value: pinned as 'Flow'"
            )
            assert await command({}, "accept", "77", "AI1", *state) == (
                0, "device 77, analog-input,1 is now 'AV12' in W\n", "",
            )  # fmt: skip
            await until(bridge, lambda overview: overview.meters[0].last.startswith("9"))
        pins = json.loads((settings.state / "pins.json").read_text())
        assert [entry["name"] for entry in pins.values()] == ["AV12"]
        assert f"77 at {made.address}" in json.loads((settings.state / "bindings.json").read_text())
    status, _, error = await command({}, "accept", "77", *state)
    assert status == 2
    assert "no bridge runs on the state folder" in error
