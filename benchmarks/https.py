"""`python -m benchmarks.https FOLDER`: a platform that reads a request and answers 200, for benchmarks.delivery.

It keeps no rules and counts only, so that it is faster than every client. Driven by lines of JSON (clients/channel.py):
`{"delay": 0.05}` sets the seconds before an answer, and gives the requests answered so far.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Final

from benchmarks.chain import make_chain
from benchmarks.clients.channel import lines

_OK: Final = b"HTTP/1.1 200 OK\r\nDate: Fri, 15 Jan 2027 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n"


class _Platform:
    delay = 0.0
    answered = 0


class _Connection(asyncio.Protocol):
    def __init__(self, platform: _Platform) -> None:
        self._platform, self._buffer = platform, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            self._buffer = b""
            asyncio.get_running_loop().call_later(self._platform.delay, self._answer)

    def _answer(self) -> None:
        self._platform.answered += 1
        self._transport.write(_OK)


async def main() -> None:
    files = make_chain(Path(sys.argv[1]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain, files.key)
    platform = _Platform()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(platform), "127.0.0.1", 0, ssl=context, backlog=1024
    )
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"https://localhost:{port}/packets/", "ca": str(files.ca)}), flush=True)
    async for line in lines():
        platform.delay = json.loads(line)["delay"]
        print(json.dumps(platform.answered), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
