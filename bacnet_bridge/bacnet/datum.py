"""One value as it came over the wire: its kind is the tag's, never guessed from a schema (clause 20.2)."""

from enum import StrEnum
from typing import NamedTuple

Value = None | bool | int | float | str | bytes | tuple[bool, ...]


class Kind(StrEnum):
    """What a datum is; the text stands in messages."""

    NULL = "null"
    BOOLEAN = "boolean"
    UNSIGNED = "unsigned"
    INTEGER = "integer"
    REAL = "real"
    DOUBLE = "double"
    TEXT = "character string"
    BITS = "bit string"
    ENUMERATED = "enumerated"
    OBJECT = "object identifier"
    CHOICE = "choice"
    """One context-tagged element, as Accumulator's Scale: `choice` is the tag's number, `value` its bytes."""
    OTHER = "other"
    """A date, a list, a structure: nothing that is sent. `value` is the encoding; of a single one its content."""


class Datum(NamedTuple):
    """`value` by kind: None, bool, int, float, str, bits in order, or bytes. A Real's float is exactly its 32 bits."""

    kind: Kind
    value: Value
    choice: int | None = None

    def __str__(self) -> str:
        if self.kind is Kind.TEXT:
            return repr(self.value)
        if isinstance(self.value, tuple):
            return "".join("01"[bit] for bit in self.value)
        if isinstance(self.value, bytes):
            return f"{self.kind} {self.value[:16].hex()}"
        return "null" if self.value is None else str(self.value)
