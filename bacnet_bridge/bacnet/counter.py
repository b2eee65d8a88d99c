"""Counters: what the platform bills by. Pure.

A counter that falls is not believed at once: devices answer 0 with good flags for seconds after a power cut. It is
believed when it has been seen three times in a row, never falling again (a new meter, a counter set back).
"""

import json
from dataclasses import dataclass, replace
from decimal import Decimal

_BELIEVED_AFTER = 3
"""Readings."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A lower count that is being watched."""

    first: Decimal
    latest: Decimal
    seen: int


@dataclass(frozen=True, slots=True)
class Count:
    """What is remembered of a counter. All are raw counts after the device's scale, before the multiplier."""

    last: Decimal
    """The last count that was believed."""
    base: Decimal | None = None
    """`as: delta`: the count up to which growth has been sent."""
    suspect: Suspect | None = None
    of: str = ""
    """What one count is: scale and unit. Counts of different things are not compared."""

    def follow(self, now: Decimal) -> "Count":
        """The memory after a reading; its `suspect` is set while the reading is not believed."""
        if now >= self.last:
            return replace(self, last=now, suspect=None)
        before = self.suspect
        if before is None or now < before.latest:
            return replace(self, suspect=Suspect(now, now, 1))
        watched = Suspect(before.first, now, before.seen + 1)
        if watched.seen < _BELIEVED_AFTER:
            return replace(self, suspect=watched)
        # What was counted up to the fall and since it is known; what lies between is not, and is not guessed.
        base = None if self.base is None else watched.first - (self.last - self.base)
        return Count(now, base, of=self.of)

    def to_text(self) -> str:
        """As it is stored with the packet: JSON, numbers as text, so that nothing is rounded."""
        watched = self.suspect and [str(self.suspect.first), str(self.suspect.latest), self.suspect.seen]
        base = None if self.base is None else str(self.base)
        return json.dumps({"last": str(self.last), "base": base, "suspect": watched, "of": self.of})


def count_from_text(text: str) -> Count:
    """The inverse of `Count.to_text`."""
    stored = json.loads(text)
    watched = stored["suspect"]
    return Count(
        Decimal(stored["last"]),
        None if stored["base"] is None else Decimal(stored["base"]),
        watched and Suspect(Decimal(watched[0]), Decimal(watched[1]), watched[2]),
        stored.get("of", ""),
    )
