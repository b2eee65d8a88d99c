"""Python's collector of cycles, set for a service that runs for years."""

import gc
from typing import Final

_AFTER: Final = (200_000, 20, 100)
"""Objects, and rounds of the younger generations: thousands are made in a slot, hardly any of them in a cycle."""


def settle() -> None:
    """To be called once everything that stays is made: it is not looked at again.

    With what a slot makes Python would go through its objects many times in every slot: a third of the CPU of
    reading meters of one field (measured).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_AFTER)
