"""The event loop's lag, with a loop that really stands still."""

import asyncio
import time

from bacnet_bridge.status.lag import watch_lag


async def test_a_standstill_is_seen_and_quiet_is_not() -> None:
    seen: list[float] = []
    looked = asyncio.Event()

    def late(seconds: float) -> None:
        seen.append(seconds)
        looked.set()

    watching = asyncio.create_task(watch_lag(late))
    await looked.wait()
    looked.clear()
    time.sleep(0.4)  # noqa: ASYNC251  the standstill
    await looked.wait()
    watching.cancel()
    assert min(seen) >= 0
    assert 0.3 <= max(seen[1:]) < 0.4 + 2, "shorter than it was by one look at most"
