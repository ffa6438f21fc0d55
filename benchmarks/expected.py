"""How well ends of jobs are foretold. ``python -m benchmarks.expected [JOBS]``.

JOBS (80; more than 50) pieces of real conversations, 5 to 60 seconds long, are transcribed one
after another by the fast plan. Before each, its seconds are foretold from the jobs before; errors
are those of the jobs after the first 50.
"""

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import soundfile

from benchmarks.corpus import diarization
from benchmarks.machine import conditions
from benchmarks.report import Row, write
from trax.compose import build_workspace
from trax.pipelines.transcribe import TRANSCRIBE, transcribe
from trax.service.forecast import Estimate, Figures, exactly
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions
from trax.store import Database, FigureRepository, FolderStore
from trax.work.workspace import Workspace

_FIRST, _USUAL = 50, 80  # jobs
_SHORTEST, _LONGEST = 5.0, 60.0
_OPTIONS = TranscribeOptions.model_validate(
    {"recognition": {"plan": "fast", "language": "en"}, "formats": ["json"]}
)


@dataclass(frozen=True, slots=True)
class Foretold:
    """A job: what was expected, and what it took, in seconds."""

    duration: float
    expected: Estimate
    took: float

    @property
    def error(self) -> float:
        """Relative to what it took."""
        return abs(self.expected.middle - self.took) / self.took

    @property
    def is_inside(self) -> bool:
        """Whether it ended between the bounds."""
        return self.expected.low <= self.took <= self.expected.high


def main(jobs: int) -> None:
    """Transcribe, and write how far forecasts were off."""
    note = conditions()
    with tempfile.TemporaryDirectory() as folder:
        pieces = list(_pieces(Path(folder), jobs))
        found = list(_foretold(_workspace(Path(folder)), pieces))
    judged = [each for number, each in found if number >= _FIRST]
    rows = [_row("all", judged)]
    for name, low, high in (("5 to 15 s", 5, 15), ("15 to 30 s", 15, 30), ("30 to 60 s", 30, 61)):
        some = [each for each in judged if low <= each.duration < high]
        rows += [_row(name, some)] if some else []
    notes = [
        f"{jobs} pieces of the corpus' recordings, lengths spread evenly on a logarithmic scale; "
        f"judged after the first {_FIRST}.",
        "error: between the seconds that are expected and those that the job took, of the latter; "
        "inside: ended between the bounds, which are meant for four of five.",
        note,
    ]
    write("expected", rows, notes)


def chosen_jobs(arguments: Sequence[str]) -> int:
    """How many jobs are asked for.

    Raises:
        SystemExit: not a number, or no more than those that come before what is judged.
    """
    given = arguments[0] if arguments else str(_USUAL)
    if not given.isdecimal() or int(given) <= _FIRST:
        sys.exit(f"JOBS must be a number above {_FIRST}: what is judged comes after that many jobs")
    return int(given)


def _row(name: str, judged: Sequence[Foretold]) -> Row:
    errors = [each.error for each in judged]
    return {
        "length": name,
        "jobs": len(judged),
        "median error %": 100 * median(errors),
        "nine of ten below %": 100 * float(np.quantile(errors, 0.9)),
        "inside %": 100 * sum(each.is_inside for each in judged) / len(judged),
        "median s": median(each.took for each in judged),
    }


def _foretold(
    workspace: Workspace, pieces: Sequence[tuple[Path, float]]
) -> Iterator[tuple[int, Foretold]]:
    repository = FigureRepository(workspace.database)
    options = _OPTIONS.model_dump(mode="json")
    for number, (path, duration) in enumerate(pieces):
        figures = Figures(repository.newest())
        expected = figures.left(TRANSCRIBE, options, exactly(duration), {})
        began = time.monotonic()
        transcribe(workspace, path, _OPTIONS)
        took = time.monotonic() - began
        if expected is not None:
            yield number, Foretold(duration, expected, took)
    workspace.database.close()


def _workspace(folder: Path) -> Workspace:
    built = build_workspace(load_settings())
    database = Database(f"sqlite:///{folder / 'trax.db'}")
    return replace(built, objects=FolderStore(folder / "store"), database=database, host=None)


def _pieces(folder: Path, count: int) -> Iterator[tuple[Path, float]]:
    """Pieces of recordings, as files, and their seconds.

    Each is shorter than the recording that it is cut from: the whole of one would come again, and
    be answered from what is kept.
    """
    chance = random.Random(1)
    lengths = {item.audio: soundfile.info(item.audio).duration for item in diarization()}
    for number in range(count):
        seconds = _SHORTEST * (_LONGEST / _SHORTEST) ** chance.random()
        sources = [audio for audio, length in lengths.items() if length > seconds + 1]
        with soundfile.SoundFile(sources[number % len(sources)]) as file:
            frames = round(seconds * file.samplerate)
            file.seek(chance.randrange(file.frames - frames + 1))
            samples = file.read(frames)
        path = folder / f"{number}.wav"
        soundfile.write(path, samples, file.samplerate)
        yield path, frames / file.samplerate


if __name__ == "__main__":
    main(chosen_jobs(sys.argv[1:]))
