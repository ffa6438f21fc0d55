"""Queued jobs as runs of a deployment: workers of a Prefect server do them."""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from trax.errors import TraxError
from trax.pipelines.all import PIPELINES
from trax.progress import Heard
from trax.service.workers import Changed, Worked
from trax.store import JobRequest
from trax.work.workspace import Workspace

_LOOK = 1.0  # seconds between looks for jobs that another process has queued

_log = logging.getLogger("trax")


class SubmittedRuns(Protocol):
    """Takes jobs as runs."""

    def submit(
        self,
        recording: str,
        options: Any,
        key: str,
        account: str = "",
        pipeline: str = "transcribe",
    ) -> str:
        """Have a pipeline run on a recording of *account*, once for the same *key*; gives the
        run's id.
        """

    def cancel(self, run: str) -> None:
        """Cancel a run that has not ended."""


class PrefectWorkers:
    """Submits queued jobs as runs, which take them out of the queue when they begin.

    What happens to them is seen by their events, as that of any other process. A server that is
    away is waited for: the queue is in the database.
    """

    def __init__(self, workspace: Workspace, runs: SubmittedRuns) -> None:
        self._workspace = workspace
        self._runs = runs
        self._news = threading.Event()
        self._closed = False
        self._said = ""
        self._thread = threading.Thread(target=self._keep, name="workers", daemon=True)

    @property
    def places(self) -> int:
        """Not known: the server's limits decide."""
        return 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, drain: float) -> None:  # noqa: ARG002 - runs go on without this process
        """Submit no more."""
        self._closed = True
        self._news.set()

    def submit(self, request: JobRequest) -> None:  # noqa: ARG002 - the oldest comes first
        """Look for jobs now."""
        self.wake()

    def wake(self) -> None:
        """Look for jobs now."""
        self._news.set()

    def cancel(self, job_id: str) -> None:
        """Cancel the run of a job.

        Raises:
            PrefectUnavailable: the Prefect server does not answer; the run stops by itself once it
                works on the job.
        """
        job = self._workspace.jobs.known([job_id]).get(job_id)
        if job is not None and job.flow_run_id:
            self._runs.cancel(job.flow_run_id)

    def progress(self, job_id: str) -> tuple[str, float] | None:  # noqa: ARG002
        """Not known better than a job's row says."""
        return None

    def shares(self, job_id: str) -> Mapping[str, float]:  # noqa: ARG002
        """Not known better than rows say."""
        return {}

    def heard(self, job_id: str) -> Sequence[Heard]:  # noqa: ARG002
        """Not known better than rows say."""
        return ()

    def worked(self) -> Mapping[str, Worked]:
        """Nothing: others do the work."""
        return {}

    def listen(self, changed: Changed) -> None:
        """Nothing changes here."""

    def submit_waiting(self) -> None:
        """Submit what waits.

        Raises:
            SetupError: there is no such deployment.
            StoreUnavailable: the Prefect server or the database does not answer.
        """
        queue = self._workspace.queue
        for request in queue.unsubmitted():
            options = PIPELINES[request.pipeline].options.model_validate(request.options)
            attempts = self._workspace.jobs.known([request.id])[request.id].attempts
            key = f"{request.id} {attempts}"
            run = self._runs.submit(request.source, options, key, request.account, request.pipeline)
            queue.submitted(request.id, run)

    def _keep(self) -> None:
        while not self._closed:
            try:
                self.submit_waiting()
                self._said = ""
            except TraxError as error:
                self._say(error)
            self._news.wait(_LOOK)
            self._news.clear()

    def _say(self, error: TraxError) -> None:
        """Log a warning, once while it stays the same."""
        if str(error) != self._said:
            self._said = str(error)
            _log.warning("queued jobs are not submitted: %s", error)
