import contextlib

import pytest
from bacpypes3.basetypes import ObjectType, PropertyIdentifier
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.vocabulary.objects import (
    ABBREVIATIONS,
    COUNTERS,
    MAX_INSTANCE,
    NO_NUMBERS,
    OBJECT_TYPES,
    PROPERTIES,
    SCALARS,
    STATES,
    WITHOUT_VALUE,
    ObjectId,
    parse_object,
    parse_property,
    property_name,
)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        *[(text, ObjectId(0, 1)) for text in ("analog-input,1", "AI1", "ai1", "AI-1", "AI 1", "AI:1", "0,1", "0:1")],
        *[
            (text, ObjectId(0, 1))
            for text in ("analogInput:1", "Analog Input 1", "analog_input.1", " analog-input, 1 ")
        ],
        *[(text, ObjectId(23, 7)) for text in ("accumulator,7", "ACC7", "23,7")],
        *[("LAV2", ObjectId(46, 2)), ("MSI3", ObjectId(13, 3)), ("MV3", ObjectId(19, 3)), ("PC1", ObjectId(24, 1))],
        *[("200,5", ObjectId(200, 5)), ("AI4194302", ObjectId(0, MAX_INSTANCE)), ("AI0", ObjectId(0, 0))],
    ],
)
def test_what_people_write(text: str, identifier: ObjectId) -> None:
    assert parse_object(text) == identifier


@pytest.mark.parametrize("number", OBJECT_TYPES)
def test_every_type_is_found_by_its_own_text(number: int) -> None:
    assert parse_object(str(ObjectId(number, 12))) == ObjectId(number, 12)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "'' is not an object; write a type and an instance, like analog-input,1 or AI1"),
        ("AI", "'AI' is not an object; write a type and an instance, like analog-input,1 or AI1"),
        ("12", "'12' is not an object; write a type and an instance, like analog-input,1 or AI1"),
        ("AI1.5", "'AI1.5' is not an object"),
        ("XY3", "object type 'XY' is unknown; write one like analog-input or AI, or its number"),
        ("acumulator,1", "object type 'acumulator' is unknown; did you mean accumulator?"),
        ("AI4194303", "instance 4194303 is larger than BACnet allows (4194302)"),
        ("1024,1", "object type 1024 is larger than BACnet allows (1023)"),
    ],
)
def test_what_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"object|instance") as caught:
        parse_object(text)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(("text", "number"), [("present-value", 85), ("presentValue", 85), ("85", 85), ("9999", 9999)])
def test_properties(text: str, number: int) -> None:
    assert parse_property(text) == number


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("presentvalu", "property 'presentvalu' is unknown; did you mean present-value?"),
        ("zzz", "property 'zzz' is unknown; its number also works"),
        ("4194304", "property 4194304 is larger than BACnet allows (4194303)"),
        ("²", "property '²' is unknown; its number also works"),
    ],
)
def test_properties_that_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="property") as caught:
        parse_property(text)
    assert str(caught.value) == sentence


def test_numbers_and_names_are_those_of_another_stack() -> None:
    types, properties = ObjectType._asn1_map, PropertyIdentifier._asn1_map
    assert {number: name for number, name in OBJECT_TYPES.items() if types.get(number, name) != name} == {}
    assert {number: name for number, name in PROPERTIES.items() if properties.get(number) != name} == {}


def test_the_groups_hold_known_numbers() -> None:
    assert {*COUNTERS, *STATES, *WITHOUT_VALUE, *ABBREVIATIONS.values()} <= set(OBJECT_TYPES)
    assert set(PROPERTIES) >= SCALARS | NO_NUMBERS
    assert not WITHOUT_VALUE & (COUNTERS | STATES)


def test_names_for_messages() -> None:
    assert property_name(85) == "present-value"
    assert property_name(512) == "512"
    assert str(ObjectId(300, 4)) == "300,4"


@given(st.text())
def test_any_text_gives_an_object_or_a_sentence(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_object(text).instance <= MAX_INSTANCE
    with contextlib.suppress(ValueError):
        assert parse_property(text) >= 0
