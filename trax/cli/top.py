"""``trax top``."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trax.cli.edge import edge, finite, out, print_json

if TYPE_CHECKING:
    from rich.console import Group

Look = Callable[[], dict[str, Any]]

_BAR = 20  # characters


_EXCLUSIVE = (("once", "every"),)


def top(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Show it once.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: a line a look, or one document once.")
    ] = False,
    every: Annotated[
        float, typer.Option(help="Seconds between two looks.", min=0.2, callback=finite)
    ] = 2.0,
    server: Annotated[
        str, typer.Option(help="Address of a `trax serve`; empty: this installation.")
    ] = "",
) -> None:
    """Show the machine, engines, jobs and the queue, live, until Ctrl-C.

    With `--server`, the token of an administrator is taken from `TRAX_TOKEN`.

    **Examples**

    `trax top`

    `trax top --once --json`

    `trax top --server http://127.0.0.1:8700`
    """
    with edge():
        from trax.cli.given import exclusive

        exclusive(context, _EXCLUSIVE)
        look = _over_http(server) if server else _here()
        if once:
            found = look()
            if as_json:
                print_json(found)
            else:
                out().print(drawn(found))
        elif as_json:
            _lines(look, every)
        else:
            _live(look, every)


def _here() -> Look:
    from trax.cli.tables import plain
    from trax.compose import open_database
    from trax.service.analytics.now import Watcher
    from trax.settings import load_settings

    settings = load_settings()
    watcher = Watcher(open_database(settings), settings)

    def look() -> dict[str, Any]:
        found: dict[str, Any] = plain(watcher.look())
        return found

    return look


def _over_http(server: str) -> Look:
    from trax.cli.asked import Asked
    from trax.cli.tables import plain
    from trax.service.analytics.now import Now

    asked = Asked(server, os.environ.get("TRAX_TOKEN", ""))

    def look() -> dict[str, Any]:
        found: dict[str, Any] = plain(asked.for_a(Now, "/v1/analytics/now"))
        return found

    return look


def _lines(look: Look, every: float) -> None:
    import json

    with suppress(KeyboardInterrupt):
        while True:
            typer.echo(json.dumps(look()))
            time.sleep(every)


def _live(look: Look, every: float) -> None:
    from rich.live import Live

    try:
        with Live(drawn(look()), console=out(), screen=True, auto_refresh=False) as live:
            while True:
                time.sleep(every)
                live.update(drawn(look()), refresh=True)
    except KeyboardInterrupt:
        return


def drawn(found: dict[str, Any]) -> "Group":
    """How things stand, for a terminal."""
    from rich.console import Group
    from rich.rule import Rule
    from rich.text import Text

    from trax.cli.tables import table

    parts: list[Any] = [_machine(found["machine"])]
    if found["engines"]:
        columns = ("engine", "state", "at work", "wait", "models")
        parts += [Rule("Engines"), table(columns, map(_engine, found["engines"]), ("wait",))]
    columns = ("job", "name", "stage", "done", "left")
    parts.append(Rule(f"At work: {len(found['running'])}"))
    parts.append(table(columns, _running(found["running"]), ("left",)))
    parts.append(Rule(f"Waiting: {found['queued']}"))
    parts.append(table(("job", "name", "work"), map(_waiting, found["waiting"]), ("work",)))
    more = found["queued"] - len(found["waiting"])
    if more > 0:
        parts.append(Text(f"… and {more} more", style="dim"))
    return Group(*parts)


def _machine(machine: dict[str, Any]) -> Any:
    from rich.text import Text

    lines = [
        f"{machine['name']}: {machine['processors']} processors, load {machine['load']:.1f}, "
        f"{machine['free_disk_bytes'] / 1e9:.0f} GB of disk free",
        f"memory {_bar(machine['memory'])}",
    ]
    for number, gpu in enumerate(machine["gpus"]):
        lines.append(f"GPU {number}  {_bar(gpu['busy'])} busy, memory {_bar(gpu['taken'])}")
    return Text("\n".join(lines))


def _engine(engine: dict[str, Any]) -> tuple[str, ...]:
    at_work = ", ".join(engine["running"])
    models = ", ".join(engine["models"])
    return engine["device"], engine["state"], at_work, str(engine["waiting"]), models


def _running(jobs: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """A row for each stage that is at work; one for a job of which none is."""
    for job in jobs:
        at_work = {name: share for name, share in job["stages"].items() if share < 1.0} or {"": 0.0}
        for stage, share in at_work.items():
            yield job["id"], job["name"], stage, _bar(share), _left(job)


def _waiting(job: dict[str, Any]) -> tuple[str, ...]:
    return job["id"], job["name"], _left(job)


def _left(job: dict[str, Any]) -> str:
    """Seconds of work that are left, and the most in nine of ten jobs."""
    if job["left"] is None:
        return "unknown"
    return f"{job['left']:.0f} s (at most {job['left_at_most']:.0f} s)"


def _bar(share: float) -> str:
    full = round(_BAR * min(max(share, 0.0), 1.0))
    return f"{'█' * full}{'░' * (_BAR - full)} {share:4.0%}"
