"""The workers of one machine, in one process, until it is told to stop."""

import logging
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio

from trax.orchestration.recovery import Jobs
from trax.orchestration.worker import Caretaker, ForkingWorker

_LOOK = 0.2  # seconds between looks at what still runs

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """How a machine works for a pool.

    Attributes:
        pool: its name.
        worker: name of the worker, unlike that of any other.
        limit: the most runs at a time.
        idle: seconds between questions for work while there is none.
    """

    pool: str
    worker: str
    limit: int
    idle: float


def work(
    pools: Sequence[PoolPlan], runs: Path, jobs: Jobs, drain: float, needed: Sequence[str]
) -> None:
    """Run the flows of work pools until SIGTERM or SIGINT, then finish what has begun.

    Args:
        runs: folder for the locks of running processes.
        jobs: gives the jobs of flow runs.
        drain: seconds that runs get to finish. A second signal ends them at once; they continue
            once workers run again.
        needed: modules that runs need, imported once before they are forked.
    """
    runs.mkdir(parents=True, exist_ok=True)
    workers = [
        ForkingWorker(
            each.pool, each.worker, limit=each.limit, runs=runs, idle=each.idle, needed=needed
        )
        for each in pools
    ]
    anyio.run(_work, workers, Caretaker(workers, runs, jobs), drain)


async def _work(workers: Sequence[ForkingWorker], caretaker: Caretaker, drain: float) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with anyio.create_task_group() as group:
            group.start_soon(caretaker.look_after)
            for worker in workers:
                group.start_soon(worker.start, False, False, _log.info)
            await anext(signals)
            for worker in workers:
                worker.stop_taking()
            with anyio.move_on_after(drain) as patience:
                group.start_soon(_end_patience, signals, patience)
                await _finished(workers)
            for worker in workers:
                for _run, process in worker.processes():
                    process.kill()
            group.cancel_scope.cancel()


async def _end_patience(signals: AsyncIterator[int], patience: anyio.CancelScope) -> None:
    await anext(signals)
    patience.cancel()


async def _finished(workers: Sequence[ForkingWorker]) -> None:
    count = sum(len(list(worker.processes())) for worker in workers)
    if count:
        _log.info("%d runs finish; a second signal ends them, to continue later", count)
    while any(worker.processes() for worker in workers):
        await anyio.sleep(_LOOK)
