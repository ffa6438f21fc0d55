"""Enhance a recognition before speakers are known: correct, glossary, punctuate, paragraph."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import share_of
from trax.enhance.edits import EditRules, edit_sentence, replace_words
from trax.enhance.lines import Line, LineOutcome, ask_lines
from trax.enhance.prompts import prompt_for
from trax.enhance.replacements import Replacement, with_replacements
from trax.enhance.sentences import MARKED_TASKS, is_asked, sentence_line, sentence_ranges
from trax.enhance.sounds import letters
from trax.progress import Progress
from trax.transcript import (
    Edit,
    Enhancement,
    Recognition,
    Unfinished,
    Usage,
    Word,
    not_looked_at,
)


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The sentences of a recognition.

    Attributes:
        words: of all segments.
        ranges: indices of each sentence's words.
        asked: indices of the sentences that are asked about.
    """

    words: list[Word]
    ranges: list[range]
    asked: list[int]

    def of(self, index: int) -> list[Word]:
        """The words of a sentence."""
        found = self.ranges[index]
        return self.words[found.start : found.stop]


def enhance_recognition(
    recognition: Recognition,
    tasks: Sequence[str],
    context: EnhancementContext,
    progress: Progress,
) -> Recognition:
    """Make the changes that a model asks for and the guards allow; list those they reject."""
    enhancement = Enhancement(
        model=context.dispatcher.model.fingerprint,
        tasks={task: prompt_for(task).fingerprint for task in tasks},
        masked=context.mask is not None,
    )
    current = replace(recognition, enhancement=enhancement)
    for done, task in enumerate(tasks):
        share = share_of(progress, done, len(tasks))
        current = _run_task(current, task, context, share)
    return current


def _run_task(
    recognition: Recognition, task: str, context: EnhancementContext, progress: Progress
) -> Recognition:
    sentences = _sentences_for(recognition, task, context)
    lines = _lines(sentences, task, context)
    system = context.system_prompt(task, recognition.language)
    outcome = ask_lines(lines, task, system, context, progress)
    answers: dict[int, str] = {}
    for index, result in zip(sentences.asked, outcome.results, strict=True):
        if result.answer:
            answers[index] = result.answer
    edits: list[Edit] = []
    if task == "paragraph":
        changed = _with_paragraphs(recognition, sentences, answers)
    else:
        changed, edits = _with_edits(recognition, sentences, answers, task, context)
    unfinished = _unfinished(sentences, outcome, task)
    return _with_record(changed, edits, unfinished, outcome.usage)


def _sentences_for(recognition: Recognition, task: str, context: EnhancementContext) -> _Sentences:
    words: list[Word] = []
    for segment in recognition.segments:
        words += segment.words
    ranges = list(sentence_ranges(words))
    asked = []
    for index, sentence in enumerate(ranges):
        if is_asked(task, words[sentence.start : sentence.stop], context):
            asked.append(index)
    return _Sentences(words, ranges, asked)


def _lines(sentences: _Sentences, task: str, context: EnhancementContext) -> list[Line]:
    """A line for each sentence asked about; a previous one that is not asked is its context."""
    asked = set(sentences.asked)
    lines = []
    for index in sentences.asked:
        previous: list[Word] = []
        if task != "paragraph" and index > 0 and index - 1 not in asked:
            previous = sentences.of(index - 1)
        lines.append(sentence_line(task, sentences.of(index), previous, context))
    return lines


def _unfinished(sentences: _Sentences, outcome: LineOutcome, task: str) -> list[Unfinished]:
    unfinished = []
    for index, result in zip(sentences.asked, outcome.results, strict=True):
        if result.answer is None:
            words = sentences.of(index)
            end = max(word.end for word in words)
            unfinished.append(Unfinished(words[0].start, end, task, result.failure))
    return unfinished


def _with_paragraphs(
    recognition: Recognition, sentences: _Sentences, answers: dict[int, str]
) -> Recognition:
    """The recognition with a paragraph at the start of each sentence that has an answer."""
    starts = {sentences.of(index)[0].start for index in answers}
    paragraphs = sorted({*recognition.paragraphs, *starts})
    return replace(recognition, paragraphs=tuple(paragraphs))


def _with_edits(
    recognition: Recognition,
    sentences: _Sentences,
    answers: dict[int, str],
    task: str,
    context: EnhancementContext,
) -> tuple[Recognition, list[Edit]]:
    """The recognition with the edits that the guards allow, and every edit asked for."""
    terms = (*context.glossary, *context.vocabulary)
    rules = EditRules(
        task=task,
        wording=task in MARKED_TASKS,
        glossary=frozenset(letters(term) for term in terms),
        only_terms=task == "glossary",
    )
    cuts = _segment_starts(recognition)
    result: list[tuple[Word, ...]] = [(word,) for word in sentences.words]
    edits: list[Edit] = []
    for index, answer in sorted(answers.items()):
        found = sentences.ranges[index]
        words = sentences.of(index)
        wanted, not_found = _wanted_text(words, answer, task, context)
        inner_cuts = frozenset(cut - found.start for cut in cuts if cut in found)
        replacements, made = edit_sentence(words, wanted, rules, inner_cuts)
        result[found.start : found.stop] = replacements
        edits += made
        edits += not_found
    segments = replace_words(recognition.segments, result)
    return replace(recognition, segments=segments), edits


def _wanted_text(
    words: Sequence[Word], answer: str, task: str, context: EnhancementContext
) -> tuple[str, list[Edit]]:
    """The sentence that an answer asks for, and the edits whose words are not in it."""
    if task == "punctuate":
        return context.unmasked(answer), []
    replacements = []
    for old, new in json.loads(answer):
        replacements.append(Replacement(context.unmasked(old), context.unmasked(new)))
    return with_replacements(words, replacements, task)


def _segment_starts(recognition: Recognition) -> list[int]:
    """Indices of the words with which segments begin."""
    starts = []
    count = 0
    for segment in recognition.segments:
        starts.append(count)
        count += len(segment.words)
    return starts


def _with_record(
    recognition: Recognition,
    edits: Sequence[Edit],
    unfinished: Sequence[Unfinished],
    usage: Usage,
) -> Recognition:
    """The recognition with what one task did added to its record."""
    before = recognition.enhancement or Enhancement()
    all_edits = [*before.edits, *edits]
    all_edits.sort(key=lambda edit: (edit.start, edit.end))
    enhancement = replace(
        before,
        edits=tuple(all_edits),
        unfinished=(*before.unfinished, *unfinished),
        usage=before.usage + usage,
    )
    warnings = (*recognition.warnings, *not_looked_at(unfinished))
    return replace(recognition, enhancement=enhancement, warnings=warnings)
