"""Tables and times as every list shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

_WHOLE = frozenset(("id", "job", "key", "name", "stage"))
"""Columns that people copy from: never broken over lines."""

_UNLIMITED = 1_000_000  # columns; of a pipe or a file
_WORD = 16  # columns that long words of a text get, even if the terminal has not so many
_GAP = 1  # column between two cells


class UncutTable(Table):
    """A table that cuts nothing: a narrow terminal breaks long texts over lines; a pipe or a file
    has no width, and gets a line a row.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render in the console's width, or in what the table needs."""
        least = sum((column.min_width or 0) + _GAP for column in self.columns)
        width = max(options.max_width, least) if console.is_terminal else _UNLIMITED
        yield from super().__rich_console__(console, options.update(width=width))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()
) -> UncutTable:
    """A table without lines; numbers stand to the *right*."""
    cells = [tuple(row) for row in rows]
    made = UncutTable(box=None, pad_edge=False, header_style="bold")
    for at, column in enumerate(columns):
        whole = column in _WHOLE or column in right
        texts = (column, *(row[at] for row in cells))
        justify: Literal["left", "right"] = "right" if column in right else "left"
        made.add_column(
            column,
            justify=justify,
            overflow="fold",
            min_width=max(map(_width, texts)) if whole else _longest_word(texts),
            no_wrap=whole,
        )
    for row in cells:
        made.add_row(*row)
    return made


def moment(time: datetime) -> str:
    """A time as the user's clock has it."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M")


def plain(value: Any) -> Any:
    """A value, dataclass or list of them as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _width(cell: str) -> int:
    """The columns of a terminal that a marked-up *cell* takes."""
    return Text.from_markup(cell).cell_len


def _longest_word(cells: Iterable[str]) -> int:
    """The columns of the longest word of several cells, within reason."""
    words = (word for cell in cells for word in Text.from_markup(cell).plain.split())
    return min(_WORD, max(map(cell_len, words), default=0))
