"""Tables with a row for each segment."""

import csv
import io
from collections.abc import Iterator

from trax.transcript import Segment, Transcript

_COLUMNS = ("start", "end", "speaker", "name", "confidence", "text")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_tsv(transcript: Transcript) -> bytes:
    """Tab-separated values with a header; tabs and line ends inside a text become spaces."""
    lines = []
    for row in _rows(transcript):
        cells = [" ".join(cell.split()) for cell in row]
        lines.append("\t".join(cells))
    text = "\n".join(lines)
    return f"{text}\n".encode()


def to_csv(transcript: Transcript) -> bytes:
    """Comma-separated values (RFC 4180) with a header.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    for row in _rows(transcript):
        writer.writerow([_inert(cell) for cell in row])
    return target.getvalue().encode()


def _rows(transcript: Transcript) -> Iterator[tuple[str, ...]]:
    yield _COLUMNS
    for segment in transcript.segments:
        yield _row(segment, transcript.display_name(segment.speaker))


def _row(segment: Segment, name: str) -> tuple[str, ...]:
    confidence = segment.confidence
    return (
        f"{segment.start:.3f}",
        f"{segment.end:.3f}",
        segment.speaker or "",
        name,
        "" if confidence is None else f"{confidence:.3f}",
        segment.text,
    )


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
