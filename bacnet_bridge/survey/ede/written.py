"""A Survey → EDE, layout 2.3: the list of points, and its file of state texts. Pure.

What EDE has a column for is written so that it is read again as it was: names, descriptions, units, texts of states,
each device's address, and what an imported list said beyond that. Values, flags and logs have no column.

A text that begins with `=` is left as it is, though spreadsheets take it for a formula: IEC 81346 names things so.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from bacnet_bridge.sheets.cells import ERRORS
from bacnet_bridge.survey.ede import columns
from bacnet_bridge.survey.ede.tables import AUTHOR, CHANGED, LAYOUT, PROJECT, VERSION
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Stated, Survey
from bacnet_bridge.vocabulary.objects import ObjectId

LISTED: Final = "2.3"
"""The layout that is written."""
_DELIMITER: Final = ";"
_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""UTF-8's mark: without it spreadsheets take a file for Windows-1252."""
_NETWORK: Final = re.compile(r"(\d{1,5}):(?:0x[0-9a-fA-F]+|\d{1,3}|[\d.]+(?::\d+)?|[0-9a-fA-F:]+)")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?")
_MANDATORY: Final = 5


def address_network(address: str) -> int | None:
    """The network of `100:12`; None of an IP address."""
    match = _NETWORK.fullmatch(address)
    return int(match[1]) if match else None


def is_address(text: str) -> bool:
    """The text is a device's address as a survey has it."""
    return _IP.fullmatch(text) is not None or address_network(text) is not None


def is_own_keyname(text: str, found: ObjectId) -> bool:
    """The keyname is one that is made here, not a list's."""
    device, _, name = text.partition(".")
    return device.isdecimal() and name == _dotted(found)


class Written:
    """The two files of a set. `project` and `author` are for people."""

    def __init__(self, survey: Survey, project: str, author: str) -> None:
        self._survey = survey
        self._preamble = (project, author)
        self._references: dict[tuple[str, ...], str] = {}
        self._taken = {each.text for each in _stated(survey) if each.column == columns.STATES}
        """References that a list made, and whose texts it did not have with it."""
        self.list = _MARK + "".join(map(_line, self._rows()))
        self.states = _MARK + "".join(map(_line, self._state_rows()))

    def _rows(self) -> Iterator[list[str | None]]:
        project, author = self._preamble
        yield ["#Engineering-Data-Exchange - B.I.G.-EU"]
        yield [PROJECT, project]
        yield [VERSION, "1"]
        yield [CHANGED, datetime.fromtimestamp(self._survey.ended / 1000, UTC).strftime("%Y-%m-%d")]
        yield [AUTHOR, author]
        yield [LAYOUT, LISTED]
        own = _own_columns(self._survey)
        optional = len(columns.COLUMNS) - _MANDATORY + len(own)
        yield ["#mandatory", *["mandatory"] * (_MANDATORY - 1), *["optional"] * optional]
        yield [f"# {columns.COLUMNS[0]}", *columns.COLUMNS[1:], *own]
        for device in self._survey.devices:
            yield self._row(device, _device_object(device), own)
            for each in device.objects:
                yield self._row(device, each, own)

    def _row(self, device: FoundDevice, found: FoundObject, own: Sequence[str]) -> list[str | None]:
        said: dict[str, str | None] = {
            columns.KEYNAME: f"{device.instance}.{_dotted(found.id)}",
            **{each.column: each.text for each in found.stated},
            columns.DEVICE: str(device.instance),
            columns.NAME: found.name,
            columns.TYPE: str(found.id.type),
            columns.INSTANCE: str(found.id.instance),
            columns.DESCRIPTION: found.description,
        }
        if found.units is not None:
            said[columns.UNIT] = str(found.units)
        if found.states is not None:
            said[columns.STATES] = self._reference(found.states)
        return [said.get(column) for column in (*columns.COLUMNS, *own)]

    def _reference(self, texts: tuple[str, ...]) -> str:
        if texts not in self._references:
            number = len(self._references) + 1
            while str(number) in self._taken:
                number += 1
            self._taken.add(str(number))
            self._references[texts] = str(number)
        return self._references[texts]

    def _state_rows(self) -> Iterator[list[str | None]]:
        """After `list` is made."""
        most = max((len(texts) for texts in self._references), default=2)
        heads = ["Text 1 or Inactive-Text", "Text 2 or Active-Text", *(f"Text {n}" for n in range(3, most + 1))]
        yield ["#State Text Reference"]
        yield ["#Reference Number", *heads[: max(most, 2)]]
        for texts, reference in self._references.items():
            yield [reference, *texts]


def _own_columns(survey: Survey) -> list[str]:
    """What a list had beyond EDE's columns, by name."""
    return sorted({each.column for each in _stated(survey)} - set(columns.COLUMNS))


def _stated(survey: Survey) -> Iterator[Stated]:
    for device in survey.devices:
        yield from device.stated
        for each in device.objects:
            yield from each.stated


def _device_object(device: FoundDevice) -> FoundObject:
    """A device as the object that it is in a list; its address stands in the vendor-specific one."""
    address = (Stated(columns.ADDRESS, device.address),) if device.address else ()
    return FoundObject(
        ObjectId(8, device.instance),
        name=device.name,
        description=device.description,
        stated=(*device.stated, *address),
    )


def _dotted(found: ObjectId) -> str:
    return str(found).replace(",", ".")


def _line(texts: Sequence[str | None]) -> str:
    return _DELIMITER.join(map(_cell, texts)) + "\r\n"


def _cell(text: str | None) -> str:
    """Quoted where it would be read otherwise. What is not known is blank, what was said to be empty is `""`."""
    if text is None:
        return ""
    plain = text and text == text.strip() and text not in ERRORS and not re.search(r'[";\r\n]', text)
    return text if plain else '"' + text.replace('"', '""') + '"'
