"""Ranges of device instances, as people write them. Pure."""

from collections.abc import Collection, Iterable

from bacnet_bridge.vocabulary.objects import MAX_INSTANCE

Range = tuple[int, int]
"""From and to, both included."""


def parse_ranges(text: str) -> tuple[Range, ...]:
    """`1000-1999,77` → ranges in order, those that touch made one. Raises ValueError with a sentence."""
    return _joined(_written(text).values())


def unmet(text: str, instances: Collection[int]) -> list[str]:
    """The parts of `text`, as they are written, in which there is none of these. Raises ValueError with a sentence."""
    return [part for part, meant in _written(text).items() if not any(within([meant], each) for each in instances)]


def _written(text: str) -> dict[str, Range]:
    found = {}
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.strip().isascii() and first.strip().isdigit()):
            raise ValueError(f"{part.strip()!r:.40} is no device instance; write 77, or 1000-1999, separated by commas")
        if dash and not (last.strip().isascii() and last.strip().isdigit()):
            raise ValueError(f"{part.strip()!r:.40} is no range of device instances; write it like 1000-1999")
        low, high = int(first), int(last) if dash else int(first)
        if max(low, high) > MAX_INSTANCE:
            raise ValueError(f"{max(low, high)} is larger than a device instance can be ({MAX_INSTANCE})")
        if low > high:
            raise ValueError(f"{part.strip()} runs backwards; write {high}-{low}")
        found[part.strip()] = (low, high)
    return found


def _joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    made: list[Range] = []
    for low, high in sorted(ranges):
        if made and low <= made[-1][1] + 1:
            made[-1] = made[-1][0], max(high, made[-1][1])
        else:
            made.append((low, high))
    return tuple(made)


def within(ranges: Iterable[Range], instance: int) -> bool:
    return any(low <= instance <= high for low, high in ranges)
