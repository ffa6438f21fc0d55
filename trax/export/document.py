"""Text for people, and the whole transcript for programs."""

from trax.export.notes import sections
from trax.export.paragraphs import paragraphs
from trax.transcript import Transcript, format_clock
from trax.transcript.codec import to_json

_MARKUP = str.maketrans({char: "\\" + char for char in "\\`*_[]<>#|"})


def to_text(transcript: Transcript) -> bytes:
    """A paragraph a speaker turn: the name, a colon, the words."""
    return (
        "\n\n".join(f"{part.name}: {part.text}" for part in paragraphs(transcript)).encode() + b"\n"
    )


def to_markdown(transcript: Transcript) -> bytes:
    """A heading, what was recorded, warnings, notes, and a paragraph a speaker turn with its
    time.
    """
    recording, notes = transcript.recording, transcript.notes
    heading = (notes.title if notes else "") or recording.name
    facts = [format_clock(recording.duration), _counted(len(transcript.speakers), "speaker")]
    if transcript.language:
        facts.append(f"language {transcript.language}")
    if transcript.expected_errors is not None:
        facts.append(str(transcript.expected_errors))
    lines = [f"# {heading.translate(_MARKUP)}", "", " · ".join(facts), ""]
    lines += [
        line for warning in transcript.warnings for line in (f"> {warning.translate(_MARKUP)}", "")
    ]
    for title, entries in sections(notes):
        lines += [f"## {title}", "", *(f"{entry.translate(_MARKUP)}  " for entry in entries), ""]
    if not transcript.words:
        lines += ["*Nobody speaks in this recording.*", ""]
    for part in paragraphs(transcript):
        name, text = part.name.translate(_MARKUP), part.text.translate(_MARKUP)
        lines += [f"**{name}** ({format_clock(part.start)})  ", text, ""]
    return "\n".join(lines).encode()


def to_json_document(transcript: Transcript) -> bytes:
    """The transcript by the schema that `trax.transcript.codec.transcript_schema` gives."""
    return to_json(transcript, indent=1) + b"\n"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
