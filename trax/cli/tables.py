"""Tables and times as every list shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any, Literal

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


def plain(value: Any) -> Any:
    """A value, dataclass or list of them as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
