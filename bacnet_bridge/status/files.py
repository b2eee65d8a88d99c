"""The page's own files, as the package brings them: read once, served by name and by no other path."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_KINDS: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    content_type: str


def page_files() -> Mapping[str, File]:
    """By name."""
    folder = files("bacnet_bridge.status").joinpath("page")
    return {
        each.name: File(each.read_bytes(), _KINDS[each.name.rpartition(".")[2]])
        for each in folder.iterdir()
        if each.name.rpartition(".")[2] in _KINDS
    }
