"""A title."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.context import EnhancementContext
from trax.enhance.forms import Form
from trax.enhance.notes.parts import NoteKind, PartAnswer
from trax.enhance.notes.text import MOST_TITLE, one_line
from trax.transcript import Notes, Transcript


class Title(Form):
    """Answer of ``title``."""

    title: str


def add_title(
    _transcript: Transcript,
    answers: Sequence[PartAnswer],
    context: EnhancementContext,
    notes: Notes,
) -> Notes:
    """Add the title that the first part was given."""
    written = Title.model_validate_json(answers[0].answer).title
    return replace(notes, title=one_line(context.unmasked(written), MOST_TITLE))


KIND = NoteKind(Title, add_title)
