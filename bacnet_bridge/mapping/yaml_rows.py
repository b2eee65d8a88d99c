"""A YAML file of meters → raw meters. Pure.

defaults: {device: 1001}         # for the meters of this file
meters:
  Main incomer:                  # the name is people's; it is unique over all files
    id: demo-main                # without an id: a draft
    aP_1: AI1                    # a field names an object ...
    aP_2: {object: AI2, name: L2 Active Power, unit: kW}      # ... or says more about it
    pC_1: {sum: [AI21, {object: AI22, multiplier: 1000}]}     # ... or adds up several
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.backfill_key import BACKFILL
from bacnet_bridge.mapping.problems import Findings, meant, quoted
from bacnet_bridge.mapping.rows import Cell, RawMeter, RawPoint
from bacnet_bridge.mapping.watch_keys import FLAG_RULES
from bacnet_bridge.mapping.yaml_tree import Items, Node, Pairs, Scalar, parse_yaml
from bacnet_bridge.vocabulary.fields import FIELDS

_OF_PAIRS: Final = {
    FLAG_RULES.name: "write skip or send",
    BACKFILL.name: "write one value, as in {log: TL5, age: 2 h}",
}
"""Keys whose value may be pairs, and what is written where one of these is no single value."""
_QUOTES: Final = "; if it goes on a value with a comma, put the whole value into quotes"


def yaml_rows(text: str, file: Path, findings: Findings) -> list[RawMeter]:
    """The meters of a file; what is wrong with its form goes to the findings."""
    tree = parse_yaml(text, file, findings)
    if tree is None:
        return []
    top = _members(tree, keys.FILE_KEYS, "the file", findings)
    defaults = _defaults(top.get(keys.DEFAULTS), findings)
    return _meters(top.get(keys.METERS), defaults, findings)


def _defaults(node: tuple[Scalar, Node] | None, findings: Findings) -> dict[str, Cell]:
    if node is None or _blank(node[1]):
        return {}
    members = _members(node[1], keys.DEFAULT_KEYS, "defaults", findings)
    return _cells(members, findings)


def _meters(node: tuple[Scalar, Node] | None, defaults: dict[str, Cell], findings: Findings) -> list[RawMeter]:
    if node is None or _blank(node[1]):
        return []
    value = node[1]
    if not isinstance(value, Pairs):
        findings.wrong(
            value.place, "meters: holds no names; write a meter's name with a colon, its keys indented below"
        )
        return []
    return [_meter(name, member, defaults, findings) for name, member in _once(value, findings)]


def _meter(name: Scalar, node: Node, defaults: dict[str, Cell], findings: Findings) -> RawMeter:
    title = Cell(name.text, name.place)
    if _blank(node):
        return RawMeter(title, defaults, (), tried=False)
    members = _members(node, (*keys.METER_KEYS, *FIELDS), "a meter", findings)
    own = {key: member for key, member in members.items() if key in keys.METER_KEYS}
    points = [point for key, member in members.items() if key in FIELDS for point in _points(member, findings)]
    tried = not isinstance(node, Pairs) or any(key.text not in keys.METER_KEYS for key, _ in node.pairs)
    return RawMeter(title, {**defaults, **_cells(own, findings)}, tuple(points), tried)


def _points(member: tuple[Scalar, Node], findings: Findings) -> list[RawPoint]:
    key, node = member
    field = Cell(key.text, key.place)
    if isinstance(node, Pairs) and any(name.text == keys.SUM for name, _ in node.pairs):
        return _sum(field, node, findings)
    return [RawPoint(field, cells) for cells in _register(field, node, findings)]


def _sum(field: Cell, node: Pairs, findings: Findings) -> list[RawPoint]:
    name, value = next(pair for pair in node.pairs if pair[0].text == keys.SUM)
    for other, _ in _once(node, findings):
        if other.text != keys.SUM:
            findings.wrong(
                other.place,
                f"{quoted(other.text)} stands beside sum; write it within, for each register that it is for",
            )
    if not isinstance(value, Items):
        findings.wrong(value.place, "sum: is not a list; write sum: [AI1, AI2]")
        return []
    if not value.items:
        findings.wrong(name.place, f"the sum of {field.text} is empty; write sum: [AI1, AI2]")
    registers = [cells for item in value.items for cells in _register(field, item, findings)]
    return [RawPoint(field, cells, summed=True) for cells in registers]


def _register(field: Cell, node: Node, findings: Findings) -> list[dict[str, Cell]]:
    """The cells of one register; none where its form is wrong."""
    if _blank(node):
        findings.wrong(field.place, f"{field.text} names no object; write {field.text}: AI1, or delete the line")
    elif isinstance(node, Scalar):
        return [{keys.OBJECT.name: Cell(node.text, node.place)}]
    elif isinstance(node, Items):
        findings.wrong(
            node.place, f"{field.text} holds a list; to add registers up write {field.text}: {{sum: [AI1, AI2]}}"
        )
    else:
        cells = _cells(_members(node, keys.POINT_KEYS, "a field", findings), findings)
        if keys.OBJECT.name in cells:
            return [cells]
        findings.wrong(node.place, f"{field.text} names no object; add object: AI1")
    return []


def _cells(members: dict[str, tuple[Scalar, Node]], findings: Findings) -> dict[str, Cell]:
    """The texts of the members; blank ones count as absent, a list (invert) or pairs (flags) become one."""
    cells: dict[str, Cell] = {}
    for name, (key, node) in members.items():
        if isinstance(node, Scalar):
            text = node.text
        elif name == keys.INVERT.name and isinstance(node, Items) and all(isinstance(n, Scalar) for n in node.items):
            text = ", ".join(item.text for item in node.items if isinstance(item, Scalar)) or "[]"
        elif name in _OF_PAIRS and isinstance(node, Pairs):
            text = _pairs(node, _OF_PAIRS[name], findings)
        else:
            findings.wrong(key.place, f"{name} holds more than one value; write {name}: and the value behind it")
            continue
        if text:
            cells[name] = Cell(text, node.place)
    return cells


def _pairs(node: Pairs, write: str, findings: Findings) -> str:
    """`{fault: skip, overridden: send}` as the one text that CSV has for it; `write` is what to write instead."""
    rules = []
    for key, value in _once(node, findings):
        if isinstance(value, Scalar):
            rules.append(f"{key.text}: {value.text}")
        else:
            findings.wrong(value.place, f"{quoted(key.text)} holds more than one value; {write}")
    return ", ".join(rules)


def _members(node: Node, known: Collection[str], where: str, findings: Findings) -> dict[str, tuple[Scalar, Node]]:
    """The known keys of a mapping; unknown and repeated ones go to the findings."""
    if not isinstance(node, Pairs):
        findings.wrong(node.place, f"{where} is not made of keys; write `key: value`, like {next(iter(known))}:")
        return {}
    members: dict[str, tuple[Scalar, Node]] = {}
    for key, value in _once(node, findings):
        if key.text in known:
            members[key.text] = (key, value)
        else:
            findings.wrong(
                key.place, f"{where} has no key {quoted(key.text)}{_belongs(key.text, known, blank=_blank(value))}"
            )
    return members


def _once(node: Pairs, findings: Findings) -> list[tuple[Scalar, Node]]:
    """The pairs without those whose key was there before."""
    first: dict[str, Scalar] = {}
    kept = []
    for key, value in node.pairs:
        if key.text in first:
            line = first[key.text].place.line
            findings.wrong(key.place, f"{quoted(key.text)} is there twice, first in line {line}; keep one of them")
        else:
            first[key.text] = key
            kept.append((key, value))
    return kept


def _belongs(name: str, known: Collection[str], *, blank: bool) -> str:
    """Where a key that is known elsewhere belongs; else what was probably meant.

    A blank one is most often the rest of a value with a comma: `{object: analog-input,1}`.
    """
    homes = {
        "at the top of the file": keys.FILE_KEYS,
        "beside the meter's id": keys.METER_KEYS,
        "within a field, as in aP_1: {object: AI1, unit: kW}": keys.POINT_KEYS,
        "within a meter": FIELDS,
    }
    for home, names in homes.items():
        if name in names:
            return f"; it stands {home}"
    return meant(name, known, _QUOTES if blank else "")


def _blank(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.text
