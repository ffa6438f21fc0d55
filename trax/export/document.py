"""Text for people, and the whole transcript for programs."""

import re
from collections.abc import Iterator

from trax.export.notes import sections
from trax.export.paragraphs import paragraphs
from trax.transcript import Transcript, format_clock
from trax.transcript.codec import to_json

_MARKUP = str.maketrans({char: "\\" + char for char in "\\`*_[]<>#|&"})
_BLOCK_STARTS = re.compile(r"^(\d*)(?=[-+=~.)])")  # of lists, rules and headings


def to_text(transcript: Transcript) -> bytes:
    """A paragraph for each speaker's turn: the name, a colon, the words."""
    parts = [f"{part.name}: {part.text}" for part in paragraphs(transcript)]
    text = "\n\n".join(parts)
    return f"{text}\n".encode()


def to_markdown(transcript: Transcript) -> bytes:
    """Heading, facts, warnings and notes, then a paragraph with its time for each turn."""
    lines = [f"# {_escaped(title_of(transcript))}", "", " · ".join(_facts(transcript)), ""]
    for warning in transcript.warnings:
        lines += [f"> {_escaped(warning)}", ""]
    lines += _notes(transcript)
    if not transcript.words:
        lines += ["*Nobody speaks in this recording.*", ""]
    for part in paragraphs(transcript):
        lines += [
            f"**{_escaped(part.name)}** ({format_clock(part.start)})  ",
            _escaped(part.text),
            "",
        ]
    return "\n".join(lines).encode()


def to_json_document(transcript: Transcript) -> bytes:
    """The transcript in the schema of `trax.transcript.codec.transcript_schema`."""
    return to_json(transcript, indent=1) + b"\n"


def title_of(transcript: Transcript) -> str:
    """The title in the notes, or the recording's name if there is none."""
    if transcript.notes is not None and transcript.notes.title:
        return transcript.notes.title
    return transcript.recording.name


def _facts(transcript: Transcript) -> Iterator[str]:
    yield format_clock(transcript.recording.duration)
    count = len(transcript.speakers)
    yield f"{count} speaker" if count == 1 else f"{count} speakers"
    if transcript.language:
        yield f"language {transcript.language}"
    if transcript.expected_errors is not None:
        yield str(transcript.expected_errors)


def _notes(transcript: Transcript) -> Iterator[str]:
    for heading, entries in sections(transcript.notes):
        yield f"## {heading}"
        yield ""
        for entry in entries:
            yield f"{_escaped(entry)}  "
        yield ""


def _escaped(text: str) -> str:
    escaped = text.translate(_MARKUP)
    return _BLOCK_STARTS.sub(r"\1\\", escaped)
