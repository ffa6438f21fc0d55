"""Sentences of a recognition: which of them a model is asked about, and how they are written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from trax.enhance.context import EnhancementContext
from trax.enhance.lines import Line
from trax.merge import sentences
from trax.transcript import Word, joined_text

ASKED_BELOW = 0.7
"""A sentence is asked about if one of its words has a lower confidence."""

MARKED_BELOW = 0.6
"""A word of lower confidence is marked in what is sent; each mark is a token."""

MARKED_TASKS = ("correct", "glossary")
"""The kinds of work that need to know which words are doubtful."""

_LONGEST = 60  # words of a sentence that is sent whole
_PIECE = 40  # words of each piece of a longer one
_STAR = str.maketrans({"*": None})


def sentence_ranges(words: Sequence[Word]) -> Iterator[range]:
    """Indices of each sentence's words, by one speaker each; very long sentences in pieces."""
    for sentence in _sentences(words):
        if len(sentence) <= _LONGEST:
            yield range(sentence.start, sentence.stop)
            continue
        for start in range(sentence.start, sentence.stop, _PIECE):
            yield range(start, min(start + _PIECE, sentence.stop))


def _sentences(words: Sequence[Word]) -> Iterator[range]:
    """The sentences of one speaker's words after another's; as a rule nobody is known yet."""
    first = 0
    for _speaker, run in groupby(words, key=lambda word: word.speaker):
        said = list(run)
        for sentence in sentences(said):
            yield range(first + sentence.start, first + sentence.stop)
        first += len(said)


def is_asked(task: str, words: Sequence[Word], context: EnhancementContext) -> bool:
    """Whether a sentence needs asking about: words change only if one of them is doubtful."""
    if task == "glossary" and not context.glossary:
        return False
    if task not in MARKED_TASKS:
        return True
    return any(_is_below(word, ASKED_BELOW) for word in words)


def sentence_line(
    task: str,
    sentence: Sequence[Word],
    previous: Sequence[Word],
    context: EnhancementContext,
) -> Line:
    """A sentence as it is sent, with the previous one as context unless that is empty."""
    write = _marked_text if task in MARKED_TASKS else _plain_text
    text = context.masked(write(sentence))
    before = context.masked(_plain_text(previous)) if previous else ""
    return Line(text, before)


def without_stars(text: str) -> str:
    """The text without stars, which mark doubtful words."""
    return text.translate(_STAR)


def _plain_text(words: Sequence[Word]) -> str:
    return without_stars(joined_text(words))


def _marked_text(words: Sequence[Word]) -> str:
    """The words with a star before each doubtful one."""
    marked = []
    for word in words:
        text = without_stars(word.text)
        if _is_below(word, MARKED_BELOW):
            text = f"*{text}"
        marked.append(replace(word, text=text))
    return joined_text(marked)


def _is_below(word: Word, limit: float) -> bool:
    return word.confidence is None or word.confidence < limit
