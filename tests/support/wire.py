"""Between a courier and the strict platform's desk without sockets: quick, repeatable, and cut wherever a test says.

Keeps a list of its own: which meters have a request under way, and how many attempts had an outcome nobody knows.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from aiohttp import web
from multidict import CIMultiDict

from bacnet_bridge.clock import Clock
from bacnet_bridge.model import Account
from bacnet_bridge.simulator.platform_rules import PATH, parse
from bacnet_bridge.simulator.platform_server import Desk
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.latest import NotUnderstood, latest_instant
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble

TIME_OUT = 30.0


class Weather(StrEnum):
    """What becomes of requests."""

    FINE = "fine"
    AWAY = "no connection: nothing arrives"
    SLOW_BEFORE = "hangs on its way, and never arrives unless the weather clears in time"
    SLOW_AFTER = "arrives and is processed; the answer hangs"


@dataclass(eq=False)
class Request:
    """As much of aiohttp's request as the desk asks for."""

    method: str
    headers: CIMultiDict[str]
    content: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    path: str = PATH
    cookies: Mapping[str, str] = field(default_factory=dict)

    async def read(self) -> bytes:
        return self.content

    @property
    def transport(self) -> "Request":
        return self

    def get_extra_info(self, _name: str) -> "Request":
        return self

    def setsockopt(self, *_: object) -> None:
        """A reset is a cut like any other here."""

    def abort(self) -> None:
        self.cut = True


class Wire(Sessions):
    """`answered` is called once the platform has processed a packet, before the courier learns of it."""

    def __init__(self, desk: Desk, clock: Clock, accounts: Mapping[Account, Credentials]) -> None:
        super().__init__(accounts)
        self._desk, self._clock = desk, clock
        self.weather = Weather.FINE
        self._cleared = asyncio.Event()
        self.flying: Counter[str] = Counter()
        self.most_at_once = 0
        self.unknown: Counter[str] = Counter()
        self.copies: Counter[str] = Counter()
        """Packets that the platform took a second time; one that it refuses because it is there is none."""
        self.answered: Callable[[], None] = lambda: None

    def turn(self, weather: Weather) -> None:
        """It clears at once for those under way; what hangs on the way arrives."""
        self.weather = weather
        if weather is Weather.FINE:
            self._cleared.set()
            self._cleared = asyncio.Event()

    async def post(self, account: Account, body: str) -> Answer | NoAnswer:
        meter = parse(body.encode()).id
        self.flying[meter] += 1
        self.most_at_once = max(self.most_at_once, self.flying[meter])
        try:
            return await self._post(account, meter, body)
        finally:
            self.flying[meter] -= 1

    async def _post(self, account: Account, meter: str, body: str) -> Answer | NoAnswer:
        weather = self.weather
        if weather is Weather.AWAY:
            return NoAnswer(Trouble.NO_CONNECTION, "a test")
        self.unknown[meter] += 1
        if weather is Weather.SLOW_BEFORE and not await self._clears():
            return NoAnswer(Trouble.TIME_OUT, "a test", may_have_arrived=True)
        request = Request("POST", self._headers(account), body.encode())
        duplicates = self._desk.book.stream(meter).duplicates
        before = len(duplicates)
        response = await self._desk.handle(cast("Any", request))
        if self._desk.behaviour.duplicates == 200:
            self.copies[meter] += len(duplicates) - before
        self.answered()
        if request.cut or (weather is Weather.SLOW_AFTER and not await self._clears()):
            return NoAnswer(Trouble.CUT if request.cut else Trouble.TIME_OUT, "a test", may_have_arrived=True)
        if response.status == 200 or response.status // 100 in (3, 4):
            self.unknown[meter] -= 1
        return Answer(response.status, retry_after=response.headers.get("Retry-After"))

    async def latest(self, account: Account, meter: str) -> int | NotUnderstood:
        if self.weather is not Weather.FINE:
            return NotUnderstood("a test")
        request = Request("GET", self._headers(account), query={"stream": meter})
        response = await self._desk.handle(cast("Any", request))
        if response.status != 200 or not isinstance(response, web.Response):
            return NotUnderstood(f"it was answered {response.status}")
        return latest_instant(response.text or "", meter)

    def _headers(self, account: Account) -> CIMultiDict[str]:
        return CIMultiDict({"Authorization": self._credentials[account].header()})

    async def _clears(self) -> bool:
        """Whether it did before the time was out."""
        cleared = asyncio.ensure_future(self._cleared.wait())
        late = asyncio.ensure_future(self._clock.sleep(TIME_OUT))
        try:
            await asyncio.wait({cleared, late}, return_when=asyncio.FIRST_COMPLETED)
            return cleared.done()
        finally:
            cleared.cancel()
            late.cancel()
