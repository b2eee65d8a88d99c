"""Whole surveys of devices made by hand: what is whole is called whole, and nothing else is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.survey import Surveyor
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.survey.model import FoundDevice, Survey, Unread, Value
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import DEGREES, analog, client, enumerated, object_id, overhear, text, unsigned
from tests.support.explorable import Explorable, Watching, at, explorable

FAST = Limits()


def many(count: int) -> dict[str, dict[int, Any]]:
    return {
        f"analog-input,{number}": {**analog(number, f"Temperature {number}", DEGREES), 28: text(f"Room {number}")}
        for number in range(1, count + 1)
    }


async def survey_of(
    made: Client,
    *devices: Explorable,
    before: Survey | None = None,
    watching: Watching | None = None,
    wanted: Callable[[FoundDevice, Any], bool] = lambda _, __: True,
) -> Survey:
    surveyor = Surveyor(made, SystemClock(), at(*devices), watching or Watching(), FAST)
    await surveyor.devices(before)
    await surveyor.objects(wanted, lambda _: True)
    surveyor.finish()
    await surveyor.stop()
    return surveyor.survey()


@asynccontextmanager
async def explored(patience: float = 0.3, **character: Any) -> AsyncIterator[tuple[FoundDevice, Explorable]]:
    async with explorable(**character) as device, client(timeout=patience) as made:
        yield (await survey_of(made, device)).devices[0], device


async def test_a_device_is_explored_whole_in_few_requests() -> None:
    async with explored(patience=10, objects=many(400)) as (found, device):  # a busy machine's request is not repeated
        assert found.complete
        assert found.explored
        assert found.trouble == ""
        assert (found.name, found.vendor, found.vendor_name, found.model) == ("handmade", 999, "Hand", "Made")
        assert (found.segmentation, found.max_apdu, found.counted) == ("no-segmentation", 1476, 401)
        assert len(found.objects) == 400
        last = found.objects[-1]
        assert (last.name, last.description, last.units) == ("Temperature 400", "Room 400", DEGREES)
        assert (last.value, last.flags, last.unread) == (Value("real", "400"), (), ())
        assert found.requests == device.requests
        assert device.requests <= 0.1 * 400


@pytest.mark.parametrize(
    "character",
    [
        {"reject_rpm": True},
        {"abort_rpm": True},
        {"max_apdu": 128},
        {"max_apdu": 206},
        {"knows_wildcard": False},
        {"answers_who_is": False},
        {"most_values": 3},
    ],
    ids=str,
)
async def test_whatever_it_refuses_the_list_is_whole(character: dict[str, Any]) -> None:
    async with explored(objects=many(30), **character) as (found, _):
        assert found.complete
        assert [each.name for each in found.objects] == [f"Temperature {number}" for number in range(1, 31)]


async def test_a_list_that_is_too_much_at_once_is_halved_not_read_one_by_one() -> None:
    async with explored(objects=many(400), most_values=20) as (found, device):
        assert found.complete
        assert len(found.objects) == 400
        assert device.requests <= 401 / 20 * 2 + 7 * 400 / 20 * 2  # halves take up to twice the fewest requests


async def test_a_list_that_is_read_only_whole_is_read_whole() -> None:
    async with explored(objects=many(30), reject_index=True) as (found, _):
        assert found.complete
        assert found.counted == 31
        assert len(found.objects) == 30


async def test_a_list_that_cannot_be_read_is_not_complete() -> None:
    async with explored(objects=many(400), reject_index=True) as (found, _):
        assert not found.complete
        assert found.objects == ()
        assert found.trouble.startswith("its object list cannot be read")
        assert found.unread[-1].what == "object-list"


@pytest.mark.parametrize("counts", [401 + 7, 3_000, 4_294_967_295])
async def test_who_counts_too_many_has_no_complete_list(counts: int) -> None:
    async with explored(objects=many(400), counts=counts) as (found, device):
        assert not found.complete
        assert found.counted == counts
        assert len(found.objects) == 400
        assert "that it counts are not in its list" in found.trouble
        assert [each.what for each in found.unread if each.what.startswith("object-list[402..")]
        assert device.requests < 100


async def test_who_counts_too_few_is_read_beyond() -> None:
    async with explored(objects=many(400), counts=390) as (found, _):
        assert found.complete
        assert len(found.objects) == 400
        assert found.unread[-1] == Unread("object-list", "it counts 390 objects, and lists 11 more")


async def test_an_element_that_is_refused_is_named() -> None:
    listed = [object_id(8, 77), *(object_id(0, number) for number in range(1, 400))]
    listed[200] = text("no object")
    async with explored(objects=many(399), about={76: listed}) as (found, _):
        assert not found.complete
        assert len(found.objects) == 398
        assert found.unread[-1] == Unread("object-list[201]", "no object identifier")


async def test_who_falls_silent_in_the_middle_keeps_what_was_found() -> None:
    async with explored(objects=many(400), silent_after=20) as (found, _):
        assert found.complete
        known = [each for each in found.objects if each.explored]
        assert 0 < len(known) < 400
        assert found.trouble == f"it fell silent after {len(known)} of 401 objects"


async def test_who_is_silent_during_its_list_has_no_complete_one() -> None:
    async with explored(objects=many(400), silent_after=3) as (found, _):
        assert not found.complete
        assert found.trouble.startswith("it fell silent after 0 of 401")


async def test_who_says_i_am_only_is_listed_with_its_trouble() -> None:
    async with explored(silent_after=0) as (found, _):
        assert not found.identified
        assert found.trouble == "it said I-Am, and answers no question"


async def test_an_address_where_nobody_is_is_named() -> None:
    async with explorable(silent=True) as device, client() as made:
        survey = await survey_of(made, device)
        assert survey.devices == ()
        assert survey.attention == (
            f"{device.address}: nobody answers there, neither to Who-Is nor to a read of its device object",
        )


async def test_texts_that_devices_should_not_have_are_kept_and_cut() -> None:
    wild = "[red]\x1b[2J\x00end\n"
    objects = {
        "analog-input,1": {**analog(1), 77: text(wild)},
        "analog-input,2": {**analog(1), 77: b"\x75\xfe" + (1300).to_bytes(2) + b"\x00" + b"x" * 1299},
        "analog-input,3": {**analog(1), 77: b"\x75\x04\x00\xff\xfe\xfd"},
        "analog-input,4": {**analog(1), 77: unsigned(7)},
        "analog-input,5": {**analog(float("nan")), 117: text("kW"), 111: unsigned(1)},
    }
    async with explored(objects=objects) as (found, _):
        first, second, third, fourth, fifth = found.objects
        assert first.name == wild
        assert second.name == "x" * 1024
        assert second.unread == (Unread("object-name", "1299 characters long: the first 1024 are kept"),)
        assert third.name == "\N{REPLACEMENT CHARACTER}" * 3
        assert fourth.unread == (Unread("object-name", "a unsigned instead of a text"),)
        assert (fifth.value, fifth.units, fifth.flags) == (Value("real", "nan"), None, None)
        assert found.explored


async def test_a_name_of_64_kilobytes_harms_nobody() -> None:
    huge = b"\x75\xff" + (65_000).to_bytes(4) + b"\x00" + b"y" * 64_999
    async with explored(objects={"analog-input,1": {**analog(1), 77: huge}, **many(1)}, max_apdu=70_000) as (found, _):
        assert found.objects


async def test_what_may_not_be_read_is_listed_and_what_is_missing_is_not() -> None:
    refused = frozenset({("analog-input,2", 85), ("analog-input,2", 28)})
    async with explored(objects=many(3), refused=refused) as (found, _):
        second = found.objects[1]
        assert set(second.unread) == {
            Unread("present-value", "read-access-denied"),
            Unread("description", "read-access-denied"),
        }
        assert found.objects[0].unread == ()
        assert found.objects[0].reliability is None


async def test_states_have_their_texts_also_where_they_are_too_long_for_one_answer() -> None:
    texts = [text(f"State number {number} of this object") for number in range(1, 31)]
    objects: dict[str, dict[int, Any]] = {
        "multi-state-value,1": {77: text("Mode"), 85: unsigned(2), 110: [text("Off"), text("On")]},
        "multi-state-value,2": {77: text("Long"), 85: unsigned(2), 110: texts},
        "multi-state-value,3": {77: text("One"), 85: unsigned(1), 110: [text("Only")]},
        "binary-input,1": {77: text("Fan"), 85: enumerated(1), 46: text("stopped"), 4: text("runs")},
    }
    async with explored(objects=objects, max_apdu=480) as (found, _):
        fan, mode, long, one = found.objects
        assert (fan.states, fan.value_text) == (("stopped", "runs"), "runs")
        assert (mode.states, mode.value_text) == (("Off", "On"), "On")
        assert long.states is not None
        assert len(long.states) == 30
        assert long.states[29] == "State number 30 of this object"
        assert one.states == ("Only",)
        assert [each.unread for each in found.objects] == [()] * 4


async def test_trend_logs_say_what_they_log_and_how_far_back() -> None:
    logged = b"\x0c" + object_id(0, 7)[1:] + b"\x19\x55" + b"\x3c" + object_id(8, 99)[1:]
    log = {77: text("Log"), 132: logged, 134: unsigned(90_000), 133: b"\x11", 126: unsigned(1000), 141: unsigned(800)}
    record = b"\x0e\xa4\x7e\x0b\x17\x01\xb4\x0e\x05\x00\xff\x0f\x1e\x2c\x41\x20\x00\x00\x1f"
    async with explored(objects={"trend-log,1": log, "trend-log,2": log}, records={"trend-log,1": record}) as (
        found,
        _,
    ):
        first, second = (each.trend for each in found.objects)
        assert first is not None
        assert (first.object, first.property, first.device) == (ObjectId(0, 7), 85, 99)
        assert (first.interval, first.buffer, first.records, first.enabled) == (900, 1000, 800, True)
        assert first.oldest == "2026-11-23T14:05:00.**"
        assert second is not None
        assert second.oldest is None


async def test_a_log_of_several_says_what_each_column_records() -> None:
    one, unused = (b"\x0c" + object_id(0, number)[1:] + b"\x19\x55" for number in (7, 4_194_303))
    log = {77: text("Three"), 132: one + unused + one + b"\x3c" + object_id(8, 99)[1:], 145: unsigned(90)}
    async with explored(objects={"trend-log-multiple,1": log, "trend-log,1": {132: one + one, 77: text("Two")}}) as (
        found,
        _,
    ):
        single, several = (each.trend for each in found.objects)
        assert several is not None
        assert several.members == (
            LoggedProperty(ObjectId(0, 7), 85),
            None,
            LoggedProperty(ObjectId(0, 7), 85, None, 99),
        )
        assert (several.object, several.total) == (None, 90)
        assert single is not None
        assert single.object == ObjectId(0, 7)


async def test_only_what_is_wanted_is_asked_about() -> None:
    objects = {**many(5), "calendar,1": {77: text("Holidays")}}
    async with explorable(objects=objects) as device, client() as made:
        survey = await survey_of(made, device, wanted=lambda _, each: each.id.type == 6)
        (found,) = survey.devices
        assert [str(each.id) for each in found.objects if each.explored] == ["calendar,1"]
        assert found.complete
        assert not found.explored


async def test_an_interrupted_survey_is_resumed_without_asking_again() -> None:
    async with explorable(objects=many(400)) as device, client() as made:
        watching = Watching()
        surveyor = Surveyor(made, SystemClock(), at(device), watching, FAST)
        await surveyor.devices()
        working = asyncio.create_task(surveyor.objects(lambda _, __: True, lambda _: True))
        await watching.explored_so_many(100)
        working.cancel()
        await asyncio.wait([working])
        await surveyor.stop()
        partial = surveyor.survey()
        assert not partial.finished
        known = sum(each.explored for each in partial.devices[0].objects)
        assert 100 <= known < 400
        before = device.requests
        resumed = await survey_of(made, device, before=partial)
        assert resumed.finished
        assert resumed.devices[0].explored
        assert device.requests - before < 45 - known / 15


async def test_a_device_that_was_loaded_meanwhile_is_not_resumed() -> None:
    async with explorable(objects=many(20), about={155: unsigned(1)}) as device, client() as made:
        first = await survey_of(made, device)
        device.about[155] = unsigned(2)
        device.objects = many(10)
        (found,) = (await survey_of(made, device, before=first)).devices
        assert len(found.objects) == 10
        assert found.complete


async def test_two_devices_with_one_instance_are_both_explored() -> None:
    async with explorable(objects=many(2)) as one, explorable(objects=many(3)) as other, client() as made:
        survey = await survey_of(made, one, other)
        assert {len(each.objects) for each in survey.conflicts[77]} == {2, 3}


async def test_nothing_leaves_that_is_not_on_the_allow_list() -> None:
    """Guarantee 5, by hand: Who-Is, ReadProperty, ReadPropertyMultiple, ReadRange."""
    log = {77: text("Log"), 126: unsigned(10)}
    async with explorable(objects={**many(40), "trend-log,1": log}) as device, client() as made:
        sent = overhear(made)
        await survey_of(made, device)
        said = {(datagram[6] >> 4, datagram[9] if datagram[6] >> 4 == 0 else datagram[7]) for datagram in sent}
        assert said <= {(1, 8), (0, 12), (0, 14), (0, 26)}
        assert (0, 26) in said


async def test_a_survey_leaves_a_trunk_four_fifths_of_its_time() -> None:
    async with explorable(objects=many(40), max_apdu=206, delay=0.01) as device, client(timeout=1) as made:
        surveyor = Surveyor(made, SystemClock(), at(device), Watching())
        await surveyor.devices()
        loop, before = asyncio.get_running_loop(), device.requests
        began = loop.time()
        await surveyor.objects(lambda _, __: True, lambda _: True)
        took = loop.time() - began
        await surveyor.stop()
        assert device.most_at_once == 1
        assert took > 0.9 * (device.requests - before - 1) * 0.01 / 0.2
