"""Every rule of the platform's page, by table."""

from base64 import b64encode
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.simulator.platform_rules import (
    MalformedError,
    check_headers,
    credentials,
    instant,
    parse,
)
from bacnet_bridge.vocabulary.fields import ELECTRICAL

_T = '"tsISO8601":"2016-02-10T21:45:31.070+11:00"'
_NOON = 1_455_101_131_070
_ALL_21 = ",".join(f'"{field.key}":{n}.5' for n, field in enumerate(ELECTRICAL))


@pytest.mark.parametrize(
    "body",
    [
        f'{{"id":"m",{_T},"value":1}}',
        f'{{"id":"m",{_T},"value":-0.5}}',
        f'{{"id":"m",{_T},"value":1.5e-7}}',
        f'{{"id":"m",{_T},"value":0}}',
        f'{{"id":"m",{_T},"value":16777217}}',
        f'{{"id": "m", {_T}, "value": 1}}',
        f' {{"id":"m",{_T},"value":1}} ',
        f'{{"id":"zähler-1",{_T},"value":1}}',
        f'{{"id":"z\\u00e4hler",{_T},"value":1}}',
        f'{{"id":"m",{_T},"aP_1":1}}',
        f'{{"id":"m",{_T},"pC_1":1}}',
        f'{{"id":"m",{_T},"aP_1":1,"pC_1":2}}',
        f'{{"id":"m",{_T},"pC_3":1,"v_12":230,"v_23":231}}',
        f'{{"id":"m",{_T},{_ALL_21}}}',
    ],
)
def test_a_packet_that_keeps_the_rules(body: str) -> None:
    packet = parse(body.encode())

    assert (packet.instant, packet.body) == (_NOON, body)
    assert packet.text == "2016-02-10T21:45:31.070+11:00"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("null", "JSON object"),
        ("1", "JSON object"),
        ('"text"', "JSON object"),
        ("{}", "begin with id, tsISO8601, not with nothing"),
        (f'[{{"id":"m",{_T},"value":1}}]', "one packet per request"),
        (f'{{"id":"m",{_T},"value":1}}{{"id":"n",{_T},"value":1}}', "not JSON"),
        (f'{{"id":"m",{_T},"value":1}}\n{{"id":"n",{_T},"value":1}}', "one line"),
        (f'{{"id":"m",{_T},"value":1}}\n', "one line"),
        (f'{{"id":"m",\n{_T},"value":1}}', "one line"),
        (f'{{"id":"m",\r{_T},"value":1}}', "one line"),
        (f'\ufeff{{"id":"m",{_T},"value":1}}', "not JSON"),
        (f"{{'id':'m',{_T},'value':1}}", "not JSON"),
        (f'{{"id":"m",{_T},"value":1,}}', "not JSON"),
        (f'{{"id":"m",{_T}}}', "no value"),
        (f'{{"id":"m",{_T},"value":null}}', "left out"),
        (f'{{"id":"m",{_T},"value":true}}', "must be a number"),
        (f'{{"id":"m",{_T},"value":"1"}}', "must be a number"),
        (f'{{"id":"m",{_T},"value":[1]}}', "must be a number"),
        (f'{{"id":"m",{_T},"value":{{"a":1}}}}', "must be a number"),
        (f'{{"id":"m",{_T},"value":NaN}}', "NaN is not a number"),
        (f'{{"id":"m",{_T},"value":Infinity}}', "Infinity is not a number"),
        (f'{{"id":"m",{_T},"value":-Infinity}}', "-Infinity is not a number"),
        (f'{{"id":"m",{_T},"value":1e999}}', "too large"),
        (f'{{"id":"m",{_T},"value":1{"0" * 400}}}', "too large"),
        (f'{{"id":"m",{_T},"value":1{"0" * 5000}}}', "not JSON"),
        (f'{{"id":"m",{_T},"value":01}}', "not JSON"),
        (f'{{"id":"m",{_T},"value":.5}}', "not JSON"),
        (f'{{"id":"m",{_T},"value":1,"value":1}}', "stands twice"),
        (f'{{"id":"m","id":"m",{_T},"value":1}}', "stands twice"),
        (f'{{"id":"m",{_T},"aP_1":1,"aP_1":1}}', "stands twice"),
        (f'{{{_T},"id":"m","value":1}}', "begin with id"),
        (f'{{"id":"m","value":1,{_T}}}', "begin with id"),
        (f'{{{_T},"value":1}}', "begin with id"),
        ('{"id":"m","value":1}', "begin with id"),
        ('{"id":"m","ts":"2016-02-10T21:45:31.070+11:00","value":1}', "begin with id"),
        (f'{{"id":"m",{_T},"value":1,"aP_1":1}}', "stands alone"),
        (f'{{"id":"m",{_T},"aP_1":1,"value":1}}', "stands alone"),
        (f'{{"id":"m",{_T},"aP_2":1,"aP_1":1}}', "out of order"),
        (f'{{"id":"m",{_T},"v_12":1,"pC_1":1}}', "out of order"),
        (f'{{"id":"m",{_T},"pf_1":1}}', "'pf_1' is not a key"),
        (f'{{"id":"m",{_T},"ap_1":1}}', "'ap_1' is not a key"),
        (f'{{"id":"m",{_T},"Value":1}}', "'Value' is not a key"),
        (f'{{"id":"m",{_T},"aP_1":1,"aP_2":null}}', "aP_2 is null"),
        (f'{{"id":1,{_T},"value":1}}', "id must be"),
        (f'{{"id":"",{_T},"value":1}}', "id must be"),
        (f'{{"id":null,{_T},"value":1}}', "id must be"),
        (f'{{"id":"\\ud800",{_T},"value":1}}', "id must be"),
        (f'{{"id":"m\\n",{_T},"value":1}}', "id must be"),
        ('{"id":"m","tsISO8601":1455101131070,"value":1}', "tsISO8601 must be a text"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_packet_that_breaks_a_rule(body: str, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        parse(body.encode())


def test_bytes_that_are_not_utf8() -> None:
    with pytest.raises(MalformedError, match="UTF-8"):
        parse(f'{{"id":"zähler",{_T},"value":1}}'.encode("latin-1"))


@pytest.mark.parametrize(
    "text",
    [
        "2016-02-10T21:45:31.070Z",
        "2016-02-10T21:45:31.070",
        "2016-02-10T21:45:31+11:00",
        "2016-02-10T21:45:31.07+11:00",
        "2016-02-10T21:45:31.0700+11:00",
        "2016-02-10T21:45:31,070+11:00",
        "2016-02-10T21:45:31.070+1100",
        "2016-02-10T21:45:31.070+11",
        "2016-02-10T21:45:31.070+11:00:30",
        "2016-02-10 21:45:31.070+11:00",
        "2016-02-10t21:45:31.070+11:00",
        "20160210T214531.070+11:00",
        " 2016-02-10T21:45:31.070+11:00",
        "2016-02-10T21:45:31.070+11:00\n",
        "٢٠١٦-02-10T21:45:31.070+11:00",
        "2016-02-30T21:45:31.070+11:00",
        "2015-02-29T21:45:31.070+11:00",
        "2016-13-10T21:45:31.070+11:00",
        "0000-02-10T21:45:31.070+11:00",
        "2016-02-10T24:00:00.000+11:00",
        "2016-02-10T21:60:31.070+11:00",
        "2016-02-10T21:45:60.070+11:00",
        "2016-02-10T21:45:31.070+14:01",
        "2016-02-10T21:45:31.070-15:00",
        "2016-02-10T21:45:31.070+11:60",
        "2016-02-10T21:45:31.070-00:00",
    ],
)
def test_a_timestamp_that_is_none(text: str) -> None:
    with pytest.raises(MalformedError, match="tsISO8601"):
        instant(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00.000+00:00", 0),
        ("1970-01-01T00:00:00.001+00:00", 1),
        ("1969-12-31T23:59:59.999+00:00", -1),
        ("2016-02-10T21:45:31.070+11:00", _NOON),
        ("2016-02-10T10:45:31.070+00:00", _NOON),
        ("2016-02-10T07:15:31.070-03:30", _NOON),
        ("2016-02-11T00:45:31.070+14:00", _NOON),
        ("2016-02-09T20:45:31.070-14:00", _NOON),
        ("2016-02-29T00:00:00.000+05:45", 1_456_683_300_000),
    ],
)
def test_the_instant_of_a_timestamp(text: str, expected: int) -> None:
    assert instant(text) == expected


def test_the_repeated_hour_of_autumn_is_told_apart_by_the_offset() -> None:
    assert instant("2026-10-25T01:30:00.000+01:00") < instant("2026-10-25T01:10:00.000+00:00")


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - local time
    st.integers(-14 * 60, 14 * 60),
)
def test_the_instant_is_what_the_standard_library_says(local: datetime, offset: int) -> None:
    sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    text = f"{local.isoformat(timespec='milliseconds')}{sign}{hours:02}:{minutes:02}"
    moment = datetime.fromisoformat(text)

    assert instant(text) == (moment - datetime.fromisoformat("1970-01-01T00:00:00+00:00")) // (
        datetime.resolution * 1000
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json; charset=UTF-8"},
        {"Content-Type": "Application/JSON"},
        {"Content-Type": "text/json"},
        {"Content-Encoding": "identity"},
    ],
)
def test_headers_that_go(headers: dict[str, str]) -> None:
    check_headers(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_headers_that_do_not(headers: dict[str, str]) -> None:
    with pytest.raises(MalformedError):
        check_headers(headers)


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"Basic {_encoded('demo:secret')}", ("demo", "secret")),
        (f"basic {_encoded('demo:secret')}", ("demo", "secret")),
        (f"Basic {_encoded('demo:se:cret')}", ("demo", "se:cret")),
        (f"Basic {_encoded('dèmo:sécret')}", ("dèmo", "sécret")),
        (f"Basic {_encoded('demo:')}", ("demo", "")),
        (f"Basic {_encoded('demo')}", None),
        ("Basic ???", None),
        ("Basic /w==", None),
        ("Bearer abc", None),
        ("", None),
        (None, None),
    ],
)
def test_credentials(header: str | None, expected: tuple[str, str] | None) -> None:
    assert credentials(header) == expected
