"""Subscriptions over real UDP: what a device told stands in for reading it, and never longer than it may."""

import asyncio
import random
from collections.abc import Mapping, Sequence

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.line import who_are_you
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, encode_read
from bacnet_bridge.bacnet.subscriptions import PROCESS
from bacnet_bridge.errors import DeviceSilentError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import apdu_of, bits, overhear, real
from tests.support.cov import AI1, AI2, Rig, flags_of, rig

PROOF = {who_are_you(77)}
REJECT = bytes([0x60, 9])
NO_SLOT = bytes([0x50, 5, 0x91, 2, 0x91, 43])
REFUSES = "device refuses to tell changes: what it refuses is read, and it is asked again later"
ALL = {AI1, flags_of(AI1), AI2, flags_of(AI2)}


def value(answers: dict[PropertyRef, Answer], ref: PropertyRef) -> object:
    datum = answers[ref]
    assert isinstance(datum, Datum)
    assert isinstance(answers[flags_of(ref)], Datum)
    return datum.value


async def values(made: Rig) -> tuple[list[object], set[PropertyRef]]:
    answers, asked = await made.slot()
    return [value(answers, AI1), value(answers, AI2)], asked


async def until_asked(made: Rig, wanted: set[PropertyRef]) -> None:
    """Slot after slot, until just these are asked for."""
    async with asyncio.timeout(5):
        while (await made.slot())[1] != wanted:
            pass


def told_people(logs: Sequence[Mapping[str, object]]) -> list[object]:
    return [log["event"] for log in logs if log["log_level"] != "debug"]


async def flush(made: Rig) -> None:
    """What was sent to the bridge before is through when a later question is answered."""
    await made.client.ask(made.device.address, READ_PROPERTY, encode_read(who_are_you(77)), tries=20)


async def test_what_was_told_is_not_read_and_still_the_device_is_asked_something() -> None:
    async with rig() as made:
        assert await values(made) == ([1.5, 2.5], ALL)
        await made.device.until(lambda: len(made.device.acknowledged) == 2)
        assert await values(made) == ([1.5, 2.5], PROOF)
        made.device.change(AI1, real(7.25))
        await made.device.until(lambda: len(made.device.acknowledged) == 3)
        answers, asked = await made.slot()
        assert asked == PROOF
        assert answers[AI1] == Datum(Kind.REAL, 7.25)
        assert answers[flags_of(AI1)] == Datum(Kind.BITS, (False,) * 4)
        assert made.subscriptions.known(made.reached, AI1) == (answers[AI1], answers[flags_of(AI1)])
        assert made.subscriptions.known(made.reached, PropertyRef(AI1.object, 81)) is None


async def test_status_flags_are_told_too() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.objects["analog-input,1"][flags_of(AI1).property] = bits(1)
        made.device.tell(AI1.object)
        await made.device.until(lambda: len(made.device.acknowledged) == 3)
        answers, _ = await made.slot()
        assert answers[flags_of(AI1)] == Datum(Kind.BITS, (False, True, False, False))


async def test_where_others_are_read_no_proof_is_asked_for() -> None:
    async with rig(told=(AI1,)) as made:
        await made.subscribed()
        assert await values(made) == ([1.5, 2.5], {AI2, flags_of(AI2)})


async def test_silence_is_never_unchanged() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.silent = True
        with pytest.raises(DeviceSilentError):
            await made.slot()
        await made.clock.advance(10)
        made.device.silent = False
        made.device.objects["analog-input,1"][AI1.property] = real(9.5)
        assert await values(made) == ([9.5, 2.5], ALL), "what was told before the silence counts no more"
        await made.device.until(lambda: len(made.device.acknowledged) == 4)
        assert await values(made) == ([9.5, 2.5], PROOF)


async def test_where_our_port_moved_nothing_that_was_told_counts() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.objects["analog-input,1"][AI1.property] = real(9.5)
        assert await values(made) == ([1.5, 2.5], PROOF)
        made.subscriptions.moved()
        assert await values(made) == ([9.5, 2.5], ALL)
        await made.device.until(lambda: len(made.device.acknowledged) == 4)
        assert await values(made) == ([9.5, 2.5], PROOF)


async def test_it_is_renewed_at_half_time_and_never_runs_out() -> None:
    async with rig() as made:
        await made.subscribed()
        for renewals in range(1, 5):
            await made.clock.advance(150)
            await made.device.until(lambda wanted=2 * renewals + 2: len(made.device.acknowledged) >= wanted)  # type: ignore[misc]
            assert await values(made) == ([1.5, 2.5], PROOF)
        assert len(made.device.wanted) == 10


async def test_a_renewal_that_comes_too_late_leaves_the_point_to_be_read() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.ignores = True
        await made.clock.advance(150)
        await until_asked(made, ALL)
        made.device.objects["analog-input,1"][AI1.property] = real(3.5)
        assert await values(made) == ([3.5, 2.5], ALL)
        await made.clock.advance(200)
        assert await values(made) == ([3.5, 2.5], ALL)


async def test_a_process_that_stood_still_does_not_go_on_with_what_ran_out() -> None:
    async with rig() as made:
        await made.subscribed()
        made.clock.stall(301)
        made.device.objects["analog-input,1"][AI1.property] = real(3.5)
        assert await values(made) == ([3.5, 2.5], ALL)


async def test_a_renewal_whose_notification_is_lost_is_not_taken_for_unchanged() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.loses = True
        await made.clock.advance(150)
        await made.device.until(lambda: len(made.device.told) == 4)
        await flush(made)
        assert await values(made) == ([1.5, 2.5], ALL)


async def test_a_notification_that_was_lost_and_repeated_does_not_undo_a_newer_one() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.loses = True
        made.device.change(AI1, real(7.5))
        made.device.loses = False
        await made.clock.advance(1)
        made.device.change(AI1, real(8.5))
        await made.clock.advance(3)
        made.device.repeat(2)
        await made.device.until(lambda: len(made.device.acknowledged) == 4)
        assert await values(made) == ([8.5, 2.5], {AI1, flags_of(AI1)}), "who knows which is newer: it is read"
        made.device.change(AI1, real(9.5))
        await made.device.until(lambda: len(made.device.acknowledged) == 5)
        assert await values(made) == ([9.5, 2.5], PROOF)


async def test_a_notification_that_comes_twice_changes_nothing() -> None:
    async with rig() as made:
        await made.subscribed()
        await made.clock.advance(4)
        made.device.repeat(0)
        await made.device.until(lambda: len(made.device.acknowledged) == 3)
        assert await values(made) == ([1.5, 2.5], PROOF)


@pytest.mark.parametrize("says", [lambda _: 0, lambda _: 300], ids=["nothing", "always the same"])
async def test_a_device_that_does_not_count_the_seconds_is_read(says: object) -> None:
    """Nobody can tell whether what it repeats was overtaken; only its first word is in time."""
    async with rig(says_remaining=says) as made:
        await made.subscribed()
        await made.clock.advance(5)
        made.device.change(AI1, real(7.5))
        await made.device.until(lambda: len(made.device.acknowledged) == 3)
        assert (await values(made))[0] == [7.5, 2.5]
        assert flags_of(AI1) in (await values(made))[1]


async def test_a_device_that_grants_less_time_than_asked_for_is_read() -> None:
    async with rig(grants=140) as made:
        await made.subscribed()
        assert (await values(made))[1] == ALL


async def test_a_restart_that_is_told_by_i_am() -> None:
    async with rig() as made:
        await made.subscribed()
        await made.clock.advance(100)
        to = made.device.subscribed[AI1.object].to
        made.device.restart()
        made.device.objects["analog-input,1"][AI1.property] = real(3.5)
        made.device.say_i_am(to)
        await made.device.until(lambda: len(made.device.acknowledged) == 4)
        assert await values(made) == ([3.5, 2.5], PROOF)


async def test_i_am_right_after_subscribing_has_the_points_read_meanwhile() -> None:
    """Who often says I-Am, being asked often, is not asked for all his subscriptions each time."""
    async with rig() as made:
        await made.subscribed()
        for _ in range(5):
            made.device.say_i_am(made.device.subscribed[AI1.object].to)
        await flush(made)
        assert await values(made) == ([1.5, 2.5], ALL)
        await made.clock.advance(10)
        assert len(made.device.wanted) == 2
        await made.clock.advance(51)
        await made.device.until(lambda: len(made.device.acknowledged) == 4)
        assert await values(made) == ([1.5, 2.5], PROOF)


async def test_a_restart_that_nobody_tells_is_mended_within_half_the_lifetime() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.restart()
        made.device.objects["analog-input,1"][AI1.property] = real(3.5)
        await made.clock.advance(150)
        await made.device.until(lambda: len(made.device.acknowledged) == 4)
        assert await values(made) == ([3.5, 2.5], PROOF)


async def test_a_device_without_the_service_is_read_told_of_once_and_asked_again() -> None:
    async with rig(refuses={"analog-input,1": REJECT, "analog-input,2": REJECT}) as made:
        with capture_logs() as logs:
            await made.slot()
            await made.device.until(lambda: len(made.device.wanted) == 1)
            for _ in range(3):
                await made.clock.advance(900)
                assert await values(made) == ([1.5, 2.5], ALL)
            assert made.device.wanted == [AI1.object], "the others were not even asked for"
            await made.clock.advance(1_400)
            await made.device.until(lambda: len(made.device.wanted) == 2)
            await flush(made)
            made.device.refuses.clear()
            await made.clock.advance(4_000)
            await until_asked(made, PROOF)
        assert told_people(logs) == [REFUSES, "device tells the changes of all its points"]


async def test_a_device_with_too_few_places_tells_of_what_it_can() -> None:
    async with rig(refuses={"analog-input,1": NO_SLOT}) as made:
        await made.subscribed(notifications=1)
        assert await values(made) == ([1.5, 2.5], {AI1, flags_of(AI1)})


async def test_a_device_that_says_nothing_to_it_is_read() -> None:
    """It may have been silent altogether, so it is asked once more before it is taken for a refusal."""
    async with rig(ignores=True) as made:
        with capture_logs() as logs:
            async with asyncio.timeout(5):
                while not told_people(logs):
                    assert await values(made) == ([1.5, 2.5], ALL)
                    await made.clock.advance(60)
            asked = len(made.device.wanted)
            assert asked == 4, "twice, with two tries each"
            for _ in range(10):
                await made.clock.advance(300)
                assert await values(made) == ([1.5, 2.5], ALL)
            assert len(made.device.wanted) == asked
        assert told_people(logs) == [REFUSES]


@pytest.mark.parametrize(
    "lie",
    [
        {"process": PROCESS + 1},
        {"process": 0},
        {"device": 78},
        {"about": ObjectId(0, 99)},
        {"about": ObjectId(2, 1)},
    ],
)
async def test_what_was_not_subscribed_is_not_heard(lie: dict[str, object]) -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.objects["analog-input,1"][AI1.property] = real(666)
        made.device.tell(AI1.object, **lie)
        await made.device.until(lambda: len(made.device.refused) == 1)
        assert (await values(made)) == ([1.5, 2.5], PROOF)


@pytest.mark.parametrize("confirmed", [True, False])
async def test_a_strangers_notification_is_not_heard(confirmed: bool) -> None:
    async with rig() as made, rig() as stranger:
        await made.subscribed()
        await stranger.subscribed()
        stranger.device.instance = made.device.instance
        stranger.device.subscribed[AI1.object].to = made.device.subscribed[AI1.object].to
        stranger.device.subscribed[AI1.object].confirmed = confirmed
        stranger.device.change(AI1, real(666))
        await flush(made)
        assert (await values(made)) == ([1.5, 2.5], PROOF)


async def test_unconfirmed_notifications_are_taken_as_well() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.subscribed[AI1.object].confirmed = False
        made.device.change(AI1, real(4.5))
        await flush(made)
        assert await values(made) == ([4.5, 2.5], PROOF)


async def test_a_notification_without_flags_does_not_count() -> None:
    async with rig() as made:
        await made.subscribed()
        whole = made.device.told[0]
        at = whole.index(b"\x09\x6f\x2e")
        made.device.told.append(whole[:at] + b"\x4f")
        made.device.repeat(-1)
        await made.device.until(lambda: len(made.device.acknowledged) == 3)
        assert await values(made) == ([1.5, 2.5], {AI1, flags_of(AI1)})


async def test_it_asks_for_confirmed_notifications_one_after_the_other() -> None:
    async with rig() as made:
        sent = overhear(made.client)
        await made.subscribed()
        asked = [apdu for apdu in map(apdu_of, sent) if apdu is not None and apdu[0] >> 4 == 0 and apdu[3] == 5]
        assert [apdu[4:].hex(" ") for apdu in asked] == [
            "09 87 1c 00 00 00 01 29 01 3a 01 2c",
            "09 87 1c 00 00 00 02 29 01 3a 01 2c",
        ]


async def test_at_the_end_it_says_goodbye() -> None:
    async with rig() as made:
        await made.subscribed()
        await made.subscriptions.stop()
        assert made.device.subscribed == {}


async def test_at_the_end_it_does_not_wait_for_the_silent() -> None:
    async with rig() as made:
        await made.subscribed()
        made.device.silent = True
        async with asyncio.timeout(3):
            await made.subscriptions.stop()


async def test_a_port_that_is_closed_first_does_not_hurt() -> None:
    async with rig() as made:
        await made.subscribed()
        await made.client.stop()
        with pytest.raises(DeviceSilentError):
            await made.slot()
        await made.subscriptions.stop()


async def test_noise_in_notifications_does_no_harm() -> None:
    """From the device's own address, whatever octets were changed, and however long they are."""
    noise = random.Random(11)
    async with rig() as made:
        await made.subscribed()
        to = made.device.subscribed[AI1.object].to
        with capture_logs() as logs:
            for number in range(3_000):
                octets = bytearray(made.device.told[0])
                octets[:4] = noise.choice([b"\x00\x05\x09\x01", b"\x02\x05\x09\x01", b"\x10\x02"])
                for _ in range(noise.randrange(1, 4)):
                    octets[noise.randrange(4, len(octets))] = noise.randrange(256)
                made.device._send(bytes(octets[: noise.randrange(4, len(octets) + 1)]), to)
                if number % 50 == 0:
                    await flush(made)
        assert made.client._edge.undecodable == 0
        assert [log for log in logs if log["log_level"] == "error"] == []
        made.device.change(AI1, real(3.5))
        wanted = len(made.device.told) - 1
        await made.device.until(lambda: wanted in made.device.acknowledged)
        assert (await values(made))[0] == [3.5, 2.5]
        assert made.client._app.asap.serverTransactions == []


async def test_what_is_mapped_otherwise_is_read_again_and_renewed_no_more() -> None:
    async with rig() as made:
        await made.subscribed()
        await until_asked(made, PROOF)
        await made.subscriptions.only({made.reached.key: {AI1.object}})
        assert made.subscriptions.known(made.reached, AI2) is None
        assert made.subscriptions.known(made.reached, AI1) is not None
        await made.subscriptions.only({})
        wanted = len(made.device.wanted)
        await made.clock.advance(600)
        await flush(made)
        assert len(made.device.wanted) == wanted
