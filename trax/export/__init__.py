"""A transcript as bytes in many formats: ``FORMATS[name].render(transcript)``. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trax.errors import NotFound
from trax.export.document import to_json_document, to_markdown, to_text
from trax.export.docx import to_docx
from trax.export.interchange import to_ctm, to_rttm, to_stm
from trax.export.player import to_html
from trax.export.remarks import Remark
from trax.export.subtitles import to_srt, to_vtt
from trax.export.tables import to_csv, to_tsv
from trax.export.timeline import to_svg
from trax.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a transcript. Its name in `FORMATS` is also the file extension.

    Attributes:
        summary: what the format is, for people.
        media_type: for HTTP.
        render: writes a transcript.
        render_with: writes it with what people said about it; ``None`` where that has no place.
    """

    summary: str
    media_type: str
    render: Callable[[Transcript], bytes]
    render_with: Callable[[Transcript, Sequence[Remark]], bytes] | None = None


FORMATS = {
    "txt": Format("plain text, a paragraph a speaker", "text/plain; charset=utf-8", to_text),
    "md": Format("Markdown with times", "text/markdown; charset=utf-8", to_markdown, to_markdown),
    "json": Format("everything, by the published schema", "application/json", to_json_document),
    "srt": Format("SubRip subtitles", "application/x-subrip", to_srt),
    "vtt": Format("WebVTT subtitles with voice tags", "text/vtt; charset=utf-8", to_vtt),
    "tsv": Format(
        "a row a segment, tabs between", "text/tab-separated-values; charset=utf-8", to_tsv
    ),
    "csv": Format("a row a segment, for spreadsheets", "text/csv; charset=utf-8", to_csv),
    "rttm": Format("speaker turns (NIST RT-09)", "text/plain; charset=utf-8", to_rttm),
    "ctm": Format("timed words (NIST)", "text/plain; charset=utf-8", to_ctm),
    "stm": Format("timed segments (NIST)", "text/plain; charset=utf-8", to_stm),
    "docx": Format(
        "Word document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        to_docx,
        to_docx,
    ),
    "html": Format("a page that plays the recording", "text/html; charset=utf-8", to_html),
    "svg": Format("a picture of who spoke when", "image/svg+xml", to_svg),
}
"""Every export format by name."""


def known_formats(names: Sequence[str]) -> tuple[str, ...]:
    """The names in lower case and without dots, each once, in their order.

    Raises:
        NotFound: one of the formats does not exist.
    """
    known: dict[str, None] = {}
    for name in names:
        if not name.strip():
            continue
        plain = name.strip().lower().lstrip(".")
        if plain not in FORMATS:
            raise NotFound("format", plain, f"known are {', '.join(FORMATS)}")
        known[plain] = None
    return tuple(known)


__all__ = ["FORMATS", "Format", "known_formats"]
