"""The Debian package: built, then installed, started, watched, upgraded, removed and purged under a real systemd.

The machine is a copy of this one's files in namespaces of its own; Debian's own Python runs what the package brings.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOOTED = Path(__file__).with_name("booted.sh")
MISSING = [tool for tool in ("dpkg-deb", "unshare", "pivot_root", "/usr/bin/python3") if shutil.which(tool) is None]
MISSING += [] if Path("/lib/systemd/systemd").exists() else ["systemd"]
STORY = r"""
say() { echo "== $1"; }
unit() { systemctl show bacnet-bridge --property="$1" --value; }
# A word of systemd's about the unit, once it is what it should be.
until_is() { for _ in $(seq 300); do [ "$(unit "$1")" = "$2" ] && break; sleep 0.2; done; echo "$1=$(unit "$1")"; }
mkdir -p /etc/systemd/system/bacnet-bridge.service.d
printf '[Service]\nWatchdogSec=5\nTimeoutStopSec=12\nRestartSec=1\nStandardError=append:/mnt/log\n' \
    >/etc/systemd/system/bacnet-bridge.service.d/test.conf

say installed
dpkg --install /mnt/first.deb >/dev/null && dpkg-query --show --showformat='${db:Status-Status}\n' bacnet-bridge
getent passwd bridge | cut -d: -f1,7
stat -c '%a %U %n' /etc/bacnet-bridge /etc/bacnet-bridge/secrets
systemctl is-enabled bacnet-bridge
unit ActiveState

say started
cp /mnt/site.yaml /etc/bacnet-bridge/site.yaml
cp /usr/share/doc/bacnet-bridge/examples/utilities.yaml /etc/bacnet-bridge/point_mappings/
systemctl start bacnet-bridge
until_is ActiveState active
until_is NRestarts 0
stat -c '%a %U' /var/lib/bacnet-bridge /var/lib/bacnet-bridge/bridge.db
runuser -u bridge -- bacnet-bridge status --state /var/lib/bacnet-bridge | head -1 | cut -d' ' -f1-5
echo "$(ls -A /run/credentials/bacnet-bridge.service | wc -l) secrets"
ls -A /run/credentials/bacnet-bridge.service | grep -x bridge_platform__password

say secret
printf 'from-a-file\n' >/etc/bacnet-bridge/secrets/bridge_platform__password
chmod 600 /etc/bacnet-bridge/secrets/bridge_platform__password
systemctl restart bacnet-bridge
until_is ActiveState active
grep -c 'nothing can be sent yet' /mnt/log

say hung
kill -STOP "$(unit MainPID)"
until_is NRestarts 1
until_is ActiveState active

say killed
for n in 2 3 4 5 6 7 8; do
    kill -KILL "$(unit MainPID)"
    until_is NRestarts "$n" >/dev/null
    until_is ActiveState active >/dev/null
done
until_is NRestarts 8

say upgraded
before=$(unit MainPID)
dpkg --install /mnt/second.deb >/dev/null
until_is ActiveState active
[ "$before" = "$(unit MainPID)" ] && echo same || echo anew
dpkg-query --show --showformat='${Version}\n' bacnet-bridge
cat /etc/bacnet-bridge/site.yaml | head -1

say stopped-stays-stopped
systemctl stop bacnet-bridge
unit Result
dpkg --install /mnt/second.deb >/dev/null
unit ActiveState
systemctl start bacnet-bridge

say removed
dpkg --remove bacnet-bridge >/dev/null
systemctl is-active bacnet-bridge
ls -A /opt/bacnet-bridge /usr/bin/bacnet-bridge 2>/dev/null | wc -l
ls /etc/bacnet-bridge/site.yaml /var/lib/bacnet-bridge/bridge.db
dpkg --purge bacnet-bridge >/dev/null
ls /etc/bacnet-bridge/site.yaml /var/lib/bacnet-bridge/bridge.db
say end
"""
SITE = """zone: Europe/Dublin
clock: trust
bacnet: {instance: 471001, address: 127.0.0.1/8:47999}
platform: {username: u, address: 'https://127.0.0.1:9/'}
"""

pytestmark = [
    pytest.mark.package,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="a machine of its own needs root"),
]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, as `make deb` makes it."""
    if not (ROOT / ".venv").exists():
        pytest.skip("`make deb` builds with .venv: `make install`")
    out = tmp_path_factory.mktemp("deb")
    _ran(["sh", str(ROOT / "packaging" / "deb.sh")], DEB_OUT=str(out))
    (made,) = out.glob("*.deb")
    return made


def test_what_it_holds(package: Path) -> None:
    listed = _ran(["dpkg-deb", "--contents", str(package)])
    for wanted in (
        "./usr/bin/bacnet-bridge -> /opt/bacnet-bridge/bin/bacnet-bridge",
        "./usr/lib/systemd/system/bacnet-bridge.service",
        "./opt/bacnet-bridge/lib/python3.",
    ):
        assert wanted in listed
    assert "/bin/pip" not in listed
    modes = [line.split()[0] for line in listed.splitlines()]
    assert [mode for mode in modes if mode[0] != "l" and mode[8] == "w"] == [], "what others may write"
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(\.\./([^)#]*[^)#/])", page.read_text()):
            assert f"./usr/share/doc/bacnet-bridge/{target}" in listed, f"{page.name} leads nowhere"
    said = _ran(["dpkg-deb", "--info", str(package)])
    assert "Depends: python3." in said


def test_its_whole_life(package: Path, tmp_path: Path) -> None:
    shared, root = tmp_path / "shared", tmp_path / "root"
    shared.mkdir()
    root.mkdir()
    shutil.copy(package, shared / "first.deb")
    _newer(package, tmp_path / "newer", shared / "second.deb")
    (shared / "story.sh").write_text(STORY)
    (shared / "site.yaml").write_text(SITE)
    (shared / "log").touch(mode=0o666)
    _ran(["unshare", "--mount", "--pid", "--fork", "--cgroup", "--ipc", "--uts", "--kill-child",
          "sh", str(BOOTED), str(root), str(shared)])  # fmt: skip
    told = (shared / "told").read_text()
    parts = dict(part.strip().partition("\n")[::2] for part in told.split("== ") if part)
    kept = "/etc/bacnet-bridge/site.yaml\n/var/lib/bacnet-bridge/bridge.db"
    assert "end" in parts, (told, (shared / "complaints").read_text(), (shared / "log").read_text()[-2000:])
    assert parts == {
        "installed": "installed\nbridge:/usr/sbin/nologin\n755 root /etc/bacnet-bridge\n"
        "700 root /etc/bacnet-bridge/secrets\nenabled\ninactive",
        "started": "ActiveState=active\nNRestarts=0\n700 bridge\n600 bridge\n"
        "BACnet Bridge 0.1.0 on /var/lib/bacnet-bridge,\n7 secrets\nbridge_platform__password",
        "secret": "ActiveState=active\n1",
        "hung": "NRestarts=1\nActiveState=active",
        "killed": "NRestarts=8",
        "upgraded": "ActiveState=active\nanew\n99.0\nzone: Europe/Dublin",
        "stopped-stays-stopped": "success\ninactive",
        "removed": f"inactive\n0\n{kept}\n{kept}",
        "end": "",
    }


def _newer(package: Path, folder: Path, target: Path) -> None:
    """The same package with a later version's number."""
    _ran(["dpkg-deb", "--raw-extract", str(package), str(folder)])
    control = folder / "DEBIAN" / "control"
    control.write_text(
        "\n".join("Version: 99.0" if line.startswith("Version:") else line for line in control.read_text().splitlines())
        + "\n"
    )
    _ran(["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(folder), str(target)])


def _ran(words: Sequence[str], **environment: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
