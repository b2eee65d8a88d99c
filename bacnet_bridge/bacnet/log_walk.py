"""One log, read from its newest record back: question by question, whatever the device understands.

Each way of naming records is tried in turn, the safest first. Records are numbered by the log's own count; where it
has none, by their place. Questions ask for as many as the answer can hold in one APDU. What a full log overwrites
while it is read shows: a question by position or time asks for a record that is known once more.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bacnet_bridge.bacnet.line import Line
from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.bacnet.read_range import ANSWER_HEAD, READ_RANGE, Form, RangeAnswer, decode, encode
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.tags import DecodeError
from bacnet_bridge.errors import ReadError
from bacnet_bridge.vocabulary.objects import ObjectId

_APDU_HEAD: Final = 3
NUMBERS: Final = (1 << 32) - 1
"""After this number the log goes on with 1 (clause 12.25.16)."""
_TICK: Final = 10
"""Milliseconds: a hundredth, the least by which two times differ."""
_NEVER: Final = 4_070_908_800_000
"""A device's time that no record is later than: 2099 begins."""
_PATIENCE: Final = 12
"""Questions in a row that bring nothing new before another way is tried."""


class LogRefusedError(ReadError):
    """The log cannot be had. The text is a sentence; `final`: asking again soon does not change it."""

    def __init__(self, sentence: str, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.final = final


class Walk:
    """`records` are by number, without a gap, down from `newest`."""

    def __init__(
        self, log: ObjectId, newest: int, count: int, octets: int, *, numbered: bool, kept: Mapping[int, RawRecord]
    ) -> None:
        """`count` records are there, each of so many `octets`, as far as is known; `numbered`: by the log's own count.

        `kept` are those that an interrupted walk read, by the log's own numbers.
        """
        self.log = log
        self.newest = newest
        self.records: dict[int, RawRecord] = {}
        self.requests = 0
        self.finished = count <= 0
        """The oldest record is read."""
        self._kept = kept
        self._removed = newest - count
        """The number of the record before the oldest."""
        self._octets = octets
        self._most = 0
        """Records that an answer had room for; 0 where more were not too many."""
        self._forms = [Form.SEQUENCE, Form.POSITION, Form.TIME] if numbered else [Form.POSITION, Form.TIME]
        self._in_vain = 0

    @property
    def lowest(self) -> int:
        """The oldest record that is read; one above the newest where none is."""
        return self.newest + 1 - len(self.records)

    async def step(self, line: Line) -> None:
        """Read some more, or know that the last one is read. Raises DeviceSilentError, LogRefusedError."""
        if self._take_kept():
            return
        form, known = self._forms[0], len(self.records)
        count = self._room(line.profile.max_apdu)
        overlap = 0 if form is Form.SEQUENCE or not known else 1
        self.requests += 1
        try:
            question = encode(self.log, form, self._reference(form, overlap), -count - overlap)
            answer = decode(self.log, await line.send(READ_RANGE, question, 0))
            self._take(answer, form, count + overlap)
        except RefusedError as refusal:
            self._refused(refusal, 0 if refusal.unrecognized_service else count, halves=refusal.kind == "abort")
        except DecodeError as error:
            self._refused(ReadError(f"its answer cannot be understood ({error})"), count, halves=False)
        self._in_vain = 0 if len(self.records) > known else self._in_vain + 1
        if self._in_vain > _PATIENCE and not self.finished:
            self._refused(ReadError("its answers bring nothing new"), count, halves=False)

    def _room(self, max_apdu: int) -> int:
        """Records that an answer can hold and the log may still have."""
        fitting = (max_apdu - _APDU_HEAD - ANSWER_HEAD) // self._octets
        return max(1, min(fitting, self._most or fitting, self.lowest - 1 - self._removed))

    def _reference(self, form: Form, overlap: int) -> int:
        if form is Form.SEQUENCE:
            return wire_number(self.lowest - 1)
        if form is Form.POSITION:
            return max(1, self.lowest - 1 + overlap - self._removed)
        if not overlap:
            return _NEVER
        local = self.records[self.lowest].local
        if local is None:
            raise DecodeError("a record without its time")
        return local + _TICK

    def _take(self, answer: RangeAnswer, form: Form, asked: int) -> None:
        """Raises DecodeError for what is not the answer to this question."""
        found = answer.records
        if found:
            self._octets = max(self._octets, -(-answer.octets // len(found)))
        if not found:
            self.finished = True
        elif form is Form.SEQUENCE:
            self._take_numbered(answer, asked)
        else:
            self._take_aligned(answer, asked)
        self.finished = self.finished or self.lowest - 1 <= self._removed

    def _take_numbered(self, answer: RangeAnswer, asked: int) -> None:
        found, wanted = answer.records, self.lowest - 1
        last = wanted
        if answer.sequence is not None:
            last = wanted - (wire_number(wanted) - answer.sequence - len(found) + 1) % NUMBERS
        if not self.records and answer.last and wanted - asked < last:
            self.newest = wanted = last  # its count of all records is another one than the newest's number
        if answer.more and (last != wanted or answer.sequence is None):
            self._most = min(len(found), max(1, asked - 1))  # the older part of what was asked for
            return
        if last != wanted:
            raise DecodeError("other records than those that were asked for")
        self._add(found)
        self.finished = answer.first or (len(found) < asked and not answer.more)

    def _take_aligned(self, answer: RangeAnswer, asked: int) -> None:
        """Only what stands before the oldest record that is known; that one must be among the answer's."""
        found = answer.records
        if self.records:
            known = self.records[self.lowest]
            at = next((at for at in range(len(found) - 1, -1, -1) if found[at] == known), None)
            if at is None and not answer.more:
                raise DecodeError("the records moved while they were read")
            if at is None:
                self._most = max(1, len(found) - 1)
                return
            self._removed += len(found) - 1 - at
            found = found[:at]
        elif answer.more and not answer.last:
            self._most = max(1, len(found) - 1)
            return
        self._add(found)
        self.finished = not found or answer.first or (len(answer.records) < asked and not answer.more)

    def _add(self, found: Sequence[RawRecord]) -> None:
        for record in reversed(found):
            self.records[self.lowest - 1] = record

    def _take_kept(self) -> bool:
        """Whether some of an earlier walk's follow."""
        before = len(self.records)
        while (record := self._kept.get(self.lowest - 1)) is not None:
            self.records[self.lowest - 1] = record
        return len(self.records) > before

    def _refused(self, cause: ReadError, count: int, *, halves: bool) -> None:
        """Ask for fewer, or in another way; where none is left the log is refused."""
        if halves and count > 1:
            self._most = count // 2
            return
        self._forms.pop(0)
        self._most = self._in_vain = 0
        if not self._forms or not count:
            final = isinstance(cause, RefusedError) and (cause.unrecognized_service or cause.unknown_object)
            raise LogRefusedError(f"{self.log} cannot be read: {cause}", final=final)


def wire_number(number: int) -> int:
    """The log's own number, of one that was counted down past 1."""
    return number if number >= 1 else number + NUMBERS
