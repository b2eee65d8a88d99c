"""EDE sets on disk: the files beside a list are found by their names; a workbook holds them as sheets."""

from pathlib import Path

import openpyxl
import pytest

from bacnet_bridge.errors import SurveyError
from bacnet_bridge.survey.ede.columns import COLUMNS
from bacnet_bridge.survey.ede.files import read_set
from bacnet_bridge.survey.ede.lists import Lists
from bacnet_bridge.vocabulary.objects import ObjectId

HEADINGS = f"# {';'.join(COLUMNS)}\n"


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("Boiler_EDE.csv", ("Boiler_StateTexts.csv", "Boiler_Units.csv", "Boiler_ObjTypes.csv")),
        ("boiler-ede.CSV", ("Boiler_State-Texts.csv", "Boiler_Unit-Texts.csv", "Boiler_Object-Types.csv")),
        ("EDE_Boiler.txt", ("StateTexts_Boiler.txt", "Units_Boiler.txt", "ObjTypes_Boiler.txt")),
        ("ede.csv", ("ede-state-texts.csv", "ede-units.csv", "ede-object-types.csv")),
        ("Device1001.csv", ("Device1001_StateTexts.csv", "Device1001_Units.csv", "Device1001_ObjTypes.csv")),
    ],
)
def test_a_set_is_found_by_its_names(tmp_path: Path, name: str, beside: tuple[str, str, str]) -> None:
    (tmp_path / name).write_text(f"{HEADINGS}K;77;V;Spezial;1;;;;;;;;;3;kilofoo\n", encoding="cp1252")
    contents = (
        "#Reference Number;Text 1\n3;a,b,c,d;Ü\n4;x;;;\n",
        "#Code;Text\n999;Kilo-Foo;\n",
        "#Code;Type\n700;Spezial\n",
    )
    for file, content in zip(beside, contents, strict=True):
        (tmp_path / file).write_text(content, encoding="cp1252")
    (tmp_path / "Other_StateTexts.csv").write_text("3;wrong\n")
    found = read_set(tmp_path / name)
    assert {each.name for each in found.beside_it} == set(beside)
    lists = Lists()
    report = lists.read(found.table, found.beside)
    assert (report.skipped, report.noted) == ([], [])
    (_, point), *_ = lists.survey(0, (), ()).points()
    assert (point.id, point.units, point.states) == (ObjectId(700, 1), 999, ("a,b,c,d", "Ü"))


def test_a_workbook_holds_the_set_as_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nothing here"])  # type: ignore[union-attr]
    sheets: dict[str, list[tuple[str | int, ...]]] = {
        "EDE": [
            (
                "# keyname",
                "device obj.-instance",
                "object-name",
                "object-type",
                "object-instance",
                "state-text-reference",
                "unit-code",
            ),
            ("K", 77, "V", "Spezial", 1, 3, "kilofoo"),
        ],
        "State-Texts": [("#Reference Number", "Text 1"), (3, "Aus", "Ein")],
        "Unit-Texts": [(999, "Kilo-Foo")],
        "Object-Types": [(700, "Spezial")],
    }
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "EDE.xlsx")
    found = read_set(tmp_path / "EDE.xlsx")
    lists = Lists()
    report = lists.read(found.table, found.beside)
    assert (report.skipped, report.noted) == ([], [])
    ((device, point),) = lists.survey(0, (), ()).points()
    assert (device.instance, point.id, point.units, point.states) == (77, ObjectId(700, 1), 999, ("Aus", "Ein"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "3:1: this is no text file"),
        (b"a;b\n", "no list of points"),
        ("Größe;Höhe\n".encode() + b"\xff\n", "2:1: this character is not UTF-8"),
    ],
)
def test_a_file_that_is_no_list(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(SurveyError, match=says):
        read_set(tmp_path / "x.csv")
