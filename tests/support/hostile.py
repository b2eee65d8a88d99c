"""Devices that answer as no device should. What they do is a `Mischief`: the question and the honest answer to it go
in, the APDUs that are sent come out.
"""

import random
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from tests.support.bacnet import HandmadeDevice, bits, object_id, placed, real


@dataclass(frozen=True)
class Exchange:
    """One confirmed request, encoded, and what an honest device would answer."""

    invoke: int
    service: int
    request: bytes
    honest: bytes

    @property
    def body(self) -> bytes:
        """The honest answer without its APDU header."""
        return self.honest[3:]

    def acknowledge(self, body: bytes, invoke: int | None = None, service: int | None = None) -> bytes:
        """A ComplexAck with another body, for another request, or of another service."""
        return bytes([
            0x30,
            self.invoke if invoke is None else invoke,
            self.service if service is None else service,
        ]) + body  # fmt: skip


Mischief = Callable[[Exchange], Iterable[bytes]]


@dataclass
class HostileDevice(HandmadeDevice):
    """Honest while `mischief` is None."""

    mischief: Mischief | None = None
    elsewhere: Any = None
    """Where answers are sent from instead of the own address."""

    def _reply(self, apdu: bytes, addr: tuple[str, int]) -> None:
        self.at_once -= 1
        honest = self._answer(apdu[2], apdu[3], apdu[4:])
        if self.mischief is None:
            self._send(honest, addr)
            return
        for answer in self.mischief(Exchange(apdu[2], apdu[3], apdu[4:], honest)):
            transport = self.elsewhere or self.transport
            transport.sendto(unicast(answer), addr)


def hostile_device(**character: Any) -> AbstractAsyncContextManager[HostileDevice]:
    """On a free port of 127.0.0.1."""
    return placed(HostileDevice(**character))


def unicast(apdu: bytes, npdu: bytes = b"\x01\x00") -> bytes:
    """A BACnet/IP datagram. What is longer than its length field can say, lies."""
    return b"\x81\x0a" + struct.pack(">H", min(0xFFFF, len(npdu) + len(apdu) + 4)) + npdu + apdu


def i_am(instance: int, max_apdu: int = 1476, kind: int = 8) -> bytes:
    return b"\x10\x00" + object_id(kind, instance) + b"\x24" + struct.pack(">I", max_apdu) + b"\x91\x03\x21\x2a"


def absurd_i_ams(instance: int) -> list[bytes]:
    """I-Ams of a device with this instance that cannot be meant."""
    name = object_id(8, instance)
    return [
        i_am(instance, kind=0),
        i_am(4_194_303),
        i_am(instance, kind=1023),
        b"\x10\x00",
        b"\x10\x00" + name,
        b"\x10\x00" + name + b"\x22\x05",
        b"\x10\x00" + name + b"\x00\x91\x03\x21\x2a",
        b"\x10\x00" + name + b"\x44\x7f\x80\x00\x00\x91\x03\x21\x2a",
        b"\x10\x00" + name + b"\x25\x09" + bytes(9) + b"\x91\x03\x21\x2a",
        b"\x10\x00" + name + b"\x22\x05\xc4\x91\xff\x21\x2a" + bytes(1_000),
        b"\x10\x00" + name + b"\x75\xff\xff\xff\xff\xff",
        b"\x10\x00" + real(float("nan")) + b"\x22\x05\xc4\x91\x03\x21\x2a",
        b"\x10\x00\xc4",
        b"\x10\x00" + bytes(60_000),
    ]


def segments(exchange: Exchange, rounds: int = 2) -> Iterator[bytes]:
    """Every segment of an answer that never ends, again and again."""
    for _ in range(rounds):
        for number in range(256):
            yield bytes([0x3C, exchange.invoke, number, 16, exchange.service]) + exchange.body


def datagrams(rng: random.Random, count: int) -> Iterator[bytes]:
    """Bytes for the port: random all through, or behind one, two or three headers that are right."""
    ai = struct.pack(">I", 1)
    apdus = (
        i_am(77),
        b"\x10\x08",
        b"\x10\x07\x3d\x05\x00AI 1",
        b"\x30\x01\x0e\x0c" + ai + b"\x1e\x29\x55\x4e" + real(1) + b"\x4f\x29\x6f\x4e" + bits() + b"\x4f\x1f",
        b"\x00\x05\x09\x0c\x0c\x02\x00\x0f\xa0\x19\x4d",
        b"\x0e\x75\x09\x00\x10\x0e\x0c" + ai,
        b"\x50\x01\x0e\x91\x02\x91\x20",
        b"\x10\x02\x09\x01\x1c\x02\x00\x00\x4d\x2c" + ai + b"\x39\x00\x4e\x09\x55\x2e" + real(1) + b"\x2f\x4f",
    )
    networks = (b"\x01\x00", b"\x01\x04", b"\x01\x80", b"\x01\x08")
    for _ in range(count):
        noise = rng.randbytes(rng.choice((0, 1, 3, 8, 20, 60, 300)))
        npdu = rng.choice(networks)
        if npdu[1] == 0x08:
            npdu += struct.pack(">HBB", rng.randint(1, 16), 1, rng.randrange(256))
        match rng.randrange(6):
            case 0:
                yield noise
            case 1:
                yield b"\x81" + noise
            case 2:
                yield b"\x81" + bytes([rng.randrange(12)]) + struct.pack(">H", len(noise) + 4) + noise
            case 3:
                yield unicast(noise, npdu)
            case 4:
                yield unicast(bytes([rng.randrange(8) << 4 | rng.randrange(16)]) + noise, npdu)
            case _:
                apdu = bytearray(rng.choice(apdus))
                apdu[rng.randrange(len(apdu))] = rng.randrange(256)
                yield unicast(bytes(apdu[: rng.randint(1, len(apdu))]) if rng.random() < 0.3 else bytes(apdu), npdu)
