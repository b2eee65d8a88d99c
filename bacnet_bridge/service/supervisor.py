"""Who starts the bridge anew where it stands still: what systemd is told (`Type=notify`, sd_notify(3)), or an end.

systemd's watchdog is fed only while nothing stands still without a reason (`moving.stuck`): then, and if the event loop
itself hangs, systemd starts the bridge anew. A platform that is away, silent devices, a hold are reasons: a new start
would heal none of them. Without a watchdog (a container, a Windows service) the bridge ends itself in the same case,
because whatever runs it starts anew only what has ended; `Pulse` sees the loop that hangs.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Final

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.service.moving import Facts, moving, stuck

_PARTS: Final = 4
"""Times that it is fed within the time after which systemd would act: one look may be late, or see but a moment."""
_LOOK: Final = 30.0
"""Seconds between two looks where there is no watchdog."""
_ANSWER: Final = 30.0
"""Seconds that the stages have for a look."""
_LOOKS: Final = 4
"""Pauses between looks, all of which find a standstill, after which it ends without a watchdog: 120 s. Counted, because
a machine that was suspended has seen none of them."""
_MUTE: Final = "the stages do not answer"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Supervisor:
    """`address`: the socket that is told; empty: nobody listens. `patience`: the watchdog's, in seconds; 0: none."""

    address: str = ""
    patience: float = 0.0

    @classmethod
    def found(cls, environment: MutableMapping[str, str]) -> "Supervisor":
        """What systemd says in the environment, which is taken out of it: it is not meant for our children."""
        address = environment.pop("NOTIFY_SOCKET", "")
        microseconds = environment.pop("WATCHDOG_USEC", "0")
        meant = environment.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        return cls(address, int(microseconds) / 1e6 if meant and microseconds.isdecimal() else 0.0)

    def tell(self, *words: str) -> None:
        """Datagrams to a socket of this machine: they do not block for long, and a failure is none of the bridge's."""
        if not self.address:
            return
        where = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
                way.setblocking(False)
                way.sendto("\n".join(words).encode(), where)
        except OSError as error:
            _log.warning("systemd was not told", words=words, error=str(error))

    @property
    def watches(self) -> bool:
        """Whether it starts anew what does not feed its watchdog."""
        return bool(self.address and self.patience)

    async def watch(self, facts: Callable[[], Awaitable[Facts]], clock: Clock) -> None:
        """Look again and again, until cancelled; feed the watchdog while nothing is stuck.

        Raises BridgeError after two minutes of it where there is no watchdog.
        """
        starved, looks = "", 0
        while True:
            status, why = await _looked(facts)
            looks = looks + 1 if why else 0
            if bool(why) != bool(starved):
                self._told(why, starved)
            starved = why
            if looks > _LOOKS and not self.watches:
                raise BridgeError(f"it stands still, and no part of it knows why: {why}. Ended, to be started anew")
            self.tell(f"STATUS={status}", *([] if why else ["WATCHDOG=1"]))
            await clock.sleep(self.patience / _PARTS if self.watches else _LOOK)

    def _told(self, why: str, was: str) -> None:
        """A standstill begins or ends."""
        if not why:
            _log.info("the watchdog is fed again" if self.watches else "the bridge moves again", was=was)
        elif self.watches:
            _log.error("the watchdog is not fed: systemd will start the bridge anew", why=why, in_seconds=self.patience)
        else:
            _log.error("the bridge stands still: it will end, to be started anew", why=why, in_seconds=_LOOKS * _LOOK)


async def _looked(facts: Callable[[], Awaitable[Facts]]) -> tuple[str, str]:
    """How it goes, in a line; and why it is stuck, if it is."""
    try:
        async with asyncio.timeout(_ANSWER):
            seen = await facts()
    except BridgeError as error:  # the disk does not even let the queues be seen
        return str(error), str(error)
    except TimeoutError:
        return _MUTE, _MUTE
    reasons = moving(seen)
    meters = f"{len(seen.paces)} meter{'' if len(seen.paces) == 1 else 's'}"
    return " ".join(reasons[:1]) or f"reads {meters} and delivers", "; ".join(stuck(seen))
