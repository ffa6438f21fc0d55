"""A summary; a long transcript's is made of the summaries of its parts."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.context import EnhancementContext
from trax.enhance.forms import Form
from trax.enhance.notes.parts import NoteKind, Part, PartAnswer, text_request
from trax.enhance.notes.text import MOST_TEXT, one_line
from trax.progress import Progress
from trax.transcript import Notes, Transcript, Usage


class Summary(Form):
    """Answer of ``summary``."""

    summary: str


def add_summary(
    _transcript: Transcript,
    answers: Sequence[PartAnswer],
    context: EnhancementContext,
    notes: Notes,
) -> Notes:
    """Add the summary, a paragraph for each answer."""
    paragraphs = []
    for answer in answers:
        text = context.unmasked(_summary(answer))
        paragraphs.append(one_line(text, MOST_TEXT))
    return replace(notes, summary="\n\n".join(paragraphs))


def condense(
    answers: Sequence[PartAnswer],
    system: str,
    context: EnhancementContext,
    progress: Progress,
) -> tuple[list[PartAnswer], Usage]:
    """Summarise the parts' summaries; without an answer they stay as they are."""
    text = "\n".join(_numbered(answers))
    key = context.key("summary", system, text)
    found = context.dispatcher.known([key])
    usage = Usage()
    if not found:
        request = text_request("summary", system, text, key, Summary)
        outcome = context.dispatcher.ask([request], progress)
        found = outcome.answers
        usage = outcome.usage
    if key not in found:
        return list(answers), usage
    count = sum(answer.part.count for answer in answers)
    return [PartAnswer(Part(0, count, text), found[key])], usage


def _numbered(answers: Sequence[PartAnswer]) -> list[str]:
    lines = []
    for number, answer in enumerate(answers, start=1):
        summary = " ".join(_summary(answer).split())
        lines.append(f"{number} Part {number}: {summary}")
    return lines


def _summary(answer: PartAnswer) -> str:
    return Summary.model_validate_json(answer.answer).summary


KIND = NoteKind(Summary, add_summary)
