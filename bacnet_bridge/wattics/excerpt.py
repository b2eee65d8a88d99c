"""What people are shown of an answer's body. Pure."""

import html
import re
from collections.abc import Mapping
from typing import Final

_SHOWN: Final = 200
"""Characters. A body is never parsed to decide what becomes of a packet that was sent."""

_PAGE: Final = re.compile(r"\s*<(!doctype\s+)?html\b", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<!--.*?(-->|$)|<(script|style)\b.*?(</\2\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAGS: Final = re.compile(r"<[^>]*(>|$)")
"""Each also matches what the end of the reading cut off."""


def shown(text: str) -> str:
    """Its first 200 characters on one line, everything unprintable escaped."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line[:_SHOWN])[:_SHOWN]


def text_of(body: str, headers: Mapping[str, str]) -> str:
    """A page's text without its tags; anything else as it is. Patterns instead of a parser, which may refuse a page."""
    if "html" not in headers.get("Content-Type", "").lower() and not _PAGE.match(body):
        return body
    return html.unescape(_TAGS.sub(" ", _UNSEEN.sub(" ", body)))
