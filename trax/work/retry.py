"""Trying again after errors that may pass, such as a store that was away for a moment."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_chain,
    wait_fixed,
)

from trax.errors import Cancelled, StoreUnavailable, TraxError
from trax.progress import NowAndThen, is_stopped, note

RETRY_DELAYS = [2.0, 10.0, 60.0]
"""Seconds before each new try."""

STORE_PATIENCE = 25
"""How many times as long as for anything else a store is waited for: half an hour in all."""

_LONGEST_STEP = 15.0  # seconds between tries to reach a store
_LONGEST_IDLE = 10.0  # seconds for which a thread waits for more to do
_SLICE = 0.25  # seconds after which a wait looks whether it was stopped

Result = TypeVar("Result")


def with_retries(call: Callable[[], Result]) -> Result:
    """The result of *call*, tried again while its error is transient.

    Raises:
        Cancelled: the wait was stopped.
    """
    retrying = Retrying(
        retry=retry_if_exception(is_transient),
        wait=wait_chain(*map(wait_fixed, RETRY_DELAYS)),
        stop=stop_after_attempt(len(RETRY_DELAYS) + 1),
        before_sleep=_explain,
        sleep=pause,
        reraise=True,
    )
    return retrying(call)


def patiently(call: Callable[[], Result]) -> Result:
    """The result of *call* on a store, tried again until the store is back.

    A store is waited for much longer than anything else: what was computed for it waits too, and
    would have to be computed again. A full disk does not empty itself, and is tried no longer than
    anything else.

    Raises:
        StoreUnavailable: the store did not come back in time; with no patience left.
        Cancelled: the wait was stopped.
    """
    waiting = _Wait()
    while True:
        try:
            return _abandonable(call)
        except StoreUnavailable as error:
            if not is_transient(error):
                raise
            waiting.after(error)


def pause(seconds: float) -> None:
    """Wait, unless the job that this code runs for is asked to stop.

    Raises:
        Cancelled: it was.
    """
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if is_stopped():
            raise _stopped()
        time.sleep(min(_SLICE, left))


def is_transient(error: BaseException) -> bool:
    """Whether trying the same thing again may help."""
    if isinstance(error, StoreUnavailable) and error.patience == "none":
        return False
    return isinstance(error, TraxError) and error.transient


def _abandonable(call: Callable[[], Result]) -> Result:
    """The result of *call*, made in another thread.

    If the job is stopped meanwhile, the thread is left alone: a server that takes a call and never
    answers holds nobody up.
    """
    answer: Future[Result] = Future()
    context = copy_context()

    def run() -> None:
        try:
            answer.set_result(context.run(call))
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is awaited
            answer.set_exception(error)

    _helper().do(run)
    while not answer.done() and not wait((answer,), _SLICE).done:
        if is_stopped():
            raise _stopped()
    return answer.result()


_idle: deque["_Helper"] = deque()
os.register_at_fork(after_in_child=_idle.clear)  # threads stay behind


def _helper() -> "_Helper":
    """A thread that has nothing to do: starting one takes longer than most calls."""
    try:
        return _idle.pop()
    except IndexError:
        return _Helper()


class _Helper:
    """A thread for calls, one after another, that ends when it has been idle for a while."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=self._serve, daemon=True, name="store").start()

    def do(self, work: Callable[[], None]) -> None:
        """Have *work* done, which raises nothing."""
        self._work.put(work)

    def _serve(self) -> None:
        while (work := self._next()) is not None:
            work()
            _idle.append(self)

    def _next(self) -> Callable[[], None] | None:
        """The next work; ``None`` if nobody had any for a while, and nobody will."""
        try:
            return self._work.get(timeout=_LONGEST_IDLE)
        except Empty:
            pass
        try:
            _idle.remove(self)
        except ValueError:  # somebody has just chosen this one
            return self._work.get()
        return None


def _stopped() -> Cancelled:
    return Cancelled("stopped while it waited; finished stages are kept")


class _Wait:
    """Waits for a store: in small steps, with a word now and then, and not for ever."""

    def __init__(self) -> None:
        self._delays = list(RETRY_DELAYS)
        self._tries = 0
        self._began = time.monotonic()
        self._say = NowAndThen(least=30.0)

    def after(self, error: StoreUnavailable) -> None:
        """Wait for a moment after *error*, or give up."""
        seconds = self._next(error)
        waited = time.monotonic() - self._began
        if seconds is None:
            raise StoreUnavailable(f"{error}; given up after {waited:.0f} s", "none") from error
        self._say(f"{error}; waiting")
        self._tries += 1
        pause(seconds)

    def _next(self, error: StoreUnavailable) -> float | None:
        """Seconds to wait; ``None`` if that was enough."""
        is_early = self._tries < len(self._delays)
        delay = self._delays[self._tries if is_early else -1]
        if error.patience == "short":
            return delay if is_early else None
        waited = time.monotonic() - self._began
        if is_early or waited < STORE_PATIENCE * sum(self._delays):
            return min(delay, _LONGEST_STEP)
        return None


def _explain(state: RetryCallState) -> None:
    """Report why there is a wait, and how long it is."""
    error = state.outcome.exception() if state.outcome else None
    seconds = state.next_action.sleep if state.next_action else 0.0
    note(f"{error}; trying again in {seconds:.0f} s")
