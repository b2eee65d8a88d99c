"""Lists of points → a Survey. Pure. Whatever is not in it is told of, by line and reason."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from bacnet_bridge.sheets.cells import ERRORS
from bacnet_bridge.survey.ede import codes, columns, states
from bacnet_bridge.survey.ede.tables import LAYOUT, PointRow, Table
from bacnet_bridge.survey.ede.written import address_network, is_address, is_own_keyname
from bacnet_bridge.survey.model import LONGEST_TEXT, FoundDevice, FoundObject, Stated, Survey
from bacnet_bridge.vocabulary.objects import ObjectId

_DEVICE: Final = 8
"""The type of the device object."""
_SAID: Final = frozenset({columns.DEVICE, columns.NAME, columns.TYPE, columns.INSTANCE, columns.DESCRIPTION})


@dataclass(frozen=True, slots=True)
class Remark:
    """What came of one line, as a sentence."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands in the files beside a list."""

    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What was read of one list: every row of points is one of these three."""

    layout: str
    points: int = 0
    devices: int = 0
    """Rows that describe a device itself."""
    skipped: list[Remark] = field(default_factory=list)
    noted: list[Remark] = field(default_factory=list)
    """Rows that were read, but not all that they say."""


class _SkipError(ValueError):
    """The row cannot be taken: the reason."""


@dataclass(slots=True)
class _Device:
    """What the lists say of one device."""

    instance: int
    address: str = ""
    name: str | None = None
    description: str | None = None
    stated: tuple[Stated, ...] = ()
    described_in: int = 0
    """The line of its own row; 0 without one."""
    objects: dict[ObjectId, FoundObject] = field(default_factory=dict)
    lines: dict[ObjectId, int] = field(default_factory=dict)

    def found(self, seen: int) -> FoundDevice:
        return FoundDevice(
            instance=self.instance,
            address=self.address,
            network=address_network(self.address),
            seen=seen,
            identified=self.name is not None,
            name=self.name,
            description=self.description,
            objects=tuple(each for _, each in sorted(self.objects.items())),
            stated=self.stated,
        )


class Lists:
    """Gathers lists of one or several devices. `device` stands in where a list does not name its device."""

    def __init__(self, device: int | None = None) -> None:
        self._device = device
        self._devices: list[_Device] = []
        self._current: dict[int, _Device] = {}

    def read(self, table: Table, beside: Beside) -> Report:
        """Take the rows of a list."""
        report = Report(table.said.get(LAYOUT, ""))
        if not table.headed:
            report.noted.append(Remark(1, "the list has no headings: its columns are taken in EDE's own order"))
        reading = _Reading(beside, report)
        last: int | None = None
        for row in table.rows:
            try:
                last = self._take(row, reading, last)
            except ValueError as error:
                report.skipped.append(Remark(row.line, str(error)))
        if reading.without_states:
            report.noted.append(
                Remark(
                    1, f"{reading.without_states} rows refer to state texts, and no file of them stands beside the list"
                )
            )
        report.skipped += [Remark(line, "it is commented out") for line in table.commented]
        report.skipped.sort(key=lambda each: each.line)
        return report

    def survey(self, now: int, scope: tuple[str, ...], attention: tuple[str, ...]) -> Survey:
        """What all lists say. No list is known to be a device's whole one. `now` in UTC milliseconds."""
        found = sorted((each.found(now) for each in self._devices), key=lambda device: device.key)
        return Survey(now, now, finished=True, scope=scope, devices=tuple(found), attention=attention)

    def _take(self, row: PointRow, reading: "_Reading", last: int | None) -> int:
        """Returns the row's device."""
        if row.surplus is not None:
            raise _SkipError(
                f"{row.surplus.text!r:.40} stands under no heading: a delimiter within a text that is not quoted? "
                "Then no cell is sure to stand under its own"
            )
        identifier = ObjectId(reading.type(row), reading.instance(row))
        instance = self._instance(row, identifier, last)
        if identifier.type == _DEVICE:
            self._describe(row, instance, identifier, reading)
            reading.report.devices += 1
            return instance
        device = self._of(instance)
        if identifier in device.objects:
            line = device.lines[identifier]
            raise _SkipError(f"{identifier} of device {instance} is there twice, first in line {line}")
        device.objects[identifier] = reading.object(row, identifier)
        device.lines[identifier] = row.line
        reading.report.points += 1
        return instance

    def _instance(self, row: PointRow, identifier: ObjectId, last: int | None) -> int:
        """The device's: what the row says, else what was given, else that of the device's own row or the last one."""
        if (cell := row.cells.get(columns.DEVICE)) and cell.text:
            return codes.device(cell.text)
        if self._device is not None:
            return self._device
        if identifier.type == _DEVICE:
            return codes.device(str(identifier.instance))
        if last is None:
            raise _SkipError("it names no device; say which with --device")
        return last

    def _of(self, instance: int) -> _Device:
        if instance not in self._current:
            self._current[instance] = _Device(instance)
            self._devices.append(self._current[instance])
        return self._current[instance]

    def _describe(self, row: PointRow, instance: int, identifier: ObjectId, reading: "_Reading") -> None:
        """The device's own row. Another one of the same instance at another address begins another device."""
        if identifier.instance != instance:
            reading.note(row, f"the device object has instance {identifier.instance}, its rows say {instance}")
        found = reading.object(row, identifier)
        address = next((each.text for each in found.stated if each.column == columns.ADDRESS), "")
        address = address if is_address(address) else ""
        device = self._of(instance)
        if device.described_in and address and device.address and address != device.address:
            del self._current[instance]
            device = self._of(instance)
        elif device.described_in:
            raise _SkipError(f"device {instance} is there twice, first in line {device.described_in}")
        device.described_in = row.line
        device.name, device.description, device.address = found.name, found.description, address
        device.stated = tuple(each for each in found.stated if not (address and each.column == columns.ADDRESS))


class _Reading:
    """Reads the cells of one list's rows."""

    def __init__(self, beside: Beside, report: Report) -> None:
        self._beside = beside
        self.report = report
        self.without_states = 0
        """Rows that refer to a file of state texts, where there is none."""

    def type(self, row: PointRow) -> int:
        return codes.object_type(self._needed(row, columns.TYPE), self._beside.types)

    def instance(self, row: PointRow) -> int:
        return codes.instance(self._needed(row, columns.INSTANCE))

    def object(self, row: PointRow, identifier: ObjectId) -> FoundObject:
        """What the row says of an object; what it says beyond a survey's fields is kept as it stands."""
        name, description = self._text(row, columns.NAME), self._text(row, columns.DESCRIPTION)
        units, texts = self._units(row), self._states(row)
        taken = _SAID | (texts[1] if texts else set()) | ({columns.UNIT} if units is not None else set())
        return FoundObject(
            identifier,
            explored=any(each is not None for each in (name, description, units, texts)),
            name=name,
            description=description,
            units=units,
            states=texts[0] if texts else None,
            stated=tuple(sorted(self._stated(row, taken, identifier), key=_place)),
        )

    def _stated(self, row: PointRow, taken: AbstractSet[str], identifier: ObjectId) -> Iterator[Stated]:
        for column, cell in row.cells.items():
            own = column == columns.KEYNAME and is_own_keyname(cell.text, identifier)
            if cell.text and column not in taken and not own:
                text = self._text(row, column) or ""
                yield Stated(column, _pointed(text) if column in columns.NUMBERS else text)

    def note(self, row: PointRow, sentence: str) -> None:
        self.report.noted.append(Remark(row.line, sentence))

    def _needed(self, row: PointRow, name: str) -> str:
        cell = row.cells.get(name)
        if cell is None or not cell.text:
            raise _SkipError(f"it has no {name}")
        return cell.text

    def _text(self, row: PointRow, name: str) -> str | None:
        cell = row.cells.get(name)
        if cell is None:
            return None
        if cell.text.strip() in ERRORS and not cell.quoted:  # in quotes it is a text: no spreadsheet writes it so
            self.note(row, f"{name} holds a spreadsheet's error, {cell.text.strip()}: the text is lost")
        if len(cell.text) > LONGEST_TEXT:
            self.note(row, f"{name} is cut after {LONGEST_TEXT} characters")
        return cell.text[:LONGEST_TEXT]

    def _units(self, row: PointRow) -> int | None:
        cell = row.cells.get(columns.UNIT)
        if cell is None or not cell.text:
            return None
        try:
            return codes.unit(cell.text, self._beside.units)
        except ValueError as error:
            self.note(row, str(error))
            return None

    def _states(self, row: PointRow) -> tuple[tuple[str, ...], AbstractSet[str]] | None:
        """The texts of states, and the columns that they were taken from."""
        cell = row.cells.get(columns.STATES)
        reference = cell.text if cell else ""
        if (known := self._beside.states.get(states.number_or_name(reference))) is not None:
            return known, {columns.STATES}
        if states.is_list(reference):
            return states.inline(reference), {columns.STATES}
        if single := dict(_numbered(row)):
            numbered = {number: row.cells[column].text for column, number in single.items()}
            return states.in_order(numbered), single.keys()
        listed = row.cells.get(columns.TEXTS)
        if listed is not None and listed.text:
            return states.inline(listed.text), {columns.TEXTS}
        if reference and self._beside.states:
            self.note(row, f"the state texts {reference!r:.40} are not in the file of state texts")
        self.without_states += bool(reference and not self._beside.states)
        return None


def _numbered(row: PointRow) -> Iterator[tuple[str, int]]:
    for name in row.cells:
        head, _, number = name.partition(" ")
        if head == "state" and number.isdigit() and 0 < int(number) <= 999:
            yield name, int(number)


def _place(stated: Stated) -> tuple[int, str]:
    """Columns of EDE's in its order, then vendors' by name."""
    known = stated.column in columns.COLUMNS
    return columns.COLUMNS.index(stated.column) if known else len(columns.COLUMNS), stated.column


def _pointed(text: str) -> str:
    """A decimal comma as a point."""
    pointed = text.strip().replace(",", ".")
    return pointed if text.count(",") == 1 and pointed.lstrip("+-").replace(".", "", 1).isdecimal() else text
