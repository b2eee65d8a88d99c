"""Objects as a mapping names them in short. Pure."""

from typing import Final

from bacnet_bridge.vocabulary.objects import ABBREVIATIONS, ObjectId

_SHORT: Final = {number: short for short, number in reversed(ABBREVIATIONS.items())}


def short(identifier: ObjectId) -> str:
    """`AI1`; `analog-input,1` where there is no short form."""
    kind = _SHORT.get(identifier.type)
    return str(identifier) if kind is None else f"{kind}{identifier.instance}"
