"""The process of one flow run, forked from one in which everything is imported already.

The process that it is forked from imports this module, and with it all that a run needs.
"""

import asyncio
import atexit
import importlib
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from uuid import UUID

# Imported for runs: nothing of this may start a thread or use a GPU, which do not outlive a fork.
import prefect.task_engine
import prefect.task_runners
import prefect.utilities.visualization  # noqa: F401
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.context import refresh_global_settings_context
from prefect.engine import handle_engine_signals
from prefect.flow_engine import load_flow, load_flow_run, run_flow
from prefect.flows import Flow
from prefect.logging.loggers import flow_run_logger
from prefect.settings import get_current_settings

from trax.orchestration.locks import is_free
from trax.store import Database, JobEvent, JobRepository, JobRequest

_IN_FOLDER = "prefect.deployments.steps.set_working_directory"  # what `prefect deploy` writes
_FLOWS = ("transcribe", "transcribe_folder", "report")

_log = logging.getLogger("trax")

with suppress(ModuleNotFoundError):  # the library alone, without the rooms beside it
    for _name in _FLOWS:
        importlib.import_module(f"flows.{_name}")


def _rehearse() -> None:
    """Do once what each run would do first: libraries work out much only then, and keep it."""
    get_current_settings().model_dump()
    job = JobRequest(
        pipeline="rehearsal",
        key="0" * 64,
        recording_sha256="0" * 64,
        name="",
        source="",
        size_bytes=0,
        options={},
    )
    event = JobEvent(id=0, attempt=1, at=datetime.now(UTC), kind="noted", text="")
    with TemporaryDirectory(prefix="trax-") as folder:
        database = Database(f"sqlite:///{folder}/trax.db")
        jobs = JobRepository(database)
        jobs.claim(job, "nobody")
        jobs.add_events(job.id, [event])
        jobs.renew(job.id, "nobody", "", 0.0)
        jobs.complete(job.id, "nobody")
        database.close()


_rehearse()


def run_in_fork(flow_run_id: str, environment: Mapping[str, str], lock: Path) -> None:
    """Run a flow run in this process, which ends with it.

    Args:
        environment: variables of this run.
        lock: a file that is locked for as long as this process lives. If another process has the
            lock, it runs the flow run already.
    """
    os.setsid()  # Ctrl-C at the terminal is for the worker
    if not is_free(lock, keep=True):
        _log.warning("run %s has a process already", flow_run_id)
        return
    before = _prefect_settings()
    os.environ.update(environment)
    if _prefect_settings() != before:
        refresh_global_settings_context()
    try:
        _run(UUID(flow_run_id))
    finally:
        lock.unlink(missing_ok=True)
        atexit._run_exitfuncs()  # a fork skips them; they send the last logs and events
        sys.stdout.flush()
        sys.stderr.flush()


def _prefect_settings() -> dict[str, str]:
    """What Prefect reads from the environment; names with two underscores are a run's alone."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PREFECT_") and not name.startswith("PREFECT__")
    }


def _run(flow_run_id: UUID) -> None:
    with handle_engine_signals(flow_run_id):
        flow_run = load_flow_run(flow_run_id)
        flow = _flow(flow_run)
        log: Any = flow_run_logger(flow_run)
        result: Any = run_flow(flow, flow_run=flow_run, error_logger=log)
        if flow.isasync:
            asyncio.run(result)


def _flow(flow_run: FlowRun) -> Flow[..., Any]:
    """The flow of a run: one that is imported already, or else as Prefect loads it.

    Loading it would make its form once more, which takes 0.2 s.
    """
    if flow_run.deployment_id is None:
        return load_flow(flow_run)
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment(flow_run.deployment_id)
    file, _, name = (deployment.entrypoint or "").partition(":")
    folder = _folder(deployment)
    if folder is not None:
        for known in _FLOWS:
            module = sys.modules.get(f"flows.{known}")
            if module is not None and module.__file__ == str((folder / file).resolve()):
                return cast(Flow[..., Any], getattr(module, name))
    return load_flow(flow_run)


def _folder(deployment: DeploymentResponse) -> Path | None:
    """Where a deployment's code lies; ``None`` if it has to be fetched first."""
    folder = Path(deployment.path or ".")
    for step in deployment.pull_steps or ():
        if set(step) != {_IN_FOLDER}:
            return None
        folder = Path(step[_IN_FOLDER]["directory"])
    return folder
