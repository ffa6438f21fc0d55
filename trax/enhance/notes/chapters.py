"""Chapters, each beginning with a line of the transcript."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.context import EnhancementContext
from trax.enhance.forms import Form
from trax.enhance.notes.parts import NoteKind, PartAnswer
from trax.enhance.notes.text import MOST_TITLE, one_line
from trax.transcript import Chapter, Notes, Transcript


class ChapterStart(Form):
    """A chapter's first line."""

    n: int
    title: str


class Chapters(Form):
    """Answer of ``chapters``."""

    chapters: list[ChapterStart]


def add_chapters(
    transcript: Transcript,
    answers: Sequence[PartAnswer],
    context: EnhancementContext,
    notes: Notes,
) -> Notes:
    """Add the chapters in order of time; of several that begin at once, the first."""
    chapters: dict[float, Chapter] = {}
    dropped = []
    for answer in answers:
        for proposed in Chapters.model_validate_json(answer.answer).chapters:
            title = one_line(context.unmasked(proposed.title), MOST_TITLE)
            if not answer.part.contains(proposed.n) or not title:
                dropped.append(f"chapter {title!r}: there is no line {proposed.n}")
                continue
            start = transcript.segments[proposed.n - 1].start
            chapters.setdefault(start, Chapter(start, title))
    ordered = [chapters[start] for start in sorted(chapters)]
    all_dropped = (*notes.dropped, *dropped)
    return replace(notes, chapters=tuple(ordered), dropped=all_dropped)


KIND = NoteKind(Chapters, add_chapters)
