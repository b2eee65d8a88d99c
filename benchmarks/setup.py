"""`python -m benchmarks.setup`: install the peers that are not on PyPI, and say which peer is missing."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PEERS: Final = HERE / ".peers"
_DECLARED: Final = HERE / "peers"
_MODULES: Final = {"bacpypes3": "bacpypes3", "BAC0": "BAC0", "rusty-bacnet": "rusty_bacnet"}
"""Peers from PyPI, by the module that each is imported as."""
NPM_PEER: Final = "@bacnet-js/client"
INSTALL: Final = "python -m benchmarks.setup"


def missing() -> list[str]:
    """A sentence per peer that is not there, with the command that installs it."""
    sentences = [
        f"{peer} is missing: pip install 'bacnet-bridge[bench]', or `make install` in a checkout"
        for peer, module in _MODULES.items()
        if importlib.util.find_spec(module) is None
    ]
    if shutil.which("node") is None:
        sentences.append("node is missing: install Node.js 20 or later with npm (Debian: apt-get install nodejs npm)")
    if not (PEERS / "node_modules" / NPM_PEER / "package.json").exists():
        sentences.append(f"{NPM_PEER} is missing: {INSTALL}")
    return sentences


def require_peers() -> None:
    """End the process with status 2 where a peer is missing: a comparison without it says nothing."""
    if sentences := missing():
        print("\n".join(sentences), file=sys.stderr)
        raise SystemExit(2)


def install() -> None:
    """What benchmarks/peers/package-lock.json names, by hash, into benchmarks/.peers (ignored by git)."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is missing: install Node.js 20 or later with npm (Debian: apt-get install nodejs npm)")
    PEERS.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_DECLARED / name, PEERS / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
    done = subprocess.run(command, cwd=PEERS, check=False)
    if done.returncode:
        sys.exit(f"npm could not install {NPM_PEER}: see above; the command was `npm ci` in {PEERS}")


if __name__ == "__main__":
    install()
    require_peers()
    print(f"every peer is there: {', '.join([*_MODULES, NPM_PEER])}")
