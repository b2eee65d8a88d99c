"""How late the event loop is: everything that the bridge does waits for it."""

import asyncio
from collections.abc import Callable
from typing import Final

_EVERY: Final = 0.25


async def watch_lag(late: Callable[[float], None]) -> None:
    """Tell, four times a second and for ever, by how many seconds a timer was late."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _EVERY
        await asyncio.sleep(_EVERY)
        late(max(0.0, loop.time() - due))
