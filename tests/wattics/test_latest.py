"""What is understood of the platform's latest packet: nothing that leaves a doubt."""

import json

import pytest

from bacnet_bridge.wattics.latest import NotUnderstood, latest_instant
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
