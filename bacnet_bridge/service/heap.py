"""Python's collector of cycles, set for a service that runs for years."""

import gc
from typing import Final

from bacnet_bridge.clock import Clock

_AFTER: Final = (10_000, 10, 1_000_000)
"""Objects, and rounds of the younger generations: thousands are made in a slot, hardly any of them in a cycle.

While it looks, nothing else goes on: 10,000 objects take 5 ms or so, what ten rounds of them left 50 at most. Rounds of
200,000 took 300 ms in every slot of 10,000 meters. Through the oldest ones `sweep` looks.
"""
_EVERY: Final = 60.0
"""Seconds."""


def settle() -> None:
    """To be called before the start, and again once everything that stays is made: it is not looked at again.

    A look through all of it would take 300 ms with 10,000 meters; the cycles that a start leaves behind are few.

    With what a slot makes Python would go through its objects many times in every slot: a third of the CPU of
    reading meters of one field (measured).
    """
    gc.freeze()
    gc.set_threshold(*_AFTER)


async def sweep(clock: Clock) -> None:
    """Collect what came since the start, minute by minute, until cancelled.

    Devices that fall silent and connections that break leave cycles: errors with the frames, buffers and TLS states of
    what they ended. Python itself would look at old ones only once they are a quarter more, by how many there were when
    all were made: memory grew by the hour.
    """
    while True:
        await clock.sleep(_EVERY)
        gc.collect()
