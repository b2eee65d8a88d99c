"""What changes, told to browsers as it does: server-sent events, worked out once for all who listen, or not at all.

An event is one text for all listeners. Who is slow is hung up on rather than waited for: a browser connects again, and
loads everything anew. So a listener costs a connection and at most four texts.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import structlog
from aiohttp import web

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.status.sources import Changing
from bacnet_bridge.status.visible import all_visible

EVERY: Final = 2.0
"""Seconds between two events at least."""
ALIVE: Final = 15.0
"""Seconds after which listeners are told that nothing changed. From the loop that looks, not beside it: a connection
that lives says nothing of a bridge that hangs."""
LISTENERS: Final = 16
_BEHIND: Final = 4
_QUIET: Final = 15.0
"""Seconds after which a comment keeps whatever lies between from taking the connection for dead."""
_STUCK: Final = 30.0
"""Seconds that one text may take to leave."""
_AGAIN: Final = 3000
"""Milliseconds until a browser connects again."""
_log = structlog.get_logger()


class _Listener:
    """`None` in the line ends it."""

    def __init__(self, transport: asyncio.Transport | None) -> None:
        self._transport = transport
        self.line: asyncio.Queue[bytes | None] = asyncio.Queue(_BEHIND)

    def tell(self, text: bytes | None) -> None:
        try:
            self.line.put_nowait(text)
        except asyncio.QueueFull:
            self.hang_up()

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class Events:
    """`begin` gives what changes from now on; `greet` what to say once no document is older than its call."""

    def __init__(self, begin: Callable[[], Changing], greet: Callable[[], Awaitable[Mapping[str, Any]]]) -> None:
        self._begin, self._greet = begin, greet
        self._listeners: set[_Listener] = set()
        self._based = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Until the listener goes, the bridge stops, or nothing can be told any more."""
        if len(self._listeners) >= LISTENERS:
            raise web.HTTPServiceUnavailable(
                headers={"Retry-After": "30"}, text=f"{LISTENERS} listen already; the documents can be asked for\n"
            )
        listener = _Listener(request.transport)
        self._listeners.add(listener)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        try:
            if self._task is None or self._task.done():
                self._based = asyncio.Event()
                self._task = asyncio.create_task(self._run(self._based), name="events")
            await response.prepare(request)
            await _write(response, f"retry: {_AGAIN}\n\n".encode())
            await self._based.wait()  # changes from here on are told
            await _write(response, _event("hello", await self._greet()))
            await self._tell(response, listener)
        except (ConnectionError, TimeoutError, BridgeError):  # it went, takes nothing, or there is nothing to show
            listener.hang_up()
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None
        return response

    async def stop(self) -> None:
        """End all of it, cleanly."""
        self._end()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _tell(self, response: web.StreamResponse, listener: _Listener) -> None:
        while True:
            text: bytes | None = b": \n\n"
            with suppress(TimeoutError):
                async with asyncio.timeout(_QUIET):
                    text = await listener.line.get()
            if text is None:
                return
            await _write(response, text)

    async def _run(self, based: asyncio.Event) -> None:
        """While anybody listens."""
        try:
            changing = self._begin()
            await changing.next()
            based.set()
            now = asyncio.get_running_loop().time
            told = now()
            while True:
                await asyncio.sleep(EVERY)
                if changes := await changing.next():
                    self._tell_all(await asyncio.to_thread(_event, "changes", changes))
                elif now() - told >= ALIVE:
                    self._tell_all(_event("alive", {"now": changing.now}))
                else:
                    continue
                told = now()
        except BridgeError as error:
            _log.warning("the status page's listeners are sent away", reason=str(error))
        finally:
            based.set()
            if self._task is asyncio.current_task():  # else nobody listens any more, or to another one
                self._task = None
                self._end()
                self._listeners.clear()  # one that is slow to go is not among those who come

    def _tell_all(self, text: bytes) -> None:
        for listener in tuple(self._listeners):
            listener.tell(text)

    def _end(self) -> None:
        for listener in tuple(self._listeners):
            listener.tell(None)


async def _write(response: web.StreamResponse, text: bytes) -> None:
    """Raises ConnectionError, or TimeoutError where the other end takes nothing."""
    async with asyncio.timeout(_STUCK):
        await response.write(text)


def _event(name: str, document: Mapping[str, Any]) -> bytes:
    """JSON has no line end in it."""
    return f"event: {name}\ndata: {json.dumps(all_visible(document))}\n\n".encode()
