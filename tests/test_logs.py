"""The log's two forms."""

import json
import logging
from typing import Literal

import pytest
import structlog
from pydantic import SecretStr

from bacnet_bridge.logs import configure
from bacnet_bridge.settings import AccountSettings


def fail() -> None:
    header = "hunter2"
    raise ValueError(len(header))


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_traceback_shows_no_local_variables(
    form: Literal["human", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info", form)
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("met a defect", meter="m")
    told = capsys.readouterr().err
    assert "in fail" in told
    assert "ValueError: 7" in told
    assert told.count("hunter2") == 0


def test_our_lines_and_the_libraries_are_json_of_one_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure("warning", "json")
    structlog.get_logger().warning("delivery fails", meter="m")
    structlog.get_logger().info("not severe enough")
    logging.getLogger("aiohttp").warning("theirs")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["level"], ours["meter"]) == ("delivery fails", "warning", "m")
    assert (theirs["event"], theirs["level"]) == ("theirs", "warning")


def test_off_a_terminal_lines_are_json_without_being_asked(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "auto")
    structlog.get_logger().info("packet put", meter="m", text="über\nzwei Zeilen")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["text"] == "über\nzwei Zeilen"


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_secret_that_comes_so_far_is_hidden_in_every_part_of_a_line(
    form: Literal["human", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    account = AccountSettings(username="gym", password=SecretStr('ge"heim-1'))
    configure("info", form)
    try:
        int(f"what the far end echoed: {account.password.get_secret_value()}")
    except ValueError:
        structlog.get_logger().exception("met a defect", password="short", headers={"Authorization": "Basic eDp5eQ=="})
    logging.getLogger("aiohttp").warning("theirs: %s", account.password.get_secret_value())
    told = capsys.readouterr().err
    assert "the far end echoed: ***" in told
    assert "theirs: ***" in told
    for secret in ("heim-1", "short", "eDp5eQ"):
        assert secret not in told
