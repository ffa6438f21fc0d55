"""``trax audit``."""

from collections.abc import Mapping
from typing import Annotated

import typer

from trax.cli.edge import edge, out, print_json


def audit(
    actor: Annotated[str, typer.Option(help="Only what they did, such as 'user anna'.")] = "",
    action: Annotated[
        str, typer.Option(help="Only that, such as access.refused, or all below access.")
    ] = "",
    subject: Annotated[str, typer.Option(help="Only what was done to that, by its id.")] = "",
    most: Annotated[int, typer.Option(help="How many entries at most.", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show who did, read and was refused what, newest first.

    **Examples**

    `trax audit --action access.refused`

    `trax audit --subject 3f2a9c01aa10`
    """
    with edge():
        from rich.markup import escape

        from trax.cli.tables import moment, plain, table
        from trax.compose import open_database
        from trax.settings import load_settings
        from trax.store.accesses import AccessRepository, AuditFilter

        wanted = AuditFilter(actor=actor, action=action, subject=subject)
        found = AccessRepository(open_database(load_settings())).newest(most, wanted)
        entries = [each.entry for each in found]
        if as_json:
            print_json(plain(entries))
            return
        rows = [
            (moment(each.at), each.actor, each.action, each.subject, _listed(each.details))
            for each in entries
        ]
        shown = [tuple(escape(part) for part in row) for row in rows]
        out().print(table(("when", "who", "what", "subject", ""), shown))


def _listed(details: Mapping[str, object]) -> str:
    known = (f"{name} {value}" for name, value in details.items() if value not in (None, ""))
    return ", ".join(known)
