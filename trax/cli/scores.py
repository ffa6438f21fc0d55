"""Scores on screen."""

from rich.table import Table

from trax.errors import InvalidDocument
from trax.scoring import Scores

Row = dict[str, str | float]


def score_rows(scores: Scores) -> list[Row]:
    """A row a measure that could be taken.

    Raises:
        InvalidDocument: the two documents have nothing in common.
    """
    words = {"WER": scores.wer, "cpWER": scores.cpwer, "tcpWER (5 s)": scores.tcpwer}
    turns = {"DER": scores.der, "DER (0.25 s collar)": scores.der_collar}
    rows: list[Row] = [
        {"measure": name, "rate": found.rate, "errors": found.errors, "of": found.length}
        for name, found in words.items()
        if found is not None
    ]
    rows += [
        {
            "measure": name,
            "rate": found.rate,
            "errors": round(found.false_alarm + found.missed + found.confusion, 2),
            "of": round(found.total, 2),
        }
        for name, found in turns.items()
        if found is not None
    ]
    if not rows:
        raise InvalidDocument("these documents", "one holds words alone, the other turns alone")
    return rows


def score_table(rows: list[Row]) -> Table:
    """The rows for a terminal; words are counted, turns are in seconds."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("measure", "rate", "errors", "of"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    for row in rows:
        table.add_row(
            str(row["measure"]),
            f"{100 * float(row['rate']):.2f} %",
            str(row["errors"]),
            str(row["of"]),
        )
    return table
