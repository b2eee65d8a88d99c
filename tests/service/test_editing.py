"""The mapping edited under a running service, between a real building and a strict platform."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.service.overview import Overview
from bacnet_bridge.settings import AccountSettings, Settings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

SUPPLY = "  Supply air: {id: supply, device: 1003, value: AI1}\n"
GAS = "  Gas: {id: gas, device: 1002, value: ACC1, as: index}\n"
MAIN = "  Main: {id: main, device: 1001, aP_1: AI1, v_1: AI10}\n"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.service.editing.STILL", 0.3)
    monkeypatch.setattr("bacnet_bridge.service.editing._EVERY", 0.1)


class Edited:
    """The bridge, and the editor's hand at its mapping."""

    def __init__(self, folder: Path, bridge: Bridge) -> None:
        self.file, self.bridge = folder / "mapping" / "meters.yaml", bridge

    def write(self, *meters: str) -> None:
        """As editors do it: a new file takes the place of the old one."""
        fresh = self.file.with_name(".meters.yaml.swp")
        fresh.write_text("meters:\n" + "".join(meters))
        fresh.replace(self.file)

    async def until(self, *ids: str) -> Overview:
        """These are in force, and each has a slot."""
        return await until(
            self.bridge,
            lambda seen: {each.id for each in seen.meters} == set(ids) and all(each.slot for each in seen.meters),
        )

    async def until_slots(self, meter: str, slots: int = 2) -> None:
        """The meter is given so many more slots."""
        goal = self.accounted(meter) + slots * next(m.interval for m in self.bridge.meters if m.id == meter) * 1000
        await until(self.bridge, lambda _: self.accounted(meter) >= goal)

    def accounted(self, meter: str) -> int:
        return next(each.accounted or 0 for each in self.bridge.schedule.snapshot() if each.meter == meter)


@asynccontextmanager
async def edited(settings: Settings) -> AsyncIterator[Edited]:
    async with running(settings) as bridge:
        hand = Edited(settings.mapping.parent, bridge)
        await until(bridge, lambda seen: all(meter.slot for meter in seen.meters))
        yield hand
        assert await bridge.drain(10)


async def whole(edit: Edited, platform: StrictPlatform, *, holes: int = 0) -> None:
    """By the platform's record and the ledger: every due slot once, none discarded, none twice, hardly any hole."""
    assert await edit.bridge.drain(10)
    counts = await edit.bridge.totals()
    record = platform.record
    assert (record.discarded, record.duplicates, record.overlaps) == ({}, {}, {})
    for meter, count in counts.items():
        assert count.extra == 0, meter
        assert len(record.accepted[meter]) == count.accepted, meter
        assert count.due == count.accepted + count.holes, meter
    assert sum(count.holes for count in counts.values()) <= holes, counts


def spaced(instants: list[int]) -> Counter[int]:
    """How often each distance stands between neighbours, in seconds."""
    return Counter(distances(instants))


def distances(instants: list[int]) -> list[int]:
    return [(after - before) // 1000 for before, after in pairwise(instants)]


async def test_meters_that_are_added_and_changed_come_into_force_and_no_slot_is_lost_or_repeated(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with edited(site_settings(tmp_path, building, platform)) as edit:
        fan = "  Fan: {id: fan, device: 1003, value: BI1}\n"
        edit.write(SUPPLY, GAS, MAIN, fan)
        await edit.until("supply", "gas", "main", "fan")
        edit.write(SUPPLY, GAS.replace("ACC1", "ACC2"), MAIN.replace("}", ", c_1: AI13}"), fan)
        await until(edit.bridge, lambda _: len(edit.bridge.meters[2].points) == 3)
        await edit.until_slots("main")
        await whole(edit, platform)
        kept = tmp_path / "state" / "mapping" / "meters.yaml"
        assert kept.read_bytes() == edit.file.read_bytes()
        assert all(spaced(platform.record.accepted[meter]).keys() == {1} for meter in ("supply", "gas", "main", "fan"))


async def test_an_interval_changes_at_the_next_slot_of_the_new_grid(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with edited(site_settings(tmp_path, building, platform)) as edit:
        await edit.until_slots("main", 1)
        edit.write(SUPPLY, GAS, MAIN.replace("device", "interval: 2, device"))
        await until(edit.bridge, lambda _: edit.bridge.meters[2].interval == 2)
        await edit.until_slots("main", 3)
        edit.write(SUPPLY, GAS, MAIN)
        await until(edit.bridge, lambda _: edit.bridge.meters[2].interval == 1)
        await edit.until_slots("main", 3)
        await whole(edit, platform)
    spaces = distances(platform.record.accepted["main"])
    first, last = spaces.index(2), len(spaces) - spaces[::-1].index(2)
    assert set(spaces[:first]) == set(spaces[last:]) == {1}
    assert set(spaces[first:last]) == {2}


async def test_what_takes_away_waits_for_a_word_and_its_queue_is_delivered(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with edited(site_settings(tmp_path, building, platform)) as edit:
        await platform.go_down()
        edit.write(SUPPLY, MAIN)
        seen = await until(
            edit.bridge, lambda seen: any("waits for `bacnet-bridge apply`" in a for a in seen.attention)
        )
        assert any("it removes Gas (gas)" in sentence for sentence in seen.attention)
        assert len(edit.bridge.meters) == 3
        before = edit.accounted("gas")
        await until(edit.bridge, lambda _: edit.accounted("gas") > before)
        asked = await edit.bridge.editing.answer({})
        assert asked["sentences"] == ["Gas (gas): removed; what waits is sent all the same"]
        with pytest.raises(BridgeError, match="changed since"):
            await edit.bridge.editing.answer({"token": "another"})
        assert await edit.bridge.editing.answer({"token": asked["token"]}) == {"in_force": True, "why_not": ""}
        seen = await edit.until("supply", "main")
        assert any(line.startswith("gas: ") for line in seen.other_queues)
        assert not any("apply" in sentence for sentence in seen.attention)
        await platform.come_up()
        await until(edit.bridge, lambda seen: not seen.other_queues)
        gone = platform.record.accepted["gas"]
        assert spaced(gone).keys() == {1}
        edit.write(SUPPLY, GAS, MAIN)
        await edit.until("supply", "gas", "main")
        await whole(edit, platform)
        again = platform.record.accepted["gas"]
        assert len(again) == len(set(again)) > len(gone)


async def test_files_that_are_wrong_shut_or_away_change_nothing_and_are_told_until_they_are_mended(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with edited(site_settings(tmp_path, building, platform)) as edit:

        async def told(sentence: str) -> None:
            seen = await until(edit.bridge, lambda seen: any(sentence in problem for problem in seen.problems))
            assert "the last good one is in force" in seen.problems[0]
            assert len(seen.meters) == 3

        edit.write(SUPPLY, GAS, MAIN.replace("aP_1", "aP1"))
        await told("meters.yaml:4:")
        with pytest.raises(BridgeError, match=r"meters\.yaml:4:"):
            await edit.bridge.editing.answer({})
        assert "aP_1" in (tmp_path / "state" / "mapping" / "meters.yaml").read_text()
        edit.file.rename(tmp_path / "away.yaml")
        await told("holds no .yaml")
        edit.write(SUPPLY, GAS, MAIN)
        await until(edit.bridge, lambda seen: not seen.problems)
        edit.file.parent.rename(tmp_path / "elsewhere")
        await told("mapping is not there; make this folder")
        (tmp_path / "elsewhere").rename(edit.file.parent)
        await until(edit.bridge, lambda seen: not seen.problems)
        if os.geteuid() != 0:
            edit.file.chmod(0)
            await told("permissions")
            edit.file.chmod(0o644)
            await until(edit.bridge, lambda seen: not seen.problems)
        await whole(edit, platform)


async def test_a_changed_account_and_device_go_on_where_the_old_ones_ended(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    platform.behave(users={platform.username: platform.password, "tenant": "other"})
    account = AccountSettings.model_validate({"username": "tenant", "password": "other"})
    settings = site_settings(tmp_path, building, platform, accounts={"tenant": account})
    settings = settings.model_copy(update={"bacnet": settings.bacnet.model_copy(update={"timeout": 0.5})})
    async with edited(settings) as edit:
        await building.misbehave(1002, silent=True)
        await until(edit.bridge, lambda seen: any("device silent" in meter.reasons for meter in seen.meters))
        edit.write(SUPPLY, "  Gas: {id: gas, device: 1003, account: tenant, value: AI2}\n", MAIN)
        await until(
            edit.bridge, lambda seen: edit.bridge.meters[1].account == "tenant" and not seen.meters[1].attention
        )
        await edit.until_slots("gas")
        profiles = {profile.instance for profile in edit.bridge.intake.reader.profiles}
        assert profiles == {1001, 1003}, "the device that is mapped no more is left alone"
        await whole(edit, platform, holes=60)
    assert spaced(platform.record.accepted["supply"]).keys() == {1}, "the silent device held nobody up"


async def test_a_start_takes_the_files_as_they_are_and_tells_what_was_taken_away(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    async with edited(settings) as edit:
        pass
    edit.write(SUPPLY, MAIN)
    with capture_logs() as logs:
        async with running(settings) as bridge:
            assert {meter.id for meter in bridge.meters} == {"supply", "main"}
            assert not (await bridge.overview()).attention
    told = [log["what"] for log in logs if log["event"] == "the mapping was edited while no service ran"]
    assert told == ["Gas (gas): removed; what waits is sent all the same"]


async def test_a_site_may_let_everything_come_into_force_by_itself_and_a_signal_at_once(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bacnet_bridge.service.editing.STILL", 3600.0)
    finished = asyncio.Event()
    settings = site_settings(tmp_path, building, platform, auto_apply=True)
    async with running(settings, finished=finished) as bridge:
        edit = Edited(tmp_path, bridge)
        edit.write(MAIN)
        finished.set()
        await edit.until("main")
