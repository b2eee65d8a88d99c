import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.discover import Binding, Directory
from bacnet_bridge.bacnet.identity import About
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.errors import DeviceSilentError, ReadError
from tests.support.bacnet import client, device, text, unsigned
from tests.support.bbmd import bbmd
from tests.support.clock import DrivenClock, settle


async def test_by_instance_through_a_bbmd_and_only_once() -> None:
    async with bbmd(("192.0.2.1", 5), ("192.0.2.2", 6)) as (made, where), client(bbmd=where) as bridge:
        directory = Directory(bridge)
        assert await directory.find(5, None) == Binding(5, "192.0.2.1", 480)
        assert await directory.find(5, None) == Binding(5, "192.0.2.1", 480)
        assert made.who_is == 1
        directory.forget(5, None)
        made.claims[0] = ("192.0.2.9", 5)
        assert (await directory.find(5, None)).address == "192.0.2.9"


async def test_two_devices_with_one_instance_are_both_named() -> None:
    async with bbmd(("192.0.2.2", 5), ("192.0.2.1", 5)) as (_, where), client(bbmd=where) as bridge:
        with pytest.raises(ReadError, match=r"both 192\.0\.2\.1 and 192\.0\.2\.2 claim this instance; give"):
            await Directory(bridge).find(5, None)


async def test_nobody_answers() -> None:
    async with bbmd() as (made, where), client(bbmd=where, timeout=0.15) as bridge:
        with pytest.raises(DeviceSilentError, match="no answer to Who-Is"):
            await Directory(bridge).find(5, None)
        assert made.who_is == 3


async def test_by_its_address() -> None:
    async with device(max_apdu=480) as made, client() as bridge:
        assert await Directory(bridge).find(77, made.address) == Binding(77, made.address, 480)


@pytest.mark.parametrize(("says", "taken"), [(206, 206), (65535, 1476), (1, 50)])
async def test_by_a_read_where_nobody_says_i_am(says: int, taken: int) -> None:
    async with (
        device(answers_who_is=False, knows_wildcard=False, max_apdu=says) as made,
        client(timeout=0.1) as bridge,
    ):
        found = await Directory(bridge).find(77, made.address)
        assert found == Binding(77, made.address, taken)


async def test_another_device_at_the_address() -> None:
    async with device(instance=78, answers_who_is=False) as made, client(timeout=0.1) as bridge:
        with pytest.raises(ReadError, match=r"at .* stands device 78; correct the address or the instance"):
            await Directory(bridge).find(77, made.address)


async def test_a_stranger_at_the_address() -> None:
    async with device(instance=78, answers_who_is=False, knows_wildcard=False) as made, client(timeout=0.1) as bridge:
        with pytest.raises(ReadError, match="does not say which device it is"):
            await Directory(bridge).find(77, made.address)


async def test_nobody_at_the_address() -> None:
    async with device(silent=True) as made, client(timeout=0.1) as bridge:
        with pytest.raises(DeviceSilentError, match=f"no answer at {made.address}"):
            await Directory(bridge).find(77, made.address)


def about(name: str = "AHU 1", vendor: int = 42, model: str = "X", serial: str | None = "S1") -> dict[int, bytes]:
    properties = {77: text(name), 120: unsigned(vendor), 70: text(model)}
    return properties if serial is None else {**properties, 372: text(serial)}


@pytest.mark.parametrize(
    ("now", "again"),
    [
        (About("A", 1, "X", "S"), True),
        (About("B", 1, "X", "S"), False),
        (About("A", 2, "X", "S"), False),
        (About("A", 1, "Y", "S"), False),
        (About("A", 1, "X", "T"), False),
        (About("A", 1, "X", None), False),
    ],
)
def test_a_device_is_known_again_by_all_that_it_offered(now: About, again: bool) -> None:
    assert About("A", 1, "X", "S").known_again(now) is again
    assert About("A", 1, None, None).known_again(now) is ((now.name, now.vendor) == ("A", 1))


def told(directory: Directory) -> tuple[str, ...]:
    return directory.attention


async def test_after_a_restart_one_read_finds_a_device_without_a_broadcast(tmp_path: Path) -> None:
    async with device(about=about(), max_apdu=206) as made, bbmd((made.address, 77)) as (broadcaster, where):
        for _ in range(2):
            async with client(bbmd=where) as bridge:
                kept = Kept(tmp_path / "bindings.json")
                found = await Directory(bridge, kept=kept).find(77, None)
                assert found.address == made.address
                await kept.flush()
        assert broadcaster.who_is == 1
        assert made.asked[-1] == (12, [(made.asked[-1][1][0][0], 77)])


async def test_a_device_that_moved_is_followed_and_announced(tmp_path: Path) -> None:
    async with (
        device(about=about()) as old,
        device(about=about()) as new,
        bbmd((old.address, 77)) as (broadcaster, where),
        client(bbmd=where, timeout=0.15) as bridge,
    ):
        kept = Kept(tmp_path / "bindings.json")
        clock = DrivenClock()
        directory = Directory(bridge, clock, kept)
        assert (await directory.find(77, None)).address == old.address
        old.silent = True
        broadcaster.claims[:] = [(new.address, 77)]
        directory.forget(77, None)
        with capture_logs() as logs:
            assert (await directory.find(77, None)).address == new.address
        assert [(log["event"], log["was"], log["now"]) for log in logs] == [
            ("device has moved and is followed", old.address, new.address)
        ]
        assert told(directory) == (f"device 77: it moved from {old.address} to {new.address}, and is read there",)
        await clock.advance(86_401)
        assert told(directory) == ()
        await kept.flush()
        assert Kept(tmp_path / "bindings.json")["77"]["address"] == new.address
        await directory.stop()


@pytest.mark.parametrize("other", [about(name="AHU 2"), about(vendor=43), about(model="Y"), about(serial="S2")])
async def test_somebody_else_is_not_followed_until_an_operator_accepts_him(other: dict[int, bytes]) -> None:
    async with (
        device(about=about()) as old,
        device(about=other) as new,
        bbmd((old.address, 77)) as (broadcaster, where),
        client(bbmd=where, timeout=0.15) as bridge,
    ):
        directory = Directory(bridge, DrivenClock(), Kept())
        await directory.find(77, None)
        old.silent = True
        broadcaster.claims[:] = [(new.address, 77)]
        directory.forget(77, None)
        with capture_logs() as logs:
            for _ in range(2):
                with pytest.raises(ReadError, match=r"but device 77 was 'AHU 1' \(vendor 42.* accept 77`") as refusal:
                    await directory.find(77, None)
                assert not isinstance(refusal.value, DeviceSilentError)
        assert [log["event"] for log in logs] == ["another device has this instance, and is not read"]
        assert told(directory) == (f"device 77: {refusal.value}",)
        assert directory.accept(78) == []
        (taken,) = directory.accept(77)
        assert taken.startswith("device 77 is now ")
        assert (await directory.find(77, None)).address == new.address
        assert told(directory) == ()
        await directory.stop()


async def test_the_right_one_among_two_is_found_and_the_other_is_an_alarm() -> None:
    async with (
        device(about=about()) as right,
        device(about=about(serial="S2")) as wrong,
        bbmd((right.address, 77)) as (broadcaster, where),
        client(bbmd=where, timeout=0.2) as bridge,
    ):
        kept = Kept()
        await Directory(bridge, DrivenClock(), kept).find(77, None)
        kept.put("77", {**kept["77"], "address": "127.0.0.1:9"})
        broadcaster.claims[:] = [(wrong.address, 77), (right.address, 77)]
        directory = Directory(bridge, DrivenClock(), kept)
        assert (await directory.find(77, None)).address == right.address
        await until(lambda: len(directory.attention) == 2)
        assert (
            f"'AHU 1' (vendor 42, model X, serial S2) at {wrong.address} has the same instance"
            in (directory.attention[0])
        )
        await directory.stop()


async def until(holds: Any) -> None:
    """Nothing announces what a task of the directory found; it takes a datagram there and back."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 as above
            await asyncio.sleep(0.005)


def own(bridge: Client) -> tuple[str, int]:
    host, port = bridge._edge.local_address
    return host, port


async def test_a_second_device_is_an_alarm_while_it_lasts_and_reading_goes_on() -> None:
    async with (
        device(about=about()) as right,
        device(about=about(serial="S2")) as wrong,
        client(timeout=0.15) as bridge,
    ):
        clock = DrivenClock()
        directory = Directory(bridge, clock, Kept())
        directory._known[77] = {None: Binding(77, right.address, 1476)}
        with capture_logs() as logs:
            for _ in range(3):
                wrong.say_i_am(own(bridge))
            await until(lambda: directory.attention)
            assert (await directory.find(77, None)).address == right.address
            await settle()
            wrong.silent = True
            await clock.advance(301)
            await until(lambda: not directory.attention)
        assert [log["event"] for log in logs] == [
            "a second device claims this instance",
            "claim is over: nobody else has this instance",
        ]
        await directory.stop()


async def test_an_i_am_from_nobody_or_from_the_same_machine_is_no_alarm() -> None:
    async with (
        device(about=about()) as right,
        device(about=about()) as other_way,
        device(silent=True) as nobody,
        client(timeout=0.1) as bridge,
    ):
        kept = Kept()
        kept.put("77", {"address": right.address, "max_apdu": 480, "name": "AHU 1", "vendor": 42, "serial": "S1"})
        directory = Directory(bridge, DrivenClock(), kept)
        assert (await directory.find(77, None)).address == right.address
        for forger in (other_way, nobody):
            forger.say_i_am(own(bridge))
        await until(lambda: other_way.asked and nobody.received and len(directory._claims._tasks) == 2)
        await until(lambda: directory._clock.sleeping == 2)  # type: ignore[attr-defined]
        assert told(directory) == ()
        assert right.asked[1:] == []
        await directory.stop()


async def test_an_i_am_from_elsewhere_while_the_old_address_is_silent_moves_the_device_at_once() -> None:
    async with (
        device(about=about()) as old,
        device(about=about(serial=None)) as new,
        bbmd((new.address, 77)) as (_, where),
        client(bbmd=where, timeout=0.1) as bridge,
    ):
        kept = Kept()
        kept.put("77", {"address": old.address, "max_apdu": 480, "name": "AHU 1", "vendor": 42})
        directory = Directory(bridge, DrivenClock(), kept)
        assert (await directory.find(77, None)).address == old.address
        old.silent = True
        new.say_i_am(own(bridge))
        await until(lambda: not directory._known[77])
        assert (await directory.find(77, None)).address == new.address
        await directory.stop()


async def test_a_new_name_at_the_old_address_is_taken_from_the_same_machine_only() -> None:
    async with device(about=about(name="AHU one")) as made, client(timeout=0.1) as bridge:
        before = {"address": made.address, "max_apdu": 480, "name": "AHU 1", "vendor": 42, "model": "X"}
        kept = Kept()
        kept.put(f"77 at {made.address}", {**before, "serial": "S1"})
        with capture_logs() as logs:
            assert await Directory(bridge, kept=kept).find(77, made.address) == Binding(77, made.address, 480)
        assert [(log["event"], log["was"], log["now"]) for log in logs] == [
            ("device has another name", "AHU 1", "AHU one")
        ]
        assert kept[f"77 at {made.address}"]["name"] == "AHU one"
        kept.put(f"77 at {made.address}", before)
        with pytest.raises(ReadError, match=r"stands 'AHU one' .*, but device 77 was 'AHU 1'"):
            await Directory(bridge, kept=kept).find(77, made.address)


async def test_a_known_device_at_its_address_is_silent_or_another_one() -> None:
    async with device(about=about()) as made, client(timeout=0.1) as bridge:
        kept = Kept()
        await Directory(bridge, kept=kept).find(77, made.address)
        made.silent = True
        with pytest.raises(DeviceSilentError, match=f"no answer at {made.address}"):
            await Directory(bridge, kept=kept).find(77, made.address)
        made.silent, made.instance, made.knows_wildcard = False, 78, False
        with pytest.raises(ReadError, match="does not say which device it is"):
            await Directory(bridge, kept=kept).find(77, made.address)


async def test_a_device_without_a_serial_number_or_with_strange_refusals_has_an_identity() -> None:
    async with device(about=about(serial=None), reject_rpm=True) as made, client(timeout=0.1) as bridge:
        kept = Kept()
        await Directory(bridge, kept=kept).find(77, made.address)
        assert kept[f"77 at {made.address}"] == {
            "address": made.address, "max_apdu": 1476, "name": "AHU 1", "vendor": 42, "model": "X", "serial": None,
        }  # fmt: skip


async def test_whoever_is_bound_and_says_i_am_may_have_been_started_anew() -> None:
    async with device(about=about()) as made, client(timeout=0.1) as bridge:
        directory = Directory(bridge, kept=Kept())
        restarted: list[int] = []
        directory.on_restart(restarted.append)
        await directory.find(77, made.address)
        assert restarted == []
        made.max_apdu = 206
        made.say_i_am(own(bridge))
        await until(lambda: restarted)
        assert restarted == [77]
        assert (await directory.find(77, made.address)).max_apdu == 206
