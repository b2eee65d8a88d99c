import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.device import Answers, Device, UnreadableError
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import parse_object
from tests.support.bacnet import HandmadeDevice, analog, client, device
from tests.support.clock import DrivenClock

HOUR = 3600.0


def inputs(count: int) -> dict[str, dict[int, bytes]]:
    return {f"analog-input,{number}": analog(number) for number in range(1, count + 1)}


def values(count: int) -> list[PropertyRef]:
    return [PropertyRef(parse_object(f"AI{number}")) for number in range(1, count + 1)]


def numbers(answers: Answers) -> list[object]:
    return [answer.value if isinstance(answer, Datum) else str(answer) for answer in answers.values()]


class Bench:
    """A hand-made device, and the product's idea of it."""

    def __init__(self, made: HandmadeDevice, known: Device, clock: DrivenClock) -> None:
        self.made, self.known, self.clock = made, known, clock

    async def read(self, refs: list[PropertyRef]) -> Answers:
        return await self.known.read_properties(refs)

    def services(self) -> list[tuple[int, int]]:
        """Service and number of values, of all requests since the last call."""
        asked = [(service, len(refs)) for service, refs in self.made.asked]
        self.made.asked.clear()
        return asked


@asynccontextmanager
async def bench(timeout: float = 0.3, **character: Any) -> AsyncIterator[Bench]:  # noqa: ASYNC109 the stack's own
    clock = DrivenClock()
    async with device(**character) as made, client(timeout=timeout) as bridge:
        known = Device(made.instance, made.address, bridge, Directory(bridge), clock, Gate())
        try:
            yield Bench(made, known, clock)
        finally:
            await known.stop()


async def test_what_is_due_together_is_asked_together_once() -> None:
    async with bench(objects=inputs(5)) as it:
        refs = values(5)
        wanted = (refs[:2], refs[1:4], refs[4:])
        answers = await asyncio.gather(*(it.read(part) for part in wanted))
        assert [numbers(part) for part in answers] == [[1, 2], [2, 3, 4], [5]]
        assert it.services() == [(14, 5)]


async def test_who_wants_nothing_need_not_wait() -> None:
    async with bench(objects=inputs(1)) as it:
        async with asyncio.timeout(5):
            assert await it.read([]) == {}
        assert it.services() == []


async def test_what_is_refused_again_is_no_value_though_the_answer_has_the_shape_of_before() -> None:
    async with bench(objects=inputs(2)) as it:
        refs = (*values(2), *values(3)[2:])
        for _ in range(3):
            *good, refused = await it.known.read(refs)
            assert [each.value for each in good if isinstance(each, Datum)] == [1, 2]
            assert isinstance(refused, UnreadableError)
        assert it.services() == [(14, 3)] * 3


async def test_one_request_is_in_flight_and_later_ones_are_gathered_meanwhile() -> None:
    async with bench(objects=inputs(5), delay=0.05) as it:
        first = asyncio.create_task(it.read(values(2)))
        await it.made.busy.wait()
        later = [asyncio.create_task(it.read([ref])) for ref in values(5)]
        await asyncio.gather(first, *later)
        assert it.services() == [(14, 2), (14, 5)]
        assert it.made.most_at_once == 1


@pytest.mark.parametrize(("max_apdu", "sizes"), [(1476, [40]), (480, [29, 11]), (206, [12, 12, 12, 4]), (50, [2] * 20)])
async def test_requests_fit_the_devices_size(max_apdu: int, sizes: list[int]) -> None:
    async with bench(objects=inputs(40), max_apdu=max_apdu) as it:
        assert numbers(await it.read(values(40))) == list(range(1, 41))
        assert [size for _, size in it.services()] == sizes


async def test_answers_are_matched_by_object_and_property_not_by_position() -> None:
    async with bench(objects=inputs(6), backwards=True) as it:
        assert numbers(await it.read(values(6))) == [1, 2, 3, 4, 5, 6]


async def test_a_device_without_read_property_multiple_is_tried_again_after_an_hour() -> None:
    async with bench(objects=inputs(3), reject_rpm=True) as it:
        assert numbers(await it.read(values(3))) == [1, 2, 3]
        assert it.services() == [(14, 3), (12, 1), (12, 1), (12, 1)]
        await it.read(values(3))
        assert it.services() == [(12, 1)] * 3
        it.made.reject_rpm = False
        await it.clock.advance(HOUR + 1)
        assert numbers(await it.read(values(3))) == [1, 2, 3]
        assert it.services() == [(14, 3)]


async def test_a_device_that_aborts_every_read_property_multiple_is_read_singly() -> None:
    async with bench(objects=inputs(4), abort_rpm=True) as it:
        refs = [PropertyRef(ref.object, number) for ref in values(4) for number in (85, 111)]
        assert len(await it.read(refs)) == 8
        assert it.services() == [(14, 8), (14, 4), (14, 2)] + [(12, 1)] * 8
        await it.read(refs)
        assert it.services() == [(12, 1)] * 8


async def test_a_device_that_is_deaf_to_read_property_multiple_is_read_singly() -> None:
    async with bench(objects=inputs(2), ignore_rpm=True, timeout=0.06) as it:
        assert numbers(await it.read(values(2))) == [1, 2]
        assert it.services() == [(12, 1)] * 3, "is it there at all, and then the two"
        before = it.made.received
        assert numbers(await it.read(values(2))) == [1, 2]
        assert it.made.received - before == 2, "nothing is asked in vain any more"
        it.made.ignore_rpm = False
        it.services()
        await it.clock.advance(HOUR + 1)
        assert numbers(await it.read(values(2))) == [1, 2]
        assert it.services() == [(14, 2)]


async def test_a_device_that_comes_back_slowly_is_not_taken_for_deaf() -> None:
    async with bench(objects=inputs(2), timeout=0.06) as it:
        it.made.rewrite = lambda datagram: datagram if datagram[6] >> 4 == 1 else None
        for _ in range(3):
            with pytest.raises(DeviceSilentError):
                await it.read(values(2))
        it.made.rewrite = lambda datagram: datagram
        it.services()
        assert numbers(await it.read(values(2))) == [1, 2]
        assert it.services() == [(14, 2)]


async def test_a_device_that_takes_less_than_it_says_is_asked_for_less() -> None:
    async with bench(objects=inputs(40), most_values=10) as it:
        assert numbers(await it.read(values(40))) == list(range(1, 41))
        it.services()
        await it.read(values(40))
        assert it.services() == [(14, 10)] * 4
        it.made.most_values = 1000
        await it.clock.advance(HOUR + 1)
        await it.read(values(40))
        assert it.services() == [(14, 40)]


async def test_one_bad_object_costs_only_itself_and_stands_alone_next_time() -> None:
    objects = {**inputs(8)}
    del objects["analog-input,5"]
    async with bench(objects=objects, spoilers=frozenset({"analog-input,5"})) as it:
        refs = [PropertyRef(ref.object, number) for ref in values(8) for number in (85, 111)]
        answers = await it.read(refs)
        bad = [ref for ref, answer in answers.items() if not isinstance(answer, Datum)]
        assert bad == [ref for ref in refs if ref.object == parse_object("AI5")]
        assert str(answers[bad[0]]) == "device 77, analog-input,5 present-value: unknown-object"
        it.services()
        await it.read(refs)
        assert it.services() == [(14, 14), (12, 1), (12, 1)]


async def test_what_an_answer_leaves_out_is_asked_for_alone() -> None:
    async with bench(objects=inputs(5), most_results=3) as it:
        assert numbers(await it.read(values(5))) == [1, 2, 3, 4, 5]
        assert it.services() == [(14, 5), (12, 1), (12, 1)]


async def test_unknown_objects_and_properties_are_errors_of_their_own() -> None:
    async with bench(objects=inputs(1)) as it:
        refs = [*values(2), PropertyRef(parse_object("AI1"), 187)]
        assert numbers(await it.read(refs)) == [
            1,
            "device 77, analog-input,2 present-value: unknown-object",
            "device 77, analog-input,1 scale: unknown-property",
        ]


async def test_an_answer_about_another_object_is_no_answer() -> None:
    def swap(datagram: bytes) -> bytes:
        return datagram.replace(b"\x0c\x00\x00\x00\x01\x19", b"\x0c\x00\x00\x00\x02\x19")

    async with bench(objects=inputs(2), rewrite=swap) as it:
        assert numbers(await it.read(values(1))) == [
            "device 77, analog-input,1 present-value: not in the device's answer"
        ]


async def test_an_undecodable_answer_costs_only_what_it_was_about() -> None:
    def spoil(datagram: bytes) -> bytes:
        third = b"\x0c\x00\x00\x00\x03"
        for good, bad in ((b"\x1e\x29\x55\x4e", b"\x1e\x29\x55\x6e"), (b"\x19\x55\x3e", b"\x19\x55\x2e")):
            datagram = datagram.replace(third + good, third + bad)
        return datagram

    async with bench(objects=inputs(4), rewrite=spoil) as it:
        one, two, three, four = numbers(await it.read(values(4)))
        assert (one, two, four) == (1, 2, 4)
        assert "analog-input,3 present-value: the answer cannot be decoded" in str(three)


async def test_silence_is_noticed_told_once_and_tried_cheaply() -> None:
    async with bench(objects=inputs(2), timeout=0.06) as it:
        await it.read(values(2))
        it.made.silent = True
        with capture_logs() as logs:
            costs = []
            for _ in range(4):
                before = it.made.received
                with pytest.raises(DeviceSilentError, match="device 77: no answer"):
                    await it.read(values(2))
                costs.append(it.made.received - before)
            it.made.silent = False
            assert numbers(await it.read(values(2))) == [1, 2]
            assert it.known.silences == 4
        assert costs == [3, 2, 2, 2], "two tries and the question whether it is there; then one try to find it"
        assert [log["event"] for log in logs] == ["device is silent", "device answers again"]


async def test_a_cancelled_reader_does_not_disturb_the_others() -> None:
    async with bench(objects=inputs(2), delay=0.02) as it:
        gone = asyncio.create_task(it.read(values(1)))
        stays = asyncio.create_task(it.read(values(2)))
        await it.made.busy.wait()
        gone.cancel()
        assert numbers(await stays) == [1, 2]


async def test_stop_leaves_nobody_waiting() -> None:
    async with bench(silent=True, timeout=30) as it:
        reading = [asyncio.create_task(it.read(values(2))) for _ in range(2)]
        await asyncio.sleep(0.01)
        await it.known.stop()
        for result in await asyncio.gather(*reading, return_exceptions=True):
            assert isinstance(result, ReadError)
