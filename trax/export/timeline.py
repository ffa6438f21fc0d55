"""A picture of who spoke when."""

from html import escape

from trax.transcript import Transcript, format_clock

_WIDTH, _LEFT, _ROW, _TOP = 960, 150, 34, 30
_COLOURS = ("#3b6ea8", "#c8553d", "#4f8a5b", "#8b5fa8", "#b8862b", "#3f8f94", "#a34a6b", "#6b6b6b")
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
_MOST_TICKS = 9


def to_svg(transcript: Transcript) -> bytes:
    """SVG: a row a speaker, a bar a turn, a time axis above. Turns closer than a pixel are drawn as
    one.
    """
    height = _TOP + _ROW * max(1, len(transcript.speakers)) + 10
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
    return ("\n".join([*parts, "</svg>"]) + "\n").encode()


def _x(seconds: float, duration: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - 20) * seconds / max(duration, 1e-9)


def _axis(duration: float, height: int) -> list[str]:
    step = next((step for step in _STEPS if duration / step <= _MOST_TICKS), _STEPS[-1])
    lines = []
    for tick in range(0, int(duration) + 1, step):
        x = _x(tick, duration)
        lines.append(
            f'<line x1="{x:.1f}" y1="{_TOP - 6}" x2="{x:.1f}" y2="{height - 8}" stroke="#dddddd"/>'
        )
        lines.append(
            f'<text x="{x:.1f}" y="{_TOP - 12}" text-anchor="middle" fill="#555555">'
            f"{format_clock(tick)}</text>"
        )
    return lines


def _row(transcript: Transcript, label: str, row: int) -> list[str]:
    y = _TOP + _ROW * row
    name = transcript.display_name(label)
    shown = name if len(name) <= 18 else name[:17] + "…"
    place = f'x="{_LEFT - 12}" y="{y + 20}"'
    text = f'<text {place} text-anchor="end" fill="#222222">{escape(shown)}</text>'
    bars = _bars(transcript, label)
    colour = _COLOURS[row % len(_COLOURS)]
    return [
        text,
        *(
            f'<rect x="{start:.1f}" y="{y + 6}" width="{end - start:.1f}" height="20" rx="2" '
            f'fill="{colour}"/>'
            for start, end in bars
        ),
    ]


def _bars(transcript: Transcript, label: str) -> list[tuple[float, float]]:
    """Start and end of each bar in pixels, close ones joined, so that ten hours make a small
    picture.
    """
    duration = transcript.recording.duration
    bars: list[tuple[float, float]] = []
    for turn in transcript.turns:
        if turn.speaker == label:
            start, end = (
                _x(turn.start, duration),
                max(_x(turn.end, duration), _x(turn.start, duration) + 0.5),
            )
            if bars and start - bars[-1][1] < 1:
                bars[-1] = (bars[-1][0], max(end, bars[-1][1]))
            else:
                bars.append((start, end))
    return bars
