"""Errors in words, with and without speakers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from trax.errors import MissingPart
from trax.scoring.documents import Utterance
from trax.transcript import Word

COLLAR = 5.0
"""Seconds a word may be off and still count as the same in tcpWER; the CHiME-7 and -8 challenges'
choice.
"""

_ADVICE = "scoring needs more packages: pip install 'trax-speech[score]'"


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Errors over reference length.

    Attributes:
        errors: substitutions, insertions and deletions.
        length: words in the reference.
    """

    errors: int
    length: int

    @property
    def rate(self) -> float:
        """Errors a reference word; infinite where words come out and none were said."""
        if self.length == 0:
            return float("inf") if self.errors else 0.0
        return self.errors / self.length


@cache
def normaliser(language: str) -> Callable[[str], str]:
    """Whisper's text normaliser (Radford et al. 2022, appendix C): English spelling and numbers, or
    basic.
    """
    try:
        from whisper_normalizer.basic import BasicTextNormalizer
        from whisper_normalizer.english import EnglishTextNormalizer
    except ImportError as error:
        raise MissingPart(_ADVICE) from error
    chosen: Callable[[str], str] = (
        EnglishTextNormalizer() if language in ("", "en") else BasicTextNormalizer()
    )
    return chosen


def word_error_rate(reference: str, hypothesis: str, language: str = "en") -> ErrorRate:
    """WER after normalising both texts."""
    try:
        import jiwer
    except ImportError as error:
        raise MissingPart(_ADVICE) from error
    normal = normaliser(language)
    said, heard = normal(reference), normal(hypothesis)
    if not said.strip():
        return ErrorRate(len(heard.split()), 0)
    counts = jiwer.process_words(said, heard)
    errors = counts.substitutions + counts.deletions + counts.insertions
    return ErrorRate(errors, counts.hits + counts.substitutions + counts.deletions)


def wrong_words(reference: str, hypothesis: Sequence[Word], language: str = "en") -> list[bool]:
    """For each word of *hypothesis* whether it is not what *reference* has in its place.

    Both are normalised word by word, so that "five five" and "5 5" are the same; words that are
    joined count as one. A word that normalises to nothing is not wrong. One that becomes several is
    wrong where one of them is.
    """
    from rapidfuzz.distance import Levenshtein

    normal = normaliser(language)
    said = [part for word in reference.split() for part in normal(word).split()]
    starts = [at for at, word in enumerate(hypothesis) if at == 0 or not word.joined]
    units = [
        range(start, end) for start, end in zip(starts, [*starts[1:], len(hypothesis)], strict=True)
    ]
    heard = [
        (unit, part)
        for unit in units
        for part in normal("".join(hypothesis[at].text for at in unit)).split()
    ]
    wrong = [False] * len(hypothesis)
    for edit in Levenshtein.opcodes(said, [part for _unit, part in heard]):
        if edit.tag != "equal":
            for unit, _part in heard[edit.dest_start : edit.dest_end]:
                for at in unit:
                    wrong[at] = True
    return wrong


def speaker_error_rate(
    reference: Sequence[Utterance], hypothesis: Sequence[Utterance], language: str = "en"
) -> ErrorRate:
    """cpWER: words with the best one-to-one match of speakers (Watanabe et al., CHiME-6, 2020)."""
    meeteval = _meeteval()
    found = meeteval.wer.wer.cp.cp_word_error_rate(
        _seglst(reference, language), _seglst(hypothesis, language)
    )
    return ErrorRate(found.errors, found.length)


def timed_speaker_error_rate(
    reference: Sequence[Utterance], hypothesis: Sequence[Utterance], language: str = "en"
) -> ErrorRate:
    """tcpWER: cpWER in which words must also be close in time (von Neumann et al., MeetEval,
    2023).
    """
    meeteval = _meeteval()
    found = meeteval.wer.wer.time_constrained.time_constrained_minimum_permutation_word_error_rate(
        _seglst(reference, language), _seglst(hypothesis, language), collar=COLLAR
    )
    return ErrorRate(found.errors, found.length)


def _meeteval() -> Any:
    try:
        import meeteval
    except ImportError as error:
        raise MissingPart(_ADVICE) from error
    return meeteval


def _seglst(utterances: Sequence[Utterance], language: str) -> Any:
    normal = normaliser(language)
    return _meeteval().io.SegLST(
        [
            {
                "session_id": "recording",
                "speaker": utterance.speaker,
                "words": normal(utterance.text),
                "start_time": utterance.start or 0.0,
                "end_time": utterance.end or 0.0,
            }
            for utterance in utterances
            if normal(utterance.text).strip()
        ]
    )
