"""A row a segment."""

import csv
import io

from trax.transcript import Transcript

_COLUMNS = ("start", "end", "speaker", "name", "confidence", "text")


def to_tsv(transcript: Transcript) -> bytes:
    """Tab-separated values with a header; tabs and line ends inside a text become spaces."""
    lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in _rows(transcript)]
    return ("\n".join(lines) + "\n").encode()


def to_csv(transcript: Transcript) -> bytes:
    """Comma-separated values (RFC 4180) with a header.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    target = io.StringIO(newline="")
    csv.writer(target).writerows([_inert(cell) for cell in row] for row in _rows(transcript))
    return target.getvalue().encode()


def _rows(transcript: Transcript) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for segment in transcript.segments:
        confidence = "" if segment.confidence is None else f"{segment.confidence:.3f}"
        name = transcript.display_name(segment.speaker)
        rows.append(
            (
                f"{segment.start:.3f}",
                f"{segment.end:.3f}",
                segment.speaker or "",
                name,
                confidence,
                segment.text,
            )
        )
    return rows


def _inert(cell: str) -> str:
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
