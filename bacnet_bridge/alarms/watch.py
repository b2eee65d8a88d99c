"""The watch: looks at the facts now and then, tells what begins, grows, lasts and ends, and remembers it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from bacnet_bridge.alarms.conditions import Facts, Found, find
from bacnet_bridge.alarms.heartbeat import Heartbeat
from bacnet_bridge.alarms.spool import Receiver, Spool
from bacnet_bridge.alarms.standing import Event, Moment, Standing, as_kept, from_kept, step
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import StateError
from bacnet_bridge.state import read_table, write_table

EVERY: Final = 10.0
"""Seconds between two looks."""
_log = structlog.get_logger()

Look = Callable[[], Awaitable[Facts]]
Show = Callable[[Facts, Found], Awaitable[None]]


class Watch:
    """Every message goes to every receiver, and to the log. `show` is told of each look."""

    def __init__(
        self,
        look: Look,
        receivers: Sequence[Receiver],
        file: Path,
        clock: Clock,
        *,
        remind: float,
        show: Show | None = None,
        heartbeat: Heartbeat | None = None,
    ) -> None:
        self._look, self._show, self._file, self._clock = look, show, file, clock
        self._remind, self._heartbeat = remind, heartbeat
        self._standing: dict[str, Standing] = {}
        self._saving = asyncio.Event()
        self._spools = [Spool(receiver, clock, self._saving.set) for receiver in receivers]
        self._writing: asyncio.Future[None] | None = None
        self._unwritten = False

    @property
    def told(self) -> tuple[Standing, ...]:
        """The conditions that were told and are not over, the grave ones first."""
        return tuple(each for each in self._standing.values() if each.told is not None)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why messages, or the heartbeat, are not taken."""
        told = [f"alarms by {each.receiver.name}: {each.problem}" for each in self._spools if each.problem]
        beating = "" if self._heartbeat is None else self._heartbeat.problem
        return (*told, *([f"alarms by heartbeat: {beating}"] if beating else []))

    async def run(self) -> None:
        """Watch and send until cancelled."""
        self._take_up(await asyncio.to_thread(read_table, self._file))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._save())
                for spool in self._spools:
                    group.create_task(spool.run())
                if self._heartbeat is not None:
                    group.create_task(self._heartbeat.run())
                while True:
                    await self.look()
                    await self._clock.sleep(EVERY)
        finally:
            await self._save_last()

    async def look(self) -> None:
        """Once."""
        facts = await self._look()
        await asyncio.sleep(0)  # of thousands of meters, slots must not wait for both
        found = find(facts)
        self._standing, messages = step(self._standing, found, self._moment, self._remind)
        for message in messages:
            tell = _log.info if message.event is Event.END else _log.warning
            tell("alarm", condition=message.condition.name, what=message.event, headline=message.condition.headline)
            for spool in self._spools:
                spool.put(message)
        if messages:
            self._saving.set()
        if self._show is not None:
            await self._show(facts, found)

    @property
    def _moment(self) -> Moment:
        return Moment(self._clock.wall(), self._clock.boot())

    def _take_up(self, kept: dict[str, dict[str, Any]]) -> None:
        self._standing = from_kept(kept.get("told", {}), self._moment, self._remind)
        waiting = kept.get("waiting", {})
        for spool in self._spools:
            found = waiting.get(spool.receiver.name)
            spool.take_up(found if isinstance(found, list) else [])

    async def _save(self) -> None:
        """Whenever something was told or taken."""
        while True:
            await self._saving.wait()
            self._saving.clear()
            self._writing = asyncio.ensure_future(self._write())
            await asyncio.shield(self._writing)

    async def _save_last(self) -> None:
        """What a stop interrupted: else it would be told again after the next start."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
        if self._saving.is_set():
            await self._write()

    async def _write(self) -> None:
        """A disk that takes nothing costs no message: one may be told twice after a restart."""
        waiting = {spool.receiver.name: spool.as_kept() for spool in self._spools}
        table: dict[str, dict[str, Any]] = {"told": as_kept(self._standing, self._moment), "waiting": dict(waiting)}
        try:
            await asyncio.to_thread(write_table, self._file, table)
            self._unwritten = False
        except StateError as error:
            if not self._unwritten:
                _log.error("the alarms that were told cannot be remembered", error=str(error))
            self._unwritten = True
