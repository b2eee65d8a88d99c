"""By which address a survey goes where nobody says."""

from ipaddress import IPv4Interface

import pytest

from bacnet_bridge.bacnet.own_address import choose


def of(**interfaces: str) -> dict[str, list[IPv4Interface]]:
    return {name.replace("_", "-"): [IPv4Interface(each)] for name, each in interfaces.items()}


def test_the_only_one_is_taken_and_cables_come_before_radio() -> None:
    everything = of(lo="127.0.0.1/8", docker0="172.17.0.1/16", br_x="172.18.0.1/16", ppp0="10.9.9.9/32")
    alone = choose({**everything, **of(eth0="192.168.1.5/24")}, lambda _: False)
    assert (alone.address, alone.why) == ("192.168.1.5/24", "eth0, the only one with a network of its own")
    laptop = of(eth0="192.168.1.5/24", wlan0="10.0.0.9/24")
    assert choose(laptop, lambda name: name == "wlan0").address == "192.168.1.5/24"


def test_nobody_guesses() -> None:
    with pytest.raises(ValueError, match=r"several networks: 10.0.0.1/24 \(a\), 10.0.1.1/24 \(b\)"):
        choose(of(a="10.0.0.1/24", b="10.0.1.1/24"), lambda _: False)
    with pytest.raises(ValueError, match=r"no address .* it has 127.0.0.1/8 \(lo\)"):
        choose(of(lo="127.0.0.1/8"), lambda _: False)
