"""``trax models``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def models(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the models that Trax knows, which are on this machine, and which `auto` takes.

    **Examples**

    `trax models`

    `trax transcribe interview.mp3 --model tiny.en`
    """
    with edge():
        from trax.cli.catalogue import model_table, models_known
        from trax.cli.edge import out, print_json

        known = models_known()
        if as_json:
            print_json(known)
        else:
            out().print(model_table(known))
