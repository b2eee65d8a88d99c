"""How delivery ends: requests under way end or are cut, and what the platform accepted is noted on disk.

Guarantee 3: to the next process the outcome of an attempt whose acceptance was not noted is unknown, and it sends the
packet again. So a disk that fails at this very moment is tried again, for some seconds, as it would be at any other.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.wattics.attempt import Attempts
from bacnet_bridge.wattics.turns import Lane, Turns

NOTED_WITHIN: Final = 5.0
"""Seconds, beyond the grace, within which a failing disk is tried again."""
_SPACING: Final = 0.5
_log = structlog.get_logger()


async def cut(under_way: Mapping[Lane, "asyncio.Task[None]"], clock: Clock, grace: float) -> None:
    """Return once nothing is under way: requests have so many seconds; an answer that has come is dealt with."""
    patience = asyncio.create_task(clock.sleep(grace))
    while under_way and not patience.done():
        await asyncio.wait({patience, *under_way.values()}, return_when=asyncio.FIRST_COMPLETED)
    patience.cancel()
    for lane, task in under_way.items():
        if lane.sending:
            task.cancel()
    if under_way:
        await asyncio.wait(under_way.values())


async def note(turns: Turns, attempts: Attempts, clock: Clock) -> None:
    """Commit the acceptances that the outbox refused before, if it takes them now or soon. Nothing is under way."""
    until = clock.monotonic() + NOTED_WITHIN
    left = _not_noted(turns.lanes.values())
    while left:
        await asyncio.gather(*map(attempts.serve, left))  # together, so that they share a commit
        left = _not_noted(left)
        if clock.monotonic() >= until:
            break
        if left:
            await clock.sleep(_SPACING)
    for lane in left:
        _log.error(
            "the platform accepted the meter's packet and the outbox cannot note it: the next start sends it again",
            account=lane.queue.account.credentials,
            meter=lane.queue.id,
        )


def _not_noted(lanes: Iterable[Lane]) -> list[Lane]:
    return [lane for lane in lanes if lane.unconfirmed is not None]
