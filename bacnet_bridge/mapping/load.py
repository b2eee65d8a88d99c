"""The folder of the mapping → Mapping, or all problems of all files at once. The only file here that reads files."""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bacnet_bridge.mapping.csv_rows import csv_rows
from bacnet_bridge.mapping.meters import Defaults, Draft, build_meters
from bacnet_bridge.mapping.problems import BrokenMappingError, Findings, MappingProblem
from bacnet_bridge.mapping.rows import RawMeter
from bacnet_bridge.mapping.yaml_rows import yaml_rows
from bacnet_bridge.model import Meter, Place

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of a file. Ten thousand meters make about 3 MB."""

_READERS: Final = {".yaml": yaml_rows, ".yml": yaml_rows, ".csv": csv_rows}
_SPREADSHEETS: Final = frozenset({".xlsx", ".xls", ".ods"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the files say, all of it sound. Meters and drafts in the order of file names and lines."""

    meters: tuple[Meter, ...]
    drafts: tuple[Draft, ...]
    """Meters without an id: listed, not read, not sent."""
    warnings: tuple[MappingProblem, ...]
    """What can be used as it stands, but is probably not meant."""
    files: tuple[tuple[Path, bytes], ...]
    """The files that say it, as they were read, so that a copy can be kept of them."""


def load(folder: Path, defaults: Defaults, *, accounts: Collection[str] | None = None) -> Mapping:
    """Read every .yaml, .yml and .csv file of the folder and of those below it; hidden ones are left alone.

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
        text = _text(content, file, findings)
        if text is None:
            continue
        before = len(findings.problems)
        rows = _READERS[file.suffix.lower()](text, file, findings)
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


def looked_at(folder: Path) -> Iterator[Path]:
    """Every file of the folder that `load` reads or has something to say about, in no order."""
    for path in _visible(folder, Findings()):
        if path.suffix.lower() in _READERS or path.suffix.lower() in _SPREADSHEETS:
            yield path


def _files(folder: Path, findings: Findings) -> list[Path]:
    if not folder.is_dir():
        findings.wrong(None, f"{folder} is not a folder; name the one that holds the mapping's YAML and CSV files")
        return []
    visible = sorted(_visible(folder, findings))
    files = [path for path in visible if path.suffix.lower() in _READERS]
    for path in visible:
        if path.suffix.lower() in _SPREADSHEETS:
            findings.odd(Place(path, 1, 1), "this spreadsheet is not read; save it as CSV (UTF-8) beside it")
    if not files and not findings.problems:
        findings.wrong(None, f"{folder} holds no .yaml or .csv file; docs/mapping.md shows how to write one")
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
        size = file.stat().st_size
        if size <= LARGEST:
            return file.read_bytes()
        findings.wrong(start, f"the file has {size / 1024 / 1024:.0f} MB, more than a mapping needs; split it")
    except OSError as error:
        findings.wrong(start, f"the file cannot be read: {error.strerror}; see to its permissions")
    return None


def _text(content: bytes, file: Path, findings: Findings) -> str | None:
    """UTF-8 with or without its mark, as text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.wrong(Place(file, 1, 1), "the file is UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8-sig", "replace")) + 1
        findings.wrong(
            Place(file, before.count(b"\n") + 1, column),
            "this character is not UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8)",
        )
        return None
