"""The fields of a raw meter → Points. Pure."""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Final

from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.backfill_key import backfill_of, check_sums
from bacnet_bridge.mapping.key import read
from bacnet_bridge.mapping.problems import Findings, meant, quoted
from bacnet_bridge.mapping.rows import RawMeter, RawPoint
from bacnet_bridge.mapping.texts import PRECISION
from bacnet_bridge.mapping.watch import Watching
from bacnet_bridge.model import Nature, Point, PropertyRef
from bacnet_bridge.vocabulary.fields import FIELDS, POWERS, SCALED_BY_CT, SCALED_BY_VT, SINGLE, Quantity
from bacnet_bridge.vocabulary.objects import (
    ACCUMULATOR,
    ARRAYS,
    COUNTERS,
    NO_NUMBERS,
    PRESENT_VALUE,
    SCALARS,
    STATES,
    WITHOUT_VALUE,
    property_name,
)
from bacnet_bridge.vocabulary.units import Unit, conversion, parse_unit, why_not

SIGNED: Final = frozenset({Quantity.ACTIVE_POWER, Quantity.REACTIVE_POWER})
"""What a current transformer mounted backwards shows with the wrong sign. Apparent power and current have none,
and energy cannot be mended by a sign: the meter has counted it in its other register."""

_ONE: Final = Decimal(1)


def build_points(raw: RawMeter, findings: Findings) -> tuple[Point, ...]:
    """The points in the order of the file; problems go to the findings."""
    known = [point for point in raw.points if _known(point, findings)]
    _one_kind(known, findings)
    _sums(known, findings)
    scaling = _Scaling(raw, findings)
    watching = Watching(raw, findings)
    nature = _nature(raw, known, findings)
    points = (_point(point, nature, scaling, watching, findings) for point in known)
    built = tuple(point for point in points if point is not None)
    _repeated(built, findings)
    _totals(built, findings)
    check_sums(built, findings)
    scaling.report_unused(raw, known)
    watching.report_unused([point.nature for point in built])
    return built


class _Scaling:
    """The meter's transformers and inverted phases, and which of them have found a field to act on."""

    def __init__(self, raw: RawMeter, findings: Findings) -> None:
        self._findings = findings
        self._ct = read(keys.CT, raw.cells.get(keys.CT.name), findings)
        self._vt = read(keys.VT, raw.cells.get(keys.VT.name), findings)
        self._inverted = read(keys.INVERT, raw.cells.get(keys.INVERT.name), findings) or frozenset()

    def ratio(self, field: str) -> Decimal:
        """What the field is multiplied by, after its unit was converted."""
        quantity = FIELDS[field].quantity
        current = self._ct if self._ct is not None and quantity in SCALED_BY_CT else _ONE
        voltage = self._vt if self._vt is not None and quantity in SCALED_BY_VT else _ONE
        with localcontext(prec=PRECISION):
            ratio = current * voltage
        return ratio.copy_negate() if quantity in SIGNED and int(field[-1]) in self._inverted else ratio

    def report_unused(self, raw: RawMeter, points: Sequence[RawPoint]) -> None:
        """What acts on no field is a problem on a single-value meter and odd on an electrical one."""
        quantities = {FIELDS[point.field.text].quantity for point in points}
        signed = {int(point.field.text[-1]) for point in points if FIELDS[point.field.text].quantity in SIGNED}
        idle = sorted(self._inverted - signed)
        unused = {
            keys.CT.name: "" if quantities & SCALED_BY_CT else "ct acts on none of the meter's fields",
            keys.VT.name: "" if quantities & SCALED_BY_VT else "vt acts on none of the meter's fields",
            keys.INVERT.name: f"invert names phase {idle[0]}, and the meter has no power of it" if idle else "",
        }
        for name, why in unused.items():
            if not why or name not in raw.cells or not points:
                continue
            place = raw.cells[name].place
            if quantities == {Quantity.ANY}:
                self._findings.wrong(place, f"{name} acts on electrical fields only; give value a multiplier instead")
            else:
                self._findings.odd(place, f"{why}; leave it out, or add the field")


def _known(point: RawPoint, findings: Findings) -> bool:
    if point.field.text in FIELDS:
        return True
    findings.wrong(point.field.place, f"there is no field {quoted(point.field.text)}{meant(point.field.text, FIELDS)}")
    return False


def _one_kind(points: Sequence[RawPoint], findings: Findings) -> None:
    """A packet is either a single value or electrical, never both."""
    kinds = [point.field.text == SINGLE.key for point in points]
    if any(kinds) and not all(kinds):
        odd = next(point for point, kind in zip(points, kinds, strict=True) if kind != kinds[0])
        findings.wrong(
            odd.field.place,
            f"{odd.field.text} stands beside {points[0].field.text}; a meter sends either value or electrical fields, "
            "so make two meters of them",
        )


def _sums(points: Sequence[RawPoint], findings: Findings) -> None:
    """Several registers of one field must all say that they are a sum: a copied row would else change a value."""
    first: dict[str, RawPoint] = {}
    for point in points:
        name = point.field.text
        earlier = first.setdefault(name, point)
        if earlier is not point and not (earlier.summed and point.summed):
            findings.wrong(
                point.field.place,
                f"{name} is there twice, first in line {earlier.field.place.line}; "
                f"if the registers add up, write sum {name} in each of the rows",
            )


def _nature(raw: RawMeter, points: Sequence[RawPoint], findings: Findings) -> Nature:
    """What `value` is over time."""
    nature = read(keys.AS, raw.cells.get(keys.AS.name), findings)
    if nature is not None and points and all(point.field.text != SINGLE.key for point in points):
        findings.wrong(
            raw.cells[keys.AS.name].place,
            "as is for value only; leave it out, electrical energies are counters and all else is measured",
        )
    return nature or Nature.INSTANT


def _point(raw: RawPoint, nature: Nature, scaling: _Scaling, watching: Watching, findings: Findings) -> Point | None:
    cells = raw.cells
    field = FIELDS[raw.field.text]
    source, unit = _source(raw, findings), _unit(raw, findings)
    multiplier = read(keys.MULTIPLIER, cells.get(keys.MULTIPLIER.name), findings)
    offset = read(keys.OFFSET, cells.get(keys.OFFSET.name), findings)
    name = read(keys.NAME, cells.get(keys.NAME.name), findings)
    cov = read(keys.COV, cells.get(keys.COV.name), findings)
    watch = watching.of(raw, _nature_of(field.quantity, nature))
    backfill = backfill_of(raw, _nature_of(field.quantity, nature), watch.valid_when, findings)
    if source is None:
        return None
    _oddities(raw, source, nature, findings)
    if cov:
        _told(raw, source, findings)
    return Point(
        field=field.key,
        source=source,
        nature=_nature_of(field.quantity, nature),
        name=name,
        multiplier=_ONE if multiplier is None else multiplier,
        offset=Decimal(0) if offset is None else offset,
        unit=unit,
        ratio=scaling.ratio(field.key),
        counting=watch.counting,
        frozen_after=watch.frozen_after,
        frozen_refused=watch.frozen_refused,
        skip=watch.skip,
        send=watch.send,
        valid_when=watch.valid_when,
        cov=bool(cov),
        backfill=backfill,
        place=raw.field.place,
    )


def _oddities(raw: RawPoint, source: PropertyRef, nature: Nature, findings: Findings) -> None:
    """What can be used as it stands, but is probably not meant."""
    field = FIELDS[raw.field.text]
    if field is SINGLE and nature is Nature.INSTANT and source.object.type in COUNTERS:
        findings.odd(raw.field.place, f"{source.object} is a counter; say as: index, or as: delta for its growth")
    if nature is Nature.DELTA and keys.OFFSET.name in raw.cells:
        findings.odd(raw.cells[keys.OFFSET.name].place, "offset changes nothing in a counter's growth; leave it out")
    if field is not SINGLE and keys.MULTIPLIER.name in raw.cells and keys.UNIT.name not in raw.cells:
        findings.odd(
            raw.cells[keys.MULTIPLIER.name].place,
            f"the product counts in the unit that the device claims; name the product's own, like unit: {field.unit}",
        )


def _told(raw: RawPoint, source: PropertyRef, findings: Findings) -> None:
    """Devices tell changes of present-values only, and of an accumulator's not at all (clause 13.1)."""
    place = raw.cells[keys.COV.name].place
    if source.property != PRESENT_VALUE:
        findings.wrong(place, f"devices tell no changes of {property_name(source.property)}; leave cov out: it is read")
    elif source.object.type == ACCUMULATOR:
        findings.odd(place, f"devices tell no changes of {source.object}; leave cov out: it is read in any case")


def _nature_of(quantity: Quantity, stated: Nature) -> Nature:
    if quantity is Quantity.ANY:
        return stated
    return Nature.INDEX if quantity is Quantity.ENERGY else Nature.INSTANT


def _source(raw: RawPoint, findings: Findings) -> PropertyRef | None:
    """The property that is read, if it can be a number."""
    identifier = read(keys.OBJECT, raw.cells.get(keys.OBJECT.name), findings)
    prop = read(keys.PROPERTY, raw.cells.get(keys.PROPERTY.name), findings)
    index = read(keys.INDEX, raw.cells.get(keys.INDEX.name), findings)
    if identifier is None:
        return None
    source = PropertyRef(identifier, PRESENT_VALUE if prop is None else prop, index)
    _numeric(raw, source, findings)
    _element(raw, source, findings)
    return source


def _numeric(raw: RawPoint, source: PropertyRef, findings: Findings) -> None:
    place = raw.cells[keys.OBJECT.name].place
    if source.property in NO_NUMBERS:
        place = raw.cells[keys.PROPERTY.name].place
        findings.wrong(place, f"{property_name(source.property)} is not a number; leave property out for present-value")
    elif source.property != PRESENT_VALUE:
        return
    elif source.object.type in WITHOUT_VALUE:
        findings.wrong(place, f"{source.object} has no number as its present-value; name another object or a property")
    elif source.object.type in STATES and raw.field.text != SINGLE.key:
        findings.wrong(place, f"{source.object} is a state, not a measurement; states can only be sent as value")


def _element(raw: RawPoint, source: PropertyRef, findings: Findings) -> None:
    if keys.INDEX.name not in raw.cells and source.property in ARRAYS - NO_NUMBERS:
        place = raw.cells[keys.PROPERTY.name].place
        findings.wrong(place, f"{property_name(source.property)} is an array; name the element with index:, from 1")
    if source.index is not None and source.property in SCALARS:
        place = raw.cells[keys.INDEX.name].place
        findings.wrong(place, f"{property_name(source.property)} has no elements; leave index out")


def _unit(raw: RawPoint, findings: Findings) -> Unit | None:
    """The stated unit, if the field can take it (guarantee 4: converted or refused, never guessed)."""
    cell = raw.cells.get(keys.UNIT.name)
    unit = read(keys.UNIT, cell, findings)
    wanted = FIELDS[raw.field.text].unit
    if unit is not None and cell is not None and wanted and conversion(unit, parse_unit(wanted)) is None:
        why = why_not(unit).split(";")[0]
        findings.wrong(
            cell.place,
            f"{raw.field.text} is sent in {wanted}, and {unit} cannot be converted to that{why}; "
            "mend unit:, or convert with multiplier: and name the result's unit",
        )
    return unit


def _repeated(points: Sequence[Point], findings: Findings) -> None:
    """A register twice in one sum would count twice; in two fields it is probably a slip of the pen."""
    first: dict[str, Point] = {}
    fields: dict[PropertyRef, Point] = {}
    for point in points:
        other = fields.setdefault(point.source, point)
        if other.field != point.field:
            findings.odd(point.place, f"{point.source} feeds {other.field} too; mend the object of one of them")
        earlier = first.setdefault(point.key, point)
        if earlier is not point:
            findings.wrong(
                point.place, f"{point.source} is there twice in the sum of {point.field}; name another register"
            )


def _totals(points: Sequence[Point], findings: Findings) -> None:
    """The platform takes a single total in the first parameter. A circuit of one phase has that phase's voltage or
    current beside it.
    """
    fields = dict.fromkeys(point.field for point in points)
    for quantity in (*POWERS, Quantity.ENERGY):
        alone = [field for field in fields if FIELDS[field].quantity is quantity]
        if len(alone) != 1 or alone[0].endswith("_1"):
            continue
        stem, _, phase = alone[0].rpartition("_")
        if not fields.keys() & {f"v_{phase}", f"c_{phase}"}:
            place = next(point.place for point in points if point.field == alone[0])
            findings.odd(
                place,
                f"{alone[0]} is the meter's only {quantity.value}; if it is the total, map it to {stem}_1, where the "
                "platform takes one",
            )
