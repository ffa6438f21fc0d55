"""The line formats that scoring tools read.

RTTM: NIST RT-09 evaluation plan, appendix A. CTM and STM: NIST SCTK documentation, infmts. These
formats separate fields by spaces, so spaces within a name become underscores.
"""

from collections.abc import Sequence

from trax.transcript import Transcript, Turn, Word

_UNKNOWN = "unknown"
_CHANNEL = 1


def to_rttm(transcript: Transcript) -> bytes:
    """A ``SPEAKER`` line for each turn; turns may overlap."""
    name = _field(transcript.recording.name)
    return _encoded([_rttm_line(name, turn) for turn in transcript.turns])


def to_ctm(transcript: Transcript) -> bytes:
    """A line for each word: recording, channel, start, duration, word, confidence if known."""
    name = _field(transcript.recording.name)
    return _encoded([_ctm_line(name, word) for word in transcript.words])


def to_stm(transcript: Transcript) -> bytes:
    """A line for each segment: recording, channel, speaker, start, end, text."""
    name = _field(transcript.recording.name)
    lines = []
    for segment in transcript.segments:
        speaker = segment.speaker or _UNKNOWN
        text = " ".join(segment.text.split())
        times = f"{segment.start:.3f} {segment.end:.3f}"
        lines.append(f"{name} {_CHANNEL} {speaker} {times} {text}")
    return _encoded(lines)


def _rttm_line(name: str, turn: Turn) -> str:
    times = f"{turn.start:.3f} {turn.duration:.3f}"
    return f"SPEAKER {name} {_CHANNEL} {times} <NA> <NA> {turn.speaker} <NA> <NA>"


def _ctm_line(name: str, word: Word) -> str:
    times = f"{word.start:.3f} {word.duration:.3f}"
    line = f"{name} {_CHANNEL} {times} {_field(word.text)}"
    if word.confidence is None:
        return line
    return f"{line} {word.confidence:.4f}"


def _encoded(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _field(text: str) -> str:
    return "_".join(text.split()) or "_"
