"""Text that others chose (a device's name, a platform's answer), as it may be shown. Pure."""

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

LONGEST: Final = 4096
"""Characters. A device may call itself 64 kB."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of what has no form of its own: control characters, marks that turn the line round, halves of
pairs, line ends."""


def visible(text: str, most: int = LONGEST) -> str:
    """On one line, every character seen: what has no form is shown as �, and what is too long is cut with ….

    Markup is left as it is: whoever writes HTML escapes it.
    """
    cut = text if len(text) <= most else f"{text[: most - 1]}…"
    if cut.isprintable():
        return cut
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in _UNSEEN else each for each in cut)


def all_visible(document: Any) -> Any:
    """A document for JSON, with every text in it, keys too, made visible."""
    match document:
        case str():
            return visible(document)
        case Mapping():
            return {visible(str(key)): all_visible(value) for key, value in document.items()}
        case list() | tuple():
            return [all_visible(each) for each in document]
        case _:
            return document
