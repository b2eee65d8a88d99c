"""Every line of reading and delivery says of whom it is: a meter, a device, an account, or where it came from."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bacnet_bridge

PACKAGE = Path(bacnet_bridge.__file__).parent
ROOMS = ("bacnet", "wattics", "packet", "schedule/jobs.py", "service/collect.py", "service/timekeeper.py", "outbox")
LEVELS = {"debug", "info", "warning", "error", "exception"}
WHOSE = {"meter", "meters", "device", "account", "host", "source", "to", "bbmd", "file", "path"}
OF_NOBODY = {
    "no hole's reason can be written until this is mended": "the ledger's file, so all meters",
    "holes' reasons are written again": "the same",
    "what was learned of devices will be learned anew at the next start": "a file of all devices",
    "the platform's date cannot be had": "the machine's clock, so all meters",
    "some subscriptions are left to end by themselves": "at the end of the service, of all devices",
}
"""What concerns no single meter or device, and why."""


def lines() -> Iterator[tuple[str, str, set[str | None]]]:
    """Where, what, and the names of what is bound; None stands for `**`."""
    for room in ROOMS:
        place = PACKAGE / room
        for file in [place] if place.suffix else sorted(place.rglob("*.py")):
            for call in ast.walk(ast.parse(file.read_text())):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS:
                    if not isinstance(call.func.value, ast.Name) or call.func.value.id != "_log":
                        continue
                    event = call.args[0].value if isinstance(call.args[0], ast.Constant) else "…"
                    yield f"{file.relative_to(PACKAGE)}:{call.lineno}", str(event), {each.arg for each in call.keywords}


LINES = list(lines())


def test_there_are_lines_to_look_at() -> None:
    assert len(LINES) > 30
    assert set(OF_NOBODY) <= {event for _, event, _ in LINES}


@pytest.mark.parametrize(("where", "event", "bound"), LINES, ids=[where for where, _, _ in LINES])
def test_a_line_says_of_whom_it_is(where: str, event: str, bound: set[str | None]) -> None:
    assert bound & WHOSE or None in bound or event in OF_NOBODY, f"{where}: {event!r} binds {bound}"
