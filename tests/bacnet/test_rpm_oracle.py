"""rpm.py against bacpypes3's own encoder and decoder: whatever one of them writes, the other reads as the same."""

import struct
from dataclasses import dataclass
from typing import Any

import pytest
from bacpypes3 import basetypes, primitivedata
from bacpypes3.apdu import (
    APCISequence,
    ConfirmedRequestPDU,
    ReadPropertyACK,
    ReadPropertyMultipleACK,
)
from bacpypes3.basetypes import ErrorType, ReadAccessResult, ReadAccessResultElement, ReadAccessResultElementChoice
from bacpypes3.constructeddata import Any as AnyValue
from bacpypes3.constructeddata import ArrayOf, ListOf
from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.datum import Datum, Kind, Value
from bacnet_bridge.bacnet.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    Refusal,
    decode_read,
    decode_read_multiple,
    encode_read,
    encode_read_multiple,
)
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

object_ids = st.builds(ObjectId, st.integers(0, 1023), st.integers(0, 4_194_303))
numbers = st.one_of(st.sampled_from([75, 77, 85, 111, 117]), st.integers(0, 4_194_303))
indices = st.one_of(st.none(), st.integers(0, 300), st.integers(0, 2**32 - 1))
refs = st.builds(PropertyRef, object_ids, numbers, indices)


@dataclass(frozen=True)
class Element:
    """What stands under one property in an answer: as bacpypes3 writes it, and as we should read it."""

    written: Any
    read: Datum | Refusal | Kind
    """A Kind where only that is promised: a constructed value is not taken apart."""

    def matches(self, found: Datum | Refusal | None) -> bool:
        if isinstance(self.read, Kind):
            return isinstance(found, Datum) and found.kind is self.read
        return same(found, self.read)


def same(found: Datum | Refusal | None, wanted: Datum | Refusal) -> bool:
    """Equal, where a NaN equals a NaN and a zero keeps its sign."""
    if not (isinstance(found, Datum) and isinstance(wanted, Datum) and isinstance(wanted.value, float)):
        return found == wanted
    return found.kind is wanted.kind and repr(found.value) == repr(wanted.value)


def plain(kind: Kind, written: type, value: Any, read: Value) -> Element:
    return Element(AnyValue(written(value)), Datum(kind, read))


def named(wanted: ObjectId) -> primitivedata.ObjectIdentifier:
    return primitivedata.ObjectIdentifier((wanted.type, wanted.instance))


bits = st.lists(st.booleans(), max_size=70)
octets = st.binary(max_size=300)
dates = st.tuples(st.integers(0, 255), st.integers(1, 14), st.integers(1, 34), st.integers(1, 7))
times = st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 99))

applications = st.one_of(
    st.just(Element(AnyValue(primitivedata.Null(())), Datum(Kind.NULL, None))),
    st.booleans().map(lambda it: plain(Kind.BOOLEAN, primitivedata.Boolean, it, it)),
    st.integers(0, 2**32 - 1).map(lambda it: plain(Kind.UNSIGNED, primitivedata.Unsigned, it, it)),
    st.integers(-(2**31), 2**31 - 1).map(lambda it: plain(Kind.INTEGER, primitivedata.Integer, it, it)),
    st.floats(width=32).map(lambda it: plain(Kind.REAL, primitivedata.Real, it, it)),
    st.floats().map(lambda it: plain(Kind.DOUBLE, primitivedata.Double, it, it)),
    octets.map(lambda it: Element(AnyValue(primitivedata.OctetString(it)), Kind.OTHER)),
    st.text(max_size=120).map(lambda it: plain(Kind.TEXT, primitivedata.CharacterString, it, it)),
    bits.map(lambda it: plain(Kind.BITS, primitivedata.BitString, it, tuple(it))),
    st.integers(0, 2**32 - 1).map(lambda it: plain(Kind.ENUMERATED, primitivedata.Enumerated, it, it)),
    dates.map(lambda it: Element(AnyValue(primitivedata.Date(it)), Kind.OTHER)),
    times.map(lambda it: Element(AnyValue(primitivedata.Time(it)), Kind.OTHER)),
    object_ids.map(
        lambda it: Element(AnyValue(named(it)), Datum(Kind.OBJECT, it.type << 22 | it.instance)),
    ),
)
"""All thirteen application types of clause 20.2.1.4. bacpypes3 knows whole numbers of up to 32 bits only."""

lists = st.one_of(
    st.lists(object_ids, min_size=2, max_size=60).map(
        lambda them: ArrayOf(primitivedata.ObjectIdentifier)([named(it) for it in them])
    ),
    st.lists(st.text(max_size=9), min_size=2, max_size=9).map(ArrayOf(primitivedata.CharacterString)),
    st.lists(st.integers(0, 9), min_size=2, max_size=9).map(ListOf(primitivedata.Unsigned)),
    st.tuples(dates, times).map(lambda it: basetypes.DateTime(date=it[0], time=it[1])),
    st.just(
        basetypes.DailySchedule(
            daySchedule=[basetypes.TimeValue(time=(8, 0, 0, 0), value=basetypes.AnyAtomic(primitivedata.Real(21.0)))]
        )
    ),
    st.just(
        basetypes.DeviceObjectPropertyReference(
            objectIdentifier=("analog-input", 1),
            propertyIdentifier="present-value",
            propertyArrayIndex=5,
            deviceIdentifier=("device", 7),
        )
    ),
    st.just(basetypes.Prescale(multiplier=1, moduloDivide=10)),
).map(lambda it: Element(AnyValue(it), Kind.OTHER))

scales = st.one_of(
    st.floats(width=32, allow_nan=False).map(
        lambda it: Element(AnyValue(basetypes.Scale(floatScale=it)), Datum(Kind.CHOICE, struct.pack(">f", it), 0))
    ),
    st.integers(-9, 9).map(
        lambda it: Element(
            AnyValue(basetypes.Scale(integerScale=it)), Datum(Kind.CHOICE, it.to_bytes(1, signed=True), 1)
        )
    ),
)

refusals = st.builds(
    lambda error_class, code: Element(
        ErrorType(errorClass=basetypes.ErrorClass(error_class), errorCode=basetypes.ErrorCode(code)),
        Refusal(error_class, code),
    ),
    st.integers(0, 65_535),
    st.integers(0, 65_535),
)

elements = st.one_of(applications, lists, scales, refusals)
answers = st.dictionaries(refs, elements, max_size=25)


def acknowledged(answer: dict[PropertyRef, Element]) -> bytes:
    """bacpypes3's ReadPropertyMultiple-ACK, one access result for each property."""
    ack = ReadPropertyMultipleACK(
        listOfReadAccessResults=[
            ReadAccessResult(objectIdentifier=named(ref.object), listOfResults=[_result(ref, element)])
            for ref, element in answer.items()
        ]
    )
    return bytes(ack.encode().pduData)


def grouped(wanted: ObjectId, answer: dict[PropertyRef, Element]) -> bytes:
    """The same for one object, all in one access result."""
    results = [_result(ref, element) for ref, element in answer.items()]
    ack = ReadPropertyMultipleACK(
        listOfReadAccessResults=[ReadAccessResult(objectIdentifier=named(wanted), listOfResults=results)]
    )
    return bytes(ack.encode().pduData)


def _result(ref: PropertyRef, element: Element) -> ReadAccessResultElement:
    choice = "propertyAccessError" if isinstance(element.read, Refusal) else "propertyValue"
    return ReadAccessResultElement(
        propertyIdentifier=basetypes.PropertyIdentifier(ref.property),
        propertyArrayIndex=ref.index,
        readResult=ReadAccessResultElementChoice(**{choice: element.written}),
    )


@settings(deadline=None)  # a busy machine is no failure
@given(answers)
def test_several_values_written_by_the_oracle(answer: dict[PropertyRef, Element]) -> None:
    found = decode_read_multiple(acknowledged(answer))
    assert list(found) == list(answer)
    assert [ref for ref, element in answer.items() if not element.matches(found[ref])] == []


@settings(deadline=None)  # a busy machine is no failure
@given(object_ids, st.dictionaries(st.tuples(numbers, indices), elements, min_size=1, max_size=12))
def test_several_values_of_one_object_written_by_the_oracle(
    wanted: ObjectId, by_property: dict[tuple[int, int | None], Element]
) -> None:
    answer = {PropertyRef(wanted, *place): element for place, element in by_property.items()}
    found = decode_read_multiple(grouped(wanted, answer))
    assert list(found) == list(answer)
    assert [ref for ref, element in answer.items() if not element.matches(found[ref])] == []


@settings(deadline=None)  # a busy machine is no failure
@given(refs, st.one_of(applications, lists, scales))
def test_one_value_written_by_the_oracle(ref: PropertyRef, element: Element) -> None:
    ack = ReadPropertyACK(
        objectIdentifier=named(ref.object),
        propertyIdentifier=basetypes.PropertyIdentifier(ref.property),
        propertyArrayIndex=ref.index,
        propertyValue=element.written,
    )
    answered, datum = decode_read(bytes(ack.encode().pduData))
    assert answered == ref
    assert element.matches(datum)


@settings(deadline=None)  # a busy machine is no failure
@given(refs)
def test_a_request_read_by_the_oracle(ref: PropertyRef) -> None:
    request = APCISequence.decode(ConfirmedRequestPDU(READ_PROPERTY, None, encode_read(ref)))
    assert _reference(request.objectIdentifier, request) == ref


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(refs, min_size=1, max_size=40))
def test_a_request_for_several_read_by_the_oracle(wanted: list[PropertyRef]) -> None:
    request = APCISequence.decode(ConfirmedRequestPDU(READ_PROPERTY_MULTIPLE, None, encode_read_multiple(wanted)))
    asked = [
        _reference(specification.objectIdentifier, reference)
        for specification in request.listOfReadAccessSpecs
        for reference in specification.listOfPropertyReferences
    ]
    assert asked == wanted


def _reference(wanted: Any, holder: Any) -> PropertyRef:
    index = holder.propertyArrayIndex
    kind, instance = wanted
    return PropertyRef(
        ObjectId(int(kind), int(instance)), int(holder.propertyIdentifier), None if index is None else int(index)
    )


@pytest.mark.parametrize("encoding", [0, 3, 4, 5])
@settings(deadline=None)  # a busy machine is no failure
@given(text=st.text(alphabet=st.characters(max_codepoint=0xFF, exclude_categories=["Cs"]), max_size=40))
def test_character_strings_in_every_encoding(encoding: int, text: str) -> None:
    """Clause 20.2.9. bacpypes3 writes UTF-8 only: the text is Python's own encoding."""
    codec = {0: "utf-8", 3: "utf-32-be", 4: "utf-16-be", 5: "latin-1"}[encoding]
    content = bytes([encoding]) + text.encode(codec)
    tag = primitivedata.Tag(primitivedata.TagClass.application, 7, len(content), content)
    tags = primitivedata.TagList([tag])
    head = bytes.fromhex("0C 00000005 19 55 3E")
    assert decode_read(head + bytes(tags.encode().pduData) + b"\x3f")[1] == Datum(Kind.TEXT, text)


@settings(deadline=None)  # a busy machine is no failure
@given(refs, elements, refs, elements)
def test_no_cut_answer_passes_for_a_whole_one(
    first: PropertyRef, one: Element, second: PropertyRef, other: Element
) -> None:
    """Whatever is cut off a datagram: what is still read is right, and never something else."""
    answer = {first: one, second: other}
    data = acknowledged(answer)
    for end in range(min(len(data), 400)):
        try:
            found = decode_read_multiple(data[:end])
        except ValueError:
            continue
        assert all(ref in answer and answer[ref].matches(datum) for ref, datum in found.items())
