"""What a survey takes from the site's settings."""

from bacnet_bridge.cli.discover_plan import Wishes, identity_of
from bacnet_bridge.settings import BacnetSettings
from tests.support.building import free_port


def test_a_survey_registers_for_as_long_as_the_site_says() -> None:
    site = BacnetSettings(instance=7, address=f"127.0.0.1/8:{free_port()}", bbmd="192.0.2.1:47808", bbmd_ttl=45)
    identity, told = identity_of(Wishes(), site)
    assert (identity.instance, identity.bbmd, identity.ttl) == (7, "192.0.2.1:47808", 45)
    assert told[0].endswith("(the site's settings). BBMD 192.0.2.1:47808.")
