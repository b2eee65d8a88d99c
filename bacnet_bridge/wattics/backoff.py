"""How long to wait before the next attempt, in seconds. Pure: chance is handed in.

`failures` counts those in a row of the same kind, the latest included: 1, 2, 3 …
"""

from collections.abc import Callable
from typing import Final

from bacnet_bridge.wattics.verdict import LONGEST_WAIT, Action

_START_SPREAD: Final = 5.0
"""Seconds over which queues return after a restart."""


def pause(action: Action, failures: int, draw: Callable[[], float]) -> float:
    """Seconds to wait after a failure judged as `action`; `draw` gives a number in [0, 1)."""
    match action:
        case Action.PAUSE_QUEUE | Action.REFUSE_ALONE:
            return queue_pause(failures)
        case Action.PAUSE_ACCOUNT:
            return account_pause(failures)
        case _:
            return jittered(failures, draw)


def queue_pause(failures: int) -> float:
    """1 min → 1 h, doubling: a meter that the platform refuses is put right by people."""
    return _doubling(60, failures, 3600)


def account_pause(failures: int) -> float:
    """1 → 15 min, doubling: all meters of the account wait, so it is probed more often than a meter."""
    return _doubling(60, failures, 900)


def jittered(failures: int, draw: Callable[[], float]) -> float:
    """Full jitter under a ceiling of 1 s → 5 min: after an outage the queues do not return all at once."""
    return draw() * _doubling(1, failures, 300)


def after_restart(kind: str, left: float, draw: Callable[[], float]) -> float:
    """Seconds from the start to the first attempt of a queue that failed before it; `left` of its stored time.

    A restart often follows a remedy: what does not depend on this one meter is tried at once, spread over a few
    seconds. An account's queues need no spreading, because one of them probes.
    """
    match kind:
        case Action.PAUSE_ACCOUNT:
            return 0.0
        case Action.BACK_OFF | Action.REFUSE_ALONE:
            return min(left, draw() * _START_SPREAD)
        case _:
            return min(left, LONGEST_WAIT)


def call_spacing(calls: int) -> float:
    """1 s → 5 min, doubling, from one call to the next: a meter that fails alone must not be tried at each acceptance
    of another. `calls` counts them since its own last acceptance.
    """
    return _doubling(1, calls, 300)


def _doubling(first: float, failures: int, longest: float) -> float:
    return float(
        min(first * 2 ** min(failures - 1, 20), longest)
    )  # the exponent is bounded for queues that fail for years
