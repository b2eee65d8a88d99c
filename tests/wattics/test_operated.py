"""What operators ask of delivery: standing still, a try now, forgetting; on a driven clock."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from bacnet_bridge.errors import BridgeError, OutboxError
from bacnet_bridge.model import AcceptedBy, Account, Packet, Queue
from bacnet_bridge.wattics import operated
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble
from tests.support.clock import NOON, settle
from tests.wattics.rig import ACCOUNT, OK, Site, always, in_turn, packet, running

OTHER = Account(ACCOUNT.address, "other")


def queue(meter: str, account: Account = ACCOUNT) -> Queue:
    return Queue(account, meter)


class SlowSite(Site):
    """Each answer waits until `answer` is called."""

    def __init__(self, reply: Callable[[str], Answer | NoAnswer]) -> None:
        super().__init__(reply)
        self._replied = asyncio.Event()
        at_once = self.sessions.post

        async def post(account: Account, body: str) -> Answer | NoAnswer:
            await self._replied.wait()
            return await at_once(account, body)

        self.sessions.post = post  # type: ignore[method-assign]

    def answer(self) -> None:
        self._replied.set()
        self._replied = asyncio.Event()


async def test_an_act_begins_when_the_attempt_under_way_is_over_and_nothing_leaves_meanwhile() -> None:
    site = SlowSite(always(OK))
    site.put("m", 0)
    site.put("m", 1)
    async with running(site.courier, 0):
        await settle()
        assert site.courier.snapshot().under_way == {queue("m")}
        async with AsyncExitStack() as stack:
            standing = asyncio.create_task(stack.enter_async_context(site.courier.operated.still([queue("m")])))
            await settle()
            assert not standing.done()
            site.answer()
            await standing
            assert [each.instant for each in site.outbox.packets[queue("m")]] == [NOON + 60_000]
            site.put("m", 2)
            await site.clock.advance(10)
            assert len(site.sessions.attempts) == 1
        await site.clock.advance(1)
        site.answer()
        await settle()
        assert len(site.sessions.attempts) == 2


async def test_other_accounts_queues_of_the_id_stand_still_too_and_other_meters_do_not() -> None:
    site = Site(always(OK))
    async with running(site.courier):
        async with site.courier.operated.still([queue("m", OTHER)]):
            site.put("m")
            site.put("n")
            await site.clock.advance(1)
            assert [meter for _, meter in site.sessions.attempts] == ["n"]
        await site.clock.advance(1)
        assert [meter for _, meter in site.sessions.attempts] == ["n", "m"]


async def test_an_attempt_without_end_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operated, "STILL_WITHIN", 0.01)
    site = SlowSite(always(OK))
    site.put("m")
    async with running(site.courier, 0):
        await settle()
        with pytest.raises(BridgeError, match="nothing was changed"):
            async with site.courier.operated.still([queue("m")]):
                pytest.fail("something is under way")
        site.answer()
        await settle()
        assert site.outbox.packets[queue("m")] == []


async def test_a_queue_whose_acceptance_cannot_be_noted_is_not_acted_on() -> None:
    site = Site(always(OK))

    async def full(packet: Packet, by: AcceptedBy, at: int, *, patience: float = 0.0) -> None:  # noqa: ARG001 - as the outbox has it
        raise OutboxError(f"no space to note {by} at {at}")

    site.outbox.accept = full  # type: ignore[method-assign]
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(1)
        with pytest.raises(BridgeError, match="mend the disk first"):
            async with site.courier.operated.still([queue("m")]):
                pytest.fail("what the platform has would be set aside or sent again")
        del site.outbox.accept  # the disk is mended, or the end would try it again until time passes


async def test_a_retry_does_not_wait_for_its_time() -> None:
    site = Site(in_turn([Answer(400), Answer(400), OK]))
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(10)
        await site.courier.operated.retry(queue("m"), 5)
        await site.courier.operated.retry(queue("m"), 5)
        assert site.sessions.times("m") == [0, 10, 10]
        assert site.courier.snapshot().failing == {}


async def test_a_retry_is_the_probe_of_a_paused_account_and_opens_it() -> None:
    answers = {"a": Answer(401), "b": Answer(401)}
    site = Site(lambda meter: answers[meter])
    site.put("a")
    site.put("b")
    async with running(site.courier):
        await site.clock.advance(5)
        before = len(site.sessions.attempts)
        answers["a"] = answers["b"] = OK
        await site.courier.operated.retry(queue("b"), 5)
        await settle()
        assert [meter for _, meter in site.sessions.attempts[before:]] == ["b", "a"]
        assert site.courier.snapshot().paused == {}


async def test_a_retry_is_the_probe_of_a_host_that_is_away() -> None:
    answer: list[Answer | NoAnswer] = [NoAnswer(Trouble.NO_CONNECTION, "refused")]
    site = Site(lambda _meter: answer[0])
    for meter in "abcdef":
        site.put(meter)
    async with running(site.courier):
        await site.clock.advance(20)
        assert site.courier.snapshot().away
        answer[0] = OK
        await site.courier.operated.retry(queue("f"), 5)
        assert site.sessions.attempts[-1][1] == "f" or not site.courier.snapshot().away
        await site.clock.advance(5)
        assert not any(site.outbox.packets.values())


async def test_a_queue_that_stands_still_leaves_its_probe_to_another() -> None:
    answers = {"a": Answer(401), "b": Answer(401)}
    site = Site(lambda meter: answers[meter])
    site.put("a")
    site.put("b")
    async with running(site.courier):
        await site.clock.advance(5)
        answers["a"] = answers["b"] = OK
        async with site.courier.operated.still([queue("a")]):
            await site.clock.advance(61)
            assert site.outbox.packets[queue("b")] == []
            assert len(site.outbox.packets[queue("a")]) == 1
        await site.clock.advance(1)
        assert site.outbox.packets[queue("a")] == []


async def test_forgetting_lets_the_next_head_leave_at_once() -> None:
    site = Site(in_turn([Answer(400), OK]))
    site.put("m", 0)
    site.put("m", 1)
    async with running(site.courier):
        await site.clock.advance(10)
        assert len(site.courier.snapshot().answers[queue("m")]) == 1
        async with site.courier.operated.still([queue("m")]):
            del site.outbox.packets[queue("m")][0]
            site.courier.operated.forget(queue("m"))
        await site.clock.advance(1)
        assert site.sessions.times("m") == [0, 10]
        assert site.courier.snapshot().answers == {}


async def test_the_last_five_failures_of_a_head_are_remembered() -> None:
    site = Site(always(Answer(400, excerpt="no")))
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(10_000)
        answers = site.courier.snapshot().answers[queue("m")]
    assert len(answers) == 5
    assert [at for at, _ in answers] == sorted(NOON + round(when * 1000) for when in site.sessions.times("m")[-5:])
    assert all("400" in said for _, said in answers)


async def test_what_one_account_may_have_stored_is_read_back_for_another() -> None:
    """An attempt of unknown outcome, then the packet goes to another account, where it is refused as a duplicate."""
    site = Site(in_turn([NoAnswer(Trouble.TIME_OUT, "late", may_have_arrived=True), Answer(400)]))
    site.put("m")
    async with running(site.courier):
        await settle()
        async with site.courier.operated.still([queue("m"), queue("m", OTHER)]):
            site.outbox.packets[queue("m")].clear()
            site.outbox.put(packet(OTHER, "m", 0))
        site.courier.operated.forget(queue("m", OTHER))
        site.sessions.latest_at["m"] = NOON
        await site.clock.advance(1)
    assert [each.instant for each in site.outbox.read_back] == [NOON]


async def test_what_another_bridge_may_have_sent_is_read_back() -> None:
    site = Site(always(Answer(400)))
    site.sessions.latest_at["m"] = NOON
    async with running(site.courier):
        site.courier.operated.doubt(queue("m"), NOON)
        site.put("m")
        await site.clock.advance(1)
    assert [each.instant for each in site.outbox.read_back] == [NOON]


async def test_acts_on_two_meters_keep_each_its_own_however_the_other_ends() -> None:
    site = Site(always(OK))
    async with running(site.courier, 0):
        async with site.courier.operated.still([queue("m")]):
            async with site.courier.operated.still([queue("n")]):
                site.put("m", 0)
                site.put("n", 0)
                await site.clock.advance(10)
                assert site.sessions.attempts == []
            await site.clock.advance(10)
            assert [meter for _, meter in site.sessions.attempts] == ["n"]
        await site.clock.advance(10)
        assert [meter for _, meter in site.sessions.attempts] == ["n", "m"]
