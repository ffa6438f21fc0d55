"""What can be scored: words by speaker, turns, or both, read from the formats of references."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trax.errors import InvalidDocument
from trax.scoring.texts import decoded, read_cues, voices
from trax.transcript import Segment, Transcript, Turn
from trax.transcript.codec import from_json

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words by one speaker.

    Attributes:
        speaker: any label.
        text: the words.
        start: seconds; ``None`` if the document has no times.
        end: seconds; ``None`` if the document has no times.
    """

    speaker: str
    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Scorable:
    """A hypothesis or a reference.

    Attributes:
        utterances: in order; empty if the document holds turns only.
        turns: empty if the document holds no times.
        speakers_known: whether the document names speakers.
    """

    utterances: Sequence[Utterance] = ()
    turns: Sequence[Turn] = field(default=())
    speakers_known: bool = True

    @property
    def text(self) -> str:
        """All words in order."""
        return " ".join(utterance.text for utterance in self.utterances)

    @property
    def timed(self) -> bool:
        """Whether every utterance has times."""
        if not self.utterances:
            return False
        return all(utterance.start is not None for utterance in self.utterances)


def scorable(transcript: Transcript) -> Scorable:
    """A transcript as a hypothesis."""
    return Scorable([_utterance(segment) for segment in transcript.segments], transcript.turns)


def read_scorable(path: Path) -> Scorable:
    """Read a transcript's JSON, SegLST JSON, STM, CTM, RTTM, SRT, VTT or plain text, by suffix and
    content.

    Raises:
        InvalidDocument: it cannot be read or parsed.
    """
    try:
        text = decoded(path.read_bytes())
    except OSError as error:
        raise InvalidDocument(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InvalidDocument(str(path), "it is not UTF-8 text") from error
    parse = _PARSERS.get(path.suffix.lower(), _plain)
    try:
        return parse(path, text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        format_name = path.suffix.lstrip(".") or "text"
        raise InvalidDocument(str(path), f"not valid {format_name} ({error})") from error


def _json(path: Path, text: str) -> Scorable:
    parsed: Any = json.loads(text)
    if isinstance(parsed, dict):
        return scorable(from_json(Transcript, text.encode(), str(path)))
    utterances = []
    for row in parsed:
        start = float(row["start_time"])
        end = float(row["end_time"])
        utterances.append(Utterance(str(row["speaker"]), str(row["words"]), start, end))
    return _timed(utterances)


def _stm(_path: Path, text: str) -> Scorable:
    utterances = []
    for line in _lines(text):
        _file, _channel, speaker, start, end, *words = line.split(maxsplit=5)
        utterances.append(Utterance(speaker, " ".join(words), float(start), float(end)))
    return _timed(utterances)


def _ctm(_path: Path, text: str) -> Scorable:
    words = []
    for line in _lines(text):
        _file, _channel, start, duration, word, *_confidence = line.split()
        end = float(start) + float(duration)
        words.append(Utterance(_UNKNOWN, word, float(start), end))
    return Scorable(words, speakers_known=False)


def _rttm(_path: Path, text: str) -> Scorable:
    turns = []
    for line in _lines(text):
        row = line.split()
        if row[0].upper() == "SPEAKER":
            start = float(row[3])
            turns.append(Turn(start, start + float(row[4]), row[7]))
    return Scorable(turns=turns)


def _srt(_path: Path, text: str) -> Scorable:
    cues = read_cues(text)
    utterances = [Utterance(_UNKNOWN, cue.text, cue.start, cue.end) for cue in cues]
    return Scorable(utterances, speakers_known=False)


def _vtt(_path: Path, text: str) -> Scorable:
    utterances = []
    for cue in read_cues(text):
        for voice, said in voices(cue):
            utterances.append(Utterance(voice or _UNKNOWN, said, cue.start, cue.end))
    if all(each.speaker == _UNKNOWN for each in utterances):
        return Scorable(utterances, speakers_known=False)
    return _timed(utterances)


def _plain(_path: Path, text: str) -> Scorable:
    return Scorable([Utterance(_UNKNOWN, text)], speakers_known=False)


_PARSERS = {
    ".json": _json,
    ".stm": _stm,
    ".ctm": _ctm,
    ".rttm": _rttm,
    ".srt": _srt,
    ".vtt": _vtt,
}


def _lines(text: str) -> list[str]:
    """Lines that are neither empty nor comments."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [line for line in lines if not line.startswith((";;", "#"))]


def _timed(utterances: Iterable[Utterance]) -> Scorable:
    """Utterances with times, in order, and their turns."""
    found = sorted(utterances, key=lambda utterance: utterance.start or 0.0)
    turns = [
        Turn(utterance.start, utterance.end, utterance.speaker)
        for utterance in found
        if utterance.start is not None and utterance.end is not None
    ]
    return Scorable(found, turns)


def _utterance(segment: Segment) -> Utterance:
    return Utterance(segment.speaker or _UNKNOWN, segment.text, segment.start, segment.end)
