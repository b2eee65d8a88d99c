import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.rpm import (
    DecodeError,
    Refusal,
    decode_read,
    decode_read_multiple,
    encode_read,
    encode_read_multiple,
)
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

AI5, AI16 = ObjectId(0, 5), ObjectId(0, 16)


def test_the_standards_own_read() -> None:
    """Annex F.3.5."""
    assert encode_read(PropertyRef(AI5, 85)) == bytes.fromhex("0C 00000005 19 55")
    answer = bytes.fromhex("0C 00000005 19 55 3E 44 4290999A 3F")
    ref, datum = decode_read(answer)
    assert ref == PropertyRef(AI5, 85)
    assert datum == Datum(Kind.REAL, struct.unpack(">f", bytes.fromhex("4290999A"))[0])


def test_the_standards_own_read_of_several() -> None:
    """Annex F.3.7."""
    refs = [PropertyRef(AI16, 85), PropertyRef(AI16, 103)]
    assert encode_read_multiple(refs) == bytes.fromhex("0C 00000010 1E 09 55 09 67 1F")
    answer = bytes.fromhex("0C 00000010 1E 29 55 4E 44 4290999A 4F 29 67 4E 91 00 4F 1F")
    assert list(decode_read_multiple(answer)) == refs
    assert decode_read_multiple(answer)[refs[1]] == Datum(Kind.ENUMERATED, 0)


def test_index_and_large_numbers_in_a_request() -> None:
    ref = PropertyRef(ObjectId(1000, 4_194_302), 70_000, 300)
    assert encode_read(ref) == bytes.fromhex("0C FA3FFFFE 1B 011170 2A 012C")
    assert encode_read_multiple([ref]) == bytes.fromhex("0C FA3FFFFE 1E 0B 011170 1A 012C 1F")


def test_errors_stand_beside_values() -> None:
    answer = bytes.fromhex("0C 00000005 1E 29 55 5E 91 02 91 20 5F 29 6F 3A 0001 4E 82 04 F0 4F 1F")
    assert decode_read_multiple(answer) == {
        PropertyRef(AI5, 85): Refusal(2, 32),
        PropertyRef(AI5, 111, 1): Datum(Kind.BITS, (True, True, True, True)),
    }
    assert str(Refusal(2, 32)) == "unknown-property"
    assert str(Refusal(9, 999)) == "error 9/999"


@pytest.mark.parametrize(
    ("value", "datum"),
    [
        ("00", Datum(Kind.NULL, None)),
        ("10", Datum(Kind.BOOLEAN, False)),
        ("11", Datum(Kind.BOOLEAN, True)),
        ("21 48", Datum(Kind.UNSIGNED, 72)),
        ("25 08 8000000000000000", Datum(Kind.UNSIGNED, 2**63)),
        ("31 B8", Datum(Kind.INTEGER, -72)),
        ("44 7F800000", Datum(Kind.REAL, float("inf"))),
        ("55 08 4052000000000000", Datum(Kind.DOUBLE, 72.0)),
        ("75 06 00 48656C6C6F", Datum(Kind.TEXT, "Hello")),
        ("75 05 04 00480069", Datum(Kind.TEXT, "Hi")),
        ("72 05 E9", Datum(Kind.TEXT, "é")),
        ("82 06 C0", Datum(Kind.BITS, (True, True))),
        ("91 03", Datum(Kind.ENUMERATED, 3)),
        ("C4 00C0000F", Datum(Kind.OBJECT, 3 << 22 | 15)),
        ("A4 5B011804", Datum(Kind.OTHER, bytes.fromhex("5B011804"))),
        ("0C 3DCCCCCD", Datum(Kind.CHOICE, bytes.fromhex("3DCCCCCD"), 0)),
        ("19 FE", Datum(Kind.CHOICE, b"\xfe", 1)),
        ("43 000000", Datum(Kind.OTHER, b"\x00\x00\x00")),
        ("21 01 21 02", Datum(Kind.OTHER, b"\x21\x01\x21\x02")),
        ("2E 3E 21 05 3F 2F", Datum(Kind.OTHER, bytes.fromhex("2E 3E 21 05 3F 2F"))),
        ("", Datum(Kind.OTHER, b"")),
    ],
)
def test_values_by_their_tags(value: str, datum: Datum) -> None:
    answer = bytes.fromhex(f"0C 00000005 19 55 3E {value} 3F")
    assert decode_read(answer)[1] == datum
    several = bytes.fromhex(f"0C 00000005 1E 29 55 4E {value} 4F 29 57 4E 21 07 4F 1F")
    assert decode_read_multiple(several) == {
        PropertyRef(AI5, 85): datum,
        PropertyRef(AI5, 87): Datum(Kind.UNSIGNED, 7),
    }


@pytest.mark.parametrize(
    "answer",
    [
        "0C",
        "0C 00000005",
        "0C 00000005 1E",
        "0C 00000005 1E 29 55 4E 44 00",
        "0C 00000005 1E 29 55 4E 44 00000000 5F 1F",
        "0C 00000005 1E 29 55 6E 6F 1F",
        "0C 00000005 1E 29 55 5E 91 02 5F 1F",
        "0B 000005 1E 1F",
        "0C 00000005 1E 29 55 4E 75 FF FFFFFFFF 00 4F 1F",
        "0C 00000005 1E 29 55 4E 26 4F 1F",
    ],
)
def test_what_is_no_answer_is_an_error(answer: str) -> None:
    with pytest.raises(DecodeError):
        decode_read_multiple(bytes.fromhex(answer))


@given(st.binary(max_size=60), st.integers(0, 40))
def test_crafted_bytes_end_in_values_or_a_decode_error(noise: bytes, at: int) -> None:
    good = bytes.fromhex("0C 00000005 1E 29 55 4E 44 4290999A 4F 29 67 4E 91 00 4F 1F")
    for crafted in (noise, good[:at] + noise, good[:at] + noise + good[at:]):
        for decode in (decode_read, decode_read_multiple):
            try:
                decode(crafted)
            except DecodeError:
                continue
