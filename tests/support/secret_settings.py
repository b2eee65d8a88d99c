"""A site with every secret that the settings know, each with a value of its own: a new one is in it by itself."""

from typing import Any, Final

from bacnet_bridge.settings import Settings
from bacnet_bridge.settings_secrets import settings_of

SECRET_SETTINGS: Final = [
    tuple("gym" if name == "*" else name for name in path) for path, secret in settings_of(Settings) if secret
]
"""Their ways from the top."""


def _value(path: tuple[str, ...]) -> str:
    match path[-1]:
        case "webhook" | "heartbeat":
            return f"https://127.0.0.1:1/hook/k3pt-{path[-1]}-4711"
        case "password_hash":
            return f"scrypt.2.1.1.{'4711' * 8}.{'4711' * 16}"
        case _:
            return f"k3pt-{'-'.join(path)}-4711"


SECRET_VALUES: Final = {path: _value(path) for path in SECRET_SETTINGS}


def nested(path: tuple[str, ...], value: str) -> dict[str, Any]:
    """A site file's section with this one setting, and what it wants beside it."""
    first, *below = path
    if not below:
        return {first: value}
    beside = {"username": "someone"} if first == "gym" else {}
    return {first: {**beside, **nested(tuple(below), value)}}


def every_secret() -> dict[str, Any]:
    """The sections of a site file with all of them."""
    sections: dict[str, Any] = {}
    for path, value in SECRET_VALUES.items():
        for name, said in nested(path, value).items():
            sections[name] = {**sections.get(name, {}), **said}
    return sections
