"""Somebody who sees every datagram that passes the bridge's sockets, for `doctor`. Costs nothing where nobody looks."""

import asyncio
from typing import Any, Protocol

Station = tuple[str, int]


class Witness(Protocol):
    """Told of each datagram, before anybody else is. Our own broadcasts come back: they are told of twice."""

    def sent(self, source: Station, destination: Station, data: bytes) -> None: ...
    def received(self, source: Station, destination: Station, data: bytes) -> None: ...


class WatchedProtocol(asyncio.DatagramProtocol):
    """Before the protocol that takes what arrives at `own`."""

    def __init__(self, inner: Any, own: Station, witness: Witness) -> None:
        self._inner, self._own, self._witness = inner, own, witness

    def datagram_received(self, data: bytes, addr: Station) -> None:
        self._witness.received(addr, self._own, data)
        self._inner.datagram_received(data, addr)

    def error_received(self, exc: Exception) -> None:
        self._inner.error_received(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)


class WatchedTransport:
    """Before the transport by which everything leaves from `own`."""

    def __init__(self, inner: Any, own: Station, witness: Witness) -> None:
        self._inner, self._own, self._witness = inner, own, witness

    def sendto(self, data: bytes, addr: Station) -> None:
        self._witness.sent(self._own, addr, bytes(data))
        self._inner.sendto(data, addr)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
