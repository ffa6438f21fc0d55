"""Transcribes the recordings of a watched folder in this process."""

import uuid
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from trax.errors import Cancelled
from trax.pipelines.runs import LIVING, LOST, RunState
from trax.pipelines.transcribe import JobResult, transcribe
from trax.stages.options import TranscribeOptions
from trax.work.workspace import Workspace


class LocalRuns:
    """Transcribes in this process, *parallel* recordings at a time; models stay loaded."""

    def __init__(self, workspace: Workspace, parallel: int) -> None:
        self._workspace = workspace
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="watched")
        self._runs: dict[str, tuple[str, Future[JobResult]]] = {}

    def submit(self, recording: str, options: TranscribeOptions, key: str) -> str:
        """Queue a recording."""
        for known, (known_key, _future) in self._runs.items():
            if known_key == key:
                return known
        run = f"local-{uuid.uuid4().hex[:12]}"
        context = copy_context()
        future = self._pool.submit(context.run, transcribe, self._workspace, recording, options)
        self._runs[run] = (key, future)
        return run

    def states(self, runs: Collection[str]) -> dict[str, RunState]:
        """The states of runs; one of another process is lost, since that process has ended."""
        return {run: self._state(run) for run in runs}

    def wait(self) -> None:
        """Wait until everything that was submitted has ended."""
        for _key, future in self._runs.values():
            future.exception()

    def close(self) -> None:
        """Start nothing more, and wait for what has started."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _state(self, run: str) -> RunState:
        _key, future = self._runs.get(run, ("", None))
        if future is None or future.cancelled():
            return LOST
        if not future.done():
            return LIVING
        error = future.exception()
        if error is None:
            return RunState("ended")
        if isinstance(error, Cancelled):
            return LOST
        return RunState("ended", str(error) or type(error).__name__)
