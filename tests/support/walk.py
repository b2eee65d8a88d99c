"""Walks a page of the documents as its reader does: shell blocks are run, diffs applied, shown answers looked for.

The page is plain Markdown. What a reader does without being told stands in comments before a block:
`<!-- stays: TEXT -->` a terminal of its own, ready once it shows TEXT; `<!-- until: REGEX -->` run again until its
answer matches; `<!-- exit: 1 -->` the last command's exit status. A `text` block is what the block before it answers,
line by line, in this order or another; `…` stands for anything.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PATIENCE: Final = 90
"""Seconds that one command may take, and an answer be waited for."""
_BLOCK: Final = re.compile(
    r"((?:^<!-- (?:stays|until|exit): [^\n]* -->\n)*)^```(sh|diff|text)\n(.*?)^```", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block, with the comments before it."""

    kind: str
    text: str
    said: dict[str, str]


def blocks(page: str) -> Iterator[Block]:
    """All that is run, applied or looked for, in the order of the page."""
    for comments, kind, text in _BLOCK.findall(page):
        yield Block(kind, text, dict(re.findall(r"^<!-- (\w+): (.*) -->$", comments, re.MULTILINE)))


def edited_lines(page: str) -> int:
    """Lines that the page's diffs write or take away; one that is changed counts once."""
    counts = 0
    for block in blocks(page):
        if block.kind == "diff":
            lines = block.text.splitlines()[1:]
            counts += max(sum(line.startswith(sign) for line in lines) for sign in "+-")
    return counts


@contextmanager
def walking(folder: Path, prefix: Sequence[str] = ()) -> "Iterator[Walk]":
    """A reader who begins in the empty `folder`, `prefix` before each shell; their programs end with the context."""
    walk = Walk(folder, tuple(prefix))
    try:
        yield walk
    finally:
        for process in reversed(walk.staying):
            process.send_signal(signal.SIGINT)
        for process in walk.staying:
            process.wait(30)


class Walk:
    """One reader: a shell that keeps its folder and its variables, and the terminals beside it."""

    def __init__(self, folder: Path, prefix: tuple[str, ...]) -> None:
        self._folder, self._prefix = folder, prefix
        self._kept = folder / ".kept"
        self._kept.write_text(f"cd {folder}\n")
        self._answer = ""
        self.staying: list[subprocess.Popen[bytes]] = []
        self.times: list[tuple[str, float]] = []
        """Each command block's text and seconds."""

    def read(self, page: str) -> None:
        """Do all that the page says. Raises AssertionError with the block and its answer."""
        for block in blocks(page):
            if block.kind == "diff":
                self._edit(block.text)
            elif block.kind == "text":
                self._look(block.text)
            else:
                began = time.monotonic()
                self._run(block)
                self.times.append((block.text.strip(), time.monotonic() - began))

    def told(self) -> str:
        """The commands and their wall time, for people."""
        lines = [f"{seconds:6.1f} s  {text.replace(chr(10), chr(10) + ' ' * 10)}" for text, seconds in self.times]
        return "\n".join([*lines, f"{sum(seconds for _, seconds in self.times):6.1f} s  altogether"])

    def shell(self, text: str) -> tuple[int, str]:
        """Run it where the reader is, up to a command that fails: its exit status, and all that was written."""
        keep = f"{{ export -p; echo cd $PWD; }} > {self._kept}"
        script = f". {self._kept}\ntrap '{keep}' EXIT\nset -e\n{text}"
        done = subprocess.run(
            [*self._prefix, "bash", "-c", script],
            env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout.decode()

    def _run(self, block: Block) -> None:
        if "stays" in block.said:
            self._stay(block)
            return
        deadline = time.monotonic() + PATIENCE
        while True:
            status, self._answer = self.shell(block.text)
            wanted = block.said.get("until")
            if wanted is None or re.search(wanted, _plain(self._answer)) or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        assert status == int(block.said.get("exit", 0)), f"{block.text}exit status {status}\n{self._answer}"
        assert wanted is None or re.search(wanted, _plain(self._answer)), f"{block.text}{self._answer}"

    def _stay(self, block: Block) -> None:
        log = self._folder / f".terminal-{len(self.staying)}"
        with log.open("wb") as written:
            process = subprocess.Popen(
                [*self._prefix, "bash", "-c", f". {self._kept}\nexec {block.text}"],
                env=self._environment(), stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.staying.append(process)
        deadline = time.monotonic() + PATIENCE
        while block.said["stays"] not in log.read_text():
            assert process.poll() is None, f"{block.text}{log.read_text()}"
            assert time.monotonic() < deadline, f"{block.text}{log.read_text()}"
            time.sleep(0.1)

    def _look(self, text: str) -> None:
        plain = _plain(self._answer)
        missing = [line for line in text.splitlines() if not re.search(_pattern(line), plain)]
        assert not missing, f"not shown: {missing}\n{self._answer}"

    def _edit(self, text: str) -> None:
        """The diff's context and the lines that it takes away stand in the file once; there it is edited."""
        head, *lines = text.splitlines()
        _, where = self.shell(f"readlink -f {head.removeprefix('--- ')}")
        file = Path(where.strip())
        old = "\n".join(_pattern(line[1:], ".*") for line in lines if line[0] in " -")
        found = list(re.finditer(rf"^{old}$", file.read_text(), re.MULTILINE))
        assert len(found) == 1, f"{text}{len(found)} places in\n{file.read_text()}"
        new = "\n".join(line[1:] for line in lines if line[0] in " +")
        before, after = file.read_text()[: found[0].start()], file.read_text()[found[0].end() :]
        file.write_text(before + new + after)

    def _environment(self) -> dict[str, str]:
        """Without settings of whoever runs the test; the program of this environment, and this checkout's code."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BRIDGE_", "COV_"))}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return inherited | {"PATH": path, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": "1"}


def _plain(text: str) -> str:
    """Tables and wrapped lines as one row of words."""
    return " ".join(text.split())


def _pattern(line: str, anything: str = ".*?") -> str:
    """A shown line as a regular expression; in a file its indentation counts, in an answer no space does."""
    shown = line if anything == ".*" else _plain(line)
    return anything.join(map(re.escape, shown.split("…")))
