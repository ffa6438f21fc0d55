"""Text for people, and the whole transcript for programs."""

from collections.abc import Iterator

from trax.export.paragraphs import paragraphs
from trax.transcript import ActionItem, Chapter, Transcript, format_clock
from trax.transcript.codec import to_json

_MARKUP = str.maketrans({char: "\\" + char for char in "\\`*_[]<>#|"})


def to_text(transcript: Transcript) -> bytes:
    """A paragraph a speaker turn: the name, a colon, the words."""
    return "\n\n".join(f"{part.name}: {part.text}" for part in paragraphs(transcript)).encode() + b"\n"


def to_markdown(transcript: Transcript) -> bytes:
    """A heading, what was recorded, warnings, notes, and a paragraph a speaker turn with its time."""
    recording, notes = transcript.recording, transcript.notes
    heading = (notes.title if notes else "") or recording.name
    facts = [format_clock(recording.duration), _counted(len(transcript.speakers), "speaker")]
    if transcript.language:
        facts.append(f"language {transcript.language}")
    if transcript.expected_errors is not None:
        facts.append(str(transcript.expected_errors))
    lines = [f"# {heading.translate(_MARKUP)}", "", " · ".join(facts), ""]
    lines += [line for warning in transcript.warnings for line in (f"> {warning.translate(_MARKUP)}", "")]
    lines += _notes(transcript)
    if not transcript.words:
        lines += ["*Nobody speaks in this recording.*", ""]
    for part in paragraphs(transcript):
        name, text = part.name.translate(_MARKUP), part.text.translate(_MARKUP)
        lines += [f"**{name}** ({format_clock(part.start)})  ", text, ""]
    return "\n".join(lines).encode()


def _notes(transcript: Transcript) -> Iterator[str]:
    """What a language model wrote, by heading, and that it did."""
    notes = transcript.notes
    if notes is None or not (notes.summary or notes.chapters or notes.action_items):
        return
    if notes.summary:
        yield from ("## Summary", "", notes.summary.translate(_MARKUP), "")
    for heading, entries in (("## Chapters", notes.chapters), ("## To do", notes.action_items)):
        if entries:
            yield from (heading, "")
            yield from (f"{format_clock(each.start)} {_entry(each).translate(_MARKUP)}  " for each in entries)
            yield ""
    yield from (f"Written by {notes.model.translate(_MARKUP)}, not said.", "", "## Transcript", "")


def _entry(entry: Chapter | ActionItem) -> str:
    return entry.title if isinstance(entry, Chapter) else entry.text


def to_json_document(transcript: Transcript) -> bytes:
    """The transcript by the schema that `trax.transcript.codec.transcript_schema` gives."""
    return to_json(transcript, indent=1) + b"\n"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
