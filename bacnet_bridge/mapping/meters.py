"""Raw meters → Meters, or all that is wrong with them. Pure; the same for every format.

Guarantee 4 begins here: what is contradictory, ambiguous or of the wrong unit is refused before anything is read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.backfill_key import check_logs, check_tolerances
from bacnet_bridge.mapping.key import Key, read
from bacnet_bridge.mapping.points import build_points
from bacnet_bridge.mapping.problems import Findings, meant, quoted
from bacnet_bridge.mapping.rows import RawMeter
from bacnet_bridge.model import Meter, Place, Point
from bacnet_bridge.vocabulary.trend_logs import usual_tolerance

T = TypeVar("T")

DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the site decides for meters that do not decide it themselves."""

    zone: str
    """IANA zone."""
    interval: int
    """Seconds."""
    account: str = "default"
    tolerance: float | None = None
    """Seconds; None: min(interval / 4, 60)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A meter without an id: it is listed, not read and not sent."""

    name: str
    device: int | None
    fields: tuple[str, ...]
    place: Place
    meter: Meter | None = None
    """What it will be, with its name for an id; None while it has no device or no field."""


def build_meters(
    raw: Sequence[RawMeter], defaults: Defaults, accounts: Collection[str] | None, findings: Findings
) -> tuple[tuple[Meter, ...], tuple[Draft, ...]]:
    """Meters and drafts, in the order of the rows; problems and warnings go to the findings.

    With a problem found, the meters are not complete and must not be used.
    """
    meters: list[Meter] = []
    drafts: list[Draft] = []
    for row in raw:
        built = _Builder(row, defaults, accounts, findings).build()
        if isinstance(built, Meter):
            meters.append(built)
        elif built is not None:
            drafts.append(built)
    _unique_names(raw, findings)
    _unique_ids(raw, findings)
    _one_address(meters, findings)
    check_logs(meters, findings)
    return tuple(meters), tuple(drafts)


class _Builder:
    """Reads one raw meter's cells."""

    def __init__(self, raw: RawMeter, defaults: Defaults, accounts: Collection[str] | None, findings: Findings) -> None:
        self._raw = raw
        self._defaults = defaults
        self._accounts = accounts
        self._findings = findings

    def build(self) -> Meter | Draft | None:
        """The meter, or the draft where it has no id; None where something that it needs is missing."""
        raw = self._raw
        name = read(keys.NAME, raw.name, self._findings) or raw.name.text
        identifier, device = self._cell(keys.ID), self._cell(keys.DEVICE)
        address, require_all = self._cell(keys.ADDRESS), self._cell(keys.REQUIRE_ALL)
        interval, zone = self._cell(keys.INTERVAL) or self._defaults.interval, self._cell(keys.ZONE)
        account, tolerance = self._account(), self._tolerance(interval)
        points = build_points(raw, self._findings)
        self._even(interval)
        draft = keys.ID.name not in raw.cells
        if not draft:
            self._complete()
            if identifier is None or device is None:
                return None
        elif device is None or not points:
            return Draft(name, device, _fields(points), raw.name.place)
        meter = Meter(
            id=identifier or name,
            name=name,
            device=device,
            points=points,
            interval=interval,
            zone=zone or self._defaults.zone,
            tolerance=tolerance,
            account=account,
            address=address,
            require_all=bool(require_all),
            place=raw.name.place,
        )
        check_tolerances(meter, self._findings)
        return Draft(name, device, _fields(points), raw.name.place, meter) if draft else meter

    def _cell(self, key: Key[T]) -> T | None:
        return read(key, self._raw.cells.get(key.name), self._findings)

    def _complete(self) -> None:
        place, name = self._raw.name.place, quoted(self._raw.name.text)
        if keys.DEVICE.name not in self._raw.cells:
            self._findings.wrong(place, f"{name} names no device; add device: and its instance")
        if not self._raw.tried:
            self._findings.wrong(place, f"{name} has no field; add value: AI1, or electrical fields like aP_1: AI1")

    def _account(self) -> str:
        account = self._cell(keys.ACCOUNT)
        if account is not None and self._accounts is not None and account not in self._accounts:
            self._findings.wrong(
                self._raw.cells[keys.ACCOUNT.name].place,
                f"the settings know no account {quoted(account)}{meant(account, sorted(self._accounts))}",
            )
        return account or self._defaults.account

    def _even(self, interval: int) -> None:
        cell = self._raw.cells.get(keys.INTERVAL.name)
        whose, place = ("the site's interval", None) if cell is None else ("the interval", cell.place)
        if DAY % interval:
            self._findings.odd(
                place,
                f"{whose}, {interval} s, does not divide a day, so that every day's slots fall on other times; "
                "write the interval that the platform knows",
            )

    def _tolerance(self, interval: int) -> float:
        stated = self._cell(keys.TOLERANCE)
        tolerance = float(stated) if stated is not None else self._defaults.tolerance
        if tolerance is None:
            return usual_tolerance(interval)
        if tolerance >= interval:
            cell = self._raw.cells.get(keys.TOLERANCE.name) or self._raw.cells.get(keys.INTERVAL.name, self._raw.name)
            self._findings.wrong(
                cell.place,
                f"tolerance {tolerance:g} s is not shorter than the interval, {interval} s; "
                f"leave tolerance out to have {usual_tolerance(interval):g} s",
            )
        return tolerance


def _unique_names(raw: Sequence[RawMeter], findings: Findings) -> None:
    first: dict[str, Place] = {}
    for meter in raw:
        place = first.setdefault(meter.name.text, meter.name.place)
        if place != meter.name.place:
            findings.wrong(
                meter.name.place,
                f"another meter is already called {quoted(meter.name.text)}, at {place}; give one of them another name",
            )


def _unique_ids(raw: Sequence[RawMeter], findings: Findings) -> None:
    """Two meters of one id would be two clocks behind one queue (guarantee 2), whatever their accounts."""
    first: dict[str, Place] = {}
    for meter in raw:
        cell = meter.cells.get(keys.ID.name)
        if cell is None:
            continue
        place = first.setdefault(cell.text, cell.place)
        if place != cell.place:
            findings.wrong(
                cell.place,
                f"the id {quoted(cell.text)} is already used, at {place}; "
                "give each meter its own id, as the platform lists them",
            )


def _one_address(meters: Sequence[Meter], findings: Findings) -> None:
    """Devices at two addresses are two, even if they bear one instance."""
    first: dict[int, Meter] = {}
    for meter in meters:
        earlier = first.setdefault(meter.device, meter)
        if meter.address != earlier.address:
            findings.odd(
                meter.place,
                f"device {meter.device} is {_at(meter)} here and {_at(earlier)} at {earlier.place}; "
                "if it is one device, say the same of it with every meter",
            )
            first[meter.device] = meter


def _at(meter: Meter) -> str:
    return "without an address" if meter.address is None else f"at {meter.address}"


def _fields(points: tuple[Point, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(point.field for point in points))
