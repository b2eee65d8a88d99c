"""What `discover` reads and writes: the survey, the one before it, and what was interrupted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bacnet_bridge import __version__
from bacnet_bridge.errors import SurveyError
from bacnet_bridge.survey.difference import Change, difference
from bacnet_bridge.survey.ede.files import write_set
from bacnet_bridge.survey.file import FILE_NAME, read, write
from bacnet_bridge.survey.model import FoundDevice, Survey


@dataclass(frozen=True, slots=True)
class Files:
    """`survey` is the file that is written. Whatever stood there is kept beside it."""

    survey: Path
    folder: Path | None
    """For all that is made of a survey; None where only the survey's file was asked for."""
    resumed: Survey | None
    earlier: tuple[Path, Survey] | None
    """What the new one is compared with."""

    @staticmethod
    def of(output: Path, resume: Path | None, compare: Path | None) -> "Files":
        """Reads what is to be read, before anything is asked on the network. Raises SurveyError."""
        single = output.suffix == ".json"
        file = output if single else output / FILE_NAME
        resumed = None if resume is None else read(resume)
        if compare is not None:
            earlier: tuple[Path, Survey] | None = compare, read(compare)
        elif resume is None and file.exists():
            earlier = file, read(file)
        else:
            earlier = None
        return Files(file, None if single else output, resumed, earlier)

    def changes(
        self, survey: Survey, in_scope: Callable[[FoundDevice], bool]
    ) -> tuple[Path, Survey, tuple[Change, ...]] | None:
        """Since the earlier one; None where there is none."""
        if self.earlier is None:
            return None
        path, earlier = self.earlier
        return path, earlier, difference(earlier, survey, in_scope)

    def write(self, survey: Survey) -> Iterator[str]:
        """Write the files; sentences that say which. Raises SurveyError.

        Whatever else is made of a survey, a draft of the mapping or an EDE file, is written here, into `folder`.
        """
        if not survey.devices:
            yield "Nothing is written."
            return
        if self.survey.exists() and self.resumed is None:
            yield f"The survey that stood there is now {self._kept()}."
        write(self.survey, survey)
        yield f"Written: {self.survey}"
        if self.folder is not None:
            listed, states = write_set(self.folder, survey, self.folder.resolve().name, f"bacnet-bridge {__version__}")
            yield f"Written: {listed} (EDE 2.3) and {states}"

    def _kept(self) -> Path:
        """Where the one that stood there went: by the day and second of its last change, so that each is kept."""
        changed = datetime.fromtimestamp(self.survey.stat().st_mtime, UTC).strftime("%Y-%m-%dT%H%M%SZ")
        kept = self.survey.with_name(f"{self.survey.stem}-{changed}.json")
        try:
            self.survey.replace(kept)
        except OSError as error:
            raise SurveyError(f"{self.survey} cannot be kept as {kept}: {error.strerror}") from error
        return kept
