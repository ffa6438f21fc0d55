"""Diarization with segmentation-3.0 and CAM++ voices, built for speed and for long recordings.

As in pyannote.audio (Bredin, Interspeech 2023), a network tells apart up to three speakers in
sliding windows, and voice embeddings join them over the recording. Unlike there, each stretch of
speech is embedded once, windows of two lengths vote with their probabilities, and audio is taken
chunk by chunk.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from trax.audio import SAMPLE_RATE, Waveform
from trax.diarization.clustering import find_speakers
from trax.diarization.engine import DiarizationOptions, DiarizationSession
from trax.diarization.evidence import FRAME, Evidence, Piece, Window, since
from trax.diarization.networks import Networks
from trax.diarization.plans import PLANS, Grid
from trax.diarization.sliding import DueWindow, Samples, SlidingWindows
from trax.diarization.turns import build_diarization
from trax.errors import EngineError, ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.models.torchaudio_import import LOADING_ERRORS
from trax.progress import Progress
from trax.transcript import Activity, Diarization
from trax.transcript.cautions import WARNINGS

_version = cache(metadata.version)  # it reads files

VERSION = 2
"""Grows whenever the same audio comes to give other turns."""

_FIRST_FRAME = 1
"""Frames from a window's start to the middle of what its first segmentation frame sees."""

_SHORTEST_PIECE = 0.2
"""Seconds of one speaker alone below which no voice is embedded."""

_FEATURES_PER_SECOND = 100
_SEGMENTATION = 0.7  # share of the work that segmentation takes
_BATCH = 64  # pieces embedded between two progress calls

_Speech = tuple[NDArray[np.int64], Samples]
"""The recording's frames in which one speaker speaks alone, and the features there."""


class PackagedDiarizer:
    """Segmentation-3.0 and CAM++, loaded on first use.

    Args:
        model: the packaged weights.
        device: ``cpu`` or ``cuda``.
        threads: for torch on the CPU.
        manager: keeps the networks loaded.
    """

    def __init__(
        self,
        model: Model,
        device: str,
        threads: int,
        manager: ModelManager | None = None,
    ) -> None:
        self._model = model
        self._device = device
        self._threads = threads
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known before the models load."""
        library = _version("pyannote.audio")
        engine = f"trax-diarization-{VERSION}/pyannote.audio-{library}"
        return f"{engine}/{self._model.fingerprint}/{self._device}"

    @property
    def voice_model(self) -> str:
        """Names the voice embedding model and its revision."""
        return f"campplus/{self._model.fingerprint}"

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """Start on a recording."""
        return _Session(self, options, SlidingWindows(PLANS[options.plan]))

    @property
    def networks(self) -> Networks:
        """Both networks, in memory.

        Raises:
            ModelUnavailable: they cannot be loaded.
        """
        return self._manager.get(self.fingerprint, self._measure, self._load)

    def _measure(self) -> Use:
        return Use(self._model.name, folder_size(self._model.folder()))

    def _load(self) -> Networks:
        try:
            return Networks(self._model.folder(), self._device, self._threads)
        except LOADING_ERRORS as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error


@dataclass(slots=True)
class _Session:
    """One recording, segmented and embedded window by window as it arrives."""

    diarizer: PackagedDiarizer
    options: DiarizationOptions
    windows: SlidingWindows
    evidence: Evidence = field(default_factory=Evidence)
    forgotten: int = 0  # frames whose evidence was let go

    def feed(self, chunk: Waveform, progress: Progress) -> None:
        self.windows.add(chunk.samples)
        self.evidence = replace(self.evidence, duration=self.windows.duration)
        self._analyse(list(self.windows.complete()), self.evidence, progress)
        self.windows.discard_seen()

    def result(self, progress: Progress) -> Diarization:
        evidence = Evidence(
            self.evidence.duration,
            list(self.evidence.windows),
            list(self.evidence.pieces),
        )
        self._analyse(list(self.windows.last()), evidence, progress)
        recent = since(evidence, self.forgotten)
        speakers = find_speakers(recent, self.options)
        fingerprint = self.diarizer.fingerprint
        found = build_diarization(recent, speakers, fingerprint, self.diarizer.voice_model)
        found = replace(found, warnings=(*found.warnings, *self._missing(found)))
        return _later(found, self.forgotten * FRAME) if self.forgotten else found

    def forget(self, before: float) -> None:
        self.forgotten = max(self.forgotten, int(before / FRAME))
        kept = since(self.evidence, self.forgotten)
        self.evidence = since(kept, -self.forgotten)

    def _missing(self, found: Diarization) -> Iterator[str]:
        """A warning if fewer speakers were found than were asked for."""
        asked, _most = self.options.bounds
        count = len(found.embeddings)
        if asked > max(count, 1):
            yield WARNINGS.say("fewer-speakers", asked=asked, count=count)

    def _analyse(self, due: Sequence[DueWindow], evidence: Evidence, progress: Progress) -> None:
        """Segment windows of one length after the other, then embed the speech found in them."""
        try:
            networks = self.diarizer.networks
            speech = _segmented(networks, due, evidence, progress)
            _embed(networks, speech, evidence, progress)
        except (RuntimeError, ValueError, IndexError) as error:
            raise EngineError(f"diarization failed: {error}") from error


def _later(found: Diarization, seconds: float) -> Diarization:
    """Turns so much later; what is said of every moment from the start on is left out."""
    return replace(
        found,
        turns=tuple(turn.shifted(seconds) for turn in found.turns),
        exclusive_turns=tuple(turn.shifted(seconds) for turn in found.exclusive_turns),
        activity=Activity(),
        samples=(),
    )


def _segmented(
    networks: Networks,
    due: Sequence[DueWindow],
    evidence: Evidence,
    progress: Progress,
) -> list[_Speech]:
    """Add the windows to *evidence*, and return the speech to embed."""
    speech: list[_Speech] = []
    work = sum(window.grid.duration for window in due) or 1.0
    done = 0.0
    for windows in _by_grid(due):
        activities = networks.activity([window.samples for window in windows])
        for window, (activity, alone) in zip(windows, activities, strict=True):
            first = round(window.start / SAMPLE_RATE / FRAME) + _FIRST_FRAME
            found = Window(window.grid, first, activity, alone)
            evidence.windows.append(found)
            if window.embedded is not None:
                speech.extend(_speech(networks, found, window.samples, *window.embedded))
            done += window.grid.duration
            progress(_SEGMENTATION * done / work)
    return speech


def _by_grid(due: Iterable[DueWindow]) -> Iterable[list[DueWindow]]:
    """The windows of each grid, in the order in which grids come first."""
    grouped: dict[Grid, list[DueWindow]] = {}
    for window in due:
        grouped.setdefault(window.grid, []).append(window)
    return grouped.values()


def _embed(
    networks: Networks,
    speech: Sequence[_Speech],
    evidence: Evidence,
    progress: Progress,
) -> None:
    """Embed *speech*, and add the pieces to *evidence*."""
    for first in range(0, len(speech), _BATCH):
        batch = speech[first : first + _BATCH]
        embeddings = networks.voices([features for _frames, features in batch])
        for (frames, _features), embedding in zip(batch, embeddings, strict=True):
            evidence.pieces.append(Piece(frames, embedding))
        embedded = (first + len(batch)) / len(speech)
        progress(_SEGMENTATION + (1 - _SEGMENTATION) * embedded)


def _speech(
    networks: Networks,
    window: Window,
    samples: Samples,
    first: int,
    past: int,
) -> Iterator[_Speech]:
    """The speech of each local speaker alone, in the frames from *first* to before *past*."""
    frames = window.first + np.arange(len(window.alone))
    inside = (frames >= first) & (frames < past)
    features: Samples | None = None
    for speaker in range(window.alone.shape[1]):
        chosen = window.alone[:, speaker] & inside
        if chosen.sum() * FRAME < _SHORTEST_PIECE:
            continue
        if features is None:
            features = networks.features(samples)
            seconds = np.arange(len(features)) / _FEATURES_PER_SECOND
            frame_of = (seconds / FRAME).astype(int).clip(0, len(chosen) - 1)
        yield frames[chosen], features[chosen[frame_of]]
