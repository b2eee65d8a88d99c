"""A unit against the words beside it. Pure."""

from typing import Final

KINDS: Final[tuple[str, ...]] = ("voltage", "current", "power", "energy")
"""Of an electrical quantity, whether it is active, reactive or apparent."""
_QUANTITIES: Final = frozenset({*KINDS, "reactive power", "apparent power"})
_CLASSES: Final = {
    "temperature": "temperature",
    "humidity": "humidity",
    "pressure": "pressure",
    "flow": "flow",
    "volume": "flow",
}
"""What is confused by nobody but a wrong unit."""


def contradiction(measured: str, says: frozenset[str], spelled: str) -> str:
    """A unit that says something else than the words."""
    kind = measured.rpartition(" ")[2]
    kinds = {each for each in KINDS if each in says}
    if kind in {"power", "energy"} and "electric" in says:
        kinds -= {"current"}
    if kind not in KINDS:
        wrong = kinds & {"voltage", "energy"} if measured in {"temperature", "volume", "pressure"} else set()
        classes = says & frozenset(_CLASSES)
        if measured in _CLASSES and classes and _CLASSES[measured] not in {_CLASSES[each] for each in classes}:
            wrong |= classes
        return f"the words say {' and '.join(sorted(wrong))}, the unit {measured}" if wrong else ""
    if kinds and kind not in kinds:
        return f"the words say {' and '.join(sorted(kinds))}, the unit {measured}"
    if spelled in _QUANTITIES and measured in _QUANTITIES and spelled != measured and "power" in spelled:
        return f"the words spell a unit of {spelled}, the unit is one of {measured}"
    for special in ("reactive", "apparent"):
        if special in says and kind in {"power", "energy"} and not measured.startswith(special):
            other = {"reactive", "apparent", "active"} - {special}
            if not other & says:
                return f"the words say {special}, the unit {measured}"
    if measured.startswith(("reactive", "apparent")) and "active" in says and not {"reactive", "apparent"} & says:
        return f"the words say active, the unit {measured}"
    return ""
