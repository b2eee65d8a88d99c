import json
from pathlib import Path

import pytest

from bacnet_bridge.alarms.conditions import RULES, Condition
from bacnet_bridge.alarms.standing import Event, Message
from bacnet_bridge.alarms.words import Words, read_template
from bacnet_bridge.errors import SettingsError
from tests.support.clock import NOON

WORDS = Words("Building 47", "Europe/Dublin")
SILENT = Condition("meters-silent", "nothing is read of 2 meters", ("Gas, Water: device silent: no answer",), 2)
HOSTILE = 'x"}]\r\nBcc: all@example.com\x1b[2J${text} $nothing <b>\\'


def message(event: Event, condition: Condition = SILENT) -> Message:
    return Message(event, condition, NOON, NOON + 3_600_000)


def test_a_message_says_where_what_since_when_and_what_to_do() -> None:
    assert WORDS.subject(message(Event.START)) == "[Building 47] nothing is read of 2 meters"
    assert WORDS.text(message(Event.START)) == (
        "nothing is read of 2 meters, since 2027-01-15 12:00 (Europe/Dublin)\n"
        "- Gas, Water: device silent: no answer\n"
        f"What to do: {RULES['meters-silent'].remedy}."
    )
    assert WORDS.subject(message(Event.REMINDER)) == "[Building 47] still: nothing is read of 2 meters"


def test_an_end_says_nothing_that_no_longer_holds_and_no_remedy() -> None:
    """Its details were `401 …; correct them in the secrets directory`, long after they were corrected."""
    assert WORDS.text(message(Event.END)) == (
        "over: nothing is read of 2 meters, from 2027-01-15 12:00 (Europe/Dublin) to 2027-01-15 13:00 (Europe/Dublin)"
    )
    document = WORDS.document(message(Event.END))
    assert document["remedy"] == ""
    assert document["details"] == []


def test_the_webhooks_own_form() -> None:
    document = json.loads(json.dumps(WORDS.document(message(Event.WORSE))))
    assert document["event"] == "worse"
    assert document["condition"] == "meters-silent"
    assert document["extent"] == 2
    assert document["details"] == ["Gas, Water: device silent: no answer"]
    assert document["since"] == "2027-01-15T12:00:00+00:00"
    assert document["key"] == f"meters-silent-{NOON}"
    assert document["action"] == "trigger"
    assert WORDS.fields(message(Event.END))["action"] == "resolve"


def test_what_a_device_calls_itself_stays_in_its_line() -> None:
    hostile = message(Event.START, Condition("devices", HOSTILE, (HOSTILE * 1000,)))
    assert "\n" not in WORDS.subject(hostile)
    assert "\r" not in WORDS.text(hostile)
    assert "\x1b" not in WORDS.text(hostile)
    assert len(WORDS.text(hostile).splitlines()) == 3
    assert len(WORDS.text(hostile)) < 1000


def test_what_a_device_calls_itself_does_not_break_out_of_a_template(tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text('{"title": "$subject", "cost": "$$5", "more": ["${headline}!", 3, null]}')
    filled = read_template(file).filled(WORDS.fields(message(Event.START, Condition("devices", HOSTILE))))
    assert set(filled) == {"title", "cost", "more"}
    assert filled["cost"] == "$5"
    assert "${text} $nothing" in filled["title"]
    assert filled["more"][1:] == [3, None]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"text": "$subjct"}', r"names \$subjct, which there is not; there are \$site, \$event"),
        ('{"text": "5 $ or so"}', r"is no template: .*; it must be JSON, and \$\$ where a \$ is meant"),
        ("{text: $subject}", "is no template: .*; it must be JSON"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_wrong_template_is_a_sentence(tmp_path: Path, content: str | None, sentence: str) -> None:
    file = tmp_path / "template.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingsError, match=sentence):
        read_template(file)
