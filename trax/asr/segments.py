"""Recognised words as segments, one a sentence."""

from collections.abc import Iterator, Sequence

from trax.asr.evidence import Evidence, WordHypothesis
from trax.asr.regions import Region
from trax.merge import sentences
from trax.transcript import Segment, Span, Word


def sentence_segments(
    hypotheses: Sequence[WordHypothesis],
    words: Sequence[Word],
    regions: Sequence[Region],
    language: str,
) -> Iterator[Segment]:
    """A segment for each sentence, with the means of the decoder's figures for its words.

    Args:
        hypotheses: the words with their evidence.
        words: the same words with their final confidence.
        regions: where each language is spoken.
        language: the recording's; segments in another one name it.
    """
    foreign = [region for region in regions if region.language != language]
    for sentence in sentences(words):
        first = words[sentence.start]
        last = words[sentence.stop - 1]
        evidence = _evidence_of(hypotheses[sentence.start : sentence.stop])
        yield Segment(
            first.start,
            last.end,
            tuple(words[sentence.start : sentence.stop]),
            mean_log_probability=_mean([each.mean_log_probability for each in evidence]),
            compression_ratio=_mean([each.compression_ratio for each in evidence]),
            no_speech_probability=_mean([each.no_speech_probability for each in evidence]),
            language=_language_at(Span(first.start, last.end).middle, foreign),
        )


def _evidence_of(hypotheses: Sequence[WordHypothesis]) -> list[Evidence]:
    return [word.evidence for word in hypotheses if word.evidence is not None]


def _language_at(time: float, regions: Sequence[Region]) -> str | None:
    """The language of the first region at *time*; ``None`` outside all of them."""
    for region in regions:
        if region.span.start <= time < region.span.end:
            return region.language
    return None


def _mean(values: Sequence[float]) -> float | None:
    if not values:
        return None
    return round(sum(values) / len(values), 4)
