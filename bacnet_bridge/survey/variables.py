"""Variables of controllers as objects' names: `GVL_Energy.stEM[0].fU_L1N` → without types and lists. Pure.

Programmers put a variable's type before its name, `f` or `r` for a real, `b` or `x` for a bit. One such letter may be
anything; where most of a device's names have one, they are types.
"""

import re
from typing import Final

from bacnet_bridge.survey.model import FoundDevice

_TYPE: Final = re.compile(r"(?:(?<=^)|(?<=[._ \]]))(?:lr|ud?i|ar+|st|[frbxn])(?=[A-Z])")
_LIST: Final = re.compile(r"^(?:GVL|PRG|GVAR)_?\w*\.")
_FEWEST: Final = 6
"""Names from which a habit can be seen."""


def typed(device: FoundDevice) -> bool:
    """Most of the device's names bear types."""
    names = [each.name for each in device.objects if each.name]
    bearing = sum(bool(_TYPE.search(_LIST.sub("", name))) for name in names)
    return len(names) >= _FEWEST and 4 * bearing > 3 * len(names)


def untyped(name: str) -> str:
    """The name without the list in which the variable stands, and without types."""
    return _TYPE.sub("", _LIST.sub("", name))
