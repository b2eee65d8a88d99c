"""The bytes of a file that people or their tools saved → text. Pure.

Read are UTF-8 with or without its mark, UTF-16 and UTF-32 with their mark, UTF-16 without, and Windows-1252, which
is what Latin-1 files are in truth. A file that is neither, or a mixture, is refused: a wrong letter in a name would go
unnoticed until a device does not know it.
"""

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass
from typing import Final

WINDOWS: Final = "Windows-1252"
UTF8: Final = "utf-8"

_MARKS: Final = (
    (BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
_CODECS: Final = {
    BOM_UTF32_LE: "utf-32-le",
    BOM_UTF32_BE: "utf-32-be",
    BOM_UTF16_LE: "utf-16-le",
    BOM_UTF16_BE: "utf-16-be",
}
_LOOK: Final = 4096
"""Octets by which UTF-16 is known that does not say so."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text."""

    text: str
    guessed: str = ""
    """The encoding's name, where nothing in the file proves it."""

    @property
    def sample(self) -> tuple[int, int, str]:
        """Line, column and word of the first letter beyond ASCII, by which people see whether the guess is right."""
        at = next((n for n, sign in enumerate(self.text) if not sign.isascii()), 0)
        line, column = place(self.text, at)
        start = at
        while start and self.text[start - 1].isalnum():
            start -= 1
        end = at
        while end < len(self.text) and self.text[end].isalnum():
            end += 1
        return line, column - (at - start), self.text[start : max(end, at + 1)]


class EncodingError(ValueError):
    """The file is no text that can be read. Behind the first semicolon stands what to do."""

    def __init__(self, line: int, column: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.column = column


def decode(content: bytes) -> Decoded:
    """Raises EncodingError with the place of the first character that cannot be read."""
    if content.startswith(BOM_UTF8):
        content, marked = content[len(BOM_UTF8) :], UTF8
    else:
        marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    encoding = marked or _unmarked_utf16(content) or UTF8
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if marked or encoding != UTF8:
            said = "UTF-8" if encoding == UTF8 else "UTF-16"
            before = content[: error.start].decode(encoding, "ignore")
            raise EncodingError(
                *place(before, len(before)),
                f"this character is not {said}, though the file says that it is; save it anew as UTF-8",
            ) from None
        return _windows(content, error.start)
    if not marked and "\0" in text:
        raise EncodingError(*place(text, text.index("\0")), "this is no text file; save it as CSV UTF-8, or as YAML")
    return Decoded(text)


def codec(content: bytes) -> str:
    """By which the file's octets become text, its mark too (U+FEFF), and the text those octets again.

    Raises EncodingError as `decode`.
    """
    if decode(content).guessed:
        return "cp1252"
    mark = next((mark for mark, _ in _MARKS if content.startswith(mark)), b"")
    return _CODECS.get(mark) or _unmarked_utf16(content) or UTF8


def place(text: str, at: int) -> tuple[int, int]:
    """Line and column, from 1."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def _windows(content: bytes, start: int) -> Decoded:
    before = content[:start].decode("utf-8", "replace")
    where = place(before, len(before))
    if not content.decode("utf-8", "ignore").isascii():
        raise EncodingError(*where, "this character is not UTF-8, though others of the file are; save it anew as UTF-8")
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise EncodingError(
            *where, "this character is neither UTF-8 nor Windows-1252; save the file as UTF-8 (in Excel: CSV UTF-8)"
        ) from None
    if "\0" in text:
        raise EncodingError(*place(text, text.index("\0")), "this is no text file; save it as CSV UTF-8, or as YAML")
    return Decoded(text, WINDOWS)


def _unmarked_utf16(content: bytes) -> str | None:
    """Text in Latin letters: every second octet is zero, the others are not."""
    looked = content[:_LOOK]
    if len(content) % 2 or len(looked) < 4:
        return None
    even, odd = looked[::2], looked[1::2]
    if even.count(0) == 0 and odd.count(0) * 10 >= len(odd) * 9:
        return "utf-16-le"
    if odd.count(0) == 0 and even.count(0) * 10 >= len(even) * 9:
        return "utf-16-be"
    return None
