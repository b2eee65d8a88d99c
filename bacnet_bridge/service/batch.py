"""Old values into the site's one outbox, for the `push` command: the side that has the file.

What of a file is there already is known from the outbox alone, so that a push that was cut short is taken up by
running it again: what was accepted, or waits, is not put twice.
"""

import asyncio
import json
from bisect import bisect_left
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Any, Final

from bacnet_bridge.control.door import ask
from bacnet_bridge.database_file import open_readonly
from bacnet_bridge.errors import BridgeError, SettingsError, StateError
from bacnet_bridge.model import Queue
from bacnet_bridge.outbox import rows as stored_rows
from bacnet_bridge.packet.history import Fault, Row
from bacnet_bridge.packet.wire import line, timestamp
from bacnet_bridge.service.alone import alone, delivering
from bacnet_bridge.service.push import Pusher
from bacnet_bridge.settings import Settings, lacking_credentials
from bacnet_bridge.state import StateFolder

Ask = Callable[..., Awaitable[dict[str, Any]]]
"""One step of a push, by keywords."""
_PART: Final = 40_000
"""Octets of one question's rows: the door takes lines of 64 KiB."""
_LOOK: Final = 0.3
"""Seconds between two looks at how far delivery is."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A file's rows for one queue, by instant."""

    queue: Queue
    zone: str
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...] = ()
    there: frozenset[int] = field(default=frozenset())
    """Instants of rows that the outbox has as they are: accepted, or waiting."""

    @property
    def to_put(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.instant not in self.there)

    def body(self, row: Row) -> str:
        """The line that is sent. Raises ValueError where none can be made of it."""
        return line(self.queue.id, row.instant, self.zone, row.fields)


def sorted_out(batch: Batch, state: StateFolder, now: int) -> Batch:
    """The batch with what the outbox already has, and without what it cannot take: those rows are faults.

    Reads the outbox's file, service running or not.
    """
    fence, stored = _outbox(batch, state)
    sound: list[Row] = []
    faults: list[Fault] = []
    for row in batch.rows:
        try:
            fault = _fault(row, batch.body(row), fence, stored.get(row.instant), batch.zone, now)
        except ValueError as error:
            fault = str(error)
        if fault:
            faults.append(Fault(row.line, fault))
        else:
            sound.append(row)
    there = frozenset(row.instant for row in sound if row.instant in stored)
    return Batch(batch.queue, batch.zone, tuple(sound), (*batch.faults, *faults), there)


def _outbox(batch: Batch, state: StateFolder) -> tuple[int | None, Mapping[int, tuple[str, str]]]:
    """The queue's fence, and what the outbox has between the batch's first instant and its last."""
    if not state.has_outbox or not batch.rows:
        return None, {}
    with closing(open_readonly(state.database)) as connection:
        fences = {queue: known[0] for _, queue, known, *_ in stored_rows.queues(connection)}
        first, last = batch.rows[0].instant, batch.rows[-1].instant
        return fences.get(batch.queue), stored_rows.between(connection, batch.queue, first, last)


def _fault(row: Row, body: str, fence: int | None, stored: tuple[str, str] | None, zone: str, now: int) -> str:
    """Why the row cannot be put; empty where it can, or where it is there."""
    told = timestamp(row.instant, zone)
    if stored is not None:
        become, there = stored
        return "" if there == body and become != "set aside" else f"another packet of {told} is {become} already"
    if fence is not None and row.instant <= fence:
        return late(told, timestamp(fence, zone))
    return f"{told} is not over yet" if row.instant > now else ""


def late(told: str, fence: str) -> str:
    return f"{told} is not later than {fence}, up to which packets were accepted, tried or set aside"


async def put(asks: Ask, batch: Batch, put_so_far: Callable[[int], None]) -> None:
    """Put what is not there yet, as one batch. Raises BridgeError where the queue went on meanwhile: nothing is put."""
    rows = batch.to_put
    if not rows:
        return
    held = await asks(step="hold", first=rows[0].instant, count=len(rows))
    if held["fence"] is not None and rows[0].instant <= held["fence"]:
        await asks(step="release")
        first, fence = (timestamp(instant, batch.zone) for instant in (rows[0].instant, held["fence"]))
        raise BridgeError(f"line {rows[0].line}: {late(first, fence)}")
    for part in _parts(rows):
        await asks(step="fill", zone=batch.zone, rows=part)
        put_so_far(len(part))
    await asks(step="release")


async def until_accepted(asks: Ask, batch: Batch, seen: Callable[[int, str], None]) -> str:
    """Wait until none of the batch waits any more; tells how many left so far, and what holds the next one up.

    Answers nothing then; where somebody holds the meter, so that nothing leaves before they say so, their reason.
    """
    instants = [row.instant for row in batch.rows]
    while True:
        look = await asks(step="look")
        oldest = look["oldest"]
        left = len(instants) if oldest is None else bisect_left(instants, oldest)
        seen(left, look["reason"])
        if left == len(instants):
            return ""
        if look.get("held"):
            return look["reason"] or "on hold"
        await asyncio.sleep(_LOOK)


@asynccontextmanager
async def asking(settings: Settings, queue: Queue) -> AsyncIterator[Ask]:
    """The way to the outbox: the running service, or the state folder's lock and delivery alone."""
    state = StateFolder(settings.state)
    named: dict[str, Any] = {"meter": queue.id, "account": queue.account.credentials}

    async def of_service(**step: Any) -> dict[str, Any]:
        answered: dict[str, Any] = await ask(state.control, "push", **named, **step)
        return answered

    try:
        await of_service(step="look")
    except StateError:
        async with _delivering(settings, queue) as pusher:
            yield lambda **step: pusher.answer({**named, **step})
    else:
        yield of_service


@asynccontextmanager
async def _delivering(settings: Settings, queue: Queue) -> AsyncIterator[Pusher]:
    """All that waits is sent meanwhile; nothing is read."""
    lacking = lacking_credentials(settings)
    if lacking and queue.account.credentials == "default":
        raise SettingsError(lacking)
    async with alone(settings) as rest, delivering(settings, rest):
        yield Pusher(rest.outbox, rest.clock, rest.accounts, rest.state.pushes)


def _parts(rows: Sequence[Row]) -> Iterator[list[Any]]:
    """Rows as the door takes them, in parts that it takes."""
    part: list[Any] = []
    size = 0
    for row in rows:
        said = [row.instant, {key: str(value) for key, value in row.fields.items()}]
        size += len(json.dumps(said)) + 2
        if part and size > _PART:
            yield part
            part, size = [], len(json.dumps(said)) + 2
        part.append(said)
    if part:
        yield part
