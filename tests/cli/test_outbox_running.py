"""`bacnet-bridge outbox` beside the running service and a strict platform: order and guarantees hold through every act."""

import json
from pathlib import Path

import pytest

from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.simulator.platform_faults import Fault
from tests.support.bridge import MAPPING
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import Service, command, run_service, site_environment


class Site:
    """A service's environment, and the commands beside it."""

    def __init__(self, folder: Path, building: SimulatedBuilding, platform: StrictPlatform, **more: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.environment = site_environment(folder, building, platform, COLUMNS="200", **more)

    def map(self, text: str) -> None:
        (self.folder / "mapping").mkdir(exist_ok=True)
        (self.folder / "mapping" / "meters.yaml").write_text(text)

    async def outbox(self, *words: str) -> str:
        status, out, err = await command(self.environment, "outbox", *words)
        assert status == 0, (words, out, err)
        return out

    async def refusal(self, *words: str) -> str:
        status, _, err = await command(self.environment, "outbox", *words)
        assert status == 1, (words, err)
        return err

    async def line(self, meter: str) -> dict[str, object]:
        found: list[dict[str, object]] = json.loads(await self.outbox("list", "--json"))
        return next(each for each in found if each["meter"] == meter and each["account"] == "default")


def put(*services: Service) -> dict[str, list[int]]:
    """By meter, the instants that the services confirmed as put."""
    confirmed: dict[str, list[int]] = {}
    for service in services:
        for line in service.logged("packet put"):
            confirmed.setdefault(line["meter"], []).append(line["instant"])
    return confirmed


def check_order(platform: StrictPlatform) -> None:
    record = platform.record
    assert (record.discarded, record.duplicates, record.overlaps) == ({}, {}, {})
    assert all(instants == sorted(set(instants)) for instants in record.accepted.values())


@pytest.fixture
def site(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> Site:
    made = Site(tmp_path / "site", building, platform)
    made.map(MAPPING)
    return made


async def test_a_packet_that_is_refused_for_ever_is_skipped_and_the_others_follow_in_order(
    site: Site, platform: StrictPlatform
) -> None:
    platform.misbehave(Fault(status=400, id="gas", times=None, body="bad reading"))
    async with run_service(site.environment) as service:
        await platform.until("accepted", 6)
        listed = await site.outbox("list")
        assert "queue paused; 400 Bad Request" in listed
        assert "bad reading; next attempt" in listed
        assert "2 other meters: nothing waits." in listed
        assert "last answers to it:" in await site.outbox("show", "gas")
        assert "not accepted yet: queue paused; 400" in await site.outbox("retry", "gas")
        platform.clear_faults()
        assert "sent in their order" in await site.outbox("skip", "gas", "--head", "--why", "refused", "--yes")
        await platform.until("accepted", 5, "gas")
        assert "1 packet, kept for ever" in await site.outbox("show", "gas")
        await service.stop()
    check_order(platform)
    confirmed = put(service)
    assert platform.record.accepted["gas"] == sorted(confirmed["gas"])[1:][: len(platform.record.accepted["gas"])]
    assert platform.record.accepted["main"] == sorted(confirmed["main"])[: len(platform.record.accepted["main"])]


async def test_a_hold_collects_and_a_release_sends_all_in_order(site: Site, platform: StrictPlatform) -> None:
    async with run_service(site.environment) as service:
        await platform.until("accepted", 3)
        assert "none is sent" in await site.outbox("hold", "gas", "main", "--why", "works on the meters")
        before = platform.counts("gas").attempts
        await platform.until("accepted", platform.counts("supply").accepted + 3, "supply")
        assert platform.counts("gas").attempts == before
        status, out, _ = await command(site.environment, "status", "--check")
        assert status == 1
        assert "works on the meters" in out
        assert "released" in await site.outbox("release", "--all")
        await platform.until("accepted", platform.counts("gas").accepted + 4, "gas")
        assert (await command(site.environment, "status", "--check"))[0] == 0
        await service.stop()
    check_order(platform)
    for meter, instants in platform.record.accepted.items():
        assert instants == sorted(put(service)[meter])[: len(instants)]


async def test_a_mistyped_id_is_put_right_with_what_waits_for_it(site: Site, platform: StrictPlatform) -> None:
    platform.behave(registry=dict.fromkeys(("gas-1", "supply", "main"), platform.username))
    async with run_service(site.environment) as wrong:
        await platform.until("attempts", 1, "gas")
        await platform.until("accepted", 3, "supply")
        await wrong.stop()
    site.map(MAPPING.replace("id: gas", "id: gas-1"))
    async with run_service(site.environment) as right:
        await right.until_logged("running")
        refusal = await site.refusal("move", "supply", "gas-1", "--yes")
        assert "nothing waits" in refusal or "none that was mistyped" in refusal
        # held from before its first packet, so that the older ones can go first
        status, out, err = await command(site.environment, "outbox", "move", "gas", "gas-1", "--yes")
        if status:
            assert "were sent already" in err
        else:
            assert "moved to gas-1" in out
            await platform.until("accepted", len(put(wrong)["gas"]) + 2, "gas-1")
        await right.stop()
    check_order(platform)


async def test_what_waits_for_a_lost_account_goes_to_the_new_one_before_what_came_since(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    old = {"BRIDGE_ACCOUNTS__OLD__USERNAME": "gone", "BRIDGE_ACCOUNTS__OLD__PASSWORD": "revoked"}
    site = Site(tmp_path / "site", building, platform, **old)
    site.map("meters: {Gas: {id: gas, device: 1002, account: old, value: ACC1, as: index}}\n")
    async with run_service(site.environment) as before:
        await before.until_logged("packet put", 3)
        await before.stop()
    site.map("meters: {Gas: {id: gas, device: 1002, value: ACC1, as: index}}\n")
    for _ in range(2):  # a second start, with packets of both accounts waiting
        async with run_service(site.environment) as since:
            await since.until_logged("packet put", 2)
            assert (await site.line("gas"))["state"] == "behind another account"
            assert "go first" in await site.refusal("retry", "gas", "--account", "default")
            if _:
                assert "given to account default" in await site.outbox("reassign", "gas", "--to", "default", "--yes")
                await platform.until("accepted", 6, "gas")
            await since.stop()
    check_order(platform)
    assert platform.record.accepted["gas"][:3] == sorted(put(before)["gas"])[:3]


async def test_an_outbox_moves_to_another_computer(
    tmp_path: Path, site: Site, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    file = str(tmp_path / "moved")
    await platform.go_down()
    async with run_service(site.environment) as first:
        await first.until_logged("packet put", 6)
        assert "moved. Here they are recorded" in await site.outbox("export", file, "--move", "--yes")
        await first.until_logged("packet put", len(first.logged("packet put")) + 3)
        await platform.come_up()
        await first.stop()
    assert platform.record.accepted == {}, "what comes after the move must not overtake it"
    other = Site(tmp_path / "other", building, platform)
    other.map(MAPPING)
    moved = [json.loads(line) for line in Path(file).read_text().splitlines()]
    bodies = {each["body"] for each in moved if "body" in each}
    await other.outbox("import", file)
    async with run_service(other.environment) as second:
        await platform.until("accepted", len(bodies) + 3)
        assert f"{'0'} packets imported" in await other.outbox("import", file)
        await second.stop()
    check_order(platform)
    assert bodies <= {body for bodies_of in platform.record.bodies.values() for body in bodies_of}
