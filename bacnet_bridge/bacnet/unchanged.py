"""Values that stand still: a gateway that lost its meter shows the last one for ever, with good flags. Pure."""

from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.datum import Datum

_MARK: Final = "still"
"""Begins the text of a memory; a counter's begins with a brace."""


@dataclass(frozen=True, slots=True)
class Still:
    """How often in a row a value was read identical to the bit."""

    raw: str
    times: int = 1

    def to_text(self) -> str:
        """As it is stored with the packet."""
        return f"{_MARK} {self.times} {self.raw}"


def watch(datum: Datum, memory: str | None, at_most: int) -> Still:
    """The memory after one more reading. Zero never stands still: what is switched off shows nothing else."""
    raw = f"{datum.kind} {datum.value!r}"
    before = None if memory is None else _from_text(memory)
    if datum.value == 0 or before is None or before.raw != raw:
        return Still(raw)
    return Still(raw, min(before.times + 1, at_most))


def carry(datum: Datum, memory: str | None) -> Still:
    """The memory after a value that was not read again, because its log writes only what changes."""
    before = None if memory is None else _from_text(memory)
    still = watch(datum, None, 1)
    return before if before is not None and before.raw == still.raw and datum.value != 0 else still


def _from_text(text: str) -> Still | None:
    """None where the memory is another's: the point was a counter before."""
    mark, _, rest = text.partition(" ")
    times, _, raw = rest.partition(" ")
    return Still(raw, int(times)) if mark == _MARK else None
