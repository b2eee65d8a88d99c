"""What the running service shows over HTTP, between a real building and a real platform."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.settings import StatusSettings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import MAPPING, site_settings, until
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


class Told:
    """A listener to the events of a running bridge, and what its page would show by now."""

    def __init__(self) -> None:
        self.meters: dict[str, Any] = {}
        self.devices: dict[str, Any] = {}
        self.overview: dict[str, Any] = {}
        self.greeted = asyncio.Event()

    async def listen(self, port: int) -> None:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()) as client,
            client.get(f"http://127.0.0.1:{port}/api/events") as answer,
        ):
            async for line in answer.content:
                if line.startswith(b"data: "):
                    self._take(json.loads(line[6:]))

    def _take(self, document: dict[str, Any]) -> None:
        self.greeted.set()
        self.meters |= {row["id"]: row for row in document.get("meters", ())}
        self.devices |= {row["device"]: row for row in document.get("devices", ())}
        self.overview = document.get("overview", self.overview)

    async def until(self, holds: Callable[["Told"], object], seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not holds(self):  # noqa: ASYNC110  events come when they come
                await asyncio.sleep(0.05)


@asynccontextmanager
async def told_by(bridge: Bridge) -> AsyncIterator[Told]:
    told = Told()
    task = asyncio.create_task(told.listen(bridge.status_port))
    await told.greeted.wait()
    yield told
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


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
        assert (main["points"][0]["unit"], main["points"][0]["value_unit"]) == ("kW", "W")
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


async def test_a_meter_s_last_answer_queue_and_curve_are_shown_and_the_curve_survives_a_restart(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform, status=free())
    async with running(settings) as bridge:
        await platform.until("accepted", 6)
        row = next(each for each in await document(bridge, "/api/meters") if each["id"] == "main")
        assert (row["field"], row["unit"], row["device_key"]) == ("aP_1", "W", "1001")
        assert row["low"] <= float(row["value"]) <= row["high"]
        assert row["spark"].rstrip(".!")
        assert row["last_accepted"] <= row["slot"]
        main = await document(bridge, "/api/meters/main")
        assert (main["answer"]["status"], main["answer"]["action"]) == (200, "accepted")
        assert main["answer"]["body"].startswith('{"id":"main"')
        await platform.go_down()
        await until(bridge, lambda overview: overview.meters[2].waiting > 1)
        main = await document(bridge, "/api/meters/main")
        assert main["answer"]["status"] is None
        assert main["queue"]["next"][0]["instant"] == main["queue"]["oldest"]
        assert main["queue"]["next"][0]["body"].startswith('{"id":"main"')
        before = await document(bridge, "/api/meters/main/history")
        assert (before["step"], len(before["values"]), before["unit"]) == (300, 288, "W")
        assert (await fetch(bridge, "/api/meters/nobody/history"))[0] == 404
        devices = {each["device"]: each for each in await document(bridge, "/api/devices")}
        assert (devices["1001"]["meters"], devices["1001"]["network"]) == (["main"], 100)
        assert devices["1001"]["conflicts"] == []
        assert devices["1001"]["last_i_am"] >= main["queue"]["oldest"] - 60_000
        (breaker,) = (await document(bridge, "/api/delivery"))["breakers"]
        assert breaker["host"] in platform.url
    async with running(settings.model_copy(update={"status": free()})) as bridge:
        while not bridge.status_port:  # noqa: ASYNC110  nothing announces it
            await asyncio.sleep(0.01)
        while not (after := await document(bridge, "/api/meters/main/history"))["complete"]:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.05)
        assert after["known_since"] == before["known_since"]


async def test_events_tell_what_dies_and_comes_back(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform, status=free())
    settings = settings.model_copy(update={"bacnet": settings.bacnet.model_copy(update={"timeout": 0.5})})
    async with running(settings) as bridge:
        await platform.until("accepted", 3)
        async with told_by(bridge) as told:
            await building.misbehave(1002, silent=True)
            await told.until(lambda seen: "device silent" in seen.meters.get("gas", {}).get("attention", ""))
            await told.until(lambda seen: seen.devices.get("1002", {}).get("silent_since"))
            assert told.meters["gas"]["value"] is None
            assert told.overview["holes"] >= told.meters["gas"]["holes"] > 0
            row = next(each for each in await document(bridge, "/api/meters") if each["id"] == "gas")
            assert row.keys() == told.meters["gas"].keys()
            await building.misbehave(1002, silent=False)
            await told.until(
                lambda seen: seen.meters["gas"]["value"] is not None and not seen.meters["gas"]["attention"]
            )
            await told.until(lambda seen: not seen.devices["1002"]["silent_since"])


async def test_the_mapping_s_state_is_shown_and_an_edit_is_told(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform, status=free())
    async with running(settings) as bridge:
        await platform.until("accepted", 3)
        seen = await document(bridge, "/api/mapping")
        assert (seen["state"], seen["meters"], [each["file"] for each in seen["files"]]) == (
            "in force", 3, ["meters.yaml"]
        )  # fmt: skip
        (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING + "  Draft: {device: 1003, value: AI2}\n  Odd: [\n")
        await until(bridge, lambda overview: overview.problems)
        seen = await document(bridge, "/api/mapping")
        assert seen["state"] == "wrong"
        assert (seen["problems"][0]["file"], seen["problems"][0]["line"]) == ("meters.yaml", 7)
        (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING.replace("  Gas:", "  # Gas:"))
        async with told_by(bridge) as told:
            await until(bridge, lambda overview: not overview.problems and overview.attention)
            seen = await document(bridge, "/api/mapping")
            assert (seen["state"], seen["waiting"]["takes_away"], seen["problems"]) == ("waits for apply", True, [])
            await told.until(lambda seen: any("apply" in each for each in seen.overview.get("attention", ())))
