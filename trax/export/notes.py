"""What a language model wrote about a transcript, for people."""

from collections.abc import Iterator

from trax.transcript import Notes, format_clock


def sections(notes: Notes | None) -> Iterator[tuple[str, list[str]]]:
    """A heading and its lines for each kind that there is; the last lines say who wrote them."""
    if notes is None or not (notes.summary or notes.chapters or notes.action_items):
        return
    if notes.summary:
        yield "Summary", notes.summary.split("\n\n")
    if notes.chapters:
        yield "Chapters", [f"{format_clock(each.start)} {each.title}" for each in notes.chapters]
    if notes.action_items:
        yield "To do", [f"{format_clock(each.start)} {each.text}" for each in notes.action_items]
    yield "Transcript", [f"What stands above was written by {notes.model}, not said."]
