"""Bytes that no honest device sends: random ones, answers that were damaged, and tags that add up to nothing.

Everything comes from the random generator that is handed in, so that a seed names a whole run. The answers are built
by hand, not by the product's codec or by bacpypes3.
"""

import random
import struct
from collections.abc import Callable, Iterator

_LENGTHS = (0, 1, 2, 3, 4, 5, 8, 9, 253, 254, 255, 256, 65_535, 65_536)
_LYING = (0, 1, 4, 5, 200, 254, 255, 60_000, 0xFFFF, 0xFFFF_FFFF)


def answer(rng: random.Random, most: int = 12) -> bytes:
    """A well-formed ReadPropertyMultiple-ACK."""
    return b"".join(_access_result(rng) for _ in range(rng.randint(1, most)))


def single_answer(rng: random.Random) -> bytes:
    """A well-formed ReadProperty-ACK."""
    index = _context(2, _number(rng)) if rng.random() < 0.2 else b""
    return _object(rng) + _context(1, _number(rng)) + index + b"\x3e" + _value(rng) + b"\x3f"


def damaged(rng: random.Random, data: bytes) -> bytes:
    """The same with one to four things done to it: bits turned, octets lost, doubled, moved, or overwritten."""
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(_DAMAGES)(rng, data)
    return data


def tags(rng: random.Random, most: int = 40) -> bytes:
    """Tags in any order, some of which open and close, some with lengths that lie."""
    return b"".join(_tag(rng) for _ in range(rng.randint(0, most)))


def inputs(rng: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """What a decoder shall survive, with its kind: `random`, `damaged`, `tags`, `answer`, now and then `deep`."""
    pool = [answer(rng) if rng.random() < 0.7 else single_answer(rng) for _ in range(2_000)]
    for number in range(count):
        if number % 5_000 == 4_999:
            yield "deep", deep(rng)
            continue
        chance = rng.random()
        if chance < 0.2:
            yield "random", rng.randbytes(rng.randint(0, 200))
        elif chance < 0.8:
            yield "damaged", damaged(rng, rng.choice(pool))
        elif chance < 0.95:
            yield "tags", rng.choice((b"", pool[0][:6], pool[1][:8])) + tags(rng)
        else:
            yield "answer", rng.choice(pool)


def deep(rng: random.Random) -> bytes:
    """As much as a datagram holds: nested, many, or one long element."""
    head = bytes.fromhex("0C 00000005 1E 29 55 4E")
    form = rng.randrange(4)
    if form == 0:
        return head + b"\x0e" * 65_000
    if form == 1:
        return head + b"\x0e" * 32_000 + b"\x0f" * 32_000 + b"\x4f\x1f"
    if form == 2:
        return head + b"\x21\x05" * 32_000 + b"\x4f\x1f"
    return head + b"\x65\xfe\xfd\xe8" + bytes(65_000) + b"\x4f\x1f"


def _access_result(rng: random.Random) -> bytes:
    results = (_property_result(rng) for _ in range(rng.randint(0, 5)))
    return _object(rng) + b"\x1e" + b"".join(results) + b"\x1f"


def _property_result(rng: random.Random) -> bytes:
    index = _context(3, _number(rng)) if rng.random() < 0.2 else b""
    place = _context(2, _number(rng)) + index
    if rng.random() < 0.15:
        return place + b"\x5e\x91" + rng.randbytes(1) + b"\x91" + rng.randbytes(1) + b"\x5f"
    return place + b"\x4e" + _value(rng) + b"\x4f"


def _object(rng: random.Random) -> bytes:
    return b"\x0c" + struct.pack(">I", rng.getrandbits(32))


def _number(rng: random.Random) -> int:
    return rng.choice((75, 77, 85, 111, 117, 187, rng.getrandbits(22)))


def _context(number: int, value: int) -> bytes:
    data = value.to_bytes(max(1, (value.bit_length() + 7) // 8))
    return bytes([number << 4 | 0x08 | len(data)]) + data


def _value(rng: random.Random, depth: int = 3) -> bytes:
    chance = rng.random()
    if chance < 0.75 or depth == 0:
        return _application(rng, rng.randrange(13))
    inner = b"".join(_value(rng, depth - 1) for _ in range(rng.randint(0, 4)))
    if chance < 0.9:
        return inner
    number = rng.randint(0, 14)
    return bytes([number << 4 | 0x0E]) + inner + bytes([number << 4 | 0x0F])


def _application(rng: random.Random, number: int) -> bytes:
    if number == 0:
        return b"\x00"
    if number == 1:
        return bytes([0x10 | rng.randrange(2)])
    sizes = {2: rng.randint(1, 4), 3: rng.randint(1, 4), 4: 4, 5: 8, 9: rng.randint(1, 2), 10: 4, 11: 4, 12: 4}
    data = rng.randbytes(sizes.get(number, rng.randint(1, 20)))
    if number == 7:
        data = bytes([rng.choice((0, 0, 1, 3, 4, 5, 99))]) + data
    if number == 8:
        data = bytes([rng.randrange(8)]) + data
    return _head(number, len(data)) + data


def _head(number: int, length: int, *, context: bool = False) -> bytes:
    """Tag number and length as clause 20.2.1 writes them."""
    first = 0x08 if context else 0
    extended = bytes([number]) if number > 14 else b""
    first |= min(number, 15) << 4
    if length < 5:
        return bytes([first | length]) + extended
    octets = (
        bytes([length])
        if length < 254
        else b"\xfe" + struct.pack(">H", length)
        if length < 65_536
        else b"\xff" + struct.pack(">I", length)
    )
    return bytes([first | 5]) + extended + octets


def _tag(rng: random.Random) -> bytes:
    number = rng.choice((0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 14, 15, 254, 255))
    chance = rng.random()
    if chance < 0.35:
        extended = bytes([number]) if number > 14 else b""
        return bytes([min(number, 15) << 4 | rng.choice((0x0E, 0x0F))]) + extended
    context = chance < 0.65
    if chance > 0.9:
        return _head(number, rng.choice(_LYING), context=context) + rng.randbytes(rng.randint(0, 9))
    length = rng.choice(_LENGTHS[:8])
    return _head(number, length, context=context) + rng.randbytes(length)


def _at(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data)) if data else 0


def _turn(rng: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    at = _at(rng, data)
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _overwrite(rng: random.Random, data: bytes) -> bytes:
    at = _at(rng, data)
    return (
        data[:at]
        + rng.choice((b"\xff", b"\xfe", b"\x00", b"\x05", b"\x0e", b"\x1f", rng.randbytes(1)))
        + data[at + 1 :]
    )


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: _at(rng, data)]


def _lose(rng: random.Random, data: bytes) -> bytes:
    at = _at(rng, data)
    return data[:at] + data[at + rng.randint(1, 8) :]


def _double(rng: random.Random, data: bytes) -> bytes:
    at = _at(rng, data)
    part = data[at : at + rng.randint(1, 30)]
    return data[:at] + part * rng.randint(2, 5) + data[at + len(part) :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = _at(rng, data)
    return data[:at] + rng.choice((rng.randbytes(rng.randint(1, 8)), _tag(rng))) + data[at:]


def _swap(rng: random.Random, data: bytes) -> bytes:
    first, second = sorted((_at(rng, data), _at(rng, data)))
    return data[second:] + data[first:second] + data[:first]


_DAMAGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _turn, _turn, _turn, _overwrite, _overwrite, _cut, _lose, _double, _insert, _swap,
)  # fmt: skip
