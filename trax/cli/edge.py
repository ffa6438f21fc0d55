"""What every command does at its edge: errors as one sentence, paths, output."""

import json
import math
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import typer

from trax.errors import (
    Cancelled,
    InvalidOption,
    MissingRooms,
    NotFound,
    PrefectUnavailable,
    SchemaOutdated,
    TraxError,
    UnknownBlock,
)

if TYPE_CHECKING:
    from rich.console import Console


_HINTS = {
    "adapter": "`trax adapt` lists those there are",
    "edit that was made": "`trax edits` lists them",
    "folder": "`trax folders` lists those there are",
    "group": "`trax groups` lists those there are",
    "job": "`trax jobs` lists those there are",
    "known voice": "`trax speakers` lists those there are",
    "link": "`trax links list TRANSCRIPT` lists those there are",
    "proposed name": "`trax transcribe --enhance names` looks for names",
    "token": "`trax tokens` lists those there are",
    "user": "`trax users` lists those there are",
    "transcript": "`trax show` lists those there are",
    "translation": "`trax transcribe --translate CODE` makes one",
    "version": "`trax show TRANSCRIPT --versions` lists those there are",
}
"""What to run when something is not found, by its kind."""


_HINTS_OF_ERRORS: dict[type[TraxError], str] = {
    PrefectUnavailable: "TRAX_RUNNER=local works without one",
    MissingRooms: "set TRAX_ROOMS to the folder with them",
    SchemaOutdated: "run `trax db upgrade`",
    UnknownBlock: "`trax prefect setup` registers its kind",
}
"""What to do about an error, by its class."""


@cache
def out() -> "Console":
    """Where results go."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


@cache
def err() -> "Console":
    """Where progress and errors go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def edge() -> Iterator[None]:
    """Turn errors into one sentence and an exit code; ``TRAX_DEBUG=1`` shows where they come
    from.
    """
    try:
        yield
    except (TraxError, KeyboardInterrupt, Exception) as error:
        if isinstance(error, typer.Exit | typer.Abort):
            raise
        raise typer.Exit(tell(error)) from None


def tell(error: BaseException) -> int:
    """Print what went wrong in one sentence and give the exit code."""
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 141
    if isinstance(error, KeyboardInterrupt):
        error = Cancelled("stopped; finished stages are kept, and running again picks up from them")
    if os.environ.get("TRAX_DEBUG"):
        traceback.print_exception(error)
    text = sentence(error) + _advice(error)
    err().print(f"[bold red]error:[/] {_plain(text)}", soft_wrap=True)
    return error.exit_code if isinstance(error, TraxError) else 1


def sentence(error: BaseException) -> str:
    """An error in one line."""
    text = " ".join(str(error).split())
    return text or type(error).__name__


def _advice(error: BaseException) -> str:
    """What this command line adds to an error's sentence."""
    if not isinstance(error, TraxError):
        return " (a defect of Trax: set TRAX_DEBUG=1 to see where)"
    for kind, hint in _HINTS_OF_ERRORS.items():
        if isinstance(error, kind):
            return f"; {hint}"
    if isinstance(error, NotFound) and "`" not in error.hint and error.kind in _HINTS:
        return f"; {_HINTS[error.kind]}"
    return ""


def printable(path: object) -> str:
    """A path as text that every terminal and file takes, whatever bytes it is made of."""
    return str(path).encode(errors="replace").decode()


def finite(number: float | None) -> float | None:
    """An option's number; NaN and infinity are refused, which no range of options does."""
    if number is not None and not math.isfinite(number):
        raise typer.BadParameter("it must be a number")
    return number


def names(text: str, what: str) -> list[str]:
    """The names in a comma-separated list.

    Raises:
        InvalidOption: there is none.
    """
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise InvalidOption(f"name at least one {what}")
    return found


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def print_json(value: object) -> None:
    """JSON on standard output, untouched by any markup; what its encoding has not is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(out().encoding)
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    out().file.write(text + "\n")


def log_to_terminal(log_format: str = "auto") -> None:
    """Show what is logged, for commands that run until they are stopped.

    Args:
        log_format: ``text``, ``json``, or ``auto``: text on a terminal.
    """
    from trax.telemetry.logs import show_logs

    is_for_people = err().is_terminal if log_format == "auto" else log_format == "text"
    show_logs(sys.stderr, as_json=not is_for_people)
