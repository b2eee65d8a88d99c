"""What the doctor makes of an interface that is named and has no address."""

from pathlib import Path

import pytest

from bacnet_bridge.bacnet.client import Identity
from bacnet_bridge.cli.discover_plan import Wishes, identity_of
from bacnet_bridge.doctor.examination import Examination
from bacnet_bridge.doctor.finding import State
from bacnet_bridge.doctor.site import read_site
from bacnet_bridge.site_file import SiteFile


async def test_an_interface_without_an_address_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.bacnet.standing.own_addresses", lambda: {"eth7": []})

    def way() -> Identity:
        return identity_of(Wishes(bind="eth7"), None)[0]

    site = SiteFile(tmp_path / "site.yaml", there=False)
    examination = Examination(read_site(None, tmp_path, tmp_path), site, lambda: ("eth7", "--bind"), way)
    interface, *others = await examination._interface()
    assert interface.state is State.FAILURE
    assert interface.says == "interface eth7 has no IPv4 address yet: see to its cable, and to DHCP"
    assert {each.state for each in others} == {State.NOT_APPLICABLE}
    assert {each.state for each in await examination._network()} == {State.UNKNOWN}
