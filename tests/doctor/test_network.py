"""What came back from the network → findings. Pure."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bacnet_bridge.bacnet.client import IAm, Identity
from bacnet_bridge.doctor.finding import State
from bacnet_bridge.doctor.network import (
    judge_bbmd,
    judge_devices,
    judge_instance,
    judge_network,
    judge_own,
    judge_routers,
    judge_table,
    table_entries,
)
from bacnet_bridge.doctor.wire import Heard, Traffic, Wanted, table_answer
from bacnet_bridge.model import Meter
from bacnet_bridge.survey.model import FoundNetwork

OWN, EVERYONE, OTHER = ("10.0.0.5", 47808), ("10.0.0.255", 47808), ("10.0.0.9", 47808)
WHO_IS = bytes.fromhex("810b0008 0100 1008")
TABLE = bytes.fromhex("8103 0018 0a000009 bac0 ffffffff 0a010009 bac1 ffffffff")


def heard(*back: tuple[tuple[str, int], bytes], bbmd: str | None = None) -> Heard:
    traffic = Traffic(OWN, "" if bbmd else EVERYONE[0])
    traffic.sent(OWN, EVERYONE, WHO_IS)
    for source, data in back:
        traffic.received(source, EVERYONE, data)
    found = Heard(Identity(4000, "10.0.0.5/24", bbmd=bbmd), traffic, ended=True)
    found.table = table_answer(traffic.datagrams)
    return found


def meter(device: int, address: str | None = None) -> Meter:
    return Meter(f"m{device}", f"m{device}", device, (), 300, "UTC", 60.0, address=address)


def test_own_broadcasts_come_back_once_not_at_all_or_by_a_bbmd() -> None:
    assert judge_own(heard((OWN, WHO_IS))).state is State.OK
    deaf = judge_own(heard((OTHER, WHO_IS)))
    assert deaf.state is State.FAILURE
    assert "UDP 47808" in deaf.remedy
    forwarded = b"\x81\x04\x00\x0e" + bytes([10, 0, 0, 5]) + b"\xba\xc0" + WHO_IS[4:]
    loop = judge_own(heard((OWN, WHO_IS), (OTHER, forwarded)))
    assert loop.state is State.WARNING
    assert "10.0.0.9" in loop.says
    assert judge_own(heard(bbmd="10.0.0.9")).state is State.NOT_APPLICABLE


def test_the_bbmd_takes_us_refuses_us_or_is_silent() -> None:
    assert judge_bbmd(heard()).state is State.NOT_APPLICABLE
    takes = heard(bbmd="10.0.0.9")
    takes.registered = True
    assert judge_bbmd(takes).state is State.OK
    assert "does not answer" in judge_bbmd(heard(bbmd="10.0.0.9")).says
    assert "refuses" in judge_bbmd(heard((OTHER, bytes.fromhex("810000060030")), bbmd="10.0.0.9")).says


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (TABLE, State.OK, "10.0.0.9:47808, 10.1.0.9:47809"),
        (b"\x81\x03\x00\x04", State.WARNING, "empty"),
        (bytes.fromhex("810000060020"), State.UNKNOWN, "does not show"),
        (b"\x81\x00\x00\x06\x00\x00", State.UNKNOWN, "does not answer"),
    ],
)
def test_the_bbmds_table(answer: bytes, state: State, says: str) -> None:
    found = judge_table(heard((OTHER, answer), bbmd="10.0.0.9"))
    assert (found.state, says in found.says) == (state, True)


def test_a_table_that_is_cut_off_has_whole_entries_only() -> None:
    assert table_entries(TABLE[:-1]) == [("10.0.0.9", 47808)]


def test_routers() -> None:
    def with_networks(*found: FoundNetwork, meters: Sequence[Meter] = ()) -> State:
        seen = heard()
        seen.networks = found
        return judge_routers(seen, meters).state

    assert with_networks() is State.NOT_APPLICABLE
    assert with_networks(FoundNetwork(100, "10.0.0.9")) is State.OK
    assert with_networks(FoundNetwork(100, "10.0.0.9"), FoundNetwork(100, "10.0.0.8")) is State.WARNING
    assert with_networks(FoundNetwork(100, "10.0.0.9"), meters=[meter(1, "200:7")]) is State.FAILURE
    assert with_networks(FoundNetwork(200, "10.0.0.9"), meters=[meter(1, "200:7")]) is State.OK


def test_devices() -> None:
    def with_devices(*found: int, meters: Sequence[Meter] = ()) -> State:
        seen = heard()
        seen.devices = [IAm(each, "10.0.0.9", 480) for each in found]
        return judge_devices(seen, meters).state

    both = [meter(1), meter(2)]
    assert with_devices() is State.WARNING
    assert with_devices(1) is State.OK
    assert with_devices(1, 2, 3, meters=both) is State.OK
    assert with_devices(1, meters=both) is State.WARNING
    assert with_devices(3, meters=both) is State.FAILURE


def test_who_else_bears_our_instance() -> None:
    seen = heard()
    seen.devices = [IAm(4000, "10.0.0.5", 1476)]
    assert judge_instance(seen, 4000).state is State.OK, "the running service"
    seen.devices = [*seen.devices, IAm(4000, "10.0.0.9:47809", 1476)]
    assert judge_instance(seen, 4000).state is State.FAILURE
    assert judge_instance(seen, None).state is State.NOT_APPLICABLE
    assert judge_instance(heard(bbmd="10.0.0.9"), 4000).state is State.UNKNOWN


def test_a_port_that_stays_shut_is_one_failure() -> None:
    seen = replace(heard(), trouble="cannot open BACnet port")
    assert [each.state for each in judge_network(seen, [], 1)].count(State.FAILURE) == 1


def test_whom_to_look_for() -> None:
    assert Wanted.by([], 4000) == Wanted()
    wanted = Wanted.by([meter(7), meter(7), meter(8, "10.1.0.4")], 4000)
    assert wanted == Wanted(((7, 7), (8, 8), (4000, 4000)), ["10.1.0.4"])
