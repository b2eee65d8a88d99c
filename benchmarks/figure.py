"""What a benchmark says in its last line: figures, what was to be reached, and whether it was."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio and its bound. `says` has a place for the figure: `{} x less CPU than BAC0`."""

    value: float
    bound: float
    says: str
    at_least: bool = False
    """The bound is a floor; else a ceiling."""
    unit: str = " x"

    @property
    def reached(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        return self.says.format(f"{self.shown:g}{self.unit}")

    @property
    def shown(self) -> float:
        """Rounded to one decimal away from the bound, so that what falls short never looks as if it did not."""
        tenths = round(self.value * 10, 6)
        return (math.floor(tenths) if self.at_least else math.ceil(tenths)) / 10

    @property
    def to_reach(self) -> str:
        return f"{'' if self.at_least else 'at most '}{self.bound:g}{self.unit}"


def last_line(name: str, figures: Sequence[Figure]) -> str:
    """`reading: 24 x …, 2.6 x … (to reach: 20 x, at most 3 x)`."""
    return f"{name}: {', '.join(map(str, figures))} (to reach: {', '.join(each.to_reach for each in figures)})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Plain text, the first column to the left, the others to the right."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    ruled = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    return "\n".join(
        "  ".join(
            f"{cell:{'<' if at == 0 else '>'}{width}}"
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in ruled
    )
