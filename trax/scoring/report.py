"""Every measure that two documents allow."""

from dataclasses import dataclass

from trax.scoring.documents import Scorable
from trax.scoring.turns import DiarizationErrors, diarization_errors
from trax.scoring.words import (
    ErrorRate,
    speaker_error_rate,
    timed_speaker_error_rate,
    word_error_rate,
)

_COLLAR = 0.25  # seconds on each side of a reference boundary


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What could be measured; ``None`` for what the documents do not hold.

    Attributes:
        wer: word error rate, whoever speaks.
        cpwer: word error rate with speakers.
        tcpwer: word error rate with speakers and times.
        der: diarization error rate without collar.
        der_collar: with 0.25 s on each side of a reference boundary.
    """

    wer: ErrorRate | None = None
    cpwer: ErrorRate | None = None
    tcpwer: ErrorRate | None = None
    der: DiarizationErrors | None = None
    der_collar: DiarizationErrors | None = None


def score(hypothesis: Scorable, reference: Scorable, language: str = "en") -> Scores:
    """Measure *hypothesis* against *reference*: words, words by speaker, turns."""
    turns = _both_have_turns(hypothesis, reference)
    words = bool(hypothesis.utterances or hypothesis.turns) and bool(reference.utterances)
    by_speaker = words and hypothesis.speakers_known and reference.speakers_known
    timed = by_speaker and reference.timed and (hypothesis.timed or not hypothesis.utterances)
    said = reference.utterances
    recognised = hypothesis.utterances
    return Scores(
        wer=word_error_rate(reference.text, hypothesis.text, language) if words else None,
        cpwer=speaker_error_rate(said, recognised, language) if by_speaker else None,
        tcpwer=timed_speaker_error_rate(said, recognised, language) if timed else None,
        der=diarization_errors(reference.turns, hypothesis.turns) if turns else None,
        der_collar=_with_collar(hypothesis, reference) if turns else None,
    )


def _both_have_turns(hypothesis: Scorable, reference: Scorable) -> bool:
    """Whether turns can be compared; a timed hypothesis without turns has nobody speaking."""
    return bool(reference.turns) and (bool(hypothesis.turns) or hypothesis.timed)


def _with_collar(hypothesis: Scorable, reference: Scorable) -> DiarizationErrors:
    return diarization_errors(reference.turns, hypothesis.turns, collar=_COLLAR)
