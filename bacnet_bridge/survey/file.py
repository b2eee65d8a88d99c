"""A survey as a JSON file: versioned, lossless, stable in its order.

`{"format": "bacnet-bridge survey", "version": 1, "survey": {…}}`. Fields are those of model.py; one that has its
default is left out. Object identifiers are written as `analog-input,1`. Version 1 may get further fields: those that
a reader does not know are passed over. A change of meaning gets another version, which is refused with a sentence.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from bacnet_bridge.errors import SurveyError
from bacnet_bridge.survey.model import Survey
from bacnet_bridge.vocabulary.objects import OBJECT_TYPES, ObjectId

FORMAT: Final = "bacnet-bridge survey"
VERSION: Final = 1
FILE_NAME: Final = "survey.json"
"""In a folder of outputs."""

_IMPORT: Final = "`bacnet-bridge import` makes one of a list of points (EDE, YABE)"
_LARGEST: Final = 1 << 30
_DEEP: Final = 5
"""Levels that have lines of their own: an object of a device is one line, for people and for `diff`."""
_TYPES: Final = {name: number for number, name in OBJECT_TYPES.items()}
_IDENTIFIER: Final = re.compile(r"([a-z-]+|\d{1,4}),(\d{1,7})", re.ASCII)


def write(file: Path, survey: Survey) -> None:
    """Write the file whole. Raises SurveyError."""
    write_whole(file, _text(document(survey), _DEEP) + "\n")


def write_whole(file: Path, text: str) -> None:
    """After a crash there is this file or the one before. Line ends are written as they are. Raises SurveyError."""
    fresh = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise SurveyError(f"{file} cannot be written: {error.strerror}") from error


def read(path: Path) -> Survey:
    """The survey in the file, or in the `survey.json` of the folder. Raises SurveyError."""
    file = path / FILE_NAME if path.is_dir() else path
    try:
        if file.stat().st_size > _LARGEST:
            raise SurveyError(f"{file} is larger than a survey can be")
        text = file.read_bytes().decode()
    except FileNotFoundError:
        raise SurveyError(f"there is no survey {file}: `bacnet-bridge discover --output {path}` makes one") from None
    except OSError as error:
        raise SurveyError(f"the survey {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise SurveyError(f"{file} is no survey: it is not UTF-8 text. {_IMPORT}") from None
    try:
        return from_document(json.loads(text))
    except RecursionError:
        raise SurveyError(f"{file} is no survey: it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise SurveyError(f"{file} is no survey: {error}. {_IMPORT}") from None
    except ValueError as error:
        raise SurveyError(f"{file} is no survey: {error}") from None


def document(survey: Survey) -> dict[str, Any]:
    """What JSON can say of it."""
    return {"format": FORMAT, "version": VERSION, "survey": _plain(survey)}


def from_document(document: object) -> Survey:
    """From what `document` made. Raises ValueError, saying where it is wrong."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'it does not begin with "format": "{FORMAT}"')
    version = document.get("version")
    if version != VERSION:
        raise ValueError(f"it is of version {version!r:.20}, and this bridge reads version {VERSION}: use a newer one")
    made = _maker(Survey)(document.get("survey"), "survey")
    if not isinstance(made, Survey):
        raise TypeError("a survey's maker makes surveys")
    return made


def parse_identifier(text: str) -> ObjectId:
    """`analog-input,1` or `200,5`, as `str` has it, 4194303 included. Raises ValueError."""
    match = _IDENTIFIER.fullmatch(text)
    kind = None if match is None else _TYPES.get(match[1], int(match[1]) if match[1].isdigit() else None)
    if match is None or kind is None or kind > 1023 or int(match[2]) > 4_194_303:
        raise ValueError(f"{text!r:.60} is no object identifier")
    return ObjectId(kind, int(match[2]))


def _plain(value: Any) -> Any:
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if not is_dataclass(value):
        return value
    said = ((each, getattr(value, each.name)) for each in fields(value))
    return {each.name: _plain(found) for each, found in said if each.default is MISSING or found != each.default}


def _text(value: Any, deep: int, indent: str = "") -> str:
    if not deep or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    inner = f"{indent} "
    if isinstance(value, list):
        parts, ends = [_text(each, deep - 1, inner) for each in value], "[]"
    else:
        parts, ends = [f"{json.dumps(name)}: {_text(each, deep - 1, inner)}" for name, each in value.items()], "{}"
    lines = f",\n{inner}".join(parts)
    return f"{ends[0]}\n{inner}{lines}\n{indent}{ends[1]}"


_Maker = Callable[[Any, str], Any]


@cache
def _maker(wanted: Any) -> _Maker:
    """Makes a value of a type that model.py uses from its JSON, or raises ValueError with the place."""
    if wanted is ObjectId:
        return _identifier
    if get_origin(wanted) is UnionType:
        (inner,) = (each for each in get_args(wanted) if each is not NoneType)
        make = _maker(inner)
        return lambda found, where: None if found is None else make(found, where)
    if get_origin(wanted) is tuple:
        make_each = _maker(get_args(wanted)[0])
        return lambda found, where: tuple(make_each(x, f"{where}[{n}]") for n, x in enumerate(_a(list, found, where)))
    if is_dataclass(wanted):
        return _dataclass_maker(wanted)
    return lambda found, where: _a(wanted, found, where)


def _dataclass_maker(wanted: Any) -> _Maker:
    hints = get_type_hints(wanted)
    makers = {each.name: _maker(hints[each.name]) for each in fields(wanted)}
    needed = [each.name for each in fields(wanted) if each.default is MISSING]

    def make(found: Any, where: str) -> Any:
        entry: Mapping[str, Any] = _a(dict, found, where)
        if lacking := [name for name in needed if name not in entry]:
            raise ValueError(f"{where} has no {lacking[0]!r}")
        known = (name for name in entry if name in makers)
        return wanted(**{name: makers[name](entry[name], f"{where}.{name}") for name in known})

    return make


def _identifier(found: Any, where: str) -> ObjectId:
    try:
        return parse_identifier(_a(str, found, where))
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _a(wanted: type, found: Any, where: str) -> Any:
    if wanted is float and type(found) is int:
        return float(found)
    if type(found) is not wanted:
        raise ValueError(f"{where} is a {type(found).__name__}, not a {wanted.__name__}")
    if isinstance(found, str):
        found.encode()  # half a pair of surrogates could not be written again
    return found
