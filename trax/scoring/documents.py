"""What can be scored: words by speakers, turns, or both, from the formats that references come
in.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trax.errors import InvalidDocument
from trax.transcript import Segment, Transcript, Turn
from trax.transcript.codec import from_json


@dataclass(frozen=True, slots=True)
class Utterance:
    """Some words by one speaker.

    Attributes:
        start: seconds; ``None`` where the document has no times.
        end: seconds.
    """

    speaker: str
    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Scorable:
    """A hypothesis or a reference.

    Attributes:
        utterances: in order; empty where the document holds turns alone.
        turns: empty where the document holds no times.
        speakers_known: whether the document tells speakers apart.
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
        return bool(self.utterances) and all(
            utterance.start is not None for utterance in self.utterances
        )


def scorable(transcript: Transcript) -> Scorable:
    """A transcript of ours as a hypothesis."""
    return Scorable([_utterance(segment) for segment in transcript.segments], transcript.turns)


def read_scorable(path: Path) -> Scorable:
    """A document by its content and suffix: our JSON, SegLST JSON, STM, CTM, RTTM, or plain text.

    Raises:
        InvalidDocument: it cannot be read or parsed.
    """
    try:
        data = path.read_bytes()
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidDocument(
            str(path), getattr(error, "strerror", None) or "it is not UTF-8 text"
        ) from error
    parsers = {".json": _json, ".stm": _stm, ".ctm": _ctm, ".rttm": _rttm}
    parse = parsers.get(path.suffix.lower(), _plain)
    try:
        return parse(path, text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InvalidDocument(
            str(path), f"not valid {path.suffix.lstrip('.') or 'text'} ({error})"
        ) from error


def _json(path: Path, text: str) -> Scorable:
    parsed: Any = json.loads(text)
    if isinstance(parsed, dict):
        return scorable(from_json(Transcript, text.encode(), str(path)))
    return _timed(
        Utterance(
            str(row["speaker"]), str(row["words"]), float(row["start_time"]), float(row["end_time"])
        )
        for row in parsed
    )


def _stm(_path: Path, text: str) -> Scorable:
    rows = (line.split(maxsplit=5) for line in _lines(text))
    return _timed(
        Utterance(row[2], row[5] if len(row) > 5 else "", float(row[3]), float(row[4]))
        for row in rows
    )


def _ctm(_path: Path, text: str) -> Scorable:
    rows = [line.split() for line in _lines(text)]
    words = [
        Utterance("unknown", row[4], float(row[2]), float(row[2]) + float(row[3])) for row in rows
    ]
    return Scorable(words, speakers_known=False)


def _rttm(_path: Path, text: str) -> Scorable:
    rows = [line.split() for line in _lines(text)]
    turns = [
        Turn(float(row[3]), float(row[3]) + float(row[4]), row[7])
        for row in rows
        if row[0].upper() == "SPEAKER"
    ]
    return Scorable(turns=turns)


def _plain(_path: Path, text: str) -> Scorable:
    return Scorable([Utterance("unknown", text)], speakers_known=False)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith((";;", "#"))]


def _timed(utterances: Iterable[Utterance]) -> Scorable:
    found = sorted(utterances, key=lambda utterance: utterance.start or 0.0)
    turns = [
        Turn(utterance.start, utterance.end, utterance.speaker)
        for utterance in found
        if utterance.start is not None and utterance.end is not None
    ]
    return Scorable(found, turns)


def _utterance(segment: Segment) -> Utterance:
    return Utterance(segment.speaker or "unknown", segment.text, segment.start, segment.end)
