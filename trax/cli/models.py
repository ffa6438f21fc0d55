"""``trax models``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from trax.service.models import Row


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models that Trax knows and where each is found.

    The column `auto` marks those that are chosen if none is named.

    **Examples**

    `trax models`

    `trax transcribe interview.mp3 --model tiny.en`
    """
    with edge():
        from trax.service.models import known_models
        from trax.settings import load_settings

        known = known_models(load_settings())
        if as_json:
            print_json(known)
        else:
            _show(known)


def _show(known: "Sequence[Row]") -> None:
    """Models, a row each; those that are not on this machine are dim."""
    from trax.cli.tables import table

    made = table(tuple(known[0]), [tuple(row.values()) for row in known])
    for row, shown in zip(known, made.rows, strict=True):
        here = not row["where"].startswith(("hub,", "pip")) and row["where"] != "hub"
        shown.style = "" if here else "dim"
    out().print(made)
