# ruff: noqa: E501 - a sentence stays on one line, as it is printed and searched for
"""Files that nobody meant: each gets one clear sentence, no traceback, in bounded time and memory.

What is wrong with what a sound file says stands in test_broken_mappings.py; here files themselves are broken. Each is
read as the command reads it, from a folder; `F` stands for it.
"""

import os
import shutil
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from time import process_time

import openpyxl
import pytest

from bacnet_bridge.errors import MappingError
from bacnet_bridge.mapping import Defaults, load

DEFAULTS = Defaults("Europe/Dublin", 300)
SECONDS = 20
"""Of this process, on a loaded machine; what is refused takes milliseconds."""
MEGABYTES = 150

METER = b"meters:\n  A: {id: a, device: 1, value: AI1}\n"
HEADER = b"meter;id;device;field;object;multiplier\n"
ROW = b"A;a;1;value;AI1;\n"


def _workbook(*rows: tuple[str | int, ...], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _archive(**members: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


SHEET = (("meter", "id", "device", "field", "object"), ("A", "a", 1, "value", "AI1"))
NO_WORKBOOK = "F/m.xlsx:1:1: this is no workbook, or it is damaged; save it anew as .xlsx, or as CSV UTF-8"

CONTENTS = [
    # encodings
    ("m.yaml", b"\xef\xbb\xbf" + METER + b"# \xff", "F/m.yaml:3:3: this character is not UTF-8, though the file says that it is; save it anew as UTF-8"),
    ("m.yaml", "# Größe\n".encode() + METER + b"# H\xf6he", "F/m.yaml:4:4: this character is not UTF-8, though others of the file are; save it anew as UTF-8"),
    ("m.csv", HEADER + b"\x81" + ROW, "F/m.csv:2:1: this character is neither UTF-8 nor Windows-1252; save the file as UTF-8 (in Excel: CSV UTF-8)"),
    ("m.csv", HEADER.decode().encode("utf-16")[:-1], "F/m.csv:1:40: this character is not UTF-16, though the file says that it is; save it anew as UTF-8"),
    ("m.csv", b"\xff\xfe\x00\xd8\x41\x00", "F/m.csv:1:1: this character is not UTF-16, though the file says that it is; save it anew as UTF-8"),
    ("m.csv", HEADER + b"A\0;a;1;value;AI1;\n", "F/m.csv:2:2: this is no text file; save it as CSV UTF-8, or as YAML"),
    ("m.csv", b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "F/m.csv:1:6: this is no text file; save it as CSV UTF-8, or as YAML"),
    ("m.yaml", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "F/m.yaml:3:1: this is no text file; save it as CSV UTF-8, or as YAML"),
    ("m.yaml", b"\x00" * 4096, "F/m.yaml:1:1: this is no text file; save it as CSV UTF-8, or as YAML"),
    # YAML syntax
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, value: AI1\n", "F/m.yaml:3:1: this is not valid YAML: did not find expected ',' or '}'; mind indentation, colons and quotes just before"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, value: AI1}}\n", "F/m.yaml:2:36: this is not valid YAML: did not find expected key; mind indentation, colons and quotes just before"),
    ("m.yaml", b"meters:\n  A:\n    id a\n    device: 1\n", "F/m.yaml:4:11: this is not valid YAML: mapping values are not allowed in this context; mind indentation, colons and quotes just before"),
    ("m.yaml", b"meters:\n  A: {id: 'a', device: 1, value: 'AI1}\n", "F/m.yaml:2:34: this quote is not closed as it should be; mind quotes within quotes"),
    ("m.yaml", b'meters:\n  A: {id: "a\\q", device: 1, value: AI1}\n', "F/m.yaml:2:11: this quote is not closed as it should be; mind quotes within quotes"),
    ("m.yaml", b"meters:\n  A: {id: @a, device: 1, value: AI1}\n", "F/m.yaml:2:11: this is not valid YAML: found character that cannot start any token; mind indentation, colons and quotes just before"),
    ("m.yaml", b"meters:\n  A: {id: a, device: %1, value: AI1}\n", "F/m.yaml:2:22: this is not valid YAML: found character that cannot start any token; mind indentation, colons and quotes just before"),
    ("m.yaml", b"%YAML 9.9\n---\n" + METER, "F/m.yaml:1:1: this is not valid YAML: found incompatible YAML document; mind indentation, colons and quotes just before"),
    ("m.yaml", b"meters: >\n  text\n", "F/m.yaml:1:9: meters: holds no names; write a meter's name with a colon, its keys indented below"),
    ("m.yaml", b"- A\n- B\n", "F/m.yaml:1:1: the file is not made of keys; write `key: value`, like meters:"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, value: AI1}\nmeters:\n  B: {id: b, device: 1, value: AI2}\n", "F/m.yaml:3:1: 'meters' is there twice, first in line 1; keep one of them"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, value: AI1, id: b}\n", "F/m.yaml:2:37: 'id' is there twice, first in line 2; keep one of them"),
    ("m.yaml", b'{"meters": {"A": {"id": "a", "device": 1, "value": {"object": "AI1", "object": "AI2"}}}}', "F/m.yaml:1:70: 'object' is there twice, first in line 1; keep one of them"),
    # wrong types
    ("m.yaml", b"meters:\n  A: {id: {a: b}, device: 1, value: AI1}\n", "F/m.yaml:2:7: id holds more than one value; write id: and the value behind it"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, interval: [5], value: AI1}\n", "F/m.yaml:2:25: interval holds more than one value; write interval: and the value behind it"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, value: {object: AI1, multiplier: .inf}}\n", "F/m.yaml:2:58: multiplier: '.inf' is not a number; write it like 0.001"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 0x10, value: AI1}\n", "F/m.yaml:2:22: device: '0x10' is not a device instance; write a whole number from 0 to 4194302"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, interval: 5:00, value: AI1}\n", "F/m.yaml:2:35: interval: '5:00' is not a length of time; write 300, 5 min or 1 h"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, value: {object: AI1, multiplier: 1" + b"0" * 100_000 + b"}}\n", "F/m.yaml:2:58: multiplier: '100000000000000000000000000000000000000000000000000000000...' is not a number; write it like 0.001"),
    ("m.yaml", b"meters:\n  A: {id: a, device: 1, value: {object: AI1, multiplier: 1e999999999}}\n", "F/m.yaml:2:58: multiplier: '1e999999999' is not a number; write it like 0.001"),
    ("m.yaml", b"meters:\n  A: {id: a, device: " + b"9" * 5000 + b", value: AI1}\n", "F/m.yaml:2:22: device: '999999999999999999999999999999999999999999999999999999999...' is not a device instance; write a whole number from 0 to 4194302"),
    # bombs
    ("m.yaml", b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % ((98 + n,) * 2 + (97 + n,) * 9) for n in range(20)), "F/m.yaml:1:4: anchors (&name) are not used in mappings; write the value out, or use `defaults:`"),
    ("m.yaml", b"meters: " + b"{a: " * 100_000, "F/m.yaml:1:53: this is nested too deeply for a mapping; docs/mapping.md shows examples"),
    ("m.yaml", b"meters: " + b"[" * 1_000_000, "F/m.yaml:1:20: this is nested too deeply for a mapping; docs/mapping.md shows examples"),
    ("m.yaml", b"- " * 500_000, "F/m.yaml:1:25: this is nested too deeply for a mapping; docs/mapping.md shows examples"),
    ("m.yaml", b"? " * 500_000, "F/m.yaml:1:25: this is nested too deeply for a mapping; docs/mapping.md shows examples"),
    ("m.yaml", b'meters: "' + b"a" * 5_000_000, "F/m.yaml:1:9: this quote is not closed as it should be; mind quotes within quotes"),
    ("m.yaml", b"meters: !!python/object/apply:os.system [ls]\n", "F/m.yaml:1:9: tags (!name) are not used in mappings; delete it"),
    # CSV
    ("m.csv", HEADER + b'A;"a;1;value;AI1;\n' * 2000, "F/m.csv:2:3: this cell's quotes do not close where the cell ends; double a quote within a cell"),
    ("m.csv", HEADER + b'A;"a"b;1;value;AI1;\n', "F/m.csv:2:3: this cell's quotes do not close where the cell ends; double a quote within a cell"),
    ("m.csv", HEADER + b'A;"' + b'""' * 1_000_000, "F/m.csv:2:3: this cell's quotes do not close where the cell ends; double a quote within a cell"),
    ("m.csv", b";" * 5_000_000 + b"\nx", "F/m.csv:1:1001: this row has more than 1000 cells; is this a list of points?"),
    ("m.csv", HEADER + ROW + b"A;;;;;;x;x;x;x;x;x\n", "F/m.csv:3:8: this cell has no column above it; mind a delimiter too many before it"),
    ("m.csv", b"x;" * 900 + (b"\n" + b";" * 900) * 5000, "F/m.csv:1:1: this row names no column; begin with a row like meter;id;device;field;object"),
    ("m.csv", b"meter id device field object\nA a 1 value AI1\n", "F/m.csv:1:1: this row names no column; begin with a row like meter;id;device;field;object"),
    ("m.csv", b"A;a;1;value;AI1;\n", "F/m.csv:1:1: this row names no column; begin with a row like meter;id;device;field;object"),
    ("m.csv", b"# EDE\n#keyname;device obj.-instance;object-name;object-type;object-instance\nK;1;V;0;1\n", "F/m.csv:3:1: this row names no column; begin with a row like meter;id;device;field;object"),
    ("m.csv", HEADER + b"A;1,2E+12;1;value;AI1;\n", "F/m.csv:2:3: id: '1,2E+12' looks like a number that a spreadsheet has shortened; format the column as text and enter the id again"),
    ("m.csv", HEADER + b"A;1.23457E+14;1;value;AI1;\n", "F/m.csv:2:3: id: '1.23457E+14' looks like a number that a spreadsheet has shortened; format the column as text and enter the id again"),
    ("m.csv", HEADER + b"#REF!;a;1;value;AI1;\n", "F/m.csv:2:1: this cell holds a spreadsheet's error, #REF!; enter what is meant"),
    ("m.csv", HEADER + b"A;#NAME?;1;value;AI1;\n", "F/m.csv:2:3: id: '#NAME?' is a spreadsheet's error, not an id; enter the id again"),
    ("m.csv", HEADER + b"A;a;1;value;AI1;1.234,5\n", "F/m.csv:2:17: multiplier: '1.234,5' is not a number; write it like 0.001"),
    ("m.csv", HEADER + b"A;a;1;value;01. Jan;\n", "F/m.csv:2:13: object: '01. Jan' is not an object; write a type and an instance, like analog-input,1 or AI1"),
    ("m.csv", b"<html><body>Sign in</body></html>\n", "F/m.csv:1:1: this row names no column; begin with a row like meter;id;device;field;object"),
    # workbooks
    ("m.xlsx", b"", NO_WORKBOOK),
    ("m.xlsx", HEADER + ROW, NO_WORKBOOK),
    ("m.xlsx", _workbook(*SHEET)[:3000], NO_WORKBOOK),
    ("m.xlsx", _archive(hello=b"<x/>"), NO_WORKBOOK),
    ("m.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "F/m.xlsx:1:1: this is a workbook with a password, or of a spreadsheet program before 2007; save it anew as .xlsx"),
    ("m.xlsx", _archive(xl__a=bytes(60_000_000), xl__b=bytes(60_000_000)), "F/m.xlsx:1:1: the workbook unpacks to 114 MB, more than a list of points needs; split it"),
    ("m.xlsx", _archive(xl__workbook=b'<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'), "F/m.xlsx:1:1: no spreadsheet program writes such a workbook; save it anew as .xlsx, or as CSV UTF-8"),
    ("m.xlsx", _workbook(*SHEET, ("B", "b", 1, "value", "AI2"), merge="C2:C3"), "F/m.xlsx:2:3: the cells C2:C3 are merged, so that only the first has a text; part them and fill each"),
    ("m.xlsx", _workbook(*SHEET, ("B", "=A2", 1, "value", "AI2")), "F/m.xlsx:3:2: the formula in B3 has no value in the file; open and save it in a spreadsheet program, or put the value in its place"),
    ("m.xlsx", _workbook(*SHEET, ("B", 12345678901234567, 1, "value", "AI2")), "F/m.xlsx:3:2: B3 is a number of more than 15 digits, whose last ones a spreadsheet loses; format the column as text and enter it again"),
    ("m.xlsx", _workbook(*SHEET, ("B", "1,2E+12", 1, "value", "AI2")), "F/m.xlsx:3:2: id: '1,2E+12' looks like a number that a spreadsheet has shortened; format the column as text and enter the id again"),
    ("m.xlsx", _workbook(*SHEET, ("B", "#N/A", 1, "value", "AI2")), "F/m.xlsx:3:2: B3 holds the error #N/A; mend its formula"),
    ("m.xlsx", _workbook(("Points of building 7",), *SHEET), "F/m.xlsx:1:1: this row names no column; begin with a row like meter;id;device;field;object"),
]  # fmt: skip


def _huge(folder: Path) -> None:
    with (folder / "m.csv").open("wb") as file:
        file.write(HEADER)
        file.truncate(100 * 1024 * 1024)


def _folder_with_a_files_name(folder: Path) -> None:
    (folder / "m.yaml").mkdir()


def _loop(folder: Path) -> None:
    (folder / "m.yaml").symlink_to(folder / "m.yaml")


def _dangling(folder: Path) -> None:
    (folder / "m.xlsx").symlink_to(folder / "nowhere.xlsx")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "m.csv")


def _file_in_its_place(folder: Path) -> None:
    folder.rmdir()
    folder.touch()


NOT_THERE = (
    "F is not there; make this folder with a YAML or CSV file in it (docs/mapping.md shows how; "
    "`bacnet-bridge discover` and `draft` begin one), or name the right one with `mapping:`"
)
FILES: list[tuple[Callable[[Path], None], str]] = [
    (_huge, "F/m.csv:1:1: the file has 100 MB, more than a mapping needs; split it"),
    (_folder_with_a_files_name, "F holds no .yaml, .csv or .xlsx file; docs/mapping.md shows how to write one"),
    (_loop, "F/m.yaml:1:1: the file cannot be read: Too many levels of symbolic links; see to its permissions"),
    (_dangling, "F/m.xlsx:1:1: the file cannot be read: No such file or directory; see to its permissions"),
    (_pipe, "F/m.csv:1:1: this is no file; take it away, or put the file in its place"),
    (_file_in_its_place, "F is not a folder; name the one that holds the mapping's YAML and CSV files"),
    (lambda folder: folder.rmdir(), NOT_THERE),
    (lambda _: None, "F holds no .yaml, .csv or .xlsx file; docs/mapping.md shows how to write one"),
]


def _said(folder: Path) -> list[str]:
    """What the mapping's reader says, within its time and memory."""
    tracemalloc.start()
    began = process_time()
    try:
        with pytest.raises(MappingError) as caught:
            load(folder, DEFAULTS)
        seconds, (_, most) = process_time() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seconds < SECONDS
    assert most < MEGABYTES * 1024 * 1024
    return str(caught.value).replace(str(folder), "F").splitlines()


@pytest.mark.parametrize(
    ("name", "content", "sentence"), CONTENTS, ids=[f"{n}-{each[0]}" for n, each in enumerate(CONTENTS)]
)
def test_a_broken_file_gets_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert _said(tmp_path) == [sentence]


@pytest.mark.parametrize(("make", "sentence"), FILES, ids=[f"{n}" for n in range(len(FILES))])
def test_what_is_no_file_gets_one_sentence(tmp_path: Path, make: Callable[[Path], None], sentence: str) -> None:
    folder = tmp_path / "mapping"
    folder.mkdir()
    make(folder)
    assert _said(folder) == [sentence]


@pytest.fixture
def a_users_folder() -> Iterator[Path]:
    """A folder that everyone may enter, seen by a user to whom something can be shut: root may read everything."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    own = os.geteuid()
    (folder / "m.yaml").write_bytes(METER)
    (folder / "m.yaml").chmod(0)
    if own == 0:
        os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(own)
        shutil.rmtree(folder)


def test_a_file_without_permission_gets_one_sentence(a_users_folder: Path) -> None:
    assert _said(a_users_folder) == ["F/m.yaml:1:1: the file cannot be read: Permission denied; see to its permissions"]


def test_the_table_is_long_enough() -> None:
    assert len({sentence for _, _, sentence in CONTENTS}) + len(FILES) >= 40
