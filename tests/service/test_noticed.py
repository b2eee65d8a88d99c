"""Which edits of the files are noticed, and when: on driven time, without a service around it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.errors import BridgeError, MappingError, OutboxError
from bacnet_bridge.mapping import Difference
from bacnet_bridge.model import Meter
from bacnet_bridge.service.editing import Editing
from bacnet_bridge.service.mapped import begun, judged
from bacnet_bridge.settings import BacnetSettings, Settings
from bacnet_bridge.state import StateFolder
from tests.support.clock import DrivenClock

HEAD = "meter;id;device;field;object\n"
ROWS = [f"Meter {n};m{n};1001;value;AI{n}\n" for n in range(4)]


class Site:
    """Files, and who is told of their edits instead of a running schedule."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.clock, self.file = DrivenClock(), folder / "mapping" / "meters.csv"
        self.file.parent.mkdir()
        self.write(2)
        self.settings = Settings(
            bacnet=BacnetSettings(instance=5, address="127.0.0.1/8"),
            zone="UTC",
            mapping=self.file.parent,
            state=folder / "state",
            **more,
        )
        self.state = StateFolder(self.settings.state)
        self.state.create()
        start = begun(self.settings, self.state, {"default"})
        self.meters, self.may, self.trouble = start.meters, True, ""
        self.edits: list[str] = []
        self.editing = Editing(
            self.settings, self.state, {"default"}, self.clock, start, lambda: self.meters, self.over, lambda: self.may
        )

    def write(self, rows: int, cut: int = 0) -> None:
        text = HEAD + "".join(ROWS[:rows])
        self.file.write_text(text[: len(text) - cut])

    async def over(self, edit: Difference, meters: tuple[Meter, ...]) -> None:
        if self.trouble:
            raise OutboxError(self.trouble)
        self.edits.append(edit.summary)
        self.meters = meters

    async def look(self, seconds: float = 1) -> list[str]:
        """A look later; the edits that are in force by then, in words."""
        self.clock.stall(seconds)
        await self.editing._look(asked=False)
        await self.editing._put_into_force(5)
        return self.edits


async def test_an_edit_is_taken_once_its_files_are_still_for_two_seconds(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(3, cut=9)
    assert await site.look() == []
    assert await site.look() == []
    site.write(3)
    assert [await site.look() for _ in range(2)] == [[], []]
    assert await site.look() == ["adds Meter 2 (m2)"]
    assert await site.look(60) == ["adds Meter 2 (m2)"]
    assert (site.state.folder / "mapping" / "meters.csv").read_text() == site.file.read_text()


async def test_a_copy_that_pauses_half_way_takes_no_meter_away(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with capture_logs() as logs:
        site.write(1)
        assert [await site.look() for _ in range(5)][-1] == []
        (sentence,) = site.editing.attention
        assert sentence == (
            "the mapping: an edit waits for `bacnet-bridge apply`, because it takes something away: it removes "
            "Meter 1 (m1)"
        )
        site.write(3)
        assert [await site.look() for _ in range(5)][-1] == ["adds Meter 2 (m2)"]
    assert [log["what"] for log in logs if log["event"].endswith("waits for `bacnet-bridge apply`")] == [
        "Meter 1 (m1): removed; what waits is sent all the same"
    ]
    assert not list(site.editing.attention)


async def test_what_is_taken_back_is_forgotten(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write(1)
    await site.look()
    await site.look(3)
    token = (await site.editing.answer({}))["token"]
    site.write(2)
    assert await site.editing.answer({}) == {"sentences": [], "takes_away": False, "token": None}
    assert await site.look(3) == ["changes nothing"]
    site.write(1)
    await site.editing.answer({})
    assert await site.editing.answer({"token": token}) == {"in_force": True, "why_not": ""}
    assert site.edits == ["changes nothing", "removes Meter 1 (m1)"]


async def test_files_touched_while_they_are_read_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path)
    site.write(4)

    def touched(*given: Any) -> Any:
        found = judged(*given)
        site.write(3)
        return found

    await site.look()
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("bacnet_bridge.service.editing.judged", touched)
        assert await site.look(3) == []
    assert [await site.look() for _ in range(3)][-1] == ["adds Meter 2 (m2)"]


async def test_files_that_never_rest_are_told_of(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for second in range(70):
        site.write(2 + second % 2)
        await site.look()
    (sentence,) = site.editing.attention
    assert "keep changing" in sentence
    await site.look(3)
    assert not list(site.editing.attention)


async def test_an_edit_waits_for_a_credible_clock_and_says_so(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.may = False
    site.write(3)
    await site.look()
    assert await site.look(3) == []
    (sentence,) = site.editing.attention
    assert "once the clock is credible" in sentence
    token = (await site.editing.answer({}))["token"]
    assert "credible" in (await site.editing.answer({"token": token}))["why_not"]
    site.may = True
    assert await site.look() == ["adds Meter 2 (m2)"]


async def test_where_the_ledger_cannot_be_written_it_is_told_and_tried_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.trouble = "no room"
    site.write(3)
    await site.look()
    with capture_logs() as logs:
        assert [await site.look(3) for _ in range(3)][-1] == []
    assert [log["event"] for log in logs].count("an edit of the mapping cannot come into force") == 1
    assert ["no room" in problem for problem in site.editing.problems] == [True]
    site.trouble = ""
    assert await site.look() == ["adds Meter 2 (m2)"]
    assert not list(site.editing.problems)


async def test_wrong_files_are_refused_with_their_first_problem(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.file.write_text("meter;id;nonsense\nA;a;1\n")
    await site.look()
    await site.look(3)
    (problem,) = site.editing.problems
    assert "the last good one is in force" in problem
    with pytest.raises(BridgeError, match=r"meters\.csv:1:"):
        await site.editing.answer({})
    site.write(2)
    await site.look()
    await site.look(3)
    assert not list(site.editing.problems)


async def test_a_drive_that_failed_for_a_moment_is_read_again_and_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        raise MappingError("meters.csv:1:1: the file cannot be read: Input/output error; see to its permissions")

    site = Site(tmp_path)
    site.write(3)
    await site.look()
    with monkeypatch.context() as drive, capture_logs() as logs:
        drive.setattr("bacnet_bridge.service.editing.judged", failing)
        for _ in range(4):
            await site.look(61)
    assert [log["event"] for log in logs] == ["the mapping is wrong"]
    assert len(list(site.editing.problems)) == 1
    assert await site.look() == []
    assert await site.look(60) == ["adds Meter 2 (m2)"]
    assert not list(site.editing.problems)


async def test_a_service_that_ends_waits_for_what_is_coming_into_force(tmp_path: Path) -> None:
    site, going = Site(tmp_path), asyncio.Event()
    over = site.editing._over

    async def slowly(edit: Difference, meters: tuple[Meter, ...]) -> None:
        await going.wait()
        await over(edit, meters)

    site.editing._over = slowly
    site.write(3)
    await site.editing._look(asked=True)
    await site.editing._put_into_force(0.01)
    stopping = asyncio.create_task(site.editing.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    going.set()
    await stopping
    assert site.edits == ["adds Meter 2 (m2)"]
