"""Whisper models (Radford et al. 2022) in CTranslate2, through faster-whisper.

A window is encoded at its own length plus four seconds of silence, not padded to Whisper's thirty:
for ten seconds of speech that is a fifth of the encoder's work. The model was trained on thirty and
now and then repeats itself on less; such a reading is recognised by `trax.asr.repeats` and made
again at full length.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trax.asr.engine import Decoding, Progress
from trax.asr.repeats import compression_ratio, repeats_itself
from trax.audio import SAMPLE_RATE, Waveform
from trax.errors import EngineError, InvalidOption, ModelUnavailable
from trax.models import Model
from trax.transcript import Segment, Word

_SEED = 0
_FULL_FRAMES = 3000  # thirty seconds: what the models were trained on
_SILENCE_FRAMES = (
    400  # four seconds after a window's end; with three the models repeat themselves more often
)
_FRAMES_PER_SECOND = 100
_TOKENS_PER_SECOND = 9  # nobody speaks faster; bounds a reading that does not end
_UNREAD = 0.6  # seconds: a longer rest after the last word said to be complete is read again
_READ = 1.0  # seconds that must have been read before the rest is: else it would go on for ever
_CPU_BATCH = 8  # windows; more gained nothing
_GPU_BATCH = 24
_WINDOW_BYTES = (
    512 << 20
)  # of device memory that a window of the largest model takes while it is decoded
_CPU_THREADS = 4  # a decoding; more threads are put to better use on another window
_PREPEND, _APPEND = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how models run.

    Attributes:
        device: ``cpu`` or ``cuda``.
        compute_type: CTranslate2's name of the arithmetic, such as ``int8`` or ``float16``.
        threads: on the CPU, for all that is decoded at once.
    """

    device: str
    compute_type: str
    threads: int

    @property
    def workers(self) -> int:
        """Batches decoded at the same time."""
        return max(1, self.threads // _CPU_THREADS) if self.device == "cpu" else 1


class WhisperDecoder:
    """A Whisper model in CTranslate2 format.

    Args:
        loaded: gives the loaded faster-whisper model; asked anew each time, so that a manager may
            unload it.
    """

    def __init__(self, model: Model, placement: Placement, loaded: Callable[[], Any]) -> None:
        self._model, self._placement, self._loaded = model, placement, loaded

    @property
    def multilingual(self) -> bool:
        """Whether it knows more than English; known without loading the model."""
        return self._model.multilingual

    @property
    def fingerprint(self) -> str:
        """Names model, revision, library version and arithmetic; known without loading the
        model.
        """
        library = f"faster-whisper-{version('faster-whisper')}/ctranslate2-{version('ctranslate2')}"
        place = self._placement
        return f"{library}/{self._model.fingerprint}/{place.device}-{place.compute_type}"

    def read(
        self, windows: Sequence[Waveform], options: Decoding, progress: Progress
    ) -> list[tuple[Segment, ...]]:
        """The words of each window, in batches of windows of like length."""
        whisper = self._loaded()
        tokenizer = _tokenizer(whisper, options.language)
        found: list[tuple[Segment, ...]] = [()] * len(windows)
        order = sorted(range(len(windows)), key=lambda at: windows[at].duration)
        size = options.batch_size or self._batch_size()
        batches = [order[at : at + size] for at in range(0, len(order), size)]
        total, done = sum(window.duration for window in windows), 0.0
        with _engine_errors(), ThreadPoolExecutor(self._placement.workers) as pool:
            read = partial(_read_batch, whisper, tokenizer, options)
            reading = [pool.submit(read, [windows[at] for at in batch]) for batch in batches]
            try:
                for batch, segments in zip(batches, reading, strict=True):
                    for at, window_segments in zip(batch, segments.result(), strict=True):
                        found[at] = window_segments
                        done += windows[at].duration
                    progress(min(1.0, done / max(total, 1e-9)))
            finally:  # an error that progress raises ends the work: queued batches never begin
                for each in reading:
                    each.cancel()
        return found

    def read_on(
        self, waveform: Waveform, options: Decoding, progress: Progress
    ) -> tuple[Segment, ...]:
        """The words of one long stretch, each part with the text before it as context."""
        import ctranslate2

        whisper = self._loaded()
        _tokenizer(whisper, options.language)
        ctranslate2.set_random_seed(_SEED)  # sampling after a failed decoding: the same twice
        with _engine_errors():
            found, _info = whisper.transcribe(
                waveform.samples,
                language=options.language,
                beam_size=options.beam_size,
                initial_prompt=options.prompt or None,
                hotwords=options.hotwords or None,
                word_timestamps=True,
                vad_filter=True,
            )
            return tuple(
                _converted(_watched(found, waveform.duration, progress), waveform.duration)
            )

    def languages(self, windows: Sequence[Waveform]) -> list[dict[str, float]]:
        """How likely each window is in each language (its first thirty seconds)."""
        whisper = self._loaded()
        with _engine_errors():
            encoded = (
                whisper.encode(_features(whisper, [window], _short([window]))) for window in windows
            )
            found = [whisper.model.detect_language(each)[0] for each in encoded]
        return [
            {token.strip("<|>"): float(probability) for token, probability in each}
            for each in found
        ]

    def _batch_size(self) -> int:
        """As many windows as half the device's free memory holds."""
        if self._placement.device == "cpu":
            return _CPU_BATCH
        import torch

        free, _total = torch.cuda.mem_get_info()
        return int(max(1, min(_GPU_BATCH, free // 2 // _WINDOW_BYTES)))


def load_whisper(model: Model, placement: Placement) -> Any:
    """faster-whisper's model, loaded.

    Raises:
        ModelUnavailable: its files are broken, or there is no memory for it.
    """
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
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


def _tokenizer(whisper: Any, language: str) -> Any:
    """The tokenizer for *language*, checked against the model."""
    from faster_whisper.tokenizer import Tokenizer

    if language not in whisper.supported_languages:
        if not whisper.model.is_multilingual:
            raise InvalidOption(
                f"this model knows English only; take a multilingual one for language {language!r}"
            )
        raise InvalidOption(f"the model does not know language {language!r}")
    multilingual = whisper.model.is_multilingual
    return Tokenizer(whisper.hf_tokenizer, multilingual, task="transcribe", language=language)


def _read_batch(
    whisper: Any, tokenizer: Any, options: Decoding, windows: Sequence[Waveform]
) -> list[tuple[Segment, ...]]:
    """Each window's segments: first short, again at full length what repeats itself, and once more
    what is left.
    """
    read = _decoded(whisper, tokenizer, windows, options, _short(windows))
    for at, (window, reading) in enumerate(zip(windows, read, strict=True)):
        if repeats_itself(reading.text, window.duration):
            read[at] = _read_carefully(whisper, tokenizer, window, options)
    found = [
        reading.segments(window.duration) for window, reading in zip(windows, read, strict=True)
    ]
    rests = [
        (at, reading.complete_until)
        for at, reading in enumerate(read)
        if _unread(windows[at], reading)
    ]
    if rests:
        tails = [_tail(windows[at], start) for at, start in rests]
        for (at, start), tail in zip(
            rests, _read_batch(whisper, tokenizer, options, tails), strict=True
        ):
            found[at] += tuple(segment.shifted(start) for segment in tail)
    return found


def _read_carefully(
    whisper: Any, tokenizer: Any, window: Waveform, options: Decoding
) -> "_Reading":
    """One window at full length; where even that repeats itself, no three tokens may come twice."""
    (reading,) = _decoded(whisper, tokenizer, [window], options, _FULL_FRAMES)
    if repeats_itself(reading.text, window.duration):
        (reading,) = _decoded(
            whisper, tokenizer, [window], options, _FULL_FRAMES, no_repeat_ngram_size=3
        )
    return reading


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the decoder made of one window.

    Attributes:
        words: the alignment's own dictionaries, punctuation merged.
        complete_until: seconds up to which the decoder says that it has read; the window's end
            where it says nothing.
    """

    text: str
    words: list[dict[str, Any]]
    complete_until: float
    mean_log_probability: float
    no_speech_probability: float

    def segments(self, duration: float) -> tuple[Segment, ...]:
        """The reading as one segment; none where it is empty."""
        words = tuple(
            _word(word["word"], word["start"], word["end"], word["probability"], duration)
            for word in self.words
            if word["word"].strip()
        )
        if not words:
            return ()
        ratio = compression_ratio(self.text)
        return (_segment(words, 0.0, self.mean_log_probability, ratio, self.no_speech_probability),)


def _decoded(
    whisper: Any,
    tokenizer: Any,
    windows: Sequence[Waveform],
    options: Decoding,
    frames: int,
    **limits: int,
) -> list[_Reading]:
    """One batch through encoder, decoder and alignment; in halves where the device's memory does
    not hold it.
    """
    try:
        return _decoded_at_once(whisper, tokenizer, windows, options, frames, **limits)
    except RuntimeError as error:
        if "out of memory" not in str(error).lower() or len(windows) == 1:
            raise
    middle = len(windows) // 2
    halves = (windows[:middle], windows[middle:])
    return [
        reading
        for half in halves
        for reading in _decoded(whisper, tokenizer, half, options, frames, **limits)
    ]


def _decoded_at_once(
    whisper: Any,
    tokenizer: Any,
    windows: Sequence[Waveform],
    options: Decoding,
    frames: int,
    **limits: int,
) -> list[_Reading]:
    encoded = whisper.encode(_features(whisper, windows, frames))
    before = tokenizer.encode(" " + options.prompt.strip()) if options.prompt.strip() else []
    prompt = whisper.get_prompt(
        tokenizer, before, without_timestamps=False, hotwords=options.hotwords or None
    )
    longest = max(window.duration for window in windows)
    results = whisper.model.generate(
        encoded,
        [prompt] * len(windows),
        beam_size=options.beam_size,
        max_length=min(whisper.max_length, len(prompt) + 20 + ceil(longest * _TOKENS_PER_SECOND)),
        return_scores=True,
        return_no_speech_prob=True,
        suppress_blank=True,
        suppress_tokens=[-1],
        **limits,
    )
    tokens = [list(result.sequences_ids[0]) for result in results]
    words = _aligned(whisper, tokenizer, encoded, windows, tokens)
    return [
        _Reading(
            text=tokenizer.decode([token for token in each if token < tokenizer.eot]),
            words=aligned,
            complete_until=_complete_until(each, tokenizer.timestamp_begin, window.duration),
            mean_log_probability=float(result.scores[0]),
            no_speech_probability=float(result.no_speech_prob),
        )
        for window, each, aligned, result in zip(windows, tokens, words, results, strict=True)
    ]


def _aligned(
    whisper: Any,
    tokenizer: Any,
    encoded: Any,
    windows: Sequence[Waveform],
    tokens: Sequence[Sequence[int]],
) -> list[list[dict[str, Any]]]:
    """Each window's words with times from cross-attention, punctuation with the word it belongs
    to.
    """
    from faster_whisper.transcribe import merge_punctuations

    text = [[token for token in each if token < tokenizer.eot] for each in tokens]
    if not any(text):
        return [[] for _ in text]
    frames = [max(2, _frames(window.duration)) for window in windows]
    found: list[list[dict[str, Any]]] = whisper.find_alignment(tokenizer, text, encoded, frames)
    for words in found:
        merge_punctuations(words, _PREPEND, _APPEND)
    return found


def _features(whisper: Any, windows: Sequence[Waveform], frames: int) -> NDArray[np.float32]:
    """Log-mel features, shape ``(windows, mels, frames)``; what a window does not fill is
    silence.
    """
    silence = np.zeros(SAMPLE_RATE, dtype=np.float32)
    each = [
        whisper.feature_extractor(np.concatenate([window.samples, silence]))[:, :frames]
        for window in windows
    ]
    return np.stack(
        [np.pad(found, ((0, 0), (0, frames - found.shape[1])), mode="edge") for found in each]
    )


def _short(windows: Sequence[Waveform]) -> int:
    """The encoder's input frames for the longest of *windows* and the silence after it."""
    return min(_FULL_FRAMES, _frames(max(window.duration for window in windows)) + _SILENCE_FRAMES)


def _frames(duration: float) -> int:
    """The encoder's input frames for *duration* seconds; even, as its stride of two wants them."""
    return ceil(duration * _FRAMES_PER_SECOND / 2) * 2


def _complete_until(tokens: Sequence[int], timestamp_begin: int, duration: float) -> float:
    """Where two timestamps end the reading, the decoder has closed a sentence and says nothing of
    what follows.
    """
    if len(tokens) < 2 or min(tokens[-2:]) < timestamp_begin:
        return duration
    return min(duration, (tokens[-1] - timestamp_begin) * 0.02)


def _unread(window: Waveform, reading: _Reading) -> bool:
    return bool(reading.words) and _READ < reading.complete_until < window.duration - _UNREAD


def _tail(window: Waveform, start: float) -> Waveform:
    return Waveform(window.samples[round(start * window.sample_rate) :], window.sample_rate)


def _watched(segments: Iterable[Any], duration: float, progress: Progress) -> Iterator[Any]:
    for segment in segments:
        yield segment
        progress(min(1.0, segment.end / duration))


def _converted(segments: Iterable[Any], duration: float) -> Iterator[Segment]:
    """faster-whisper's segments as ours; all times inside the audio, every word with text kept."""
    for segment in segments:
        words = tuple(
            _word(word.word, word.start, word.end, word.probability, duration)
            for word in segment.words or ()
        )
        words = words or _spread(segment.text.split(), segment.start, segment.end, duration)
        if words:
            yield _segment(
                words,
                segment.temperature,
                segment.avg_logprob,
                segment.compression_ratio,
                segment.no_speech_prob,
            )


def _segment(
    words: tuple[Word, ...],
    temperature: float,
    mean_log_probability: float,
    ratio: float,
    no_speech: float,
) -> Segment:
    return Segment(
        words[0].start,
        max(word.end for word in words),
        words,
        temperature=temperature,
        mean_log_probability=round(mean_log_probability, 4),
        compression_ratio=round(ratio, 4),
        no_speech_probability=round(no_speech, 4),
    )


def _word(text: str, start: float, end: float, confidence: float | None, duration: float) -> Word:
    start = round(float(min(max(0.0, start), duration)), 3)
    end = round(float(min(max(start, end), duration)), 3)
    known = None if confidence is None else round(float(confidence), 4)
    return Word(start, max(start, end), text.strip(), known, joined=not text.startswith(" "))


def _spread(texts: list[str], start: float, end: float, duration: float) -> tuple[Word, ...]:
    """Words without times of their own, spread evenly."""
    step = (end - start) / max(1, len(texts))
    return tuple(
        _word(" " + text, start + at * step, start + (at + 1) * step, None, duration)
        for at, text in enumerate(texts)
    )
