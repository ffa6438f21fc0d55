"""A worker whose runs are forked from a process in which everything is imported.

A run costs no start of Python and no imports, and still has a process of its own: one that dies
takes nobody with it.
"""

import logging
import multiprocessing
import signal
import socket
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import anyio.to_thread
import httpx
from anyio.abc import TaskStatus
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled
from prefect.workers.base import BaseJobConfiguration, BaseWorker, BaseWorkerResult

from trax.errors import StoreError
from trax.orchestration.forks import execute
from trax.orchestration.locks import is_free
from trax.orchestration.recovery import Jobs, restart, sweep

TYPE = "trax"
"""Type of work pools whose runs these workers take."""

LOOKS = 30.0
"""Seconds between looks for runs whose process is gone."""

_CANCELS = 2.0  # seconds between looks for runs that are to be cancelled
_GRACE = 30.0  # seconds that a cancelled run has to end by itself
_YOUNG = 60.0  # seconds that another worker of this machine may take to start a run's process

_log = logging.getLogger("trax")


class RunResult(BaseWorkerResult):
    """How a run's process ended."""


class ForkedJob(BaseJobConfiguration):
    """A job that has the worker's environment already, since it is forked from it."""

    @classmethod
    def _base_environment(cls) -> dict[str, str]:
        return {}


class ForkingWorker(BaseWorker[ForkedJob, Any, RunResult]):
    """Runs flows in forks of one warm process.

    Args:
        runs: folder for the locks of running processes, the same for all workers of a machine.
        idle: seconds between questions for work while there is none.
        needed: modules that runs need, imported once before they are forked.
    """

    type = TYPE
    job_configuration = ForkedJob
    _description = "Runs flows in forks of a process that has everything imported."
    _display_name = "Trax"

    def __init__(
        self, pool: str, name: str, *, limit: int, runs: Path, idle: float, needed: Sequence[str]
    ) -> None:
        super().__init__(pool, name=name, limit=limit, create_pool_if_not_found=False)
        self._runs = runs
        self._processes: dict[UUID, BaseProcess] = {}
        self._cancelled: set[UUID] = set()
        self._stopping = False
        self._idle = idle
        self._pause = 0.0
        self._asked_at = 0.0
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(
            ["__main__", *needed, "trax.orchestration.run_process"]
        )

    def processes(self) -> Iterable[tuple[UUID, BaseProcess]]:
        """The runs that have a process of this worker, with it."""
        return tuple(self._processes.items())

    def has(self, run: UUID) -> bool:
        """Whether a run has a process of this worker, or is about to get one."""
        return run in self._processes or run in self._submitting_flow_run_ids

    def cancel(self, run: UUID) -> bool:
        """Ask a run's process to end, if it is this worker's and was not asked before."""
        process = self._processes.get(run)
        if process is None or run in self._cancelled:
            return False
        self._cancelled.add(run)
        process.terminate()
        return True

    def kill(self, run: UUID) -> None:
        """End a run's process at once."""
        process = self._processes.get(run)
        if process is not None:
            process.kill()

    def stop_taking(self) -> None:
        """Take no more runs; those that have begun go on."""
        self._stopping = True

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Ask for work if there is room for it: at once after some was found, else now and then."""
        waited = time.monotonic() - self._asked_at
        if self._stopping or not self.limiter.available_tokens or waited < self._pause:
            return []
        found = await super().get_and_submit_flow_runs()
        self._asked_at = time.monotonic()
        self._pause = 0.0 if found else self._idle
        return found

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Take a run; its lock's file says that this machine did, should this worker be killed."""
        self._lock(flow_run).touch()
        await super()._submit_run(flow_run)
        if not self.has(flow_run.id):  # another worker has it, or it has ended
            self._lock(flow_run).unlink(missing_ok=True)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: ForkedJob,
        task_status: TaskStatus[Any] | None = None,  # Prefect keeps any text
    ) -> RunResult:
        """Fork a process for *flow_run*, and wait until it ends."""
        process = self._context.Process(
            target=execute,
            args=(str(flow_run.id), configuration.env, self._lock(flow_run)),
            name=flow_run.name,
        )
        await anyio.to_thread.run_sync(process.start)
        self._processes[flow_run.id] = process
        identifier = f"{socket.gethostname()}:{process.pid}"
        if task_status is not None:
            task_status.started(identifier)
        try:
            await anyio.wait_readable(process.sentinel)
            process.join()
        finally:
            self._processes.pop(flow_run.id, None)
        if flow_run.id in self._cancelled:
            self._cancelled.discard(flow_run.id)
            await self.client.set_flow_run_state(flow_run.id, Cancelled(), force=True)
        elif process.exitcode and is_free(self._lock(flow_run)):  # else it only lost its parent
            await restart(self.client, flow_run, _how_it_ended(process.exitcode))
        return RunResult(status_code=0, identifier=identifier)

    def _lock(self, run: FlowRun) -> Path:
        return self._runs / str(run.id)


class Caretaker:
    """Looks after the runs of one machine: cancels those that are to be cancelled, restarts those
    whose process is gone.

    Args:
        workers: all of this machine.
        runs: the folder with their locks.
        jobs: gives the jobs of flow runs.
    """

    def __init__(self, workers: Sequence[ForkingWorker], runs: Path, jobs: Jobs) -> None:
        self._workers = workers
        self._runs = runs
        self._jobs = jobs

    async def look_after(self) -> None:
        """Do so again and again."""
        async with get_client() as client, anyio.create_task_group() as self._group:
            since = 0.0
            while True:
                await anyio.sleep(_CANCELS)
                since += _CANCELS
                try:
                    await self._cancel(client)
                    if since >= LOOKS:
                        since = 0.0
                        await self._restart(client)
                except (httpx.HTTPError, StoreError, RuntimeError) as error:
                    _log.warning("runs are not looked after: %s", error)

    async def _cancel(self, client: PrefectClient) -> None:
        runs = [run for worker in self._workers for run, _process in worker.processes()]
        if not runs:
            return
        cancelling = FlowRunFilterStateType(any_=[StateType.CANCELLING])
        wanted = FlowRunFilter(
            id=FlowRunFilterId(any_=runs), state=FlowRunFilterState(type=cancelling)
        )
        for run in await client.read_flow_runs(flow_run_filter=wanted):
            for worker in self._workers:
                if worker.cancel(run.id):
                    self._group.start_soon(self._insist, worker, run.id)

    async def _insist(self, worker: ForkingWorker, run: UUID) -> None:
        """Kill a process that was asked to end and has not."""
        await anyio.sleep(_GRACE)
        worker.kill(run)

    async def _restart(self, client: PrefectClient) -> None:
        for line in await sweep(client, self._jobs, self._holds):
            _log.warning(line)

    def _holds(self, run: FlowRun) -> bool | None:
        """Whether a run has a process; ``None`` if it belongs to another machine."""
        if any(worker.has(run.id) for worker in self._workers):
            return True
        lock = self._runs / str(run.id)
        if not lock.exists():
            return None
        return _age(run) < _YOUNG or not is_free(lock)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"Its process was ended by {signal.Signals(-code).name}."
    return f"Its process ended with code {code}."


def _age(run: FlowRun) -> float:
    """Seconds for which a run is in its state."""
    if run.state is None:
        return 0.0
    return (datetime.now(UTC) - run.state.timestamp).total_seconds()
