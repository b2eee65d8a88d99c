"""The table of meters that `status` and `demo` show."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text


def meters_table(meters: Iterable[Mapping[str, Any]]) -> Table:
    """A row a meter, from the overview's document. Names come from devices and mappings: no markup is read in them.

    The newest value and what is wrong share the widest column, since a meter rarely has both: sentences stay readable
    in 80 columns.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("meter", max_width=24, overflow="fold")
    for heading in ("accepted", "waiting", "holes"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("last value, or why none", overflow="fold")
    for meter in meters:
        table.add_row(
            Text(meter["name"]),
            str(meter["accepted"]),
            str(meter["waiting"]),
            Text(str(meter["holes"]), style="yellow" if meter["holes"] else ""),
            _newest(meter),
        )
    return table


def _newest(meter: Mapping[str, Any]) -> Text:
    again = f"next attempt {meter['next_attempt'][:19].replace('T', ' ')}" if meter["next_attempt"] else ""
    wrong = "; ".join(filter(None, (meter["problem"], again if meter["problem"] else "", meter["attention"])))
    parts = [Text(meter["last"]), Text(wrong, style="yellow")]
    return Text("; ").join(part for part in parts if part) or Text("–")
