"""Messages on their way to one receiver: in order, each until it is taken, also over restarts and dead networks.

Of one occurrence the first message that waits and the newest stay, and occurrences are as few as conditions: a network
that is dead for weeks leaves no flood behind. The order holds for each condition; a message that a receiver does not
take keeps those of other conditions waiting no longer than its own try takes.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Protocol

import structlog

from bacnet_bridge.alarms.standing import Event, Message, condition_of
from bacnet_bridge.clock import Clock

_AGAIN: Final = 30.0
_AT_MOST: Final = 1800.0
"""Seconds between two tries: the first pause, which doubles, and the longest."""
_OCCURRENCES: Final = 50
"""Messages that wait at a time; the oldest gives way."""
_FINAL: Final = 5
"""Refusals after which a message is dropped, where others were taken since the first of them."""
_log = structlog.get_logger()


class Refused(str):
    """Why a receiver does not take a message: its last word on this very one, as it is (a 4xx, SMTP's 5xx)."""

    __slots__ = ()


class Receiver(Protocol):
    """Where messages go."""

    @property
    def name(self) -> str: ...

    async def send(self, message: Message) -> str:
        """Why it was not taken, a sentence without secrets; empty where it was. Raises nothing of the network's.

        `Refused` where another try would bring the same.
        """


class Spool:
    """`changed` is called when a message has left."""

    def __init__(self, receiver: Receiver, clock: Clock, changed: Callable[[], None]) -> None:
        self.receiver = receiver
        self._clock, self._changed = clock, changed
        self.waiting: list[Message] = []
        self.problem = ""
        """Why the first one was not taken; empty where all is well."""
        self._put = asyncio.Event()
        self._taken = 0
        self._refusals: dict[Message, tuple[int, int]] = {}
        """How often a message was refused, and how many had been taken before the first time."""
        self._last: list[str] = []
        """Conditions that had their turn when the receiver was away, the latest at the end."""

    def put(self, message: Message) -> None:
        """Behind the others, in place of an earlier one that it makes superfluous."""
        same = [each for each in self.waiting if each.condition.name == message.condition.name]
        for superfluous in same[1:]:
            self.waiting.remove(superfluous)
        self.waiting.append(message)
        del self.waiting[:-_OCCURRENCES]
        self._put.set()

    async def run(self) -> None:
        """Send until cancelled. What is put meanwhile is tried at once: it may be taken where another is not."""
        failures = 0
        while True:
            self._put.clear()
            if not self.waiting:
                await self._put.wait()
                continue
            before = self._taken
            self._tell(await self._round())
            failures = 0 if self._taken != before else failures
            if self.problem:
                await self._pause(min(_AGAIN * 2**failures, _AT_MOST))
                failures = min(failures + 1, 10)

    async def _round(self) -> str:
        """Try each condition's messages, up to one that is not taken; why the first such one was not.

        Who is away is not asked for the others in the same round: another condition's turn is first in the next one.
        """
        problem, refused = "", set[str]()
        while (message := self._next(refused)) is not None:
            name, answer = message.condition.name, await self.receiver.send(message)
            if not answer:
                self._taken += 1
                self._forget(message)
            elif not isinstance(answer, Refused):
                self._last = [*(each for each in self._last if each != name), name]
                return problem or answer
            elif not self._dropped(message, answer):
                problem = problem or answer
                refused.add(name)
        return problem

    def _next(self, refused: Collection[str]) -> Message | None:
        """The first of the first condition in turn."""
        turns = {name: turn for turn, name in enumerate(self._last)}
        left = (each for each in self.waiting if each.condition.name not in refused)
        return min(left, key=lambda each: turns.get(each.condition.name, -1), default=None)

    async def _pause(self, seconds: float) -> None:
        """So long, or until something is put."""
        waits = {asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._put.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _forget(self, message: Message) -> None:
        self._refusals.pop(message, None)
        if message in self.waiting:
            self.waiting.remove(message)
        self._changed()

    def _dropped(self, message: Message, why: str) -> bool:
        """Whether it was refused often enough, by a receiver that takes others."""
        many, taken = self._refusals.get(message, (0, self._taken))
        self._refusals = {each: known for each, known in self._refusals.items() if each in self.waiting}
        self._refusals[message] = many + 1, taken
        if many + 1 < _FINAL or taken == self._taken:
            return False
        _log.error(
            "an alarm is dropped: its receiver takes others, and never this one",
            receiver=self.receiver.name, condition=message.condition.name, what=message.event, cause=why,
        )  # fmt: skip
        self._forget(message)
        return True

    def _tell(self, problem: str) -> None:
        """A failure is logged when it starts and when it ends; others between only where they are new."""
        name = self.receiver.name
        if problem and problem != self.problem:
            _log.warning("an alarm is not taken", receiver=name, cause=problem, waiting=len(self.waiting))
        elif self.problem and not problem:
            _log.info("alarms are taken again", receiver=name)
        self.problem = problem

    def as_kept(self) -> list[dict[str, Any]]:
        return [asdict(message) for message in self.waiting]

    def take_up(self, kept: Sequence[Mapping[str, Any]]) -> None:
        """What waited before the start."""
        for each in kept:
            try:
                condition = condition_of(each["condition"])
                self.put(Message(Event(each["event"]), condition, int(each["since"]), int(each["at"])))
            except (KeyError, TypeError, ValueError):
                continue
