"""A simulated trend log's records as octets (clauses 15.8, 20.2, 21). Pure; nothing of the bridge's own codec."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bacnet_bridge.simulator.trend_log import Entry, Sample

_LOG_BUFFER: Final = 131
_PLAIN: Final = {"boolean": 1, "real": 2, "enumerated": 3, "unsigned": 4, "integer": 5}
"""Choices of a Trend Log's log-datum; a Trend Log Multiple's column has them one lower."""
_FAILURE: Final = b"\x91\x07\x91\x19"
"""Error class communication, code operational-problem."""


def encoded(entry: Entry, *, multiple: bool) -> bytes:
    """One BACnetLogRecord, or BACnetLogMultipleRecord."""
    if entry.status is not None:
        said = b"\x0a\x05" + bytes([sum(0x80 >> bit for bit in entry.status)])
    elif entry.changed is not None:
        said = bytes([0x2C if multiple else 0x9C]) + struct.pack(">f", entry.changed)
    elif multiple:
        said = b"\x1e" + b"".join(_sample(sample, 1) for sample in entry.samples) + b"\x1f"
    else:
        said = _sample(entry.samples[0], 0)
    record = b"\x0e" + _time(entry.local) + b"\x0f\x1e" + said + b"\x1f"
    sample = entry.samples[0] if entry.samples and not multiple else None
    return record if sample is None else record + b"\x2a\x04" + bytes([sum(0x80 >> bit for bit in sample.flags)])


def answer(log: tuple[int, int], records: Sequence[bytes], flags: tuple[bool, bool, bool], number: int | None) -> bytes:
    """A ReadRange-ACK's service data. `flags`: first and last record, more records; `number` is the first one's."""
    kind, instance = log
    bits = sum(0x80 >> at for at, flag in enumerate(flags) if flag)
    head = b"\x0c" + struct.pack(">I", kind << 22 | instance) + bytes([0x19, _LOG_BUFFER, 0x3A, 5, bits])
    first = b"" if number is None or not records else b"\x6c" + struct.pack(">I", number)
    return head + b"\x4a" + struct.pack(">H", len(records)) + b"\x5e" + b"".join(records) + b"\x5f" + first


def _sample(sample: Sample | None, shift: int) -> bytes:
    if sample is None:
        return _around(8 - shift, _FAILURE)
    if sample.kind == "double":
        return _around(8 if shift else 10, b"\x55\x08" + struct.pack(">d", sample.value))
    return _tagged(_PLAIN[sample.kind] - shift, _content(sample))


def _content(sample: Sample) -> bytes:
    match sample.kind:
        case "real":
            return struct.pack(">f", sample.value)
        case "integer":
            number = int(sample.value)
            return number.to_bytes((number if number >= 0 else ~number).bit_length() // 8 + 1, signed=True)
        case _:
            number = int(sample.value)
            return number.to_bytes(max(1, (number.bit_length() + 7) // 8))


def _tagged(number: int, content: bytes) -> bytes:
    if len(content) < 5:
        return bytes([number << 4 | 0x08 | len(content)]) + content
    return bytes([number << 4 | 0x0D, len(content)]) + content


def _around(number: int, content: bytes) -> bytes:
    return bytes([number << 4 | 0x0E]) + content + bytes([number << 4 | 0x0F])


def _time(local: int) -> bytes:
    moment = datetime.fromtimestamp(local // 1000, UTC)
    date = bytes([moment.year - 1900, moment.month, moment.day, moment.isoweekday()])
    return b"\xa4" + date + b"\xb4" + bytes([moment.hour, moment.minute, moment.second, local % 1000 // 10])
