"""`bacnet-bridge report`: per meter and local day, what was due and what became of it."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from bacnet_bridge.ledger.contract import DayCount
    from bacnet_bridge.service.report import Report
    from bacnet_bridge.settings import Settings


def report(
    meters: Annotated[
        list[str] | None, typer.Argument(metavar="[METER]...", help="Ids or names; all meters if none is given.")
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", help="First local day: 2026-03-29, `today`, `yesterday`; 7 days if not given."),
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last local day; today if not given.")] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Print the days with something missing only, and end with 1 if there are any."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for other programs.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print a row for each meter and day, for a spreadsheet.")
    ] = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Account for every slot of every meter, day by day: due = accepted + waiting + set aside + holes.

    It reads the state folder's file, whether the service runs or not. A hole that nobody explained is `stopped`: the
    bridge did not run. Days are the building's own. Accepted packets beyond what was due are those that were pushed
    for a time in which the meter was not scheduled.

    Exit status 1, with --check only: something is missing, which is holes and what was set aside. What waits is not.
    """
    from bacnet_bridge.clock import SystemClock
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.ledger.report import Span
    from bacnet_bridge.service.report import report as reported
    from bacnet_bridge.state import StateFolder

    if as_json and as_csv:
        raise BridgeError("--json or --csv, not both")
    settings = _settings(site, state)
    folder = StateFolder(state or settings.state) if settings else StateFolder(state or Path("state"))
    zone = settings.zone if settings else "UTC"
    span = Span(first=_day(first, zone), last=_day(last, zone))
    if span.first and span.last and span.first > span.last:
        raise BridgeError(f"--from {first} is later than --to {last}")
    found = reported(folder, meters or [], span, SystemClock().wall(), zone, _names(settings))
    if as_json:
        typer.echo(json.dumps(found.document(), ensure_ascii=False, indent=2))
    elif as_csv:
        typer.echo(_csv(found), nl=False)
    else:
        _show(found, only_missing=check)
    if check and found.total.missing:
        raise typer.Exit(1)


def _settings(site: Path | None, state: Path | None) -> "Settings | None":
    """With a state folder named, the report does without settings: meters are then told by their ids."""
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.settings import load_settings

    try:
        return load_settings(site)
    except SettingsError as error:
        if state is not None and site is None:
            return None
        raise SettingsError(f"{error}\n(to report without a site, name its state folder with --state)") from None


def _names(settings: "Settings | None") -> dict[str, str]:
    """By id; none where the mapping cannot be read."""
    from bacnet_bridge.service.mapped import looked_up
    from bacnet_bridge.settings import DEFAULT_ACCOUNT
    from bacnet_bridge.state import StateFolder

    if settings is None:
        return {}
    accounts = {DEFAULT_ACCOUNT, *settings.accounts}
    meters, _drafts = looked_up(settings, StateFolder(settings.state), accounts)
    return {meter.id: meter.name for meter in meters}


def _day(text: str | None, zone: str) -> date | None:
    from bacnet_bridge.errors import BridgeError

    if text is None:
        return None
    today = datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        return named.get(text) or date.fromisoformat(text)
    except ValueError:
        raise BridgeError(f"{text!r} is no day: write 2026-03-29, today or yesterday") from None


def _csv(found: "Report") -> str:
    """Reasons have a column each, always all of them, so that files of several runs fit together."""
    from bacnet_bridge.vocabulary.holes import HoleReason

    numbers = ("due", "accepted", "live", "healed", "pushed", "waiting", "set_aside", "holes")
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["meter", "name", "day", *numbers, *HoleReason, "beyond due"])
    for each in found.days:
        reasons = [each.reasons.get(reason, 0) for reason in HoleReason]
        counts = [getattr(each, name) for name in numbers]
        rows.writerow([each.meter, found.names.get(each.meter, ""), each.day, *counts, *reasons, each.extra])
    return out.getvalue()


def _show(found: "Report", *, only_missing: bool) -> None:
    from rich.console import Console

    from bacnet_bridge.cli.check_show import WIDE

    console = Console()
    console = console if console.is_terminal else Console(width=WIDE)
    days = [each for each in found.days if each.missing or not only_missing]
    if days:
        console.print(_table(found, days))
    for line in found.exchanges:
        console.print(f"exchange: {line}", markup=False)
    console.print(_summary(found), markup=False)


def _table(found: "Report", days: "list[DayCount]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("meter", overflow="fold")
    table.add_column("day", no_wrap=True)
    origins = [name for name in ("healed", "pushed") if any(getattr(each, name) for each in days)]
    numbers = ["due", "accepted", *origins, "waiting", "set aside", "holes"]
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    before = ""
    for each in days:
        name = "" if each.meter == before else found.names.get(each.meter, each.meter)
        counts = (str(getattr(each, heading.replace(" ", "_"))) for heading in numbers)
        style = "bold yellow" if each.missing else ""
        table.add_row(*(Text(cell) for cell in (name, each.day, *counts)), _why(each), style=style)
        before = each.meter
    return table


def _why(day: "DayCount") -> "Text":
    """`device silent 12 (no answer …); stopped 3`."""
    from rich.text import Text

    from bacnet_bridge.service.report import commonest

    parts = []
    for reason, count in Counter(day.reasons).most_common():
        detail, of_it = commonest(day.details, reason)
        more = f", {count - of_it} otherwise" if detail and of_it < count else ""
        parts.append(f"{reason} {count}{f' ({detail}{more})' if detail else ''}")
    if day.extra:
        waiting = day.extra - day.extra_accepted
        parts.append(f"beyond what was due: {day.extra_accepted} accepted{f', {waiting} not' if waiting else ''}")
    return Text("; ".join(parts))


def _summary(found: "Report") -> str:
    """What is missing, and the commonest reasons."""
    total = found.total
    meters = len({each.meter for each in found.days})
    said = (
        f"{meters} meter{'' if meters == 1 else 's'}: {total.due:,} due = {total.accepted:,} accepted "
        f"(live {total.live:,}, healed {total.healed:,}, pushed {total.pushed:,}) + {total.waiting:,} waiting "
        f"+ {total.set_aside:,} set aside + {total.holes:,} holes"
    )
    if total.extra:
        said += f"; beyond what was due {total.extra:,}"
    if not total.missing:
        return f"{said}. Nothing is missing."
    reasons = Counter({str(reason): count for reason, count in total.reasons.items()})
    if total.set_aside:
        reasons["set aside"] = total.set_aside
    commonest = ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(3))
    return f"{said}. Missing: {total.missing:,} ({total.missing / total.due:.2%}); most often {commonest}"
