"""Where each device is, and who it was when it was bound: kept across restarts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bacnet_bridge.bacnet.identity import About, about_from
from bacnet_bridge.bacnet.kept import Kept


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a device is, and the longest message that it takes."""

    instance: int
    address: str
    max_apdu: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """A binding that was once made, and what the device said of itself then."""

    binding: Binding
    about: About

    def document(self) -> dict[str, Any]:
        return {"address": self.binding.address, "max_apdu": self.binding.max_apdu, **self.about.document()}


class Bindings:
    """By instance and the mapping's address. Without `kept` nothing is remembered."""

    def __init__(self, kept: Kept | None) -> None:
        self._kept = kept

    @property
    def remember(self) -> bool:
        return self._kept is not None

    def get(self, instance: int, address: str | None) -> Remembered | None:
        entry = None if self._kept is None else self._kept.get(_key(instance, address))
        return None if entry is None else _from_entry(instance, entry)

    def put(self, address: str | None, what: Remembered) -> None:
        if self._kept is not None:
            self._kept.put(_key(what.binding.instance, address), what.document())


def _from_entry(instance: int, entry: Mapping[str, Any]) -> Remembered | None:
    where, size = entry.get("address"), entry.get("max_apdu")
    about = about_from(entry)
    if not isinstance(where, str) or not isinstance(size, int) or about.name is None:
        return None
    return Remembered(Binding(instance, where, size), about)


def _key(instance: int, address: str | None) -> str:
    return f"{instance}" if address is None else f"{instance} at {address}"
