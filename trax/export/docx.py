"""Word documents."""

import io
import re
import zipfile

from docx import Document
from docx.shared import Pt, RGBColor

from trax.export.notes import sections
from trax.export.paragraphs import paragraphs
from trax.transcript import Transcript, format_clock

_GREY = RGBColor(0x66, 0x66, 0x66)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def to_docx(transcript: Transcript) -> bytes:
    """A heading, what was recorded, notes, and a paragraph a speaker turn: name, time, words."""
    document = Document()
    title = _clean(
        (transcript.notes.title if transcript.notes else "") or transcript.recording.name
    )
    document.core_properties.title = title
    document.core_properties.author = "Trax"
    document.add_heading(title, level=1)
    facts = [
        format_clock(transcript.recording.duration),
        f"{len(transcript.speakers)} speakers",
        transcript.language,
    ]
    document.add_paragraph(" · ".join(fact for fact in facts if fact))
    for warning in transcript.warnings:
        document.add_paragraph(_clean(warning), style="Intense Quote")
    for heading, entries in sections(transcript.notes):
        document.add_heading(heading, level=2)
        for entry in entries:
            document.add_paragraph(_clean(entry))
    for part in paragraphs(transcript):
        paragraph = document.add_paragraph()
        paragraph.add_run(_clean(part.name)).bold = True
        time = paragraph.add_run(f"  {format_clock(part.start)}")
        time.font.size, time.font.color.rgb = Pt(9), _GREY
        time.add_break()
        paragraph.add_run(_clean(part.text))
    target = io.BytesIO()
    document.save(target)
    return _same_every_time(target.getvalue())


def _clean(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return _NOT_XML.sub("", text)


def _same_every_time(data: bytes) -> bytes:
    """The archive with fixed dates, so that equal transcripts give equal bytes."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            copy.writestr(zipfile.ZipInfo(name, _EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
