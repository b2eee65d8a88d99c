"""What the running service shows over HTTP, between a real building and a real platform."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.settings import StatusSettings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture


def free() -> StatusSettings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return StatusSettings(port=probe.getsockname()[1])


async def fetch(bridge: Bridge, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{bridge.status_port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def document(bridge: Bridge, path: str) -> Any:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{bridge.status_port}{path}") as answer,
    ):
        return await answer.json()


async def metrics(bridge: Bridge) -> dict[str, float]:
    """By name and the values of its labels."""
    _, text = await fetch(bridge, "/metrics")
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_is_shown_is_what_happened(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform, status=free())
    settings = settings.model_copy(update={"bacnet": settings.bacnet.model_copy(update={"timeout": 0.5})})
    async with running(settings) as bridge:
        await platform.until("accepted", 3)
        assert await fetch(bridge, "/readyz") == (200, "ready\n")
        await building.misbehave(1002, silent=True)
        await until(bridge, lambda overview: "device silent" in overview.meters[1].reasons)
        await platform.go_down()
        await until(bridge, lambda overview: overview.meters[0].waiting)

        main, gas = await document(bridge, "/api/meters/main"), await document(bridge, "/api/meters/gas")
        assert [point["field"] for point in main["points"]] == ["aP_1", "v_1"]
        assert main["points"][0]["raw"]
        assert main["packet"]["body"].startswith('{"id":"main"')
        assert (gas["packet"]["hole"], gas["points"][0]["value"]) == ("device silent", None)
        assert main["days"][0]["due"] >= main["days"][0]["accepted"] > 0
        devices = {each["device"]: each for each in await document(bridge, "/api/devices")}
        assert devices["1002"]["unanswered"] > 0
        assert devices["1003"]["unanswered"] == 0
        assert (await document(bridge, "/api/delivery"))["waiting"]
        assert (await document(bridge, "/api/overview"))["meters"] == 3

        seen = await metrics(bridge)
        assert seen["bacnet_bridge_device_silent 1002"] == 1
        assert seen["bacnet_bridge_device_errors_total 1002 unanswered"] >= devices["1002"]["unanswered"]
        assert seen["bacnet_bridge_slots_missed_total device silent"] >= 1
        assert seen["bacnet_bridge_delivery_attempts_total backing off"] >= 1
        assert seen["bacnet_bridge_waiting_packets"] >= 1
        assert seen["bacnet_bridge_meters_without_packet"] == 1
        assert seen["bacnet_bridge_read_seconds_count"] >= seen["bacnet_bridge_slots_packed_total"]
        counts = await bridge.totals()
        after = await metrics(bridge)
        packed = sum(count.accepted + count.waiting for count in counts.values())
        assert seen["bacnet_bridge_slots_packed_total"] <= packed <= after["bacnet_bridge_slots_packed_total"]


async def test_a_port_that_is_taken_is_a_matter_of_attention_only(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = free()
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.port))
        other.listen()
        async with running(site_settings(tmp_path, building, platform, status=settings)) as bridge:
            await platform.until("accepted", 3)
            seen = await until(bridge, lambda overview: overview.attention)
            assert any(f"port {settings.port}" in sentence for sentence in seen.attention)
            assert seen.healthy


async def test_who_looks_on_does_not_hold_up_the_end(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with running(site_settings(tmp_path, building, platform, status=free())) as bridge:
        await platform.until("accepted", 1)
        reader, writer = await asyncio.open_connection("127.0.0.1", bridge.status_port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readuntil(b"ok\n")
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 10
    writer.close()
