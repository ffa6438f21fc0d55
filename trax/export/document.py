"""Text for people, and the whole transcript for programs."""

import re
from collections.abc import Iterator, Mapping, Sequence

from trax.export.notes import sections
from trax.export.paragraphs import Paragraph, paragraphs
from trax.export.remarks import Remark, placed
from trax.transcript import Transcript, Word, format_clock
from trax.transcript.codec import to_json

_MARKUP = str.maketrans({char: "\\" + char for char in "\\`*_[]<>#|&"})
_BLOCK_STARTS = re.compile(r"^(\d*)(?=[-+=~.)])")  # of lists, rules and headings


def to_text(transcript: Transcript) -> bytes:
    """A paragraph for each speaker's turn: the name, a colon, the words."""
    parts = [f"{part.name}: {part.text}" for part in paragraphs(transcript)]
    text = "\n\n".join(parts)
    return f"{text}\n".encode()


def to_markdown(transcript: Transcript, remarks: Sequence[Remark] = ()) -> bytes:
    """Heading, facts, warnings and notes, then a paragraph with its time for each turn. What people
    said is in footnotes, whatever its words have become; what is about words that are gone stands
    at the end.
    """
    standing, orphaned = placed(transcript, remarks)
    notes = _Footnotes(standing)
    lines = [f"# {escaped(title_of(transcript))}", "", " · ".join(_facts(transcript)), ""]
    for warning in transcript.warnings:
        lines += [f"> {escaped(warning)}", ""]
    lines += _notes(transcript)
    if not transcript.words:
        lines += ["*Nobody speaks in this recording.*", ""]
    for part in paragraphs(transcript):
        lines += [
            f"**{escaped(part.name)}** ({format_clock(part.start)})  ",
            notes.marked(part),
            "",
        ]
    lines += notes.lines
    if orphaned:
        lines += ["## Comments on words that are gone", ""]
    for remark in orphaned:
        lines += [f"> {escaped(remark.quote)}", "", *map(_remark_line, remark.lines), ""]
    return "\n".join(lines).encode()


class _Footnotes:
    """Remarks as footnotes, numbered as they come."""

    def __init__(self, standing: Mapping[str, Sequence[Remark]]) -> None:
        self.lines: list[str] = []
        self._standing = standing
        self._count = 0

    def marked(self, part: Paragraph) -> str:
        """A paragraph's words, with the marks of footnotes."""
        if not self._standing:
            return escaped(part.text)
        pieces = [self._piece(words) for words in part.parts]
        return " ".join(pieces)

    def _piece(self, words: Sequence[Word]) -> str:
        text = ""
        for at, word in enumerate(words):
            text += escaped(word.text) if word.joined or not at else f" {escaped(word.text)}"
            for remark in self._standing.get(word.id, ()):
                self._count += 1
                text += f"[^{self._count}]"
                said = "  \n    ".join(map(escaped, remark.lines))
                self.lines += [f"[^{self._count}]: “{escaped(remark.quote)}” {said}", ""]
        return text


def _remark_line(line: str) -> str:
    return f"{escaped(line)}  "


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
            yield f"{escaped(entry)}  "
        yield ""


def escaped(text: str) -> str:
    """*text* as Markdown that shows it as it is."""
    marked = text.translate(_MARKUP)
    return _BLOCK_STARTS.sub(r"\1\\", marked)
