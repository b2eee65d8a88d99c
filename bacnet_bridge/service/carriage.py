"""How packets go from one outbox to another by a file, on both sides of it; the file itself is the command's affair.

Out: hold, then the file is written, then `Moved` sets aside what is in it. In: `Receive`, `Fill` as often as it takes,
`Received`. Cut short anywhere, the hold stays, and the same commands begin again where they were.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from bacnet_bridge.control.door import Command
from bacnet_bridge.errors import BridgeError, FencedError, SettingsError
from bacnet_bridge.model import Account, Retry
from bacnet_bridge.outbox.carried import words
from bacnet_bridge.service.ground import Ground, find, text, told
from bacnet_bridge.service.questions import Fill, Moved, Receive, Received, answering
from bacnet_bridge.wattics.attempt import FOR_EVER
from bacnet_bridge.wattics.verdict import Action

IMPORTING: Final = "on hold while packets are imported: give the same `outbox import` again until it ends"
"""Why the hold is there, and by that known again."""
_AHEAD: Final = 120_000
"""Milliseconds that a packet of another machine's clock may be ahead of this one's."""


class Carriage:
    """What export and import do to one queue."""

    def __init__(self, ground: Ground, accounts: Callable[[], Mapping[str, Account]]) -> None:
        self._ground, self._accounts = ground, accounts
        self._outbox, self._courier, self._clock = ground.outbox, ground.courier, ground.clock

    @property
    def answers(self) -> dict[str, Command]:
        """By the commands' names."""
        return {
            "outbox moved": answering(Moved, self._moved),
            "outbox receive": answering(Receive, self._receive),
            "outbox fill": answering(Fill, self._fill),
            "outbox received": answering(Received, self._received),
        }

    async def _moved(self, asked: Moved) -> dict[str, Any]:
        """Packets that are safe in a file are set aside here. Nothing left meanwhile, because of the hold."""
        async with self._ground.still(asked.queue):
            if not self._ground.held(await self._ground.state(asked.queue)):
                raise BridgeError(f"meter {asked.queue.id} was released meanwhile: begin again, with another file")
            await self._outbox.set_aside_until(
                asked.queue, asked.until, words(asked.move), self._clock.wall(), asked.packets
            )
        told("moved to another outbox by an operator", asked.queue, packets=asked.packets, move=asked.move)
        return {}

    async def _receive(self, asked: Receive) -> dict[str, Any]:
        """A hold for packets to come; one that was there already does not end with the import.

        Guarantee 2: what comes must be later than all that was sent of the id, by whatever account.
        """
        if asked.newest > self._clock.wall() + _AHEAD:
            raise BridgeError(
                f"meter {asked.queue.id}: the file has a packet of the future, {text(asked.newest)}: the clock there "
                "or here is wrong. Nothing was imported: it would make the platform discard all that follow"
            )
        async with self._ground.still(asked.queue):
            state = find(await self._outbox.states(asked.queue), asked.queue)
            held = state is not None and self._ground.held(state)
            if state is not None and held and state.held_until != FOR_EVER:
                raise BridgeError(
                    f"meter {asked.queue.id} is on hold until {text(state.held_until or 0)}, which may come before all "
                    "packets have: release it first"
                )
            await self._outbox.put_and_hold(asked.queue, await self._ground.sent_until(asked.queue), FOR_EVER)
            if state is None or not held:
                await self._outbox.postpone(asked.queue, Retry(1, 0, IMPORTING, Action.HOLD))
                self._courier.held(asked.queue, IMPORTING)
        return {}

    async def _fill(self, asked: Fill) -> dict[str, Any]:
        """`refused`: instants that are there already, or not later than what left."""
        if not asked.packets:
            return {"refused": []}
        if not self._ground.held(await self._ground.state(asked.packets[0].queue)):
            raise BridgeError("the hold was ended meanwhile: import again")
        outcomes = await asyncio.gather(*map(self._outbox.fill, asked.packets), return_exceptions=True)
        refused = []
        for packet, outcome in zip(asked.packets, outcomes, strict=True):
            if isinstance(outcome, FencedError):
                refused.append(packet.instant)
            elif outcome is not None:
                raise outcome
        return {"refused": refused}

    async def _received(self, asked: Received) -> dict[str, Any]:
        """End the hold, if it was made for the import."""
        state = await self._ground.state(asked.queue)
        if asked.attempted is not None:
            self._courier.doubt(asked.queue, asked.attempted)
        held = self._ground.held(state) and state.retry.reason != IMPORTING
        if not held:
            await self._outbox.release(asked.queue)
            await self._outbox.postpone(asked.queue, Retry())
            self._courier.forget(asked.queue)
        told("imported by an operator", asked.queue, waiting=state.waiting)
        return {"held": held, "waiting": state.waiting, "stranger": self._is_stranger(asked.queue.account)}

    def _is_stranger(self, account: Account) -> bool:
        """The settings do not have it, so far as they can be read."""
        try:
            return account not in self._accounts().values()
        except SettingsError:
            return False
