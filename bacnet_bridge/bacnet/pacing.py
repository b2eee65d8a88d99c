"""Who may ask now: gentle to field buses, fair to all that wait.

Devices behind one BACnet router share its trunk. On a trunk so many requests are in flight at once, each device's
turn is one request, and who goes first changes from slot to slot. Searches, and tries of devices that are known to be
silent, wait in a line of their own: what is dead never holds up what answers.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from bacnet_bridge.errors import DeviceSilentError

_ROUTED: Final = re.compile(r"(\d+):.+")
_SEARCHES: Final = 64
"""Devices that are looked for at once, while they are not known to be silent: each broadcasts, on every trunk."""
_PROBES: Final = 32
"""Silent devices that are tried at once: a thousand of them are through in two minutes at 3 s each."""
_ON_A_TRUNK: Final = 4
"""Of either, on one trunk where they were before: what its messages take, all of them wait for."""
_SILENCE: Final = 1.0
"""Seconds of a trunk's time that a question without an answer counts at most: its bus waits less for a dead device."""
_CLOCK: Final = 0.001
"""Seconds by which the loop may call early."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many requests are in flight at once, and how long a trunk rests."""

    total: int = 256
    """Over all devices."""
    per_device: int = 1
    """To one device on BACnet/IP, where it shows that it keeps up; behind a router it is always one."""
    per_router: int = 2
    """Over the devices behind one router; its trunk carries one at a time, the other waits in the router."""
    gap: float = 0.0
    """Seconds from an answer, or its absence, to the next question on the same trunk."""
    share: float = 1.0
    """Of a trunk's time that requests may take: after each one it rests in proportion to what that one took."""


def trunk_of(address: str) -> str:
    """What a device shares with others: its network's number behind a router, or only itself on BACnet/IP."""
    routed = _ROUTED.fullmatch(address)
    return f"network {routed[1]}" if routed else address


def next_turn(waiting: Iterable[str], served: Mapping[str, int], order: Mapping[str, int], shift: int) -> str:
    """Whose turn it is: who had the fewest in this slot; among those, by an order that `shift` rotates."""
    return min(waiting, key=lambda who: (served.get(who, 0), (order[who] - shift) % len(order)))


@dataclass(slots=True)
class _Trunk:
    """Turns on one trunk. It is idle between slots; then its order moves on by one."""

    most: int
    in_flight: int = 0
    shift: int = 0
    free_at: float = 0.0
    order: dict[str, int] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, list[asyncio.Future[None]]] = field(default_factory=dict)


class Gate:
    """Where every request passes. Made and used in one event loop."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._total = asyncio.Semaphore(self._limits.total)
        self._searches = {False: asyncio.Semaphore(_SEARCHES), True: asyncio.Semaphore(_PROBES)}
        self._searches_on: dict[tuple[str, bool], asyncio.Semaphore] = {}
        self._trunks: dict[str, _Trunk] = {}

    def turn(self, address: str, who: str) -> "_Turn":
        """One request of `who` to the address: what is done in the block."""
        return _Turn(self, self._trunk(address), who)

    def at_once(self, address: str) -> int:
        """Requests that may be in flight to the device there."""
        return 1 if _ROUTED.fullmatch(address) else self._limits.per_device

    @asynccontextmanager
    async def search(self, near: str, *, silent: bool) -> AsyncIterator[None]:
        """Looking for a device that was at `near`, an address or nothing; in lines apart from those of questions."""
        async with AsyncExitStack() as stack:
            if _ROUTED.fullmatch(near):
                line = trunk_of(near), silent
                await stack.enter_async_context(
                    self._searches_on.setdefault(line, asyncio.Semaphore(_ON_A_TRUNK))
                )  # first: who waits here takes no place from other trunks
            await stack.enter_async_context(self._searches[silent])
            yield

    def _trunk(self, address: str) -> _Trunk:
        name = trunk_of(address)
        if name not in self._trunks:
            most = self._limits.per_device if name == address else self._limits.per_router
            self._trunks[name] = _Trunk(most)
        return self._trunks[name]

    async def enter(self, trunk: _Trunk, who: str) -> None:
        """Wait for a turn on the trunk, and then for one among all."""
        await self._wait(trunk, who)
        try:
            await self._total.acquire()
        except asyncio.CancelledError:
            self._leave(trunk)
            raise

    def leave(self, trunk: _Trunk, took: float) -> None:
        """The turn is over, after so many seconds."""
        self._total.release()
        self._leave(trunk, took)

    @property
    def rests(self) -> bool:
        """Whether it matters how long a turn takes."""
        return self._limits.share < 1

    async def _wait(self, trunk: _Trunk, who: str) -> None:
        trunk.order.setdefault(who, len(trunk.order))
        now = asyncio.get_running_loop().time()
        if not trunk.waiting and trunk.in_flight < trunk.most and now >= trunk.free_at:
            self._admit(trunk, who)
            return
        turn = asyncio.get_running_loop().create_future()
        trunk.waiting.setdefault(who, []).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(trunk, who, turn)
            raise

    def _give_up(self, trunk: _Trunk, who: str, turn: "asyncio.Future[None]") -> None:
        if turn.done() and not turn.cancelled():
            self._leave(trunk)  # the turn had come in the same moment
            return
        turns = trunk.waiting.get(who, [])
        if turn in turns:  # or else it was passed over already
            turns.remove(turn)
        if who in trunk.waiting and not turns:
            del trunk.waiting[who]

    def _admit(self, trunk: _Trunk, who: str) -> None:
        trunk.in_flight += 1
        trunk.served[who] = trunk.served.get(who, 0) + 1

    def _leave(self, trunk: _Trunk, took: float = 0.0) -> None:
        trunk.in_flight -= 1
        rest = max(self._limits.gap, took / self._limits.share - took)
        if rest:
            trunk.free_at = max(trunk.free_at, asyncio.get_running_loop().time() + rest)
            asyncio.get_running_loop().call_at(trunk.free_at, self._go_on, trunk)
        else:
            self._go_on(trunk)

    def _go_on(self, trunk: _Trunk) -> None:
        if asyncio.get_running_loop().time() + _CLOCK < trunk.free_at:
            return  # an answer came meanwhile; its own gap will end, too
        while trunk.waiting and trunk.in_flight < trunk.most:
            who = next_turn(trunk.waiting, trunk.served, trunk.order, trunk.shift)
            turns = trunk.waiting[who]
            turn = turns.pop(0)
            if not turns:
                del trunk.waiting[who]
            if turn.done():
                continue
            self._admit(trunk, who)
            turn.set_result(None)
            if self._limits.gap or self.rests:
                return
        if not trunk.waiting and not trunk.in_flight:
            trunk.shift += 1
            trunk.served.clear()


class _Turn:
    """A turn, as a block. By hand: a generator in its place takes a tenth of a small request's CPU."""

    __slots__ = ("_began", "_gate", "_trunk", "_who")

    def __init__(self, gate: Gate, trunk: _Trunk, who: str) -> None:
        self._gate, self._trunk, self._who = gate, trunk, who
        self._began = 0.0

    async def __aenter__(self) -> None:
        await self._gate.enter(self._trunk, self._who)
        if self._gate.rests:
            self._began = asyncio.get_running_loop().time()

    async def __aexit__(self, _kind: object, error: object, _trace: object) -> None:
        took = asyncio.get_running_loop().time() - self._began if self._gate.rests else 0.0
        self._gate.leave(self._trunk, min(took, _SILENCE) if isinstance(error, DeviceSilentError) else took)
