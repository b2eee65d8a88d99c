"""How late the event loop is: everything that the bridge does waits for it."""

import asyncio
from collections.abc import Callable
from typing import Final

_EVERY: Final = 0.05
"""Seconds. A standstill is seen shorter than it was, by up to as much."""


async def watch_lag(late: Callable[[float], None]) -> None:
    """Tell, twenty times a second and for ever, by how many seconds a timer was late."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _EVERY
        await asyncio.sleep(_EVERY)
        late(max(0.0, loop.time() - due))
