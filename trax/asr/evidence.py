"""Word hypotheses, each with the evidence for and against it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from trax.asr.alternatives import likeliest, voted_alternatives
from trax.asr.engine import DecodedWord
from trax.merge.voting import Voted
from trax.transcript import Alternative, Segment, Span, Word

_UNKNOWN = 0.5  # probability of a word for which the decoder gave none


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about a word besides its text.

    Attributes:
        probability: the decoder's probability, averaged over the word's tokens.
        mean_log_probability: mean over all tokens of the word's segment.
        no_speech_probability: the decoder's probability that the segment holds no speech.
        compression_ratio: compression ratio of the segment's text.
        weakest: probability of the word's least probable token; ``None`` if the decoder gave none.
        log_probability: mean over the word's tokens; ``None`` if the decoder gave none.
        from_start: seconds from the start of the window or stretch that was read.
        to_end: seconds to its end.
        readings: how many passes have decoded this place.
        agreed: how many other passes have the same word.
        support: the highest probability that another pass has for the same word.
        rival: the highest probability that another pass has for its least sure word of those it has
            instead.
        model: name of the model that read it.
    """

    probability: float
    mean_log_probability: float
    no_speech_probability: float
    compression_ratio: float
    weakest: float | None = None
    log_probability: float | None = None
    from_start: float = 0.0
    to_end: float = 0.0
    readings: int = 1
    agreed: int = 0
    support: float = 0.0
    rival: float = 0.0
    model: str = ""

    @property
    def disputed(self) -> int:
        """How many other passes have something else."""
        return self.readings - 1 - self.agreed


@dataclass(frozen=True, slots=True)
class WordHypothesis(Word):
    """A word with its evidence; ``confidence`` is its weight in a vote."""

    evidence: Evidence | None = None


def with_evidence(
    segments: Iterable[Segment], read: Span, model: str = ""
) -> Iterator[WordHypothesis]:
    """The words of segments that *model* decoded from the span *read*, each in its place, with its
    evidence and what else the model had for it.
    """
    for segment in segments:
        for word in segment.words:
            yield WordHypothesis(
                word.start + read.start,
                word.end + read.start,
                word.text,
                _probability(word),
                joined=word.joined,
                evidence=_evidence(segment, word, read.duration, model),
                alternatives=_alternatives(word, model),
            )


def voted_words(votes: Sequence[Voted[WordHypothesis]]) -> list[WordHypothesis]:
    """The words that won a vote, with the vote added to their evidence.

    A word that both passes have is more certain than either pass; the probability of the pass that
    won stays the word's own.
    """
    return [_voted_word(vote) for vote in votes]


def _voted_word(vote: Voted[WordHypothesis]) -> WordHypothesis:
    confidence = vote.word.confidence or 0.0
    if vote.agreed:
        confidence = 1 - (1 - confidence) * (1 - vote.other)
    evidence = vote.word.evidence
    if evidence is not None:
        others = [word.evidence for word in vote.against if word.evidence is not None]
        evidence = _supported(evidence, others) if vote.agreed else _disputed(evidence, others)
    return replace(
        vote.word,
        confidence=confidence,
        evidence=evidence,
        alternatives=voted_alternatives(vote, _other_model(vote)),
    )


def _other_model(vote: Voted[WordHypothesis]) -> str:
    """The model that made the reading that lost."""
    for word in (*vote.against, *vote.unheard):
        if word.evidence is not None:
            return word.evidence.model
    return ""


def _supported(evidence: Evidence, others: Sequence[Evidence]) -> Evidence:
    """The evidence for a word together with that for the same word of another reading."""
    for other in others:
        evidence = replace(
            evidence,
            readings=evidence.readings + other.readings,
            agreed=evidence.agreed + other.agreed + 1,
            support=max(evidence.support, other.support, other.probability),
            rival=max(evidence.rival, other.rival),
            weakest=other.weakest if evidence.weakest is None else evidence.weakest,
        )
    return evidence


def _disputed(evidence: Evidence, others: Sequence[Evidence]) -> Evidence:
    """The evidence for a word in whose place another reading has something else, or nothing."""
    rival = min((other.probability for other in others), default=0.0)
    readings = max((other.readings for other in others), default=1)
    return replace(
        evidence,
        readings=evidence.readings + readings,
        rival=max(evidence.rival, rival),
    )


def _probability(word: Word) -> float:
    return _UNKNOWN if word.confidence is None else word.confidence


def _alternatives(word: Word, model: str) -> tuple[Alternative, ...]:
    """What the model had for a word besides its text."""
    if not isinstance(word, DecodedWord):
        return ()
    return likeliest(word.text, [Alternative(text, model, sure) for text, sure in word.choices])


def _evidence(segment: Segment, word: Word, duration: float, model: str) -> Evidence:
    decoded = word if isinstance(word, DecodedWord) else None
    return Evidence(
        probability=_probability(word),
        mean_log_probability=segment.mean_log_probability or 0.0,
        no_speech_probability=segment.no_speech_probability or 0.0,
        compression_ratio=segment.compression_ratio or 1.0,
        weakest=decoded.weakest if decoded else None,
        log_probability=decoded.log_probability if decoded else None,
        from_start=word.start,
        to_end=max(0.0, duration - word.end),
        model=model,
    )
