"""Diarization with pyannote.audio's own pipelines, unchanged (Bredin, Interspeech 2023)."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.audio import SAMPLE_RATE, Waveform
from trax.diarization.engine import DiarizationOptions, DiarizationSession
from trax.diarization.linking import link_windows
from trax.errors import EngineError, ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.models.torchaudio_import import LOADING_ERRORS
from trax.progress import Progress
from trax.transcript import Diarization, Span, Turn

_version = cache(metadata.version)  # it reads files

WINDOW = 600.0
"""Seconds diarized at once; bounds memory."""

_SHARES = {"segmentation": (0.0, 0.2), "embeddings": (0.2, 1.0)}  # of the work, measured on CPU


class PyannoteDiarizer:
    """A pyannote pipeline, loaded on first use.

    Args:
        model: a pipeline folder, or a gated pipeline in the hub's cache.
        device: ``cpu`` or ``cuda``.
        threads: for torch on the CPU.
        token: for a gated pipeline that names more gated models; empty without one.
        manager: keeps the pipeline loaded.
    """

    def __init__(
        self,
        model: Model,
        device: str,
        threads: int,
        token: str = "",
        manager: ModelManager | None = None,
    ) -> None:
        self._model = model
        self._device = device
        self._threads = threads
        self._token = token
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known before the models load."""
        library = f"pyannote.audio-{_version('pyannote.audio')}"
        return f"{library}/{self._model.fingerprint}/{self._device}"

    @property
    def voice_model(self) -> str:
        """Names the voice embedding model and its revision."""
        return f"pyannote/{self._model.fingerprint}"

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """Start on a recording."""
        return _Session(self, options)

    def diarize(
        self,
        samples: NDArray[np.float32],
        options: DiarizationOptions,
        progress: Progress,
    ) -> Diarization:
        """Diarize one window of mono 16 kHz audio; times count from the window's start."""
        output = self._run_pipeline(samples, options, progress)
        duration = len(samples) / SAMPLE_RATE
        spoken = output.speaker_diarization
        turns = _turns(spoken, duration)
        voices = dict(zip(spoken.labels(), output.speaker_embeddings, strict=True))
        shown = {turn.speaker for turn in turns}
        return Diarization(
            turns=turns,
            exclusive_turns=_turns(output.exclusive_speaker_diarization, duration),
            embeddings={label: _numbers(voices[label]) for label in voices if label in shown},
            engine=self.fingerprint,
            voice_model=self.voice_model,
        )

    def _run_pipeline(
        self,
        samples: NDArray[np.float32],
        options: DiarizationOptions,
        progress: Progress,
    ) -> Any:
        pipeline = self._manager.get(self.fingerprint, self._measure, self._load)
        import torch

        file = {
            "waveform": torch.from_numpy(samples)[None],
            "sample_rate": SAMPLE_RATE,
            "uri": "window",
        }
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return pipeline(
                    file,
                    num_speakers=options.speakers,
                    min_speakers=options.min_speakers,
                    max_speakers=options.max_speakers,
                    hook=_hook(progress),
                )
        except (RuntimeError, ValueError, IndexError) as error:
            raise EngineError(f"diarization failed: {error}") from error

    def _measure(self) -> Use:
        return Use(self._model.name, folder_size(self._model.folder()))

    def _load(self) -> Any:
        from trax.models.torchaudio_import import ensure_torchaudio

        with warnings.catch_warnings():
            # pyannote warns about torchcodec, which is not used: audio is passed in memory.
            warnings.simplefilter("ignore")
            ensure_torchaudio()
            import torch
            from pyannote.audio import Pipeline

            torch.set_num_threads(self._threads)
            try:
                pipeline = Pipeline.from_pretrained(self._model.folder(), token=self._token or None)
            except LOADING_ERRORS as error:
                reason = f"it cannot be loaded ({error})"
                raise ModelUnavailable(self._model.name, reason) from error
        if pipeline is None:
            raise ModelUnavailable(self._model.name, "it is not a pyannote pipeline")
        return pipeline.to(torch.device(self._device))


@dataclass(slots=True)
class _Session:
    """One recording, diarized in windows of ten minutes whose speakers are then linked."""

    diarizer: PyannoteDiarizer
    options: DiarizationOptions
    windows: list[Span] = field(default_factory=list)
    parts: list[Diarization] = field(default_factory=list)
    waiting: list[NDArray[np.float32]] = field(default_factory=list)
    begin: float = 0.0  # seconds: when what waits began

    def feed(self, chunk: Waveform, progress: Progress) -> None:
        waiting = self._waiting_samples
        if waiting and waiting + len(chunk.samples) > WINDOW * SAMPLE_RATE:
            # Somebody may be silent in one window: a number of speakers is only an upper bound.
            window = self._waiting_window
            part = self._diarize_waiting(_upper_bound(self.options), progress)
            self.windows.append(window)
            self.parts.append(part)
            self.waiting.clear()
            self.begin = window.end
        self.waiting.append(chunk.samples)

    def result(self, progress: Progress) -> Diarization:
        windows = list(self.windows)
        parts = list(self.parts)
        if self._waiting_samples:
            options = _upper_bound(self.options) if self.windows else self.options
            parts.append(self._diarize_waiting(options, progress))
            windows.append(self._waiting_window)
        if not parts:
            return Diarization(
                turns=(),
                exclusive_turns=(),
                embeddings={},
                engine=self.diarizer.fingerprint,
            )
        return link_windows(windows, parts, self.options)

    def forget(self, before: float) -> None:
        gone = sum(window.end <= before for window in self.windows)
        del self.windows[:gone]
        del self.parts[:gone]

    @property
    def _waiting_samples(self) -> int:
        return sum(map(len, self.waiting))

    @property
    def _waiting_window(self) -> Span:
        return Span(self.begin, self.begin + self._waiting_samples / SAMPLE_RATE)

    def _diarize_waiting(self, options: DiarizationOptions, progress: Progress) -> Diarization:
        return self.diarizer.diarize(np.concatenate(self.waiting), options, progress)


def _upper_bound(options: DiarizationOptions) -> DiarizationOptions:
    most = options.speakers or options.max_speakers
    return options.model_copy(update={"speakers": None, "min_speakers": None, "max_speakers": most})


def _hook(progress: Progress) -> Callable[..., None]:
    """Report pyannote's progress calls as a share of the whole."""

    def report(
        step: str,
        _artifact: object,
        *,
        total: int = 0,
        completed: int = 0,
        **_: object,
    ) -> None:
        if step in _SHARES and total:
            first, last = _SHARES[step]
            share = min(1.0, completed / total)
            progress(first + (last - first) * share)

    return report


def _turns(annotation: Any, duration: float) -> tuple[Turn, ...]:
    found = []
    for segment, _track, label in annotation.itertracks(yield_label=True):
        start = round(max(0.0, segment.start), 3)
        end = round(min(segment.end, duration), 3)
        if start < end:
            found.append(Turn(start, end, label))
    return tuple(found)


def _numbers(vector: Any) -> tuple[float, ...]:
    """Plain numbers with six decimals; 0 for what is not finite."""
    values = np.asarray(vector, dtype=np.float64)
    return tuple(round(float(value), 6) if math.isfinite(value) else 0.0 for value in values)
