"""A translation of every segment."""

from dataclasses import replace

from trax.enhance.context import EnhancementContext
from trax.enhance.lines import Line, ask_lines
from trax.enhance.notes.text import MOST_TEXT, one_line
from trax.progress import Progress
from trax.transcript import Notes, Transcript, Unfinished


def add_translation(
    transcript: Transcript,
    notes: Notes,
    context: EnhancementContext,
    target: str,
    progress: Progress,
) -> Notes:
    """Translate every segment into the language *target*; one without an answer is left empty."""
    lines = [Line(context.masked(segment.text)) for segment in transcript.segments]
    system = context.system_prompt("translate", transcript.language, target)
    outcome = ask_lines(lines, "translate", system, context, progress)
    texts = []
    unfinished = []
    for segment, result in zip(transcript.segments, outcome.results, strict=True):
        text = context.unmasked(result.answer or "")
        texts.append(one_line(text, MOST_TEXT))
        if not result.answer:
            reason = result.failure or "the line is not answered"
            unfinished.append(Unfinished(segment.start, segment.end, "translate", reason))
    return replace(
        notes,
        translations={**notes.translations, target: tuple(texts)},
        unfinished=(*notes.unfinished, *unfinished),
        usage=notes.usage + outcome.usage,
    )
