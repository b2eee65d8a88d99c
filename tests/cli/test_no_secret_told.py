"""A service and commands with every secret that settings know tell none of them, also where the last net is off.

The net would hide what comes so far; nothing should. What is looked for comes from the settings' own types.
"""

import asyncio
import os
import sys
from base64 import b64encode
from pathlib import Path

import yaml

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.service.alone import locked_outbox
from bacnet_bridge.state import StateFolder
from tests.support.building import free_port
from tests.support.outbox import packet
from tests.support.secret_settings import SECRET_VALUES

NOWHERE = "127.0.0.1:1"
SITE = {
    "zone": "Europe/Dublin",
    "clock": "trust",
    "log_level": "debug",
    "bacnet": {"instance": 4_194_000},
    "platform": {
        "username": "someone",
        "address": f"https://{NOWHERE}/",
        "proxy": f"http://{NOWHERE}",
        "proxy_username": "someone",
    },
    "accounts": {"gym": {"username": "someone"}},
    "alarms": {"mail_server": "127.0.0.1", "mail_port": 1, "mail_username": "someone", "mail_from": "a@b.example",
               "mail_to": "c@d.example"},
    "status": {"port": 0},
}  # fmt: skip
WITHOUT_NET = (
    "from bacnet_bridge import redaction; redaction.Redaction.hide = lambda self, text: text; "
    "from bacnet_bridge.cli import main; main()"
)
COMMANDS = (
    ["check"],
    ["status", "--json"],
    ["alarms", "--trial"],
    ["latest", "a"],
    ["outbox", "list", "--all", "--json"],
    ["backup", "site.zip"],
)
A = 1_767_225_600_000


async def site_with_every_secret(folder: Path) -> dict[str, str]:
    """Its environment."""
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE))
    (folder / "mapping").mkdir()
    (folder / "mapping" / "meters.yaml").write_text("meters: {A: {id: a, device: 5, value: AI1}}\n")
    (folder / "secrets").mkdir()
    for path, value in SECRET_VALUES.items():
        (folder / "secrets" / f"bridge_{'__'.join(path)}").write_text(f"{value}\n")
    state = StateFolder(folder / "state")
    state.create()
    async with locked_outbox(state, SystemClock()) as (_database, outbox):
        await outbox.put(packet(A), {})
    return os.environ | {
        "BRIDGE_SITE": str(folder / "site.yaml"),
        "BRIDGE_STATE": str(state.folder),
        "BRIDGE_MAPPING": str(folder / "mapping"),
        "BRIDGE_SECRETS_DIR": str(folder / "secrets"),
        "BRIDGE_BACNET__ADDRESS": f"127.0.0.1/8:{free_port()}",
    }


async def begun(environment: dict[str, str], folder: Path, words: list[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", WITHOUT_NET, *words,
        env=environment, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def told_until(service: asyncio.subprocess.Process, *events: str) -> str:
    """What it logs until each of these was logged."""
    assert service.stdout is not None
    told = ""
    async with asyncio.timeout(60):
        while not all(event in told for event in events):
            line = await service.stdout.readline()
            assert line, told
            told += line.decode()
    return told


async def test_no_secret_is_told_by_the_service_nor_by_commands(tmp_path: Path) -> None:
    environment = await site_with_every_secret(tmp_path)
    service = await begun(environment, tmp_path, ["run"])
    told = {"run": await told_until(service, "delivery fails", '"running"')}
    started = [await begun(environment, tmp_path, words) for words in COMMANDS]
    for words, process in zip(COMMANDS, started, strict=True):
        told[words[0]] = (await process.communicate())[0].decode()
    service.terminate()
    out, _ = await service.communicate()
    told["run"] += out.decode()
    for file in (*(tmp_path / "state").rglob("*"), tmp_path / "site.zip"):
        if file.is_file():
            told[file.name] = file.read_bytes().decode("latin-1")
    assert service.returncode == 0
    pairs = {b64encode(f"someone:{secret}".encode()).decode() for secret in SECRET_VALUES.values()}
    secrets = {*SECRET_VALUES.values(), *pairs}
    assert [(name, secret) for name, text in told.items() for secret in secrets if secret in text] == []
    for name, part in {"alarms": "webhook: 127.0.0.1 cannot be reached", "latest": "check platform.proxy"}.items():
        assert part in told[name], told[name]  # they were used
