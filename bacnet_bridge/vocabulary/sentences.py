"""What is told of many at once: each sentence one time, with the names that it is about."""

from collections.abc import Iterable, Sequence
from typing import Final

_NAMED: Final = 3
"""Names that are told in one sentence; the others are counted."""


def gathered(sentences: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """(name, sentence) pairs → a line a sentence: a device's silence is told once, not for each of its meters."""
    names: dict[str, list[str]] = {}
    for name, sentence in sentences:
        if sentence:
            names.setdefault(sentence, []).append(name)
    return tuple(f"{_named(those)}: {sentence}" for sentence, those in names.items())


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _NAMED else f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
