"""docs/tutorial.md and docs/onboarding.md, walked as their readers do: real processes and sockets."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.namespaces import loopback, why_not
from tests.support.walk import Walk, blocks, edited_lines, walking

DOCS = Path(__file__).parents[2] / "docs"
tutorial = pytest.mark.tutorial
PLATFORM = "http://127.0.0.1:8444"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Walk]:
    """In a network namespace, where there can be one: the pages' ports are free there."""
    if shutil.which("curl") is None:
        pytest.skip("the pages use curl")
    with ExitStack() as stack:
        prefix = [] if why_not() else ["ip", "netns", "exec", stack.enter_context(loopback())]
        yield stack.enter_context(walking(tmp_path, prefix))


def record(reader: Walk) -> dict[str, Any]:
    """What the stand-in remembers."""
    status, answer = reader.shell(f"curl -sS '{PLATFORM}/record?bodies=0'")
    assert status == 0, answer
    remembered: dict[str, Any] = json.loads(answer)
    return remembered


@tutorial
@pytest.mark.timeout(600)
def test_the_tutorial_brings_every_meter_s_packets_to_the_platform(reader: Walk) -> None:
    page = (DOCS / "tutorial.md").read_text()
    reader.read(page)
    print(f"\n{reader.told()}")
    remembered = record(reader)
    accepted = {meter: len(packets) for meter, packets in remembered["accepted"].items()}
    print(f"accepted, by the platform's record: {accepted}")
    assert set(accepted) == {f"first-site-{number}" for number in range(1, 15)}
    assert min(accepted.values()) >= 2
    assert not any(remembered["discarded"].values())
    assert not any(remembered["duplicates"].values())
    assert not remembered["malformed"]


@tutorial
@pytest.mark.timeout(600)
def test_the_onboarding_ends_in_production_with_the_history_first(reader: Walk) -> None:
    _away_from_the_hour()
    reader.read((DOCS / "onboarding.md").read_text())
    print(f"\n{reader.told()}")
    remembered = record(reader)
    accepted = {meter: len(packets) for meter, packets in remembered["accepted"].items()}
    print(f"accepted, by the platform's record: {accepted}")
    assert accepted == {
        "trial-electric": 7, "trial-gas": 4, "trial-heat": 1, "site-electric": 1, "site-gas": 4
    }  # fmt: skip
    assert not any(remembered["discarded"].values())
    assert not any(remembered["duplicates"].values())


def _away_from_the_hour() -> None:
    """The page's meters have a slot an hour, which would be a packet more than it counts."""
    past = time.time() % 3600
    if past > 3600 - 240:
        time.sleep(3600 - past)


def test_the_way_to_the_first_accepted_packet_takes_ten_edited_lines_at_most() -> None:
    page = (DOCS / "tutorial.md").read_text()
    assert 1 <= edited_lines(page.split("## 7. Run")[0]) <= 10


@pytest.mark.parametrize("name", ["tutorial.md", "onboarding.md"])
def test_every_comment_of_a_page_is_understood(name: str) -> None:
    page = (DOCS / name).read_text()
    said = sum(len(block.said) for block in blocks(page))
    assert said == page.count("<!--")
    assert sum(block.kind == "sh" for block in blocks(page)) == page.count("```sh\n")
