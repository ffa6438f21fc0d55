"""The line formats that scoring tools read, in order of time.

RTTM: NIST RT-09 evaluation plan, appendix A. CTM and STM: NIST SCTK documentation, infmts. These
formats separate fields by spaces and begin comments with a semicolon, so spaces within a field and
semicolons at its beginning become underscores.
"""

from collections.abc import Iterable, Sequence

from trax.transcript import Segment, Transcript, Turn, Word

_UNKNOWN = "unknown"
_CHANNEL = 1


def to_rttm(transcript: Transcript) -> bytes:
    """A ``SPEAKER`` line for each turn; turns may overlap."""
    name = _field(transcript.recording.name)
    labels = _labels(turn.speaker for turn in transcript.turns)
    turns = sorted(transcript.turns, key=lambda turn: turn.start)
    return _encoded([_rttm_line(name, turn, labels[turn.speaker]) for turn in turns])


def to_ctm(transcript: Transcript) -> bytes:
    """A line for each word: recording, channel, start, duration, word, confidence if known."""
    name = _field(transcript.recording.name)
    words = [word for word in transcript.words if word.text.strip()]
    words.sort(key=lambda word: word.start)
    return _encoded([_ctm_line(name, word) for word in words])


def to_stm(transcript: Transcript) -> bytes:
    """A line for each segment: recording, channel, speaker, start, end, text."""
    name = _field(transcript.recording.name)
    labels = _labels(segment.speaker for segment in transcript.segments)
    segments = sorted(transcript.segments, key=lambda segment: segment.start)
    return _encoded([_stm_line(name, segment, labels[segment.speaker]) for segment in segments])


def _rttm_line(name: str, turn: Turn, label: str) -> str:
    times = f"{turn.start:.3f} {turn.duration:.3f}"
    return f"SPEAKER {name} {_CHANNEL} {times} <NA> <NA> {label} <NA> <NA>"


def _ctm_line(name: str, word: Word) -> str:
    times = f"{word.start:.3f} {word.duration:.3f}"
    line = f"{name} {_CHANNEL} {times} {_field(word.text)}"
    if word.confidence is None:
        return line
    return f"{line} {word.confidence:.4f}"


def _stm_line(name: str, segment: Segment, label: str) -> str:
    text = " ".join(segment.text.split())
    times = f"{segment.start:.3f} {segment.end:.3f}"
    return f"{name} {_CHANNEL} {label} {times} {text}".rstrip()


def _labels(speakers: Iterable[str | None]) -> dict[str | None, str]:
    """A field for each speaker; no two speakers have the same."""
    found: dict[str | None, str] = {}
    for speaker in dict.fromkeys(speakers):
        plain = field = _field(speaker) if speaker and speaker.strip() else _UNKNOWN
        count = 1
        while field in found.values():
            count += 1
            field = f"{plain}_{count}"
        found[speaker] = field
    return found


def _encoded(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _field(text: str) -> str:
    joined = "_".join(text.split())
    bare = joined.lstrip(";")
    return "_" * (len(joined) - len(bare)) + bare or "_"
