"""Speakers' names, each with a quote that says it."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.context import EnhancementContext
from trax.enhance.forms import Form
from trax.enhance.notes.parts import NoteKind, Part, PartAnswer, names_sent
from trax.enhance.notes.text import MOST_TITLE, contains_words, is_said, one_line
from trax.transcript import Notes, ProposedName, Transcript


class Named(Form):
    """A speaker's name, and the line that tells it."""

    speaker: str
    name: str
    n: int
    quote: str


class Names(Form):
    """Answer of ``names``."""

    names: list[Named]


def add_names(
    transcript: Transcript,
    answers: Sequence[PartAnswer],
    context: EnhancementContext,
    notes: Notes,
) -> Notes:
    """Add the proposed names whose quote says them; of several for a speaker, the first."""
    labels = _labels(transcript, context)
    names: dict[str, ProposedName] = {}
    dropped = []
    for answer in answers:
        for proposed in Names.model_validate_json(answer.answer).names:
            name = one_line(context.unmasked(proposed.name), MOST_TITLE)
            quote = context.unmasked(proposed.quote)
            label = labels.get(proposed.speaker.strip().casefold())
            if label is None:
                dropped.append(f"name {name!r}: there is no such speaker")
                continue
            reason = _missing_evidence(transcript, answer.part, proposed.n, name, quote)
            if reason:
                dropped.append(f"name {name!r}: {reason}")
                continue
            start = transcript.segments[proposed.n - 1].start
            found = ProposedName(label, name, start, one_line(quote, MOST_TITLE))
            names.setdefault(label, found)
    all_dropped = (*notes.dropped, *dropped)
    return replace(notes, names=tuple(names.values()), dropped=all_dropped)


def _labels(transcript: Transcript, context: EnhancementContext) -> dict[str, str | None]:
    labels = {}
    for label, name in names_sent(transcript, context).items():
        labels[name.casefold()] = label
    return labels


def _missing_evidence(
    transcript: Transcript,
    part: Part,
    line: int,
    name: str,
    quote: str,
) -> str:
    """Why the quote is no evidence of the name; empty if it is."""
    if not part.contains(line) or not is_said(transcript, line, quote):
        return "its quote is not in the transcript"
    if not contains_words(quote, name):
        return "its quote does not say it"
    return ""


KIND = NoteKind(Names, add_names)
