"""What a survey takes from the site's settings."""

from bacnet_bridge.cli.discover_plan import Wishes, identity_of
from bacnet_bridge.settings import BacnetSettings
from bacnet_bridge.survey.model import FoundDevice
from tests.support.building import free_port


def test_instances_that_nobody_has_are_told_as_they_were_asked_for() -> None:
    found = [FoundDevice(instance, "10.0.0.5", None) for instance in (77, 1500)]
    assert list(Wishes().unmet(found)) == []
    assert list(Wishes("1000-1999,77", only=("device=77", "type=AI")).unmet(found)) == []
    assert list(Wishes("76,77,2000-2999", only=("device=1,77", "type=AI", "device=3")).unmet(found)) == [
        "--devices: no device 76, 2000-2999 was found",
        "--only: no device 1, 3 was found",
    ]


def test_a_survey_registers_for_as_long_as_the_site_says() -> None:
    site = BacnetSettings(instance=7, address=f"127.0.0.1/8:{free_port()}", bbmd="192.0.2.1:47808", bbmd_ttl=45)
    identity, told = identity_of(Wishes(), site)
    assert (identity.instance, identity.bbmd, identity.ttl) == (7, "192.0.2.1:47808", 45)
    assert told[0].endswith("(the site's settings). BBMD 192.0.2.1:47808.")


def test_a_survey_goes_by_the_address_that_its_interface_has() -> None:
    identity, told = identity_of(Wishes(bind=f"lo:{(port := free_port())}"), None)
    assert identity.address == f"127.0.0.1/8:{port}"
    assert told == [f"Going by 127.0.0.1/8, port {port} (--bind)."]
