"""Notices when the clocks of the machine part: somebody set the time, or the machine was suspended."""

from typing import Final

import structlog

from bacnet_bridge.clock import Clock

_log = structlog.get_logger()

EVERY: Final = 1.0
"""Seconds between two looks."""

_APART: Final = 0.5
"""Seconds by which clocks must have parted. Slewing by NTP (at most 0.5 ms a second) adds up to it in a while."""


class Watch:
    """Compares wall, boot and monotonic time. A timer, which is monotonic, is wrong once they have parted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._step, self._suspension = self._differences()

    def parted(self) -> bool:
        """Whether they have, since this was last true; logs which and by how much."""
        step, suspension = self._differences()
        stepped, suspended = step - self._step, suspension - self._suspension
        if max(abs(stepped), abs(suspended)) <= _APART:
            return False
        self._step, self._suspension = step, suspension
        if abs(suspended) > _APART:
            _log.warning("the machine was suspended", seconds=round(suspended, 1))
        if abs(stepped) > _APART:
            _log.warning("wall time moved against the machine's running time", seconds=round(stepped, 1))
        return True

    def _differences(self) -> tuple[float, float]:
        boot = self._clock.boot()
        return self._clock.wall() / 1000 - boot, boot - self._clock.monotonic()
