"""The strict platform as a process of its own: `python -m bacnet_bridge.simulator.platform_process`.

One line of JSON on standard input says how to start (`Options`), one on standard output that it listens
(`Ready`). It ends by SIGTERM, and when standard input ends: so it never outlives whoever started it, also when
that was killed.
"""

import asyncio
import signal
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bacnet_bridge.simulator.platform import PASSWORD, USERNAME, StrictPlatform


class Options(BaseModel):
    """What `StrictPlatform` takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    username: str = USERNAME
    password: str = PASSWORD
    users: dict[str, str] | None = None
    registry: dict[str, str] | None = None
    port: int = 0
    control_port: int = 0


class Ready(BaseModel):
    """Where it listens; `ca` is the authority to trust."""

    model_config = ConfigDict(frozen=True)

    url: str
    ca: Path
    control_url: str


async def serve() -> None:
    """Start as the first line says, and run until the input ends."""
    reader = await _standard_input()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, reader.feed_eof)
    options = Options.model_validate_json(await reader.readline())
    async with StrictPlatform(**dict(options)) as platform:
        ready = Ready(url=platform.url, ca=platform.ca, control_url=platform.control_url)
        sys.stdout.write(ready.model_dump_json() + "\n")
        sys.stdout.flush()
        await reader.read()


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    return reader


if __name__ == "__main__":
    asyncio.run(serve())
