"""A meter's last 24 hours as a picture, drawn by leather. Pure.

Presentation attributes only, no style and no script, and of texts only numbers and times: so the strict policy of every
answer holds for the picture, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from leather import Chart, Scale, theme

HEIGHT: Final = 260
NARROWEST, WIDEST = 240, 1600
_ROOMY: Final = 600
"""From this width on there is a mark every three hours; on less every six."""
_LEAST_SPREAD: Final = Decimal("1e-12")
"""Of the values' size: less is a flat line."""
_LONGEST_LABEL: Final = 16
_ALONE: Final = timedelta(minutes=4)

_LIGHT: Final = {"labels": "#55606c", "grid": "#d9dfe5", "zero": "#8b959f", "line": "#0b5cad"}
_DARK: Final = {"labels": "#a3afbb", "grid": "#323b45", "zero": "#6b7682", "line": "#79b8ff"}

# leather's theme is its module's own, for all charts alike. So it is set once, to names, and these give way to the
# colours of the ground that the picture is asked for.
theme.background_color = "none"
theme.margin = 0.018
theme.label_color, theme.tick_color, theme.zero_color = "labels", "grid", "zero"
theme.tick_font_family, theme.tick_font_size, theme.tick_font_char_width = "sans-serif", 13, 7.5


class _Span(Scale):  # type: ignore[misc]  # leather ships no types
    """From edge to edge what it was given: leather's own scales reach to the next mark, and guess the marks."""

    def __init__(self, begin: Any, end: Any, marks: Sequence[Any]) -> None:
        self._begin, self._end, self._marks = begin, end, marks

    def contains(self, value: Any) -> bool:
        return bool(self._begin <= value <= self._end)

    def project(self, value: Any, range_min: float, range_max: float) -> float:
        return round(range_min + (range_max - range_min) * float((value - self._begin) / (self._end - self._begin)), 1)

    def ticks(self) -> Sequence[Any]:
        return self._marks


def trend(history: Mapping[str, Any], zone: str, width: int, *, dark: bool) -> str:
    """Of the document of `/api/meters/ID/history`, in the meter's local time. A hole interrupts the line."""
    points, local = list(_points(history)), ZoneInfo(zone)
    known = [value for _, value in points if value is not None]
    end = points[-1][0] if points else datetime.now(UTC)
    begin = end - timedelta(days=1)
    low, high, values = _vertical(known)
    hours = list(_hours(begin, end, local, 3 if width >= _ROOMY else 6))
    chart = Chart()
    chart.set_x_scale(_Span(begin, end, hours))
    chart.set_y_scale(_Span(low, high, values))
    chart.add_x_axis(tick_formatter=lambda at, _index, _count: f"{at.astimezone(local):%H:%M}")
    chart.add_y_axis(tick_formatter=lambda value, _index, _count: _label(value))
    chart.add_line(list(_drawable(points, begin)) or [(begin, low), (begin, None)], stroke_color="line", width=2)
    drawn = str(chart.to_svg(width=width, height=HEIGHT))
    for name, colour in (_DARK if dark else _LIGHT).items():
        drawn = drawn.replace(f'"{name}"', f'"{colour}"')
    return drawn


def _points(history: Mapping[str, Any]) -> Iterator[tuple[datetime, Decimal | None]]:
    first = datetime.fromtimestamp(history["first"] / 1000, UTC)
    for number, value in enumerate(history["values"]):
        yield first + timedelta(seconds=number * history["step"]), None if value is None else Decimal(str(value))


def _drawable(
    points: Sequence[tuple[datetime, Decimal | None]], begin: datetime
) -> Iterator[tuple[datetime, Decimal | None]]:
    """From the first value on. One that stands alone gets a short line, or nobody would see it."""
    before = None
    for number, (at, value) in enumerate(points):
        after = points[number + 1][1] if number + 1 < len(points) else None
        if value is not None and before is None and after is None:
            yield max(begin, at - _ALONE), value
        if value is not None or before is not None:
            yield at, value
        before = value


def _hours(begin: datetime, end: datetime, local: ZoneInfo, every: int) -> Iterator[datetime]:
    """Full hours of the building's own time, also on the days when its clocks change."""
    at = begin.replace(minute=0, second=0, microsecond=0)
    while (at := at + timedelta(minutes=15)) <= end:  # there are zones that are off by quarters
        there = at.astimezone(local)
        if there.hour % every == 0 and there.minute == 0:
            yield at


def _vertical(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, list[Decimal]]:
    """Lower and upper edge, and marks at round values between them."""
    low, high = min(values, default=Decimal(0)), max(values, default=Decimal(1))
    size = max(abs(low), abs(high))
    if high - low <= size * _LEAST_SPREAD:
        low, high = low - (size / 10 or 1), high + (size / 10 or 1)
    step = Decimal(10) ** ((high - low) / 4).adjusted()
    step = next(step * times for times in (1, 2, 5, 10) if (high - low) / (step * times) <= 5)
    first, last = (low / step).to_integral_value("ROUND_FLOOR"), (high / step).to_integral_value("ROUND_CEILING")
    marks = [step * number for number in range(int(first), int(last) + 1)]
    return marks[0], marks[-1], marks


def _label(value: Decimal) -> str:
    plain = f"{value.normalize():,f}" if value else "0"
    return plain if len(plain) <= _LONGEST_LABEL else f"{value:.6g}"
