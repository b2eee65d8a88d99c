"""What operators do to queues with `bacnet-bridge outbox`: the same within the running service and without one.

While an act goes on, its queues stand still: nothing of them is under way. What cannot be done raises a
BridgeError's sentence, and then nothing was changed.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.control.door import Command
from bacnet_bridge.errors import BridgeError, OutboxError
from bacnet_bridge.model import Account, Queue, Retry
from bacnet_bridge.packet.wire import renamed
from bacnet_bridge.service.alone import locked_outbox
from bacnet_bridge.service.carriage import Carriage
from bacnet_bridge.service.ground import Ground, NoCourier, find, of, text, told
from bacnet_bridge.service.questions import (
    Abandon,
    Holding,
    Move,
    Reassign,
    Recover,
    Release,
    Retrying,
    Skip,
    answering,
)
from bacnet_bridge.state import StateFolder
from bacnet_bridge.wattics.attempt import FOR_EVER
from bacnet_bridge.wattics.needs import first_of_each_id
from bacnet_bridge.wattics.verdict import Action

_RETRY_SEEN: Final = 8.0
"""Seconds that a retry's outcome is waited for."""


@asynccontextmanager
async def acting(
    state: StateFolder, accounts: Callable[[], Mapping[str, Account]]
) -> AsyncIterator[Mapping[str, Command]]:
    """The acts, where no service runs: under the state folder's lock. Raises StateError."""
    clock = SystemClock()
    state.create()
    async with locked_outbox(state, clock) as (_, outbox):
        yield acts(Ground(outbox, clock, NoCourier()), accounts)


def acts(ground: Ground, accounts: Callable[[], Mapping[str, Account]]) -> dict[str, Command]:
    """All of them, for the control socket. `accounts`: the settings', by name."""
    return Acts(ground, accounts).answers | Carriage(ground, accounts).answers


class Acts:
    """What is done to one queue."""

    def __init__(self, ground: Ground, accounts: Callable[[], Mapping[str, Account]]) -> None:
        self._ground, self._accounts = ground, accounts
        self._outbox, self._courier, self._clock = ground.outbox, ground.courier, ground.clock

    @property
    def answers(self) -> dict[str, Command]:
        """By the commands' names."""
        return {
            "outbox retry": answering(Retrying, self._retry),
            "outbox skip": answering(Skip, self._skip),
            "outbox hold": answering(Holding, self._hold),
            "outbox release": answering(Release, self._release),
            "outbox reassign": answering(Reassign, self._reassign),
            "outbox recover": answering(Recover, self._recover),
            "outbox abandon": answering(Abandon, self._abandon),
            "outbox move": answering(Move, self._move),
        }

    async def _retry(self, asked: Retrying) -> dict[str, Any]:
        """The head is tried at once, whatever it waits for."""
        queue, states = asked.queue, await self._outbox.states(asked.queue)
        before = of(states, queue)
        self._ground.check_may_leave(before)
        first = first_of_each_id(states)[queue.account.address, queue.id]
        if first != queue:
            raise BridgeError(
                f"meter {queue.id}: earlier packets wait for account {first.account.credentials}; they go first. Retry "
                "those, or give them to another account with `outbox reassign`"
            )
        await self._outbox.postpone(queue, replace(before.retry, next_attempt=0))
        await self._courier.retry(queue, _RETRY_SEEN if asked.wait else 0.0)
        after = await self._ground.state(queue)
        return {"accepted": after.last_accepted != before.last_accepted, "waiting": after.waiting}

    async def _skip(self, asked: Skip) -> dict[str, Any]:
        """Set the head aside: recorded, exportable, never deleted."""
        async with self._ground.still(asked.queue):
            state = await self._ground.state(asked.queue)
            if state.oldest != asked.instant:
                raise BridgeError(
                    f"meter {asked.queue.id}: the head that you saw, of {text(asked.instant)}, has left meanwhile; "
                    "nothing was set aside. Look again with `outbox show`"
                )
            await self._outbox.set_aside_until(asked.queue, asked.instant, asked.why, self._clock.wall(), 1)
            await self._ground.begin_anew(state)
        told("head set aside by an operator", asked.queue, instant=asked.instant, why=asked.why)
        return {"waiting": state.waiting - 1, "held": self._ground.held(state)}

    async def _hold(self, asked: Holding) -> dict[str, Any]:
        """The queue collects and nothing leaves, from its first packet on where it has had none yet.

        What it was refused before is forgotten.
        """
        async with self._ground.still(asked.queue):
            state = find(await self._outbox.states(asked.queue), asked.queue)
            if state is not None and self._ground.held(state) and not state.heals:
                if asked.keep:
                    await self._outbox.put_and_hold(asked.queue, state.held_after or 0, FOR_EVER)
                    return {"waiting": state.waiting}
                raise BridgeError(f"meter {asked.queue.id} is on hold already: {state.retry.reason}")
            if asked.until is not None and asked.until <= self._clock.wall():
                raise BridgeError(f"{text(asked.until)} is past: nothing was put on hold")
            fence = None if state is None else state.fence
            await self._outbox.put_and_hold(asked.queue, fence or 0, asked.until or FOR_EVER)
            await self._outbox.postpone(asked.queue, Retry(1, 0, asked.why, Action.HOLD))
            self._courier.held(asked.queue, asked.why)
        told("put on hold by an operator", asked.queue, why=asked.why)
        return {"waiting": 0 if state is None else state.waiting}

    async def _release(self, asked: Release) -> dict[str, Any]:
        """End the hold, its alarm with it."""
        state = await self._ground.state(asked.queue)
        if state.held_until is None:
            raise BridgeError(f"meter {asked.queue.id} is not on hold")
        await self._outbox.release(asked.queue)
        await self._outbox.postpone(asked.queue, Retry())
        self._courier.forget(asked.queue, None if state.heals else state.held_after)
        told("released by an operator", asked.queue)
        return {"waiting": state.waiting, "unproven": bool(state.unproven)}

    async def _reassign(self, asked: Reassign) -> dict[str, Any]:
        """What waits goes to another account."""
        accounts = self._accounts()
        if asked.to not in accounts:
            raise BridgeError(
                f"the settings have no account {asked.to!r}; they have {', '.join(sorted(accounts))}. A running "
                "service knows a new one after a restart"
            )
        target = Queue(accounts[asked.to], asked.queue.id)
        async with self._ground.still(asked.queue, target):
            state = await self._ground.state(asked.queue)
            self._ground.check_may_leave(state)
            await self._ground.check_order(state, target)
            packets = await self._outbox.reassign(asked.queue, target.account)
        self._courier.forget(asked.queue)
        self._courier.forget(target)
        told("given to another account by an operator", asked.queue, to=asked.to, packets=packets)
        return {"packets": packets}

    async def _recover(self, asked: Recover) -> dict[str, Any]:
        """What is left of an unproven queue is sent."""
        async with self._ground.still(asked.queue):
            state = await self._ground.state(asked.queue)
            if not state.unproven:
                raise BridgeError(f"meter {asked.queue.id} is proven whole: there is nothing to recover")
            why, now = f"recovered: {asked.why}", self._clock.wall()
            aside = await self._outbox.recover(asked.queue, why, now, asked.latest)
            await self._ground.begin_anew(state)
        told("recovered by an operator", asked.queue, why=asked.why, set_aside=aside)
        return {"waiting": state.waiting - aside, "aside": aside, "held": self._ground.held(state)}

    async def _abandon(self, asked: Abandon) -> dict[str, Any]:
        """All that waits is set aside; what comes from now on is sent."""
        async with self._ground.still(asked.queue):
            state = await self._ground.state(asked.queue)
            aside = await self._outbox.abandon(asked.queue, asked.why, self._clock.wall())
            await self._ground.begin_anew(state)
        told("abandoned by an operator", asked.queue, why=asked.why, set_aside=aside)
        return {"aside": aside, "held": self._ground.held(state)}

    async def _move(self, asked: Move) -> dict[str, Any]:
        """What waits for a mistyped id gets the right one."""
        if not asked.to or asked.to == asked.queue.id:
            raise BridgeError("say another id to move the packets to")

        def rename(body: str) -> str:
            try:
                return renamed(body, asked.queue.id, asked.to)
            except ValueError as error:
                raise OutboxError(f"{error}; no packet was moved") from error

        target = Queue(asked.queue.account, asked.to)
        async with self._ground.still(asked.queue, target):
            state = await self._ground.state(asked.queue)
            self._ground.check_may_leave(state)
            await self._ground.check_order(state, target)
            packets = await self._outbox.move(asked.queue, asked.to, rename)
        self._courier.forget(asked.queue)
        self._courier.forget(target)
        told("moved to another id by an operator", asked.queue, to=asked.to, packets=packets)
        return {"packets": packets}
