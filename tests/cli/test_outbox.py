"""`bacnet-bridge outbox` without a running service: every command on a file, under the state folder's lock."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bacnet_bridge.cli import app
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.database import Database
from bacnet_bridge.errors import BridgeError, StateError
from bacnet_bridge.model import AcceptedBy, Account, Queue, Retry
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.contract import NewGap
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.state import StateFolder
from tests.support.bridge import MAPPING
from tests.support.outbox import ACCOUNT, packet

A, B, C = 1_767_225_600_000, 1_767_225_900_000, 1_767_226_200_000
"""2026-01-01T00:00:00Z and the two five minutes after."""
OLD = Account(ACCOUNT.address, "old")


class Site:
    """A state folder without a service."""

    def __init__(self, folder: Path) -> None:
        self.state = StateFolder(folder)
        self.state.create()

    def fill(self, *wanted: tuple[int, str, Account], accepted: int = 0, retry: Retry | None = None) -> None:
        """Put these packets; of each queue the first ones are accepted, the next one has failed."""

        async def filled() -> None:
            database = Database(self.state.database, MIGRATIONS)
            await database.start()
            outbox = SqliteOutbox(database, SystemClock())
            await outbox.start()
            for instant, meter, account in wanted:
                await outbox.put(packet(instant, meter, account=account), {"AI1": "7"})
            for queue in {Queue(account, meter) for _, meter, account in wanted}:
                for _ in range(accepted):
                    head = await outbox.head(queue)
                    assert head is not None
                    await outbox.accept(head, AcceptedBy.ANSWER, A)
                if retry is not None:
                    await outbox.postpone(queue, retry)
            await database.close()

        asyncio.run(filled())

    def run(self, *words: str, answer: str | None = None) -> Result:
        state = () if "--state" in words else ("--state", str(self.state.folder))
        return CliRunner().invoke(app, ["outbox", *words, *state], input=answer, env={"COLUMNS": "200"})

    def said(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, (result.output, result.exception)
        return result.output

    def refusal(self, *words: str) -> str:
        result = self.run(*words)
        assert isinstance(result.exception, BridgeError), (result.output, result.exception)
        return str(result.exception)

    def waiting(self) -> dict[str, int]:
        return {
            f"{each['meter']} {each['account']}": each["waiting"] for each in json.loads(self.said("list", "--json"))
        }


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "state")


def test_the_list_tells_what_waits_and_why(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT), (B, "gas", ACCOUNT), (A, "quiet", ACCOUNT), accepted=1,
              retry=Retry(4, C, "400 Bad Request", "queue paused"))  # fmt: skip
    said = site.said("list")
    assert "No bridge runs" in said
    assert "no service runs; 400 Bad Request; 4 attempts" in said
    assert "00:05:00" in said
    assert said.endswith("1 other meter: nothing waits.\n")
    assert "quiet" in site.said("list", "--all")
    (gas, quiet) = json.loads(site.said("list", "--json"))
    assert (gas["waiting"], gas["oldest"], gas["attempts"], gas["last_accepted"]) == (
        1, "2026-01-01 00:05:00+00:00", 4, "2026-01-01 00:00:00+00:00",
    )  # fmt: skip
    assert quiet["state"] == "nothing waits"


def test_where_there_is_nothing_that_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    nowhere = Site(tmp_path / "empty")
    for words in (("list",), ("show", "gas"), ("hold", "--all"), ("export", str(tmp_path / "x"))):
        result = nowhere.run(*words)
        assert isinstance(result.exception, StateError)
        assert "there is no outbox in" in str(result.exception)
    assert list(nowhere.state.folder.iterdir()) == []


def test_show_has_head_attempts_memory_and_what_is_set_aside(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT), (B, "gas", ACCOUNT), (C, "gas", ACCOUNT), retry=Retry(2, C, "404", "queue paused"))
    site.said("skip", "gas", "--head", "--why", "sensor was wired wrongly", "--yes")
    said = site.said("show", "gas")
    assert "2 packets waiting, from 2026-01-01 00:05:00+00:00 to 2026-01-01 00:10:00+00:00" in said
    assert packet(B, "gas").body in said
    assert "2026-01-01 00:00:00+00:00  sensor was wired wrongly" in said
    assert "AI1: 7" in said
    told = json.loads(site.said("show", "gas", "--json"))
    assert (told["head"]["instant"], told["set_aside"][0]["why"]) == (B, "sensor was wired wrongly")


def test_an_unknown_meter_gets_a_suggestion(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT))
    assert "did you mean gas?" in site.refusal("show", "gsa")
    assert "`outbox list --all` shows" in site.refusal("hold", "quite-different")


def test_an_id_of_several_accounts_asks_for_one_but_only_where_it_matters(site: Site) -> None:
    site.fill((A, "gas", OLD), (B, "gas", ACCOUNT))
    refusal = site.refusal("abandon", "gas", "--why", "x", "--yes")
    assert (
        "several accounts: old (1 packet waiting), default (1 packet waiting). Say which one with --account" in refusal
    )
    assert "has no queue for account nobody; it has old" in site.refusal("show", "gas", "--account", "nobody")
    assert "1 packet set aside" in site.said("abandon", "gas", "--account", "old", "--why", "x", "--yes")
    assert "set aside" in site.said("abandon", "gas", "--why", "only one is left with packets", "--yes")


def test_one_name_at_two_addresses_is_told_by_the_address(site: Site) -> None:
    moved = Account("https://elsewhere/", "default")
    site.fill((A, "gas", ACCOUNT), (B, "gas", moved))
    assert "https://elsewhere/ (1 packet waiting)" in site.refusal("show", "gas", "--account", "default")
    assert "account default at https://elsewhere/" in site.said("show", "gas", "--account", "https://elsewhere/")
    assert "at https://elsewhere/" in site.said("show", "gas", "--account", "default@https://elsewhere/")


@pytest.mark.parametrize(("answer", "complaint"), [("n\n", "nothing was changed"), ("", "say --yes")])
def test_what_cannot_be_taken_back_is_asked_for(site: Site, tmp_path: Path, answer: str, complaint: str) -> None:
    site.fill((A, "gas", OLD))
    for words in (
        ("skip", "gas", "--head", "--why", "x"),
        ("abandon", "gas", "--why", "x"),
        ("move", "gas", "gas-2"),
        ("reassign", "gas", "--to", "default"),
        ("export", str(tmp_path / "file"), "--move"),
    ):
        result = site.run(*words, answer=answer)
        assert complaint in str(result.exception)
    assert site.waiting() == {"gas old": 1}
    assert site.run("skip", "gas", "--head", "--why", "x", answer="y\n").exit_code == 0


def test_a_skip_says_head_and_a_reason(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT))
    assert "say --head" in site.refusal("skip", "gas", "--why", "x", "--yes")
    assert "say with --why" in site.refusal("skip", "gas", "--head", "--why", "  ", "--yes")
    assert "say with --why" in site.refusal("abandon", "gas", "--why", "", "--yes")


def test_hold_and_release_of_one_and_of_all(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT), (A, "main", ACCOUNT))
    assert "is no time: write" in site.refusal("hold", "gas", "--until", "soon")
    assert "is past" in site.refusal("hold", "gas", "--until", "2026-01-01 00:00")
    said = site.said("hold", "gas", "--until", "2099-07-01 06:00", "--why", "maintenance")
    assert "on hold until 2099-07-01 06:00:00+00:00. 1 packet waiting" in said
    assert site.said("hold", "--all").startswith("main: on hold until it is released")
    assert "name the meters, or say --all" in site.refusal("release")
    assert "maintenance" in site.said("list")
    assert site.said("release", "--all").count("released. 1 packet waiting") == 2
    assert "meter gas: not on hold" in site.refusal("release", "gas")
    assert "no meter: not on hold" in site.refusal("release", "--all")


def test_a_hold_for_a_gap_says_so_and_an_operator_s_takes_its_place(site: Site) -> None:
    async def held() -> None:
        database = Database(site.state.database, MIGRATIONS)
        await database.start()
        outbox = SqliteOutbox(database, SystemClock())
        await outbox.start()
        deadline = SystemClock().wall() + 900_000
        await outbox.put_after_gaps([NewGap(C + 300_000, C + 600_000, deadline)], packet(C + 900_000, "gas"))
        await database.close()

    asyncio.run(held())
    assert "a gap before its packets is filled from a trend log" in site.said("list")
    site.said("hold", "gas", "--why", "by hand")
    assert "by hand" in site.said("list")
    site.said("release", "gas")
    assert "on hold" not in site.said("list")


def test_one_that_cannot_be_done_does_not_stop_the_others(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT), (B, "main", ACCOUNT))
    site.said("hold", "gas")
    result = site.run("hold", "gas", "main")
    assert "meter gas is on hold already" in str(result.exception)
    assert "main: on hold" in result.output


def test_a_move_names_what_is_still_to_be_done(site: Site) -> None:
    site.fill((A, "gsa", ACCOUNT))
    assert "did you mean gsa?" in site.refusal("move", "gas", "gsa", "--yes")
    assert "1 packet moved to gas" in site.said("move", "gsa", "gas", "--yes")
    assert site.waiting() == {"gas default": 1, "gsa default": 0}
    site.fill((B, "old", ACCOUNT), (C, "old", ACCOUNT), accepted=1)
    assert "none that was mistyped" in site.refusal("move", "old", "new", "--yes")


def test_reassign_needs_the_settings_and_all_needs_an_account(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.fill((A, "gas", OLD), (A, "main", OLD), (B, "main", ACCOUNT))
    monkeypatch.chdir(tmp_path)
    assert "there is no site.yaml" in site.refusal("reassign", "gas", "--to", "default", "--yes")
    (tmp_path / "site.yaml").write_text(
        "zone: Europe/Dublin\nbacnet: {instance: 7, address: 127.0.0.1/8}\n"
        f"platform: {{address: '{ACCOUNT.address}'}}\n"
    )
    assert "say with --account" in site.refusal("reassign", "--all", "--to", "default", "--yes")
    assert "have no account 'nobody'; they have default" in site.refusal("reassign", "gas", "--to", "nobody", "--yes")
    said = site.said("reassign", "--all", "--account", "old", "--to", "default", "--yes")
    assert said.count("1 packet given to account default") == 2
    assert site.waiting() == {"gas default": 1, "gas old": 0, "main default": 2, "main old": 0}


def test_recover_of_what_is_whole_is_refused(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT))
    assert "it is proven whole" in site.refusal("recover", "gas", "--why", "x", "--yes")


def test_a_retry_takes_effect_at_the_next_start(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT), retry=Retry(9, C, "403", "queue paused"))
    assert "when a bridge starts" in site.said("retry", "gas")
    assert "when a bridge starts" in site.said("retry", "--all")


def test_a_copy_changes_nothing_and_cannot_be_imported(site: Site, tmp_path: Path) -> None:
    site.fill((A, "gas", ACCOUNT), (B, "gas", ACCOUNT), (A, "main", ACCOUNT))
    site.said("skip", "gas", "--head", "--why", "x", "--yes")
    assert "a copy of 3 packets of 2 queues" in site.said("export", str(tmp_path / "all"))
    assert "a copy of 2 packets of 1 queue" in site.said("export", "gas", str(tmp_path / "gas"))
    states = [json.loads(line).get("state") for line in (tmp_path / "gas").read_text().splitlines()]
    assert states == [None, "waiting", "set aside", None]
    assert "is there already" in site.refusal("export", str(tmp_path / "gas"))
    assert "did you mean gas?" in site.refusal("export", "gsa", str(tmp_path / "y"))
    assert "the file's name comes last" in site.refusal("export", "all.jsonl", "gas")
    assert "a copy for reading" in site.refusal("import", str(tmp_path / "all"))
    assert site.waiting() == {"gas default": 1, "main default": 1}


def test_packets_move_to_another_outbox_once(site: Site, tmp_path: Path) -> None:
    file = str(tmp_path / "moved")
    site.fill((A, "gas", ACCOUNT), (B, "gas", ACCOUNT), (A, "main", ACCOUNT), (A, "idle", ACCOUNT))
    site.said("abandon", "idle", "--why", "x", "--yes")
    assert "3 packets of 2 queues moved" in site.said("export", file, "--move", "--yes")
    assert site.waiting() == {"gas default": 0, "idle default": 0, "main default": 0}
    assert site.said("list").count("moved out, into moved") == 2
    assert "came out of this outbox" in site.refusal("import", file)
    assert "is there already" in site.refusal("export", file, "--move", "--yes")

    other = Site(tmp_path / "other")
    said = other.said("import", file)
    assert "gas (account default): 2 packets imported. They are sent in their order. No bridge runs" in said
    assert other.waiting() == {"gas default": 2, "main default": 1}
    assert "0 packets imported, 2 here already" in other.said("import", file)
    assert other.waiting() == {"gas default": 2, "main default": 1}
    assert all(each["held_until"] is None for each in json.loads(other.said("list", "--json")))


@pytest.mark.parametrize("after", ["outbox hold", "outbox moved", "seal"])
def test_a_move_that_was_cut_short_goes_on(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    """It dies once the file is written, between two queues, or before the seal: nothing is lost or doubled."""
    from bacnet_bridge.cli.outbox_acting import Acting
    from bacnet_bridge.outbox import carried

    site.fill((A, "gas", ACCOUNT), (B, "gas", ACCOUNT), (A, "main", ACCOUNT))
    done = Acting._ask
    calls: list[str] = []

    async def dying(self: Acting, question: str, asked: object) -> object:
        calls.append(question)
        if after == "outbox hold" and question == "outbox moved":
            raise KeyboardInterrupt
        if calls.count("outbox moved") == 2 and after == "outbox moved":
            raise KeyboardInterrupt
        return await done(self, question, asked)  # type: ignore[arg-type]

    def no_seal(_path: Path, _move: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Acting, "_ask", dying)
        if after == "seal":
            patched.setattr(carried, "seal", no_seal)
        site.run("export", str(tmp_path / "moved"), "--move", "--yes")
    other = Site(tmp_path / "other")
    assert "is not finished" in other.refusal("import", str(tmp_path / "moved"))
    assert "3 packets of 2 queues moved" in site.said("export", str(tmp_path / "moved"), "--move", "--yes")
    other.said("import", str(tmp_path / "moved"))
    assert other.waiting() == {"gas default": 2, "main default": 1}
    assert site.waiting() == {"gas default": 0, "main default": 0}


def test_an_import_that_was_cut_short_keeps_the_meter_on_hold_and_goes_on(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bacnet_bridge.cli import outbox_import
    from bacnet_bridge.cli.outbox_acting import Acting

    file = str(tmp_path / "moved")
    site.fill((A, "gas", ACCOUNT), (B, "gas", ACCOUNT), (C, "gas", ACCOUNT))
    site.said("export", file, "--move", "--yes")
    other = Site(tmp_path / "other")
    done = Acting._ask
    filled: list[str] = []

    async def full(self: Acting, question: str, asked: object) -> object:
        filled.extend([question] * (question == "outbox fill"))
        if len(filled) == 2:
            raise BridgeError("no room")
        return await done(self, question, asked)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox_import, "_AT_ONCE", 1)
    with monkeypatch.context() as patched:
        patched.setattr(Acting, "_ask", full)
        refusal = other.refusal("import", file)
    assert refusal.startswith("no room\nmeter gas: 1 packet imported so far; it stays on hold")
    assert refusal.endswith("\nWhat is on hold is not sent. Once that is mended, the same command goes on")
    assert "on hold while packets are imported" in other.said("list")
    assert "2 packets imported, 1 here already" in other.said("import", file)
    assert other.waiting() == {"gas default": 3}
    assert "nothing waits" not in other.said("list")
    assert "on hold" not in other.said("list")


def test_an_import_that_was_cut_short_tells_of_some_meters_and_counts_the_others(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bacnet_bridge.cli.outbox_acting import Acting

    file, done = str(tmp_path / "moved"), Acting._ask
    site.fill(*((instant, f"m{number}", ACCOUNT) for number in range(8) for instant in (A, B)))
    site.said("export", file, "--move", "--yes")
    other = Site(tmp_path / "other")

    async def full(self: Acting, question: str, asked: Any) -> object:
        if question == "outbox fill" and asked.packets[0].queue.id in {"m1", "m7"}:
            raise BridgeError("no room")
        return await done(self, question, asked)

    with monkeypatch.context() as patched:
        patched.setattr(Acting, "_ask", full)
        refusal = other.refusal("import", file)
    counts = {"m0": 2, "m1": 0, "m2": 2, "m3": 2, "m4": 2}
    assert refusal.splitlines() == [
        "no room",
        *(f"meter {meter}: {count} packets imported so far; it stays on hold" for meter, count in counts.items()),
        "3 more meters: 4 packets imported so far; on hold likewise",
        "What is on hold is not sent. Once that is mended, the same command goes on",
    ]
    other.said("import", file)
    assert other.waiting() == {f"m{number} default": 2 for number in range(8)}


def test_what_comes_too_late_is_counted_and_stays_in_the_file(site: Site, tmp_path: Path) -> None:
    file = str(tmp_path / "moved")
    site.fill((A, "gas", ACCOUNT), (C, "gas", ACCOUNT))
    site.said("export", file, "--move", "--yes")
    other = Site(tmp_path / "other")
    other.fill((B, "gas", ACCOUNT), accepted=1)
    result = other.run("import", file)
    assert "gas (account default): 1 packet imported, 1 too late to be sent" in result.output
    assert "1 packet cannot be sent" in str(result.exception)
    assert other.waiting() == {"gas default": 1}


def test_another_process_that_holds_the_folder_is_told(site: Site) -> None:
    site.fill((A, "gas", ACCOUNT))
    with site.state.locked():
        result = site.run("hold", "gas")
    assert isinstance(result.exception, StateError)
    assert "in use by the bridge with process id" in str(result.exception)


def test_a_mapped_meter_is_held_before_the_service_has_ever_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path / "new" / "state")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yaml").write_text("zone: Europe/Dublin\nbacnet: {instance: 1, address: 127.0.0.1/8}\n")
    (tmp_path / "point_mappings").mkdir()
    (tmp_path / "point_mappings" / "meters.yaml").write_text(MAPPING)
    assert "did you mean gas?" in site.refusal("hold", "gass")
    assert "gas: on hold until it is released. 0 packets waiting" in site.said("hold", "gas", "--why", "history first")
    assert "history first" in site.said("list")
    assert "on hold already" in site.refusal("hold", "gas")
    assert "gas: released" in site.said("release", "gas")
