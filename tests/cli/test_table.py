"""The meters' table on a terminal of 80 columns, the narrowest that is usual."""

from typing import Any

from rich.console import Console

from bacnet_bridge.cli.table import meters_table


def meter(**known: Any) -> dict[str, Any]:
    counts = {"accepted": 0, "waiting": 0, "holes": 0}
    return {"name": "Gas", "last": "", "problem": "", "next_attempt": None, "attention": ""} | counts | known


def lines(*meters: dict[str, Any]) -> list[str]:
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        console.print(meters_table(meters))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_a_meter_that_is_well_is_a_line() -> None:
    header, row = lines(meter(name="Main incomer", last="aP_1 15330 W, 20 more", accepted=103))
    assert header.split("  ")[0] == "meter"
    assert row == "Main incomer       103        0      0  aP_1 15330 W, 20 more"


def test_a_reason_has_room_enough_to_be_read() -> None:
    why = "value refused: device 1003 analog-input,5 present-value: the value is NaN"
    _, *rows = lines(meter(name="Supply air temperature", holes=1234, attention=why))
    assert len(rows) <= 3
    assert " ".join(row[-34:].strip() for row in rows).endswith("present-value: the value is NaN")


def test_a_value_and_what_is_wrong_stand_together_and_nothing_is_a_dash() -> None:
    _, both, none = lines(meter(last="3 kW", attention="aP_2 left out"), meter(name="[red]New[/x]"))
    assert both.endswith("3 kW; aP_2 left out")
    assert none.startswith("[red]New[/x]")
    assert none.endswith("–")


def test_what_waits_says_when_it_is_sent_again() -> None:
    _, *rows = lines(meter(problem="503: later", next_attempt="2027-01-15T12:17:00.000+00:00"))
    assert " ".join(" ".join(rows).split()).endswith("503: later; next attempt 2027-01-15 12:17:00")
