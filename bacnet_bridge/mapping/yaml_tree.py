"""A YAML text → a tree of texts with their places. Pure.

Every scalar stays the text that was written: `012` keeps its zero, `no` is not false, 1.10 is not 1.1. What has no
place in a list of meters (anchors, aliases, tags, several documents) is refused, which also ends the attacks that
live from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from bacnet_bridge.mapping.problems import Findings
from bacnet_bridge.model import Place

DEEPEST: Final = 12
"""Nesting: file, meters, meter, field, sum, register make 6."""

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text; empty for a blank value."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: list["Node"]
    place: Place


@dataclass(frozen=True, slots=True)
class Pairs:
    """Keys with their values, in the order of the file, a key that is there twice included."""

    pairs: list[tuple[Scalar, "Node"]]
    place: Place


Node = Scalar | Items | Pairs


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end is not yet reached."""

    place: Place
    mapping: bool
    children: list[Node] = field(default_factory=list)


class _RefusedError(Exception):
    """Reading the file ends here; the message is the problem's sentence."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place


def parse_yaml(text: str, file: Path, findings: Findings) -> Node | None:
    """The file's tree; None where it is empty, or cannot be read, which is then among the findings."""
    try:
        return _tree(text, file)
    except _RefusedError as refused:
        findings.wrong(refused.place, str(refused))
    except yaml.MarkedYAMLError as error:
        findings.wrong(*_syntax(error, text, file))
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        findings.wrong(
            _place_of(text, position, file), "YAML allows no such control character here; delete it and type anew"
        )
    return None


def _syntax(error: yaml.MarkedYAMLError, text: str, file: Path) -> tuple[Place, str]:
    """Where the reader of YAML stumbled, in our words where they help more than its own."""
    if "quoted scalar" in str(error.context):
        return _place(error.context_mark, file), "this quote is not closed as it should be; mind quotes within quotes"
    place = _place(error.problem_mark or error.context_mark, file)
    line = text.splitlines()[place.line - 1 : place.line]
    if line and line[0][place.column - 1 : place.column] == "\t":
        return place, "YAML allows no tab for indenting; write blanks"
    what = " ".join(str(error.problem or error.context).split())
    return place, f"this is not valid YAML: {what}; mind indentation, colons and quotes just before"


def _tree(text: str, file: Path) -> Node | None:
    stack: list[_Open] = []
    root: Node | None = None
    documents = 0
    for event in _events(text):
        place = _place(event.start_mark, file)
        _refuse_extras(event, place)
        node: Node | None = None
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _RefusedError(place, "a second document begins here (---); put every document into its own file")
        elif isinstance(event, yaml.ScalarEvent):
            blank = event.style is None and event.value in _NULLS
            node = Scalar("" if blank else event.value.strip(), place)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(stack) == DEEPEST:
                raise _RefusedError(place, "this is nested too deeply for a mapping; docs/mapping.md shows examples")
            stack.append(_Open(place, isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            node = _closed(stack.pop())
        if node is not None and stack:
            stack[-1].children.append(node)
        elif node is not None:
            root = node
    return None if isinstance(root, Scalar) and not root.text else root


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=_LOADER)


def _refuse_extras(event: yaml.Event, place: Place) -> None:
    if isinstance(event, yaml.AliasEvent):
        raise _RefusedError(place, "aliases (*name) are not used in mappings; write the value out, or use `defaults:`")
    if getattr(event, "anchor", None) is not None:
        raise _RefusedError(place, "anchors (&name) are not used in mappings; write the value out, or use `defaults:`")
    if getattr(event, "tag", None) is not None:
        raise _RefusedError(place, "tags (!name) are not used in mappings; delete it")


def _closed(opened: _Open) -> Node:
    if not opened.mapping:
        return Items(opened.children, opened.place)
    pairs: list[tuple[Scalar, Node]] = []
    for key, value in zip(opened.children[::2], opened.children[1::2], strict=True):
        if not isinstance(key, Scalar) or not key.text:
            raise _RefusedError(key.place, "this key is not a name; write `name: value`")
        if key.text == "<<":
            raise _RefusedError(key.place, "merges (<<) are not used in mappings; write the values out")
        pairs.append((key, value))
    return Pairs(pairs, opened.place)


def _place(mark: Any, file: Path) -> Place:
    return Place(file, 1, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)


def _place_of(text: str, position: int, file: Path) -> Place:
    before = text[:position]
    return Place(file, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
