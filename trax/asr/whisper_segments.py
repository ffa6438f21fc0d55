"""faster-whisper's segments and words as Trax's own, with all times inside the audio."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from trax.asr.engine import DecodedWord
from trax.progress import Progress
from trax.transcript import Segment, Word


def converted_segments(
    segments: Iterable[Any],
    duration: float,
    progress: Progress,
) -> Iterator[Segment]:
    """Convert segments as faster-whisper decodes them from *duration* seconds of audio.

    Segments without text are left out. Words of a segment that was not aligned are spread over it.
    """
    for segment in segments:
        words = _words(segment, duration)
        if words:
            yield make_segment(
                words,
                temperature=segment.temperature,
                mean_log_probability=segment.avg_logprob,
                compression_ratio=segment.compression_ratio,
                no_speech_probability=segment.no_speech_prob,
            )
        progress(min(1.0, segment.end / duration))


def aligned_words(words: Iterable[Mapping[str, Any]], duration: float) -> tuple[Word, ...]:
    """Convert the words of an alignment, leaving out those without text."""
    found = []
    for word in words:
        text = word["word"]
        if text.strip():
            plain = _word(text, word["start"], word["end"], word["probability"], duration)
            found.append(_decoded(plain, word))
    return tuple(found)


def spread_words(
    texts: Sequence[str],
    start: float,
    end: float,
    duration: float,
) -> tuple[Word, ...]:
    """Words without times of their own, spread evenly from *start* to *end*."""
    step = (end - start) / max(1, len(texts))
    found = []
    for at, text in enumerate(texts):
        word_start = start + at * step
        word_end = start + (at + 1) * step
        found.append(_word(" " + text, word_start, word_end, None, duration))
    return tuple(found)


def make_segment(
    words: tuple[Word, ...],
    *,
    temperature: float,
    mean_log_probability: float,
    compression_ratio: float,
    no_speech_probability: float,
) -> Segment:
    """A segment of *words* with the decoder's figures, rounded."""
    return Segment(
        words[0].start,
        max(word.end for word in words),
        words,
        temperature=temperature,
        mean_log_probability=round(mean_log_probability, 4),
        compression_ratio=round(compression_ratio, 4),
        no_speech_probability=round(no_speech_probability, 4),
    )


def _decoded(word: Word, aligned: Mapping[str, Any]) -> DecodedWord:
    return DecodedWord(
        word.start,
        word.end,
        word.text,
        word.confidence,
        joined=word.joined,
        weakest=round(float(aligned["weakest"]), 4),
        log_probability=round(float(aligned["log_probability"]), 4),
        choices=tuple(aligned.get("choices", ())),
    )


def _words(segment: Any, duration: float) -> tuple[Word, ...]:
    if not segment.words:
        return spread_words(segment.text.split(), segment.start, segment.end, duration)
    return tuple(
        _word(word.word, word.start, word.end, word.probability, duration) for word in segment.words
    )


def _word(text: str, start: float, end: float, probability: float | None, duration: float) -> Word:
    start = round(float(min(max(0.0, start), duration)), 3)
    end = round(float(min(max(start, end), duration)), 3)
    return Word(
        start,
        max(start, end),
        text.strip(),
        None if probability is None else round(float(probability), 4),
        joined=not text.startswith(" "),
    )
