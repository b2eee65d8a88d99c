"""Messages on their way to one receiver: in order, each until it is taken, also over restarts and dead networks.

Of one occurrence the first message that waits and the newest stay, and occurrences are as few as conditions: a network
that is dead for weeks leaves no flood behind.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
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
_log = structlog.get_logger()


class Receiver(Protocol):
    """Where messages go."""

    @property
    def name(self) -> str: ...

    async def send(self, message: Message) -> str:
        """Why it was not taken, a sentence without secrets; empty where it was. Raises nothing of the network's."""


class Spool:
    """`changed` is called when a message has left."""

    def __init__(self, receiver: Receiver, clock: Clock, changed: Callable[[], None]) -> None:
        self.receiver = receiver
        self._clock, self._changed = clock, changed
        self.waiting: list[Message] = []
        self.problem = ""
        """Why the first one was not taken; empty where all is well."""
        self._put = asyncio.Event()

    def put(self, message: Message) -> None:
        """Behind the others, in place of an earlier one that it makes superfluous."""
        same = [each for each in self.waiting if each.condition.name == message.condition.name]
        for superfluous in same[1:]:
            self.waiting.remove(superfluous)
        self.waiting.append(message)
        del self.waiting[:-_OCCURRENCES]
        self._put.set()

    async def run(self) -> None:
        """Send until cancelled."""
        failures = 0
        while True:
            self._put.clear()
            if not self.waiting:
                await self._put.wait()
                continue
            message = self.waiting[0]
            self._tell(await self.receiver.send(message), failures)
            if not self.problem:
                failures = 0
                if message in self.waiting:
                    self.waiting.remove(message)
                self._changed()
                continue
            await self._clock.sleep(min(_AGAIN * 2**failures, _AT_MOST))
            failures = min(failures + 1, 10)

    def _tell(self, problem: str, failures: int) -> None:
        """A failure is logged when it starts and when it ends; others between only where they are new."""
        name = self.receiver.name
        if problem and problem != self.problem:
            _log.warning("an alarm is not taken", receiver=name, cause=problem, waiting=len(self.waiting))
        elif failures and not problem:
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
