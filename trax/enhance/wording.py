"""The kinds of work on words, before anybody knows who said them: correct, glossary, punctuate,
paragraph.
"""

import json
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, replace

from trax.enhance.asking import Asker, Progress, part_of
from trax.enhance.edits import Rules, replaced, revised
from trax.enhance.engine import Price, Question
from trax.enhance.lines import Line, answered
from trax.enhance.privacy import Mask
from trax.enhance.prompts import prompt_for
from trax.enhance.sounds import letters
from trax.enhance.spending import estimated_cost
from trax.merge import sentences
from trax.transcript import (
    Edit,
    EditKind,
    Enhancement,
    Recognition,
    Unfinished,
    Usage,
    Word,
    joined_text,
    not_looked_at,
)

ASKED = 0.7
"""A sentence is asked about where a word is less sure than this."""

MARKED = 0.6
"""A word that is less sure than this is marked in what is sent: each mark is a token."""

_LONGEST = 60  # words of a sentence
_PIECE = 40  # words of a part of one that is longer
_STAR = str.maketrans({"*": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What surrounds the questions of one job.

    Attributes:
        domain: of `prompts.DOMAINS`.
        glossary: terms as people write them.
        terms: more that may be put in, though no prompt lists them.
        mask: hides personal data in what is sent; ``None`` where nothing is hidden.
        note: tells people something.
    """

    asker: Asker
    domain: str = "general"
    glossary: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    mask: Mask | None = None
    note: Callable[[str], None] = field(default=lambda _message: None)

    def system(self, task: str, language: str, target: str = "") -> str:
        """What a model is told to do."""
        return prompt_for(task).filled(
            self.domain, language, list(map(self.hidden, self.glossary)), target
        )

    def announce(self, questions: Sequence[Question]) -> None:
        """Say beforehand how much there is to ask, and about what it costs."""
        if questions:
            model = self.asker.model
            self.note(
                f"{questions[0].task}: {estimate(questions, model.price)} to {model.fingerprint}"
            )

    def hidden(self, text: str) -> str:
        """Text as it may leave the machine."""
        return self.mask.hide(text) if self.mask is not None else text

    def shown(self, text: str) -> str:
        """Text that came back, with what was hidden."""
        return self.mask.show(text) if self.mask is not None else text


def improved(
    recognition: Recognition, tasks: Sequence[str], setting: Setting, progress: Progress
) -> Recognition:
    """The recognition with what a language model was allowed to change, and what it was not."""
    enhancement = Enhancement(
        model=setting.asker.model.fingerprint,
        tasks={task: prompt_for(task).fingerprint for task in tasks},
        masked=setting.mask is not None,
    )
    current = replace(recognition, enhancement=enhancement)
    for done, task in enumerate(tasks):
        current = _one_task(current, task, setting, part_of(progress, done, len(tasks)))
    return current


def _one_task(
    recognition: Recognition, task: str, setting: Setting, progress: Progress
) -> Recognition:
    words = [word for segment in recognition.segments for word in segment.words]
    parts = list(pieces(words))
    asked = {
        at: None
        for at, piece in enumerate(parts)
        if _is_asked(task, [words[i] for i in piece], setting)
    }
    lines = [_line(task, words, parts, at, asked, setting) for at in asked]
    system = setting.system(task, recognition.language)
    answers, reasons, found = answered(
        lines, task, system, setting.asker, setting.announce, progress
    )
    unfinished = [
        Unfinished(words[parts[at].start].start, max(words[i].end for i in parts[at]), task, reason)
        for at, answer, reason in zip(asked, answers, reasons, strict=True)
        if answer is None
    ]
    told = {at: answer for at, answer in zip(asked, answers, strict=True) if answer}
    changed, edits = _applied(recognition, words, parts, told, task, setting)
    return _noted(changed, edits, unfinished, found.usage)


def _applied(
    recognition: Recognition,
    words: Sequence[Word],
    parts: Sequence[range],
    told: dict[int, str],
    task: str,
    setting: Setting,
) -> tuple[Recognition, list[Edit]]:
    """The recognition with the answers *told*, by sentence, as far as they may be followed."""
    if task == "paragraph":
        starts = tuple(words[parts[at].start].start for at in sorted(told))
        return replace(
            recognition, paragraphs=tuple(sorted({*recognition.paragraphs, *starts}))
        ), []
    rules = Rules(
        task=task,
        wording=task != "punctuate",
        glossary=frozenset(letters(term) for term in (*setting.glossary, *setting.terms)),
        only_terms=task == "glossary",
    )
    cuts = frozenset(_cuts(recognition))
    new: list[tuple[Word, ...]] = [(word,) for word in words]
    edits: list[Edit] = []
    for number, answer in sorted(told.items()):
        piece = parts[number]
        spoken = words[piece.start : piece.stop]
        wanted, nowhere = setting.shown(answer), list[Edit]()
        if task != "punctuate":
            pairs = [(setting.shown(old), setting.shown(new)) for old, new in json.loads(answer)]
            wanted, nowhere = _with_replacements(spoken, pairs, task)
        inner = frozenset(at - piece.start for at in piece if at in cuts)
        new[piece.start : piece.stop], made = revised(spoken, wanted, rules, inner)
        edits += [*made, *nowhere]
    return replace(recognition, segments=replaced(recognition.segments, new)), edits


def _with_replacements(
    words: Sequence[Word], pairs: Sequence[tuple[str, str]], task: str
) -> tuple[str, list[Edit]]:
    """The sentence with old words replaced by new ones, and the pairs whose old words are not in
    it.

    Where they are there several times, the least sure ones are meant.
    """
    tokens = joined_text(words).split()
    lost = []
    for old, new in pairs:
        old, new = (text.translate(_STAR) for text in (old, new))
        wanted, plain = (
            [letters(part) for part in old.split()],
            [letters(token) for token in tokens],
        )
        size = len(wanted)
        places = [
            at for at in range(len(plain) - size + 1) if size and plain[at : at + size] == wanted
        ]
        if not places:
            lost.append(_nowhere(words, old, new, task))
            continue
        at = min(places, key=lambda place: _sureness(words, tokens, place, size))
        tokens[at : at + size] = _dressed(tokens[at : at + size], new.split())
    return " ".join(tokens), lost


def _sureness(words: Sequence[Word], tokens: Sequence[str], place: int, size: int) -> float:
    """Of the least sure word at a place; known only while tokens are words."""
    if len(tokens) != len(words):
        return 0.0
    return min(word.confidence or 0.0 for word in words[place : place + size])


def _dressed(old: Sequence[str], new: list[str]) -> list[str]:
    """*new* with the punctuation that follows *old*, where it has none of its own."""
    if new and new[-1][-1:].isalnum():
        mark = old[-1][len(old[-1].rstrip(".,;:!?…。？！，")) :]
        new[-1] += mark
    return new


def _nowhere(words: Sequence[Word], old: str, new: str, task: str) -> Edit:
    start, end = words[0].start, max(word.end for word in words)
    return Edit(start, end, EditKind.WORDING, task, old, new, "these words are not there")


def pieces(words: Sequence[Word]) -> Iterator[range]:
    """Sentences, and parts of those that are very long."""
    for sentence in sentences(words):
        step = len(sentence) if len(sentence) <= _LONGEST else _PIECE
        yield from (
            range(at, min(at + step, sentence.stop))
            for at in range(sentence.start, sentence.stop, step)
        )


def _is_asked(task: str, words: Sequence[Word], setting: Setting) -> bool:
    """Whether a sentence needs asking: words may be others only where one is doubtful."""
    if task == "glossary" and not setting.glossary:
        return False
    return task in ("punctuate", "paragraph") or any(_is_doubtful(word, ASKED) for word in words)


def _is_doubtful(word: Word, limit: float) -> bool:
    return word.confidence is None or word.confidence < limit


def _line(
    task: str,
    words: Sequence[Word],
    parts: Sequence[range],
    at: int,
    asked: Container[int],
    setting: Setting,
) -> Line:
    """A sentence as it is sent, with the one before as context where that is not asked."""
    alone = task == "paragraph" or at == 0 or at - 1 in asked
    context = "" if alone else setting.hidden(_text([words[i] for i in parts[at - 1]]))
    spoken = [words[i] for i in parts[at]]
    return Line(
        setting.hidden(_marked(spoken) if task in ("correct", "glossary") else _text(spoken)),
        context,
    )


def _text(words: Sequence[Word]) -> str:
    return joined_text(words).translate(_STAR)


def _marked(words: Sequence[Word]) -> str:
    """The words with a star before those that were heard worst."""
    plain = (replace(word, text=word.text.translate(_STAR)) for word in words)
    return joined_text(
        replace(word, text=f"*{word.text}") if _is_doubtful(word, MARKED) else word
        for word in plain
    )


def _cuts(recognition: Recognition) -> list[int]:
    """Indices of words with which a segment begins."""
    cuts, count = [], 0
    for segment in recognition.segments:
        cuts.append(count)
        count += len(segment.words)
    return cuts


def estimate(questions: Sequence[Question], price: Price) -> str:
    """How many questions there are, how long, and about what they cost.

    >>> question = Question(task="title", system="s" * 100, user="u" * 900, schema={})
    >>> estimate([question], Price(0.3, 0.006, 1.2))
    '1 request of about 300 tokens, about $0.0002,'
    """
    tokens = sum(question.tokens for question in questions)
    cost = sum(estimated_cost(price, question) for question in questions)
    money = f", about ${cost:.4f}," if cost else ""
    return (
        f"{len(questions)} request{'s' * (len(questions) != 1)} of about {tokens:,} tokens{money}"
    )


def _noted(
    recognition: Recognition, edits: Sequence[Edit], unfinished: Sequence[Unfinished], usage: Usage
) -> Recognition:
    before = recognition.enhancement or Enhancement()
    enhancement = replace(
        before,
        edits=tuple(sorted((*before.edits, *edits), key=lambda edit: (edit.start, edit.end))),
        unfinished=(*before.unfinished, *unfinished),
        usage=before.usage + usage,
    )
    warnings = (*recognition.warnings, *not_looked_at(unfinished))
    return replace(recognition, enhancement=enhancement, warnings=warnings)
