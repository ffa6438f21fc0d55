"""Tables and times as every list shows them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from rich.table import Table

_WHOLE = {"id": 12, "job": 12, "key": 12}  # what a person copies is never cut


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()
) -> Table:
    """A table without lines; numbers stand to the *right*."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in right else "left"
        made.add_column(
            column, justify=justify, min_width=_WHOLE.get(column), no_wrap=column in _WHOLE
        )
    for row in rows:
        made.add_row(*row)
    return made


def moment(time: datetime) -> str:
    """A time as the user's clock has it."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M")
