"""What people see of `discover`: progress, the devices, their troubles, the difference."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bacnet_bridge.survey.difference import Change
from bacnet_bridge.survey.model import FoundDevice, Survey
from bacnet_bridge.survey.reach import log_sentences
from bacnet_bridge.vocabulary.objects import ABBREVIATIONS, OBJECT_TYPES
from bacnet_bridge.vocabulary.ranges import parse_ranges, unmet, within

_WIDE: Final = 160
"""Columns where no terminal says how many there are."""
_LONGEST: Final = 60
_SHORT: Final = {number: name for name, number in reversed(ABBREVIATIONS.items())}
_LOGS: Final = 100
"""Trend logs that are shown."""
_CHANGES: Final = 200
"""Changes that are shown."""


def harmless(text: str | None) -> str:
    """A device's text for a terminal: what moves the cursor or turns the direction becomes a sign; cut where long."""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text or "")
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


class Sheet:
    """Tables go to standard output, sentences to standard error."""

    def __init__(self) -> None:
        self._out = Console(highlight=False)
        if not self._out.is_terminal:
            self._out = Console(highlight=False, width=_WIDE)
        self._told = Console(stderr=True, highlight=False)

    def tell(self, sentence: str) -> None:
        self._told.print(Text(sentence), soft_wrap=True)


class Screen(Sheet):
    """A sheet with progress, which goes to standard error too."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._told,
            disable=not self._told.is_terminal,
        )
        self._devices: TaskID | None = None
        self._objects: TaskID | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Progress shows while the block runs."""
        with self._bars:
            self._devices = self._bars.add_task("asking who is there", total=None)
            yield

    def heard(self, devices: int) -> None:
        if self._devices is not None:
            self._bars.update(self._devices, total=devices)

    def identified(self) -> None:
        if self._devices is not None:
            self._bars.update(self._devices, advance=1, description="devices found")

    def exploring(self, devices: int, objects: int) -> None:
        if self._devices is not None:
            self._bars.reset(self._devices, total=devices, description="devices explored")
        self._objects = self._bars.add_task("objects", total=objects)

    def objects(self, number: int) -> None:
        if self._objects is not None:
            self._bars.update(self._objects, advance=number)

    def explored(self, device: FoundDevice) -> None:
        if self._devices is not None:
            self._bars.update(self._devices, advance=1)
        if not self._told.is_terminal:
            trouble = f": {device.trouble}" if device.trouble else ""
            self.tell(f"device {device.instance}, {harmless(device.name)}: {len(device.objects)} objects{trouble}")

    async def choose(self, found: Sequence[FoundDevice]) -> set[tuple[int, str]]:
        """Whose objects are to be explored: somebody at a terminal is asked, else all."""
        everyone = {device.key for device in found}
        if len(found) < 2 or not (sys.stdin.isatty() and self._told.is_terminal):
            return everyone
        self._bars.stop()
        self._out.print(_table(found, "objects", _counted))
        count = sum(max(0, (device.counted or 1) - 1) for device in found)
        self._told.print(f"Explore their {count} objects? Enter: all, n: none, or instances like 1000-1999,77")
        while True:
            answer = (await _line()).strip()
            if answer in {"", "n"}:
                break
            try:
                ranges, strange = parse_ranges(answer), unmet(answer, {device.instance for device in found})
            except ValueError as error:
                self.tell(f"{error}. Once more:")
                continue
            if strange:
                self.tell(f"no device of the table is {', '.join(strange)}. Once more:")
                continue
            everyone = {device.key for device in found if within(ranges, device.instance)}
            break
        self._bars.start()
        return set() if answer == "n" else everyone

    def show(self, survey: Survey) -> None:
        """Devices by network, then what could not be read, then sums."""
        if survey.devices:
            self._out.print(_table(survey.devices, "objects by type", _objects))
        logs = [sentence for device in survey.devices for sentence in log_sentences(device)]
        for sentence in logs[:_LOGS]:
            self._out.print(Text(harmless_line(sentence)), soft_wrap=True)
        if len(logs) > _LOGS:
            self._out.print(f"and {len(logs) - _LOGS} more trend logs: in the file")
        for sentence in (*_conflicts(survey), *_troubles(survey), *map(harmless_line, survey.attention)):
            self._out.print(Text(sentence, style="yellow"), soft_wrap=True)
        objects = [each for device in survey.devices for each in device.objects]
        explored = sum(each.explored for each in objects)
        seconds = (survey.ended - survey.began) / 1000
        requests = sum(device.requests for device in survey.devices)
        self._out.print(
            f"{len(survey.devices)} devices, {len(objects)} objects listed, {explored} explored; "
            f"{requests} requests, {seconds:.0f} s"
        )
        if not survey.devices:
            self.tell(
                "Nobody answered. Right address and mask (--bind)? A BBMD needed (--bbmd)? Known addresses: --address"
            )

    def show_changes(self, path: Path, earlier: Survey, changes: Sequence[Change]) -> None:
        day = datetime.fromtimestamp(earlier.began / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
        self._out.print(Text(f"Since {day} ({path}): {_sum(changes)}"))
        for change in changes[:_CHANGES]:
            self._out.print(Text(f"  {harmless_line(str(change))}"), soft_wrap=True)
        if len(changes) > _CHANGES:
            self._out.print(f"  and {len(changes) - _CHANGES} more")


def harmless_line(text: str) -> str:
    """A sentence with texts of devices in it."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)[:500]


async def _line() -> str:
    """The next line of standard input; a wait that can be cancelled."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline()


def _table(devices: Sequence[FoundDevice], last: str, shown: Callable[[FoundDevice], str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in ("device", "address", "name", "vendor, model"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "device" else "left")
    table.add_column(last, overflow="fold")
    ordered = sorted(devices, key=lambda device: (device.network or 0, device.instance, device.address))
    for network, group in groupby(ordered, key=lambda device: device.network):
        own = list(group)
        title = "own network" if network is None else f"network {network}"
        table.add_row(Text(""), Text(f"{title}: {len(own)} devices", style="bold"))
        for device in own:
            about = ", ".join(filter(None, (harmless(device.vendor_name), harmless(device.model))))
            cells = (str(device.instance), device.address, harmless(device.name) or "–", about or "–", shown(device))
            table.add_row(*map(Text, cells))
    return table


def _counted(device: FoundDevice) -> str:
    """Before they are listed."""
    return "?" if device.counted is None else str(max(0, device.counted - 1))


def _objects(device: FoundDevice) -> str:
    if not device.objects and not device.complete:
        return "?" if device.counted is None else f"{max(0, device.counted - 1)} (not listed)"
    partly = "" if device.complete else f" – not all: {len(device.objects)} of {device.counted or '?'}"
    return f"{objects_by_type(device)}{partly}"


def objects_by_type(device: FoundDevice) -> str:
    """`12: 8 AI, 4 BI`."""
    counts = sorted(device.counts().items())
    types = ", ".join(
        f"{number} {_SHORT.get(kind) or OBJECT_TYPES.get(kind, f'type {kind}')}" for kind, number in counts
    )
    return f"{len(device.objects)}{': ' if types else ''}{types}"


def _conflicts(survey: Survey) -> Iterator[str]:
    for instance, devices in survey.conflicts.items():
        who = " and ".join(f"{harmless(device.name)} at {device.address}" for device in devices)
        yield f"instance conflict: device {instance} is {who}; give one of them another instance"


def _troubles(survey: Survey) -> Iterator[str]:
    for device in survey.devices:
        if device.trouble:
            yield f"device {device.instance} at {device.address}: {harmless_line(device.trouble)}"
        unread = [*device.unread, *(missed for each in device.objects for missed in each.unread)]
        if unread:
            causes = ", ".join(dict.fromkeys(harmless_line(f"{missed.what}: {missed.why}") for missed in unread[:3]))
            more = f", and {len(unread) - 3} more" if len(unread) > 3 else ""
            yield f"device {device.instance} at {device.address}: not read: {causes}{more} (all of them: in the file)"


def _sum(changes: Sequence[Change]) -> str:
    counts = {kind: sum(change.kind is kind for change in changes) for kind in dict.fromkeys(c.kind for c in changes)}
    return ", ".join(f"{number} {kind}" for kind, number in counts.items()) or "nothing changed"
