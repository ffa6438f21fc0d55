"""``trax score``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from trax.scoring import Scores

Row = dict[str, str | float]


def score(
    hypothesis: Annotated[Path, typer.Argument(help="What Trax or another system wrote.")],
    reference: Annotated[Path, typer.Argument(help="What was really said, or who really spoke.")],
    language: Annotated[str, typer.Option(help="Decides how texts are normalised.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a transcript against a reference.

    WER, cpWER, tcpWER and DER are printed as far as both documents allow. Either may be a Trax
    .json, a SegLST .json, .stm, .ctm, .rttm, .srt, .vtt, or plain text.

    **Examples**

    `trax score transcripts/interview.json interview.seglst.json`

    `trax score transcripts/interview.rttm interview.rttm`
    """
    with edge():
        from trax.scoring import read_scorable
        from trax.scoring import score as scored

        rows = _rows(scored(read_scorable(hypothesis), read_scorable(reference), language))
        if as_json:
            print_json(rows)
        else:
            out().print(_table(rows))


def _rows(scores: "Scores") -> list[Row]:
    """A row for each measure that could be taken; words are counted, turns are in seconds.

    Raises:
        InvalidDocument: the two documents have nothing in common.
    """
    from trax.errors import InvalidDocument

    words = {"WER": scores.wer, "cpWER": scores.cpwer, "tcpWER (5 s)": scores.tcpwer}
    turns = {"DER": scores.der, "DER (0.25 s collar)": scores.der_collar}
    rows: list[Row] = [
        {"measure": name, "rate": found.rate, "errors": found.errors, "of": found.length}
        for name, found in words.items()
        if found is not None
    ]
    for name, der in turns.items():
        if der is not None:
            errors = round(der.false_alarm + der.missed + der.confusion, 2)
            rows.append(
                {"measure": name, "rate": der.rate, "errors": errors, "of": round(der.total, 2)}
            )
    if not rows:
        raise InvalidDocument("these documents", "one holds words alone, the other turns alone")
    return rows


def _table(rows: Sequence[Row]) -> "Table":
    from trax.cli.tables import table

    columns = ("measure", "rate", "errors", "of")
    shown = [
        (
            str(row["measure"]),
            f"{100 * float(row['rate']):.2f} %",
            str(row["errors"]),
            str(row["of"]),
        )
        for row in rows
    ]
    return table(columns, shown, right=columns[1:])
