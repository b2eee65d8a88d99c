"""A message in words: subject, text, and the JSON that a webhook gets. Pure, but for reading the template's file."""

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from bacnet_bridge.alarms.conditions import RULES, Condition
from bacnet_bridge.alarms.standing import Event, Message
from bacnet_bridge.clock import moment_of
from bacnet_bridge.errors import SettingsError

_LONGEST: Final = 400
"""Characters of a line: a device may call itself whatever it likes."""
_BEGINS: Final = {
    Event.START: "",
    Event.WORSE: "worse: ",
    Event.REMINDER: "still: ",
    Event.END: "over: ",
    Event.TRIAL: "trial: ",
}
TRIAL: Final = Condition("trial", "somebody tries whether messages arrive", ("they do",))


@dataclass(frozen=True, slots=True)
class Words:
    """How the bridge is called in messages, and the IANA zone of the times in them."""

    site: str
    zone: str

    def subject(self, message: Message) -> str:
        """One line."""
        return f"[{_line(self.site)}] {_BEGINS[message.event]}{_line(message.condition.headline)}"

    def text(self, message: Message) -> str:
        """Some lines for people, with the remedy; of an end one line, for no detail holds any more."""
        begins = _BEGINS[message.event]
        if message.event is not Event.END:
            return begins + self.standing(message.condition, message.since)
        times = f"from {self._time(message.since)} to {self._time(message.at)}"
        return f"{begins}{_line(message.condition.headline)}, {times}"

    def standing(self, condition: Condition, since: int) -> str:
        """What holds since an instant, and what to do."""
        details = (f"- {_line(detail)}" for detail in condition.details)
        told = "\n".join([f"{_line(condition.headline)}, since {self._time(since)}", *details])
        return f"{told}\nWhat to do: {RULES[condition.name].remedy}." if condition.name in RULES else told

    def fields(self, message: Message) -> dict[str, str]:
        """What templates may name: `$site`, `$subject` …; times as ISO 8601 in the building's zone."""
        condition, over = message.condition, message.event is Event.END
        remedy = RULES[condition.name].remedy if condition.name in RULES and not over else ""
        return {
            "site": _line(self.site),
            "event": str(message.event),
            "condition": condition.name,
            "headline": _line(condition.headline),
            "subject": self.subject(message),
            "text": self.text(message),
            "remedy": remedy,
            "extent": str(condition.extent),
            "key": message.key,
            "since": self._moment(message.since).isoformat(),
            "at": self._moment(message.at).isoformat(),
            "action": "resolve" if over else "trigger",
        }

    def document(self, message: Message) -> dict[str, Any]:
        """What a webhook gets where there is no template."""
        held = () if message.event is Event.END else message.condition.details
        details = [_line(detail) for detail in held]
        return {**self.fields(message), "extent": message.condition.extent, "details": details}

    def _moment(self, instant: int) -> Any:
        return moment_of(instant).astimezone(ZoneInfo(self.zone))

    def _time(self, instant: int) -> str:
        return f"{self._moment(instant):%Y-%m-%d %H:%M} ({self.zone})"


class Template:
    """A JSON document in whose texts `$site`, `$subject` and the like stand for what a message says; `$$` is a `$`.

    What is filled in cannot break out of the text that it stands in, whatever a device calls itself.
    """

    def __init__(self, document: Any) -> None:
        self._document = document

    def filled(self, fields: Mapping[str, str]) -> Any:
        """Raises KeyError or ValueError for a name that is none of the fields."""
        return _filled(self._document, fields)


def read_template(file: Path) -> Template:
    """Raises SettingsError for a file that is no template, also where it names what there is not."""
    file = file.absolute()
    try:
        template = Template(json.loads(file.read_text(encoding="utf-8")))
        example = Words("", "UTC").fields(Message(Event.TRIAL, TRIAL, 0, 0))
        template.filled(example)
    except OSError as error:
        raise SettingsError(f"alarms.webhook_template: {file} cannot be read: {error.strerror}") from None
    except KeyError as error:
        known = ", ".join(f"${name}" for name in example)
        raise SettingsError(
            f"alarms.webhook_template: {file} names ${error.args[0]}, which there is not; there are {known}"
        ) from None
    except ValueError as error:
        raise SettingsError(
            f"alarms.webhook_template: {file} is no template: {error}; it must be JSON, and $$ where a $ is meant"
        ) from None
    return template


def _filled(part: Any, fields: Mapping[str, str]) -> Any:
    match part:
        case str():
            return string.Template(part).substitute(fields)
        case list():
            return [_filled(each, fields) for each in part]
        case dict():
            return {key: _filled(each, fields) for key, each in part.items()}
        case _:
            return part


def _line(text: str) -> str:
    """Without control characters and line breaks, and not too long."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"
