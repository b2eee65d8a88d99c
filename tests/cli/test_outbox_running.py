"""`bacnet-bridge outbox` beside a running service and a strict platform: the guarantees hold through every act."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from bacnet_bridge.cli import app
from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.settings import AccountSettings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.simulator.platform_faults import Fault
from tests.support.bridge import MAPPING, site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

GAS = "meters: {Gas: {id: gas, device: 1002, value: ACC1, as: index}}\n"


class Site:
    """A service's settings, the packets that it confirmed as put, and the commands beside it."""

    def __init__(self, folder: Path, building: SimulatedBuilding, platform: StrictPlatform, **more: Any) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self._platform = folder, platform
        self.settings = site_settings(folder, building, platform, **more)
        self.put: dict[str, list[int]] = {}

    def map(self, text: str) -> None:
        (self.folder / "mapping" / "meters.yaml").write_text(text)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Bridge]:
        structlog.reset_defaults()
        with capture_logs() as logs:
            async with running(self.settings) as bridge:
                yield bridge
        for line in logs:
            if line["event"] == "packet put":
                self.put.setdefault(line["meter"], []).append(line["instant"])

    async def ask(self, *words: str) -> Result:
        options = ("--state", str(self.settings.state))
        return await asyncio.to_thread(CliRunner().invoke, app, ["outbox", *words, *options], env={"COLUMNS": "200"})

    async def outbox(self, *words: str) -> str:
        result = await self.ask(*words)
        assert result.exit_code == 0, (words, result.output, result.exception)
        return result.output

    async def queues(self) -> dict[str, dict[str, Any]]:
        found = json.loads(await self.outbox("list", "--json"))
        return {f"{each['meter']} {each['account']}": each for each in found}

    async def all_accepted(self, bridge: Bridge) -> None:
        """No new slots; what waits is sent."""
        assert await bridge.drain(10), await self.queues()


@pytest.fixture
def site(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> Site:
    return Site(tmp_path / "site", building, platform)


def check_order(platform: StrictPlatform) -> None:
    record = platform.record
    assert (record.discarded, record.duplicates, record.overlaps) == ({}, {}, {})


async def test_a_packet_that_is_refused_for_ever_is_skipped_and_the_others_follow(
    site: Site, platform: StrictPlatform
) -> None:
    platform.misbehave(Fault(status=400, id="gas", times=None, body="bad reading"))
    async with site.serving() as bridge:
        await platform.until("accepted", 6)
        listed = await site.outbox("list")
        assert "queue paused; 400 Bad Request" in listed
        assert "bad reading; next attempt" in listed
        assert "last answers to it:" in await site.outbox("show", "gas")
        assert "not accepted yet: queue paused; 400" in await site.outbox("retry", "gas")
        platform.clear_faults()
        assert "sent in their order" in await site.outbox("skip", "gas", "--head", "--why", "refused", "--yes")
        await platform.until("accepted", 5, "gas")
        assert "1 packet, kept for ever" in await site.outbox("show", "gas")
        assert (await site.queues())["gas default"]["state"] in {"nothing waits", "next to be sent", "being sent"}
        await site.all_accepted(bridge)
    check_order(platform)
    accepted = platform.record.accepted
    assert accepted == {**site.put, "gas": site.put["gas"][1:]}


async def test_a_hold_collects_tells_and_its_release_sends_all_in_order(site: Site, platform: StrictPlatform) -> None:
    async with site.serving() as bridge:
        await platform.until("accepted", 3)
        assert "none is sent" in await site.outbox("hold", "gas", "main", "--why", "works on the meters")
        before = platform.counts("gas").attempts
        seen = await until(bridge, lambda overview: overview.meters[1].waiting >= 3)
        assert platform.counts("gas").attempts == before
        assert any("works on the meters" in problem for problem in seen.problems)
        assert "released" in await site.outbox("release", "--all")
        await until(bridge, lambda overview: overview.healthy)
        await site.all_accepted(bridge)
    check_order(platform)
    assert platform.record.accepted == site.put


async def test_an_alarm_s_hold_is_ended_by_release(site: Site, platform: StrictPlatform) -> None:
    """Another sender used the id; once it has ended, what was collected is sent, and the alarm is over."""
    async with site.serving() as bridge:
        await platform.until("accepted", 1, "gas")
        courier = bridge._courier
        lane = next(lane for queue, lane in courier._turns.lanes.items() if queue.id == "gas")
        async with courier.operated.still([lane.queue]):
            latest = (lane.accepted or 0) + 1500
            await courier._attempts.hold(lane, latest, lane.accepted or 0)
        seen = await until(bridge, lambda overview: overview.problems and overview.meters[1].waiting >= 3)
        assert "another sender uses this id" in str(seen.problems)
        assert "another sender uses this id" in await site.outbox("list")
        said = await site.outbox("release", "gas")
        assert "gas: released" in said
        assert "not later than" in said
        await until(bridge, lambda overview: overview.healthy)
        await site.all_accepted(bridge)
    check_order(platform)


async def test_a_mistyped_id_is_put_right_with_what_waits_for_it(site: Site, platform: StrictPlatform) -> None:
    platform.behave(registry=dict.fromkeys(("gas-1", "supply", "main"), platform.username))
    async with site.serving() as bridge:
        await platform.until("attempts", 1, "gas")
        assert "still gives new packets the id gas" in await site.outbox("move", "gas", "gas-1", "--yes")
        await platform.until("accepted", 1, "gas-1")
        await until(bridge, lambda overview: overview.meters[1].waiting >= 1)
    site.map(MAPPING.replace("id: gas", "id: gas-1"))
    assert "No bridge runs" in await site.outbox("move", "gas", "gas-1", "--yes")
    async with site.serving() as bridge:
        await platform.until("accepted", len(site.put["gas"]) + 2, "gas-1")
        refusal = await site.ask("move", "supply", "gas-1", "--yes")
        assert refusal.exit_code == 1
        await site.all_accepted(bridge)
    check_order(platform)
    assert platform.record.accepted["gas-1"] == [*site.put["gas"], *site.put["gas-1"]]


async def test_what_waits_for_a_lost_account_goes_to_the_new_one_before_what_came_since(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    lost = {"old": AccountSettings(username="gone", password=SecretStr("revoked"))}
    site = Site(tmp_path / "site", building, platform, accounts=lost)
    site.map(GAS.replace("value", "account: old, value"))
    async with site.serving() as bridge:
        await until(bridge, lambda overview: overview.meters[0].waiting >= 3)
        assert "account paused; 401" in await site.outbox("list")
    site.map(GAS)
    for start in range(2):
        async with site.serving() as bridge:
            await until(bridge, lambda overview: overview.meters[0].waiting >= 2)
            assert (await site.queues())["gas default"]["state"] == "behind another account"
            if start == 1:
                refused = await site.ask("retry", "gas", "--account", "default")
                assert "go first" in str(refused.exception)
                assert "given to account default" in await site.outbox("reassign", "gas", "--to", "default", "--yes")
                await site.all_accepted(bridge)
    check_order(platform)
    assert platform.record.accepted == site.put


async def test_an_outbox_moves_to_another_computer(
    tmp_path: Path, site: Site, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    file = str(tmp_path / "moved")
    await platform.go_down()
    async with site.serving() as bridge:
        await until(bridge, lambda overview: all(meter.waiting >= 2 for meter in overview.meters))
        assert "moved. Here they are recorded" in await site.outbox("export", file, "--move", "--yes")
        await platform.come_up()
        await until(bridge, lambda overview: all(meter.waiting >= 1 for meter in overview.meters))
    assert platform.record.accepted == {}, "what comes after the move must not overtake it"
    moved = [json.loads(line)["body"] for line in Path(file).read_text().splitlines() if '"body"' in line]
    other = Site(tmp_path / "other", building, platform)
    await other.outbox("import", file)
    async with other.serving() as bridge:
        await platform.until("accepted", len(moved) + 3)
        assert " 0 packets imported, " in await other.outbox("import", file)
        await other.all_accepted(bridge)
    check_order(platform)
    assert set(moved) <= {body for bodies in platform.record.bodies.values() for body in bodies}
    for meter, instants in other.put.items():
        assert platform.record.accepted[meter][-len(instants) :] == instants


async def test_packets_are_imported_into_a_running_service_before_what_it_collects(
    tmp_path: Path, site: Site, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    """The platform is away, so that nothing of the new service was sent yet."""
    file = str(tmp_path / "moved")
    await platform.go_down()
    async with site.serving() as bridge:
        await until(bridge, lambda overview: all(meter.waiting >= 2 for meter in overview.meters))
        await site.outbox("export", "gas", file, "--move", "--yes")
    other = Site(tmp_path / "other", building, platform)
    other.map("meters: {}\n")
    async with other.serving() as bridge:
        assert "packets imported. They are sent in their order." in await other.outbox("import", file)
        await platform.come_up()
        await platform.until("accepted", 2, "gas")
        await other.all_accepted(bridge)
    check_order(platform)
    moved = [json.loads(line) for line in Path(file).read_text().splitlines()]
    assert platform.record.accepted == {"gas": [each["instant"] for each in moved if "instant" in each]}
