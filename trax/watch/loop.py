"""Looking into a watched folder again and again."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from trax.errors import StoreUnavailable
from trax.store.objects import S3
from trax.watch.look import Look
from trax.watch.scan import Watcher

_LEAST_WAIT = 0.2  # seconds between looks
_MOST_WAIT = 10.0
_AWAY = 5.0  # seconds until a store that is away is asked again


def looks(
    watcher: Watcher,
    folder: str,
    settle: float,
    stop: threading.Event,
    away: Callable[[StoreUnavailable], None],
) -> Iterator[Look]:
    """A look, and another whenever something may have changed, until *stop* is set.

    Args:
        settle: seconds for which a file must stay the same until it is whole.
        away: called while the place or the database cannot be reached.
    """
    changes = _changes(folder, stop)
    while not stop.is_set():
        try:
            look = watcher.look()
        except StoreUnavailable as error:
            away(error)
            stop.wait(_AWAY)
            continue
        yield look
        stop.wait(_LEAST_WAIT)
        if look.settled:
            next(changes, None)
        elif not look.submitted:
            busy = look.growing or look.working
            stop.wait(min(max(settle / 2, _LEAST_WAIT), 1.0) if busy else _AWAY)


def _changes(folder: str, stop: threading.Event) -> Iterator[None]:
    """Ends a wait when something changes in a folder, or after a while."""
    if folder.startswith(S3):
        while not stop.is_set():
            stop.wait(_MOST_WAIT)
            yield
        return
    from watchfiles import watch

    for _changed in watch(
        Path(folder).expanduser(),
        stop_event=stop,
        yield_on_timeout=True,
        rust_timeout=round(_MOST_WAIT * 1000),
        step=50,
    ):
        yield
