import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.packet.wire import line, local_day, number, timestamp, values

# Written down from the platform's page, not from the code.
KEYS = re.findall(
    r"\S+",
    "aP_1 aP_2 aP_3 rP_1 rP_2 rP_3 apP_1 apP_2 apP_3 v_1 v_2 v_3 c_1 c_2 c_3 pC_1 pC_2 pC_3 v_12 v_13 v_23",
)
NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?"
TIME = r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}[+-][0-1][0-9]:[0-5][0-9]"
HEAD = rf'\{{"id":"[^"\n]+","tsISO8601":"{TIME}"'
FORM = re.compile(rf'{HEAD},"value":{NUMBER}\}}|{HEAD}' + "".join(rf'(,"{key}":{NUMBER})?' for key in KEYS) + r"\}")


def instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_single_value() -> None:
    at = instant("2016-02-10T10:45:31.070+00:00")
    body = line("site-gas", at, "Australia/Sydney", {"value": Decimal("21.3")})
    assert body == '{"id":"site-gas","tsISO8601":"2016-02-10T21:45:31.070+11:00","value":21.3}'
    assert FORM.fullmatch(body)


def test_all_electrical_fields_in_the_platforms_order() -> None:
    fields = {key: Decimal(n) / 4 for n, key in enumerate(reversed(KEYS))}
    body = line("main", instant("2027-07-01T00:00:00+00:00"), "Europe/Dublin", fields)
    assert FORM.fullmatch(body)
    assert re.findall(r'"(\w+)":', body) == ["id", "tsISO8601", *KEYS]
    assert values(body) == fields


def test_a_subset_leaves_the_others_out() -> None:
    body = line("t", 0, "UTC", {"pC_1": Decimal("123456789012.5"), "aP_1": Decimal(-7)})
    assert body == '{"id":"t","tsISO8601":"1970-01-01T00:00:00.000+00:00","aP_1":-7,"pC_1":123456789012.5}'
    assert FORM.fullmatch(body)


@pytest.mark.parametrize(
    ("utc", "zone", "text"),
    [
        # The autumn's hour twice: the texts sort against the instants.
        ("2026-10-25T00:30:00Z", "Europe/Dublin", "2026-10-25T01:30:00.000+01:00"),
        ("2026-10-25T01:10:00Z", "Europe/Dublin", "2026-10-25T01:10:00.000+00:00"),
        ("2026-11-01T05:30:00Z", "America/New_York", "2026-11-01T01:30:00.000-04:00"),
        ("2026-11-01T06:30:00Z", "America/New_York", "2026-11-01T01:30:00.000-05:00"),
        ("2026-04-04T14:45:00Z", "Australia/Lord_Howe", "2026-04-05T01:45:00.000+11:00"),
        ("2026-04-04T15:15:00Z", "Australia/Lord_Howe", "2026-04-05T01:45:00.000+10:30"),
        # The spring's hour that is not there.
        ("2026-03-29T00:59:59.999Z", "Europe/Dublin", "2026-03-29T00:59:59.999+00:00"),
        ("2026-03-29T01:00:00Z", "Europe/Dublin", "2026-03-29T02:00:00.000+01:00"),
        ("2026-01-01T00:00:00.007Z", "Asia/Kathmandu", "2026-01-01T05:45:00.007+05:45"),
        ("2026-01-01T00:00:00Z", "America/St_Johns", "2025-12-31T20:30:00.000-03:30"),
        ("2026-01-01T00:00:00Z", "Pacific/Marquesas", "2025-12-31T14:30:00.000-09:30"),
        ("2026-07-01T00:00:00Z", "UTC", "2026-07-01T00:00:00.000+00:00"),
    ],
)
def test_timestamps_are_local_with_the_true_offset(utc: str, zone: str, text: str) -> None:
    assert timestamp(instant(utc), zone) == text
    assert re.fullmatch(TIME, text)
    assert instant(text) == instant(utc)
    assert local_day(instant(utc), zone) == text[:10]


def test_an_offset_with_seconds_is_refused() -> None:
    with pytest.raises(ValueError, match="offset with seconds"):
        timestamp(0, "Africa/Monrovia")  # -00:44:30 until 1972


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(["Europe/Dublin", "America/New_York", "Asia/Kathmandu"]))
def test_a_timestamp_says_its_instant_and_nothing_else(at: int, zone: str) -> None:
    if at > instant("1990-01-01T00:00Z"):
        moment = datetime.fromisoformat(timestamp(at, zone))
        assert (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000 == pytest.approx(at, abs=0.01)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.000", "0"),
        ("0E+500", "0"),
        ("21.30", "21.3"),
        ("21.299999237060547", "21.299999237060547"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1.50E+3", "1500"),
        ("-0.0000001", "-0.0000001"),
        ("1E-7", "0.0000001"),
        ("16777217", "16777217"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
        ("340282346638528859811704183484516925440", "340282346638528859811704183484516925440"),
        ("1.50E+300", "1.5E+300"),
        ("-5E-324", "-5E-324"),
        ("1E+999999", "1E+999999"),
    ],
)
def test_numbers_are_plain_short_and_exact(value: str, text: str) -> None:
    assert number(Decimal(value)) == text
    assert json.loads(text, parse_float=Decimal, parse_int=Decimal) == Decimal(value)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="JSON"):
        line("x", 0, "UTC", {"value": Decimal(value)})


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_comes_back_exactly(value: Decimal) -> None:
    body = line("x", 0, "UTC", {"value": value})
    assert values(body) == {"value": value}
    assert "\n" not in body
    if abs(value.adjusted()) < 64:
        assert FORM.fullmatch(body)


@given(st.text(min_size=1))
def test_any_id_is_escaped_on_one_ascii_line(meter: str) -> None:
    body = line(meter, 0, "UTC", {"value": Decimal(1)})
    assert body.isascii()
    assert body.isprintable()
    assert json.loads(body)["id"] == meter


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "without a field"),
        ({"value": Decimal(1), "aP_1": Decimal(1)}, "stands alone"),
        ({"pf_1": Decimal(1)}, "no such field"),
        ({"id": Decimal(1)}, "no such field"),
    ],
)
def test_no_packet_can_be_made_of_these(fields: dict[str, Decimal], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        line("x", 0, "UTC", fields)
