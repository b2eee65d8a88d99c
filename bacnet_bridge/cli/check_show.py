"""What `check` found in the files: a table and sentences, or JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bacnet_bridge.mapping import Draft, Mapping, MappingProblem
from bacnet_bridge.mapping.sheet import kind
from bacnet_bridge.model import Meter
from bacnet_bridge.settings import DEFAULT_ACCOUNT

WIDE: Final = 200
"""Columns where no terminal says how many there are, so that a log keeps a meter on a line."""


def wide_console() -> Console:
    """The terminal, or so wide a file."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


def print_problems(problems: Sequence[MappingProblem], last_good: Path | None, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"sound": False, "problems": [_problem(p) for p in problems]}, ensure_ascii=False))
        return
    for problem in problems:
        typer.echo(str(problem))
    count = len(problems)
    kept = f"; until the mapping is mended, the bridge reads the last good one, {last_good}" if last_good else ""
    typer.echo(f"{count} problem{'s' if count > 1 else ''}{kept}", err=True)


def print_mapping(mapping: Mapping, zone: str | None) -> None:
    """The zone's column only where a meter has another one than the site."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    zones = {meter.zone for meter in mapping.meters} - {zone}
    for title in ("meter", "id", "kind", "device", "interval", "fields", *(["zone"] if zones else [])):
        table.add_column(title, overflow="fold", no_wrap=title in {"id", "kind", "interval"})
    for meter in mapping.meters:
        device = str(meter.device) if meter.address is None else f"{meter.device} at {meter.address}"
        cells = (meter.name, meter.id, kind(meter), device, f"{meter.interval} s", _short(meter), meter.zone)
        table.add_row(*(Text(cell) for cell in cells[: len(table.columns)]))  # Text: what is in a name is no markup
    wide_console().print(table)
    print_warnings(mapping)
    counts = {"meter": mapping.meters, "draft": mapping.drafts, "warning": mapping.warnings}
    counted = ", ".join(f"{len(found)} {noun}{'' if len(found) == 1 else 's'}" for noun, found in counts.items())
    typer.echo(f"{counted}, no problem")


def print_warnings(mapping: Mapping) -> None:
    """What is not sent, and what wants a look."""
    for draft in mapping.drafts:
        typer.echo(f"draft: {draft.place}: {draft.name!r} has no id, so it is not sent; enter the platform's id")
    for warning in mapping.warnings:
        typer.echo(f"warning: {warning}")


def print_unchecked(mapping: Mapping) -> None:
    accounts = dict.fromkeys(meter.account for meter in mapping.meters if meter.account != DEFAULT_ACCOUNT)
    for account in accounts:
        typer.echo(f"not checked without the site: whether the settings know the account {account}")


def _fields(meter: Meter) -> list[str]:
    return list(dict.fromkeys(point.field for point in meter.points))


def _short(meter: Meter) -> str:
    fields = _fields(meter)
    return " ".join(fields) if len(fields) <= 3 else f"{fields[0]} … {fields[-1]} ({len(fields)})"


def as_json(mapping: Mapping) -> dict[str, Any]:
    return {
        "sound": True,
        "meters": [_meter(meter) for meter in mapping.meters],
        "drafts": [_draft(draft) for draft in mapping.drafts],
        "warnings": [_problem(warning) for warning in mapping.warnings],
    }


def _meter(meter: Meter) -> dict[str, Any]:
    return {
        "name": meter.name,
        "id": meter.id,
        "kind": kind(meter),
        "device": meter.device,
        "address": meter.address,
        "interval": meter.interval,
        "fields": _fields(meter),
        "zone": meter.zone,
        "account": meter.account,
        "place": str(meter.place),
    }


def _draft(draft: Draft) -> dict[str, Any]:
    return {"name": draft.name, "device": draft.device, "fields": draft.fields, "place": str(draft.place)}


def _problem(problem: MappingProblem) -> dict[str, Any]:
    place = problem.place
    return {
        "file": str(place.file) if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "message": problem.message,
        "suggestion": problem.suggestion,
    }
