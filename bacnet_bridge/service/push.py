"""Old values into the site's one outbox, for the `push` command: the side that has the outbox open.

Guarantee 2, nothing out of order: while a batch is put, its queue is on hold, so that live packets collect behind it.
The hold is renewed with each part and ends with the last; where the command dies, it ends by its deadline, and what
was put until then leaves in order. A hold that somebody else set is there again afterwards; so is one for gaps that a
log is still waited for.
"""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import structlog

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Account, Origin, Packet, Queue
from bacnet_bridge.outbox.contract import Outbox, QueueState
from bacnet_bridge.packet.wire import line, local_day, timestamp
from bacnet_bridge.service.carriage import IMPORTING
from bacnet_bridge.state import read_table, write_table
from bacnet_bridge.wattics.verdict import Action

HOLD: Final = 30 * 60_000
"""Milliseconds for which a queue collects without a sign of life from the command."""
_log = structlog.get_logger()


class Pusher:
    """Its `answer` goes to the control door, or straight to a command that has the state folder for itself."""

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        accounts: Mapping[str, Account],
        kept: Path,
        credible: Callable[[], bool] = lambda: True,
    ) -> None:
        self._outbox, self._clock, self._accounts, self._credible = outbox, clock, accounts, credible
        self._kept = kept
        self._holds: dict[str, dict[str, Any]] = read_table(kept)
        """By queue: our hold, `after` and `deadline`, and the deadline of the one that was there `before`."""

    async def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """One step of a push. Raises BridgeError with a sentence; what was put until then is there."""
        steps = {"hold": self._hold, "fill": self._fill, "release": self._release, "look": self._look}
        account, meter = str(question.get("account")), question.get("meter")
        step = steps.get(str(question.get("step")))
        if step is None or account not in self._accounts or not isinstance(meter, str) or not meter:
            raise BridgeError(f"a push names a step, a meter and one of the accounts {', '.join(self._accounts)}")
        return await step(Queue(self._accounts[account], meter), question)

    async def _look(self, queue: Queue, _question: Mapping[str, Any]) -> dict[str, Any]:
        state = await self._state(queue)
        if state is None:
            return {"oldest": None, "fence": None, "held_until": None, "held": False, "reason": ""}
        return {
            "oldest": state.oldest,
            "fence": state.fence,
            "held_until": state.held_until,
            "held": state.held_until is not None and state.held_until > self._clock.wall(),
            "reason": state.unproven or (state.retry.reason if state.retry.attempts else "") or _healing(state),
        }

    async def _hold(self, queue: Queue, question: Mapping[str, Any]) -> dict[str, Any]:
        """The queue collects; what leaves until then is behind the fence that is answered."""
        first, count = question.get("first"), question.get("count")
        if not isinstance(first, int) or not isinstance(count, int):
            raise BridgeError("a push says its first instant and how many packets it has")
        if not self._credible():
            raise BridgeError(
                "the clock is not credible: nobody knows which values are old. See `bacnet-bridge status`"
            )
        room = self._outbox.room(queue)
        if room is not None and room < count:
            raise BridgeError(
                f"the outbox has room for {room} more packets of meter {queue.id}, and the file has {count}: they all "
                "have to be in it before a live one leaves. Give it more with the setting `room`, then push again"
            )
        await self._renew(queue, first)
        return await self._look(queue, question)

    async def _fill(self, queue: Queue, question: Mapping[str, Any]) -> dict[str, Any]:
        packets = [_packet(queue, row, str(question.get("zone")), self._clock.wall()) for row in question["rows"]]
        state = await self._state(queue)
        if state is None or state.held_until is None or state.held_until - self._clock.wall() < HOLD // 2:
            await self._renew(queue, packets[0].instant)
        await asyncio.gather(*(self._outbox.fill(packet) for packet in packets))
        return {"filled": len(packets)}

    async def _release(self, queue: Queue, question: Mapping[str, Any]) -> dict[str, Any]:
        """Our hold ends. One that took its place meanwhile stays, and none that was ended meanwhile begins again."""
        ours, state = self._holds.pop(_name(queue), None), await self._state(queue)
        if state is not None and ours is not None and _is_ours(state, ours):
            if ours["before"] is not None and ours["before"] > self._clock.wall():
                await self._outbox.put_and_hold(queue, state.fence or 0, ours["before"])
            else:
                await self._outbox.release(queue, gaps=False)
        await self._keep()
        _log.info("old values were put", meter=queue.id)
        return await self._look(queue, question)

    async def _renew(self, queue: Queue, first: int) -> None:
        """Our hold until half an hour from now; noted first, so that it is known as ours after a crash."""
        state, now = await self._state(queue), self._clock.wall()
        ours = self._holds.get(_name(queue))
        if ours is None or state is None or not _is_ours(state, ours):
            if state is not None and _is_barred(state):
                raise BridgeError(f"meter {queue.id}: {state.retry.reason}")
            before = None if state is None or state.heals else state.held_until
            fence = 0 if state is None else state.fence or 0
            ours = {"before": before, "after": min(first - 1, fence)}  # gaps are filled under it all the same
        ours = {**ours, "deadline": max(now + HOLD, ours["before"] or 0), "after": min(ours["after"], first - 1)}
        self._holds[_name(queue)] = ours
        await self._keep()
        await self._outbox.put_and_hold(queue, ours["after"], ours["deadline"])

    async def _state(self, queue: Queue) -> QueueState | None:
        return next((state for state in await self._outbox.states(queue) if state.queue == queue), None)

    async def _keep(self) -> None:
        await asyncio.to_thread(write_table, self._kept, dict(self._holds))


def _healing(state: QueueState) -> str:
    """Empty where no gap is waited for."""
    if not state.heals or state.held_until is None:
        return ""
    until = moment_of(state.held_until).isoformat(timespec="seconds")
    return f"a gap of the meter waits for its log, until {until} at most; then they are sent"


def _is_barred(state: QueueState) -> bool:
    """On hold because another sender uses the id, or an import is not finished. An operator's hold may be filled."""
    if state.held_until is None or state.retry.kind != Action.HOLD:
        return False
    return state.retry.reason == IMPORTING or (state.held_after or 0) > (state.fence or 0)


def _is_ours(state: QueueState, ours: Mapping[str, Any]) -> bool:
    """The hold that we set, and none that somebody set since: for ever is what others say, too."""
    return not state.heals and (state.held_until, state.held_after) == (ours["deadline"], ours["after"])


def _name(queue: Queue) -> str:
    return f"{queue.account.credentials} {queue.account.address} {queue.id}"


def _packet(queue: Queue, row: Any, zone: str, now: int) -> Packet:
    try:
        instant, fields = int(row[0]), {str(key): Decimal(value) for key, value in row[1].items()}
        body, day = line(queue.id, instant, zone, fields), local_day(instant, zone)
    except (TypeError, ValueError, LookupError, AttributeError, InvalidOperation) as error:
        raise BridgeError(f"no packet can be made of {row}: {error}") from None
    if instant > now:
        raise BridgeError(f"{timestamp(instant, zone)} is not over yet: a packet from the future stops all that follow")
    return Packet(queue, instant, day, body, Origin.PUSHED)
