"""A device that sends long answers in segments, made by hand: rightly, over a line that loses some, or wrongly.

Nothing here uses bacpypes3 or the product's codec.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.support.bacnet import apdu_of, enumerated, placed
from tests.support.explorable import SEGMENTATION, Explorable

BOTH, TRANSMIT, RECEIVE, NONE = range(4)
"""What a device says that it can."""
_TRIES = 4
_MORE = 0x04
_HEAD = 5

Peer = tuple[str, int]
Mischief = Callable[[Sequence[bytes]], Iterable[bytes]]
"""APDUs that are sent, at once and whatever is acknowledged, in place of these segments."""


@dataclass
class _Sending:
    """One answer, until it is acknowledged."""

    segments: list[bytes]
    to: Peer
    begin: int = 0
    """The first one that is not acknowledged."""
    window: int = 1
    tries: int = 0
    timer: asyncio.TimerHandle | None = None


@dataclass
class Segmenting(Explorable):
    """An Explorable whose answers may be longer than its APDU, where the asker takes segments (clause 5.4.5)."""

    window: int = 4
    """Segments that it proposes to send before they are acknowledged."""
    patience: float = 0.05
    """Seconds until it sends a window again."""
    loses: Callable[[bytes], bool] = staticmethod(lambda _: False)  # noqa: RUF009 not a default to share
    """Whether this APDU gets lost: whatever comes, and the segments that go."""
    mischief: Mischief | None = None
    pace: float = 0
    """Seconds that it takes for each octet of a question."""
    wanted_segments: int = 0
    """Questions whose answers might have come in segments."""
    sent_segments: int = 0
    aborts: int = 0
    """Times that it was told to stop."""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it was."""
    _under_way: dict[tuple[Peer, int], _Sending] = field(default_factory=dict)

    def datagram_received(self, data: bytes, addr: Peer) -> None:
        apdu = apdu_of(data)
        if apdu is None or self.loses(apdu):
            return
        if apdu[0] >> 4 == 4:
            self._acknowledged(apdu, addr)
        elif apdu[0] >> 4 == 7:
            self.aborts += 1
            self.stopped.set()
            self._end(addr, apdu[1])
        else:
            super().datagram_received(data, addr)

    def _reply(self, apdu: bytes, addr: Peer) -> None:
        self.wanted_segments += bool(apdu[0] & 0x02)
        asyncio.get_running_loop().call_later(self.pace * len(apdu), self._reply_now, apdu, addr)

    def _reply_now(self, apdu: bytes, addr: Peer) -> None:
        if not apdu[0] & 0x02:
            super()._reply(apdu, addr)
            return
        self.at_once -= 1
        answer = self._of_any_length(apdu[2], apdu[3], apdu[4:])
        if len(answer) <= self.max_apdu:
            self._send(answer, addr)
            return
        segments = self._cut(answer)
        if self.mischief is not None:
            for each in self.mischief(segments):
                self._send(each, addr)
            return
        sending = self._under_way[addr, apdu[2]] = _Sending(segments, addr)
        self._send_window(sending)

    def _cut(self, answer: bytes) -> list[bytes]:
        room = self.max_apdu - _HEAD
        parts = [answer[at : at + room] for at in range(3, len(answer), room)]
        heads = [0x38 | (_MORE if number < len(parts) - 1 else 0) for number in range(len(parts))]
        return [
            bytes([head, answer[1], number % 256, self.window, answer[2]]) + part
            for number, (head, part) in enumerate(zip(heads, parts, strict=True))
        ]

    def _send_window(self, sending: _Sending) -> None:
        if sending.timer is not None:
            sending.timer.cancel()
        if sending.tries == _TRIES or self.transport.is_closing():
            return
        sending.tries += 1
        for each in sending.segments[sending.begin : sending.begin + sending.window]:
            self.sent_segments += 1
            if not self.loses(each):
                self._send(each, sending.to)
        sending.timer = asyncio.get_running_loop().call_later(self.patience, self._send_window, sending)

    def _acknowledged(self, ack: bytes, addr: Peer) -> None:
        sending = self._under_way.get((addr, ack[1]))
        if sending is None or not 0 <= ack[2] - sending.begin < sending.window:
            return
        sending.begin, sending.window, sending.tries = ack[2] + 1, max(1, ack[3]), 0
        if sending.begin >= len(sending.segments):
            self._end(addr, ack[1])
        else:
            self._send_window(sending)

    def _end(self, addr: Peer, invoke: int) -> None:
        sending = self._under_way.pop((addr, invoke), None)
        if sending is not None and sending.timer is not None:
            sending.timer.cancel()


def segmenting(says: int = BOTH, **character: Any) -> AbstractAsyncContextManager[Segmenting]:
    """On a free port of 127.0.0.1; what it `says` of itself may be a lie."""
    about = {SEGMENTATION: enumerated(says), **character.pop("about", {})}
    return placed(Segmenting(about=about, **character))
