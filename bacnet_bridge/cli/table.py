"""The table of meters that `status` and `demo` show."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text


def meters_table(meters: Iterable[Mapping[str, Any]]) -> Table:
    """A row a meter, from the overview's document. Names come from devices and mappings: no markup is read in them."""
    table = Table(header_style="bold")
    for heading, justify in (("meter", "left"), ("last value", "left"), ("accepted", "right"), ("waiting", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]  # a literal of rich's own
    table.add_column("holes", justify="right")
    table.add_column("why", overflow="fold")
    for meter in meters:
        table.add_row(
            Text(meter["name"]),
            Text(meter["last"] or "–"),
            str(meter["accepted"]),
            str(meter["waiting"]),
            Text(str(meter["holes"]), style="yellow" if meter["holes"] else ""),
            Text("; ".join(filter(None, (meter["problem"], meter["attention"])))),
        )
    return table
