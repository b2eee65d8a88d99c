"""What is understood of the platform's latest packet: nothing that leaves a doubt."""

import json
from decimal import Decimal

import pytest

from bacnet_bridge.wattics.latest import NotUnderstood, latest_instant, likely
from tests.support.clock import NOON

PACKET = {"id": "m", "tsISO8601": "2027-01-15T12:00:00.000+00:00", "value": 1}


@pytest.mark.parametrize(
    "said",
    [
        PACKET,
        [PACKET],
        {**PACKET, "tsISO8601": "2027-01-15T23:00:00.000+11:00"},
        {**PACKET, "tsISO8601": "2027-01-15T12:00:00Z"},
        {"id": "m", "tsISO8601": "2027-01-15T12:00:00.000+00:00", "aP_1": 1, "more": {}},
    ],
)
def test_a_packet_of_this_id_with_an_instant(said: object) -> None:
    assert latest_instant(json.dumps(said), "m") == NOON


@pytest.mark.parametrize(
    "body",
    [
        "",
        "OK",
        "<html>2027-01-15T12:00:00.000+00:00</html>",
        "null",
        "1800014400000",
        "[" * 100_000,
        json.dumps([]),
        json.dumps([PACKET, PACKET]),
        json.dumps({"latest": PACKET}),
        json.dumps({**PACKET, "id": "n"}),
        json.dumps({key: value for key, value in PACKET.items() if key != "id"}),
        json.dumps({"id": "m", "value": 1}),
        *(
            json.dumps({**PACKET, "tsISO8601": text})
            for text in ("2027-01-15T12:00:00.000", "yesterday", 1_800_014_400_000, None)
        ),
        json.dumps(PACKET)[:-10],
    ],
)
def test_all_else_is_not_understood(body: str) -> None:
    assert isinstance(latest_instant(body, "m"), NotUnderstood)


@pytest.mark.parametrize(
    "said",
    [
        PACKET,
        [PACKET],
        [{**PACKET, "tsISO8601": "2027-01-15T11:55:00.000+00:00"}, PACKET],
        {"latest": {"packets": [PACKET, {**PACKET, "id": "n", "tsISO8601": "2027-01-15T13:00:00Z"}]}},
        {"stream": "m", "data": {"tsISO8601": "2027-01-15T12:00:00Z", "value": 1, "quality": "good"}},
        [{"tsISO8601": "yesterday"}, PACKET],
    ],
)
def test_for_people_a_packet_is_seen_in_whatever_it_is_wrapped(said: object) -> None:
    found = likely(json.dumps(said), "m")
    assert found is not None
    assert found.instant == NOON
    assert found.fields == {"value": Decimal(1)}


@pytest.mark.parametrize("body", ["", "OK", "{}", "[" * 100_000, '{"id":"n","tsISO8601":"2027-01-15T12:00:00Z"}', "7"])
def test_where_there_is_none_none_is_seen(body: str) -> None:
    assert likely(body, "m") is None
