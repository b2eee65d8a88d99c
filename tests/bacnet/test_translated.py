"""A container behind address translation as Docker does it, registered with a BBMD of another stack."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.namespaces import translated, why_not

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


@pytest.mark.parametrize(("published", "says"), [(True, "10.77.0.12 device 202"), (False, "no answer to Who-Is")])
def test_a_device_behind_the_bbmd_is_found_and_read_only_where_the_port_is_published(
    published: bool, says: str
) -> None:
    missing = [f"there is no `{tool}`" for tool in ("nft", "sysctl") if shutil.which(tool) is None]
    if why := why_not() or ", ".join(missing):
        pytest.skip(why)
    with translated(published=published) as ends:
        command = ["ip", "netns", "exec", ends.devices, sys.executable, str(HERE / "bbmd_devices.py")]
        environment = {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE) as building:
            try:
                assert building.stdout is not None
                assert building.stdout.readline() == "ready\n"
                told = subprocess.run(
                    ["ip", "netns", "exec", ends.container, sys.executable, str(HERE / "bbmd_bridge.py")],
                    cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, check=True,
                ).stdout  # fmt: skip
                assert building.stdout.readline() == "10.77.0.1\n", "it is known by the machine's address, at 47808"
            finally:
                building.kill()
    assert told.startswith(says)
