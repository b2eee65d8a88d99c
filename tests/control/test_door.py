"""The control socket: questions, answers, refusals, and a path that is too long for a Unix socket."""

import asyncio
import json
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.control.door import ask, open_door
from bacnet_bridge.errors import BridgeError, StateError


async def status(question: Mapping[str, Any]) -> Any:
    return {"asked": question.get("meter"), "text": "é"}


async def refuse(_question: Mapping[str, Any]) -> Any:
    raise BridgeError("no meter of that name")


async def test_a_question_is_answered_even_at_the_end_of_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100) / ("y" * 100)
    folder.mkdir(parents=True)
    async with open_door(folder / "control.sock", {"status": status}):
        assert await ask(folder / "control.sock", "status", meter="a") == {"asked": "a", "text": "é"}
    assert not (folder / "control.sock").exists()


async def test_refusals_are_sentences(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with open_door(path, {"refuse": refuse}):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(BridgeError, match="no meter of that name"):
            await ask(path, "refuse")
        with pytest.raises(BridgeError, match="it knows refuse"):
            await ask(path, "nonsense")


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b'{"command": []}\n', b"\xff\n"])
async def test_nonsense_does_not_close_the_door(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "control.sock"
    async with open_door(path, {"status": status}):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(line)
        assert "error" in json.loads(await reader.readline())
        writer.close()
        assert await ask(path, "status")


async def test_a_defect_is_logged_and_told(tmp_path: Path) -> None:
    async def defective(_question: Mapping[str, Any]) -> Any:
        raise ValueError("not an offset")

    path = tmp_path / "control.sock"
    async with open_door(path, {"defective": defective}):
        with capture_logs() as logs, pytest.raises(BridgeError, match="its log says more"):
            await ask(path, "defective")
    assert [(log["log_level"], log["command"]) for log in logs] == [("error", "defective")]


async def test_a_folder_that_takes_no_socket_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "control.sock").mkdir()
    with pytest.raises(StateError, match="cannot be made: Is a directory"):
        async with open_door(tmp_path / "control.sock", {"status": status}):
            pytest.fail("a door without a socket")


async def test_no_service_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="no bridge runs"):
        await ask(tmp_path / "control.sock", "status")


async def test_a_dead_service_s_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with pytest.raises(StateError, match="no bridge runs"):
        await ask(path, "status")
    async with open_door(path, {"status": status}):
        assert await ask(path, "status")


async def silly(_question: Mapping[str, Any]) -> Any:
    return {("no", "key"): 1}


async def test_a_result_that_json_cannot_say_is_a_sentence_too(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    async with open_door(path, {"silly": silly}):
        with pytest.raises(BridgeError, match="a defect of its own"):
            await ask(path, "silly")
