"""`bacnet-bridge backfill`: what a meter's trend logs would make of a stretch of the past."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bacnet_bridge.cli.run import Site, State
from bacnet_bridge.errors import BridgeError

if TYPE_CHECKING:
    from bacnet_bridge.model import Meter

_NEVER_BY_HAND = (
    "nothing is filled by hand: the service heals gaps by itself, before anything newer leaves, and what the platform "
    "has passed it discards (docs/backfill.md). Add --dry-run to see what the logs would give; where nothing later was "
    "sent, `bacnet-bridge push` sends a file of old values"
)


def backfill(
    meter: Annotated[str, typer.Argument(help="The meter's id or name.", show_default=False)],
    from_: Annotated[
        str,
        typer.Option("--from", help="2026-07-01 06:00, in the meter's zone; or 6 h, so long ago.", show_default=False),
    ],
    to: Annotated[str | None, typer.Option("--to", help="The same; now, if not given.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, and send nothing. Required.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for other programs.")] = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Show what a meter's trend logs would give for its slots in a stretch of the past: each slot's values, the record
    that each comes from, and why a slot would stay a hole.

    Reads the logs, through the running service or, where none runs, by itself. Puts and sends nothing: gaps are healed
    by the service. The mapping is read from the files as they are now.

    Exit status 0: shown. 1: nothing can be shown. 2: the settings cannot be used, or the BACnet port is taken.
    """
    from bacnet_bridge.cli.past_times import past
    from bacnet_bridge.clock import SystemClock
    from bacnet_bridge.logs import configure
    from bacnet_bridge.model import Queue
    from bacnet_bridge.service.accounts import accounts_of
    from bacnet_bridge.service.latest import own_latest
    from bacnet_bridge.service.mapped import load_for
    from bacnet_bridge.service.named import meter_named
    from bacnet_bridge.service.tried import tried
    from bacnet_bridge.settings import load_settings

    if not dry_run:
        raise BridgeError(_NEVER_BY_HAND)
    settings = load_settings(site, state=state)
    configure("error", settings.log_format)
    mapping = load_for(settings, None)
    found = meter_named(meter, mapping.meters, mapping.drafts)
    first, last = past(from_, to, found.zone, SystemClock().wall())
    told = asyncio.run(tried(settings, found, first, last))
    fence = own_latest(settings, Queue(accounts_of(settings)[found.account], found.id)).attempted
    if as_json:
        typer.echo(json.dumps(_document(found, told, fence), ensure_ascii=False))
    else:
        _show(found, told, fence)


def _show(meter: "Meter", told: Mapping[str, Any], fence: int | None) -> None:
    from rich.table import Table
    from rich.text import Text

    from bacnet_bridge.cli.check_show import wide_console

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for title in ("slot", "field", "is sent as", "log says", "record of", "by", "why none"):
        table.add_column(title, overflow="fold")
    for slot in told["slots"]:
        for row in _rows(meter, slot):
            table.add_row(*map(Text, row))
    wide_console().print(table)
    for sentence in (*_logs(told["logs"]), *_notes(meter, told, fence)):
        typer.echo(sentence)


def _rows(meter: "Meter", slot: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """A row for each field; the slot stands in the first. Times are the meter's."""
    shown = _time(meter, slot["slot"])
    for at, each in enumerate(slot["fields"]):
        value = "–" if each["value"] is None else f"{each['value']} {each['unit']}".rstrip()
        sent = value if slot["body"] else "–"
        why = each["why"] or ("" if slot["body"] else slot["why"])
        recorded = "" if each["recorded"] is None else _time(meter, each["recorded"])
        yield shown if at == 0 else "", each["field"], sent, each["raw"], recorded, each["how"], why


def _logs(logs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for log in logs:
        yield f"{log['log']}: {_count(log['records'], 'record')}, {_count(log['requests'], 'request')}"
        yield from (f"{log['log']}: {sentence}" for sentence in log["told"])


def _notes(meter: "Meter", told: Mapping[str, Any], fence: int | None) -> Iterator[str]:
    from bacnet_bridge.model import Nature

    slots = told["slots"]
    sent = sum(bool(slot["body"]) for slot in slots)
    if told["unlogged"] and not meter.require_all:
        yield f"without a log, and so left out: {', '.join(told['unlogged'])}"
    if any(point.nature is not Nature.INSTANT for point in meter.points):
        yield "A counter's fill must meet the counts read before and after its gap; that is seen when a gap is filled."
    late = sum(fence is not None and slot["slot"] <= fence for slot in slots)
    if fence is not None and late:
        yield f"{late} of these slots are not later than what was sent ({_time(meter, fence)}): too late to fill them"
    holes = _count(len(slots) - sent, "hole")
    yield f"{_count(len(slots), 'slot')}: the logs have {sent}, {holes} would be left. Nothing was sent."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _document(meter: "Meter", told: Mapping[str, Any], fence: int | None) -> dict[str, Any]:
    """Times with the meter's offset; packets as they would be sent."""
    from bacnet_bridge.packet.wire import timestamp

    def at(instant: int | None) -> str | None:
        return None if instant is None else timestamp(instant, meter.zone)

    return {
        "meter": meter.id,
        "sent_up_to": at(fence),
        "slots": [
            {
                "slot": at(slot["slot"]),
                "packet": slot["body"] or None,
                "hole": slot["why"] or None,
                "passed": fence is not None and slot["slot"] <= fence,
                "fields": [
                    {**each, "recorded": at(each["recorded"]), "how": each["how"] or None, "why": each["why"] or None}
                    for each in slot["fields"]
                ],
            }
            for slot in told["slots"]
        ],
        "logs": told["logs"],
        "unlogged": told["unlogged"],
    }


def _time(meter: "Meter", instant: int) -> str:
    """`2026-11-23 14:05:10`, with hundredths of a second where there are."""
    from zoneinfo import ZoneInfo

    from bacnet_bridge.clock import moment_of

    local = moment_of(instant).astimezone(ZoneInfo(meter.zone))
    return local.strftime("%Y-%m-%d %H:%M:%S") + (f".{instant % 1000 // 10:02}" if instant % 1000 >= 10 else "")
