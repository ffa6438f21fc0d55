"""A language model's notes about a transcript, for people."""

from collections.abc import Iterator

from trax.transcript import Notes, format_clock


def sections(notes: Notes | None) -> Iterator[tuple[str, list[str]]]:
    """A heading and its lines for each kind of note; the last section says who wrote them."""
    if notes is None:
        return
    written = [section for section in _written(notes) if section[1]]
    if written:
        yield from written
        yield "Transcript", [f"What stands above was written by {notes.model}, not said."]


def _written(notes: Notes) -> Iterator[tuple[str, list[str]]]:
    yield "Summary", notes.summary.split("\n\n") if notes.summary else []
    yield "Chapters", [f"{format_clock(each.start)} {each.title}" for each in notes.chapters]
    yield "To do", [f"{format_clock(each.start)} {each.text}" for each in notes.action_items]
