"""Takes connections in, few enough: counted from the moment they are taken, by the address that they come from.

asyncio's own server counts nothing, and under TLS tells of a connection only after its handshake; so those that say
nothing would cost descriptors without end, or keep everybody else out.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Final

import structlog

from bacnet_bridge.status.conversation import Conversation
from bacnet_bridge.status.entry import neighbourhood

_HANDSHAKE: Final = 5.0
"""Seconds for TLS to begin, and to end."""
_BACKLOG: Final = 100
_REST: Final = 1.0
"""Seconds until the next try, where the system has nothing left for a connection."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Room:
    """For how many at once; of more, the newest are hung up on. `each` is of one address that is not this machine's."""

    total: int
    each: int


def bound(address: str, port: int) -> socket.socket:
    """A socket that listens at this IP address. Raises OSError."""
    flags = socket.AI_NUMERICHOST | socket.AI_PASSIVE
    family, _, _, _, where = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=flags)[0]
    listener = socket.create_server(where, family=family, backlog=_BACKLOG)
    listener.setblocking(False)
    return listener


class Reception:
    """`converse` makes who talks with a connection, over TLS where there is a context."""

    def __init__(self, converse: Callable[[], Conversation], context: ssl.SSLContext | None, room: Room) -> None:
        self._converse, self._context, self._room = converse, context, room
        self._inside: Counter[str] = Counter()
        self._arriving: set[asyncio.Task[None]] = set()

    async def receive(self, listener: socket.socket) -> None:
        """Until cancelled; then no handshake is under way any more."""
        loop, failing = asyncio.get_running_loop(), False
        try:
            while True:
                try:
                    connection, peer = await loop.sock_accept(listener)
                except OSError as error:
                    if not failing:
                        _log.warning("the status takes no connection", reason=str(error), again_in_seconds=_REST)
                    failing = True
                    await asyncio.sleep(_REST)
                else:
                    failing = False
                    self._take(connection, str(peer[0]))
        finally:
            for each in self._arriving:
                each.cancel()
            await asyncio.gather(*self._arriving, return_exceptions=True)

    def _take(self, connection: socket.socket, address: str) -> None:
        at = neighbourhood(address)
        crowded = self._inside[at] >= self._room.each and not ip_address(address.partition("%")[0]).is_loopback
        if crowded or self._inside.total() >= self._room.total:
            connection.close()
            return
        self._inside[at] += 1
        conversation = self._converse()
        conversation.when_lost = partial(self._left, at)
        task = asyncio.create_task(self._arrive(connection, conversation), name="connection to the status")
        self._arriving.add(task)
        task.add_done_callback(partial(self._arrived, connection, conversation))

    async def _arrive(self, connection: socket.socket, conversation: Conversation) -> None:
        patience = None if self._context is None else _HANDSHAKE
        with suppress(OSError):  # no TLS, or nothing at all: ssl.SSLError and TimeoutError are ones
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: conversation,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=patience,
                ssl_shutdown_timeout=patience,
            )

    def _arrived(self, connection: socket.socket, conversation: Conversation, task: "asyncio.Task[None]") -> None:
        """Or not: also one that was cancelled before it began."""
        self._arriving.discard(task)
        if not conversation.begun:
            connection.close()
            conversation.when_lost()

    def _left(self, at: str) -> None:
        self._inside[at] -= 1
        if not self._inside[at]:
            del self._inside[at]
