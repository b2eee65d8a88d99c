"""What a key of a mapping is, and how a cell is read with one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bacnet_bridge.mapping.problems import Findings
from bacnet_bridge.mapping.rows import Cell

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """A key: its name, how its text is read, what it says to people, and how an editor may check it."""

    name: str
    parse: Callable[[str], T]
    says: str
    schema: Mapping[str, Any]
    shared: bool = False
    """May stand under a file's `defaults:`."""


def read(key: Key[T], cell: Cell | None, findings: Findings) -> T | None:
    """The value of a cell; None where there is no cell, or where it is wrong, which is then noted."""
    if cell is None:
        return None
    try:
        return key.parse(cell.text)
    except ValueError as error:
        sentence = str(error)
        findings.wrong(cell.place, sentence if sentence.startswith(key.name) else f"{key.name}: {sentence}")
        return None
