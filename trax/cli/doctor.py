"""``trax doctor``."""

from typing import Annotated

import typer

from trax.cli.edge import edge


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check what is installed, what is missing, and what to do about it.

    Exit code 3 where something that every job needs is missing.

    **Example**

    `trax doctor`
    """
    with edge():
        from rich.markup import escape

        from trax.cli.checks import all_checks
        from trax.cli.edge import out, print_json

        checks = all_checks()
        if as_json:
            print_json(
                [
                    {"check": c.name, "state": c.state, "found": c.found, "advice": c.advice}
                    for c in checks
                ]
            )
        else:
            marks = {"ok": "[green]ok  [/]", "note": "[yellow]note[/]", "missing": "[red]miss[/]"}
            for check in checks:
                out().print(f"{marks[check.state]}  [bold]{check.name:12}[/] {escape(check.found)}")
                if check.advice:
                    out().print(f"                    [dim]{escape(check.advice)}[/]")
        raise typer.Exit(3 if any(check.state == "missing" for check in checks) else 0)
