"""A sheet that came back → the mapping's files with its ids: all of them, or nothing."""

import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bacnet_bridge.errors import MappingError
from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.ids import with_ids
from bacnet_bridge.mapping.key import read
from bacnet_bridge.mapping.load import Mapping as Mapped
from bacnet_bridge.mapping.load import load, parse
from bacnet_bridge.mapping.meters import Defaults
from bacnet_bridge.mapping.problems import BrokenMappingError, Findings, quoted
from bacnet_bridge.mapping.sheet import Returned, key_of, read_sheet
from bacnet_bridge.model import Meter
from bacnet_bridge.sheets.encoding import EncodingError, codec, decode

_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Merge:
    """What is to be written. Texts are whole, with their byte order mark; `ids` are by the drafts' names."""

    ids: Mapping[str, str]
    blank: Sequence[str]
    there: Sequence[str]
    before: Mapping[Path, str]
    after: Mapping[Path, str]
    codecs: Mapping[Path, str]
    """By which each file's octets are text, and stay so."""


def merge(folder: Path, sheet: Path, defaults: Defaults, accounts: Collection[str]) -> Merge:
    """Raises MappingError with all that is wrong: then nothing is to be written."""
    mapping = load(folder, defaults, accounts=accounts)
    findings = Findings()
    ids, blank, there = _matched(read_sheet(_sheet(sheet), sheet, findings), mapping, findings)
    if findings.problems:
        raise BrokenMappingError(findings.problems)
    holding = {draft.place.file for draft in mapping.drafts if draft.name in ids}
    codecs = {file: _codec(file, content) for file, content in mapping.files if file in holding}
    before = {file: content.decode(codecs[file]) for file, content in mapping.files if file in holding}
    after = {file: _edited(text, file, ids) for file, text in before.items()}
    changed = {file: text for file, text in after.items() if text != before[file]}
    contents = [
        (file, _encoded(after[file], file, codecs[file]) if file in after else content)
        for file, content in mapping.files
    ]
    _prove(mapping, parse(contents, defaults, accounts=accounts), ids)
    return Merge(ids, blank, there, before, changed, codecs)


def write(merged: Merge) -> None:
    """Each file whole or not at all. Raises MappingError where a file was edited meanwhile, or cannot be written."""
    for file in merged.after:
        if _content(file) != merged.before[file].encode(merged.codecs[file]):
            raise MappingError(f"{file} was edited meanwhile: nothing was written; give the command again")
    fresh: dict[Path, Path] = {}
    try:
        for file, text in merged.after.items():
            target = file.resolve()
            fresh[target] = target.with_name(f".{target.name}.new")
            _write(fresh[target], _encoded(text, file, merged.codecs[file]), target)
        for target, new in fresh.items():
            new.replace(target)
    except OSError as error:
        for new in fresh.values():
            with suppress(OSError):
                new.unlink(missing_ok=True)
        raise MappingError(f"{error.filename} cannot be written: {error.strerror}; give the command again") from error


def _write(new: Path, content: bytes, like: Path) -> None:
    with new.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    shutil.copymode(like, new)


def _matched(
    rows: Sequence[Returned], mapping: Mapped, findings: Findings
) -> tuple[dict[str, str], list[str], list[str]]:
    """New ids by the drafts' names, names whose id is still blank, names that had this very id already."""
    drafts = {key_of(draft.name): draft.name for draft in mapping.drafts}
    known = {key_of(meter.name): meter for meter in mapping.meters}
    owners = {meter.id: meter.name for meter in mapping.meters}
    ids: dict[str, str] = {}
    blank, there = [], []
    for row in rows:
        key = row.key.text.lower()
        name = drafts.get(key) or (known[key].name if key in known else None)
        if name is None:
            told = f"no meter of the mapping has the key {quoted(row.key.text)}; was it renamed since the export?"
            findings.wrong(row.key.place, told)
        elif row.id is None:
            blank.append(name)
        elif (identifier := read(keys.ID, row.id, findings)) is not None:
            if owners.setdefault(identifier, name) != name:
                told = f"the id {quoted(identifier)} is {quoted(owners[identifier])}'s already; each meter has its own"
                findings.wrong(row.id.place, told)
            elif key in known and known[key].id != identifier:
                told = f"{quoted(name)} has the id {known[key].id}; another one is a change, made by hand in its file"
                findings.wrong(row.id.place, told)
            elif key in known:
                there.append(name)
            elif ids.setdefault(name, identifier) != identifier:
                findings.wrong(row.id.place, f"{quoted(name)} has another id in an earlier row; keep one of them")
    return ids, blank, there


def _prove(old: Mapped, new: Mapped, ids: Mapping[str, str]) -> None:
    """The new texts say what the old ones said, and the ids. Raises MappingError."""
    wanted = {meter.name: _said(meter) for meter in old.meters}
    wanted |= {
        draft.name: replace(_said(draft.meter), id=ids[draft.name])
        for draft in old.drafts
        if draft.name in ids and draft.meter is not None
    }
    found = {meter.name: _said(meter) for meter in new.meters}
    other = [name for name in {*wanted, *found} if wanted.get(name) != found.get(name)]
    if other or {draft.name for draft in new.drafts} != {draft.name for draft in old.drafts} - ids.keys():
        named = ", ".join(quoted(name) for name in sorted(other or ids))
        raise MappingError(f"the ids cannot be entered in place, so nothing was written; enter these by hand: {named}")


def _said(meter: Meter) -> Meter:
    """Without the places where it stands."""
    return replace(meter, place=None, points=tuple(replace(point, place=None) for point in meter.points))


def _edited(text: str, file: Path, ids: Mapping[str, str]) -> str:
    mark = _BOM if text.startswith(_BOM) else ""
    return mark + with_ids(text.removeprefix(_BOM), file, ids)


def _codec(file: Path, content: bytes) -> str:
    if file.suffix.lower() == ".xlsx":
        raise MappingError(
            f"{file} is a spreadsheet, into which ids are not entered; enter them there, or save it as CSV"
        )
    return codec(content)  # it was read as the mapping already


def _encoded(text: str, file: Path, by: str) -> bytes:
    try:
        return text.encode(by)
    except UnicodeError:
        raise MappingError(f"{file} cannot hold such an id, so nothing was written; save it as UTF-8") from None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise MappingError(f"{file} cannot be read: {error.strerror}") from None


def _sheet(file: Path) -> str:
    """As spreadsheets save it; a letter that is none is no harm: what is matched are keys and ids, in plain letters."""
    content = _content(file)
    with suppress(EncodingError):
        return decode(content).text
    if b"\0" in content:
        raise MappingError(f"{file} is no CSV file; in the spreadsheet, save the sheet as CSV (UTF-8)")
    return content.decode("cp1252", "replace")
