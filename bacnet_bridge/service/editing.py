"""Edits of the mapping while the service runs: noticed, judged, and put into force or held for a person's word.

What is taken away waits for `bacnet-bridge apply`, because a file that was copied in part reads like one from which
somebody deleted the rest. A wrong edit leaves the running mapping in force.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import BridgeError, MappingError, OutboxError
from bacnet_bridge.mapping import Difference, Look, difference, look
from bacnet_bridge.mapping import Mapping as Read
from bacnet_bridge.model import Meter
from bacnet_bridge.service.mapped import Mapped, judged, keep, log, tell, wrong
from bacnet_bridge.service.shown_mapping import Judged, file_documents, problem_document
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder

STILL: Final = 2.0
"""Seconds for which no file may have changed before an edit counts as finished."""
_EVERY: Final = 1.0
_AGAIN: Final = 60.0
"""Seconds after which wrong files are read again though nobody touched them: a drive may have failed for a moment."""
_RESTLESS: Final = 60.0
"""Seconds after which files that keep changing are told of."""
_LONGEST: Final = 60.0
"""Seconds for which `apply` waits until the edit is in force: readings under way are awaited."""
_LATER: Final = "an edit comes into force once the clock is credible and the ledger can be written"
_log = structlog.get_logger()

Over = Callable[[Difference, tuple[Meter, ...]], Awaitable[None]]
"""Puts an edit into force, as far as that can be done now. Raises OutboxError."""


class Standing(StrEnum):
    """How the files stand to what is in force."""

    IN_FORCE = "in force"
    TOUCHED = "in force, touched"
    """They changed since they were read, and are not still yet."""
    WRONG = "wrong"
    WAITS = "waits for apply"
    COMES = "comes into force"


@dataclass(frozen=True, slots=True)
class Edit:
    """What the files say now, and what that would change."""

    mapping: Read
    difference: Difference
    token: str
    """Names the files as they were read."""


class Editing:
    """Watches the files. Everything that reads or parses runs in a thread, so that no slot waits for it."""

    def __init__(
        self,
        settings: Settings,
        state: StateFolder,
        accounts: Collection[str],
        clock: Clock,
        begun: Mapped,
        meters: Callable[[], tuple[Meter, ...]],
        over: Over,
        may_stamp: Callable[[], bool],
    ) -> None:
        """`meters` gives those in force. Edits come into force only while slots `may_stamp`."""
        self._settings, self._state, self._accounts, self._clock = settings, state, accounts, clock
        self._meters, self._over, self._may_stamp = meters, over, may_stamp
        self._seen: Look = begun.look
        self._judged: Look | None = begun.look
        self._since = self._settled = self._touched = clock.monotonic()
        self._edit: Edit | None = None
        self._word = False
        """Somebody said that the edit is meant."""
        self._wrong = begun.problem
        self._drafts = 0 if begun.mapping is None else len(begun.mapping.drafts)
        self._record = Judged(clock.wall(), clock.wall(), begun.problems)
        if begun.mapping is not None:
            self._record.take(begun.mapping, clock.wall())
        self._refused = ""
        self._one = asyncio.Lock()
        self._applying: asyncio.Task[None] | None = None

    @property
    def problems(self) -> Iterator[str]:
        """Why the files are not what is in force: sentences."""
        yield from filter(None, (self._wrong, self._refused))

    @property
    def attention(self) -> Iterator[str]:
        """What waits for a person: sentences."""
        if self._edit is not None and not self._free(self._edit):
            yield (
                f"the mapping: an edit waits for `bacnet-bridge apply`, because it takes something away: it "
                f"{self._edit.difference.summary}"
            )
        elif self._edit is not None and not self._may_stamp():
            yield f"the mapping: {_LATER}"
        elif not self._wrong and not self._meters():
            yield f"the mapping: {nothing_mapped(self._drafts)}"
        if self._judged != self._seen and self._clock.monotonic() - self._touched > _RESTLESS:
            yield f"the mapping: its files keep changing, and none is taken before they are still for {STILL:g} s"

    @property
    def standing(self) -> Standing:
        """How the files stand to what is in force."""
        if self._wrong:
            return Standing.WRONG
        if self._edit is not None:
            return Standing.COMES if self._free(self._edit) else Standing.WAITS
        return Standing.IN_FORCE if self._judged == self._seen else Standing.TOUCHED

    @property
    def wrong_places(self) -> int:
        """Problems of the files."""
        return len(self._record.problems)

    def document(self) -> dict[str, Any]:
        """For the status page: see `docs/status.md`."""
        folder, record, edit = self._settings.mapping, self._record, self._edit
        return {
            "folder": str(folder),
            "state": str(self.standing),
            "sentence": "; ".join((*self.problems, *self.attention)),
            "in_force_since": record.in_force_since,
            "judged_at": record.at,
            "meters": len(self._meters()),
            "drafts": list(record.drafts),
            "files": file_documents(self._seen, folder),
            "problems": [problem_document(each, folder) for each in record.problems],
            "warnings": [problem_document(each, folder) for each in record.warnings],
            "waiting": None
            if edit is None
            else {"sentences": list(edit.difference.sentences), "takes_away": edit.difference.takes_away},
        }

    async def run(self, finished: asyncio.Event) -> None:
        """Look at the files every second, for ever. Where `finished` is set, they are judged as they are (SIGHUP)."""
        while True:
            await self._wait(finished)
            asked = finished.is_set()
            finished.clear()
            async with self._one:
                await self._look(asked)
                await self._put_into_force(_EVERY)

    async def stop(self) -> None:
        """To be called once the schedule has ended: what was being put into force ends, too."""
        if self._applying is not None:
            await asyncio.wait({self._applying})

    async def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """For the `apply` command: show what the files would change, or put what was shown into force."""
        token = question.get("token")
        async with self._one:
            await self._look(asked=True)
            if self._wrong:
                raise BridgeError(self._wrong)
            edit = self._edit
            if token is None:
                return await asyncio.to_thread(shown, edit)
            if edit is not None and token != edit.token:
                raise BridgeError("the files have changed since they were shown; see them again with `apply --show`")
            self._word = True
            await self._put_into_force(_LONGEST)
        return {"in_force": self._edit is None, "why_not": self._why_not()}

    async def _wait(self, finished: asyncio.Event) -> None:
        """Until the next look."""
        asked = asyncio.ensure_future(finished.wait())
        pause = asyncio.ensure_future(self._clock.sleep(_EVERY))
        try:
            await asyncio.wait({asked, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
            pause.cancel()

    async def _look(self, asked: bool) -> None:
        """Judge the files if they were touched and are still since. `asked`: somebody says that they are finished."""
        seen = await asyncio.to_thread(look, self._settings.mapping)
        if not self._finished(seen, asked):
            return
        found = await asyncio.to_thread(self._read, self._meters())
        if await asyncio.to_thread(look, self._settings.mapping) != seen:
            return  # touched while they were read: what was read may be half of it
        told = self._wrong if seen == self._judged else ""
        self._judged, self._settled = seen, self._clock.monotonic()
        self._word, self._refused = False, ""
        self._record.take(found if isinstance(found, MappingError) else found.mapping, self._clock.wall())
        if isinstance(found, MappingError):
            self._edit, self._wrong = None, wrong(found, self._settings, bool(self._meters()), told)
        else:
            await self._take(found)

    def _finished(self, seen: Look, asked: bool) -> bool:
        """Whether the files are to be read: touched, and still since; or wrong, and not read for a while."""
        now = self._clock.monotonic()
        if seen != self._seen:
            if self._seen == self._judged:
                self._touched = now
            self._seen, self._since = seen, now
        if seen == self._judged:
            return bool(self._wrong) and (asked or now - self._settled >= _AGAIN)
        return asked or now - self._since >= STILL

    def _read(self, in_force: tuple[Meter, ...]) -> Edit | MappingError:
        try:
            mapping = judged(self._settings, self._accounts)
        except MappingError as error:
            return error
        token = hashlib.sha256()
        for file, content in mapping.files:
            token.update(f"{file}\0{len(content)}\0".encode() + content)
        return Edit(mapping, difference(in_force, mapping.meters), token.hexdigest())

    async def _take(self, edit: Edit) -> None:
        if self._wrong:
            _log.info("the mapping is right again")
        self._edit, self._wrong, self._drafts = edit, "", len(edit.mapping.drafts)
        tell(edit.mapping, self._settings)
        if not self._free(edit):
            await asyncio.to_thread(log, edit.difference, "an edit of the mapping waits for `bacnet-bridge apply`")

    def _free(self, edit: Edit) -> bool:
        """Whether it may come into force without a word."""
        return self._word or self._settings.auto_apply or not edit.difference.takes_away

    async def _put_into_force(self, patience: float) -> None:
        """What may be, and can be now; the rest is tried again with the next look. A cancelled caller ends nothing."""
        if self._applying is None or self._applying.done():
            if self._edit is None or not self._free(self._edit) or not self._may_stamp():
                return
            self._applying = asyncio.create_task(self._apply(self._edit), name="edit of the mapping")
        applying = self._applying
        await asyncio.wait({applying}, timeout=patience)
        if applying.done():
            applying.result()

    async def _apply(self, edit: Edit) -> None:
        """Where only some of its meters could be switched, the others are the next difference."""
        meters = edit.mapping.meters
        try:
            await self._over(await asyncio.to_thread(difference, self._meters(), meters), meters)
        except OutboxError as error:
            if not self._refused:
                _log.error("an edit of the mapping cannot come into force", error=str(error))
            self._refused = f"an edit of the mapping cannot come into force before the ledger is written: {error}"
            return
        if await asyncio.to_thread(difference, self._meters(), meters):
            return
        self._refused, self._record.in_force_since = "", self._clock.wall()
        await asyncio.to_thread(keep, edit.mapping, self._settings, self._state)
        if edit.difference:
            await asyncio.to_thread(log, edit.difference, "an edit of the mapping is in force")
        else:
            _log.info("the mapping's files were touched, and say the same")
        if self._edit is edit:
            self._edit = None

    def _why_not(self) -> str:
        if self._edit is None:
            return ""
        if not self._may_stamp():
            return _LATER
        return self._refused or "readings under way are awaited; it comes into force with their end"


def nothing_mapped(drafts: int) -> str:
    """What there is to do before anything is read."""
    if drafts:
        many = "a draft is there" if drafts == 1 else f"{drafts} drafts are there"
        return (
            f"nothing is read yet, because no meter has an id: {many}. `bacnet-bridge register export` writes the "
            "sheet to have them registered, `register import` enters the ids that come back"
        )
    return "nothing is read yet, because no meter is mapped: `bacnet-bridge discover` and then `draft` suggest meters"


def shown(edit: Edit | None) -> dict[str, Any]:
    """As the control socket carries it."""
    if edit is None or not edit.difference:
        return {"sentences": [], "takes_away": False, "token": None}
    return {
        "sentences": list(edit.difference.sentences),
        "takes_away": edit.difference.takes_away,
        "token": edit.token,
    }
