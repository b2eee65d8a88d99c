"""Starts the strict platform as a process of its own, and speaks to its control address.

    async with run_platform(Options(folder=tmp_path)) as platform:
        await platform.misbehave(Fault(cut="reset", after_storing=True))
        await platform.until("accepted", 5)
        assert (await platform.record()).discarded == {}

The process ends with the block, and also when whoever started it is killed.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.simulator.child import end
from bacnet_bridge.simulator.platform_faults import Behaviour, Fault
from bacnet_bridge.simulator.platform_process import Options, Ready
from bacnet_bridge.simulator.platform_record import Counted, Counts, Record

_START = 20.0
"""Seconds until it must listen; a busy machine takes two to import what it needs."""


class PlatformError(BridgeError):
    """The platform's process did not start, or did not do as it was told."""


class RemotePlatform:
    """The platform in another process; the methods do what `StrictPlatform`'s do."""

    def __init__(self, ready: Ready, options: Options, session: aiohttp.ClientSession) -> None:
        self.url: str = ready.url
        self.ca: Path = ready.ca
        self.control_url: str = ready.control_url
        self.username, self.password = options.username, options.password
        self._session = session

    async def record(self) -> Record:
        return Record.model_validate_json(await self._ask("GET", "/record"))

    async def counts(self, id: str | None = None) -> Counts:  # noqa: A002 - the packet's own word
        return Counts.model_validate_json(await self._ask("GET", "/counts", {"id": id}))

    async def misbehave(self, *faults: Fault) -> None:
        await self._ask("POST", "/faults", json=[fault.model_dump() for fault in faults])

    async def clear_faults(self) -> None:
        await self._ask("DELETE", "/faults")

    async def behave(self, **changes: object) -> Behaviour:
        return Behaviour.model_validate_json(await self._ask("PATCH", "/behaviour", json=changes))

    async def expire_cookies(self) -> None:
        await self._ask("DELETE", "/cookies")

    async def reset(self) -> None:
        await self._ask("POST", "/reset")

    async def go_down(self) -> None:
        await self._ask("POST", "/down")

    async def come_up(self) -> None:
        await self._ask("POST", "/up")

    async def until(
        self,
        what: Counted,
        at_least: int,
        id: str | None = None,  # noqa: A002 - the packet's own word
        seconds: float = 30.0,
    ) -> Counts:
        """Wait until a count has reached a number; gives the counts. Raises TimeoutError."""
        query = {"what": what, "at_least": str(at_least), "id": id, "seconds": str(seconds)}
        return Counts.model_validate_json(await self._ask("GET", "/wait", query))

    async def _ask(
        self, method: str, path: str, query: dict[str, str | None] | None = None, json: object = None
    ) -> str:
        given = {key: value for key, value in (query or {}).items() if value is not None}
        async with self._session.request(method, self.control_url + path, params=given, json=json) as answer:
            text = await answer.text()
        if answer.status == 408:
            raise TimeoutError(text)
        if answer.status != 200:
            raise PlatformError(f"{method} {path} was answered {answer.status}: {text}")
        return text


@asynccontextmanager
async def run_platform(options: Options) -> AsyncIterator[RemotePlatform]:
    """Start the process, wait until it listens, and end it at the end. Raises PlatformError.

    It stands in a session of its own: Ctrl-C on the terminal reaches only whoever started it.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __package__ + ".platform_process", stdin=PIPE, stdout=PIPE, start_new_session=True
    )  # fmt: skip
    try:
        ready = await _start(process, options)
        # a wait may last as long as it says
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            yield RemotePlatform(ready, options, session)
    finally:
        await end(process)


async def _start(process: Process, options: Options) -> Ready:
    to, back = process.stdin, process.stdout
    if to is None or back is None:
        raise PlatformError("the platform's process has no pipes")
    to.write(options.model_dump_json().encode() + b"\n")
    try:
        async with asyncio.timeout(_START):
            line = await back.readline()
    except TimeoutError as error:
        raise PlatformError(f"the platform's process did not listen within {_START:.0f} s") from error
    if not line:
        raise PlatformError("the platform's process ended at once; its standard error says why")
    return Ready.model_validate_json(line)
