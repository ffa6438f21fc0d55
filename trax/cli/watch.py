"""``trax watch``."""

import signal
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from trax.cli.edge import edge, err, finite, out

if TYPE_CHECKING:
    from trax.errors import StoreUnavailable
    from trax.watch import Look

_MORE = "More: trax jobs show {job}"  # in the text beside a failed recording


def watch(
    folder: Annotated[str, typer.Argument(help="Folder, or s3://bucket/prefix.")],
    once: Annotated[
        bool,
        typer.Option(
            "--once",
            help="End when everything there is put away, except unfinished files that no longer "
            "grow.",
        ),
    ] = False,
    parallel: Annotated[
        int, typer.Option("--parallel", "-p", help="Recordings at a time.", min=1, max=64)
    ] = 2,
    settle: Annotated[
        float,
        typer.Option(
            help="Seconds for which a file must stay the same until it is considered whole.",
            min=0.0,
            callback=finite,
        ),
    ] = 5.0,
    submit: Annotated[
        bool,
        typer.Option(
            "--submit", help="Let a Prefect server's workers transcribe, not this process."
        ),
    ] = False,
    quiet: Annotated[
        float | None,
        typer.Option("--quiet", help="Now --settle.", min=0.0, hidden=True, callback=finite),
    ] = None,
) -> None:
    """Transcribe every recording that is dropped in a folder.

    Transcripts are put beside the recording in `done/`; what cannot be transcribed goes to
    `failed/` with a text that says why.

    Files that still grow, or whose names end in .part, .tmp, .crdownload…, wait. The same content
    is transcribed once. Stop it at any time: it continues where it was. `trax.toml` in the folder,
    or in a folder in it, says how recordings are transcribed: language, plan, model, speakers,
    min_speakers, max_speakers, formats, vocabulary, prompt, enhance, domain, glossary, translate,
    mask, diarizer, multilingual.

    **Examples**

    `trax watch recordings/`

    `trax watch s3://newsroom/incoming --parallel 4`

    `trax watch recordings/ --once` — the exit code says whether all went well

    `PREFECT_API_URL=http://127.0.0.1:4200/api trax watch /recordings --submit`
    """
    with edge():
        seconds = settle if quiet is None else quiet
        raise typer.Exit(_watch(folder, parallel, seconds, once=once, submit=submit))


def _watch(folder: str, parallel: int, settle: float, *, once: bool, submit: bool) -> int:
    """Look again and again; the exit code is 1 if something failed and *once* is given."""
    from contextlib import ExitStack

    from trax.compose import open_place, process_workspace
    from trax.progress import reporting, silent
    from trax.settings import load_settings
    from trax.watch import LocalRuns, Watcher
    from trax.watch.loop import looks

    settings = load_settings()
    workspace = process_workspace()
    place = open_place(settings, folder)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with ExitStack() as stack:
        stack.enter_context(reporting(silent, stop))
        if submit:
            from trax.orchestration.runs import PrefectRuns

            submitted = PrefectRuns(settings.prefect_home)
            watcher = Watcher(workspace, place, submitted, settle, _MORE)
        else:
            runs = LocalRuns(workspace, parallel)
            stack.callback(runs.close)
            watcher = Watcher(workspace, place, runs, settle, _MORE)
        screen = _Screen(place.name)
        stack.enter_context(screen.status)
        failed = 0
        for look in looks(watcher, folder, settle, stop, screen.show_away):
            failed += len(look.failed)
            screen.show(look)
            if once and look.settled:
                screen.show_left(look)
                return 1 if failed or look.held else 0
    err().print("stopped; recordings that were begun are continued when you watch again")
    return 0


class _Screen:
    """What happens to recordings, a line each, over a line that says what is going on."""

    def __init__(self, place: str) -> None:
        from rich.markup import escape

        self._title = f"watching {escape(place)}"
        self._held: Mapping[str, str] = {}
        self.status = err().status(self._title)
        if not err().is_terminal:
            err().print(self._title, soft_wrap=True)

    def show(self, look: "Look") -> None:
        """Show what is new since the look before."""
        from rich.markup import escape

        for path in look.done:
            out().print(f"[green]done[/]    {escape(path)}")
        for path, reason in look.failed.items():
            out().print(f"[red]failed[/]  {escape(path)}: {escape(reason)}")
        for path, reason in look.held.items():
            if self._held.get(path) != reason:
                out().print(f"[yellow]waits[/]   {escape(path)}: {escape(reason)}")
        self._held = look.held
        self.status.update(f"{self._title}: {look}")

    def show_left(self, look: "Look") -> None:
        """Name the files that were not waited for."""
        for path in sorted(look.resting):
            err().print(f"left: {path} is not finished by its name", markup=False, soft_wrap=True)

    def show_away(self, error: "StoreUnavailable") -> None:
        """Say that a store is waited for."""
        from rich.markup import escape

        err().print(f"[yellow]waiting:[/] {escape(str(error))}", soft_wrap=True)
