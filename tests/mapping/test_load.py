import errno
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.errors import MappingError
from bacnet_bridge.mapping import BrokenMappingError, Defaults, load, parse
from bacnet_bridge.mapping.keys import METER_KEYS, POINT_KEYS
from bacnet_bridge.mapping.load import LARGEST

DEFAULTS = Defaults("Europe/Dublin", 300)
OWN_ID = "give each meter its own id, as the platform lists them"
METER = "meters:\n  {name}: {{id: {name}, device: 1, value: AI1}}\n"


def _problems(folder: Path) -> list[str]:
    with pytest.raises(MappingError) as caught:
        load(folder, DEFAULTS)
    return str(caught.value).replace(str(folder), "F").splitlines()


def test_all_files_of_the_folder_and_below_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "c.YML").write_text(METER.format(name="c"))
    (tmp_path / "b.yaml").write_text(METER.format(name="b"))
    (tmp_path / "a.csv").write_text("id,device,field,object\na,1,value,AI1\n")
    for ignored in (".hidden.yaml", "~$lock.csv", "README.md"):
        (tmp_path / ignored).write_text("not a mapping")
    mapping = load(tmp_path, DEFAULTS)
    assert [meter.id for meter in mapping.meters] == ["a", "b", "c"]
    assert mapping.warnings == ()


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("meters:\n  A: {id: x, device: 1, value: AI1, what: 1}\n")
    (tmp_path / "b.csv").write_text("id;device;field;object\nx;one;value;AI1\n")
    assert _problems(tmp_path) == [
        "F/a.yaml:2:37: a meter has no key 'what'",
        f"F/b.csv:2:1: the id 'x' is already used, at F/a.yaml:2:11; {OWN_ID}",
        "F/b.csv:2:3: device: 'one' is not a device instance; write a whole number from 0 to 4194302",
    ]


def test_one_name_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(METER.format(name="a"))
    (tmp_path / "b.csv").write_text("meter;id;device;field;object\na;b;1;value;AI1\n")
    assert _problems(tmp_path) == [
        "F/b.csv:2:1: another meter is already called 'a', at F/a.yaml:2:3; give one of them another name"
    ]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    (problem,) = _problems(folder)
    assert problem == (
        "F is not there; make this folder with a YAML or CSV file in it (docs/mapping.md shows how; "
        "`bacnet-bridge discover` and `draft` begin one), or name the right one with `mapping:`"
    )
    folder.touch()
    assert _problems(folder) == ["F is not a folder; name the one that holds the mapping's YAML and CSV files"]


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    assert _problems(tmp_path) == ["F holds no .yaml, .csv or .xlsx file; docs/mapping.md shows how to write one"]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "nowhere.yaml")
    assert _problems(tmp_path) == [
        "F/a.yaml:1:1: the file cannot be read: No such file or directory; see to its permissions"
    ]


def test_a_folder_that_stays_shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)  # nothing is shut to root
    assert _problems(tmp_path) == ["F cannot be read: Permission denied; see to its permissions"]


def test_a_comma_without_quotes_within_braces() -> None:
    with pytest.raises(BrokenMappingError) as caught:
        parse([(Path("m.yaml"), b"meters:\n  A: {id: a, device: 1, value: {object: analog-input,1}}\n")], DEFAULTS)
    assert str(caught.value).splitlines()[1:] == [
        "m.yaml:2:54: a field has no key '1'; if it goes on a value with a comma, put the whole value into quotes",
    ]


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(LARGEST + 1)
    assert _problems(tmp_path) == ["F/a.yaml:1:1: the file has 10 MB, more than a mapping needs; split it"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("name", ["a.csv", "a.yaml"])
def test_encodings(tmp_path: Path, name: str, encoding: str) -> None:
    text = {
        "a.csv": "sep=;\r\nmeter;id;device;field;object;multiplier\r\nGröße;a;1;value;AI1;0,5\r\n;;;;;\r\n;;;;;\r\n",
        "a.yaml": "meters:\n  Größe: {id: a, device: 1, value: {object: AI1, multiplier: 0.5}}\n",
    }[name]
    (tmp_path / name).write_bytes(text.encode(encoding))
    mapping = load(tmp_path, DEFAULTS)
    assert [(meter.name, str(meter.points[0].multiplier)) for meter in mapping.meters] == [("Größe", "0.5")]
    guessed = [
        f"{tmp_path}/{name}:{'3:1' if name == 'a.csv' else '2:3'}: the file is not UTF-8 and is read as Windows-1252"
    ]
    assert [str(each).partition(", by which")[0] for each in mapping.warnings] == guessed * (encoding == "cp1252")


def test_an_older_spreadsheet_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(METER.format(name="a"))
    (tmp_path / "points.xls").touch()
    warnings = [str(warning) for warning in load(tmp_path, DEFAULTS).warnings]
    assert warnings == [
        f"{tmp_path}/points.xls:1:1: this spreadsheet is not read; save it as .xlsx or as CSV (UTF-8) beside it"
    ]


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "meters:\n", "meters: {}\n", "defaults:\n"])
def test_a_mapping_without_meters_is_sound_but_odd(content: str) -> None:
    mapping = parse([(Path("a.yaml"), content.encode())], DEFAULTS)
    assert mapping.meters == ()
    assert [str(warning) for warning in mapping.warnings] == [
        "there is no meter, so nothing will be read or sent; docs/mapping.md shows how to write one",
        "a.yaml:1:1: this file holds no meter; fill it, or take it away",
    ]


def test_a_mapping_of_drafts_alone_is_sound_but_odd() -> None:
    mapping = parse([(Path("a.yaml"), b"meters: {A: {device: 1, value: AI1}}")], DEFAULTS)
    assert [str(warning) for warning in mapping.warnings] == [
        "no meter has an id, so nothing will be read or sent; enter the platform's ids"
    ]


@pytest.mark.parametrize("content", ["", "id;device;field;object\n", "# nothing yet\n"])
def test_a_csv_file_without_meters_is_odd(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content)
    (tmp_path / "b.yaml").write_text(METER.format(name="b"))
    mapping = load(tmp_path, DEFAULTS)
    assert [str(warning) for warning in mapping.warnings] == [
        f"{tmp_path}/a.csv:1:1: this file holds no meter; fill it, or take it away"
    ]


@pytest.mark.parametrize(
    ("meters", "warnings"),
    [
        (
            "A: {id: a, device: 1, interval: 7 min, value: AI1}",
            ["1:42: the interval, 420 s, does not divide a day, so that every day's slots fall on other times"],
        ),
        ("A: {id: a, device: 1, interval: 1 day, value: AI1}", []),
        ("A: {id: a, device: 1, aP_1: AI1, c_1: AI1}", ["1:43: analog-input,1 present-value feeds aP_1 too"]),
        ("A: {id: a, device: 1, aP_1: AI1}, B: {id: b, device: 1, c_1: AI1}", []),
        ("A: {id: a, device: 1, pC_2: AI1}", ["1:32: pC_2 is the meter's only energy"]),
        ("A: {id: a, device: 1, aP_3: AI1, pC_1: AI2}", ["1:32: aP_3 is the meter's only active power"]),
        ("A: {id: a, device: 1, aP_1: AI1, pC_1: AI2}", []),
        ("A: {id: a, device: 1, aP_2: AI1, c_2: AI2}", []),
        ("A: {id: a, device: 1, aP_2: AI1, aP_3: AI2}", []),
    ],
)
def test_what_is_probably_not_meant(meters: str, warnings: list[str]) -> None:
    mapping = parse([(Path("a.yaml"), f"meters: {{{meters}}}".encode())], DEFAULTS)
    found = [str(each.place).removeprefix("a.yaml:") + f": {each.message}" for each in mapping.warnings]
    assert found == warnings


def test_a_site_s_interval_that_does_not_divide_a_day_is_told_once() -> None:
    meters = b"meters: {A: {id: a, device: 1, value: AI1}, B: {id: b, device: 1, value: AI1}}"
    mapping = parse([(Path("a.yaml"), meters)], Defaults("UTC", 7))
    (warning,) = mapping.warnings
    assert str(warning).startswith("the site's interval, 7 s, does not divide a day")


def _only_sound_or_a_sentence(name: str, content: bytes) -> None:
    problems: list[str] = []
    try:
        parse([(Path(name), content)], DEFAULTS)
    except BrokenMappingError as error:
        problems = str(error).split("\n")
    assert [line for line in problems if not re.match(rf"{name}:[1-9]\d*:[1-9]\d*: \S", line)] == []


SIGNS = ("id: a", "\n", "\n  ", "\n    ", ": ", ", ", "&a", "*a", "<<", "---", *"{}[];#²\"'")
TEXTS = ("meters", "defaults", "value", "aP_1", "sum", "AI1", "kW", "200/5", "1,3", "0", "-1")
WORDS = st.sampled_from([*METER_KEYS, *POINT_KEYS, *SIGNS, *TEXTS])


@given(st.text() | st.lists(WORDS).map("".join))
def test_any_yaml_is_sound_or_gets_sentences(text: str) -> None:
    _only_sound_or_a_sentence("m.yaml", text.encode("utf-8", "surrogatepass"))


@given(st.text() | st.lists(WORDS).map(lambda words: "meter;id;device;field;object;" + "".join(words)))
def test_any_csv_is_sound_or_gets_sentences(text: str) -> None:
    _only_sound_or_a_sentence("m.csv", text.encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_any_bytes_are_sound_or_get_sentences(content: bytes) -> None:
    _only_sound_or_a_sentence("m.yaml", content)
    _only_sound_or_a_sentence("m.csv", content)


KEYS = [*METER_KEYS, *(f"value: {{object: AI1, {name}" for name in POINT_KEYS)]


@given(st.sampled_from(KEYS), st.text(st.characters(exclude_categories=["C"], exclude_characters="'")))
def test_any_text_of_any_key_is_sound_or_gets_sentences(key: str, text: str) -> None:
    closing = "}" if "{" in key else ""
    _only_sound_or_a_sentence("m.yaml", f"meters:\n  A: {{{key}: '{text}'{closing}}}\n".encode())
