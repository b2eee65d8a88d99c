"""EDE sets on disk: the only I/O of this room.

A set is found by its names: `Boiler_EDE.csv` with `Boiler_StateTexts.csv` (or State-Texts), `Boiler_Units.csv` (or
Unit-Texts) and `Boiler_ObjTypes.csv` (or Object-Types). A workbook holds them as sheets.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bacnet_bridge.errors import SurveyError
from bacnet_bridge.sheets.cells import DELIMITERS, BrokenRowError, Quotes, cells, said_delimiter
from bacnet_bridge.sheets.encoding import EncodingError, decode
from bacnet_bridge.survey.ede.codes import codes, whole
from bacnet_bridge.survey.ede.lists import Beside
from bacnet_bridge.survey.ede.states import state_texts
from bacnet_bridge.survey.ede.tables import NoListError, Row, Table, rows_of, table
from bacnet_bridge.survey.ede.written import Written
from bacnet_bridge.survey.file import write_whole
from bacnet_bridge.survey.model import Survey

LIST: Final = "ede.csv"
STATE_TEXTS: Final = "ede-state-texts.csv"

_LARGEST: Final = 64 * 1024 * 1024
"""Octets of a file; 100,000 points make some 15 MB."""
_KINDS: Final = {
    "states": re.compile(r"state_?texts?|zustandstexte"),
    "units": re.compile(r"unit_?texts?|units?|einheiten"),
    "types": re.compile(r"obj(?:ect)?_?types?"),
}
_LIST_KIND: Final = re.compile(r"ede")
_SUFFIXES: Final = frozenset({".csv", ".txt"})
_WORKBOOK: Final = ".xlsx"


@dataclass(frozen=True, slots=True)
class ListSet:
    """What was read from disk for one list."""

    list: Path
    beside_it: tuple[Path, ...]
    table: Table
    beside: Beside
    encoding: str
    """Where it had to be guessed, else empty."""


def read_set(path: Path, states: Path | None = None) -> ListSet:
    """The list and the files beside it; `states` names the state texts that do not. Raises SurveyError."""
    if path.suffix.lower() == _WORKBOOK:
        return _workbook(path)
    text, guessed = _text(path)
    others = _others(path)
    if states is not None:
        others["states"] = states
    rows = {kind: _rows(_text(other)[0]) for kind, other in others.items()}
    try:
        return ListSet(path, tuple(others.values()), table(rows_of(text)), _beside(rows), guessed)
    except NoListError as error:
        raise SurveyError(f"{path}: {error}") from None


def write_set(folder: Path, survey: Survey, project: str, author: str) -> tuple[Path, Path]:
    """The survey as a list and its state texts, which is the order of the answer. Raises SurveyError."""
    written = Written(survey, project, author)
    files = folder / LIST, folder / STATE_TEXTS
    for file, text in zip(files, (written.list, written.states), strict=True):
        write_whole(file, text)
    return files


def _others(path: Path) -> dict[str, Path]:
    """The files of the same set, by kind."""
    stem = _without(path.stem, _LIST_KIND)
    found: dict[str, Path] = {}
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return {}
    for kind, pattern in _KINDS.items():
        for other in beside:
            named = pattern.search(_plain(other.stem)) is not None and other.suffix.lower() in _SUFFIXES
            if named and other != path and _without(_without(other.stem, pattern), _LIST_KIND) == stem:
                found.setdefault(kind, other)
    return found


def _plain(stem: str) -> str:
    return re.sub(r"[\W_]+", "_", stem.lower())


def _without(stem: str, kind: re.Pattern[str]) -> str:
    """What two files of a set have in common: the name less the word for the file's kind."""
    plain = _plain(stem)
    last = next(reversed(list(kind.finditer(plain))), None)
    return (plain if last is None else plain[: last.start()] + plain[last.end() :]).strip("_").replace("__", "_")


def _beside(rows: dict[str, Sequence[Row]]) -> Beside:
    return Beside(state_texts(rows.get("states", ())), codes(rows.get("units", ())), codes(rows.get("types", ())))


def _rows(text: str) -> Sequence[Row]:
    """Of a file beside a list: its delimiter is the one that leaves most references and codes alone."""
    parted: list[list[Row]] = [[]]
    for sign in said_delimiter(text) or DELIMITERS:
        with suppress(BrokenRowError):
            parted.append(list(cells(text, sign, Quotes.LENIENT)))
    return max(parted, key=lambda rows: sum(len(row) > 1 and whole(row[0].text) is not None for row in rows))


def _text(path: Path) -> tuple[str, str]:
    try:
        decoded = decode(_content(path))
    except EncodingError as error:
        raise SurveyError(f"{path}:{error.line}:{error.column}: {error}") from None
    return decoded.text, decoded.guessed


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise SurveyError(f"{path} has {size / 1024 / 1024:.0f} MB, more than a list of points needs; split it")
        return path.read_bytes()
    except OSError as error:
        raise SurveyError(f"{path} cannot be read: {error.strerror}") from error


def _workbook(path: Path) -> ListSet:
    from bacnet_bridge.sheets.workbook import WorkbookError, sheets

    try:
        found = sheets(_content(path))
    except WorkbookError as error:
        raise SurveyError(f"{path}: {error}") from None
    kinds = {
        kind: each.rows for kind, pattern in _KINDS.items() for each in found if pattern.search(_plain(each.title))
    }
    for each in found:
        try:
            return ListSet(path, (), table(each.rows), _beside(dict(kinds)), "")
        except NoListError:
            continue
    raise SurveyError(f"{path}: {NoListError()}")
