"""The site file: YAML → what it says, and at which line and column it says it.

What is wrong in it is told without quoting it: it may be a password that YAML takes for a tag.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import yaml

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.model import Place

Names = tuple[str, ...]
"""A setting's way from the top: `("bacnet", "instance")`."""

_DEEPEST: Final = 3
"""accounts, name, password. Nothing below is a setting, and what refers to itself has an end."""
_MARKS: Final = "put texts that hold signs in quotes"


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A site file as it was read; without contents where there is none."""

    file: Path
    there: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[Names, Place] = field(default_factory=dict)
    """Where each name stands."""
    values: Mapping[Names, Place] = field(default_factory=dict)
    """Where the value of each begins."""

    def says(self, path: Sequence[str], value: object) -> Place | None:
        """Where it says this value; None where it says another, so that the value came from elsewhere."""
        said: Any = self.data
        for name in path:
            said = said.get(name) if isinstance(said, Mapping) else None
        return self.place(path) if said is not None and str(said) == str(value) else None

    def place(self, path: Sequence[str], *, name: bool = False) -> Place | None:
        """Where the setting's value (or its name) stands, or else the section's name that it belongs into."""
        whole = tuple(path)
        exact = self.names if name else self.values
        sections = (self.names.get(whole[:depth]) for depth in range(len(whole) - 1, 0, -1))
        return exact.get(whole) or next(filter(None, sections), None)


def anchored(site: SiteFile, paths: Iterable[Names], folder: Path) -> SiteFile:
    """The same with these settings' relative paths going by the folder; pure.

    A command that is given from elsewhere, with `--site`, must find what the service finds.
    """
    data = dict(site.data)
    for path in paths:
        data = _anchored(data, path, folder)
    return replace(site, data=data)


def _anchored(data: dict[str, Any], path: Names, folder: Path) -> dict[str, Any]:
    name, below = path[0], path[1:]
    said = data.get(name)
    if below and isinstance(said, dict):
        return {**data, name: _anchored(said, below, folder)}
    return data if below or not isinstance(said, str) else {**data, name: str(folder / said)}


def read_site(file: Path) -> SiteFile:
    """Read the site file. Raises SettingsError, with line and column where there are any."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return SiteFile(file, there=False)
    except UnicodeDecodeError:
        raise SettingsError(f"the site file {file} is not UTF-8 text; save it as that") from None
    except OSError as error:
        raise SettingsError(f"the site file {file} cannot be read: {error.strerror}") from None
    return parse_site(text, file)


def parse_site(text: str, file: Path) -> SiteFile:
    """The same for a text; pure. Raises SettingsError."""
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        data = {} if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        raise SettingsError(_syntax(error, text, file)) from None
    except (ValueError, RecursionError):
        raise SettingsError(f"the site file {file} holds a value that YAML cannot take; {_MARKS}") from None
    if not (isinstance(data, dict) and all(isinstance(name, str) for name in data)):
        raise SettingsError(
            f"the site file {file} does not hold settings like `zone: Europe/Dublin`, with a colon and a blank"
        )
    places = list(_walk(node, (), file))
    _refuse_twice([(path, name) for path, name, _ in places])
    return SiteFile(
        file,
        data=data,
        names={path: name for path, name, _ in places},
        values={path: value for path, _, value in places},
    )


def _walk(node: yaml.Node | None, above: Names, file: Path) -> Iterator[tuple[Names, Place, Place]]:
    """Every setting with the places of its name and its value, from the top."""
    if not isinstance(node, yaml.MappingNode) or len(above) == _DEEPEST:
        return
    for name, value in node.value:
        path = (*above, str(name.value))
        yield path, _place(name.start_mark, file), _place(value.start_mark, file)
        yield from _walk(value, path, file)


def _refuse_twice(names: Sequence[tuple[Names, Place]]) -> None:
    """YAML itself would take the later one in silence."""
    first: dict[Names, Place] = {}
    for path, place in names:
        if first.setdefault(path, place) != place:
            raise SettingsError(f"{place}: {'.'.join(path)} is there twice, first at {first[path]}; keep one of them")


def _syntax(error: yaml.YAMLError, text: str, file: Path) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return f"the site file {file} is not valid YAML; it may hold a control character"
    if "quoted scalar" in str(getattr(error, "context", None)):
        opening = getattr(error, "context_mark", None) or mark
        return f"{_place(opening, file)}: this quote is not closed where the value ends; {_MARKS}"
    line = text.splitlines()[mark.line : mark.line + 1]
    if line and "\t" in line[0][: mark.column + 1]:
        return f"{_place(mark, file)}: YAML allows no tab before a name; write blanks"
    return f"{_place(mark, file)}: this is not valid YAML; mind indentation and colons just before, and {_MARKS}"


def _place(mark: yaml.Mark, file: Path) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)
