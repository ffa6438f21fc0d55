"""What ``trax watch`` does."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.markup import escape

from trax.cli.edge import err, out
from trax.compose import open_place, process_workspace
from trax.errors import StoreUnavailable
from trax.orchestration.runs import PrefectRuns
from trax.pipelines.runs import Runs
from trax.progress import reporting, silent
from trax.settings import load_settings
from trax.store.objects import S3
from trax.watch import LocalRuns, Look, Watcher

_LEAST_WAIT = 0.2  # seconds between looks
_MOST_WAIT = 10.0
_AWAY = 5.0  # seconds after which a store that is away is asked again


def watch_folder(folder: str, parallel: int, quiet: float, *, once: bool, submit: bool) -> int:
    """Look again and again; gives the exit code: 1 where something failed and *once* was said."""
    settings, workspace = load_settings(), process_workspace()
    place, stop = open_place(settings, folder), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with ExitStack() as stack:
        stack.enter_context(reporting(silent, stop))
        runs: Runs
        if submit:
            runs = PrefectRuns(settings.prefect_home)
        else:
            runs = LocalRuns(workspace, parallel)
            stack.callback(runs.close)
        watcher = Watcher(workspace, place, runs, quiet, "More: trax jobs show {job}")
        status = (
            stack.enter_context(err().status(f"watching {place.name}"))
            if err().is_terminal
            else None
        )
        if status is None:
            err().print(f"watching {place.name}", markup=False, soft_wrap=True)
        failed, held = 0, dict[str, str]()
        for look in _looks(watcher, folder, quiet, stop):
            failed += len(look.failed)
            _tell(look, held)
            held = look.held
            if status is not None:
                status.update(f"watching {escape(place.name)}: {look}")
            if once and look.settled:
                return 1 if failed else 0
    err().print("stopped; what was begun goes on from where it was when you watch again")
    return 0


def _looks(watcher: Watcher, folder: str, quiet: float, stop: threading.Event) -> Iterator[Look]:
    """A look, and another whenever something may have changed; a store that is away is waited
    for.
    """
    changes = _changes(folder, stop)
    while not stop.is_set():
        try:
            look = watcher.look()
        except StoreUnavailable as error:
            err().print(f"[yellow]waiting:[/] {escape(str(error))}", soft_wrap=True)
            stop.wait(_AWAY)
            continue
        yield look
        stop.wait(_LEAST_WAIT)
        if look.settled:
            next(changes, None)
        elif not look.submitted:
            stop.wait(
                min(max(quiet / 2, _LEAST_WAIT), 1.0) if look.growing or look.working else _AWAY
            )


def _changes(folder: str, stop: threading.Event) -> Iterator[None]:
    """Ends a wait when something changes in a folder, or after a while."""
    if folder.startswith(S3):
        while not stop.is_set():
            stop.wait(_MOST_WAIT)
            yield
        return
    from watchfiles import watch

    timeout = round(_MOST_WAIT * 1000)
    for _changed in watch(
        Path(folder).expanduser(),
        stop_event=stop,
        yield_on_timeout=True,
        rust_timeout=timeout,
        step=50,
    ):
        yield


def _tell(look: Look, held: dict[str, str]) -> None:
    for path in look.done:
        out().print(f"[green]done[/]    {escape(path)}")
    for path, reason in look.failed.items():
        out().print(f"[red]failed[/]  {escape(path)}: {escape(reason)}")
    for path, reason in look.held.items():
        if held.get(path) != reason:
            out().print(f"[yellow]waits[/]   {escape(path)}: {escape(reason)}")
