"""Transcripts as clients of OpenAI read them."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from trax.export import FORMATS
from trax.transcript import Segment, Transcript, Word
from trax.transcript.languages import LANGUAGES
from trax.web.openai.asked import Asked

_LEAST = 1e-6  # a confidence below has no logarithm worth telling

MEDIA_TYPES = {
    "text": "text/plain; charset=utf-8",
    "srt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
}
"""Of answers that are not JSON, by response format."""


def rendered(document: Transcript, asked: Asked) -> str:
    """A transcript in the format that was asked for; JSON unless it is one of `MEDIA_TYPES`."""
    if asked.response_format == "text":
        return f"{document.text}\n"
    if asked.response_format in ("srt", "vtt"):
        return FORMATS[asked.response_format].render(_without_speakers(document)).decode()
    return json.dumps(described(document, asked), ensure_ascii=False)


def described(document: Transcript, asked: Asked) -> dict[str, Any]:
    """A transcript as JSON in the format that was asked for."""
    if asked.response_format == "verbose_json":
        return _verbose(document, asked)
    if asked.response_format == "diarized_json":
        return _diarized(document)
    answer: dict[str, Any] = {"text": document.text, "usage": _usage(document)}
    if asked.confidence:
        answer["logprobs"] = _logprobs(document)
    return answer


def streamed(document: Transcript, asked: Asked) -> Iterator[dict[str, Any]]:
    """The events of a transcript that is streamed."""
    by_segment = asked.response_format == "diarized_json"
    for at, segment in enumerate(document.segments):
        if by_segment:
            yield _speaking(document, at, segment)
        else:
            gap = " " if at else ""
            yield {"type": "transcript.text.delta", "delta": gap + segment.text}
    done = {"type": "transcript.text.done", "text": document.text, "usage": _usage(document)}
    yield done | ({"logprobs": _logprobs(document)} if asked.confidence else {})


def _verbose(document: Transcript, asked: Asked) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "task": "transcribe",
        "language": LANGUAGES.get(document.language, document.language).lower(),
        "duration": document.recording.duration,
        "text": document.text,
        "usage": _usage(document),
    }
    if "segment" in asked.granularities:
        segments = enumerate(document.segments)
        answer["segments"] = [_segment(document, at, each) for at, each in segments]
    if "word" in asked.granularities:
        answer["words"] = [_word(document, word) for word in document.words]
    return answer


def _segment(document: Transcript, at: int, segment: Segment) -> dict[str, Any]:
    """A segment; what no decoder has said is 0."""
    return {
        "id": at,
        "seek": 0,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "tokens": [],
        "temperature": segment.temperature or 0.0,
        "avg_logprob": segment.mean_log_probability or 0.0,
        "compression_ratio": segment.compression_ratio or 0.0,
        "no_speech_prob": segment.no_speech_probability or 0.0,
        "confidence": segment.confidence,
        "speaker": _name(document, segment.speaker),
    }


def _word(document: Transcript, word: Word) -> dict[str, Any]:
    return {
        "word": word.text,
        "start": word.start,
        "end": word.end,
        "confidence": word.confidence,
        "speaker": _name(document, word.speaker),
    }


def _diarized(document: Transcript) -> dict[str, Any]:
    segments = enumerate(document.segments)
    return {
        "task": "transcribe",
        "duration": document.recording.duration,
        "text": document.text,
        "segments": [_speaking(document, at, each) for at, each in segments],
        "usage": _usage(document),
    }


def _speaking(document: Transcript, at: int, segment: Segment) -> dict[str, Any]:
    return {
        "type": "transcript.text.segment",
        "id": f"seg_{at}",
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "speaker": document.display_name(segment.speaker),
    }


def _name(document: Transcript, speaker: str | None) -> str | None:
    return None if speaker is None else document.display_name(speaker)


def _usage(document: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(document.recording.duration)}


def _logprobs(document: Transcript) -> list[dict[str, Any]]:
    """How sure each word is: its confidence's logarithm, as that of a token."""
    return [
        {
            "token": word.text,
            "logprob": math.log(max(_LEAST, word.confidence or 0.0)),
            "bytes": list(word.text.encode()),
        }
        for word in document.words
    ]


def _without_speakers(document: Transcript) -> Transcript:
    """The document for subtitles that name nobody."""
    segments = tuple(
        replace(
            segment,
            speaker=None,
            words=tuple(replace(word, speaker=None) for word in segment.words),
        )
        for segment in document.segments
    )
    return replace(document, segments=segments, speakers=())
