"""Slow devices made by hand, many in one process: a port of 127.0.0.1 each, 206-octet APDUs, one answer at a time.

Nothing here uses the product's codec or bacpypes3. Answers depend on the question alone and are made once, so that
this process has time to spare. Speaks benchmarks/process.py's lines: `{"dead": […]}` mutes the devices of these
places in the row (and gives the others their voice back); every answer says how many requests each got so far.
"""

import asyncio
import json
import socket
import struct
import sys
import time
from typing import Any, Final

from benchmarks.building import UNKNOWN_PROPERTY, asked, property_of, result_of

FIRST: Final = 10_000
"""Instance of the first device; the others follow."""
APDU: Final = 206
_PRESENT_VALUE, _STATUS_FLAGS = 85, 111
_SO_TIMESTAMPNS: Final = 35
"""Linux's; the socket module does not name it."""
_ACK_HEAD: Final = 3
_OBJECT_HEAD_AND_END: Final = 7


def fewest_requests(objects: int) -> int:
    """What present-value and status-flags of these objects need at least, by the octets of the answers."""
    octets = _OBJECT_HEAD_AND_END + sum(len(result_of(1, each)) for each in (_PRESENT_VALUE, _STATUS_FLAGS))
    return -(-objects // ((APDU - _ACK_HEAD) // octets))


def _together(request: bytes) -> bytes:
    parts = []
    for identifier, numbers in asked(request):
        instance = int.from_bytes(identifier) & 0x3FFFFF
        results = b"".join(result_of(instance, number) for number in numbers)
        parts.append(b"\x0c" + identifier + b"\x1e" + results + b"\x1f")
    return b"".join(parts)


def _singly(request: bytes) -> bytes | None:
    value = property_of(int.from_bytes(request[1:5]) & 0x3FFFFF, request[6])
    return None if value is None else request[:7] + b"\x3e" + value + b"\x3f"


class Devices:
    """The row of them, and what they have in common."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        """Seconds that every answer takes."""
        self.row: list[Device] = []
        self._answers: dict[bytes, bytes] = {}

    def answer(self, invoke: int, service: int, request: bytes) -> bytes:
        """The APDU. One that is too long becomes an abort: these devices do not segment."""
        key = bytes([service]) + request
        if key not in self._answers:
            self._answers[key] = self._make(service, request)
        made = self._answers[key]
        return made[:1] + bytes([invoke]) + made[2:]

    def _make(self, service: int, request: bytes) -> bytes:
        if service == 12:
            found = _singly(request)
            return b"\x50\x00\x0c" + UNKNOWN_PROPERTY if found is None else b"\x30\x00\x0c" + found
        if service != 14:
            return b"\x60\x00\x09"
        answer = b"\x30\x00\x0e" + _together(request)
        return answer if len(answer) <= APDU else b"\x71\x00\x04"


class Device:
    """One device on a port of its own. Questions wait in line: each takes its time, as behind a slow field bus."""

    def __init__(self, devices: Devices, instance: int) -> None:
        self.asked = 0
        self.dead = False
        self._devices = devices
        self._instance = instance
        self._free_at = 0.0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        asyncio.get_running_loop().add_reader(self._socket, self._receive)

    def _receive(self) -> None:
        data, stamps, _, sender = self._socket.recvmsg(2048, 64)
        if self.dead or data[5] & 0xA8:
            return
        apdu = data[6:]
        if apdu[:2] == b"\x10\x08":
            self._send(self._i_am(), sender)
        elif apdu[0] >> 4 == 0:
            self.asked += 1
            loop = asyncio.get_running_loop()
            # The kernel's time of arrival: that one process plays them all is not the devices' delay.
            arrived = loop.time() - (time.time() - _seconds(stamps[0][2]))
            self._free_at = max(self._free_at, arrived) + self._devices.delay
            loop.call_at(self._free_at, self._reply, apdu, sender)

    def _reply(self, apdu: bytes, receiver: Any) -> None:
        if not self.dead:
            self._send(self._devices.answer(apdu[2], apdu[3], apdu[4:]), receiver)

    def _i_am(self) -> bytes:
        identifier = struct.pack(">I", 8 << 22 | self._instance)
        return b"\x10\x00\xc4" + identifier + bytes([0x21, APDU, 0x91, 3, 0x22, 0x03, 0xE7])

    def _send(self, apdu: bytes, receiver: Any) -> None:
        self._socket.sendto(b"\x81\x0a" + struct.pack(">H", len(apdu) + 6) + b"\x01\x00" + apdu, receiver)


def _seconds(stamp: bytes) -> float:
    seconds, nanoseconds = struct.unpack("@ll", stamp)
    return float(seconds + nanoseconds / 1e9)


async def _serve(count: int, delay: float) -> None:
    devices = Devices(delay)
    devices.row += [Device(devices, instance) for instance in range(FIRST, FIRST + count)]
    print(json.dumps({"ports": [device.port for device in devices.row]}), flush=True)
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        dead = set(json.loads(line)["dead"])
        for place, device in enumerate(devices.row):
            device.dead = place in dead
        print(json.dumps({"asked": [device.asked for device in devices.row]}), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
