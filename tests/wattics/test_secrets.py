"""A password that is wrong, and one that is corrected while the service runs. On a driven clock."""

from pydantic import SecretStr

from bacnet_bridge.model import Account
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.verdict import Answer, NoAnswer
from tests.wattics.rig import ACCOUNT, OK, Site, running

NEW = Credentials("demo", SecretStr("new"))


def refusing(site_of: list[Site]) -> Answer | NoAnswer:
    return OK if site_of[0].sessions._credentials.get(ACCOUNT) == NEW else Answer(401)


def wrong_password(meters: int) -> Site:
    here: list[Site] = []
    site = Site(lambda _meter: refusing(here))
    here.append(site)
    for n in range(meters):
        site.put(f"m{n}")
    return site


async def test_an_hour_of_401_costs_less_than_an_attempt_a_minute() -> None:
    site = wrong_password(1000)
    async with running(site.courier):
        await site.clock.advance(3600)

    assert len(site.sessions.attempts) <= 60
    assert [when for when, _ in site.sessions.attempts if when] == [60, 180, 420, 900, 1800, 2700, 3600]


async def test_a_changed_secret_brings_back_the_full_rate_within_thirty_seconds() -> None:
    site = wrong_password(500)
    async with running(site.courier):
        await site.clock.advance(2000)
        attempts = len(site.sessions.attempts)
        site.sessions.secrets[ACCOUNT] = NEW
        await site.clock.advance(11)
        assert site.courier.snapshot().accepted == 500
        assert site.courier.snapshot().paused == {}

    assert len(site.sessions.attempts) == attempts + 500


async def test_a_changed_secret_that_is_wrong_as_well_is_probed_once_and_then_begins_at_a_minute() -> None:
    site = wrong_password(50)
    async with running(site.courier):
        await site.clock.advance(2000)
        attempts = len(site.sessions.attempts)
        site.sessions.secrets[ACCOUNT] = Credentials("demo", SecretStr("wrong too"))
        await site.clock.advance(30)
        assert len(site.sessions.attempts) == attempts + 1
        assert site.courier.snapshot().paused[ACCOUNT].attempts == 1


async def test_the_second_request_after_a_401_bears_the_new_secret() -> None:
    site = wrong_password(1)
    site.sessions.secrets[ACCOUNT] = NEW
    async with running(site.courier):
        await site.clock.advance(0)
        assert site.courier.snapshot().accepted == 1

    assert site.sessions.times("m0") == [0, 0]


async def test_secrets_are_read_only_while_they_are_needed() -> None:
    site = Site(lambda _meter: OK)
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(86_400)

    assert site.sessions.secrets_read == 0


async def test_another_account_s_new_secret_is_no_reason_to_probe() -> None:
    site = wrong_password(5)
    async with running(site.courier):
        await site.clock.advance(2000)
        attempts = len(site.sessions.attempts)
        site.sessions.secrets[Account("https://localhost/", "other")] = NEW
        await site.clock.advance(100)

    assert len(site.sessions.attempts) == attempts


async def test_the_first_probe_that_succeeds_brings_back_the_full_rate_within_thirty_seconds() -> None:
    """The platform's side was mended: nothing changed here."""
    answer: list[Answer | NoAnswer] = [Answer(401)]
    site = Site(lambda _meter: answer[0])
    for n in range(500):
        site.put(f"m{n}")
    async with running(site.courier):
        await site.clock.advance(3600)
        attempts, answer[0] = len(site.sessions.attempts), OK
        for _ in range(901):
            await site.clock.advance(1)
            if len(site.sessions.attempts) > attempts:
                break
        await site.clock.advance(29)
        assert site.courier.snapshot().accepted == 500
        assert site.courier.snapshot().paused == {}

    assert len(site.sessions.attempts) == attempts + 500
