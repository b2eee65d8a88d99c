"""`report` on a state folder that no service holds."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bacnet_bridge.cli.report import report
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.database import Database
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import AcceptedBy
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid
from tests.support.clock import NOON
from tests.support.outbox import packet, queue

HOUR = 3_600_000
APP = typer.Typer()
APP.command()(report)


async def fill(path: Path) -> None:
    """A day of 24 slots in UTC: 20 accepted, one set aside, three holes for two reasons. Another meter is whole."""
    database = Database(path, MIGRATIONS)
    await database.start()
    outbox, ledger = SqliteOutbox(database, SystemClock()), SqliteLedger(database)
    midnight = NOON - 12 * HOUR
    for meter in ("holes", "whole"):
        await ledger.open(meter, Grid(HOUR, 0), "UTC", midnight - 1)
        await ledger.close(meter, midnight + 24 * HOUR - 1)
        for hour in range(24):
            if meter == "whole" or hour > 2:
                put = packet(midnight + hour * HOUR, meter)
                await outbox.put(put)
                if meter == "holes" and hour == 3:
                    await outbox.set_aside(put, "doubtful", NOON)
                else:
                    await outbox.accept(put, AcceptedBy.ANSWER, NOON)
    await ledger.hole("holes", midnight, midnight + HOUR, HoleReason.SILENT, "device 1: no answer")
    assert len(await outbox.packets_set_aside(queue("holes"))) == 1
    await database.close()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("BRIDGE_SITE", "BRIDGE_ZONE", "BRIDGE_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(SystemClock, "wall", lambda _: NOON + 24 * HOUR)
    (tmp_path / "state").mkdir()
    asyncio.run(fill(tmp_path / "state" / "bridge.db"))
    return tmp_path / "state"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, [*arguments, "--state", "state"])


def test_days_with_their_holes_and_why(state: Path) -> None:
    result = run()
    assert result.exit_code == 0, result.exception
    (line,) = (line for line in result.output.splitlines() if line.startswith("holes"))
    assert line.split()[:7] == ["holes", "2027-01-15", "24", "20", "0", "1", "3"]
    assert "device silent 2 (device 1: no answer); stopped 1" in line
    assert result.output.splitlines()[-1] == (
        "2 meters: 48 due = 44 accepted (live 44, healed 0, pushed 0) + 0 waiting + 1 set aside + 3 holes. "
        "Missing: 4 (8.33%); most often device silent 2, stopped 1, set aside 1"
    )
    assert state.exists()


@pytest.mark.usefixtures("state")
def test_check_shows_what_is_missing_and_says_so_by_its_exit_status() -> None:
    result = run("--check")
    assert (result.exit_code, "\nwhole" in result.output) == (1, False)
    result = run("whole", "--check")
    assert (result.exit_code, "Nothing is missing." in result.output) == (0, True)


@pytest.mark.usefixtures("state")
def test_for_programs() -> None:
    found = json.loads(run("holes", "--json").output)
    (day,) = found["days"]
    assert (day["due"], day["missing"], day["reasons"]) == (24, 4, {"device silent": 2, "stopped": 1})
    assert day["details"][0] == {"reason": "device silent", "detail": "device 1: no answer", "slots": 2}
    assert found["total"]["accepted"] == 20
    rows = list(csv.DictReader(io.StringIO(run("--csv").output)))
    assert [(row["meter"], row["day"], row["holes"], row["device silent"]) for row in rows] == [
        ("holes", "2027-01-15", "3", "2"),
        ("whole", "2027-01-15", "0", "0"),
    ]


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gas",), "nothing was recorded of a meter 'gas'; known are holes, whole"),
        (("--from", "29.3.2026"), "'29.3.2026' is no day"),
        (("--from", "2026-02-02", "--to", "2026-02-01"), "--from 2026-02-02 is later than --to 2026-02-01"),
        (("--json", "--csv"), "not both"),
        (("--state", "elsewhere"), "nothing was recorded in"),
    ],
)
def test_what_cannot_be_is_told(arguments: tuple[str, ...], said: str) -> None:
    options = () if "--state" in arguments else ("--state", "state")
    assert said in str(CliRunner().invoke(APP, [*arguments, *options]).exception)
