"""Logs: a line an event, for people or as JSON, with the ids of request and job.

What an error says may name a recording or quote it. So an error is logged as its class, those
behind it, and where it was raised, whoever logs it.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from trax.telemetry.ids import current_ids

FIELDS = "fields"
"""Key of ``extra`` under which a log call gives more fields of its line."""

_ROOT = str(Path(__file__).resolve().parents[2]) + "/"
_FRAMES = 12  # innermost ones

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def show_logs(stream: TextIO, *, as_json: bool) -> None:
    """Write what Trax logs, and warnings of libraries, to *stream*."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(without_words)
    handler.setFormatter(JsonLines() if as_json else PlainLines())
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger("trax").setLevel(logging.INFO)


def described(error: BaseException) -> str:
    """An error without what it says: its class, those behind it, and where it was raised.

    >>> described(ValueError("Anna said no"))
    'ValueError'
    """
    names = [type(error).__name__]
    cause = error.__cause__
    while cause is not None and len(names) < _FRAMES:
        names.append(type(cause).__name__)
        cause = cause.__cause__
    frames = places(error)
    where = f" at {frames[-1]}" if frames else ""
    return f"{' from '.join(names)}{where}"


def places(error: BaseException) -> list[str]:
    """Where an error was raised and passed on, the innermost place last."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{_shown(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]


def without_words(record: logging.LogRecord) -> bool:
    """Put the description of each error in its place; a filter, which lets everything through."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            described(each) if isinstance(each, BaseException) else each for each in record.args
        )
    return True


class PlainLines(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        more = {**getattr(record, FIELDS, {}), **current_ids()}
        said = " ".join(f"{name}={value}" for name, value in more.items())
        line = f"{at} {record.levelname.lower()} {record.getMessage()} {said}".rstrip()
        error = _error_of(record)
        return line if error is None else "\n  ".join([line, described(error), *places(error)])


class JsonLines(logging.Formatter):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **current_ids(),
            **getattr(record, FIELDS, {}),
        }
        error = _error_of(record)
        if error is not None:
            line |= {"error": described(error), "places": places(error)}
        return json.dumps(line, ensure_ascii=False, default=str)


def _error_of(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _shown(file: str) -> str:
    """A file's path from where the code lies; a machine's folders are nobody's business."""
    return file.rpartition("site-packages/")[2].removeprefix(_ROOT)
