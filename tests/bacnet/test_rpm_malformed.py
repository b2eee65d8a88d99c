"""A value whose octets cannot be its type costs itself, never the values beside it in the same answer."""

import pytest

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.rpm import decode_read_multiple
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

AI5 = ObjectId(0, 5)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("20", id="an unsigned number without octets"),
        pytest.param("25 09 010000000000000000", id="an unsigned number of nine octets"),
        pytest.param("30", id="an integer without octets"),
        pytest.param("90", id="an enumeration without octets"),
        pytest.param("95 09 010000000000000000", id="an enumeration of nine octets"),
        pytest.param("12", id="a boolean that is neither true nor false"),
        pytest.param("17", id="a boolean that is far from both"),
        pytest.param("42 0000", id="a Real of two octets"),
        pytest.param("54 00000000", id="a Double of four octets"),
        pytest.param("70", id="a text without its encoding"),
        pytest.param("80", id="bits without their count"),
        pytest.param("82 08 F0", id="more unused bits than an octet has"),
        pytest.param("81 04", id="unused bits of no octet"),
        pytest.param("C2 0000", id="an object identifier of two octets"),
        pytest.param("D0", id="an application type that does not exist"),
    ],
)
def test_it_costs_only_itself(value: str) -> None:
    answer = f"0C 00000005 1E 29 55 4E 44 4290999A 4F 29 57 4E {value} 4F 29 67 4E 91 00 4F 1F"
    found = decode_read_multiple(bytes.fromhex(answer))
    spoiled = found.pop(PropertyRef(AI5, 87))
    assert isinstance(spoiled, Datum)
    assert spoiled.kind is Kind.OTHER
    assert {ref.property: datum.kind for ref, datum in found.items() if isinstance(datum, Datum)} == {
        85: Kind.REAL,
        103: Kind.ENUMERATED,
    }


def test_no_bits_are_bits() -> None:
    found = decode_read_multiple(bytes.fromhex("0C 00000005 1E 29 55 4E 81 00 4F 1F"))
    assert found == {PropertyRef(AI5, 85): Datum(Kind.BITS, ())}
