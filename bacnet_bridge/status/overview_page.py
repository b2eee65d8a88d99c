"""The overview for a browser as it comes: whole without a script, which else replaces it and keeps it new. Pure.

Everything that is not written here is escaped: a device may call itself `<script>`.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from bacnet_bridge.status.shell import shell
from bacnet_bridge.status.visible import visible

_CELL: Final = 300
"""Characters in a cell at most."""
_ROWS: Final = 500
"""Meters on the page; those with something to say come first, the others are counted."""


def overview_page(overview: Mapping[str, Any]) -> str:
    """From the document of `bacnet-bridge status --json`."""
    problems, attention = overview["problems"], overview["attention"]
    return shell(
        "overview",
        "".join(
            (
                f"<header><h1>BACnet Bridge {_text(overview['version'])}</h1>",
                f"<p>As of {_text(overview['now'])}; running since {_text(overview['started'])}.</p></header>",
                _verdict(problems, attention),
                _list("What is wrong", "bad", problems),
                _list("To be looked at", "odd", attention),
                _list("Also", "", (*overview["other_queues"], *overview["exchanges"])),
                _meters(overview["meters"]),
            )
        ),
    )


def _verdict(problems: Sequence[str], attention: Sequence[str]) -> str:
    if problems:
        kind, said = "bad", "The bridge does not do all of its work."
    elif attention:
        kind, said = "odd", "The bridge works; something in the building does not."
    else:
        kind, said = "well", "All is well."
    return f'<p class="verdict {kind}" role="status"><strong>{said}</strong></p>'


def _list(heading: str, kind: str, sentences: Iterable[str]) -> str:
    items = "".join(f'<li class="{kind}">{_text(each)}</li>' for each in sentences)
    return f'<section class="card"><h2>{heading}</h2><ul class="sentences">{items}</ul></section>' if items else ""


def _meters(meters: Sequence[Mapping[str, Any]]) -> str:
    if not meters:
        return "<p>No meter is read.</p>"
    ordered = sorted(meters, key=lambda each: (not each["problem"], not each["attention"]))
    rows = "".join(map(_row, ordered[:_ROWS]))
    more = f"<p>… and {len(meters) - _ROWS} more.</p>" if len(meters) > _ROWS else ""
    heads = "".join(
        f'<th scope="col"{_CLASS if number else ""}>{name}</th>'
        for name, number in (
            ("Meter", False), ("Last value", False), ("Slot", False), ("Accepted today", True), ("Waiting", True),
            ("Holes today", True), ("Why", False),
        )
    )  # fmt: skip
    return (
        f'<section class="card"><h2>Meters</h2><div class="wide" tabindex="0" role="region" aria-label="Meters"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{more}</section>"
    )


_CLASS: Final = ' class="number"'


def _row(meter: Mapping[str, Any]) -> str:
    kind = "bad" if meter["problem"] else "odd"
    why = _text(meter["problem"] or meter["attention"])
    numbers = "".join(f"<td{_CLASS}>{meter[name]:d}</td>" for name in ("accepted", "waiting", "holes"))
    return (
        f'<tr><th scope="row">{_text(meter["name"])}</th><td>{_text(meter["last"])}</td>'
        f'<td>{_text(meter["slot"] or "")}</td>{numbers}<td class="{kind}">{why}</td></tr>'
    )


def _text(text: str) -> str:
    return escape(visible(text, _CELL))
