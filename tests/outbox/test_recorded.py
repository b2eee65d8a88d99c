"""A state folder as each released version left it goes on with this one: nothing that waits is lost or changed."""

import json
import re
from pathlib import Path

import pytest

from bacnet_bridge.outbox.damage import opened_whole
from bacnet_bridge.state import read_table
from tests.outbox.contract import accept_head
from tests.support.clock import DrivenClock
from tests.support.recorded import STATES, restored

ROOT = Path(__file__).parents[2]
RECORDED = sorted(STATES.iterdir())


def test_every_release_has_its_recorded_state() -> None:
    released = set(re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE))
    assert RECORDED
    assert released <= {folder.name for folder in RECORDED}, "python -m tests.support.recorded tests/states/VERSION"


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda folder: folder.name)
async def test_what_waited_leaves_in_order_as_it_was(recorded: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    restored(recorded, state)
    expected = json.loads((recorded / "expected.json").read_text())
    assert expected
    database, outbox = await opened_whole(state / "bridge.db", DrivenClock())
    assert not list(state.glob("*.damaged*"))
    assert await outbox.check() == ""
    left = []
    for each in await outbox.states():
        assert each.unproven == ""
        assert each.last_accepted is not None
        assert each.oldest is not None
        assert each.fence is not None
        assert each.last_accepted <= each.fence
        assert each.last_accepted < each.oldest
        while (head := await accept_head(outbox, each.queue)) is not None:
            left.append([head.queue.id, head.instant, head.body])
    await database.close()
    assert sorted(left) == expected


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda folder: folder.name)
def test_what_was_learned_is_read(recorded: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    restored(recorded, state)
    for name in ("bindings", "pins", "profiles"):
        assert read_table(state / f"{name}.json"), name
    assert not list(state.glob("*.damaged"))
