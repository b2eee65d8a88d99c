"""Datagrams as a capture file that Wireshark reads (pcap, link type Ethernet). Pure.

A socket shows payloads and addresses, and no frames; capturing those needs root. So the headers are made up around
what the socket saw: correct in lengths, checksums and addresses. A MAC address is `02:00` and the IPv4 address behind
it, which says of itself that it is made up (locally administered).
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

Station = tuple[str, int]

_MAGIC, _ETHERNET, _LONGEST = 0xA1B2C3D4, 1, 65_535
_HEAD: Final = struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _LONGEST, _ETHERNET)
_IPV4, _UDP, _TTL = 0x0800, 17, 64
_EVERYONE: Final = b"\xff" * 6


@dataclass(frozen=True, slots=True)
class Datagram:
    """One that passed a socket. `at`: microseconds since 1970; `broadcast`: it went to all; `back`: it was received."""

    at: int
    source: Station
    destination: Station
    data: bytes
    broadcast: bool = False
    back: bool = False


def capture(datagrams: Iterable[Datagram]) -> bytes:
    """The whole file."""
    return _HEAD + b"".join(_record(each, number) for number, each in enumerate(datagrams))


def _record(datagram: Datagram, number: int) -> bytes:
    frame = _frame(datagram, number & 0xFFFF)
    seconds, microseconds = divmod(datagram.at, 1_000_000)
    return struct.pack("<IIII", seconds, microseconds, len(frame), len(frame)) + frame


def _frame(datagram: Datagram, number: int) -> bytes:
    (source, source_port), (destination, port) = datagram.source, datagram.destination
    addresses = IPv4Address(source).packed + IPv4Address(destination).packed
    length = 8 + len(datagram.data)
    udp = struct.pack(">HHHH", source_port, port, length, 0)
    pseudo = addresses + struct.pack(">BBH", 0, _UDP, length)
    checksum = _checksum(pseudo + udp + datagram.data) or 0xFFFF  # RFC 768: zero stands for none
    udp = udp[:6] + struct.pack(">H", checksum)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, number, 0, _TTL, _UDP, 0) + addresses
    ip = ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:]
    target = _EVERYONE if datagram.broadcast else _mac(destination)
    return target + _mac(source) + struct.pack(">H", _IPV4) + ip + udp + datagram.data


def _mac(host: str) -> bytes:
    return b"\x02\x00" + IPv4Address(host).packed


def _checksum(data: bytes) -> int:
    """The Internet's (RFC 1071)."""
    total: int = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
