"""docs/alarms.md lists the conditions as the code has them; its templates and examples work."""

import json
import re
import shutil
from pathlib import Path

import pytest

from bacnet_bridge.alarms.conditions import GONE, RULES, Condition
from bacnet_bridge.alarms.standing import Event, Message
from bacnet_bridge.alarms.words import Words, read_template
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.service.receivers import check_alarms
from bacnet_bridge.settings import load_settings
from bacnet_bridge.vocabulary.durations import parse_seconds
from tests.support.clock import NOON

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "alarms.md").read_text()
ROWS = dict(re.findall(r"^\| `([a-z-]+)` (\|.*\|) *$", PAGE, re.MULTILINE))
MESSAGE = Message(Event.START, Condition("meters-silent", 'nothing is read of "x"', ("a: b",), 12), NOON, NOON)


def test_every_condition_is_listed_in_its_order_and_no_other() -> None:
    assert list(ROWS) == list(RULES)


@pytest.mark.parametrize("name", RULES)
def test_its_time_and_its_causes(name: str) -> None:
    *_, after, because, _ = (cell.strip() for cell in ROWS[name].split("|"))
    assert (0 if after == "at once" else parse_seconds(after)) == RULES[name].after
    assert set(re.findall(r"`([a-z-]+)`", because)) == RULES[name].because


def test_the_shortest_end() -> None:
    assert f"for {GONE / 60:g} minutes at least" in PAGE


def test_the_example_document_has_the_fields_of_a_real_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert list(json.loads(example)) == list(Words("Building 47", "Europe/Dublin").document(MESSAGE))


@pytest.mark.parametrize("file", sorted((DOCS / "alarms").glob("*.json")), ids=lambda file: file.name)
def test_the_templates_can_be_filled(file: Path) -> None:
    assert f"(alarms/{file.name})" in PAGE
    filled = json.dumps(read_template(file).filled(Words("Building 47", "Europe/Dublin").fields(MESSAGE)))
    assert r"[Building 47] nothing is read of \"x\"" in filled


def test_teams_gets_an_adaptive_card() -> None:
    filled = read_template(DOCS / "alarms" / "teams.json").filled(Words("B", "UTC").fields(MESSAGE))
    (attachment,) = filled["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["$schema"].startswith("http://adaptivecards.io/")
    assert attachment["content"]["type"] == "AdaptiveCard"


@pytest.mark.parametrize(
    "file", ["docs/alert-rules.yml", "bacnet_bridge/alarms/conditions.py", "bacnet_bridge/status/page/remedies.js"]
)
def test_who_says_that_a_password_needs_no_restart_names_systemd_too(file: str) -> None:
    """It hands a copy over at the start (LoadCredential): a corrected file alone changes nothing there."""
    text = (DOCS.parent / file).read_text()
    (said,) = re.findall(r"tried without a restart(.*(?:\n.*)?)", text)
    assert "systemctl restart bacnet-bridge" in said


def test_the_example_is_one_that_run_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a reader copies it: the settings into the site file, the commands into a shell in the site's folder."""
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path / "secrets"))
    (tmp_path / "secrets").mkdir()
    said, shell = re.findall(r"```(?:yaml|sh)\n(.*?)```", PAGE, re.DOTALL)[:2]
    site = tmp_path / "site.yaml"
    site.write_text(f"zone: Europe/Dublin\nbacnet: {{instance: 47, address: 192.168.1.10/24}}\n{said}")
    (template,) = re.findall(r"^cp docs/alarms/(\S+) ~/site/", shell, re.MULTILINE)
    with pytest.raises(SettingsError, match=f"write it into the file bridge_alarms__webhook in {tmp_path}/secrets"):
        check_alarms(load_settings(site))
    for text, file in re.findall(r"^printf '%s' '(.*)' > (\S+)$", shell, re.MULTILINE):
        (tmp_path / file).write_text(text)
    with pytest.raises(SettingsError, match=f"{tmp_path}/{template} cannot be read"):
        check_alarms(load_settings(site))
    shutil.copy(DOCS / "alarms" / template, tmp_path)
    check_alarms(load_settings(site))
