"""What `make audit` makes of pip-audit's answer."""

import json
from typing import Any

import pytest

from tools.audit import judged

GOOD: dict[str, Any] = {"name": "attrs", "version": "25.3.0", "vulns": []}
BAD: dict[str, Any] = {
    "name": "jinja2",
    "version": "2.4.1",
    "vulns": [
        {"id": "PYSEC-2014-8", "fix_versions": ["2.7.2"], "aliases": [], "description": "…"},
        {"id": "PYSEC-2099-1", "fix_versions": [], "aliases": [], "description": "…"},
    ],
}
UNKNOWN = {"name": "made-up", "skip_reason": "Dependency not found"}


def told(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_weakness_fails_and_says_what_mends_it() -> None:
    audit = judged(told(GOOD, BAD))
    assert audit.failed
    assert audit.sentences[:2] == (
        "jinja2 2.4.1: PYSEC-2014-8, mended in 2.7.2",
        "jinja2 2.4.1: PYSEC-2099-1, mended in none",
    )
    assert audit.sentences[2:] == ("2 of 2 packages were audited", "known weaknesses")


def test_what_is_not_known_there_is_named() -> None:
    audit = judged(told(GOOD, UNKNOWN))
    assert audit == type(audit)(
        ("1 of 2 packages were audited; not known there: made-up", "no known weaknesses"), failed=False
    )


@pytest.mark.parametrize("said", ["", "ConnectionError: …", "[]", '{"dependencies": [1]}', told(UNKNOWN), told()])
def test_where_nobody_can_be_asked_that_is_said_and_nothing_fails(said: str) -> None:
    audit = judged(said)
    assert not audit.failed
    assert audit.sentences[0].startswith("nothing was audited: ")
