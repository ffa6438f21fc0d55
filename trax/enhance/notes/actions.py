"""Things to do, each with a quote that says so."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.context import EnhancementContext
from trax.enhance.forms import Form
from trax.enhance.notes.parts import NoteKind, PartAnswer
from trax.enhance.notes.text import MOST_TITLE, is_said, one_line
from trax.transcript import ActionItem, Notes, Transcript


class Item(Form):
    """Something to do, and the line that says so."""

    n: int
    text: str
    quote: str


class Items(Form):
    """Answer of ``actions``."""

    items: list[Item]


def add_actions(
    transcript: Transcript,
    answers: Sequence[PartAnswer],
    context: EnhancementContext,
    notes: Notes,
) -> Notes:
    """Add the action items whose quote stands in the line they name."""
    items = []
    dropped = []
    for answer in answers:
        for proposed in Items.model_validate_json(answer.answer).items:
            text = one_line(context.unmasked(proposed.text), MOST_TITLE)
            quote = context.unmasked(proposed.quote)
            known_line = answer.part.contains(proposed.n)
            if not known_line or not is_said(transcript, proposed.n, quote):
                dropped.append(f"action {text!r}: its quote is not in the transcript")
                continue
            segment = transcript.segments[proposed.n - 1]
            quote = one_line(quote, MOST_TITLE)
            items.append(ActionItem(text, segment.start, quote, segment.speaker))
    all_dropped = (*notes.dropped, *dropped)
    return replace(notes, action_items=tuple(items), dropped=all_dropped)


KIND = NoteKind(Items, add_actions)
