"""Whisper models (Radford et al. 2022) in CTranslate2, through faster-whisper."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from itertools import accumulate, chain, pairwise
from typing import Any

from trax.asr.engine import Decoding, LeftOut, OnRead, nobody_reads_along
from trax.asr.language import unknown_language
from trax.asr.whisper_prompt import Told, fitted
from trax.asr.whisper_segments import converted_segments
from trax.asr.whisper_windows import (
    WindowDecoder,
    encoder_frames,
    speech_frames,
    window_features,
)
from trax.audio import Waveform
from trax.errors import EngineError, ModelUnavailable
from trax.models import Model
from trax.progress import Progress
from trax.transcript import Segment, Span

_version = cache(metadata.version)  # it reads files

_SEED = 0
_CPU_BATCH = 8  # windows; more gained nothing
_GPU_BATCH = 24
_WINDOW_BYTES = 512 << 20  # device memory that decoding a window takes with the largest model
_CPU_THREADS = 4  # per batch; more threads are put to better use on another batch


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how models run.

    Attributes:
        device: ``cpu`` or ``cuda``.
        compute_type: CTranslate2's name for the arithmetic, such as ``int8`` or ``float16``.
        threads: on the CPU, for all batches decoded at once.
    """

    device: str
    compute_type: str
    threads: int

    @property
    def workers(self) -> int:
        """Batches decoded at the same time."""
        if self.device != "cpu":
            return 1
        return max(1, self.threads // _CPU_THREADS)


class WhisperDecoder:
    """A Whisper model in CTranslate2 format.

    Args:
        model: its files.
        placement: where it runs.
        loaded: returns faster-whisper's loaded model; called for each decoding, so that a manager
            may unload it in between.
    """

    def __init__(self, model: Model, placement: Placement, loaded: Callable[[], Any]) -> None:
        self._model = model
        self._placement = placement
        self._loaded = loaded

    @property
    def model(self) -> Model:
        """Its files."""
        return self._model

    @property
    def placement(self) -> Placement:
        """Where it runs."""
        return self._placement

    @property
    def name(self) -> str:
        """What people call the model."""
        return self._model.name

    @property
    def languages(self) -> frozenset[str]:
        """Codes of the languages that the model covers; known before the model loads."""
        return self._model.languages

    @property
    def fingerprint(self) -> str:
        """Names model, revision, library version and arithmetic; known before the model loads."""
        library = (
            f"faster-whisper-{_version('faster-whisper')}/ctranslate2-{_version('ctranslate2')}"
        )
        arithmetic = f"{self._placement.device}-{self._placement.compute_type}"
        return f"{library}/{self._model.fingerprint}/{arithmetic}"

    def decode(
        self,
        windows: Sequence[Waveform],
        options: Decoding,
        progress: Progress,
        on_read: OnRead = nobody_reads_along,
    ) -> list[tuple[Segment, ...]]:
        """Decode each window independently, in batches of windows of one rounded length."""
        whisper = self._loaded()
        decoder = WindowDecoder(whisper, self._tokenizer(whisper, options.language), options)
        batches = list(_batches(windows, options.batch_size or self._batch_size()))
        total = max(1e-9, sum(window.duration for window in windows))
        done = 0.0
        found: list[tuple[Segment, ...]] = [()] * len(windows)
        with _engine_errors(), ThreadPoolExecutor(self._placement.workers) as pool:
            grouped = [[windows[at] for at in batch] for batch in batches]
            pending = [pool.submit(decoder.decode, group) for group in grouped]
            try:
                for batch, decoded in zip(batches, pending, strict=True):
                    for at, segments in zip(batch, decoded.result(), strict=True):
                        found[at] = segments
                        on_read(at, segments)
                        done += windows[at].duration
                    progress(min(1.0, done / total))
            finally:  # if progress raises, queued batches never start
                for each in pending:
                    each.cancel()
        return found

    def decode_stretch(
        self,
        waveform: Waveform,
        options: Decoding,
        progress: Progress,
    ) -> tuple[Segment, ...]:
        """Decode minutes of audio, each part conditioned on the text before it."""
        import ctranslate2

        whisper = self._loaded()
        told = self._told(whisper, options)
        ctranslate2.set_random_seed(_SEED)  # makes sampling after a failed decoding repeatable
        with _engine_errors():
            decoded, _info = whisper.transcribe(
                waveform.samples,
                language=options.language,
                beam_size=options.beam_size,
                initial_prompt=options.prompt or None,
                hotwords=told.hotwords or None,
                word_timestamps=True,
                vad_filter=True,
            )
            return tuple(converted_segments(decoded, waveform.duration, progress))

    def align(self, window: Waveform, texts: Sequence[str], language: str) -> list[Span]:
        """Where each of *texts* is said, by the cross-attention that its tokens get."""
        whisper = self._loaded()
        tokenizer = self._tokenizer(whisper, language)
        tokens = [tokenizer.encode(text) for text in texts]
        with _engine_errors():
            encoded = whisper.encode(window_features(whisper, window))
            frames = max(2, speech_frames(window.duration))
            times = whisper.times_of(tokenizer, list(chain(*tokens)), encoded, frames)
        bounds = list(accumulate((len(each) for each in tokens), initial=0))
        found = []
        for first, past in pairwise(bounds):
            start = min(times[first], window.duration)
            found.append(Span(start, min(max(start, times[past]), window.duration)))
        return found

    def left_out(self, options: Decoding) -> LeftOut:
        """What the model has no room for when it decodes with *options*."""
        return self._told(self._loaded(), options).left_out

    def detect_languages(self, windows: Sequence[Waveform]) -> list[dict[str, float]]:
        """The probability of each language in the first thirty seconds of each window."""
        whisper = self._loaded()
        found = []
        with _engine_errors():
            for window in windows:
                encoded = whisper.encode(window_features(whisper, window))
                (ranked,) = whisper.model.detect_language(encoded)
                found.append({token.strip("<|>"): float(share) for token, share in ranked})
        return found

    def _told(self, whisper: Any, options: Decoding) -> Told:
        tokenizer = self._tokenizer(whisper, options.language)
        return fitted(tokenizer, options.hotwords, options.prompt, whisper.max_length)

    def _tokenizer(self, whisper: Any, language: str) -> Any:
        """The tokenizer for *language*, which the model is checked to cover."""
        from faster_whisper.tokenizer import Tokenizer

        known = whisper.hf_tokenizer.token_to_id(f"<|{language}|>") is not None
        if language not in self.languages or not known:
            raise unknown_language(language, {self._model.name: self.languages})
        return Tokenizer(
            whisper.hf_tokenizer,
            whisper.model.is_multilingual,
            task="transcribe",
            language=language,
        )

    def _batch_size(self) -> int:
        """As many windows as fit half of the device's free memory."""
        if self._placement.device == "cpu":
            return _CPU_BATCH
        import torch

        free, _total = torch.cuda.mem_get_info()
        fitting = free // 2 // _WINDOW_BYTES
        return int(max(1, min(_GPU_BATCH, fitting)))


def load_whisper(model: Model, placement: Placement) -> Any:
    """Load *model* with faster-whisper.

    Raises:
        ModelUnavailable: its files are damaged, or it does not fit into memory.
    """
    from trax.asr.whisper_model import RoomyWhisper

    try:
        return RoomyWhisper(
            str(model.folder()),
            device=placement.device,
            compute_type=placement.compute_type,
            cpu_threads=max(1, placement.threads // placement.workers),
            num_workers=placement.workers,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelUnavailable(model.name, f"it cannot be loaded ({error})") from error


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise EngineError(f"recognition failed: {error}") from error


def _batches(windows: Sequence[Waveform], size: int) -> Iterator[list[int]]:
    """Indexes of *windows* in batches of one length and at most *size*, shortest windows first."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for at, window in enumerate(windows):
        by_length[encoder_frames(window)].append(at)
    for frames in sorted(by_length):
        same = by_length[frames]
        for first in range(0, len(same), size):
            yield same[first : first + size]
