"""Which parts of a site file are secret: told by the settings themselves, so that a new secret is one here, too.

What is no setting may be a mistyped one. So its value is secret where its name is close to a secret's, and where it is
an address with more than a host: those of webhooks and heartbeats are secrets by themselves.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from bacnet_bridge.redaction import HIDDEN, hide, names_secret
from bacnet_bridge.settings import Settings
from bacnet_bridge.site_file import Names, SiteFile

_EACH: Final = "*"
"""Stands for an account's name."""
_DEEPEST: Final = 8
"""Nothing so far below is a setting; what refers to itself has an end."""
_CLOSE: Final = 0.8
"""So alike are the names of a secret and of what was meant to be it (difflib's ratio)."""


def settings_of(section: type[BaseModel], above: Names = ()) -> Iterator[tuple[Names, bool]]:
    """Every setting below a section, with its way from the top, and whether it is secret."""
    for name, field in section.model_fields.items():
        kinds = set(_kinds(field.annotation))
        sections = [kind for kind in kinds if issubclass(kind, BaseModel)]
        for below in sections:
            yield from settings_of(below, (*above, name, *([_EACH] if dict in kinds else [])))
        if not sections:
            yield (*above, name), SecretStr in kinds


def _kinds(annotation: Any) -> Iterator[type]:
    """What an annotation is made of: `dict[str, X | None]` is of dict, str, X and None."""
    origin = getattr(annotation, "__origin__", annotation)
    if isinstance(origin, type):
        yield origin
    for part in get_args(annotation):
        yield from _kinds(part)


_ALL: Final = dict(settings_of(Settings))
SECRET_NAMES: Final = frozenset(path[-1] for path, secret in _ALL.items() if secret)


def is_secret(path: Names, value: object) -> bool:
    """Whether the value is one that nobody else should see, by its way from the top and its look."""
    way = tuple(map(str.lower, path if path[0] != "accounts" else (path[0], _EACH, *path[2:])))
    text = str(value)
    if any(name in SECRET_NAMES or names_secret(name) for name in way) or hide(text) != text:
        return True
    if way in _ALL:
        return False
    return bool(difflib.get_close_matches(way[-1], SECRET_NAMES, n=1, cutoff=_CLOSE)) or _is_long_address(text)


def _is_long_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return True
    return bool(parts.netloc) and (len(parts.path) > 1 or bool(parts.query))


def secrets_said(said: Any, above: Names = ()) -> Iterator[str]:
    """The values in a site file that are secret, whether it is right or wrong."""
    for path, value in _leaves(said, above):
        if is_secret(path, value):
            yield str(value)


def secret_within(site: SiteFile) -> str:
    """What kind of secret a site file holds, in a word, be it in a comment; empty where it holds none.

    Raises OSError.
    """
    if not site.there:
        return ""
    held = [path[-1] for path, value in _leaves(site.data, ()) if is_secret(path, value)]
    if any("password" in name for name in held):
        return "a password"
    text = site.file.read_text(encoding="utf-8-sig")
    return "a secret" if held or hide(text) != text else ""


def _leaves(said: Any, path: Names) -> Iterator[tuple[Names, Any]]:
    if isinstance(said, Mapping | list) and len(path) < _DEEPEST:
        for name, value in said.items() if isinstance(said, Mapping) else ((path[-1], each) for each in said):
            yield from _leaves(value, (*path, str(name)))
    elif said not in (None, "") and path:
        yield path, said


def without_secrets(said: Any, path: Names = ()) -> Any:
    """The same with `***` in place of each secret."""
    if isinstance(said, Mapping | list) and len(path) == _DEEPEST:
        return HIDDEN
    if isinstance(said, Mapping):
        return {str(name): without_secrets(value, (*path, str(name))) for name, value in said.items()}
    if isinstance(said, list):
        return [without_secrets(each, (*path, path[-1])) for each in said]
    return HIDDEN if said not in (None, "") and is_secret(path, said) else said
