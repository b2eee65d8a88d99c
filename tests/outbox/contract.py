"""What every outbox must keep. A backend's test file subclasses OutboxContract and gives the fixture `backend`."""

import asyncio
from typing import Protocol

import pytest

from bacnet_bridge.errors import FencedError, NotWaitingError, OutboxError, QuotaError
from bacnet_bridge.model import AcceptedBy, Account, Origin, Packet, Queue, Retry
from bacnet_bridge.outbox.contract import Horizon, NewGap, Outbox, QueueState, SetAside, StoredGap
from bacnet_bridge.vocabulary.gaps import ENDED, TOO_LATE, Stage
from tests.support.clock import DrivenClock
from tests.support.outbox import ACCOUNT, packet, queue

FAR = 4_000_000_000_000
"""A deadline that no test reaches."""


class Backend(Protocol):
    @property
    def outbox(self) -> Outbox: ...
    async def crash(self) -> Outbox:
        """The same outbox as a new process finds it after `kill -9` of the last one."""

    async def restart(self) -> Outbox:
        """The same outbox after an orderly end and a new start."""


async def accept_head(outbox: Outbox, of: Queue | None = None) -> Packet | None:
    head = await outbox.head(of or queue())
    if head is not None:
        await outbox.accept(head, AcceptedBy.ANSWER, head.instant + 1)
    return head


async def drain(outbox: Outbox, of: Queue | None = None) -> list[int]:
    """Everything that leaves, as instants."""
    left = []
    while (head := await accept_head(outbox, of)) is not None:
        left.append(head.instant)
    return left


async def state(outbox: Outbox, of: Queue | None = None) -> QueueState:
    return next(each for each in await outbox.states() if each.queue == (of or queue()))


class OutboxContract:
    """Guarantees 1 and 2, clause by clause."""

    # -- putting --------------------------------------------------------------------------------------------

    async def test_what_was_put_leaves_in_order_with_all_its_fields(self, backend: Backend) -> None:
        outbox = backend.outbox
        put = [packet(1000), packet(2000, origin=Origin.PUSHED), packet(3000, value="1e-7")]
        for each in put:
            await outbox.put(each)
        left = []
        while (head := await accept_head(outbox)) is not None:
            left.append(head)
        assert left == put

    @pytest.mark.parametrize("instant", [1999, 2000, -5])
    async def test_an_instant_not_later_than_the_tail_is_refused(self, backend: Backend, instant: int) -> None:
        await backend.outbox.put(packet(2000))
        with pytest.raises(FencedError):
            await backend.outbox.put(packet(instant))
        assert await drain(backend.outbox) == [2000]

    async def test_a_refusal_names_queue_instant_fence_and_tail(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await accept_head(outbox)
        await outbox.put(packet(2000))
        with pytest.raises(FencedError) as refusal:
            await outbox.put(packet(1500))
        for part in ("meter-1", ACCOUNT.address, ACCOUNT.credentials, "1500", "1000", "2000"):
            assert part in str(refusal.value)

    async def test_instants_before_1970_are_instants(self, backend: Backend) -> None:
        await backend.outbox.put(packet(-2000))
        await backend.outbox.put(packet(-1000))
        assert await drain(backend.outbox) == [-2000, -1000]

    async def test_order_is_by_the_instant_and_not_by_the_local_text(self, backend: Backend) -> None:
        """Dublin, 25 October 2026: 01:30+01:00 is earlier than 01:10+00:00."""
        summer = Packet(queue(), 1_792_888_200_000, "2026-10-25", '{"tsISO8601":"2026-10-25T01:30:00.000+01:00"}')
        winter = Packet(queue(), 1_792_890_600_000, "2026-10-25", '{"tsISO8601":"2026-10-25T01:10:00.000+00:00"}')
        await backend.outbox.put(summer)
        await backend.outbox.put(winter)
        assert await drain(backend.outbox) == [summer.instant, winter.instant]

    @pytest.mark.parametrize("how", ["crash", "restart"])
    async def test_an_emptied_queue_still_knows_its_fence(self, backend: Backend, how: str) -> None:
        await backend.outbox.put(packet(1000))
        await accept_head(backend.outbox)
        outbox: Outbox = await getattr(backend, how)()
        with pytest.raises(FencedError):
            await outbox.put(packet(1000))
        found = await state(outbox)
        assert (found.waiting, found.oldest, found.fence, found.last_put) == (0, None, 1000, 1000)
        assert found.last_accepted == 1000

    async def test_a_confirmed_put_outlives_a_crash(self, backend: Backend) -> None:
        for instant in (1000, 2000, 3000):
            await backend.outbox.put(packet(instant))
        assert await drain(await backend.crash()) == [1000, 2000, 3000]

    async def test_a_thousand_puts_at_once_keep_each_queues_order(self, backend: Backend) -> None:
        outbox = backend.outbox
        await asyncio.gather(*(outbox.put(packet(1000 + n // 100, f"m{n % 100}")) for n in range(1000)))
        outbox = await backend.crash()
        left = await asyncio.gather(*(drain(outbox, queue(f"m{meter}")) for meter in range(100)))
        assert left == [list(range(1000, 1010))] * 100

    async def test_only_one_of_many_puts_of_an_instant_is_taken(self, backend: Backend) -> None:
        results = await asyncio.gather(*(backend.outbox.put(packet(1000)) for _ in range(20)), return_exceptions=True)
        assert results.count(None) == 1
        assert sum(isinstance(result, FencedError) for result in results) == 19
        assert await drain(backend.outbox) == [1000]

    async def test_a_cancelled_put_happens_all_the_same(self, backend: Backend) -> None:
        outbox = backend.outbox
        seen = await outbox.wait_for_put(-1)
        putting = asyncio.create_task(outbox.put(packet(1000), {"point": "5"}))
        await asyncio.sleep(0)  # it stands in line
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting
        await outbox.wait_for_put(seen)
        with pytest.raises(FencedError):
            await outbox.put(packet(1000))
        await outbox.put(packet(2000))
        assert await drain(outbox) == [1000, 2000]
        assert await (await backend.crash()).memory("meter-1") == {"point": "5"}

    # -- accounts -------------------------------------------------------------------------------------------

    async def test_a_queue_belongs_to_address_credentials_and_id(self, backend: Backend) -> None:
        others = [Account(ACCOUNT.address, "other"), Account("https://elsewhere/", ACCOUNT.credentials)]
        await backend.outbox.put(packet(5000))
        for account in others:
            await backend.outbox.put(packet(1000, account=account))
        outbox = await backend.crash()
        assert await drain(outbox) == [5000]
        for account in others:
            assert await drain(outbox, queue(account=account)) == [1000]
        assert len(await outbox.states()) == 3

    # -- leaving --------------------------------------------------------------------------------------------

    async def test_head_gives_the_same_packet_until_it_is_accepted(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await outbox.put(packet(2000))
        assert await outbox.head(queue()) == packet(1000) == await outbox.head(queue())
        await outbox.accept(packet(1000), AcceptedBy.READ_BACK, 1)
        assert await outbox.head(queue()) == packet(2000)

    async def test_head_of_a_queue_that_never_was_is_none(self, backend: Backend) -> None:
        assert await backend.outbox.head(queue("nobody")) is None
        assert await backend.outbox.states() == []

    async def test_only_the_head_can_be_accepted(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await outbox.put(packet(2000))
        with pytest.raises(OutboxError, match="1000"):
            await outbox.accept(packet(2000), AcceptedBy.ANSWER, 1)
        assert await drain(outbox) == [1000, 2000]

    async def test_accepting_twice_is_an_error_that_says_so(self, backend: Backend) -> None:
        await backend.outbox.put(packet(1000))
        await accept_head(backend.outbox)
        outbox = await backend.crash()
        with pytest.raises(NotWaitingError, match="accepted already"):
            await outbox.accept(packet(1000), AcceptedBy.ANSWER, 1)
        with pytest.raises(NotWaitingError, match="never put"):
            await outbox.accept(packet(7000), AcceptedBy.ANSWER, 1)

    async def test_of_two_acceptances_at_once_one_counts(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        results = await asyncio.gather(
            *(outbox.accept(packet(1000), AcceptedBy.ANSWER, 1) for _ in range(3)), return_exceptions=True
        )
        assert results.count(None) == 1
        assert (await state(outbox)).waiting == 0

    async def test_the_next_head_waits_for_the_acceptance_to_be_committed(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await outbox.put(packet(2000))
        accepting = asyncio.create_task(outbox.accept(packet(1000), AcceptedBy.ANSWER, 1))
        await asyncio.sleep(0)
        assert await outbox.head(queue()) == packet(2000)
        assert (await state(outbox)).last_accepted == 1000
        await accepting

    async def test_an_acceptance_whose_caller_is_cancelled_counts(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        accepting = asyncio.create_task(outbox.accept(packet(1000), AcceptedBy.ANSWER, 1))
        await asyncio.sleep(0)
        accepting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await accepting
        assert await outbox.head(queue()) is None
        assert await (await backend.crash()).head(queue()) is None

    async def test_what_was_not_accepted_is_there_after_a_crash_and_is_attempted_again(self, backend: Backend) -> None:
        await backend.outbox.put(packet(1000))
        await backend.outbox.head(queue())
        outbox = await backend.crash()
        assert await drain(outbox) == [1000]

    # -- retry state ----------------------------------------------------------------------------------------

    async def test_retry_state_outlives_a_crash_and_ends_with_acceptance(self, backend: Backend) -> None:
        await backend.outbox.put(packet(1000))
        await backend.outbox.postpone(queue(), Retry(3, 99_000, "answered 500", "backing off"))
        outbox = await backend.crash()
        assert (await state(outbox)).retry == Retry(3, 99_000, "answered 500", "backing off")
        await accept_head(outbox)
        assert (await state(outbox)).retry == Retry()
        assert (await state(await backend.crash())).retry == Retry()

    # -- setting aside --------------------------------------------------------------------------------------

    async def test_what_is_set_aside_is_never_sent_and_fences(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await outbox.put(packet(2000))
        await outbox.set_aside(packet(1000), "wrong meter", 5)
        assert (await state(outbox)).fence == 1000
        with pytest.raises(NotWaitingError):
            await outbox.accept(packet(1000), AcceptedBy.ANSWER, 1)
        with pytest.raises(NotWaitingError):
            await outbox.set_aside(packet(1000), "again", 5)
        outbox = await backend.crash()
        assert await drain(outbox) == [2000]

    async def test_setting_aside_from_the_middle_keeps_what_is_before_it(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000, 3000):
            await outbox.put(packet(instant))
        await outbox.set_aside(packet(2000), "doubtful", 5)
        assert await drain(await backend.crash()) == [1000, 3000]

    async def test_setting_aside_wakes_the_sender(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        seen = await outbox.wait_for_put(-1)
        await outbox.set_aside(packet(1000), "stuck", 5)
        assert await outbox.wait_for_put(seen) > seen

    # -- holds ----------------------------------------------------------------------------------------------

    async def test_a_queue_on_hold_collects_and_nothing_leaves(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await outbox.put_and_hold(queue(), 1000, FAR, packet(5000))
        await outbox.put(packet(6000))
        assert await outbox.head(queue()) is None
        outbox = await backend.crash()
        assert await outbox.head(queue()) is None
        assert (await state(outbox)).held_until == FAR
        await outbox.release(queue())
        assert (await state(outbox)).held_until is None
        assert await drain(outbox) == [1000, 5000, 6000]

    async def test_fills_leave_in_their_place(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await accept_head(outbox)
        await outbox.put_and_hold(queue(), 1000, FAR, packet(5000))
        for instant in (3000, 2000, 4000):
            await outbox.fill(packet(instant, origin=Origin.HEALED))
        outbox = await backend.crash()
        await outbox.release(queue())
        assert await drain(outbox) == [2000, 3000, 4000, 5000]

    async def test_a_hold_without_a_packet_takes_fills_behind_the_tail(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_and_hold(queue(), 500, FAR)
        await outbox.fill(packet(1000))
        with pytest.raises(FencedError):
            await outbox.put(packet(900))
        await outbox.put(packet(2000))
        await outbox.release(queue())
        assert await drain(outbox) == [1000, 2000]

    @pytest.mark.parametrize("instant", [999, 1000, 1400, 1500, 2000, 5000])
    async def test_fills_into_fence_gap_start_or_a_present_instant_are_refused(
        self, backend: Backend, instant: int
    ) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await accept_head(outbox)
        await outbox.put_and_hold(queue(), 1500, FAR, packet(5000))
        await outbox.fill(packet(2000))
        with pytest.raises(FencedError):
            await outbox.fill(packet(instant))
        await outbox.release(queue())
        assert await drain(outbox) == [2000, 5000]

    async def test_of_many_fills_of_an_instant_one_is_taken(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_and_hold(queue(), 0, FAR, packet(5000))
        results = await asyncio.gather(*(outbox.fill(packet(2000)) for _ in range(5)), return_exceptions=True)
        assert results.count(None) == 1
        await outbox.release(queue())
        assert await drain(outbox) == [2000, 5000]

    async def test_a_whole_gap_is_mended_in_one_transaction(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await accept_head(outbox)
        await outbox.put_and_hold(queue(), 1000, FAR, packet(5000, value="12"))
        fills = [packet(instant, origin=Origin.HEALED) for instant in (2000, 3000, 4000)]
        await outbox.mend(queue(), fills, [packet(5000, value="3")])
        outbox = await backend.crash()
        assert await outbox.waiting(queue()) == [*fills, packet(5000, value="3")]
        await outbox.release(queue())
        assert await drain(outbox) == [2000, 3000, 4000, 5000]

    @pytest.mark.parametrize(
        ("fill", "complete"),
        [(1000, 5000), (5000, 5000), (3000, 4000), (3000, 1000)],
        ids=["fill at the fence", "fill that is there", "complete what is not there", "complete what was accepted"],
    )
    async def test_where_a_part_is_refused_nothing_is_mended(self, backend: Backend, fill: int, complete: int) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await accept_head(outbox)
        await outbox.put_and_hold(queue(), 500, FAR, packet(5000))
        with pytest.raises(FencedError):
            await outbox.mend(queue(), [packet(2000), packet(fill)], [packet(complete, value="3")])
        outbox = await backend.crash()
        assert await outbox.waiting(queue()) == [packet(5000)]

    async def test_mending_needs_a_hold_and_is_refused_once_release_began(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(5000))
        with pytest.raises(FencedError, match="not on hold"):
            await outbox.mend(queue(), [packet(2000)], [])
        await outbox.put_and_hold(queue(), 0, FAR)
        releasing = asyncio.create_task(outbox.release(queue()))
        await asyncio.sleep(0)
        with pytest.raises(FencedError, match="not on hold"):
            await outbox.mend(queue(), [packet(2000)], [])
        await releasing
        assert await drain(outbox) == [5000]

    async def test_a_gap_that_finds_no_room_for_all_of_it_is_not_mended(self, backend: Backend) -> None:
        outbox = backend.outbox
        outbox.allot({"meter-1": 3})
        await outbox.put_and_hold(queue(), 0, FAR, packet(5000, value="12"))
        fills = [packet(instant) for instant in (2000, 3000, 4000)]
        with pytest.raises(QuotaError, match="3 packets of a gap find room for 2"):
            await outbox.mend(queue(), fills, [packet(5000, value="3")])
        assert await outbox.waiting(queue()) == [packet(5000, value="12")]
        await outbox.mend(queue(), fills[:2], [])
        assert outbox.room(queue()) == 0

    async def test_fill_needs_a_hold(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(5000))
        with pytest.raises(FencedError, match="not on hold"):
            await outbox.fill(packet(2000))
        await outbox.put_and_hold(queue(), 0, FAR)
        await outbox.release(queue())
        with pytest.raises(FencedError, match="not on hold"):
            await outbox.fill(packet(2000))

    async def test_fill_after_release_began_is_refused(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_and_hold(queue(), 0, FAR, packet(5000))
        releasing = asyncio.create_task(outbox.release(queue()))
        await asyncio.sleep(0)
        with pytest.raises(FencedError, match="not on hold"):
            await outbox.fill(packet(2000))
        await releasing
        assert await drain(outbox) == [5000]

    async def test_fill_before_the_hold_is_committed_is_refused(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(5000))
        holding = asyncio.create_task(outbox.put_and_hold(queue(), 0, FAR))
        await asyncio.sleep(0)
        with pytest.raises(FencedError, match="not on hold"):
            await outbox.fill(packet(2000))
        assert await outbox.head(queue()) is None, "the hold is coming: nothing may leave"
        await holding

    async def test_an_attempt_under_way_fences_what_is_filled(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(3000))
        await outbox.head(queue())
        await outbox.put_and_hold(queue(), 0, FAR)
        outbox = await backend.crash()
        assert (await state(outbox)).fence == 3000, "durable, though nothing was accepted"
        with pytest.raises(FencedError):
            await outbox.fill(packet(2000))
        await outbox.fill(packet(4000))
        await outbox.release(queue())
        assert await drain(outbox) == [3000, 4000]

    async def test_an_attempt_under_way_may_be_accepted_under_hold(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await outbox.put(packet(4000))
        attempted = await outbox.head(queue())
        assert attempted is not None
        await outbox.put_and_hold(queue(), 1000, FAR)
        await outbox.accept(attempted, AcceptedBy.ANSWER, 1)
        assert await outbox.head(queue()) is None
        await outbox.fill(packet(2000))
        await outbox.release(queue())
        assert await drain(outbox) == [2000, 4000]

    async def test_after_a_crash_the_head_counts_as_attempted_unless_on_hold(self, backend: Backend) -> None:
        await backend.outbox.put(packet(3000, "open"))
        await backend.outbox.put_and_hold(queue("held"), 0, FAR, packet(3000, "held"))
        outbox = await backend.crash()
        assert (await state(outbox, queue("open"))).fence == 3000
        assert (await state(outbox, queue("held"))).fence is None
        await outbox.put_and_hold(queue("open"), 0, FAR)
        with pytest.raises(FencedError):
            await outbox.fill(packet(2000, "open"))
        await outbox.fill(packet(2000, "held"))

    async def test_a_hold_ends_durably_at_its_deadline(self, backend: Backend, clock: DrivenClock) -> None:
        outbox = backend.outbox
        deadline = clock.wall() + 60_000
        await outbox.put_and_hold(queue(), 0, deadline, packet(5000))
        await clock.advance(59.999)
        assert await outbox.head(queue()) is None
        await outbox.fill(packet(2000))
        await clock.advance(0.001)
        with pytest.raises(FencedError):
            await outbox.fill(packet(1000))
        assert await outbox.head(queue()) == packet(2000)
        clock.step(-3600)  # a hold that was only hidden would be back
        assert (await state(outbox)).held_until is None
        outbox = await backend.crash()
        assert (await state(outbox)).held_until is None
        assert await drain(outbox) == [2000, 5000]

    async def test_a_hold_whose_deadline_passed_during_a_crash_ends_at_the_first_head(
        self, backend: Backend, clock: DrivenClock
    ) -> None:
        await backend.outbox.put_and_hold(queue(), 0, clock.wall() + 1000, packet(5000))
        await clock.advance(10)
        outbox = await backend.crash()
        assert await outbox.head(queue()) == packet(5000)
        assert (await state(await backend.crash())).held_until is None

    async def test_a_refused_packet_leaves_no_hold(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(5000))
        with pytest.raises(FencedError):
            await outbox.put_and_hold(queue(), 0, FAR, packet(5000))
        assert (await state(outbox)).held_until is None
        assert (await state(await backend.crash())).held_until is None

    async def test_releasing_what_is_not_on_hold_changes_nothing(self, backend: Backend) -> None:
        await backend.outbox.release(queue())
        await backend.outbox.put(packet(1000))
        await backend.outbox.release(queue())
        assert await drain(backend.outbox) == [1000]

    # -- gaps -----------------------------------------------------------------------------------------------

    async def test_a_gap_is_held_with_the_packet_that_ends_it(self, backend: Backend, clock: DrivenClock) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000), {"count": "1", "other": "x"})
        await outbox.put_after_gaps([NewGap(2000, 3000, clock.wall() + 900)], packet(4000), {"count": "9"})
        found = await state(outbox)
        assert (found.held_after, found.held_until, found.heals) == (1999, clock.wall() + 900, True)
        assert await outbox.head(queue()) is None
        await backend.crash()
        (gap,) = await backend.outbox.gaps_waited_for()
        assert gap == StoredGap(
            queue(), 2000, 3000, Stage.HELD, clock.wall(), clock.wall() + 900, 4000,
            {"count": "1", "other": "x"}, {"count": "9", "other": "x"},
        )  # fmt: skip
        assert (await state(backend.outbox)).heals
        assert await backend.outbox.memory("meter-1") == {"count": "9", "other": "x"}

    async def test_the_fill_of_the_last_gap_ends_the_hold_with_it(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        await outbox.put_after_gaps([NewGap(4000, 5000, FAR)], packet(6000))
        await outbox.mend(queue(), [packet(4500, origin=Origin.HEALED)], [], gap=4000, why="one is missing")
        assert await outbox.head(queue()) is None
        await outbox.mend(queue(), [packet(1000), packet(2000)], [], gap=1000)
        await backend.crash()
        assert await drain(backend.outbox) == [1000, 2000, 3000, 4500, 6000]
        told = [(each.first, each.stage, each.healed, each.why) for each in await backend.outbox.gaps("meter-1")]
        assert told == [(1000, Stage.RELEASED, 2, ""), (4000, Stage.RELEASED, 1, "one is missing")]
        assert await backend.outbox.gaps_waited_for() == []

    async def test_a_gap_that_is_given_up_is_over(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        await outbox.give_up(queue(), 1000, "it has no log")
        (gap,) = await outbox.gaps("meter-1")
        assert (gap.stage, gap.healed, gap.why) == (Stage.RELEASED, 0, "it has no log")
        for late in (outbox.give_up(queue(), 1000, "again"), outbox.mend(queue(), [], [], gap=1000)):
            with pytest.raises(FencedError):
                await late
        assert await drain(outbox) == [3000]

    async def test_a_fill_that_is_refused_leaves_gap_and_hold(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        with pytest.raises(FencedError):
            await outbox.mend(queue(), [packet(500)], [], gap=1000)
        with pytest.raises(FencedError):
            await outbox.mend(queue(), [packet(1000)], [], gap=1234)
        assert await outbox.head(queue()) is None
        await outbox.mend(queue(), [packet(1000)], [], gap=1000)
        assert await drain(outbox) == [1000, 3000]

    async def test_the_deadline_ends_hold_and_gap_however_often_the_bridge_crashes(
        self, backend: Backend, clock: DrivenClock
    ) -> None:
        deadline = clock.wall() + 900_000
        await backend.outbox.put_after_gaps([NewGap(1000, 2000, deadline)], packet(3000))
        for _ in range(3):
            await clock.advance(299)
            await backend.crash()
            assert await backend.outbox.head(queue()) is None
            assert (await state(backend.outbox)).held_until == deadline
        await clock.advance(3)
        assert await drain(backend.outbox) == [3000]
        (gap,) = await backend.outbox.gaps("meter-1")
        assert (gap.stage, gap.why) == (Stage.RELEASED, TOO_LATE)
        await backend.crash()
        assert await backend.outbox.gaps_waited_for() == []

    async def test_who_releases_a_queue_releases_its_gaps(self, backend: Backend) -> None:
        await backend.outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        await backend.outbox.release(queue())
        await backend.crash()
        (gap,) = await backend.outbox.gaps("meter-1")
        assert (gap.stage, gap.why) == (Stage.RELEASED, ENDED)
        assert await drain(backend.outbox) == [3000]

    async def test_a_hold_of_another_outlives_the_gap(self, backend: Backend, clock: DrivenClock) -> None:
        outbox = backend.outbox
        await outbox.put_and_hold(queue(), 0, FAR)
        await outbox.put_after_gaps([NewGap(1000, 2000, clock.wall() + 900)], packet(3000))
        found = await state(outbox)
        assert (found.held_after, found.held_until, found.heals) == (0, FAR, False)
        await outbox.mend(queue(), [packet(1000)], [], gap=1000)
        assert (await state(outbox)).held_until == FAR
        assert await outbox.head(queue()) is None
        await outbox.release(queue())
        assert await drain(outbox) == [1000, 3000]

    async def test_a_hold_that_takes_the_gaps_place_is_not_ended_with_it(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        await outbox.put_and_hold(queue(), 0, FAR)
        await outbox.mend(queue(), [packet(1000)], [], gap=1000)
        await backend.crash()
        assert await backend.outbox.head(queue()) is None

    async def test_another_hold_that_ends_leaves_the_gap_its_time(self, backend: Backend, clock: DrivenClock) -> None:
        outbox, now = backend.outbox, clock.wall()
        await outbox.put_and_hold(queue(), 0, now + 60_000)
        await outbox.put_after_gaps([NewGap(1000, 2000, now + 900_000)], packet(3000))
        await clock.advance(61)
        assert await outbox.head(queue()) is None
        assert (await state(outbox)).heals
        await clock.advance(840)
        assert await drain(outbox) == [3000]

    async def test_a_hold_that_took_the_gaps_place_can_be_given_back_to_them(
        self, backend: Backend, clock: DrivenClock
    ) -> None:
        outbox, now = backend.outbox, clock.wall()
        await outbox.put_after_gaps([NewGap(1000, 2000, now + 900_000)], packet(3000))
        await outbox.put_and_hold(queue(), 0, FAR)
        await outbox.release(queue(), gaps=False)
        await backend.crash()
        found = await state(backend.outbox)
        assert (found.held_after, found.held_until, found.heals) == (999, now + 900_000, True)
        await backend.outbox.release(queue(), gaps=False)
        assert (await state(backend.outbox)).heals, "it was theirs"
        await backend.outbox.put_and_hold(queue(), 0, FAR)
        await clock.advance(901)
        await backend.outbox.release(queue(), gaps=False)
        (gap,) = await backend.outbox.gaps("meter-1")
        assert (gap.stage, gap.why) == (Stage.RELEASED, TOO_LATE)
        assert await drain(backend.outbox) == [3000]

    async def test_what_is_given_back_to_gaps_of_which_none_is_waited_for_leaves(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        await outbox.put_and_hold(queue(), 0, FAR)
        await outbox.mend(queue(), [packet(1000)], [], gap=1000)
        await outbox.release(queue(), gaps=False)
        assert await drain(outbox) == [1000, 3000]
        await outbox.release(queue(), gaps=False)

    async def test_a_filled_gap_holds_nothing_once_the_others_are_past(
        self, backend: Backend, clock: DrivenClock
    ) -> None:
        outbox, now = backend.outbox, clock.wall()
        await outbox.put_after_gaps([NewGap(1000, 1100, now + 60_000), NewGap(2000, 2100, now + 900_000)], packet(3000))
        await outbox.mend(queue(), [packet(2000)], [], gap=2000)
        await outbox.put_and_hold(queue(), 0, now + 120_000)
        await clock.advance(121)
        assert await drain(outbox) == [2000, 3000]

    async def test_an_attempt_under_way_fences_the_gap_before_it(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1500))
        head = await outbox.head(queue())
        assert head is not None
        await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        with pytest.raises(FencedError):
            await outbox.mend(queue(), [packet(1200)], [], gap=1000)
        await backend.crash()
        assert (await state(backend.outbox)).fence == 1500

    async def test_a_refused_packet_leaves_no_gap(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(5000))
        with pytest.raises(FencedError):
            await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(5000))
        outbox.allot({"meter-1": 1})
        with pytest.raises(QuotaError):
            await outbox.put_after_gaps([NewGap(5500, 5700, FAR)], packet(6000))
        assert await outbox.gaps("meter-1") == []
        assert await drain(outbox) == [5000]

    async def test_what_was_sent_and_what_waits_is_known_over_all_accounts(self, backend: Backend) -> None:
        outbox, other = backend.outbox, Account("https://elsewhere/", "b")
        assert outbox.horizon("meter-1") == Horizon(None, frozenset())
        await outbox.put(packet(1000))
        await outbox.put(packet(2000, account=other))
        await outbox.put(packet(9000, "another"))
        await accept_head(outbox)
        assert outbox.horizon("meter-1") == Horizon(1000, frozenset({2000}))
        await outbox.head(queue(account=other))
        assert outbox.horizon("meter-1") == Horizon(2000, frozenset({2000}))

    async def test_old_gaps_are_forgotten_once_something_later_was_sent(
        self, backend: Backend, clock: DrivenClock
    ) -> None:
        outbox = backend.outbox
        await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000))
        await outbox.release(queue())
        await outbox.prune(clock.wall() + 1)
        assert len(await outbox.gaps("meter-1")) == 1, "it would be found again"
        await drain(outbox)
        await outbox.prune(clock.wall())
        assert len(await outbox.gaps("meter-1")) == 1
        await outbox.prune(clock.wall() + 1)
        assert await outbox.gaps("meter-1") == []

    # -- completing -----------------------------------------------------------------------------------------

    async def test_a_held_packet_gains_fields(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_and_hold(queue(), 0, FAR, packet(5000))
        fuller = packet(5000, value='1,"more":2')
        await outbox.complete(fuller)
        outbox = await backend.crash()
        await outbox.release(queue())
        assert await outbox.head(queue()) == fuller

    async def test_completing_needs_a_hold_a_waiting_packet_and_no_attempt(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000))
        await outbox.put(packet(2000))
        with pytest.raises(FencedError, match="not on hold"):
            await outbox.complete(packet(2000, value="0"))
        await outbox.head(queue())
        await outbox.put_and_hold(queue(), 0, FAR)
        with pytest.raises(FencedError, match="may have been sent"):
            await outbox.complete(packet(1000, value="0"))
        with pytest.raises(FencedError, match="no packet"):
            await outbox.complete(packet(1500, value="0"))
        await outbox.release(queue())
        assert await outbox.head(queue()) == packet(1000)

    # -- quotas ---------------------------------------------------------------------------------------------

    async def test_a_meter_keeps_its_share_and_borrows_what_others_leave(self, backend: Backend) -> None:
        outbox = backend.outbox
        outbox.allot({"greedy": 2, "modest": 2})
        for instant in range(1, 5):
            await outbox.put(packet(instant, "greedy"))
        with pytest.raises(QuotaError, match="greedy"):
            await outbox.put(packet(5, "greedy"))
        for instant in (1, 2):
            await outbox.put(packet(instant, "modest"))
        with pytest.raises(QuotaError, match="modest"):
            await outbox.put(packet(3, "modest"))
        await outbox.put(packet(1, "without a share"))
        outbox = await backend.crash()
        outbox.allot({"greedy": 2, "modest": 2})
        with pytest.raises(QuotaError):
            await outbox.put(packet(5, "greedy"))
        assert await drain(outbox, queue("greedy")) == [1, 2, 3, 4], "nothing that waits is dropped"
        await outbox.put(packet(6, "greedy"))

    async def test_a_hold_whose_packet_finds_no_share_is_no_hold(self, backend: Backend) -> None:
        outbox = backend.outbox
        outbox.allot({"meter-1": 1})
        await outbox.put(packet(1000))
        with pytest.raises(QuotaError):
            await outbox.put_and_hold(queue(), 0, FAR, packet(2000))
        assert await drain(outbox) == [1000]

    async def test_of_many_puts_at_once_as_many_are_taken_as_the_quota_lets(self, backend: Backend) -> None:
        backend.outbox.allot({"meter-1": 3})
        results = await asyncio.gather(*(backend.outbox.put(packet(n)) for n in range(9)), return_exceptions=True)
        assert [result is None for result in results] == [True] * 3 + [False] * 6

    async def test_memory_of_a_packet_that_the_quota_refuses_is_not_kept(self, backend: Backend) -> None:
        backend.outbox.allot({"meter-1": 1})
        await backend.outbox.put(packet(1), {"a": "1"})
        with pytest.raises(QuotaError):
            await backend.outbox.put(packet(2), {"a": "2"})
        assert await (await backend.crash()).memory("meter-1") == {"a": "1"}

    # -- an operator's acts ---------------------------------------------------------------------------------

    async def test_all_up_to_an_instant_is_set_aside_and_stays_recorded(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000, 3000):
            await outbox.put(packet(instant))
        assert await outbox.set_aside_until(queue(), 2000, "moved to a file", 7) == 2
        assert (await state(outbox)).fence == 2000
        outbox = await backend.crash()
        kept = [SetAside(packet(instant), 7, "moved to a file") for instant in (1000, 2000)]
        assert await outbox.packets_set_aside(queue()) == kept
        assert await drain(outbox) == [3000]
        assert await outbox.set_aside_until(queue("nobody"), 2000, "", 7) == 0
        assert await outbox.packets_set_aside(queue("nobody")) == []

    async def test_abandoning_sets_aside_all_and_the_queue_goes_on(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000):
            await outbox.put(packet(instant))
        seen = await outbox.wait_for_put(-1)
        assert await outbox.abandon(queue(), "of no use", 7) == 2
        assert await outbox.wait_for_put(seen) > seen
        with pytest.raises(FencedError):
            await outbox.put(packet(2000))
        await outbox.put(packet(3000))
        assert await drain(await backend.crash()) == [3000]

    async def test_recovering_sets_aside_what_the_platform_is_past(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000, 3000):
            await outbox.put(packet(instant))
        assert await outbox.recover(queue(), "read back", 7, fence=2500) == 2
        assert (await state(outbox)).fence == 2500
        outbox = await backend.crash()
        assert await outbox.recover(queue(), "once more", 7) == 0
        assert await drain(outbox) == [3000]

    async def test_what_waits_is_shown_in_pages_and_nothing_is_claimed(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000, 3000):
            await outbox.put(packet(instant))
        assert await outbox.waiting(queue(), limit=2) == [packet(1000), packet(2000)]
        assert await outbox.waiting(queue(), after=2000) == [packet(3000)]
        assert await outbox.waiting(queue("nobody")) == []
        assert (await state(outbox)).fence is None

    async def test_another_account_gets_what_waits_before_its_own(self, backend: Backend) -> None:
        outbox, other = backend.outbox, Account("https://elsewhere/", "x")
        for instant in (1000, 2000):
            await outbox.put(packet(instant), {"a": "1"})
        await outbox.postpone(queue(), Retry(3, 99_000, "answered 401", "account"))
        await outbox.put(packet(3000, account=other))
        assert await outbox.reassign(queue(), other) == 2
        assert await outbox.reassign(queue(), other) == 0
        outbox = await backend.crash()
        assert (await state(outbox)).retry == Retry()
        with pytest.raises(FencedError):
            await outbox.put(packet(2000))
        assert await drain(outbox, queue(account=other)) == [1000, 2000, 3000]
        assert await drain(outbox) == []

    async def test_nothing_is_reassigned_behind_a_fence_or_twice(self, backend: Backend) -> None:
        outbox, other = backend.outbox, Account("https://elsewhere/", "x")
        await outbox.put(packet(1000))
        await outbox.put(packet(3000, account=other))
        await outbox.head(queue(account=other))
        with pytest.raises(FencedError, match="3000"):
            await outbox.reassign(queue(), other)
        third = Account("https://third/", "x")
        await outbox.put(packet(1000, account=third))
        with pytest.raises(FencedError, match="there already"):
            await outbox.reassign(queue(), third)
        assert await drain(await backend.crash()) == [1000]

    async def test_one_id_has_one_row_of_packets_whoever_sends_them(self, backend: Backend) -> None:
        """Guarantee 2, where an account was changed: a gap healed for the new one, or a change back to the old one."""
        outbox, other = backend.outbox, Account(ACCOUNT.address, "another")
        await outbox.put(packet(3000))
        await outbox.head(queue())
        await outbox.put(packet(5000))
        with pytest.raises(FencedError, match="not later than the fence"):
            await outbox.put(packet(2000, account=other))
        await outbox.put_and_hold(queue(account=other), 0, FAR)
        with pytest.raises(FencedError, match="not later than the fence"):
            await outbox.fill(packet(3000, account=other))
        with pytest.raises(FencedError, match="there already"):
            await outbox.fill(packet(5000, account=other))
        await outbox.fill(packet(4000, account=other))
        outbox = await backend.crash()
        with pytest.raises(FencedError, match="not later than the fence"):
            await outbox.put(packet(2000, account=Account(ACCOUNT.address, "a third")))

    async def test_a_mistyped_ids_packets_go_to_the_right_one(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000, "meter-l"))
        await outbox.head(queue("meter-l"))
        await outbox.put(packet(2000, "meter-l"))
        moved = await outbox.move(queue("meter-l"), "meter-1", lambda body: body.replace("meter-l", "meter-1"))
        assert moved == 2
        outbox = await backend.crash()
        assert await outbox.waiting(queue()) == [packet(1000), packet(2000)]
        assert await drain(outbox) == [1000, 2000]
        assert await drain(outbox, queue("meter-l")) == []

    async def test_an_id_that_was_ever_accepted_is_not_moved(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000):
            await outbox.put(packet(instant))
        await accept_head(outbox)
        with pytest.raises(FencedError, match="accepted"):
            await outbox.move(queue(), "another", str)
        assert await drain(outbox) == [2000]

    async def test_what_is_just_being_put_is_reassigned_too(self, backend: Backend) -> None:
        outbox = backend.outbox
        other = Account("https://localhost/other/", "default")
        await outbox.put(packet(1000))
        _, moved, _ = await asyncio.gather(
            outbox.put(packet(2000)), outbox.reassign(queue(), other), outbox.put(packet(3000))
        )
        assert moved >= 2
        outbox = await backend.crash()
        left = await drain(outbox), await drain(outbox, queue(account=other))
        assert sorted(left[0] + left[1]) == [1000, 2000, 3000]
        assert len(left[1]) == moved

    async def test_memory_and_disk_agree_on_what_was_put_during_a_reassignment(self, backend: Backend) -> None:
        outbox = backend.outbox
        other = Account("https://localhost/other/", "default")
        await outbox.put(packet(1000))
        await asyncio.gather(outbox.put(packet(2000)), outbox.reassign(queue(), other))
        before = sorted((each.queue.account.address, each.waiting) for each in await outbox.states())
        outbox = await backend.crash()
        assert sorted((each.queue.account.address, each.waiting) for each in await outbox.states()) == before

    async def test_what_is_just_being_filled_in_is_set_aside_too(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put_and_hold(queue(), 0, FAR, packet(5000))
        _, aside = await asyncio.gather(outbox.fill(packet(3000)), outbox.set_aside_until(queue(), 5000, "moved", 7))
        assert aside == 2
        await outbox.put(packet(6000))
        await outbox.release(queue())
        assert await drain(outbox) == [6000]
        assert [each.packet.instant for each in await outbox.packets_set_aside(queue())] == [3000, 5000]

    async def test_what_is_being_reassigned_leaves_by_neither_queue(self, backend: Backend) -> None:
        outbox, other = backend.outbox, Account("https://elsewhere/", "x")
        await outbox.put(packet(1000))
        await outbox.put(packet(2000, account=other))
        moving = asyncio.create_task(outbox.reassign(queue(), other))
        await asyncio.sleep(0)
        assert await outbox.head(queue(account=other)) in {None, packet(1000, account=other)}
        assert await outbox.head(queue()) is None
        await moving
        assert await drain(outbox, queue(account=other)) == [1000, 2000]

    # -- memory ---------------------------------------------------------------------------------------------

    async def test_memory_commits_with_its_packet(self, backend: Backend) -> None:
        outbox = backend.outbox
        assert await outbox.memory("meter-1") == {}
        await outbox.put(packet(1000), {"a": "1", "b": "1"})
        await outbox.put_and_hold(queue(), 0, FAR, packet(2000), {"b": "2", "c": "2"})
        await outbox.put(packet(1000, "other"), {"a": "9"})
        outbox = await backend.crash()
        assert await outbox.memory("meter-1") == {"a": "1", "b": "2", "c": "2"}

    async def test_memory_of_a_refused_packet_is_not_kept(self, backend: Backend) -> None:
        outbox = backend.outbox
        await outbox.put(packet(1000), {"a": "1"})
        with pytest.raises(FencedError):
            await outbox.put(packet(1000), {"a": "2"})
        assert await outbox.memory("meter-1") == {"a": "1"}

    async def test_memory_follows_the_meter_and_not_its_account(self, backend: Backend) -> None:
        await backend.outbox.put(packet(1000), {"a": "1"})
        await backend.outbox.put(packet(2000, account=Account("https://elsewhere/", "x")), {"a": "2"})
        assert await backend.outbox.memory("meter-1") == {"a": "2"}

    # -- watching -------------------------------------------------------------------------------------------

    async def test_states_show_what_waits(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000, 3000):
            await outbox.put(packet(instant))
        await accept_head(outbox)
        assert await state(outbox) == QueueState(
            queue=queue(), waiting=2, oldest=2000, fence=1000, last_put=3000, last_accepted=1000,
            held_until=None, retry=Retry(),
        )  # fmt: skip

    async def test_states_of_one_id_are_those_of_all_accounts_at_its_address(self, backend: Backend) -> None:
        outbox = backend.outbox
        same, elsewhere = Account(queue().account.address, "other"), Account("https://elsewhere/", "default")
        for number, account in enumerate((queue().account, same, elsewhere)):
            await outbox.put(packet(1000 + number, account=account))
        await outbox.put(packet(1000, "meter-2"))
        found = await outbox.states(queue())
        assert [each.queue.account for each in found] == [queue().account, same]
        assert set(found) <= set(await outbox.states())
        assert await outbox.states(queue("nobody")) == []

    async def test_wait_for_put_returns_at_once_where_the_count_moved_on(self, backend: Backend) -> None:
        outbox = backend.outbox
        seen = await outbox.wait_for_put(-1)
        await outbox.put(packet(1000))
        after_put = await outbox.wait_for_put(seen)
        assert after_put > seen
        await outbox.put_and_hold(queue(), 1000, FAR)
        await outbox.fill(packet(2000))
        after_fill = await outbox.wait_for_put(after_put)
        await outbox.release(queue())
        assert await outbox.wait_for_put(after_fill) > after_fill

    async def test_wait_for_put_waits(self, backend: Backend) -> None:
        outbox = backend.outbox
        seen = await outbox.wait_for_put(-1)
        waiting = [asyncio.create_task(outbox.wait_for_put(seen)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        await outbox.put(packet(1000))
        assert await asyncio.gather(*waiting) == [seen + 1] * 3

    async def test_news_are_of_what_was_put_and_of_the_others_of_its_id(self, backend: Backend) -> None:
        outbox, same = backend.outbox, Account(queue().account.address, "other")
        await outbox.put(packet(1000))
        await outbox.put(packet(1000, "meter-2"))
        await outbox.put(packet(1500, account=same))
        seen, everything = await outbox.news(-1)
        assert set(everything) == set(await outbox.states())
        assert await outbox.news(seen) == (seen, [])
        await outbox.put(packet(2000))
        after, found = await outbox.news(seen)
        assert after == await outbox.wait_for_put(seen)
        assert set(found) == set(await outbox.states(queue()))
        assert {each.queue: each.waiting for each in found} == {queue(): 2, queue(account=same): 1}

    @pytest.mark.parametrize("act", ["release", "fill", "set aside"])
    async def test_whatever_lets_something_leave_is_news(self, backend: Backend, act: str) -> None:
        outbox = backend.outbox
        for meter in ("meter-1", "meter-2"):
            await outbox.put(packet(1000, meter))
        await outbox.put_and_hold(queue(), 1000, FAR)
        seen, _ = await outbox.news(-1)
        if act == "release":
            await outbox.release(queue())
        elif act == "fill":
            await outbox.fill(packet(2000))
        else:
            await outbox.set_aside(packet(1000), "because", 5000)
        after, found = await outbox.news(seen)
        assert after > seen
        assert await state(outbox) in found

    # -- retention ------------------------------------------------------------------------------------------

    async def test_pruning_forgets_old_accepted_packets_only(self, backend: Backend) -> None:
        outbox = backend.outbox
        for instant in (1000, 2000, 3000, 4000):
            await outbox.put(packet(instant))
        await outbox.accept(packet(1000), AcceptedBy.ANSWER, 10_000)
        await outbox.accept(packet(2000), AcceptedBy.ANSWER, 20_000)
        await outbox.set_aside(packet(3000), "why", 5)
        assert await outbox.prune(20_000) == 1
        assert await outbox.prune(20_001) == 1
        assert await outbox.prune(20_001) == 0
        outbox = await backend.crash()
        with pytest.raises(FencedError):
            await outbox.put(packet(2000))
        assert await drain(outbox) == [4000]
