"""What in a site file is secret: told by the settings' own types, and by its look where it is no setting."""

from typing import Any

import pytest

from bacnet_bridge.redaction import HIDDEN
from bacnet_bridge.settings import Settings
from bacnet_bridge.settings_secrets import is_secret, secrets_said, settings_of, without_secrets
from tests.support.secret_settings import SECRET_SETTINGS, SECRET_VALUES, every_secret


def test_every_secret_of_the_settings_is_known_and_hidden() -> None:
    assert set(secrets_said(every_secret())) == set(SECRET_VALUES.values())
    assert not any(value in str(without_secrets(every_secret())) for value in SECRET_VALUES.values())
    assert ("alarms", "webhook") in SECRET_SETTINGS
    assert ("accounts", "gym", "password") in SECRET_SETTINGS


def test_no_other_setting_is_secret_whatever_its_address() -> None:
    for path, secret in settings_of(Settings):
        if not secret:
            assert not is_secret(path, "https://collector.example.com/measurements/v2/"), path


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ({"zone": "Europe/Dublin", "intervall": 5}, {"zone": "Europe/Dublin", "intervall": 5}),
        ({"alarms": {"heartbeet": "abc", "silent": "1 h"}}, {"alarms": {"heartbeet": HIDDEN, "silent": "1 h"}}),
        ({"alarms": {"other": "https://x.example"}}, {"alarms": {"other": "https://x.example"}}),
        ({"alarms": {"other": ["https://x.example/a"]}}, {"alarms": {"other": [HIDDEN]}}),
        ({"platform": {"PASSWORD": 4711}}, {"platform": {"PASSWORD": HIDDEN}}),
        ({"platform": {"password": None}}, {"platform": {"password": None}}),
        ({"platform": {"password": ""}}, {"platform": {"password": ""}}),
        ({"alarms": {"webhook": {"a": ["b"]}}}, {"alarms": {"webhook": {"a": [HIDDEN]}}}),
    ],
)
def test_what_is_wrong_is_judged_by_name_and_look(said: dict[str, Any], hidden: dict[str, Any]) -> None:
    assert without_secrets(said) == hidden
    assert bool(list(secrets_said(said))) == (said != hidden)


def test_what_refers_to_itself_has_an_end() -> None:
    loop: dict[str, Any] = {"zone": "Europe/Dublin"}
    loop["bacnet"] = loop
    assert HIDDEN in str(without_secrets(loop))
    assert not any("4711" in secret for secret in secrets_said(loop))
