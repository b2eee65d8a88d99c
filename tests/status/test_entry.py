"""Who gets in, with time that the test drives."""

import asyncio
import threading

import pytest

from bacnet_bridge.status.entry import Answer, Entry

RIGHT = "correct horse battery"


class Slow:
    """A password that counts how often it was worked out."""

    def __init__(self) -> None:
        self.looked = 0

    def fits(self, password: str) -> bool:
        self.looked += 1
        return password == RIGHT


class Door:
    def __init__(self) -> None:
        self.time, self.password = 0.0, Slow()
        self.entry = Entry(self.password, lambda: self.time)


@pytest.fixture
def door() -> Door:
    return Door()


async def test_without_a_password_all_are_in() -> None:
    assert await Entry(None, lambda: 0.0).asks("127.0.0.1", None) is Answer.IN


async def test_the_right_one_is_worked_out_once(door: Door) -> None:
    assert [await door.entry.asks("10.0.0.1", RIGHT) for _ in range(50)] == [Answer.IN] * 50
    assert door.password.looked == 1


async def test_a_wrong_one_has_to_wait_longer_each_time(door: Door) -> None:
    waits = []
    for _ in range(12):
        assert await door.entry.asks("10.0.0.1", "guess") is Answer.UNKNOWN
        waits.append(door.entry.waits("10.0.0.1"))
        assert await door.entry.asks("10.0.0.1", RIGHT) is Answer.WAIT
        door.time += waits[-1]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert door.password.looked == 12


async def test_who_waits_is_not_even_looked_at_and_others_get_in(door: Door) -> None:
    await door.entry.asks("10.0.0.1", RIGHT)
    await door.entry.asks("10.0.0.2", "guess")
    assert await door.entry.asks("10.0.0.2", RIGHT) is Answer.WAIT
    assert await door.entry.asks("10.0.0.1", RIGHT) is Answer.IN


async def test_many_guesses_at_once_are_one(door: Door) -> None:
    answers = await asyncio.gather(*(door.entry.asks("10.0.0.1", f"guess {n}") for n in range(100)))
    assert answers.count(Answer.WAIT) == 99
    assert door.password.looked == 1


async def test_the_right_one_many_times_at_once_is_in_each_time(door: Door) -> None:
    answers = await asyncio.gather(*(door.entry.asks("10.0.0.1", RIGHT) for _ in range(20)))
    assert answers == [Answer.IN] * 20
    assert door.password.looked == 1


async def test_a_wrong_one_many_times_at_once_is_one_guess(door: Door) -> None:
    answers = await asyncio.gather(*(door.entry.asks("10.0.0.1", "guess") for _ in range(20)))
    assert answers == [Answer.UNKNOWN] * 20
    assert (door.password.looked, door.entry.waits("10.0.0.1")) == (1, 1.0)


async def test_who_waits_learns_nothing_of_what_another_address_tries(door: Door) -> None:
    await door.entry.asks("10.0.0.1", "guess")
    asked = (door.entry.asks(address, RIGHT) for address in ("10.0.0.2", "10.0.0.1"))
    assert await asyncio.gather(*asked) == [Answer.IN, Answer.WAIT]


async def test_who_stops_asking_leaves_the_others_an_answer() -> None:
    begun, goes_on = threading.Event(), threading.Event()

    class Held:
        def fits(self, password: str) -> bool:
            begun.set()
            return goes_on.wait(30) and password == RIGHT

    entry = Entry(Held(), lambda: 0.0)
    first, second = (asyncio.create_task(entry.asks("10.0.0.1", RIGHT)) for _ in range(2))
    await asyncio.to_thread(begun.wait, 30)
    first.cancel()
    assert await second is Answer.WAIT
    goes_on.set()


async def test_guesses_from_everywhere_take_one_core_and_a_short_line(door: Door) -> None:
    answers = await asyncio.gather(*(door.entry.asks(f"10.0.{n}.1", "guess") for n in range(100)))
    assert door.password.looked == 4
    assert answers.count(Answer.WAIT) == 96


async def test_a_house_with_many_ipv6_addresses_is_one(door: Door) -> None:
    await door.entry.asks("2001:db8::1", "guess")
    assert await door.entry.asks("2001:db8::2", RIGHT) is Answer.WAIT
    assert await door.entry.asks("2001:db8:0:1::2", RIGHT) is Answer.IN


async def test_without_a_secret_nothing_is_counted(door: Door) -> None:
    assert await door.entry.asks("10.0.0.1", None) is Answer.UNKNOWN
    assert await door.entry.asks("10.0.0.1", RIGHT) is Answer.IN


async def test_what_is_remembered_of_guessers_is_bounded(door: Door) -> None:
    for number in range(2000):
        await door.entry.asks(f"10.1.{number // 250}.{number % 250}", "guess")
    assert len(door.entry._wrong) == 1024
