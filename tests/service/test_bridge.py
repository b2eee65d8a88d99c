"""The whole service in this process, between a real building and a real platform."""

import asyncio
import errno
import socket
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from bacnet_bridge.bacnet.standing import own_now
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import NetworkError, SettingsError, StateError
from bacnet_bridge.model import Hole, Packet
from bacnet_bridge.schedule.watch import Watch
from bacnet_bridge.service.bridge import running
from bacnet_bridge.service.moving import moving
from bacnet_bridge.service.overview import MeterStatus, Overview
from bacnet_bridge.settings import AccountSettings, BacnetSettings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.bridge import platform_settings, site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture


def of(overview: Overview, meter: str) -> MeterStatus:
    return next(each for each in overview.meters if each.id == meter)


async def test_every_slot_is_accepted_or_has_a_reason(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with running(site_settings(tmp_path, building, platform)) as bridge:
        await platform.until("accepted", 9)
        await building.misbehave(1002, silent=True)
        seen = await until(bridge, lambda overview: "device silent" in of(overview, "gas").reasons)
        assert "no answer" in of(seen, "gas").attention
        assert any(sentence.startswith("Gas: device silent") for sentence in seen.attention)
        assert seen.healthy
        await building.misbehave(1002)
        await until(bridge, lambda overview: not of(overview, "gas").attention)
        assert of(await bridge.overview(), "supply").holes == 0
        assert await bridge.drain(5)
        counts = await bridge.totals()
        record = platform.record
    assert (record.discarded, record.duplicates, record.overlaps) == ({}, {}, {})
    for meter, count in counts.items():
        assert count.due == count.accepted + count.holes
        assert len(record.accepted[meter]) == count.accepted
        assert sum(count.reasons.values()) == count.holes
    assert counts["gas"].reasons[HoleReason.SILENT] >= 1


async def test_a_stop_loses_nothing_and_the_missed_slots_are_counted(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    await platform.go_down()
    async with running(settings) as bridge:
        await until(bridge, lambda overview: all(meter.waiting >= 2 for meter in overview.meters))
    await platform.come_up()
    async with running(settings) as bridge:
        await until(bridge, lambda overview: all(meter.accepted >= 3 for meter in overview.meters))
        assert await bridge.drain(5)
        counts = await bridge.totals()
    for meter, instants in platform.record.accepted.items():
        assert instants == sorted(instants)
        assert counts[meter].due == counts[meter].accepted + counts[meter].holes
        assert set(counts[meter].reasons) <= {HoleReason.STOPPED, HoleReason.LATE}
    assert platform.record.discarded == {}


async def test_a_wrong_mapping_leaves_the_last_good_one_in_force(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    async with running(settings):
        await platform.until("accepted", 1)
    (tmp_path / "mapping" / "meters.yaml").write_text("meters: {Supply air: {id: supply, device: 1003, vlaue: AI1}}\n")
    async with running(settings) as bridge:
        assert len(bridge.meters) == 3
        (problem, *_) = (await bridge.overview()).problems
        assert "the last good one is in force" in problem
        assert "meters.yaml:1:" in problem


async def test_without_any_good_mapping_it_delivers_what_waits_and_says_why_nothing_is_read(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    (tmp_path / "mapping" / "meters.yaml").write_text("meters: [\n")
    async with running(settings) as bridge:
        assert bridge.meters == ()
        assert "nothing is read" in (await bridge.overview()).problems[0]


async def test_where_nothing_is_mapped_yet_it_says_what_to_do(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bacnet_bridge.service.editing.STILL", 0.1)
    monkeypatch.setattr("bacnet_bridge.service.editing._EVERY", 0.05)
    settings = site_settings(tmp_path, building, platform)
    file = tmp_path / "mapping" / "meters.yaml"
    gas, heat = "  Gas: {device: 1002, value: ACC1}\n", "  Heat: {device: 1002, value: PC1}\n"
    file.write_text(f"meters:\n{gas}")
    async with running(settings) as bridge:
        (told,) = (await bridge.overview()).attention
        assert "no meter has an id: a draft is there. `bacnet-bridge register export`" in told
        file.write_text(f"meters:\n{gas}{heat}")
        await until(bridge, lambda seen: "2 drafts are there" in "".join(seen.attention))
        file.write_text("meters: {}\n")
        seen = await until(bridge, lambda seen: "no meter is mapped" in "".join(seen.attention))
        assert seen.healthy
        file.write_text("meters:\n  Gas: {id: gas, device: 1002, value: ACC1, as: index}\n")
        await until(bridge, lambda seen: len(seen.meters) == 1 and not seen.attention)


async def test_a_taken_port_is_waited_for_while_the_backlog_leaves(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    await platform.go_down()
    async with running(settings) as bridge:
        await until(bridge, lambda overview: all(meter.waiting for meter in overview.meters))
    await platform.come_up()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        address = f"127.0.0.1/8:{other.getsockname()[1]}"
        taken = settings.model_copy(update={"bacnet": BacnetSettings(instance=1, address=address)})
        async with running(taken) as bridge:
            await platform.until("accepted", 3)
            seen = await until(bridge, lambda overview: "device silent" in of(overview, "gas").reasons)
            assert any("another program has this port" in problem for problem in seen.problems)


async def test_an_address_that_is_gone_is_told_and_one_that_comes_again(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By DHCP a card may get another one while the bridge runs, or lose it."""
    monkeypatch.setattr("bacnet_bridge.service.intake._PORT_AGAIN", 0.1)
    gone = {"why": ""}

    def there(_: str, open_on: IPv4Interface) -> IPv4Interface:
        if gone["why"]:
            raise NetworkError(gone["why"])
        return open_on

    monkeypatch.setattr("bacnet_bridge.bacnet.client.where_now", there)
    async with running(site_settings(tmp_path, building, platform)) as bridge:
        await platform.until("accepted", 1)
        gone["why"] = "the BACnet address 10.0.0.1/24 is gone"
        seen = await until(bridge, lambda overview: bool(overview.problems))
        assert seen.problems == (gone["why"],)
        assert gone["why"] in moving(await bridge.facts())
        gone["why"] = ""
        await until(bridge, lambda overview: not overview.problems)


async def test_without_a_free_descriptor_the_port_is_waited_for_and_stays(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bacnet_bridge.service.intake._PORT_AGAIN", 0.1)
    monkeypatch.setattr("bacnet_bridge.service.intake._FIRST_LOOK", 0.1)
    looks = 0

    def none_free(*_: object) -> tuple[IPv4Interface, int]:
        nonlocal looks
        looks += 1
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("bacnet_bridge.bacnet.client.where_now", none_free)
    monkeypatch.setattr("bacnet_bridge.bacnet.client.own_now", none_free)
    async with running(site_settings(tmp_path, building, platform)) as bridge:
        await until(bridge, lambda overview: any("Too many open files" in each for each in overview.problems))
        monkeypatch.setattr("bacnet_bridge.bacnet.client.own_now", own_now)
        await platform.until("accepted", 1)
        before = looks
        assert (await until(bridge, lambda _: looks > before + 1)).healthy


async def test_without_credentials_packets_wait_and_the_status_says_so(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    without = settings.model_copy(update={"platform": platform_settings(platform, username=None, password=None)})
    async with running(without) as bridge:
        seen = await until(bridge, lambda overview: of(overview, "gas").waiting >= 1 and overview.problems)
        assert any("default" in problem for problem in seen.problems)
        assert platform.counts().attempts == 0
    async with running(settings) as bridge:
        await platform.until("accepted", 3)


async def test_a_changed_account_is_used_for_new_packets_and_the_old_ones_go_to_their_own(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    await platform.go_down()
    async with running(settings) as bridge:
        await until(bridge, lambda overview: of(overview, "gas").waiting >= 1)
    await platform.come_up()
    platform.behave(users={platform.username: platform.password, "tenant": "other"})
    (tmp_path / "mapping" / "meters.yaml").write_text(
        "meters: {Gas: {id: gas, device: 1002, account: tenant, value: ACC1, as: index}}\n"
    )
    account = AccountSettings.model_validate({"username": "tenant", "password": "other"})
    async with running(settings.model_copy(update={"accounts": {"tenant": account}})) as bridge:
        await until(bridge, lambda overview: of(overview, "gas").accepted >= 2 and not overview.other_queues)
    assert platform.record.unauthorised == 0


async def test_wrong_settings_and_a_second_bridge_end_it_with_a_sentence(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    for username in (platform.username, None):
        unencrypted = platform_settings(platform, address="http://localhost/x/", username=username)
        with pytest.raises(SettingsError, match="https"):
            async with running(settings.model_copy(update={"platform": unencrypted})):
                pytest.fail("packets would leave unencrypted, or wait for ever")
    async with running(settings):
        with pytest.raises(StateError, match="in use by the bridge with process id"):
            async with running(settings):
                pytest.fail("two bridges on one state folder")


async def test_a_missing_field_is_left_out_told_and_counted(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    await building.set_object(1001, "analog-input,10", fault=True)
    async with running(site_settings(tmp_path, building, platform)) as bridge:
        seen = await until(bridge, lambda overview: of(overview, "main").missing.get("v_1", 0) >= 2)
        assert "v_1 left out: device 1001, analog-input,10" in of(seen, "main").attention
        assert of(seen, "main").last.startswith("aP_1 ")
        assert (of(seen, "main").holes, seen.healthy) == (0, True)


async def test_it_is_unhealthy_where_nothing_can_be_read(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    for device in (1001, 1002, 1003):
        await building.misbehave(device, abort="other")
    async with running(site_settings(tmp_path, building, platform)) as bridge:
        seen = await until(bridge, lambda overview: overview.problems)
        assert seen.problems == ("no meter could be read in its newest slot",)


async def test_the_newest_outcome_and_its_readings_are_kept_for_those_who_look(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    await building.set_object(1003, "analog-input,1", fault=True)
    async with running(site_settings(tmp_path, building, platform)) as bridge:
        await until(bridge, lambda overview: all(meter.slot for meter in overview.meters))
        assert isinstance(bridge.collector.latest["main"].outcome, Packet)
        supply = bridge.collector.latest["supply"]
        assert isinstance(supply.outcome, Hole)
        assert supply.readings[0].flags == ("fault",)


async def test_an_unsynchronised_clock_is_confirmed_by_the_platform_s_date(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bacnet_bridge.service.bridge.kernel_synchronised", lambda: False)
    settings = site_settings(tmp_path, building, platform, clock="system")
    async with running(settings):
        await platform.until("accepted", 3)
    blind = settings.model_copy(update={"platform": platform_settings(platform, ca=None)})
    async with running(blind) as bridge:
        seen = await until(bridge, lambda overview: overview.problems)
        assert "the clock is not credible" in seen.problems[0]
        seen = await until(bridge, lambda overview: "not trusted" in overview.problems[0])
        assert "platform.ca" in seen.problems[0]
        assert not any(each.running for each in bridge.schedule.snapshot())


class WrongClock(SystemClock):
    """Years ahead until somebody sets it right."""

    ahead = 4 * 365 * 86_400_000

    def wall(self) -> int:
        return super().wall() + self.ahead


async def test_a_clock_that_was_ahead_at_the_first_start_costs_no_slot_once_it_is_right(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = WrongClock()
    monkeypatch.setattr("bacnet_bridge.service.bridge.kernel_synchronised", lambda: not clock.ahead)
    async with running(site_settings(tmp_path, building, platform, clock="system"), clock) as bridge:
        assert "the clock is not credible" in (await bridge.overview()).problems[0]
        assert platform.counts().accepted == 0
        clock.ahead = 0
        await platform.until("accepted", 3)
        seen = await bridge.overview()
    assert seen.started[:4] == seen.now[:4]


async def test_a_stage_that_dies_ends_the_service_instead_of_standing_still(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watch of the clocks here: the one that nothing else would miss."""

    def broken(_: Watch) -> bool:
        raise RuntimeError("a defect")

    async with running(site_settings(tmp_path, building, platform)) as bridge:
        monkeypatch.setattr(Watch, "parted", broken)
        with pytest.raises(RuntimeError, match="a defect"):
            await asyncio.wait_for(bridge.failed(), 20)
