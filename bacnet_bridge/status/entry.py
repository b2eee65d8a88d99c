"""Who gets in: the password is compared in constant time, and guesses are slowed.

An address that was wrong waits, 1 s and then twice as long each time, and nothing that it sends meanwhile is even
looked at. One guess is worked out at a time, so guesses from anywhere take one core at most. The same one from the same
address, sent again before it is worked out, is still one: a browser's tabs all ask at once when the bridge is back.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import structlog

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 300.0
_REMEMBERED: Final = 1024
"""Addresses; of more, the ones that were wrong longest ago are forgotten."""
_IN_LINE: Final = 4
"""Guesses that may wait for their turn."""
_log = structlog.get_logger()


class Password(Protocol):
    """See `vocabulary/password.py`."""

    def fits(self, password: str) -> bool: ...


class Answer(StrEnum):
    """What becomes of one who asks."""

    IN = "in"
    UNKNOWN = "no password, or a wrong one"
    WAIT = "too many wrong ones"


@dataclass(slots=True)
class _Wrong:
    times: int = 0
    wait_until: float = 0.0


class Entry:
    """The door. Without a password everybody is in: then nobody but this machine can ask.

    `now` gives monotonic seconds. What was right once is known by a keyed digest that does not outlive the process.
    """

    def __init__(self, password: Password | None, now: Callable[[], float]) -> None:
        self._password, self._now = password, now
        self._key = os.urandom(32)
        self._right: bytes | None = None
        self._wrong: OrderedDict[str, _Wrong] = OrderedDict()
        self._one = asyncio.Lock()
        self._in_line = 0
        self._under_way: dict[tuple[str, bytes], asyncio.Future[Answer]] = {}

    @property
    def open(self) -> bool:
        """There is no password."""
        return self._password is None

    async def asks(self, address: str, secret: str | None) -> Answer:
        """Somebody at this IP address shows a secret, or none. A wrong one is logged, never shown."""
        if self._password is None:
            return Answer.IN
        if secret is None:
            return Answer.UNKNOWN
        at = neighbourhood(address)
        digest = hmac.digest(self._key, secret.encode(errors="surrogatepass"), hashlib.sha256)
        same = self._under_way.get((at, digest))
        if same is not None:
            return await asyncio.shield(same)
        if self.waits(address):
            return Answer.WAIT
        if self._right is not None and hmac.compare_digest(self._right, digest):
            self._wrong.pop(at, None)
            return Answer.IN
        same = self._under_way[at, digest] = asyncio.get_running_loop().create_future()
        answer = Answer.WAIT
        try:
            answer = await self._look_at(self._password, address, secret, digest)
        finally:  # whatever became of this one, the others are answered
            del self._under_way[at, digest]
            same.set_result(answer)
        return answer

    async def _look_at(self, password: Password, address: str, secret: str, digest: bytes) -> Answer:
        at = neighbourhood(address)
        if self._in_line >= _IN_LINE:
            return Answer.WAIT
        times = self._count(at)  # before it is worked out: many guesses at once are no way round
        if not await self._fits(password, secret):
            _log.warning("a wrong password for the status page", address=address, times=times)
            return Answer.UNKNOWN
        self._right = digest
        self._wrong.pop(at, None)
        return Answer.IN

    def waits(self, address: str) -> float:
        """Seconds for which nothing from there is looked at."""
        wrong = self._wrong.get(neighbourhood(address))
        return 0.0 if wrong is None else max(0.0, wrong.wait_until - self._now())

    async def _fits(self, password: Password, secret: str) -> bool:
        self._in_line += 1
        try:
            async with self._one:
                return await asyncio.to_thread(password.fits, secret)
        finally:
            self._in_line -= 1

    def _count(self, at: str) -> int:
        wrong = self._wrong.setdefault(at, _Wrong())
        self._wrong.move_to_end(at)
        wrong.times += 1
        wrong.wait_until = self._now() + min(_FIRST_WAIT * 2.0 ** min(wrong.times - 1, 20), _LONGEST_WAIT)
        if len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)
        return wrong.times


def neighbourhood(address: str) -> str:
    """Who has one IPv6 address mostly has its whole /64."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
