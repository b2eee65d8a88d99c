"""How simulated values move: pure functions of the instant, so that a restart or a second look changes nothing.

Instants are UTC integer milliseconds; hours are the building's local hours of day, 0 ≤ hour < 24.
"""

import hashlib
import math
from datetime import datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bacnet_bridge.clock import moment_of

_HOUR = 3_600_000
_NOISE_STEP = 60_000
"""Milliseconds between two independent pieces of noise; in between it moves in a straight line."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Constant(_Shape):
    """Always the same: a number, a state's name, or NaN."""

    model: Literal["constant"] = "constant"
    value: float | str


class Daily(_Shape):
    """A curve with one valley and one peak a day: `base` at `lowest` o'clock, `base + amplitude` twelve hours later."""

    model: Literal["daily"] = "daily"
    base: float
    amplitude: float = Field(ge=0)
    lowest: float = Field(default=3.5, ge=0, lt=24)
    """Local hour of the valley."""
    noise: float = Field(default=0, ge=0)
    """The furthest that noise takes the value from the curve."""
    digits: int = Field(default=2, ge=0, le=9)
    """Digits after the point that the device shows."""


class Counter(_Shape):
    """A meter's reading: `start` until 1 January 2026 UTC, growing from then on, day and night, and never falling.

    Its rate per hour is a daily curve from `base` to `base + amplitude`, so that a counter in kWh agrees with a
    power in kW of the same numbers.
    """

    model: Literal["counter"] = "counter"
    start: float = Field(ge=0)
    base: float = Field(ge=0)
    amplitude: float = Field(ge=0)
    lowest: float = Field(default=3.5, ge=0, lt=24)
    digits: int = Field(default=3, ge=0, le=9)


def _times(value: Any) -> Any:
    """Times as quoted text only: YAML reads a bare 19:00 as the number 1140."""
    if not isinstance(value, dict):
        return value
    for key in value:
        if not isinstance(key, str | time):
            raise ValueError('write the times in quotes, like "19:00"')  # noqa: TRY004  pydantic collects ValueError
    return value


class States(_Shape):
    """A state by time of day: each holds from its local time until the next one's, round midnight."""

    model: Literal["states"] = "states"
    states: Annotated[dict[time, str], BeforeValidator(_times), Field(min_length=1)]


Numeric = Constant | Daily | Counter
Value = Constant | Daily | Counter | States


def number(value: Numeric, key: str, instant: int, zone: ZoneInfo) -> float:
    """The number that a device shows at that instant; `key` seeds the noise, so that no two points move alike."""
    match value:
        case Constant():
            return float(value.value)
        case Daily():
            curve = value.base + value.amplitude * _rise(_hour(instant, zone) - value.lowest)
            return round(curve + value.noise * _noise(key, instant), value.digits)
        case Counter():
            shown: float = 10**value.digits
            return math.floor(_reading(value, instant) * shown) / shown


def state(value: Constant | States, instant: int, zone: ZoneInfo) -> str:
    """The state's name that a device shows at that instant."""
    if isinstance(value, Constant):
        return str(value.value)
    now = moment_of(instant).astimezone(zone).time()
    begun = [start for start in value.states if start <= now]
    return value.states[max(begun or value.states)]


def _rise(hours: float) -> float:
    """0 in the valley, 1 at the peak, `hours` after the valley."""
    return (1 - math.cos(hours * math.tau / 24)) / 2


def _reading(counter: Counter, instant: int) -> float:
    """The integral of the rate. It runs in UTC, so that a change of daylight saving time cannot make it fall."""
    hours = max(0, instant - _EPOCH) / _HOUR

    def area(hour: float) -> float:
        return (hour - math.sin(hour * math.tau / 24) * 24 / math.tau) / 2

    risen = area(hours - counter.lowest) - area(-counter.lowest)
    return counter.start + counter.base * hours + counter.amplitude * risen


def _hour(instant: int, zone: ZoneInfo) -> float:
    local = moment_of(instant).astimezone(zone)
    return local.hour + local.minute / 60 + local.second / 3600 + local.microsecond / 3.6e9


def _noise(key: str, instant: int) -> float:
    """Between −1 and 1; the same for the same key and instant, on every machine."""
    step, part = divmod(instant, _NOISE_STEP)
    before, after = _draw(key, step), _draw(key, step + 1)
    return before + (after - before) * part / _NOISE_STEP


def _draw(key: str, step: int) -> float:
    digest = hashlib.blake2b(f"{key} {step}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**63 - 1


_EPOCH = round(datetime.fromisoformat("2026-01-01T00:00:00+00:00").timestamp() * 1000)
