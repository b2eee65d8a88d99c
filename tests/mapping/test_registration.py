"""The sheet for the platform's staff, and the ids that come back: into the files, in place, or not at all."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from bacnet_bridge.errors import MappingError
from bacnet_bridge.mapping import Defaults, load
from bacnet_bridge.mapping.ids import with_ids
from bacnet_bridge.mapping.registration import Merge, merge, write
from bacnet_bridge.mapping.sheet import COLUMNS, key_of, lacking_unit, write_sheet
from bacnet_bridge.vocabulary.objects import parse_object

DEFAULTS = Defaults("Europe/Dublin", 300)
YAML = """\
# Ground floor
meters:
  Main: {device: 1, aP_1: AI1, pC_1: AI2}   # flow
  Gas:
    # from the utility
    device: 2
    interval: 15 min
    value: {object: ACC1, unit: m³}
    as: index
  Old: {id: old, device: 3, value: AI1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mapping"
    made.mkdir()
    (made / "a.yaml").write_text(YAML)
    return made


def sheet(folder: Path, *rows: tuple[str, str], columns: str = "key;id") -> Path:
    file = folder.parent / "back.csv"
    file.write_text("\n".join([columns, *(f"{key};{identifier}" for key, identifier in rows)]))
    return file


def merged(folder: Path, *rows: tuple[str, str], **more: str) -> Merge:
    return merge(folder, sheet(folder, *rows, **more), DEFAULTS, {"default"})


def test_the_sheet_says_what_the_staff_need(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(write_sheet(load(folder, DEFAULTS).drafts))))
    assert [tuple(row) for row in rows] == [COLUMNS, COLUMNS]
    assert rows[1] == {
        "key": key_of("Gas"),
        "name": "Gas",
        "kind": "value, index",
        "unit": "m³",
        "interval_s": "900",
        "zone": "Europe/Dublin",
        "fields": "value",
        "account": "default",
        "id": "",
    }
    assert (rows[0]["kind"], rows[0]["unit"], rows[0]["fields"]) == ("electrical", "W Wh", "aP_1 pC_1")


def test_a_unit_that_the_mapping_does_not_state_is_what_the_object_claims(folder: Path) -> None:
    (folder / "a.yaml").write_text(
        "meters:\n"
        "  Stated: {device: 1, value: {object: AI1, unit: m³}}\n"
        "  Claimed: {device: 1, value: AI1}\n"
        "  Sum: {device: 1, value: {sum: [AI1, AI2]}}\n"
        "  Multiplied: {device: 1, value: {object: AI1, multiplier: 0.001}}\n"
        "  Elsewhere: {device: 2, value: AI1}\n"
        "  Electrical: {device: 1, aP_1: AI1}\n"
    )
    drafts = load(folder, DEFAULTS).drafts
    claimed = {(1, parse_object("AI1")): "kWh", (1, parse_object("AI2")): "kWh"}
    rows = csv.DictReader(io.StringIO(write_sheet(drafts, claimed)))
    assert {row["name"]: row["unit"] for row in rows} == {
        "Stated": "m³",
        "Claimed": "kWh",
        "Sum": "kWh",
        "Multiplied": "",
        "Elsewhere": "",
        "Electrical": "W",
    }
    lacking = [draft.name for draft in drafts if draft.meter and lacking_unit(draft.meter, claimed)]
    assert lacking == ["Multiplied", "Elsewhere"]


def test_a_key_is_nothing_that_a_spreadsheet_would_change() -> None:
    keys = {key_of(str(number)) for number in range(10_000)}
    assert len(keys) == 10_000
    assert all(key.startswith("bb-") and key[3:].isalpha() and key == key.lower() for key in keys)
    assert key_of("Gas") == "bb-" + key_of("Gas")[3:]
    assert key_of("Gas") != key_of("gas")


def test_a_name_that_a_spreadsheet_would_compute_stays_a_text(folder: Path) -> None:
    (folder / "a.yaml").write_text('meters:\n  "=1+1": {device: 1, value: AI1}\n')
    (row,) = csv.DictReader(io.StringIO(write_sheet(load(folder, DEFAULTS).drafts)))
    assert row["name"] == "'=1+1"
    found = merged(folder, (row["key"], "x"))
    assert found.ids == {"=1+1": "x"}


def test_ids_come_into_the_files_in_place(folder: Path) -> None:
    found = merged(folder, (key_of("Gas"), "gas-7"), (key_of("Main"), "0123"))
    write(found)
    after = (folder / "a.yaml").read_text()
    assert after == YAML.replace("{device: 1", '{id: "0123", device: 1').replace(
        "    device: 2", "    id: gas-7\n    device: 2"
    )
    mapping = load(folder, DEFAULTS)
    assert {meter.name: meter.id for meter in mapping.meters} == {"Main": "0123", "Gas": "gas-7", "Old": "old"}
    again = merged(folder, (key_of("Gas"), "gas-7"), (key_of("Main"), ""))
    assert (again.ids, again.there, again.blank, again.after) == ({}, ["Gas"], ["Main"], {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("meters:\n  A: {}\n", "meters:\n  A: {id: x}\n"),
        ("meters:\r\n  A:\r\n    value: AI1\r\n", "meters:\r\n  A:\r\n    id: x\r\n    value: AI1\r\n"),
        ("meters:\n  A:\n    id:\n    value: AI1\n", "meters:\n  A:\n    id: x\n    value: AI1\n"),
        ("meters:\n  A:\n    id: ~  # later\n", "meters:\n  A:\n    id: x  # later\n"),
        ("meters:\n  A: {value: AI1, id: }\n", "meters:\n  A: {value: AI1, id: x }\n"),
        ("meters:\n  A: {id: '', value: AI1}\n", "meters:\n  A: {id: x, value: AI1}\n"),
        ("meters: {A: {value: AI1}, B: {value: AI2}}\n", "meters: {A: {id: x, value: AI1}, B: {value: AI2}}\n"),
        ('meters:\n  "A":\n\n    # why\n    value: AI1\n', 'meters:\n  "A":\n\n    # why\n    id: x\n    value: AI1\n'),
        ("meters:\n  A:\n    # id:\n    value: AI1\n", "meters:\n  A:\n    id: x\n    value: AI1\n"),
        ("# nothing\n", "# nothing\n"),
        ("", ""),
    ],
)
def test_yaml_is_edited_in_place(before: str, after: str) -> None:
    assert with_ids(before, Path("a.yaml"), {"A": "x"}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("meter;id;object\nA;;AI1\n;;AI2\nB;b;AI1\n", "meter;id;object\nA;x;AI1\n;;AI2\nB;b;AI1\n"),
        ("meter,device\r\nA,1\r\nA,1\r\n", "meter,device,id\r\nA,1,x\r\nA,1\r\n"),
        ("sep=;\nmeter;device;id\nA;1\n", "sep=;\nmeter;device;id\nA;1;x\n"),
        ('# A;old\n"id";"Meter"\n"";"A"\n', '# A;old\n"id";"Meter"\nx;"A"\n'),
        ("meter;device;\nA;1;\n", "meter;device;;id\nA;1;;x\n"),
        ("id;device\n;1\n", "id;device\n;1\n"),
    ],
)
def test_csv_is_edited_in_place(before: str, after: str) -> None:
    assert with_ids(before, Path("a.csv"), {"A": "x"}) == after


def test_an_id_with_the_delimiter_is_quoted() -> None:
    assert with_ids("meter;id\nA;\n", Path("a.csv"), {"A": "x;y"}) == 'meter;id\nA;"x;y"\n'


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("bb-unknown", "x")], "no meter of the mapping has the key 'bb-unknown'; was it renamed"),
        ([("", "x")], "stands in a row without our key"),
        ([(key_of("Gas"), "old")], "the id 'old' is 'Old''s already"),
        ([(key_of("Gas"), "x"), (key_of("Main"), "x")], "the id 'x' is 'Gas''s already"),
        ([(key_of("Gas"), "x"), (key_of("Gas"), "y")], "another id in an earlier row"),
        ([(key_of("Old"), "new")], "'Old' has the id old; another one is a change"),
        ([(key_of("Gas"), "1,2E+12")], "a number that a spreadsheet has shortened"),
        ([(key_of("Gas"), "a b")], "contains a blank"),
    ],
)
def test_what_is_wrong_in_the_sheet_leaves_every_file_alone(
    folder: Path, rows: list[tuple[str, str]], words: str
) -> None:
    with pytest.raises(MappingError) as caught:
        merged(folder, *rows)
    assert words in str(caught.value)
    assert (folder / "a.yaml").read_text() == YAML


def test_a_sheet_that_is_none_is_told(folder: Path) -> None:
    with pytest.raises(MappingError, match="no columns key and id"):
        merged(folder, columns="a;b")
    (folder.parent / "back.csv").write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(MappingError, match="is no CSV file"):
        merge(folder, folder.parent / "back.csv", DEFAULTS, {"default"})
    with pytest.raises(MappingError, match="cannot be read"):
        merge(folder, folder.parent / "none.csv", DEFAULTS, {"default"})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_sheet_comes_back_in_any_encoding(folder: Path, encoding: str) -> None:
    file = folder.parent / "back.csv"
    file.write_bytes(f"name;key;id\nZähler;{key_of('Gas')};gas-7\n".encode(encoding))
    assert merge(folder, file, DEFAULTS, {"default"}).ids == {"Gas": "gas-7"}


def test_a_byte_order_mark_and_a_file_mode_stay(folder: Path) -> None:
    file = folder / "a.yaml"
    file.write_text(YAML, encoding="utf-8-sig")
    file.chmod(0o640)
    write(merged(folder, (key_of("Gas"), "gas-7")))
    assert file.read_bytes().startswith(b"\xef\xbb\xbf# Ground")
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in folder.iterdir()) == ["a.yaml"]


def test_a_mapping_that_would_break_is_not_written(folder: Path) -> None:
    (folder / "b.yaml").write_text("defaults: {device: 9}\nmeters:\n  C: {value: AI1, tolerance: 1 h}\n")
    with pytest.raises(MappingError):
        merged(folder, (key_of("C"), "c"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_file_keeps_its_encoding(folder: Path, encoding: str) -> None:
    before = "meter;id;device;field;object\r\nKüche;;1;value;AI1\r\n"
    (folder / "b.csv").write_bytes(before.encode(encoding))
    assert set(merged(folder, (key_of("Gas"), "gas-7")).after) == {folder / "a.yaml"}
    write(merged(folder, (key_of("Gas"), "gas-7"), (key_of("Küche"), "k")))
    assert (folder / "b.csv").read_bytes() == before.replace("Küche;;", "Küche;k;").encode(encoding)


def test_an_id_that_the_file_s_encoding_has_no_letter_for_is_told(folder: Path) -> None:
    (folder / "b.csv").write_bytes("meter;id;device;field;object\nKüche;;1;value;AI1\n".encode("cp1252"))
    with pytest.raises(MappingError, match=r"b\.csv cannot hold such an id, so nothing was written; save it as UTF-8"):
        merged(folder, (key_of("Küche"), "счётчик"))


def test_a_file_that_was_edited_meanwhile_is_left_alone(folder: Path) -> None:
    found = merged(folder, (key_of("Gas"), "gas-7"))
    (folder / "a.yaml").write_text(YAML + "# more\n")
    with pytest.raises(MappingError, match="edited meanwhile"):
        write(found)
    assert (folder / "a.yaml").read_text() == YAML + "# more\n"


def test_what_cannot_be_written_changes_no_file(folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below" / "b.yaml").write_text("meters:\n  B: {device: 1, value: AI1}\n")
    found = merged(folder, (key_of("Gas"), "gas-7"), (key_of("B"), "b"))
    (folder / "below" / ".b.yaml.new").mkdir()  # permissions would not keep root out
    with pytest.raises(MappingError, match="cannot be written"):
        write(found)
    assert (folder / "a.yaml").read_text() == YAML


def test_of_a_draft_that_stands_in_an_odd_place_the_proof_says_no(folder: Path) -> None:
    """The same name twice is a broken mapping anyway; a complex key leaves no place."""
    (folder / "a.yaml").write_text("meters:\n  ? A\n  : device: 1\n    value: AI1\n")
    with pytest.raises(MappingError, match="enter the id x by hand"):
        merged(folder, (key_of("A"), "x"))


def test_a_spreadsheet_of_the_mapping_is_left_alone(folder: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("meter", "device", "field", "object"), ("Roof", 4, "value", "AI1")):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(folder / "b.xlsx")
    assert set(merged(folder, (key_of("Gas"), "g1")).after) == {folder / "a.yaml"}
    with pytest.raises(MappingError, match="is a spreadsheet, into which ids are not entered; enter them there"):
        merged(folder, (key_of("Roof"), "r1"))
