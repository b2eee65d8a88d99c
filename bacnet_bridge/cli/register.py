"""`bacnet-bridge register`: drafts to the platform's staff, and the ids that they return into the mapping's files."""

import difflib
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bacnet_bridge.cli.run import Mapping, Site
from bacnet_bridge.errors import BridgeError

if TYPE_CHECKING:
    from bacnet_bridge.mapping.registration import Merge
    from bacnet_bridge.mapping.sheet import Claimed

_DISCOVERED: Final = Path("discovered")
"""Where `discover` writes."""
_NO_UNITS: Final = 95
"""What an object claims that measures nothing (BACnetEngineeringUnits)."""


def export(
    file: Annotated[Path, typer.Argument(help="The sheet to write, as CSV.")],
    survey: Annotated[
        Path | None,
        typer.Option(help="What `discover` found: units that the mapping does not state. If not given: discovered."),
    ] = None,
    site: Site = None,
    mapping: Mapping = None,
) -> None:
    """Write the sheet that the platform's staff need to register the drafts: meters that have no id yet.

    They fill the column id; `register import` brings the ids back. A single value's unit is the mapping's `unit:`, else
    what its object claimed when `discover` looked.

    Exit status 1: there is no draft, the mapping is broken, or the file cannot be written. 2: the settings cannot be
    read.
    """
    from bacnet_bridge.mapping.sheet import lacking_unit, write_sheet
    from bacnet_bridge.service.mapped import load_for
    from bacnet_bridge.settings import load_settings

    settings = load_settings(site, mapping=mapping)
    found = load_for(settings, None)
    meters = [draft.meter for draft in found.drafts if draft.meter is not None]
    for draft in found.drafts:
        if draft.meter is None:
            lacking = "device" if draft.device is None else "field"
            typer.echo(f"left out: {draft.place}: {draft.name!r} has no {lacking} yet", err=True)
    if not meters:
        raise BridgeError(f"{settings.mapping} has no draft to register: every meter has an id, or lacks a device")
    claimed = _claimed(survey)
    for meter in meters:
        if lacking_unit(meter, claimed):
            why = f"{meter.name!r} states no `unit:`, and no survey knows it, so its cell is blank"
            typer.echo(f"note: {meter.place}: {why}", err=True)
    try:
        file.write_text(write_sheet(found.drafts, claimed), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BridgeError(f"{file} cannot be written: {error.strerror}") from None
    typer.echo(f"{file}: {_count(len(meters), 'draft')}. Have the column id filled, then: register import")


def _claimed(survey: Path | None) -> "Claimed":
    """The units in a survey; none where there is no survey. Raises SurveyError for a given one that cannot be read."""
    from bacnet_bridge.survey.file import FILE_NAME, read

    if survey is None and not (_DISCOVERED / FILE_NAME).is_file():
        return {}
    return {
        (device.instance, each.id): each.unit.symbol
        for device in read(survey or _DISCOVERED).devices
        for each in device.objects
        if each.unit is not None and each.unit.code != _NO_UNITS
    }


def import_(
    file: Annotated[Path, typer.Argument(help="The sheet that came back, as CSV.")],
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking, for scripts.")] = False,
    site: Site = None,
    mapping: Mapping = None,
) -> None:
    """Enter the ids of a sheet that came back into the mapping's files, each found by our key.

    Files are edited in place: comments, order and spacing stay. The difference is shown and asked for. With anything
    wrong in the sheet, or in the mapping that would come of it, nothing is written.

    Exit status 1: something is wrong, or the answer was no. 2: the settings cannot be read.
    """
    from bacnet_bridge.mapping.registration import merge, write
    from bacnet_bridge.service.mapped import defaults_of
    from bacnet_bridge.settings import DEFAULT_ACCOUNT, load_settings

    settings = load_settings(site, mapping=mapping)
    merged = merge(settings.mapping, file, defaults_of(settings), {DEFAULT_ACCOUNT, *settings.accounts})
    _tell(merged)
    if merged.there and not merged.ids:
        typer.echo("nothing to write: the mapping has every id of the sheet")
        return
    if not merged.ids:
        raise BridgeError(f"{file} brings no id: nothing was written. Is its column id filled?")
    _show(merged.before, merged.after)
    if not yes and not typer.confirm(f"Write {_count(len(merged.ids), 'id')}?"):
        raise BridgeError("nothing was written")
    write(merged)
    typer.echo(f"{_count(len(merged.ids), 'id')} entered into {_count(len(merged.after), 'file')}. Now: check --live")


def _tell(merged: "Merge") -> None:
    for name in merged.blank:
        typer.echo(f"still without an id: {name}", err=True)
    for name in merged.there:
        typer.echo(f"there already: {name}", err=True)


def _show(before: MappingOf[Path, str], after: MappingOf[Path, str]) -> None:
    for file, text in after.items():
        typer.echo("".join(_difference(before[file], text, str(file))), nl=False)


def _difference(old: str, new: str, name: str) -> Sequence[str]:
    lines = difflib.unified_diff(_lines(old), _lines(new), name, name, n=1)
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.splitlines()]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
