"""``trax score``."""

from pathlib import Path
from typing import Annotated

import typer

from trax.cli.edge import edge


def score(
    hypothesis: Annotated[Path, typer.Argument(help="What Trax or another system wrote.")],
    reference: Annotated[Path, typer.Argument(help="What was really said, or who really spoke.")],
    language: Annotated[str, typer.Option(help="Decides how texts are normalised.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Measure a transcript against a reference: WER, cpWER, tcpWER, DER, whatever both documents
    allow.

    Either may be a Trax .json, a SegLST .json, .stm, .ctm, .rttm, or plain text.

    **Examples**

    `trax score transcripts/interview.json interview.seglst.json`

    `trax score transcripts/interview.rttm interview.rttm`
    """
    with edge():
        from trax.cli.edge import print_json
        from trax.cli.scores import score_rows, score_table
        from trax.scoring import read_scorable
        from trax.scoring import score as scored

        rows = score_rows(scored(read_scorable(hypothesis), read_scorable(reference), language))
        if as_json:
            print_json(rows)
        else:
            from trax.cli.edge import out

            out().print(score_table(rows))
