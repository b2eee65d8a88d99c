"""The strict platform over real TLS: what is due, and each way of misbehaving."""

import asyncio
import ssl
import time

import aiohttp
import pytest
from pydantic import ValidationError

from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.simulator.platform_faults import Fault, captive_portal, redirect
from bacnet_bridge.simulator.platform_rules import instant
from tests.support.platform import basic, body, client, minute, platform  # noqa: F401 - fixtures

# fixtures are imported by name, and asked for by the same name
# ruff: noqa: F811

_M1 = [instant(minute(n)) for n in range(60)]


async def _post(client: aiohttp.ClientSession, platform: StrictPlatform, content: bytes) -> int:
    async with client.post(platform.url, data=content) as answer:
        await answer.read()
        return answer.status


async def _send(client: aiohttp.ClientSession, platform: StrictPlatform, n: int, meter: str = "m1") -> int:
    """The packet of the n-th minute."""
    return await _post(client, platform, body(meter, minute(n)))


async def _latest(client: aiohttp.ClientSession, platform: StrictPlatform, meter: str = "m1") -> tuple[int, str]:
    async with client.get(platform.url, params={"stream": meter}) as answer:
        return answer.status, await answer.text()


async def test_packets_in_order_are_accepted(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    assert [await _send(client, platform, n) for n in range(3)] == [200, 200, 200]

    record = platform.record
    assert record.accepted == {"m1": _M1[:3]}
    assert record.bodies["m1"][1] == body("m1", minute(1)).decode()
    assert (record.attempts, record.answers) == (3, {200: 3})
    assert (record.connections, record.tls_sessions) == (1, 1)
    assert record.max_in_flight == {"m1": 1}
    assert record.in_flight == 0
    assert (record.duplicates, record.discarded, record.malformed, record.overlaps) == ({}, {}, [], {})


async def test_late_packets_are_answered_200_and_discarded(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    assert [await _send(client, platform, n) for n in (5, 4, 5)] == [200, 200, 200]

    record = platform.record
    assert record.accepted == {"m1": [_M1[5]]}
    assert record.discarded == {"m1": [_M1[4]]}
    assert record.duplicates == {"m1": [_M1[5]]}


async def test_a_broken_packet_is_answered_400_with_a_page_that_says_why(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    async with client.post(platform.url, data=b"{<}") as answer:
        assert (answer.status, answer.content_type) == (400, "text/html")
        assert "not JSON" in await answer.text()

    [malformed] = platform.record.malformed
    assert malformed.body == "{<}"
    assert "not JSON" in malformed.reason


async def test_the_content_type_is_checked(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    async with client.post(platform.url, data=body(), headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 400
    assert platform.counts().malformed == 1


@pytest.mark.parametrize("headers", [{}, basic("demo", "wrong"), basic("other", "demo-password")])
async def test_wrong_credentials_get_401(platform: StrictPlatform, headers: dict[str, str]) -> None:
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=platform.ca))
    async with (
        aiohttp.ClientSession(connector=connector, headers=headers) as stranger,
        stranger.post(platform.url, data=body()) as answer,
    ):
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert (await stranger.get(platform.url, params={"stream": "m1"})).status == 401
    assert platform.record.unauthorised == 1
    assert platform.record.accepted == {}


async def test_ids_that_are_not_registered_or_not_ours(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.behave(registry={"m1": platform.username, "m2": "someone"})

    assert [await _send(client, platform, 0, meter) for meter in ("m1", "m2", "m3")] == [200, 403, 404]
    assert (await _latest(client, platform, "m2"))[0] == 403
    assert platform.record.accepted == {"m1": [_M1[0]]}


async def test_plain_http_is_rejected(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.post(platform.url.replace("https", "http"), data=body())
    assert (platform.record.connections, platform.record.tls_sessions) == (1, 0)


async def test_other_paths_and_methods(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    async with client.post(platform.url.rstrip("/"), data=body()) as answer:
        assert answer.status == 404
    async with client.put(platform.url, data=body()) as answer:
        assert answer.status == 405
    assert platform.counts().attempts == 0


@pytest.mark.parametrize("status", [201, 202, 204, 400, 401, 403, 404, 429, 500, 503])
async def test_any_status_for_the_next_posts_stores_nothing(
    client: aiohttp.ClientSession, platform: StrictPlatform, status: int
) -> None:
    platform.fail(status, times=2)

    assert [await _send(client, platform, 0) for _ in range(3)] == [status, status, 200]
    assert platform.record.accepted == {"m1": [_M1[0]]}
    assert platform.record.duplicates == {}
    assert platform.record.answers == {status: 2, 200: 1}


async def test_a_status_after_storing(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.misbehave(Fault(status=500, after_storing=True))

    assert [await _send(client, platform, 0) for _ in range(2)] == [500, 200]
    assert platform.record.duplicates == {"m1": [_M1[0]]}


async def test_a_status_with_its_body_and_headers(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.misbehave(Fault(status=503, body="<p>tea</p>", headers={"Retry-After": "7"}))

    async with client.post(platform.url, data=body()) as answer:
        assert (answer.status, answer.headers["Retry-After"], await answer.text()) == (503, "7", "<p>tea</p>")


async def test_a_fault_for_one_id_leaves_the_others_alone(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    platform.fail(500, id="m2")
    platform.fail(403)

    assert [await _send(client, platform, 0, meter) for meter in ("m1", "m1", "m2", "m2")] == [403, 200, 500, 200]
    assert platform.faults() == []


async def test_a_standing_fault_lasts_until_it_is_cleared(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    platform.fail(503, times=None)
    assert {await _send(client, platform, 0) for _ in range(5)} == {503}

    platform.clear_faults()
    assert await _send(client, platform, 0) == 200


async def test_a_share_of_the_posts_is_drawn_repeatably(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    async def draw() -> list[int]:
        platform.reset()
        platform.misbehave(Fault(status=500, times=None, probability=0.5, seed=7))
        return [await _send(client, platform, n) for n in range(20)]

    first, again = await draw(), await draw()

    assert first == again
    assert set(first) == {200, 500}


@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize("after_storing", [False, True])
async def test_the_connection_is_cut(
    client: aiohttp.ClientSession, platform: StrictPlatform, how: str, after_storing: bool
) -> None:
    platform.misbehave(Fault.model_validate({"cut": how, "after_storing": after_storing}))

    with pytest.raises(aiohttp.ClientConnectionError):
        await _send(client, platform, 0)
    await platform.until("attempts", 1)
    assert platform.record.accepted == ({"m1": [_M1[0]]} if after_storing else {})
    assert await _send(client, platform, 0) == 200
    assert platform.counts().duplicates == int(after_storing)
    assert platform.record.answers == {0: 1, 200: 1}


@pytest.mark.parametrize("after_storing", [False, True])
async def test_a_delayed_packet_is_stored_although_the_client_has_gone(
    client: aiohttp.ClientSession, platform: StrictPlatform, after_storing: bool
) -> None:
    platform.delay(1.5, after_storing=after_storing)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.7):
            await _send(client, platform, 0)
    assert platform.counts().accepted == int(after_storing)
    await platform.until("accepted", 1)
    assert await _send(client, platform, 0) == 200
    record = platform.record
    assert (record.accepted, record.duplicates) == ({"m1": [_M1[0]]}, {"m1": [_M1[0]]})
    assert (record.max_in_flight, record.overlaps) == ({"m1": 1}, {})


async def test_a_packet_that_is_stored_late_comes_after_its_own_repetition(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    platform.delay(1.5)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await _send(client, platform, 0)

    assert [await _send(client, platform, n) for n in (0, 1)] == [200, 200]
    await platform.until("duplicates", 1)
    assert platform.record.accepted == {"m1": _M1[:2]}
    assert platform.record.discarded == {}
    assert platform.record.overlaps == {}


async def test_a_delay_within_the_time_out_is_answered(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.delay(0.1)
    begun = time.monotonic()

    assert await _send(client, platform, 0) == 200
    assert time.monotonic() - begun >= 0.1


async def test_a_delay_and_then_a_status(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.misbehave(Fault(delay=0.05, status=503))

    assert [await _send(client, platform, 0) for _ in range(2)] == [503, 200]


async def test_two_at_once_for_one_id_are_seen(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.delay(2.0, times=2)

    first = asyncio.create_task(_send(client, platform, 0))
    await platform.until("in_flight", 1, id="m1")
    await asyncio.gather(first, _send(client, platform, 1), _send(client, platform, 0, "m2"))

    record = platform.record
    assert record.max_in_flight == {"m1": 2, "m2": 1}
    assert record.overlaps == {"m1": 1}


async def test_a_redirect(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.misbehave(redirect("https://elsewhere.invalid/"))

    async with client.post(platform.url, data=body(), allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (307, "https://elsewhere.invalid/")


async def test_a_captive_portal_says_200_and_stores_nothing(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    platform.misbehave(captive_portal())

    async with client.post(platform.url, data=body()) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "<html" in await answer.text()
    assert platform.record.accepted == {}


@pytest.mark.parametrize("status", [200, 400, 409])
async def test_the_status_of_duplicates(client: aiohttp.ClientSession, platform: StrictPlatform, status: int) -> None:
    platform.behave(duplicates=status)

    assert [await _send(client, platform, n) for n in (0, 1, 0, 1, 2)] == [200, 200, status, status, 200]
    assert platform.record.duplicates == {"m1": _M1[:2]}


async def test_the_autumn_hour_by_instant_and_by_text(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    summer, winter = "2026-10-25T01:30:00.000+01:00", "2026-10-25T01:10:00.000+00:00"
    for text in (summer, winter):
        assert await _post(client, platform, body("by-instant", text)) == 200
    platform.behave(order="text")
    for text in (summer, winter):
        assert await _post(client, platform, body("by-text", text)) == 200

    record = platform.record
    assert record.accepted == {"by-instant": [instant(summer), instant(winter)], "by-text": [instant(summer)]}
    assert record.discarded == {"by-text": [instant(winter)]}


async def test_the_latest_packet_on_lagging_and_off(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    assert (await _latest(client, platform))[0] == 404
    for n in range(3):
        await _send(client, platform, n)

    assert await _latest(client, platform) == (200, body("m1", minute(2)).decode())
    platform.behave(lag=2)
    assert await _latest(client, platform) == (200, body("m1", minute(0)).decode())
    platform.behave(lag=3)
    assert (await _latest(client, platform))[0] == 404
    platform.behave(lag=0, latest=False)
    assert (await _latest(client, platform))[0] == 404


@pytest.mark.parametrize("status", [400, 401])
async def test_a_cookie_is_demanded_back(client: aiohttp.ClientSession, platform: StrictPlatform, status: int) -> None:
    platform.behave(cookie=status)
    assert [await _send(client, platform, n) for n in range(3)] == [200, 200, 200]

    client.cookie_jar.clear()
    assert [await _send(client, platform, 3) for _ in range(2)] == [status, 200]

    platform.expire_cookies()
    assert [await _send(client, platform, 4) for _ in range(2)] == [status, 200]
    record = platform.record
    assert (record.cookies_set, record.cookies_seen, record.cookies_missing) == (3, 4, 2)
    assert record.accepted == {"m1": _M1[:5]}


async def test_an_outage_keeps_the_record_and_the_port(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    url = platform.url
    await _send(client, platform, 0)
    await platform.go_down()
    with pytest.raises(aiohttp.ClientConnectionError):
        await _send(client, platform, 1)
    await platform.come_up()

    assert platform.url == url
    assert [await _send(client, platform, n) for n in (1, 0)] == [200, 200]
    record = platform.record
    assert (record.accepted, record.duplicates) == ({"m1": _M1[:2]}, {"m1": [_M1[0]]})


async def test_an_outage_cuts_what_is_under_way(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    platform.delay(30)
    sending = asyncio.create_task(_send(client, platform, 0))
    await platform.until("in_flight", 1)

    await platform.go_down()

    with pytest.raises(aiohttp.ClientConnectionError):
        await sending
    await platform.come_up()
    assert await _send(client, platform, 0) == 200


async def test_a_request_that_breaks_off_half_way_is_no_packet(
    client: aiohttp.ClientSession, platform: StrictPlatform
) -> None:
    reader, writer = await asyncio.open_connection(
        "localhost", int(platform.url.split(":")[2].split("/")[0]), ssl=ssl.create_default_context(cafile=platform.ca)
    )
    authorization = basic(platform.username, platform.password)["Authorization"]
    head = f"POST /measurements/v2/unifiedjson/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n"
    writer.write(f'{head}Content-Length: 90\r\n\r\n{{"id":"m1"'.encode())
    await platform.until("attempts", 1)

    writer.transport.abort()

    assert await reader.read() == b""
    assert await _send(client, platform, 0) == 200
    record = platform.record
    assert (record.answers, record.malformed) == ({0: 1, 200: 1}, [])
    assert record.accepted == {"m1": [_M1[0]]}


async def test_reset_forgets_record_faults_and_order(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    await _send(client, platform, 5)
    platform.fail(500)

    platform.reset()

    assert platform.counts().attempts == 0
    assert await _send(client, platform, 4) == 200
    assert platform.record.accepted == {"m1": [_M1[4]]}


async def test_waiting_in_vain_says_what_is_there(platform: StrictPlatform) -> None:
    with pytest.raises(TimeoutError, match=r"accepted of m1 did not reach 2 in 0.01 s"):
        await platform.until("accepted", 2, id="m1", seconds=0.01)


def test_what_is_told_is_checked(platform: StrictPlatform) -> None:
    with pytest.raises(ValidationError):
        platform.behave(duplicates=500)
    with pytest.raises(ValidationError):
        platform.behave(colour="red")


async def test_it_takes_a_thousand_packets_a_second(client: aiohttp.ClientSession, platform: StrictPlatform) -> None:
    """Client and server share a core here; half of the promise is asked, so that a busy machine passes."""
    meters, each = 25, 40

    async def send(meter: str) -> None:
        for n in range(each):
            assert await _send(client, platform, n, meter) == 200

    begun = time.process_time()
    await asyncio.gather(*(send(f"meter-{n}") for n in range(meters)))
    spent = time.process_time() - begun

    assert platform.counts().accepted == meters * each
    assert meters * each / spent > 500, f"{meters * each / spent:.0f} packets per second of processor time"
