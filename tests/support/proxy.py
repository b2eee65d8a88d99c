"""A little HTTP proxy that lets CONNECT through on 127.0.0.1, and remembers what it saw."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class LittleProxy:
    """`refusal`: the status line that every CONNECT gets instead, `403 Forbidden`."""

    username: str | None = None
    password: str = ""
    refusal: str | None = None
    port: int = 0
    heads: list[str] = field(default_factory=list)
    """Each CONNECT as it came."""
    passed: bytearray = field(default_factory=bytearray)
    """All that it carried towards the platform."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there: asyncio.StreamWriter | None = None
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            answer = self._answer(head)
            writer.write(f"HTTP/1.1 {answer}\r\n\r\n".encode())
            if answer.startswith("200"):
                host, _, port = head.split()[1].rpartition(":")
                back, there = await asyncio.open_connection(host, int(port))
                await asyncio.gather(self._carry(reader, there, keep=True), self._carry(back, writer))
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()
            if there is not None:
                there.close()

    def _answer(self, head: str) -> str:
        if self.refusal is not None:
            return self.refusal
        token = b64encode(f"{self.username}:{self.password}".encode()).decode()
        if self.username is not None and f"\r\nproxy-authorization: basic {token}".lower() not in head.lower():
            return "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0"
        return "200 Connection established"

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep: bool = False) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if keep:
                    self.passed += data
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def little_proxy(username: str | None = None, password: str = "") -> AsyncIterator[LittleProxy]:
    proxy = LittleProxy(username, password)
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    proxy.port = listening.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listening.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
