"""Whatever is wrong with a device, or with an object of it, costs only itself."""

import asyncio
import struct

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.device import Answers, Device, UnheardError
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.pacing import Gate, Limits
from bacnet_bridge.bacnet.profile import document, from_document
from bacnet_bridge.errors import DeviceSilentError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import parse_object
from tests.bacnet.test_device import Bench, bench, inputs, numbers, values
from tests.support.bacnet import client, device, text
from tests.support.clock import DrivenClock

VALUE_AND_FLAGS = (85, 111)


def packed(instance: int) -> bytes:
    """An analog input's identifier as it stands in an answer."""
    return b"\x0c" + struct.pack(">I", instance)


def dumb_about(it: Bench, *instances: int) -> None:
    """Answers that hold these objects get lost."""
    it.made.rewrite = lambda datagram: None if any(packed(each) in datagram for each in instances) else datagram


def unheard(answers: Answers) -> list[str]:
    return [str(ref.object) for ref, answer in answers.items() if isinstance(answer, UnheardError)]


async def test_a_silence_half_way_keeps_what_was_read() -> None:
    async with bench(objects=inputs(30), max_apdu=206, timeout=0.06) as it:
        it.made.rewrite = lambda datagram: None if it.made.received > 2 else datagram
        answers = await it.read(values(30))
        assert numbers(answers)[:12] == list(range(1, 13))
        assert unheard(answers) == [f"analog-input,{number}" for number in range(13, 31)]
        assert it.known.silences == 1
        assert it.made.received == 5, "who-is, one answered, two tries, and whether it is there"


async def test_whoever_has_all_he_waits_for_is_told_before_the_rest_is_asked() -> None:
    async with bench(objects=inputs(30), max_apdu=206, delay=0.03) as it:
        last = asyncio.create_task(it.read(values(30)[20:]))
        first = asyncio.create_task(it.read(values(30)[:5]))
        await first
        assert not last.done()
        await last


async def test_an_object_that_is_never_answered_costs_only_itself() -> None:
    async with bench(objects=inputs(8), timeout=0.06) as it:
        await it.read(values(8))
        dumb_about(it, 5)
        answers = await it.read(values(8))
        assert unheard(answers) == ["analog-input,5"]
        assert it.known.silences == 0
        assert it.known.profile.dumb == ("analog-input,5",)
        before = it.made.received
        answers = await it.read(values(8))
        assert unheard(answers) == ["analog-input,5"]
        assert it.made.received - before == 2, "one request for seven, one try for the eighth"
        with pytest.raises(DeviceSilentError):
            await it.read(values(8)[4:5])
        assert it.known.silences == 0
        it.made.rewrite = lambda datagram: datagram
        assert numbers(await it.read(values(8))) == list(range(1, 9))
        assert not it.known.profile.dumb


async def test_many_dumb_objects_cost_one_time_out_a_gathering() -> None:
    async with bench(objects=inputs(8), timeout=0.06) as it:
        await it.read(values(8))
        dumb_about(it, 2, 4, 7)
        assert unheard(await it.read(values(8))) == [f"analog-input,{number}" for number in (2, 4, 7)]
        for _ in range(4):
            before = it.made.received
            assert len(unheard(await it.read(values(8)))) == 3
            assert it.made.received - before == 2
        it.made.rewrite = lambda datagram: datagram
        assert unheard(await it.read(values(8))) == []


async def test_a_limit_that_only_came_of_a_wrong_guess_is_not_learned() -> None:
    """Names are longer than guessed: the answer was too long, but the device is none that answers less than it says."""
    objects = {name: {**about, 77: text("N" * 70)} for name, about in inputs(6).items()}
    async with bench(objects=objects, max_apdu=480) as it:

        def abort_long(datagram: bytes) -> bytes:
            short = len(datagram) <= 480 + 6
            return datagram if short else b"\x81\x0a\x00\x09\x01\x00\x71" + datagram[7:8] + b"\x04"

        it.made.rewrite = abort_long
        names = [PropertyRef(ref.object, 77) for ref in values(6)]
        assert len(numbers(await it.read(names))) == 6
        assert it.known.profile.most_together(it.clock.wall()) == 0
        assert it.known.profile.refusal == "6 properties together: abort segmentation-not-supported"
        it.services()
        assert all(isinstance(answer, Datum) for answer in (await it.read(names)).values())
        assert it.services() == [(14, 5), (12, 1)], "sized by what the answers were long"


async def test_a_known_silence_is_an_answer_for_a_while() -> None:
    async with bench(objects=inputs(2), timeout=0.06) as it:
        await it.read(values(2))
        it.made.silent = True

        async def cost() -> int:
            before = it.made.received
            with pytest.raises(DeviceSilentError, match="device 77: no answer"):
                await it.known.read(tuple(values(2)), patience=60)
            return it.made.received - before

        assert await cost() == 3
        assert await cost() > 0, "it may have been a loss: tried again while the slot lasts"
        await it.clock.advance(61)
        assert await cost() > 0, "one try for the next slot"
        assert [await cost() for _ in range(3)] == [0, 0, 0]
        await it.clock.advance(61)
        it.made.silent = False
        assert len(await it.known.read(tuple(values(2)), patience=60)) == 2


async def test_a_silent_device_is_tried_now_and_then_and_at_its_i_am() -> None:
    async with bench(objects=inputs(2), timeout=0.06) as it:
        await it.read(values(2))
        it.made.silent = True
        with pytest.raises(DeviceSilentError):
            await it.read(values(2))
        it.known.try_if_due()
        assert it.known._worker is not None
        await it.known._worker
        before = it.made.received
        await it.clock.advance(301)
        it.known.try_if_due()
        await it.known._worker
        assert it.made.received > before
        it.made.silent = False
        with capture_logs() as logs:
            it.known.heard()
            await it.known._worker
            it.known.heard()
        assert [log["event"] for log in logs] == ["device answers again"]
        assert it.known.profile.silent_since == 0


async def test_what_was_learned_outlives_a_restart() -> None:
    async with bench(objects=inputs(40), most_values=10) as it:
        await it.read(values(40))
        kept = from_document(document(it.known.profile))
        assert kept is not None
        it.services()
        async with client() as bridge:
            again = Device(77, it.made.address, bridge, Directory(bridge), it.clock, Gate())
            again.profile = kept
            assert numbers(await again.read_properties(values(40))) == list(range(1, 41))
            await again.stop()
        assert [asked for asked in it.services() if asked[0] == 14] == [(14, 10)] * 4


async def test_what_is_dead_does_not_hold_up_what_answers() -> None:
    async with device(silent=True) as dead, device(instance=78, objects=inputs(2)) as alive, client() as bridge:
        gate, clock, directory = Gate(Limits(total=1, per_router=1)), DrivenClock(), Directory(bridge)
        gone = Device(77, dead.address, bridge, directory, clock, gate)
        here = Device(78, alive.address, bridge, directory, clock, gate)
        with pytest.raises(DeviceSilentError):
            await gone.read_properties(values(1))
        trying = asyncio.create_task(gone.read_properties(values(1)))
        await asyncio.sleep(0)
        assert numbers(await here.read_properties(values(2))) == [1, 2]
        assert not trying.done()
        with pytest.raises(DeviceSilentError):
            await trying
        await gone.stop()
        await here.stop()


async def test_value_and_flags_share_an_object_and_come_back_in_order() -> None:
    async with bench(objects=inputs(3)) as it:
        refs = tuple(PropertyRef(parse_object(f"AI{number}"), each) for each in VALUE_AND_FLAGS for number in (3, 1, 2))
        for _ in range(3):
            answers = await it.known.read(refs)
            assert [answer.value for answer in answers if isinstance(answer, Datum)] == [3, 1, 2, *[(False,) * 4] * 3]
        assert it.services() == [(14, 6)] * 3


async def test_a_device_that_refuses_everything_for_a_moment_is_read_as_before_afterwards() -> None:
    async with bench(objects=inputs(4)) as it:
        await it.read(values(4))
        it.made.rewrite = lambda datagram: bytes.fromhex("81 0a 0009 01 00 71") + datagram[7:8] + b"\x01"
        assert all("abort" in str(answer) for answer in numbers(await it.read(values(4))))
        it.made.rewrite = lambda datagram: datagram
        before = it.made.received
        assert numbers(await it.read(values(4))) == [1, 2, 3, 4]
        assert it.made.received - before == 1
        assert not it.known.profile.spoiling
