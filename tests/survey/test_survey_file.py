"""What is written is read back to the last character; what is no survey is refused with a sentence."""

import dataclasses
import json
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.errors import SurveyError
from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.survey.file import document, from_document, read, write
from bacnet_bridge.survey.model import FoundDevice, FoundNetwork, FoundObject, Survey, Trend, Unread, Value
from bacnet_bridge.vocabulary.objects import ObjectId

_CHARACTERS = st.characters(exclude_categories=["Cs"])
_TYPES: dict[Any, Any] = {
    str: st.text(_CHARACTERS, max_size=8),
    ObjectId: st.builds(ObjectId, st.integers(0, 1023), st.integers(0, 4_194_303)),
    float: st.floats(allow_nan=False),
    int: st.integers(0, 1 << 64),
}
for _model in (Unread, Value, LoggedProperty, Trend, FoundObject, FoundDevice, FoundNetwork, Survey):
    st.register_type_strategy(
        _model,
        lambda made: st.builds(made, **{name: _strategy(hint) for name, hint in get_type_hints(made).items()}),
    )


def _strategy(hint: Any) -> Any:
    if get_origin(hint) is UnionType:
        return st.one_of(*(st.none() if each is type(None) else _strategy(each) for each in get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(_strategy(get_args(hint)[0]), max_size=2).map(tuple)
    return _TYPES[hint] if hint in _TYPES else st.from_type(hint)


@given(st.from_type(Survey))
def test_a_survey_survives_its_file(survey: Survey) -> None:
    assert from_document(json.loads(json.dumps(document(survey)))) == survey


def test_a_file_is_written_whole_and_read_by_its_folder(tmp_path: Path) -> None:
    survey = Survey(1, 2, finished=True, devices=(FoundDevice(7, "10.0.0.7", name="[red]Ü\x07\n"),))
    write(tmp_path / "made" / "survey.json", survey)
    assert read(tmp_path / "made") == survey
    assert [each.name for each in (tmp_path / "made").iterdir()] == ["survey.json"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", '"format"'),
        (b'{"format": "bacnet-bridge survey", "version": 2}', "version 2"),
        (b'{"format": "bacnet-bridge survey", "version": 1}', "survey is a NoneType"),
        (b'{"format": "bacnet-bridge survey", "version": 1, "survey": {}}', "survey has no 'began'"),
        (
            (
                b'{"format": "bacnet-bridge survey", "version": 1, "survey":'
                b'{"began": 1, "ended": 1, "finished": true, "devices": [{"instance": "x", "address": "a"}]}}'
            ),
            r"survey.devices\[0\].instance is a str",
        ),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_survey_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "survey.json").write_bytes(content)
    with pytest.raises(SurveyError, match=says):
        read(tmp_path)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match="there is no survey"):
        read(tmp_path / "none")
    with pytest.raises(SurveyError, match="cannot be written"):
        write(Path("/dev/null/survey.json"), Survey(1, 2, finished=True))


def test_fields_of_a_later_reader_are_passed_over() -> None:
    said = document(Survey(1, 2, finished=True))
    said["survey"]["colour"] = "red"
    assert from_document(said) == Survey(1, 2, finished=True)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (Value("real", "21.3"), Decimal("21.3")),
        (Value("real", "nan"), None),
        (Value("real", "-inf"), None),
        (Value("character string", "12"), None),
        (Value("enumerated", "1"), Decimal(1)),
    ],
)
def test_numbers_are_exact(value: Value, number: Decimal | None) -> None:
    assert value.number == number


def test_states_have_texts() -> None:
    states = FoundObject(ObjectId(19, 1), value=Value("unsigned", "2"), states=("Off", "On"))
    assert states.value_text == "On"
    assert dataclasses.replace(states, value=Value("unsigned", "9")).value_text == "9"
    assert FoundObject(ObjectId(3, 1), value=Value("enumerated", "1"), states=("off", "on")).value_text == "on"


def test_two_devices_of_one_instance_are_a_conflict() -> None:
    one, other, third = FoundDevice(7, "10.0.0.7"), FoundDevice(7, "10.0.0.8"), FoundDevice(8, "10.0.0.8")
    assert Survey(1, 2, finished=True, devices=(one, other, third)).conflicts == {7: (one, other)}
