import asyncio
import gc
import weakref

from bacnet_bridge.service.heap import settle, sweep
from tests.support.clock import DrivenClock


class _Buffer:
    """Something large that an error's frame holds."""


async def test_what_broke_is_gone_within_a_minute_however_many_objects_there_are() -> None:
    clock = DrivenClock()
    before = gc.get_threshold()
    try:
        settle()
        sweeping = asyncio.create_task(sweep(clock))
        buffer = _Buffer()
        buffer.error = ValueError(buffer)  # type: ignore[attr-defined]  a cycle, as an error and its frame are
        seen = weakref.ref(buffer)
        for generation in range(2):
            gc.collect(generation)  # it is old now
        del buffer
        gc.collect(1)
        assert seen() is not None, "the younger generations have it no more"
        await clock.advance(61)
        assert seen() is None
        sweeping.cancel()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
