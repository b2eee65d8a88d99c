"""The folder of the mapping → Mapping, or all problems of all files at once. The only file here that reads files."""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Final

from bacnet_bridge.mapping.csv_rows import csv_rows, workbook_rows
from bacnet_bridge.mapping.meters import Defaults, Draft, build_meters
from bacnet_bridge.mapping.problems import BrokenMappingError, Findings, MappingProblem, quoted
from bacnet_bridge.mapping.rows import RawMeter
from bacnet_bridge.mapping.yaml_rows import yaml_rows
from bacnet_bridge.model import Meter, Place
from bacnet_bridge.sheets.encoding import EncodingError, decode

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of a file. Ten thousand meters make about 3 MB."""

_READERS: Final = {".yaml": yaml_rows, ".yml": yaml_rows, ".csv": csv_rows}
_WORKBOOK: Final = ".xlsx"
_READ: Final = frozenset({*_READERS, _WORKBOOK})
_UNREAD: Final = frozenset({".xls", ".xlsm", ".xlsb", ".ods", ".numbers"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the files say, all of it sound. Meters and drafts in the order of file names and lines."""

    meters: tuple[Meter, ...]
    drafts: tuple[Draft, ...]
    """Meters without an id: listed, not read, not sent."""
    warnings: tuple[MappingProblem, ...]
    """What can be used as it stands, but is probably not meant."""
    files: tuple[tuple[Path, bytes], ...] = field(repr=False)
    """The files that say it, as they were read, so that a copy can be kept of them."""


def load(folder: Path, defaults: Defaults, *, accounts: Collection[str] | None = None) -> Mapping:
    """Read every .yaml, .yml, .csv and .xlsx file of the folder and of those below it; hidden ones are left alone.

    `accounts` are the names that the settings know; None leaves them unchecked. Raises BrokenMappingError (a
    MappingError) with all problems of all files, if there is any.
    """
    findings = Findings()
    contents = [
        (file, content) for file in _files(folder, findings) if (content := _content(file, findings)) is not None
    ]
    return _mapping(contents, defaults, accounts, findings)


def parse(
    contents: Iterable[tuple[Path, bytes]], defaults: Defaults, *, accounts: Collection[str] | None = None
) -> Mapping:
    """The same for files that are already in memory; pure. The suffix says which format a file has."""
    return _mapping(contents, defaults, accounts, Findings())


def _mapping(
    contents: Iterable[tuple[Path, bytes]], defaults: Defaults, accounts: Collection[str] | None, findings: Findings
) -> Mapping:
    raw: list[RawMeter] = []
    files: list[tuple[Path, bytes]] = []
    for file, content in contents:
        files.append((file, content))
        before = len(findings.problems)
        rows = _rows(content, file, findings)
        if not rows and len(findings.problems) == before:
            findings.odd(Place(file, 1, 1), "this file holds no meter; fill it, or take it away")
        raw += rows
    meters, drafts = build_meters(raw, defaults, accounts, findings)
    if findings.problems:
        raise BrokenMappingError(findings.problems)
    if drafts and not meters:
        findings.odd(None, "no meter has an id, so nothing will be read or sent; enter the platform's ids")
    elif not meters:
        findings.odd(None, "there is no meter, so nothing will be read or sent; docs/mapping.md shows how to write one")
    return Mapping(meters, drafts, findings.warnings, tuple(files))


def _rows(content: bytes, file: Path, findings: Findings) -> list[RawMeter]:
    """The file's meters, as its suffix says how."""
    if file.suffix.lower() == _WORKBOOK:
        return workbook_rows(content, file, findings)
    text = _text(content, file, findings)
    return [] if text is None else _READERS[file.suffix.lower()](text, file, findings)


def looked_at(folder: Path) -> Iterator[Path]:
    """Every file of the folder that `load` reads or has something to say about, in no order."""
    for path in _visible(folder, Findings()):
        if path.suffix.lower() in _READ | _UNREAD:
            yield path


def _files(folder: Path, findings: Findings) -> list[Path]:
    if not folder.exists():
        findings.wrong(
            None,
            f"{folder} is not there; make this folder with a YAML or CSV file in it (docs/mapping.md shows how; "
            "`bacnet-bridge discover` and `draft` begin one), or name the right one with `mapping:`",
        )
        return []
    if not folder.is_dir():
        findings.wrong(None, f"{folder} is not a folder; name the one that holds the mapping's YAML and CSV files")
        return []
    visible = sorted(_visible(folder, findings))
    files = [path for path in visible if path.suffix.lower() in _READ]
    for path in visible:
        if path.suffix.lower() in _UNREAD:
            findings.odd(
                Place(path, 1, 1), "this spreadsheet is not read; save it as .xlsx or as CSV (UTF-8) beside it"
            )
    if not files and not findings.problems:
        findings.wrong(None, f"{folder} holds no .yaml, .csv or .xlsx file; docs/mapping.md shows how to write one")
    return files


def _visible(folder: Path, findings: Findings) -> Iterator[Path]:
    """Every file, but none that is hidden or a spreadsheet program's lock; a folder that stays shut is a problem."""

    def shut(error: OSError) -> None:
        findings.wrong(None, f"{error.filename} cannot be read: {error.strerror}; see to its permissions")

    for root, folders, files in os.walk(folder, onerror=shut):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root, name) for name in files if not name.startswith((".", "~$")))


def _content(file: Path, findings: Findings) -> bytes | None:
    """The file's bytes; None where it cannot be read."""
    start = Place(file, 1, 1)
    try:
        known = file.stat()
        if not S_ISREG(known.st_mode):  # to read from a pipe would never end
            findings.wrong(start, "this is no file; take it away, or put the file in its place")
        elif known.st_size <= LARGEST:
            return file.read_bytes()
        else:
            megabytes = known.st_size / 1024 / 1024
            findings.wrong(start, f"the file has {megabytes:.0f} MB, more than a mapping needs; split it")
    except OSError as error:
        findings.wrong(start, f"the file cannot be read: {error.strerror}; see to its permissions")
    return None


def _text(content: bytes, file: Path, findings: Findings) -> str | None:
    """The file's text, whatever the encoding; one that had to be guessed is told of."""
    try:
        decoded = decode(content)
    except EncodingError as error:
        findings.wrong(Place(file, error.line, error.column), str(error))
        return None
    if decoded.guessed:
        line, column, word = decoded.sample
        findings.odd(
            Place(file, line, column),
            f"the file is not UTF-8 and is read as {decoded.guessed}, by which this is {quoted(word)}; "
            "save it as UTF-8 if it should be something else",
        )
    return decoded.text
