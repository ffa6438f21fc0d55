"""Word hypotheses, each with the evidence for and against it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from trax.merge.voting import Voted
from trax.transcript import Segment, Word

_NEIGHBOURS = 4  # words on either side
_PAUSE = 0.3  # seconds
_UNKNOWN = 0.5  # probability of a word for which the decoder gave none


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about a word besides its text.

    Attributes:
        probability: the decoder's probability, averaged over the word's tokens.
        before: probability of the previous word; the word's own if it comes first.
        after: probability of the next word; the word's own if it comes last.
        nearby: mean probability of the word and up to four words on either side.
        after_pause: whether the word starts its segment or follows a pause.
        mean_log_probability: mean over all tokens of the word's segment.
        no_speech_probability: the decoder's probability that the segment holds no speech.
        compression_ratio: compression ratio of the segment's text.
        readings: how many passes have decoded this place.
        agreed: how many other passes have the same word.
        other: confidence of the other pass in the same word if it agrees, or in its own word.
    """

    probability: float
    before: float
    after: float
    nearby: float
    after_pause: bool
    mean_log_probability: float
    no_speech_probability: float
    compression_ratio: float
    readings: int = 1
    agreed: int = 0
    other: float = 0.5


@dataclass(frozen=True, slots=True)
class WordHypothesis(Word):
    """A word with its evidence; ``confidence`` is its weight in a vote."""

    evidence: Evidence | None = None


def with_evidence(segments: Iterable[Segment], offset: float) -> Iterator[WordHypothesis]:
    """The words of decoded *segments*, moved by *offset* seconds, each with its evidence."""
    for segment in segments:
        probabilities = [_probability(word) for word in segment.words]
        for at, word in enumerate(segment.words):
            yield WordHypothesis(
                word.start + offset,
                word.end + offset,
                word.text,
                probabilities[at],
                joined=word.joined,
                evidence=_evidence(segment, probabilities, at),
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
        evidence = replace(
            evidence,
            readings=evidence.readings + 1,
            agreed=evidence.agreed + vote.agreed,
            other=vote.other,
        )
    return replace(vote.word, confidence=confidence, evidence=evidence)


def _probability(word: Word) -> float:
    return _UNKNOWN if word.confidence is None else word.confidence


def _evidence(segment: Segment, probabilities: Sequence[float], at: int) -> Evidence:
    own = probabilities[at]
    is_last = at + 1 == len(probabilities)
    neighbours = probabilities[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1]
    return Evidence(
        probability=own,
        before=own if at == 0 else probabilities[at - 1],
        after=own if is_last else probabilities[at + 1],
        nearby=fmean(neighbours),
        after_pause=_follows_pause(segment.words, at),
        mean_log_probability=segment.mean_log_probability or 0.0,
        no_speech_probability=segment.no_speech_probability or 0.0,
        compression_ratio=segment.compression_ratio or 1.0,
    )


def _follows_pause(words: Sequence[Word], at: int) -> bool:
    if at == 0:
        return True
    return words[at].start - words[at - 1].end > _PAUSE
