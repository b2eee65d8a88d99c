"""What people see of `import`: what was read of each file, the devices, what was skipped and why."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from rich.table import Table
from rich.text import Text

from bacnet_bridge.cli.discover_show import Sheet, harmless, harmless_line, objects_by_type
from bacnet_bridge.survey.ede.files import ListSet
from bacnet_bridge.survey.ede.lists import Remark, Report
from bacnet_bridge.survey.model import Survey

_SHOWN: Final = 100
"""Rows that are shown; the survey's file has all of them."""


class Screen(Sheet):
    """Of an import: what was read of each file; sentences tell what was written."""

    def show(self, read: Sequence[tuple[ListSet, Report]], survey: Survey) -> None:
        self._out.print(_files(read))
        if survey.devices:
            self._out.print()
            self._out.print(_devices(survey))
        for found, report in read:
            self._remarks(f"{found.list.name}: skipped", report.skipped)
            self._remarks(f"{found.list.name}: read in part", report.noted)
        for instance in survey.conflicts:
            self._out.print(Text(f"instance conflict: the lists have several devices {instance}", style="yellow"))

    def _remarks(self, title: str, remarks: Sequence[Remark]) -> None:
        if not remarks:
            return
        self._out.print()
        self._out.print(Text(f"{title}, {len(remarks)} rows" if len(remarks) > 1 else f"{title}, 1 row", style="bold"))
        for remark in islice(remarks, _SHOWN):
            self._out.print(Text(f"  line {remark.line}: {harmless_line(remark.sentence)}"), soft_wrap=True)
        if len(remarks) > _SHOWN:
            self._out.print(f"  and {len(remarks) - _SHOWN} more: they stand in the survey's file, under attention")


def _table(headings: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold", justify="right" if heading in right else "left")
    return table


def _files(read: Sequence[tuple[ListSet, Report]]) -> Table:
    counts = ("objects", "devices", "skipped", "in part")
    table = _table(("file", "layout", *counts, "with it"), counts)
    for found, report in read:
        beside = [each.name for each in found.beside_it]
        guessed = [f"taken for {found.encoding}"] if found.encoding else []
        numbers = (report.points, report.devices, len(report.skipped), len(report.noted))
        layout = harmless(report.layout) or "–"
        cells = (found.list.name, layout, *map(str, numbers), ", ".join([*beside, *guessed]) or "–")
        table.add_row(*map(Text, cells))
    return table


def _devices(survey: Survey) -> Table:
    table = _table(
        ("device", "address", "name", "objects by type", "with unit", "with states"),
        ("device", "with unit", "with states"),
    )
    for device in survey.devices:
        units = sum(each.units is not None for each in device.objects)
        texts = sum(each.states is not None for each in device.objects)
        about = (str(device.instance), device.address or "–", harmless(device.name) or "–")
        table.add_row(*map(Text, (*about, objects_by_type(device), str(units), str(texts))))
    return table
