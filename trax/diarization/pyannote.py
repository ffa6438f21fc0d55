"""Diarization with pyannote.audio's own pipeline (Bredin, Interspeech 2023), each turn checked by its own voice."""

import math
import warnings
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.diarization.engine import DiarizationOptions, Progress
from trax.diarization.linking import link_windows
from trax.diarization.voices import Embed, check_voices
from trax.errors import EngineError, ModelUnavailable
from trax.models import Model
from trax.transcript import Diarization, Span, Turn

_SHARES = {"segmentation": (0.0, 0.2), "embeddings": (0.2, 0.95)}  # of the work, measured on CPU


class PyannoteDiarizer:
    """A pyannote pipeline, loaded on first use.

    Args:
        model: a pipeline folder, packaged weights, or a gated pipeline in the hub's cache.
        device: ``cpu`` or ``cuda``.
        threads: for torch on the CPU.
        token: for a gated pipeline that names further gated models; empty where there is none.
    """

    def __init__(self, model: Model, device: str, threads: int, token: str = "") -> None:
        self._model, self._device, self._threads, self._token = model, device, threads, token

    @property
    def fingerprint(self) -> str:
        """Names pipeline, revision and library version; known without loading the models."""
        return f"pyannote.audio-{version('pyannote.audio')}/{self._model.fingerprint}/{self._device}"

    def diarize(self, waveform: Waveform, options: DiarizationOptions, progress: Progress) -> Diarization:
        """The turns of one window of mono 16 kHz audio; times count from the window's start."""
        pipeline = self._pipeline
        import torch

        samples = torch.from_numpy(waveform.samples)[None]
        file = {"waveform": samples, "sample_rate": waveform.sample_rate, "uri": "window"}
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
                turns = _turns(output.speaker_diarization, waveform.duration)
                exclusive = _turns(output.exclusive_speaker_diarization, waveform.duration)
                checked = check_voices(turns, exclusive, _embedder(pipeline, samples, waveform.sample_rate))
        except (RuntimeError, ValueError, IndexError) as error:
            raise EngineError(f"diarization failed: {error}") from error
        voices = {
            label: _numbers(vector)
            for label, vector in zip(output.speaker_diarization.labels(), output.speaker_embeddings, strict=True)
        } | {label: _numbers(vector) for label, vector in checked.voices.items()}
        left = {turn.speaker for turn in checked.turns}
        part = Diarization(
            turns=checked.turns,
            exclusive_turns=checked.exclusive_turns,
            embeddings={label: voices[label] for label in sorted(left)},
            engine=self.fingerprint,
        )
        return link_windows([Span(0.0, waveform.duration)], [part], options)

    @cached_property
    def _pipeline(self) -> Any:
        from trax.diarization.torchaudio_import import ensure_torchaudio

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyannote warns of torchcodec, which is not used: audio is passed loaded
            ensure_torchaudio()
            import torch
            from pyannote.audio import Pipeline

            torch.set_num_threads(self._threads)
            try:
                pipeline = Pipeline.from_pretrained(self._folder(), token=self._token or None)
            except (OSError, ImportError, LookupError, RuntimeError, ValueError, AttributeError, TypeError) as error:
                raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error
        if pipeline is None:
            raise ModelUnavailable(self._model.name, "it is not a pyannote pipeline")
        return pipeline.to(torch.device(self._device))

    def _folder(self) -> Path:
        weights = self._model.folder()
        if (weights / "campplus.pt").exists():
            from trax.diarization.packaged import pipeline_folder

            return pipeline_folder(weights)
        return weights


def _hook(progress: Progress) -> Callable[..., None]:
    """Pyannote's progress calls as a share of the whole."""

    def report(step: str, _artifact: object, *, total: int = 0, completed: int = 0, **_: object) -> None:
        if step in _SHARES and total:
            first, last = _SHARES[step]
            progress(first + (last - first) * min(1.0, completed / total))

    return report


def _embedder(pipeline: Any, samples: Any, sample_rate: int) -> Embed:
    """The pipeline's own voice embedding, of a stretch of *samples*."""

    def embed(span: Span) -> NDArray[np.float64]:
        piece = samples[:, round(span.start * sample_rate) : round(span.end * sample_rate)]
        vector: NDArray[np.float64] = pipeline._embedding(piece[None])[0]
        return vector

    return embed


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
