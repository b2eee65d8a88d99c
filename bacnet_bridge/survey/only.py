"""The filter `--only`: which devices and objects of a survey are meant. Pure.

Each term is `device=1000-1999`, `type=analog-input,accumulator`, `name=*kWh*` or `unit=kWh,Wh`. Values of one key are
alternatives, whether in one term or in several; different keys must all fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bacnet_bridge.survey.model import FoundDevice, FoundObject
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object
from bacnet_bridge.vocabulary.ranges import Range, parse_ranges, within
from bacnet_bridge.vocabulary.units import parse_unit


@dataclass(frozen=True, slots=True)
class Only:
    """Empty alternatives let everything through."""

    devices: tuple[Range, ...] = ()
    types: frozenset[int] = frozenset()
    names: tuple[str, ...] = ()
    """Patterns with `*` and `?`, in small letters; without either, a part of the name."""
    units: frozenset[str] = frozenset()
    """Symbols."""

    def device(self, found: FoundDevice) -> bool:
        return not self.devices or within(self.devices, found.instance)

    def type(self, wanted: ObjectId) -> bool:
        return not self.types or wanted.type in self.types

    def object(self, found: FoundObject) -> bool:
        """Of an explored object; its device is judged by `device`."""
        return self.type(found.id) and self._name(found) and self._unit(found)

    def _name(self, found: FoundObject) -> bool:
        name = (found.name or "").lower()
        return not self.names or any(fnmatchcase(name, pattern) for pattern in self.names)

    def _unit(self, found: FoundObject) -> bool:
        return not self.units or (found.unit is not None and found.unit.symbol in self.units)


def parse_only(terms: Iterable[str]) -> Only:
    """Raises ValueError with a sentence that names the term."""
    said: dict[str, list[str]] = {"device": [], "type": [], "name": [], "unit": []}
    for term in terms:
        key, equals, values = term.partition("=")
        if not equals or key.strip() not in said or not values.strip():
            raise ValueError(
                f"{term!r:.60} is no filter: write device=1000-1999, type=analog-input, name=*kWh* or unit=kWh"
            )
        said[key.strip()] += [values] if key.strip() == "name" else [each.strip() for each in values.split(",")]
    return Only(
        devices=parse_ranges(",".join(said["device"])) if said["device"] else (),
        types=frozenset(parse_object(f"{each},1").type for each in said["type"]),
        names=tuple(_pattern(each.strip().lower()) for each in said["name"]),
        units=frozenset(parse_unit(each).symbol for each in said["unit"]),
    )


def _pattern(text: str) -> str:
    return text if "*" in text or "?" in text else f"*{text}*"
