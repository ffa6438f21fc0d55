"""Words on their way through the passes, with what speaks for and against them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from trax.merge.voting import Voted
from trax.transcript import Segment, Word

_NEAR = 4  # words
_PAUSE = 0.3  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a word besides its text.

    Attributes:
        probability: the decoder's own, mean over the word's tokens.
        before: probability of the word before in the same reading; the word's own where there is
            none.
        after: likewise of the word after.
        nearby: mean probability of the words around it, four on either side.
        after_pause: whether it begins what is read together, or follows a pause.
        mean_log_probability: of all tokens read together with it.
        no_speech_probability: the decoder's belief that nobody spoke there.
        compression_ratio: of all text read together with it.
        readings: how many readings have looked at the place.
        agreed: how many others have the same word.
        other: confidence of another reading: in the same word where it agrees, in its rival where
            it does not.
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
class HeardWord(Word):
    """A word with its evidence; ``confidence`` is what votes are weighted with."""

    evidence: Evidence | None = None


def heard(segments: Iterable[Segment], offset: float) -> Iterator[HeardWord]:
    """The words of segments that one reading gave, *offset* seconds later, each with its
    evidence.
    """
    for segment in segments:
        sure = [word.confidence if word.confidence is not None else 0.5 for word in segment.words]
        for at, word in enumerate(segment.words):
            evidence = Evidence(
                probability=sure[at],
                before=sure[at - 1] if at else sure[at],
                after=sure[at + 1] if at + 1 < len(sure) else sure[at],
                nearby=fmean(sure[max(0, at - _NEAR) : at + _NEAR + 1]),
                after_pause=at == 0 or word.start - segment.words[at - 1].end > _PAUSE,
                mean_log_probability=segment.mean_log_probability or 0.0,
                no_speech_probability=segment.no_speech_probability or 0.0,
                compression_ratio=segment.compression_ratio or 1.0,
            )
            yield HeardWord(
                word.start + offset,
                word.end + offset,
                word.text,
                sure[at],
                joined=word.joined,
                evidence=evidence,
            )


def after_vote(votes: Sequence[Voted[HeardWord]]) -> list[HeardWord]:
    """The words that won a vote, with what the vote says of them.

    Two readings that agree are surer than either; the larger model's probability stays the word's
    own.
    """
    return [_after_vote(vote) for vote in votes]


def _after_vote(vote: Voted[HeardWord]) -> HeardWord:
    word, evidence = vote.word, vote.word.evidence
    sure = word.confidence or 0.0
    if vote.agreed:
        sure = 1 - (1 - sure) * (1 - vote.other)
    if evidence is not None:
        evidence = replace(
            evidence,
            readings=evidence.readings + 1,
            agreed=evidence.agreed + vote.agreed,
            other=vote.other,
        )
    return replace(word, confidence=sure, evidence=evidence)
