"""A picture of who spoke when."""

from collections.abc import Iterator
from html import escape

from trax.transcript import Transcript, format_clock

_WIDTH = 960
_LEFT = 150
_RIGHT_MARGIN = 20
_ROW = 34
_TOP = 30
_BOTTOM_MARGIN = 10
_BAR_GAP = 1.0  # pixels; closer bars are drawn as one
_SHORTEST_BAR = 0.5
_LONGEST_NAME = 18
_COLOURS = ("#3b6ea8", "#c8553d", "#4f8a5b", "#8b5fa8", "#b8862b", "#3f8f94", "#a34a6b", "#6b6b6b")
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
_MOST_TICKS = 9

Bar = tuple[float, float]
"""Start and end in pixels."""


def to_svg(transcript: Transcript) -> bytes:
    """SVG: a row for each speaker with a bar for each turn, and a time axis above.

    Turns closer than a pixel are drawn as one, so that ten hours make a small picture.
    """
    height = _TOP + _ROW * max(1, len(transcript.speakers)) + _BOTTOM_MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">',
        f"<title>Who spoke when in {escape(transcript.recording.name)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        *_axis(transcript.recording.duration, height),
    ]
    for row, speaker in enumerate(transcript.speakers):
        parts += _row(transcript, speaker.label, row)
    if not transcript.speakers:
        parts.append(f'<text x="{_LEFT}" y="{_TOP + 22}" fill="#555555">Nobody speaks</text>')
    parts.append("</svg>")
    text = "\n".join(parts)
    return f"{text}\n".encode()


def _x(seconds: float, duration: float) -> float:
    """The horizontal place of a time, in pixels."""
    width = _WIDTH - _LEFT - _RIGHT_MARGIN
    return _LEFT + width * seconds / max(duration, 1e-9)


def _axis(duration: float, height: int) -> Iterator[str]:
    for tick in range(0, int(duration) + 1, _tick_step(duration)):
        x = f"{_x(tick, duration):.1f}"
        yield f'<line x1="{x}" y1="{_TOP - 6}" x2="{x}" y2="{height - 8}" stroke="#dddddd"/>'
        yield (
            f'<text x="{x}" y="{_TOP - 12}" text-anchor="middle" fill="#555555">'
            f"{format_clock(tick)}</text>"
        )


def _tick_step(duration: float) -> int:
    """Seconds between ticks."""
    for step in _STEPS:
        if duration / step <= _MOST_TICKS:
            return step
    return _STEPS[-1]


def _row(transcript: Transcript, label: str, row: int) -> Iterator[str]:
    """The name of a speaker, and the bars."""
    y = _TOP + _ROW * row
    name = escape(_shortened(transcript.display_name(label)))
    place = f'x="{_LEFT - 12}" y="{y + 20}"'
    yield f'<text {place} text-anchor="end" fill="#222222">{name}</text>'
    colour = _COLOURS[row % len(_COLOURS)]
    for start, end in _bars(transcript, label):
        yield (
            f'<rect x="{start:.1f}" y="{y + 6}" width="{end - start:.1f}" height="20" rx="2" '
            f'fill="{colour}"/>'
        )


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return name[: _LONGEST_NAME - 1] + "…"


def _bars(transcript: Transcript, label: str) -> list[Bar]:
    """The bars of a speaker, close ones joined."""
    duration = transcript.recording.duration
    bars: list[Bar] = []
    for turn in transcript.turns:
        if turn.speaker != label:
            continue
        start = _x(turn.start, duration)
        end = max(_x(turn.end, duration), start + _SHORTEST_BAR)
        if bars and start - bars[-1][1] < _BAR_GAP:
            first, last = bars.pop()
            start = first
            end = max(end, last)
        bars.append((start, end))
    return bars
