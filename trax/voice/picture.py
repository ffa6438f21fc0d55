"""A picture of what was replaced in a recording."""

from html import escape

from trax.transcript import format_clock
from trax.voice.report import Report

_WIDTH, _HEIGHT = 1000, 60
_COLOURS = {"said": "#2a78d6", "left": "#d98a1f"}


def picture(report: Report) -> bytes:
    """A line of time, as SVG: what was said again above it, what was left below it."""
    scale = _WIDTH / max(report.duration, 1e-9)
    shapes = [_box(row.start, row.end, row.text, "said", scale) for row in report.utterances]
    shapes += [_box(each.start, each.end, each.text, "left", scale) for each in report.left]
    end = format_clock(report.duration)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="11">'
        f'<line x1="0" y1="24" x2="{_WIDTH}" y2="24" stroke="#888"/>{"".join(shapes)}'
        f'<text x="0" y="58" fill="#888">0:00</text>'
        f'<text x="{_WIDTH}" y="58" text-anchor="end" fill="#888">{end}</text></svg>'
    ).encode()


def _box(start: float, end: float, text: str, kind: str, scale: float) -> str:
    top = 4 if kind == "said" else 26
    width = max(1.0, (end - start) * scale)
    return (
        f'<rect x="{start * scale:.1f}" y="{top}" width="{width:.1f}" height="18" rx="2" '
        f'fill="{_COLOURS[kind]}"><title>{escape(text)}</title></rect>'
    )
