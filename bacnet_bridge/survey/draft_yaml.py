"""A draft as a YAML file of the mapping. Pure; docs/mapping.md describes the format."""

import json
from collections.abc import Iterator

from bacnet_bridge.survey.draft import Draft, DraftMeter, DraftPoint


def as_yaml(draft: Draft) -> str:
    """The file's text. What is unsure follows as comments that need only their `#` taken away."""
    lines = [f"# {sentence}" for sentence in draft.about]
    lines += ["", "meters:" if draft.meters else "meters: {}"]
    for meter in draft.meters:
        lines += [*_meter(meter), ""]
    if draft.unsure:
        lines.append("# To be decided by a person. To take one over, remove the '#' of its lines and mend the field.")
        for meter in draft.unsure:
            lines += [f"#{line}" for line in _meter(meter)]
    return "\n".join(lines) + "\n"


def _meter(meter: DraftMeter) -> Iterator[str]:
    yield f"  {_text(meter.name)}:"
    if meter.sure:
        yield "    # id:"
    yield f"    device: {meter.device}"
    if meter.address:
        yield f"    address: {_text(meter.address)}  # another device claims the same instance"
    if meter.counter:
        yield "    as: index"
    if meter.valid_when:
        yield f"    valid_when: {meter.valid_when}  # {meter.heard}"
    for point in meter.points:
        yield f"    {point.field}: {_point(point)}  # {point.note}"


def _point(point: DraftPoint) -> str:
    said = {"object": point.object, "name": point.name, "unit": point.unit}
    parts = [f"{key}: {_text(value)}" for key, value in said.items() if value is not None]
    if point.backfill is not None:
        parts.append(f"backfill: {_log(point.backfill, point.condition)}")
    return "{" + ", ".join(parts) + "}"


def _log(log: str, condition: str | None) -> str:
    return log if condition is None else f"{{log: {log}, condition: {condition}}}"


def _text(text: str) -> str:
    """Quoted where a plain scalar would say something else; a JSON text is a YAML one."""
    plain = text.isascii() and text.replace("_", "").replace(" ", "").isalnum() and text[0].isalpha()
    return text if plain and text == text.strip() and text.lower() != "null" else json.dumps(text, ensure_ascii=False)
