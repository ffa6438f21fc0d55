"""A report with pictures, as one file of HTML."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from html import escape
from typing import TypeVar

from trax.service.analytics.report import Report, markdown
from trax.service.analytics.speed import JobFigures, StageFigures
from trax.store import JobStatus

Figures = TypeVar("Figures", JobFigures, StageFigures)

_WIDTH, _HEIGHT = 800, 260  # pixels
_LABELS = 8  # of days, at most
_INK = "#4b5553"
_GOOD, _BAD = "#0f6e66", "#ae2a22"
_HOUR = 3600.0
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 15px/1.5 system-ui, sans-serif;
  color: #1a1f1e; background: #fff }}
table {{ display: block; overflow-x: auto; border-collapse: collapse }}
th, td {{ padding: .3rem .8rem .3rem 0; text-align: start; border-bottom: 1px solid #e2e5e0 }}
figure {{ margin: 2rem 0 }}
svg {{ max-width: 100%; height: auto }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def html(found: Report) -> str:
    """A report as a page that needs nothing beside it: what Markdown says, and pictures."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = reader.disable(["link", "image", "autolink"]).render(markdown(found))
    drawn = "".join(
        f'<figure role="img" aria-label="{escape(title)}">{svg}</figure>\n'
        for _key, title, svg in pictures(found)
    )
    title = f"From {found.period.since} to {found.period.until}"
    return _PAGE.format(title=title, body=text + drawn)


def pictures(found: Report) -> Iterator[tuple[str, str, str]]:
    """Name, title and SVG of each picture that has something to show."""
    done = [each for each in found.days if each.by["status"] == JobStatus.COMPLETED]
    failed = [each for each in found.days if each.by["status"] == JobStatus.FAILED]
    drawn = (
        ("work", "Hours of audio done, by day", _GOOD, _values(done, _hours)),
        ("speed", "Times real time, by day", _GOOD, _values(done, _speed)),
        (
            "waiting",
            "Seconds that nine of ten jobs waited at most, by day",
            _GOOD,
            _values(done, _waited),
        ),
        (
            "failures",
            "Jobs that failed, by day",
            _BAD,
            _values(failed, lambda each: float(each.jobs)),
        ),
        (
            "at-hand",
            "Results at hand, in % of the runs of stages, by day",
            _GOOD,
            _values(found.worked, _at_hand),
        ),
        (
            "retries",
            "Stages begun again, by day",
            _BAD,
            _values(found.worked, lambda each: float(each.retries) or None),
        ),
    )
    for key, title, colour, values in drawn:
        if values:
            yield key, title, _columns(found, title, colour, values)


def _values(
    days: Iterable[Figures], value_of: Callable[[Figures], float | None]
) -> dict[str, float]:
    known = {each.by["day"]: value_of(each) for each in days}
    return {day: value for day, value in known.items() if value is not None}


def _hours(each: JobFigures) -> float:
    return each.audio_seconds / _HOUR


def _speed(each: JobFigures) -> float | None:
    return 1.0 / each.pace.middle if each.pace and each.pace.middle else None


def _waited(each: JobFigures) -> float | None:
    return each.waited.high if each.waited else None


def _at_hand(each: StageFigures) -> float | None:
    return 100 * each.cached / each.runs if each.cached else None


def _columns(found: Report, title: str, colour: str, values: dict[str, float]) -> str:
    import leather

    days = [str(date.fromordinal(number)) for number in _ordinals(found)]
    leather.theme.label_color = _INK
    leather.theme.title_font_family = leather.theme.tick_font_family = "system-ui, sans-serif"
    every = len(days) // _LABELS + 1
    chart = leather.Chart(title)
    chart.add_x_axis(tick_formatter=lambda day, at, _all: "" if at % every else day[5:])
    chart.add_y_scale(0, max(values.values()) or 1.0)
    chart.add_columns([(day, values.get(day, 0.0)) for day in days], fill_color=colour)
    return str(chart.to_svg(width=_WIDTH, height=_HEIGHT))


def _ordinals(found: Report) -> range:
    return range(found.period.since.toordinal(), found.period.until.toordinal() + 1)
