"""What must not be told, taken out of a text. The last net: no secret should come so far.

A secret is known by its value (settings say theirs here whenever they are made), by the name that stands before it, or
by the form that it has on the wire.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, SecretStr

HIDDEN: Final = "***"
_ANYWHERE: Final = 8
"""A secret of so many characters is hidden wherever it stands; a shorter one only as a word of its own."""
_SHORTEST: Final = 4
"""What is shorter still is found by its name or form alone: hiding it would tell it, by what is left of the words."""
_NAMED: Final = r"(?:password(?:_hash)?|passwd|secret|token|api[_-]?key|authorization|cookie)"
_NAME: Final = re.compile(_NAMED + r"\Z", re.IGNORECASE)
_HEADER: Final = re.compile(
    r"""\b((?:proxy-)?authorization|(?:set-)?cookie)([\\"']*\s*[:=,]\s*(?:b(?=["']))?[\\"']*)(?:[a-z]+\s+)?[^\s"'\\,;}>)]+""",
    re.IGNORECASE,
)
_ENTRY: Final = re.compile(rf"""({_NAMED}["']\s*:\s*b?(["']))(?:(?!\2)[^\\]|\\.)*\2""", re.IGNORECASE)
_ENTRY_WITHIN: Final = re.compile(rf"""({_NAMED}\\"\s*:\s*\\")(?:[^"\\]|\\[^"])*\\\"""", re.IGNORECASE)
_SET: Final = re.compile(rf"""({_NAMED}=)(?!{re.escape(HIDDEN)})(?:'[^']*'|"[^"]*"|[^\s"',;&}}\\]+)""", re.IGNORECASE)
_YAML_NAME: Final = rf"""["']?[\w-]{{0,40}}?{_NAMED}["']?[ \t]*:[ \t]+(?!["']?{re.escape(HIDDEN)}|null\b)"""
_LINE: Final = re.compile(rf"^([ \t#-]*{_YAML_NAME})\S.*", re.IGNORECASE | re.MULTILINE)
"""A line of YAML, or what was one: the rest of it is the value."""
_FLOW: Final = re.compile(rf"""([{{,][ \t]*{_YAML_NAME})(?:'[^'\n]*'|"[^"\n]*"|[^\s,}}"'][^,}}\n]*)""", re.IGNORECASE)
_USER: Final = re.compile(r"""(://[^\s/:@"']*):[^\s/@"']+@""")
_BASIC: Final = re.compile(r"\b(basic\s+)([A-Za-z0-9+/]{4,}={0,2})", re.IGNORECASE)
_BEARER: Final = re.compile(r"\b(bearer\s+)(?=\S*\d)[A-Za-z0-9._~+/-]{16,}=*", re.IGNORECASE)


class Redaction:
    """Hides secrets; those that it was told, and whatever looks like one."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._known: re.Pattern[str] | None = None

    def keep_out(self, secrets: Iterable[str]) -> None:
        """Hide these values from now on, as they are and as JSON, Python, URLs and headers spell them."""
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _spellings(secret)}
        if forms <= self._forms:
            return
        self._forms |= forms
        longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
        self._known = re.compile("|".join(map(_pattern, longest_first)))

    def hide(self, text: str) -> str:
        """The text with `***` in every secret's place."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
        text = _ENTRY.sub(rf"\1{HIDDEN}\2", text)
        text = _ENTRY_WITHIN.sub(rf'\1{HIDDEN}\\"', text)
        text = _SET.sub(rf"\1{HIDDEN}", text)
        text = _FLOW.sub(rf"\1{HIDDEN}", _LINE.sub(rf"\1{HIDDEN}", text))
        text = _USER.sub(rf"\1:{HIDDEN}@", text)
        return _BEARER.sub(rf"\1{HIDDEN}", _BASIC.sub(_pair_hidden, text))


_ALL: Final = Redaction()


def keep_out(secrets: Iterable[str]) -> None:
    """Hide these values from now on, in whatever this process tells."""
    _ALL.keep_out(secrets)


def hide(text: str) -> str:
    """The text without what looks like a secret or is one that this process knows."""
    return _ALL.hide(text)


def names_secret(name: str) -> bool:
    """Whether what has this name is one: `password`, `proxy_password`, `Authorization`."""
    return _NAME.search(name) is not None


def secrets_of(section: BaseModel) -> Iterator[str]:
    """Every secret below a section of settings; with a user beside it, also as basic authentication has both."""
    values = dict(section)
    for name, value in values.items():
        match value:
            case SecretStr():
                secret = value.get_secret_value()
                yield secret
                user = values.get(name.replace("password", "username"))
                if isinstance(user, str):
                    yield b64encode(f"{user}:{secret}".encode()).decode()
            case BaseModel():
                yield from secrets_of(value)
            case Mapping():
                for each in value.values():
                    if isinstance(each, BaseModel):
                        yield from secrets_of(each)


def _spellings(secret: str) -> set[str]:
    escaped = json.dumps(secret)[1:-1]
    _, _, behind = secret.partition("://")[2].partition("/")
    return {
        secret,
        *([f"/{behind}"] if len(behind) >= _ANYWHERE else []),  # an address, as its server's log has it
        escaped,
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
        quote(secret, safe=""),
    }


def _pattern(form: str) -> str:
    if len(form) >= _ANYWHERE:
        return re.escape(form)
    return rf"(?<![\w-]){re.escape(form)}(?![\w-])"


def _pair_hidden(found: re.Match[str]) -> str:
    """`Basic` is a word of prose, too: hidden is what bears a user and a password (RFC 7617)."""
    try:
        plain = b64decode(found[2], validate=True)
    except ValueError:
        return found[0]
    return found[1] + HIDDEN if b":" in plain else found[0]
