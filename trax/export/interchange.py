"""The line formats that scoring tools read.

RTTM: NIST RT-09 evaluation plan, appendix A. CTM and STM: NIST SCTK documentation, infmts. Names
with white space are joined with underscores, since these formats separate fields by spaces.
"""

from collections.abc import Iterable

from trax.transcript import Transcript

_UNKNOWN = "unknown"


def to_rttm(transcript: Transcript) -> bytes:
    """A ``SPEAKER`` line a turn; turns may overlap."""
    name = _field(transcript.recording.name)
    return _lines(
        f"SPEAKER {name} 1 {turn.start:.3f} {turn.duration:.3f} <NA> <NA> {turn.speaker} <NA> <NA>"
        for turn in transcript.turns
    )


def to_ctm(transcript: Transcript) -> bytes:
    """A line a word: recording, channel, start, duration, word, confidence."""
    name = _field(transcript.recording.name)
    return _lines(
        f"{name} 1 {word.start:.3f} {word.duration:.3f} {_field(word.text)}"
        + ("" if word.confidence is None else f" {word.confidence:.4f}")
        for word in transcript.words
    )


def to_stm(transcript: Transcript) -> bytes:
    """A line a segment: recording, channel, speaker, start, end, text."""
    name = _field(transcript.recording.name)
    return _lines(
        f"{name} 1 {segment.speaker or _UNKNOWN} {segment.start:.3f} {segment.end:.3f} "
        f"{' '.join(segment.text.split())}"
        for segment in transcript.segments
    )


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _field(text: str) -> str:
    return "_".join(text.split()) or "_"
