"""How many packets may wait, meter by meter. Pure."""

from collections.abc import Mapping


class Quota:
    """Each meter's share is its own at any time; what others leave unused of theirs is lent.

    Guarantee 1: a quota refuses what is new and drops nothing. What was lent is not called back, so that at most
    twice the sum of the shares waits. A meter without a share has no limit.
    """

    def __init__(self, shares: Mapping[str, int] | None = None) -> None:
        self._shares = dict(shares or {})
        self._sum = sum(self._shares.values())

    def admits(self, meter: str, waiting: int, total: int) -> bool:
        """Whether one more may wait where `waiting` of this queue's do already, and `total` of all."""
        share = self._shares.get(meter)
        return share is None or waiting < share or total < self._sum

    def room(self, meter: str, waiting: int, total: int) -> int | None:
        """How many more may wait as things stand; None: no limit."""
        share = self._shares.get(meter)
        return None if share is None else max(0, share - waiting, self._sum - total)
