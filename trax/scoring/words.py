"""Errors in words, with and without speakers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from trax.errors import MissingPart
from trax.scoring.documents import Utterance
from trax.transcript import Word
from trax.transcript.languages import ENGLISH, language_code

_MOST_APART = 4  # words that may be written together elsewhere

COLLAR = 5.0
"""Seconds that a word may be off in tcpWER, as in the CHiME-7 and CHiME-8 challenges."""

SCORE_EXTRA = "scoring needs the packages of the extra trax-speech[score]"
"""What to say if they are missing."""


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
        """Errors for each reference word; infinite for errors without reference words."""
        if self.length == 0:
            return float("inf") if self.errors else 0.0
        return self.errors / self.length


@cache
def normaliser(language: str) -> Callable[[str], str]:
    """Whisper's text normaliser (Radford et al. 2022, appendix C).

    The one for English unifies spelling and numbers; the basic one serves every other language.

    Raises:
        MissingPart: the packages for scoring are not installed.
    """
    try:
        from whisper_normalizer.basic import BasicTextNormalizer
        from whisper_normalizer.english import EnglishTextNormalizer
    except ImportError as error:
        raise MissingPart(SCORE_EXTRA) from error
    normal: Callable[[str], str]
    if language == "" or language_code(language) == ENGLISH:
        normal = EnglishTextNormalizer()
    else:
        normal = BasicTextNormalizer()
    return normal


def word_error_rate(reference: str, hypothesis: str, language: str = "en") -> ErrorRate:
    """The word error rate after normalising both texts."""
    try:
        import jiwer
    except ImportError as error:
        raise MissingPart(SCORE_EXTRA) from error
    normal = normaliser(language)
    said = normal(reference)
    recognised = normal(hypothesis)
    if not said.strip():
        return ErrorRate(len(recognised.split()), 0)
    counts = jiwer.process_words(said, recognised)
    errors = counts.substitutions + counts.deletions + counts.insertions
    return ErrorRate(errors, counts.hits + counts.substitutions + counts.deletions)


def wrong_words(reference: str, hypothesis: Sequence[Word], language: str = "en") -> list[bool]:
    """For each word of *hypothesis*, whether *reference* has something else in its place.

    Both are normalised word by word, so that "five five" and "5 5" are the same; joined words count
    as one, and words of the same letters are the same, written together or apart. A word that
    normalises to nothing is not wrong. One that becomes several is wrong if one of them is.
    """
    from rapidfuzz.distance import Levenshtein

    normal = normaliser(language)
    said: list[str] = []
    for word in reference.split():
        said.extend(normal(word).split())
    recognised: list[str] = []
    owners: list[range] = []
    for unit in _units(hypothesis):
        parts = normal("".join(hypothesis[at].text for at in unit)).split()
        recognised.extend(parts)
        owners.extend([unit] * len(parts))
    wrong = [False] * len(hypothesis)
    for ours, theirs in _disputes(Levenshtein.opcodes(said, recognised)):
        apart = _written_apart(said[ours.start : ours.stop], recognised[theirs.start : theirs.stop])
        for at in theirs:
            unit = owners[at]
            if at - theirs.start not in apart:
                wrong[unit.start : unit.stop] = [True] * len(unit)
    return wrong


def _disputes(edits: Iterable[Any]) -> list[tuple[range, range]]:
    """Words of both sides between those that agree."""
    found: list[tuple[range, range]] = []
    for edit in edits:
        if edit.tag == "equal":
            continue
        ours = range(edit.src_start, edit.src_end)
        theirs = range(edit.dest_start, edit.dest_end)
        if found and found[-1][0].stop == ours.start and found[-1][1].stop == theirs.start:
            before = found.pop()
            ours = range(before[0].start, ours.stop)
            theirs = range(before[1].start, theirs.stop)
        found.append((ours, theirs))
    return found


def _written_apart(said: Sequence[str], recognised: Sequence[str]) -> set[int]:
    """The places in *recognised* whose letters are in *said*, in words that end elsewhere.

    >>> sorted(_written_apart(["a", "post", "mortem"], ["the", "postmortem"]))
    [1]
    """
    of_several = {_joined(said, run) for run in _runs(len(said)) if len(run) > 1}
    found: set[int] = set()
    for run in _runs(len(recognised)):
        known = of_several if len(run) == 1 else of_several.union(said)
        if _joined(recognised, run) in known:
            found.update(run)
    return found


def _joined(words: Sequence[str], run: range) -> str:
    return "".join(words[run.start : run.stop])


def _runs(count: int) -> list[range]:
    """All runs of at most four of *count* places."""
    found: list[range] = []
    for start in range(count):
        longest = min(count, start + _MOST_APART)
        found.extend(range(start, end + 1) for end in range(start, longest))
    return found


def _units(words: Sequence[Word]) -> list[range]:
    """Index ranges of the words that are written as one."""
    if not words:
        return []
    starts = [at for at, word in enumerate(words) if at == 0 or not word.joined]
    ends = [*starts[1:], len(words)]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]


def speaker_error_rate(
    reference: Sequence[Utterance],
    hypothesis: Sequence[Utterance],
    language: str = "en",
) -> ErrorRate:
    """cpWER: words with the best one-to-one match of speakers (Watanabe et al., CHiME-6, 2020)."""
    found = _meeteval().wer.wer.cp.cp_word_error_rate(
        _seglst(reference, language),
        _seglst(hypothesis, language),
    )
    return ErrorRate(found.errors, found.length)


def timed_speaker_error_rate(
    reference: Sequence[Utterance],
    hypothesis: Sequence[Utterance],
    language: str = "en",
) -> ErrorRate:
    """tcpWER: cpWER whose words must also be close in time (von Neumann et al., MeetEval, 2023)."""
    measures = _meeteval().wer.wer.time_constrained
    found = measures.time_constrained_minimum_permutation_word_error_rate(
        _seglst(reference, language),
        _seglst(hypothesis, language),
        collar=COLLAR,
    )
    return ErrorRate(found.errors, found.length)


def _meeteval() -> Any:
    try:
        import meeteval
    except ImportError as error:
        raise MissingPart(SCORE_EXTRA) from error
    return meeteval


def _seglst(utterances: Sequence[Utterance], language: str) -> Any:
    """The utterances in meeteval's form, normalised; empty ones left out."""
    normal = normaliser(language)
    rows = []
    for utterance in utterances:
        words = normal(utterance.text)
        if words.strip():
            row = {
                "session_id": "recording",
                "speaker": utterance.speaker,
                "words": words,
                "start_time": utterance.start or 0.0,
                "end_time": utterance.end or 0.0,
            }
            rows.append(row)
    return _meeteval().io.SegLST(rows)
