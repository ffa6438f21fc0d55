"""Diarization with pyannote.audio's own pipeline, as it is (Bredin, Interspeech 2023)."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.audio import SAMPLE_RATE, Waveform
from trax.diarization.engine import DiarizationOptions, DiarizationSession, Progress
from trax.diarization.linking import link_windows
from trax.errors import EngineError, ModelUnavailable
from trax.models import Model, ModelManager, Use, folder_size
from trax.transcript import Diarization, Span, Turn

WINDOW = 600.0
"""Seconds diarized at once; bounds memory."""

_SHARES = {"segmentation": (0.0, 0.2), "embeddings": (0.2, 1.0)}  # of the work, measured on CPU


class PyannoteDiarizer:
    """A pyannote pipeline, loaded on first use.

    Args:
        model: a pipeline folder, or a gated pipeline in the hub's cache.
        device: ``cpu`` or ``cuda``.
        threads: for torch on the CPU.
        token: for a gated pipeline that names further gated models; empty where there is none.
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
        self._model, self._device, self._threads, self._token = model, device, threads, token
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known without loading the models."""
        return (
            f"pyannote.audio-{version('pyannote.audio')}/{self._model.fingerprint}/{self._device}"
        )

    @property
    def voice_model(self) -> str:
        """Names the model of the voice embeddings and its revision."""
        return f"pyannote/{self._model.fingerprint}"

    def begin(self, options: DiarizationOptions) -> DiarizationSession:
        """Start on a recording."""
        return _Session(self, options)

    def diarize(
        self, samples: NDArray[np.float32], options: DiarizationOptions, progress: Progress
    ) -> Diarization:
        """The turns of one window of mono 16 kHz audio; times count from the window's start."""
        pipeline = self._manager.get(
            self.fingerprint,
            lambda: Use(self._model.name, folder_size(self._model.folder())),
            self._load,
        )
        import torch

        file = {
            "waveform": torch.from_numpy(samples)[None],
            "sample_rate": SAMPLE_RATE,
            "uri": "window",
        }
        duration = len(samples) / SAMPLE_RATE
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                output = pipeline(
                    file,
                    num_speakers=options.speakers,
                    min_speakers=options.min_speakers,
                    max_speakers=options.max_speakers,
                    hook=_hook(progress),
                )
        except (RuntimeError, ValueError, IndexError) as error:
            raise EngineError(f"diarization failed: {error}") from error
        turns = _turns(output.speaker_diarization, duration)
        voices = zip(output.speaker_diarization.labels(), output.speaker_embeddings, strict=True)
        spoken = {turn.speaker for turn in turns}
        return Diarization(
            turns=turns,
            exclusive_turns=_turns(output.exclusive_speaker_diarization, duration),
            embeddings={label: _numbers(vector) for label, vector in voices if label in spoken},
            engine=self.fingerprint,
            voice_model=self.voice_model,
        )

    def _load(self) -> Any:
        from trax.diarization.torchaudio_import import ensure_torchaudio

        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # pyannote warns of torchcodec, which is not used: audio is passed loaded
            ensure_torchaudio()
            import torch
            from pyannote.audio import Pipeline

            torch.set_num_threads(self._threads)
            try:
                pipeline = Pipeline.from_pretrained(self._model.folder(), token=self._token or None)
            except (
                OSError,
                ImportError,
                LookupError,
                RuntimeError,
                ValueError,
                AttributeError,
                TypeError,
            ) as error:
                raise ModelUnavailable(
                    self._model.name, f"it cannot be loaded ({error})"
                ) from error
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

    def hear(self, chunk: Waveform, progress: Progress) -> None:
        waiting = sum(map(len, self.waiting))
        if waiting and waiting + len(chunk.samples) > WINDOW * SAMPLE_RATE:
            # Somebody may be silent in one window: there, a number of speakers is an upper bound.
            window, part = self._next(_upper_bound(self.options), progress)
            self.windows.append(window)
            self.parts.append(part)
            self.waiting.clear()
        self.waiting.append(chunk.samples)

    def told(self, progress: Progress) -> Diarization:
        bounds = _upper_bound(self.options) if self.windows else self.options
        last = [self._next(bounds, progress)] if sum(map(len, self.waiting)) else []
        windows = [*self.windows, *(window for window, _ in last)]
        parts = [*self.parts, *(part for _, part in last)]
        if not parts:
            return Diarization(
                turns=(), exclusive_turns=(), embeddings={}, engine=self.diarizer.fingerprint
            )
        return link_windows(windows, parts, self.options)

    def _next(self, options: DiarizationOptions, progress: Progress) -> tuple[Span, Diarization]:
        samples = np.concatenate(self.waiting)
        start = self.windows[-1].end if self.windows else 0.0
        window = Span(start, start + len(samples) / SAMPLE_RATE)
        return window, self.diarizer.diarize(samples, options, progress)


def _upper_bound(options: DiarizationOptions) -> DiarizationOptions:
    most = options.speakers or options.max_speakers
    return options.model_copy(update={"speakers": None, "min_speakers": None, "max_speakers": most})


def _hook(progress: Progress) -> Callable[..., None]:
    """Pyannote's progress calls as a share of the whole."""

    def report(
        step: str, _artifact: object, *, total: int = 0, completed: int = 0, **_: object
    ) -> None:
        if step in _SHARES and total:
            first, last = _SHARES[step]
            progress(first + (last - first) * min(1.0, completed / total))

    return report


def _turns(annotation: Any, duration: float) -> tuple[Turn, ...]:
    found = (
        Turn(round(max(0.0, segment.start), 3), round(min(segment.end, duration), 3), label)
        for segment, _, label in annotation.itertracks(yield_label=True)
        if round(min(segment.end, duration), 3) > round(max(0.0, segment.start), 3)
    )
    return tuple(found)


def _numbers(vector: Any) -> tuple[float, ...]:
    values = np.asarray(vector, dtype=np.float64)
    return tuple(round(float(value), 6) if math.isfinite(value) else 0.0 for value in values)
