"""Commands in processes of their own, forked from one that has imported the program already.

To import it takes a second of the processor, which a test that gives ten commands feels. The way from the shell is
tested with `tests.support.site.command`.
"""

import asyncio
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.logged import LOGGED

_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "bacnet_bridge.cli",
        "bacnet_bridge.service.bridge",
        "bacnet_bridge.service.live",
        "bacnet_bridge.service.push",
        "bacnet_bridge.cli.outbox",
    ]
)


async def command(environment: Mapping[str, str], *words: str) -> tuple[int, str, str]:
    """Run `bacnet-bridge WORDS` to its end: exit status, output, errors."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        status = await asyncio.to_thread(_wait, dict(environment), words, (str(out), str(err)))
        LOGGED.append(err.read_text(errors="replace"))
        return status, out.read_text(), err.read_text()


def _wait(environment: dict[str, str], words: tuple[str, ...], files: tuple[str, str]) -> int:
    process = _FORKS.Process(target=_run, args=(environment, words, files))
    process.start()
    process.join()
    status = process.exitcode
    process.close()
    assert status is not None
    return status


def _run(environment: dict[str, str], words: tuple[str, ...], files: tuple[str, str]) -> None:
    """In the new process."""
    from bacnet_bridge.cli import main

    for stream, file in enumerate(files, start=1):
        with Path(file).open("wb") as opened:
            os.dup2(opened.fileno(), stream)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["bacnet-bridge", *words]
    main()
