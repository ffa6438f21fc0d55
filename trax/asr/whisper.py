"""Recognition with faster-whisper (Radford et al. 2022; CTranslate2)."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.metadata import version
from typing import Any

from trax.asr.engine import Progress, RecognisedWindow, RecognitionOptions
from trax.audio import Waveform
from trax.errors import EngineError, InvalidOption, ModelUnavailable
from trax.models import Model
from trax.transcript import Segment, Word

_SEED = 0


class WhisperRecogniser:
    """A Whisper model in CTranslate2 format, loaded on first use.

    Args:
        device: ``cpu`` or ``cuda``.
        compute_type: CTranslate2's name of the arithmetic, such as ``int8`` or ``float16``.
        threads: for one decoding on the CPU.
    """

    def __init__(self, model: Model, device: str, compute_type: str, threads: int) -> None:
        self._model, self._device, self._compute_type, self._threads = model, device, compute_type, threads

    @property
    def fingerprint(self) -> str:
        """Names model, revision, library version and arithmetic; known without loading the model."""
        library = f"faster-whisper-{version('faster-whisper')}/ctranslate2-{version('ctranslate2')}"
        return f"{library}/{self._model.fingerprint}/{self._device}-{self._compute_type}"

    def recognise(self, waveform: Waveform, options: RecognitionOptions, progress: Progress) -> RecognisedWindow:
        """The words of one window of mono 16 kHz audio. Silero voice activity decides what may be spoken."""
        import ctranslate2

        model = self._whisper
        language = _language(model, options.language)
        ctranslate2.set_random_seed(_SEED)  # sampling after a failed greedy decoding: the same twice
        try:
            found, info = model.transcribe(
                waveform.samples,
                language=language,
                beam_size=options.beam_size,
                word_timestamps=True,
                vad_filter=True,
            )
            segments = tuple(_converted(_watched(found, waveform.duration, progress), waveform.duration))
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"recognition failed: {error}") from error
        if not segments:
            return RecognisedWindow("", 0.0, ())
        return RecognisedWindow(info.language, round(float(info.language_probability), 4), segments)

    @cached_property
    def _whisper(self) -> Any:
        from faster_whisper import WhisperModel

        try:
            return WhisperModel(
                str(self._model.folder()),
                device=self._device,
                compute_type=self._compute_type,
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelUnavailable(self._model.name, f"it cannot be loaded ({error})") from error


def _language(model: Any, wanted: str | None) -> str | None:
    """The language to decode, checked against the model; ``None`` to detect it."""
    if wanted is None or wanted in model.supported_languages:
        return wanted
    if not model.model.is_multilingual:
        raise InvalidOption(f"this model knows English only; take a multilingual one for language {wanted!r}")
    raise InvalidOption(f"the model does not know language {wanted!r}")


def _watched(segments: Iterable[Any], duration: float, progress: Progress) -> Iterator[Any]:
    for segment in segments:
        yield segment
        progress(min(1.0, segment.end / duration))


def _converted(segments: Iterable[Any], duration: float) -> Iterator[Segment]:
    """faster-whisper's segments as ours; all times inside the audio, every word with text kept."""
    for segment in segments:
        words = tuple(
            _word(word.word, word.start, word.end, word.probability, duration) for word in segment.words or ()
        )
        words = words or _spread(segment.text.split(), segment.start, segment.end, duration)
        if words:
            yield Segment(
                words[0].start,
                max(word.end for word in words),
                words,
                temperature=segment.temperature,
                mean_log_probability=round(segment.avg_logprob, 4),
                compression_ratio=round(segment.compression_ratio, 4),
                no_speech_probability=round(segment.no_speech_prob, 4),
            )


def _word(text: str, start: float, end: float, confidence: float | None, duration: float) -> Word:
    start = round(min(max(0.0, start), duration), 3)
    end = round(min(max(start, end), duration), 3)
    known = None if confidence is None else round(float(confidence), 4)
    return Word(start, max(start, end), text.strip(), known, joined=not text.startswith(" "))


def _spread(texts: list[str], start: float, end: float, duration: float) -> tuple[Word, ...]:
    """Words without times of their own, spread evenly."""
    step = (end - start) / max(1, len(texts))
    return tuple(
        _word(" " + text, start + at * step, start + (at + 1) * step, None, duration) for at, text in enumerate(texts)
    )
