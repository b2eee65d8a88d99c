import pytest

from bacnet_bridge.wattics.verdict import Action, Answer, NoAnswer, Trouble, Verdict, asked_to_wait, judge


@pytest.mark.parametrize(
    ("status", "action", "unknown", "says"),
    [
        (200, Action.ACCEPTED, False, "accepted"),
        (101, Action.PAUSE_QUEUE, True, "not a status"),
        (201, Action.PAUSE_QUEUE, True, "NOT DOCUMENTED AS ACCEPTED"),
        (202, Action.PAUSE_QUEUE, True, "NOT DOCUMENTED AS ACCEPTED"),
        (204, Action.PAUSE_QUEUE, True, "NOT DOCUMENTED AS ACCEPTED"),
        (301, Action.PAUSE_QUEUE, False, "never followed"),
        (302, Action.PAUSE_QUEUE, False, "never followed"),
        (307, Action.PAUSE_QUEUE, False, "never followed"),
        (400, Action.PAUSE_QUEUE, False, "cannot read the packet"),
        (401, Action.PAUSE_ACCOUNT, False, "username and password"),
        (403, Action.PAUSE_QUEUE, False, "may not send for the id m-1"),
        (404, Action.PAUSE_QUEUE, False, "does not know the id m-1; register it"),
        (408, Action.PAUSE_QUEUE, False, "does not take the packet"),
        (409, Action.PAUSE_QUEUE, False, "does not take the packet"),
        (413, Action.PAUSE_QUEUE, False, "does not take the packet"),
        (429, Action.SLOW_DOWN, False, "too quick"),
        (500, Action.BACK_OFF, True, "platform's side"),
        (502, Action.BACK_OFF, True, "in trouble"),
        (503, Action.BACK_OFF, True, "maintenance"),
        (599, Action.BACK_OFF, True, "in trouble"),
        (777, Action.PAUSE_QUEUE, True, "not a status"),
    ],
)
def test_every_status_has_its_action_and_a_sentence(status: int, action: Action, unknown: bool, says: str) -> None:
    verdict = judge(Answer(status), "m-1")

    assert (verdict.action, verdict.unknown_outcome) == (action, unknown)
    assert verdict.sentence.startswith(str(status))
    assert says in verdict.sentence


def test_refused_credentials_are_corrected_where_they_are_taken_from(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "correct them in the secrets directory or the settings" in judge(Answer(401), "m").sentence
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/bacnet-bridge.service")
    advice = "in /etc/bacnet-bridge/secrets or the settings, then `systemctl restart bacnet-bridge`"
    assert advice in judge(Answer(401), "m").sentence


def test_nothing_but_200_accepts() -> None:
    accepting = [status for status in range(100, 1000) if judge(Answer(status), "m").action is Action.ACCEPTED]

    assert accepting == [200]


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("may_have_arrived", [False, True])
def test_no_answer_backs_off_and_says_whether_the_packet_may_be_stored(
    trouble: Trouble, may_have_arrived: bool
) -> None:
    verdict = judge(NoAnswer(trouble, "the detail", may_have_arrived), "m")

    missing = trouble is Trouble.NO_CREDENTIALS
    assert verdict.action is (Action.PAUSE_ACCOUNT if missing else Action.BACK_OFF)
    assert verdict.sentence == f"{trouble}: the detail"
    assert verdict.unknown_outcome is (may_have_arrived and not missing)
    assert verdict.host_works is (None if missing else False)


def test_what_the_far_end_said_is_shown() -> None:
    assert judge(Answer(404, excerpt="<html>No"), "m").sentence.endswith("; it said: <html>No")
    twice = "404 Not Found 404 Not Found: no such id"
    assert judge(Answer(404, excerpt=twice), "m").sentence.endswith("; it said: no such id")
    assert "it said" not in judge(Answer(404, excerpt="404 Not Found"), "m").sentence
    assert judge(Answer(200, excerpt="fine"), "m") == Verdict(Action.ACCEPTED, "200 OK: accepted", host_works=True)


def test_an_id_is_not_a_template() -> None:
    assert "the id {0}{x}" in judge(Answer(404), "{0}{x}").sentence


NOW = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        (None, NOW, 0),
        ("", NOW, 0),
        ("0", None, 0),
        ("120", None, 120),
        (" 120 ", None, 120),
        ("3600", None, 3600),
        ("3601", None, 3600),
        ("9" * 5000, None, 3600),
        ("-5", None, 0),
        ("1.5", None, 0),
        ("٣", None, 0),
        ("soon", NOW, 0),
        ("Sun, 06 Nov 1994 08:51:37 GMT", NOW, 120),
        ("Sunday, 06-Nov-94 08:51:37 GMT", NOW, 120),
        ("Sun, 06 Nov 1994 08:40:00 GMT", NOW, 0),
        ("Sun, 06 Nov 2094 08:51:37 GMT", NOW, 3600),
        ("Sun, 06 Nov 1994 08:51:37 GMT", None, 0),
        ("Sun, 06 Nov 1994 08:51:37 GMT", "yesterday", 0),
        ("Sun, 06 Nov 1994 08:51:37", NOW, 0),
        ("Sun, 06 Nov 99999 08:51:37 GMT", NOW, 0),
    ],
)
def test_retry_after_counts_from_the_answers_own_date(
    retry_after: str | None, date: str | None, seconds: float
) -> None:
    answer = Answer(503, date=date, retry_after=retry_after)

    assert asked_to_wait(answer) == seconds
    verdict = judge(answer, "m")
    assert verdict.at_least == seconds
    assert verdict.action is (Action.SLOW_DOWN if seconds else Action.BACK_OFF)
