"""Word documents. Paragraphs and runs of Arabic, Hebrew and the like run to the left."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trax.export.direction import directed_runs, runs_to_the_left
from trax.export.document import title_of
from trax.export.notes import sections
from trax.export.paragraphs import Paragraph, paragraphs
from trax.export.remarks import Remark, placed
from trax.transcript import Transcript, format_clock

if TYPE_CHECKING:  # python-docx is only imported to write a document
    from docx.document import Document as DocumentObject
    from docx.text.paragraph import Paragraph as DocxParagraph
    from docx.text.run import Run

_GREY = (0x66, 0x66, 0x66)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AFTER_BIDI = (  # ECMA-376, CT_PPr: the order matters to Word
    "w:adjustRightInd",
    "w:snapToGrid",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:mirrorIndents",
    "w:suppressOverlap",
    "w:jc",
    "w:textDirection",
    "w:textAlignment",
    "w:textboxTightWrap",
    "w:outlineLvl",
    "w:divId",
    "w:cnfStyle",
    "w:rPr",
    "w:sectPr",
    "w:pPrChange",
)
_DATE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}date"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def to_docx(transcript: Transcript, remarks: Sequence[Remark] = ()) -> bytes:
    """Heading, facts, warnings and notes, then a paragraph for each turn: name, time, words. What
    people said is in Word's comments; what is about words that are gone stands at the end.
    """
    from docx import Document

    document = Document()
    _add_heading(document, transcript)
    for warning in transcript.warnings:
        _add_text(document.add_paragraph(style="Intense Quote"), warning)
    for heading, entries in sections(transcript.notes):
        _add_section(document, heading, entries)
    standing, orphaned = placed(transcript, remarks)
    for part in paragraphs(transcript):
        _add_turn(document, part, standing)
    for remark in orphaned:
        _add_orphan(document, remark)
    target = io.BytesIO()
    document.save(target)
    return _with_fixed_dates(target.getvalue())


def _add_heading(document: "DocumentObject", transcript: Transcript) -> None:
    title = title_of(transcript)
    document.core_properties.title = _clean(title)
    document.core_properties.author = "Trax"
    _add_text(document.add_heading(level=1), title)
    facts = [
        format_clock(transcript.recording.duration),
        f"{len(transcript.speakers)} speakers",
    ]
    if transcript.language:
        facts.append(transcript.language)
    document.add_paragraph(" · ".join(facts))


def _add_section(document: "DocumentObject", heading: str, entries: Sequence[str]) -> None:
    document.add_heading(heading, level=2)
    for entry in entries:
        _add_text(document.add_paragraph(), entry)


def _add_orphan(document: "DocumentObject", remark: Remark) -> None:
    _add_text(document.add_paragraph(style="Intense Quote"), remark.quote)
    for line in remark.lines:
        _add_text(document.add_paragraph(), line)


def _add_turn(
    document: "DocumentObject", part: Paragraph, standing: Mapping[str, Sequence[Remark]]
) -> None:
    from docx.shared import Pt, RGBColor

    paragraph = document.add_paragraph()
    for name in _add_runs(paragraph, part.name):
        name.bold = True
        if name.font.rtl:
            name.font.cs_bold = True
    time = paragraph.add_run(f"  {format_clock(part.start)}")
    time.font.size = Pt(9)
    time.font.color.rgb = RGBColor(*_GREY)
    time.add_break()
    words = [word for words in part.parts for word in words]
    if not any(word.id in standing for word in words):
        _add_text(paragraph, part.text)
        return
    if runs_to_the_left(part.text):
        _turn_left(paragraph)
    _add_words(document, paragraph, part, standing)


def _add_words(
    document: "DocumentObject",
    paragraph: "DocxParagraph",
    part: Paragraph,
    standing: Mapping[str, Sequence[Remark]],
) -> None:
    """Add words each in runs of their own, to which comments can be tied."""
    runs: dict[str, list[Run]] = {}
    for number, words in enumerate(part.parts):
        for at, word in enumerate(words):
            is_apart = (number or at) and not (word.joined and at)
            runs[word.id] = _add_runs(paragraph, f" {word.text}" if is_apart else word.text)
            for remark in standing.get(word.id, ()):
                begins = runs.get(remark.first) or runs.get(remark.last) or runs[word.id]
                _add_comment(document, [begins[0], runs[word.id][-1]], remark)


def _add_comment(document: "DocumentObject", runs: "list[Run]", remark: Remark) -> None:
    author = _clean(remark.said[0].author)
    comment = document.add_comment(runs, author=author, initials=author[:1])
    first, *others = remark.lines
    _add_runs(comment.paragraphs[0], first.removeprefix(f"{remark.said[0].author}: "))
    for line in others:
        _add_runs(comment.add_paragraph(), line)
    comment._comment_elm.set(_DATE, remark.said[0].at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _add_text(paragraph: "DocxParagraph", text: str) -> None:
    """Add *text*, which decides the way that the paragraph runs."""
    if runs_to_the_left(text):
        _turn_left(paragraph)
    _add_runs(paragraph, text)


def _turn_left(paragraph: "DocxParagraph") -> None:
    """Have a paragraph run to the left."""
    from docx.oxml import OxmlElement

    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)


def _add_runs(paragraph: "DocxParagraph", text: str) -> "list[Run]":
    """Add *text* in runs of one direction each."""
    runs = []
    for piece, to_the_left in directed_runs(_clean(text)):
        run = paragraph.add_run(piece)
        if to_the_left:
            run.font.rtl = True
        runs.append(run)
    return runs


def _clean(text: str) -> str:
    """The text without characters that XML 1.0 does not allow."""
    return _NOT_XML.sub("", text)


def _with_fixed_dates(data: bytes) -> bytes:
    """The archive with one date for all its files, so that equal transcripts give equal bytes."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            copy.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED)
    return target.getvalue()
