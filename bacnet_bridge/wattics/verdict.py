"""What one attempt's outcome means for its packet. Pure: no clock, no socket.

Source: docs/wattics.md. Only 200 is success; everything else keeps the packet, and the status says how long to wait.
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from bacnet_bridge.system import KEPT_BY_ROOT, handed_over

LONGEST_WAIT: Final = 3600.0
"""Seconds. No answer and no stored time may keep a queue waiting for longer than that."""


class Trouble(StrEnum):
    """Why an attempt got no answer."""

    NO_NAME = "the host's name cannot be resolved"
    NO_CONNECTION = "no connection"
    CERTIFICATE = "the platform is not trusted"
    TLS = "no secure connection"
    TIME_OUT = "no answer in time"
    CUT = "the connection broke"
    PROXY = "the proxy does not let us through"
    GARBLED = "the answer is not HTTP"
    NO_CREDENTIALS = "no credentials"


@dataclass(frozen=True, slots=True)
class Answer:
    """The far end's answer. `excerpt` is printable, at most 200 characters, is shown to people only; a 200 has none."""

    status: int
    date: str | None = None
    retry_after: str | None = None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There was none. `may_have_arrived`: the request had begun to leave, so nobody knows whether it is stored."""

    trouble: Trouble
    text: str
    may_have_arrived: bool = False


class Action(StrEnum):
    """What delivery does next."""

    ACCEPTED = "accepted"
    PAUSE_QUEUE = "queue paused"
    """Something is wrong with this meter: its queue waits, 1 min to 1 h."""
    REFUSE_ALONE = "credentials refused for this queue alone"
    """A 401 while others of the account are accepted: waits like a paused queue."""
    PAUSE_ACCOUNT = "account paused"
    """Something is wrong with the credentials: all queues of the account wait, one probes."""
    BACK_OFF = "backing off"
    """Something is wrong with the network or the platform: 1 s to 5 min, at random; sooner once it works for others."""
    SLOW_DOWN = "slowing down"
    """The platform asks for patience: the same times, no sooner than it said."""
    HOLD = "on hold"
    """The queue collects until people release it: the platform has packets of this meter that are not ours, or an
    operator asked for it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one attempt. `at_least`: seconds that the far end asked us to wait, at most an hour.

    `unknown_outcome`: the packet may be stored although it is not accepted; sending it again may make the one
    duplicate that guarantee 3 allows. `unknown_id`: the platform does not know the meter. `refused`: it does not take
    this packet (4xx); if an earlier attempt of it had an unknown outcome, it may be stored already.
    `host_works`: False for network trouble and 5xx, True for any other answer, None where nothing was asked.
    """

    action: Action
    sentence: str
    unknown_outcome: bool = False
    at_least: float = 0.0
    unknown_id: bool = False
    refused: bool = False
    host_works: bool | None = None


def judge(outcome: Answer | NoAnswer, meter: str) -> Verdict:
    """The verdict on an attempt to send a packet of the id `meter`. Guarantee 3: nothing but a 200 accepts."""
    if isinstance(outcome, NoAnswer):
        sentence = f"{outcome.trouble}: {outcome.text}"
        if outcome.trouble is Trouble.NO_CREDENTIALS:
            return Verdict(Action.PAUSE_ACCOUNT, sentence)
        return Verdict(Action.BACK_OFF, sentence, outcome.may_have_arrived, host_works=False)
    if outcome.status == HTTPStatus.OK:
        return _ACCEPTED
    action, advice, unknown = _meaning(outcome.status, meter)
    excerpt = _untitled(outcome.excerpt, _titled(outcome.status))
    said = f"; it said: {excerpt}" if excerpt else ""
    at_least = asked_to_wait(outcome)
    if action is Action.BACK_OFF and at_least:
        action = Action.SLOW_DOWN
    return Verdict(
        action,
        f"{_titled(outcome.status)}: {advice}{said}",
        unknown,
        at_least,
        unknown_id=outcome.status == HTTPStatus.NOT_FOUND,
        refused=action is Action.PAUSE_QUEUE and outcome.status // 100 == 4,
        host_works=outcome.status // 100 != 5,
    )


def asked_to_wait(answer: Answer) -> float:
    """Seconds that `Retry-After` asks for, 0 … 3600; a date counts from the answer's own `Date`, not from our clock."""
    asked = (answer.retry_after or "").strip()
    if asked.isascii() and asked.isdigit():
        # so many digits are an hour in any case, and int() refuses very long ones
        return LONGEST_WAIT if len(asked) > 6 else min(float(asked), LONGEST_WAIT)
    try:
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(answer.date or "")
        return min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT)
    except (TypeError, ValueError, OverflowError):
        return 0.0  # a date without zone, or none at all: nothing that could be obeyed


def _meaning(status: int, meter: str) -> tuple[Action, str, bool]:
    """Action, what it means and what to do, and whether the packet may be stored all the same."""
    action, advice = _ADVICE.get(status) or _ADVICE_BY_CLASS.get(status // 100, _UNHEARD_OF)
    may_be_stored = status // 100 not in (3, 4)
    return action, advice.format(meter=meter, mend=_HANDED_OVER if handed_over() else _READ_AGAIN), may_be_stored


_READ_AGAIN: Final = "the secrets directory or the settings"
_HANDED_OVER: Final = f"{KEPT_BY_ROOT} or the settings, then `systemctl restart bacnet-bridge`"
_ACCEPTED: Final = Verdict(Action.ACCEPTED, "200 OK: accepted", host_works=True)
_ADVICE: Final = {
    400: (Action.PAUSE_QUEUE, "the platform cannot read the packet; compare the meter's kind, single or electrical"),
    401: (
        Action.PAUSE_ACCOUNT,
        "the platform does not know the username and password; correct them in {mend}",
    ),
    403: (Action.PAUSE_QUEUE, "the user may not send for the id {meter}; ask the platform to allow it"),
    404: (Action.PAUSE_QUEUE, "the platform does not know the id {meter}; register it, or correct it in the mapping"),
    429: (Action.SLOW_DOWN, "the platform finds us too quick; it is tried again more slowly"),
    500: (Action.BACK_OFF, "a problem on the platform's side; it is tried again"),
    503: (Action.BACK_OFF, "the platform is under maintenance; it is tried again"),
}


_ADVICE_BY_CLASS: Final = {
    2: (
        Action.PAUSE_QUEUE,
        "NOT DOCUMENTED AS ACCEPTED, only 200 is; the packet is kept and sent again: ask the platform",
    ),
    3: (Action.PAUSE_QUEUE, "a redirect, which is never followed; correct the platform's address"),
    4: (Action.PAUSE_QUEUE, "the platform does not take the packet, for a reason that it does not document"),
    5: (Action.BACK_OFF, "the platform is in trouble; it is tried again"),
}
_UNHEARD_OF: Final = (Action.PAUSE_QUEUE, "not a status that the platform documents; the packet is kept and sent again")


def _untitled(excerpt: str, title: str) -> str:
    """Without what a page's title and heading say again."""
    while title and excerpt.startswith(title):
        excerpt = excerpt.removeprefix(title).lstrip(" :.-")
    return excerpt


def _titled(status: int) -> str:
    """`404 Not Found`; the bare number where HTTP has no name for it."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
