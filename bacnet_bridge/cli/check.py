"""`bacnet-bridge check`: are site and mapping sound, and what do they say? Reads files only; touches no network."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bacnet_bridge.cli.check_site import clashes, site_problems, site_warnings
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.mapping import BrokenMappingError, Defaults, Draft, Mapping, MappingProblem, load
from bacnet_bridge.mapping.key import Key
from bacnet_bridge.mapping.keys import INTERVAL, ZONE
from bacnet_bridge.model import Meter, Nature
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings, load_settings, site_file
from bacnet_bridge.state import StateFolder

T = TypeVar("T")

WIDE: Final = 200
"""Columns where no terminal says how many there are, so that a log keeps a meter on a line."""


def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of the mapping's files; the settings' one if not given.")
    ] = None,
    site: Annotated[Path | None, typer.Option(help="The site file.")] = None,
    zone: Annotated[
        str | None, typer.Option(help="Check without a site: the IANA zone of meters that state none.")
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="Time between packets of meters that state no interval: 300, 5 min.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for other programs.")] = False,
) -> None:
    """Check the mapping's files and the site's settings: every problem with file, line and column, or else a table
    of the meters.

    Exit status: 0 sound, 1 problems, 2 no zone is known because the settings cannot be read.
    """
    settings = _site(site, zone, interval)
    problems = () if settings is None else site_problems(settings, site_file(site))
    mapping, broken = _checked(folder, settings, zone, interval)
    problems += broken
    if mapping is None or problems:
        _print_problems(problems, _last_good(folder, settings) if mapping is None else None, as_json=as_json)
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(_as_json(mapping), ensure_ascii=False))
    else:
        _print_mapping(mapping, zone if settings is None else settings.zone)
        if settings is None:
            _print_unchecked(mapping)


def _site(site: Path | None, zone: str | None, interval: str | None) -> Settings | None:
    """What the site decides; with a zone given, none is needed."""
    if zone is not None and site is None:
        return None
    try:
        return load_settings(site, zone=zone, interval=interval)
    except SettingsError as error:
        raise SettingsError(
            f"{error}\n(to check the files without a site, name its zone: --zone Europe/Dublin)"
        ) from None


def _checked(
    folder: Path | None, settings: Settings | None, zone: str | None, interval: str | None
) -> tuple[Mapping | None, tuple[MappingProblem, ...]]:
    """The mapping, or None where its files are broken, and every problem of the files."""
    try:
        if settings is None:
            return load(
                folder or Path("point_mappings"),
                Defaults(_parsed(ZONE, zone or ""), _parsed(INTERVAL, interval or "300")),
            ), ()
        defaults = Defaults(settings.zone, settings.interval, tolerance=settings.tolerance)
        mapping = load(folder or settings.mapping, defaults, accounts={DEFAULT_ACCOUNT, *settings.accounts})
    except BrokenMappingError as error:
        return None, error.problems
    warnings = (*site_warnings(mapping, settings), *mapping.warnings)
    return replace(mapping, warnings=warnings), clashes(mapping, settings)


def _last_good(folder: Path | None, settings: Settings | None) -> Path | None:
    """The mapping that the service would start with instead, if there is one."""
    if settings is None or folder not in {None, settings.mapping}:
        return None
    return StateFolder(settings.state).good_mapping


def _parsed(key: Key[T], text: str) -> T:
    try:
        return key.parse(text)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _print_problems(problems: Sequence[MappingProblem], last_good: Path | None, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"sound": False, "problems": [_problem(p) for p in problems]}, ensure_ascii=False))
        return
    for problem in problems:
        typer.echo(str(problem))
    count = len(problems)
    kept = f"; until the mapping is mended, the bridge reads the last good one, {last_good}" if last_good else ""
    typer.echo(f"{count} problem{'s' if count > 1 else ''}{kept}", err=True)


def _print_mapping(mapping: Mapping, zone: str | None) -> None:
    """The zone's column only where a meter has another one than the site."""
    console = Console()
    console = console if console.is_terminal else Console(width=WIDE)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    zones = {meter.zone for meter in mapping.meters} - {zone}
    for title in ("meter", "id", "kind", "device", "interval", "fields", *(["zone"] if zones else [])):
        table.add_column(title, overflow="fold", no_wrap=title in {"id", "kind", "interval"})
    for meter in mapping.meters:
        device = str(meter.device) if meter.address is None else f"{meter.device} at {meter.address}"
        cells = (meter.name, meter.id, _kind(meter), device, f"{meter.interval} s", _short(meter), meter.zone)
        table.add_row(*(Text(cell) for cell in cells[: len(table.columns)]))  # Text: what is in a name is no markup
    console.print(table)
    for draft in mapping.drafts:
        typer.echo(f"draft: {draft.place}: {draft.name!r} has no id, so it is not sent; enter the platform's id")
    for warning in mapping.warnings:
        typer.echo(f"warning: {warning}")
    counts = {"meter": mapping.meters, "draft": mapping.drafts, "warning": mapping.warnings}
    counted = ", ".join(f"{len(found)} {noun}{'' if len(found) == 1 else 's'}" for noun, found in counts.items())
    typer.echo(f"{counted}, no problem")


def _print_unchecked(mapping: Mapping) -> None:
    accounts = dict.fromkeys(meter.account for meter in mapping.meters if meter.account != DEFAULT_ACCOUNT)
    for account in accounts:
        typer.echo(f"not checked without the site: whether the settings know the account {account}")


def _kind(meter: Meter) -> str:
    if not meter.single:
        return "electrical"
    nature = meter.points[0].nature
    return "value" if nature is Nature.INSTANT else f"value, {nature.value}"


def _fields(meter: Meter) -> list[str]:
    return list(dict.fromkeys(point.field for point in meter.points))


def _short(meter: Meter) -> str:
    fields = _fields(meter)
    return " ".join(fields) if len(fields) <= 3 else f"{fields[0]} … {fields[-1]} ({len(fields)})"


def _as_json(mapping: Mapping) -> dict[str, Any]:
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
        "kind": _kind(meter),
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
