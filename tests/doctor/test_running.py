"""What the doctor makes of the running service's own words."""

from bacnet_bridge import __version__
from bacnet_bridge.doctor.running import Told, judge_service


def test_an_edit_that_waits_has_the_command_for_it_as_its_remedy() -> None:
    waits = "the mapping: an edit waits for `bacnet-bridge apply`, because it takes something away: it removes Gas"
    overview = {
        "version": __version__, "started": "2026-11-23T17:00:00", "problems": [], "attention": [waits, "Gas: fault"]
    }  # fmt: skip
    _, edit, other, _ = judge_service(Told(7, overview))
    assert (edit.says, "`bacnet-bridge apply` puts it into force" in edit.remedy) == (waits, True)
    assert other.remedy == "`bacnet-bridge status` shows the meters"
