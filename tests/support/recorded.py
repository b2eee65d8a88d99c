"""State folders as versions left them; `python -m tests.support.recorded tests/states/0.1.0` records this one's.

To be done for each release: tests/outbox/test_recorded.py opens it with every later version. The service fills the
folder itself, against the demo's building and the strict platform, which takes packets and then is away. The database
is kept as SQL, since files of SQLite are no text.
"""

import asyncio
import json
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from bacnet_bridge.service.bridge import running
from bacnet_bridge.simulator.building import run_building
from bacnet_bridge.simulator.declaration import DEMO_BUILDING
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import site_settings, until

STATES: Final = Path(__file__).parents[1] / "states"
_WAITING: Final = """
SELECT meter, instant, body FROM packet JOIN queue ON queue.id = packet.queue WHERE state = 0 ORDER BY meter, instant
"""


def restored(recorded: Path, state: Path) -> None:
    """The folder as it was."""
    shutil.copytree(recorded, state, ignore=shutil.ignore_patterns("bridge.sql", "expected.json"))
    with closing(sqlite3.connect(state / "bridge.db")) as database:
        database.executescript((recorded / "bridge.sql").read_text())


def waiting(database: Path) -> list[list[Any]]:
    """Id, instant and body of each packet that waits, in this version's schema."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return [list(row) for row in connection.execute(_WAITING)]


async def _filled(folder: Path) -> Path:
    async with run_building(DEMO_BUILDING) as building, StrictPlatform(folder / "platform") as platform:
        settings = site_settings(folder, building, platform)
        async with running(settings) as bridge:
            await platform.until("accepted", 6)
            platform.fail(500, times=None)
            await until(bridge, lambda overview: all(meter.waiting >= 2 for meter in overview.meters))
    return settings.state


def record(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        state = asyncio.run(_filled(Path(folder)))
        target.mkdir(parents=True)
        with closing(sqlite3.connect(state / "bridge.db")) as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            lines = [*database.iterdump(), f"PRAGMA user_version = {version};"]
            (target / "bridge.sql").write_text("\n".join(lines) + "\n")
        (target / "expected.json").write_text(json.dumps(waiting(state / "bridge.db"), indent=1, ensure_ascii=False))
        for table in state.glob("*.json"):
            shutil.copy(table, target)
        shutil.copytree(state / "mapping", target / "mapping")


if __name__ == "__main__":
    record(Path(sys.argv[1]))
