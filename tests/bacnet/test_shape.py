"""A shape gives what rpm.py would give, or nothing at all."""

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.rpm import DecodeError, results
from bacnet_bridge.bacnet.shape import Shape

VALUES = st.one_of(
    st.floats(width=32).map(lambda value: b"\x44" + struct.pack(">f", value)),
    st.floats().map(lambda value: b"\x55\x08" + struct.pack(">d", value)),
    st.integers(0, 15).map(lambda flags: bytes([0x82, 4, flags << 4])),
    st.integers(0, 2**32 - 1).map(lambda count: b"\x24" + count.to_bytes(4)),
    st.integers(0, 255).map(lambda state: bytes([0x91, state])),
    st.just(b"\x00"),
    st.just(b"\x3e\x91\x05\x3f"),
    st.binary(min_size=1, max_size=4),
)
ERRORS = st.integers(0, 200).map(lambda code: b"\x91\x02\x91" + bytes([code]))


def element(number: int, content: bytes, *, error: bool) -> bytes:
    opening, closing = (b"\x5e", b"\x5f") if error else (b"\x4e", b"\x4f")
    return bytes([0x29, number]) + opening + content + closing


def answer(contents: list[tuple[bytes, bool]]) -> bytes:
    parts = [element(number % 256, content, error=error) for number, (content, error) in enumerate(contents)]
    return b"\x0c\x00\x00\x00\x07\x1e" + b"".join(parts) + b"\x1f"


CONTENTS = st.lists(
    st.one_of(st.tuples(VALUES, st.just(False)), st.tuples(ERRORS, st.just(True))), min_size=1, max_size=6
)


def same_as_decoded(shape: Shape, data: bytes, order: list[object]) -> None:
    found = shape.values(data)
    if found is None:
        return
    elements = list(results(data))
    assert [each.ref for each in elements] == order
    assert [repr(each.found) for each in elements] == [repr(each) for each in found]


def shape_of(data: bytes) -> tuple[Shape, list[object]] | None:
    try:
        elements = list(results(data))
        return Shape(data, elements), [each.ref for each in elements]
    except DecodeError:
        return None


@given(CONTENTS, CONTENTS)
@settings(max_examples=300)
def test_any_other_answer_is_decoded_alike_or_left_alone(
    first: list[tuple[bytes, bool]], second: list[tuple[bytes, bool]]
) -> None:
    made = shape_of(answer(first))
    if made is None:
        return
    same_as_decoded(*made[:1], answer(first), made[1])
    same_as_decoded(*made[:1], answer(second), made[1])


@given(CONTENTS, st.data())
@settings(max_examples=500)
def test_changed_octets_are_decoded_alike_or_left_alone(
    contents: list[tuple[bytes, bool]], data: st.DataObject
) -> None:
    """Among them values that hold closing tags, and answers about other objects, properties and indices."""
    encoded = answer(contents)
    made = shape_of(encoded)
    if made is None:
        return
    changed = bytearray(encoded)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(
            st.one_of(st.sampled_from(b"\x1e\x1f\x4e\x4f\x5e\x5f\xff"), st.integers(0, 255))
        )
    same_as_decoded(*made[:1], bytes(changed), made[1])


def test_the_same_shape_is_taken_and_another_is_not() -> None:
    first, second, third = (
        answer([(b"\x44" + struct.pack(">f", value), False), (b"\x82\x04\x00", False)]) for value in (1.5, 2.5, 3.5)
    )
    made = shape_of(first)
    assert made is not None
    found = made[0].values(second)
    assert found is not None
    assert [each.value for each in found] == [2.5, (False,) * 4]  # type: ignore[union-attr]
    assert made[0].values(third.replace(b"\x0c\x00\x00\x00\x07", b"\x0c\x00\x00\x00\x08")) is None
    assert made[0].values(third.replace(b"\x29\x00", b"\x29\x55")) is None
    assert made[0].values(third + b"\x00") is None
