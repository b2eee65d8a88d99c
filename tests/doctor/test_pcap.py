"""The capture file, read by a parser that shares nothing with its writer; and by Wireshark's, where it is installed."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from bacnet_bridge.doctor.pcap import Datagram, capture

WHO_IS = bytes.fromhex("81 0b 000c 01 20 ffff 00 ff 10 08")
I_AM = bytes.fromhex("81 0a 0014 01 00 10 00 c4 020003e9 22 05c4 91 03 21 0f")
TRAFFIC = [
    Datagram(1_790_000_000_123_456, ("10.77.0.1", 47808), ("10.77.0.255", 47808), WHO_IS, broadcast=True),
    Datagram(1_790_000_000_223_457, ("10.77.0.11", 47808), ("10.77.0.1", 47809), I_AM, back=True),
    Datagram(1_790_000_001_000_000, ("10.77.0.12", 1), ("10.77.0.1", 65535), b"", back=True),
    Datagram(1_790_000_001_000_001, ("10.77.0.12", 1), ("10.77.0.1", 65535), bytes(1497), back=True),
]


def ones_complement(data: bytes) -> int:
    total = 0
    for at in range(0, len(data), 2):
        total += int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big")
    while total > 0xFFFF:
        total = total % 0x10000 + total // 0x10000
    return total


def parsed(file: bytes) -> list[tuple[int, bytes, str, int, str, int, bytes]]:
    magic, major, minor, _, _, longest, link = struct.unpack_from("<IHHiIII", file)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 1)
    at, found = 24, []
    while at < len(file):
        seconds, micros, kept, length = struct.unpack_from("<IIII", file, at)
        frame = file[at + 16 : at + 16 + kept]
        assert kept == length == len(frame) <= longest
        at += 16 + kept
        assert frame[12:14] == b"\x08\x00"
        ip = frame[14:]
        assert ip[0] == 0x45
        assert ip[9] == 17
        assert int.from_bytes(ip[2:4], "big") == len(ip)
        assert ones_complement(ip[:20]) == 0xFFFF
        udp = ip[20:]
        source_port, port, size, checksum = struct.unpack_from(">HHHH", udp)
        assert size == len(udp)
        assert checksum != 0
        assert ones_complement(ip[12:20] + b"\0\x11" + size.to_bytes(2, "big") + udp) == 0xFFFF
        source, target = (".".join(map(str, ip[n : n + 4])) for n in (12, 16))
        found.append((seconds * 1_000_000 + micros, frame[:12], source, source_port, target, port, udp[8:]))
    return found


def test_every_datagram_is_a_frame_with_right_lengths_addresses_and_checksums() -> None:
    found = parsed(capture(TRAFFIC))
    assert [(at, (a, b), (c, d), data) for at, _, a, b, c, d, data in found] == [
        (each.at, each.source, each.destination, each.data) for each in TRAFFIC
    ]


def test_made_up_macs_say_that_they_are_and_broadcasts_go_to_all() -> None:
    first, second, *_ = parsed(capture(TRAFFIC))
    assert first[1] == bytes.fromhex("ffffffffffff 02000a4d0001")
    assert second[1] == bytes.fromhex("02000a4d0001 02000a4d000b")


def test_nothing_recorded_is_a_file_all_the_same() -> None:
    assert parsed(capture([])) == []


def test_a_checksum_that_comes_to_zero_is_written_as_all_ones() -> None:
    """Protocol 17, twice the length 10, and this: 0xFFFF."""
    file = capture([Datagram(0, ("0.0.0.0", 0), ("0.0.0.0", 0), b"\xff\xda")])
    assert file[-4:-2] == b"\xff\xff"
    parsed(file)


def test_wireshark_reads_it(tmp_path: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    file = tmp_path / "x.pcap"
    file.write_bytes(capture(TRAFFIC[:2]))
    said = subprocess.run(
        ["tshark", "-r", str(file), "-o", "udp.check_checksum:TRUE", "-V"], capture_output=True, text=True, check=True
    ).stdout
    assert "unconfirmedREQ" in said.replace("-", "").replace(" ", "") or "Who-Is" in said
    assert "Bad" not in said
