"""Diarization with segmentation-3.0 and CAM++ voices, put together for speed and for long
recordings.

As in pyannote.audio (Bredin, Interspeech 2023), a network tells apart up to three people in sliding
windows, and voice embeddings join them over the recording. Other than there, each stretch of speech
is embedded once, windows of two lengths vote with their probabilities, and audio is taken chunk by
chunk.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pickle import UnpicklingError

import numpy as np
from numpy.typing import NDArray

from trax.audio import SAMPLE_RATE, Waveform
from trax.diarization.engine import DiarizationOptions, DiarizationSession, Progress
from trax.diarization.evidence import FRAME, Evidence, Piece, Window
from trax.diarization.networks import Networks
from trax.diarization.people import people
from trax.diarization.plans import PLANS, Grid, Plan
from trax.diarization.turns import diarization
from trax.errors import EngineError, ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.transcript import Diarization

VERSION = 1
"""Grows when the same audio comes to give other turns."""

_FIRST_FRAME = 1
"""Frames from a window's start to the middle of what its first segmentation frame sees."""

_SHORTEST_PIECE = 0.2
"""Seconds of one person's speech below which no voice is looked for."""

_FEATURES_PER_SECOND = 100

_BROKEN = (
    UnpicklingError,
    OSError,
    ImportError,
    LookupError,
    RuntimeError,
    ValueError,
    AttributeError,
    TypeError,
)
"""What loading weights that are none ends in."""

_Samples = NDArray[np.float32]


class PackagedDiarizer:
    """Segmentation-3.0 and CAM++, loaded on first use.

    Args:
        model: the packaged weights.
        device: ``cpu`` or ``cuda``.
        threads: for torch on the CPU.
        manager: keeps the networks loaded.
    """

    def __init__(
        self, model: Model, device: str, threads: int, manager: ModelManager | None = None
    ) -> None:
        self._model, self._device, self._threads = model, device, threads
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known without loading the models."""
        library = version("pyannote.audio")
        engine = f"trax-diarization-{VERSION}/pyannote.audio-{library}"
        return f"{engine}/{self._model.fingerprint}/{self._device}"

    @property
    def voice_model(self) -> str:
        """Names the model of the voice embeddings and its revision."""
        return f"campplus/{self._model.fingerprint}"

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """Start on a recording."""
        return _Session(self, options)

    @property
    def networks(self) -> Networks:
        """Both networks, in memory.

        Raises:
            ModelUnavailable: they cannot be loaded.
        """
        return self._manager.get(
            self.fingerprint,
            lambda: Use(self._model.name, folder_size(self._model.folder())),
            self._load,
        )

    def _load(self) -> Networks:
        try:
            return Networks(self._model.folder(), self._device, self._threads)
        except _BROKEN as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error


@dataclass(slots=True)
class _Cursor:
    """Where the windows of one grid are: those that begin before *next* seconds are done."""

    grid: Grid
    next: int = 0


@dataclass(slots=True)
class _Due:
    """A window that can be looked through.

    Attributes:
        start: sample of the recording at which it begins.
        embedded: frames of the recording whose speech is to be embedded, as (first, past the last).
    """

    grid: Grid
    start: int
    samples: _Samples
    embedded: tuple[int, int] | None = None


@dataclass(slots=True)
class _Session:
    """One recording being heard. Only audio that a later window will see is kept."""

    diarizer: PackagedDiarizer
    options: DiarizationOptions
    evidence: Evidence = field(default_factory=Evidence)
    kept: _Samples = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    kept_from: int = 0
    cursors: list[_Cursor] = field(init=False)

    def __post_init__(self) -> None:
        self.cursors = [_Cursor(grid) for grid in self._plan.grids]

    def hear(self, chunk: Waveform, progress: Progress) -> None:
        self.kept = np.concatenate([self.kept, chunk.samples])
        self.evidence = Evidence(
            self._heard / SAMPLE_RATE, self.evidence.windows, self.evidence.pieces
        )
        self._listen(list(self._full()), self.evidence, progress)
        done = min(cursor.next for cursor in self.cursors) * SAMPLE_RATE
        # The last windows look back from the recording's end, wherever that will be.
        needed = min(done, self._heard - _samples(max(grid.duration for grid in self._plan.grids)))
        if needed > self.kept_from:
            self.kept = self.kept[needed - self.kept_from :].copy()
            self.kept_from = needed

    def told(self, progress: Progress) -> Diarization:
        heard = Evidence(
            self.evidence.duration, list(self.evidence.windows), list(self.evidence.pieces)
        )
        self._listen(list(self._last()), heard, progress)
        voices = people(heard.pieces, self.options)
        found = diarization(heard, voices, self.diarizer.fingerprint, self.diarizer.voice_model)
        asked, count = self.options.bounds[0], len(found.embeddings)
        if asked > max(count, 1):
            fewer = f"{asked} speakers were asked for; the voices of {count} could be told apart"
            found = replace(found, warnings=(*found.warnings, fewer))
        return found

    @property
    def _plan(self) -> Plan:
        return PLANS[self.options.plan]

    @property
    def _heard(self) -> int:
        return self.kept_from + len(self.kept)

    def _full(self) -> Iterator[_Due]:
        """Windows that lie in what was heard and are not done."""
        for cursor in self.cursors:
            while _samples(cursor.next + cursor.grid.duration) <= self._heard:
                start = cursor.next * SAMPLE_RATE
                yield _Due(
                    cursor.grid, start, self._cut(start, cursor.grid), self._embedded(cursor)
                )
                cursor.next += cursor.grid.step

    def _last(self) -> Iterator[_Due]:
        """The window of each grid that ends with the recording."""
        for cursor in self.cursors if self._heard else []:
            start = max(0, self._heard - _samples(cursor.grid.duration))
            embedded = (self._embedded_up_to(cursor.next), self.evidence.frames + 1)
            samples = self._cut(start, cursor.grid)
            yield _Due(
                cursor.grid, start, samples, embedded if cursor.grid is self._plan.short else None
            )

    def _cut(self, start: int, grid: Grid) -> _Samples:
        cut = self.kept[start - self.kept_from :][: _samples(grid.duration)]
        missing = _samples(grid.duration) - len(cut)
        return np.pad(cut, (0, missing)) if missing else cut

    def _embedded(self, cursor: _Cursor) -> tuple[int, int] | None:
        """The middle of a window, up to its neighbours' middles; the first one's from the start."""
        if cursor.grid is not self._plan.short or cursor.next % self._plan.hop:
            return None
        return self._embedded_up_to(cursor.next), self._embedded_up_to(cursor.next + self._plan.hop)

    def _embedded_up_to(self, start: int) -> int:
        """The frame at which the middle of the embedded window at or after *start* seconds
        begins.
        """
        hop = self._plan.hop
        start = -(-start // hop) * hop
        return 0 if start == 0 else round((start + (self._plan.short.duration - hop) / 2) / FRAME)

    def _listen(self, due: list[_Due], evidence: Evidence, progress: Progress) -> None:
        """Look through windows of one length after the other, and embed what is to be embedded."""
        work = sum(window.grid.duration for window in due) or 1.0
        done = 0.0
        waiting: list[tuple[NDArray[np.int64], _Samples]] = []
        try:
            networks = self.diarizer.networks
            for grid in self._plan.grids:
                windows = [window for window in due if window.grid is grid]
                looked = networks.activity([window.samples for window in windows])
                for window, (activity, alone) in zip(windows, looked, strict=True):
                    found = Window(
                        grid,
                        round(window.start / SAMPLE_RATE / FRAME) + _FIRST_FRAME,
                        activity,
                        alone,
                    )
                    evidence.windows.append(found)
                    if window.embedded is not None:
                        waiting += _speech(networks, found, window)
                    done += grid.duration
                    progress(0.7 * done / work)
            for first in range(0, len(waiting), 64):
                some = waiting[first : first + 64]
                voices = networks.voices([features for _, features in some])
                evidence.pieces.extend(
                    Piece(frames, voice) for (frames, _), voice in zip(some, voices, strict=True)
                )
                progress(0.7 + 0.3 * (first + len(some)) / len(waiting))
        except (RuntimeError, ValueError, IndexError) as error:
            raise EngineError(f"diarization failed: {error}") from error


def _speech(
    networks: Networks, window: Window, due: _Due
) -> Iterator[tuple[NDArray[np.int64], _Samples]]:
    """Frames and features of each person who speaks alone in the part of a window that is to be
    embedded.
    """
    frames = window.first + np.arange(len(window.alone))
    inside = (
        (frames >= due.embedded[0]) & (frames < due.embedded[1])
        if due.embedded
        else np.zeros_like(frames) > 0
    )
    features: _Samples | None = None
    for speaker in range(window.alone.shape[1]):
        chosen = window.alone[:, speaker] & inside
        if chosen.sum() * FRAME < _SHORTEST_PIECE:
            continue
        if features is None:
            features = networks.features(due.samples)
            at = (
                ((np.arange(len(features)) / _FEATURES_PER_SECOND) / FRAME)
                .astype(int)
                .clip(0, len(chosen) - 1)
            )
        yield frames[chosen], features[chosen[at]]


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)
