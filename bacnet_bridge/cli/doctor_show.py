"""What `doctor` found, as a table or a document."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bacnet_bridge.doctor.finding import Finding, State

WIDE: Final = 200
"""Columns where no terminal says how many there are."""
_STYLES: Final = {State.FAILURE: "bold red", State.WARNING: "yellow", State.OK: "green"}
_SHOWN: Final = {State.NOT_APPLICABLE: "–"}
"""Short, where the state's own word would widen the column."""


def table(findings: Sequence[Finding]) -> None:
    """A line a finding, with its remedy below it, and the counts at the end."""
    console = Console()
    console = console if console.is_terminal else Console(width=WIDE)
    shown = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    shown.add_column(no_wrap=True)
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for each in findings:
        style = _STYLES.get(each.state, "dim")
        state = _SHOWN.get(each.state, each.state.value)
        shown.add_row(Text(state, style=style), Text(each.check), Text(each.says))
        if each.remedy:
            shown.add_row("", "", Text(f"→ {each.remedy}", style="italic"))
    console.print(shown)
    console.print(summary(findings), markup=False, highlight=False)


def summary(findings: Sequence[Finding]) -> str:
    """`2 failures, 1 warning, 20 ok, 3 not applicable, 1 unknown`; what there is none of is left out."""
    counts = Counter(each.state for each in findings)
    nouns = {State.FAILURE: "failure", State.WARNING: "warning"}
    order = (State.FAILURE, State.WARNING, State.OK, State.NOT_APPLICABLE, State.UNKNOWN)
    return ", ".join(
        f"{counts[state]} {_noun(nouns.get(state), state, counts[state])}" for state in order if counts[state]
    )


def _noun(noun: str | None, state: State, count: int) -> str:
    return state.value if noun is None else f"{noun}{'' if count == 1 else 's'}"


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """As `--json` says it."""
    counts = Counter(each.state.value for each in findings)
    return {
        "healthy": counts[State.FAILURE.value] == 0,
        "counts": {state.value: counts[state.value] for state in State},
        "findings": [each.document() for each in findings],
    }
