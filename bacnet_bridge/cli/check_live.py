"""`check --live`: the mapping against the devices. Two looks, a table, what is wrong."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bacnet_bridge.errors import BridgeError, SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from bacnet_bridge.mapping import Mapping
    from bacnet_bridge.model import Reading
    from bacnet_bridge.packet.remark import Remark
    from bacnet_bridge.service.live_report import LiveReport, SeenDevice, SeenMeter
    from bacnet_bridge.settings import Settings


def seconds_over(text: str) -> float:
    """The option's length of time; 0 compares nothing. Raises SettingsError."""
    from bacnet_bridge.vocabulary.durations import parse_seconds

    try:
        return 0.0 if text.strip() == "0" else float(parse_seconds(text))
    except ValueError as error:
        raise SettingsError(f"--over {text!r} {error}") from None


def look_live(
    settings: "Settings", folder: Path | None, mapping: "Mapping", only: Sequence[str], over: float
) -> "LiveReport":
    """Read the meters, or only those with these ids or names, twice. Says on stderr what it waits for."""
    from bacnet_bridge.service.live import live_meters, looking
    from bacnet_bridge.service.live_report import live_report
    from bacnet_bridge.service.named import meter_named

    everything = live_meters(mapping)
    meters = everything if not only else tuple(dict.fromkeys(meter_named(each, everything) for each in only))
    if not meters:
        raise BridgeError("the mapping has no meter with a device and a field: there is nothing to read")

    async def work() -> "LiveReport":
        async with looking(settings, folder) as look:
            devices = len({(meter.device, meter.address) for meter in meters})
            typer.echo(f"reading {_count(len(meters), 'meter')} of {_count(devices, 'device')} …", err=True)
            first = await look(meters, again=False)
            if over:
                typer.echo(f"reading again in {over:g} s, to see the counters move …", err=True)
                await asyncio.sleep(over)
            second = await look(meters, again=True)
            return live_report(meters, {draft.name for draft in mapping.drafts}, first, second)

    return asyncio.run(work())


def print_live(report: "LiveReport", console: "Console") -> None:
    """Values point by point, packets as they would be sent, devices, and what wants a look."""
    from bacnet_bridge.packet.remark import Weight

    console.print(_values(report.meters))
    for seen in report.meters:
        typer.echo(f"{seen.meter.name}: {_packet(seen)}")
    console.print()
    console.print(_devices(report.devices))
    if any(seen.logs for seen in report.meters):
        console.print()
        console.print(_logs(report.meters))
    for weight in (Weight.NOTE, Weight.ODD, Weight.WRONG):
        for whose, remark in _remarks(report, weight):
            typer.echo(f"{weight}: {whose}: {remark.sentence}")
    drafts = sum(seen.draft for seen in report.meters)
    typer.echo(
        f"{_count(len(report.meters) - drafts, 'meter')} and {_count(drafts, 'draft')} read: "
        f"{report.count(Weight.WRONG)} wrong, {report.count(Weight.ODD)} odd"
    )


def live_json(report: "LiveReport") -> dict[str, Any]:
    """For other programs."""
    return {
        "meters": [_meter(seen) for seen in report.meters],
        "devices": [
            {
                "device": each.cost.device,
                "address": each.cost.address,
                "meters": each.meters,
                "requests": each.cost.requests,
                "seconds": round(each.cost.took, 3),
                "tolerance": each.tolerance,
                "met": bool(each.cost.requests) and each.cost.took <= each.tolerance,
                "remarks": [_remark(remark) for remark in each.remarks],
            }
            for each in report.devices
        ],
    }


def _values(meters: "Sequence[SeenMeter]") -> Any:
    from rich.text import Text

    table = _table("meter", "field", "object", "device says", "is sent as", "remark")
    for seen in meters:
        for reading in seen.glance.readings:
            cells = (seen.meter.name, reading.point.field, str(reading.point.source.object), *_said(reading))
            table.add_row(*(Text(cell) for cell in cells))
    return table


def _said(reading: "Reading") -> tuple[str, str, str]:
    from bacnet_bridge.packet.wire import number
    from bacnet_bridge.vocabulary.objects import ACCUMULATOR

    flags = ", ".join(reading.flags)
    counts = reading.point.source.object.type == ACCUMULATOR  # its unit is that of the count times its scale
    raw = f"{reading.raw} {'counts' if counts else reading.unit}".strip() if reading.raw else "–"
    if reading.value is None:
        return raw, "–", ", ".join(filter(None, ("no value", flags)))
    unit = reading.point.required_unit or reading.unit
    return raw, f"{number(reading.value)} {unit}".strip(), flags


def _packet(seen: "SeenMeter") -> str:
    from bacnet_bridge.packet.wire import renamed

    if not seen.glance.body:
        return f"no packet: {seen.glance.hole}"
    return renamed(seen.glance.body, seen.meter.id, "?") if seen.draft else seen.glance.body


def _devices(devices: "Sequence[SeenDevice]") -> Any:
    table = _table("device", "address", "meters", "requests per slot", "seconds", "tolerance", "slot met")
    for each in devices:
        cost = each.cost
        met = "silent" if not cost.requests else "yes" if cost.took <= each.tolerance else "no"
        cells = (cost.device, cost.address or "–", each.meters, cost.requests, f"{cost.took:.2f}")
        table.add_row(*map(str, cells), f"{each.tolerance:g} s", met)
    return table


def _logs(meters: "Sequence[SeenMeter]") -> Any:
    table = _table("meter", "field", "log", "records", "heals", "its clock")
    for seen in meters:
        for line in seen.logs:
            table.add_row(
                seen.meter.name, line.field, line.log, line.pace or "–", line.heals or "nothing", line.clock or "–"
            )
    return table


def _table(*titles: str) -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _remarks(report: "LiveReport", weight: object) -> "list[tuple[str, Remark]]":
    told = [(seen.meter.name, remark) for seen in report.meters for remark in seen.remarks]
    told += [(f"device {each.cost.device}", remark) for each in report.devices for remark in each.remarks]
    return [(whose, remark) for whose, remark in told if remark.weight is weight]


def _meter(seen: "SeenMeter") -> dict[str, Any]:
    return {
        "name": seen.meter.name,
        "id": None if seen.draft else seen.meter.id,
        "packet": _packet(seen) if seen.glance.body else None,
        "hole": seen.glance.hole or None,
        "points": [_point(reading) for reading in seen.glance.readings],
        "logs": [
            {
                "field": line.field,
                "log": line.log,
                "records": line.pace or None,
                "heals": line.heals or None,
                "clock": line.clock or None,
            }
            for line in seen.logs
        ],
        "remarks": [_remark(remark) for remark in seen.remarks],
    }


def _point(reading: "Reading") -> dict[str, Any]:
    return {
        "field": reading.point.field,
        "object": str(reading.point.source.object),
        "raw": reading.raw or None,
        "unit": reading.unit or None,
        "value": None if reading.value is None else float(reading.value),
        "flags": list(reading.flags),
        "problem": None if reading.problem is None else reading.problem.detail,
        "notice": reading.notice or None,
    }


def _remark(remark: "Remark") -> dict[str, Any]:
    return {"fields": list(remark.fields), "weight": remark.weight.value, "sentence": remark.sentence}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
