from decimal import Decimal

import pytest

from bacnet_bridge.vocabulary.durations import parse_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("300", 300), ("5 min", 300), (" 15m ", 900), ("1 h", 3600), ("0.5 s", Decimal("0.5")), ("1 DAY", 86_400)],
)
def test_lengths(text: str, seconds: int | Decimal) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 fortnights", "-5", "1e3", "5,5 s", "nan", "٣"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is not a length of time; write 300, 5 min or 1 h"):
        parse_seconds(text)


def test_no_time_at_all() -> None:
    with pytest.raises(ValueError, match="is no time at all"):
        parse_seconds("0 s")
