"""Python's collector of cycles, set for a service that runs for years."""

import gc
from typing import Final

_AFTER: Final = (10_000, 10, 20)
"""Objects, and rounds of the younger generations: thousands are made in a slot, hardly any of them in a cycle.

While it looks, nothing else goes on: 10,000 objects take 5 ms or so, what ten rounds of them left 50 at most. Rounds of
200,000 took 300 ms in every slot of 10,000 meters. Devices that fall silent and connections that break leave some
cycles; the last of them go after a quarter of an hour or so.
"""


def settle() -> None:
    """To be called before the start, and again once everything that stays is made: it is not looked at again.

    A look through all of it would take 300 ms with 10,000 meters; the cycles that a start leaves behind are few.

    With what a slot makes Python would go through its objects many times in every slot: a third of the CPU of
    reading meters of one field (measured).
    """
    gc.freeze()
    gc.set_threshold(*_AFTER)
