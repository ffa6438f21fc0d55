"""How a stage runs: once for the same inputs, with its result kept, and its figures reported."""

import logging
import tempfile
import time
import uuid
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trax.errors import Cancelled, DamagedObject, StoreError
from trax.progress import Failed, Finished, StageRun, Started, note, report, stage_progress
from trax.store import Checkpoint, checkpoint_key
from trax.telemetry.ids import bound
from trax.telemetry.traces import span
from trax.transcript.codec import Document, from_json
from trax.work.aside import Aside
from trax.work.gauge import gauge
from trax.work.graph import Stage
from trax.work.patient import patient
from trax.work.values import Job, Results, StageResult, StageWork
from trax.work.workspace import Workspace

_log = logging.getLogger("trax")


def load(workspace: Workspace, kind: type[Document], result: StageResult, name: str) -> Document:
    """One of a stage's outputs, read and checked."""
    ref = result.outputs[name]
    return from_json(kind, workspace.objects.local_path(ref).read_bytes(), ref.key)


def run_stage(stage: Stage, workspace: Workspace, job: Job[Any], inputs: Results) -> StageResult:
    """Run *stage*, where its models are loaded if possible, and report how it goes.

    Args:
        inputs: the results that the stage reads, by role.

    Raises:
        TraxError: whatever the stage raises.
    """
    report(Started(stage.name))
    with bound(job=job.id, stage=stage.name), span(stage.name):
        try:
            return _placed(stage, workspace, job, inputs)
        except BaseException as error:
            report(Failed(stage.name, error))
            raise


def compute(stage: Stage, workspace: Workspace, job: Job[Any], inputs: Results) -> StageResult:
    """The kept result of *stage* for the same inputs, or a new one, made in this process.

    A store that is away is waited for, while what the stage made stays in a scratch folder.
    """
    workspace = patient(workspace)
    work = stage.prepare(workspace, job, **inputs)
    # What somebody has is not made sooner because somebody else has it, which would tell of them.
    whose = {"account": job.request.whose} if job.request.whose else {}
    key = checkpoint_key(stage.name, stage.version, **work.inputs, **whose)
    started_at = datetime.now(UTC)
    began = time.perf_counter()
    with gauge.watched(stage.name, workspace.objects.scratch, _limit(workspace, work)) as used:
        kept = None if stage.name in job.redo else _kept(workspace, stage.name, key)
        checkpoint = kept or _made(stage.name, key, workspace, job, work)
    run = StageRun(
        stage=stage.name,
        key=key,
        started_at=started_at,
        seconds=time.perf_counter() - began,
        cached=kept is not None,
        audio_seconds=work.audio_seconds,
        peak_memory_bytes=used.peak_memory_bytes,
        peak_device_memory_bytes=used.peak_device_memory_bytes,
        engine=work.engine,
        processor_seconds=used.processor_seconds,
        gpu_busy_seconds=used.gpu_busy_seconds,
        written_bytes=used.written_bytes,
    )
    return StageResult(outputs=checkpoint.outputs, run=run)


def _placed(stage: Stage, workspace: Workspace, job: Job[Any], inputs: Results) -> StageResult:
    if stage.where == "process":
        result = compute(stage, workspace, job, inputs)
    else:
        result = _on_device(stage, workspace, job, inputs)
    report(Finished(result.run))
    return result


def _on_device(stage: Stage, workspace: Workspace, job: Job[Any], inputs: Results) -> StageResult:
    if workspace.host is not None:
        result = workspace.host.run(stage.name, job, inputs, workspace.slot)
        if result is not None:
            return result
    with workspace.slot(workspace.device):
        return compute(stage, workspace, job, inputs)


def _made(stage: str, key: str, workspace: Workspace, job: Job[Any], work: StageWork) -> Checkpoint:
    """A new result, kept; or one that an earlier run made and could not store."""
    aside = Aside(workspace.objects.scratch, stage, key)
    files = {} if stage in job.redo else aside.files()
    if not files:
        return _made_now(stage, key, workspace, job, work, aside)
    note(f"{stage}: what an earlier run made is stored now")
    kept = workspace.checkpoints.keep(_checkpoint(stage, key, job, 0.0), files)
    aside.clear()
    return kept


def _made_now(
    stage: str, key: str, workspace: Workspace, job: Job[Any], work: StageWork, aside: Aside
) -> Checkpoint:
    """A new result, kept; one that is incomplete is kept under a key that no later run looks
    for.

    Files that cannot be stored are put *aside*.
    """
    limit = _limit(workspace, work)
    began = time.perf_counter()
    with _scratch(workspace) as folder:
        outputs = work.make(Path(folder), stage_progress(stage, limit))
        is_whole = work.is_whole(Path(folder))
        name = key if is_whole else f"part-{uuid.uuid4().hex}"
        checkpoint = _checkpoint(stage, name, job, time.perf_counter() - began)
        try:
            return workspace.checkpoints.keep(checkpoint, outputs)
        except (StoreError, Cancelled):
            files = {name: each for name, each in outputs.items() if isinstance(each, Path)}
            if is_whole and len(files) == len(outputs):
                aside.put(files)
            raise


def _limit(workspace: Workspace, work: StageWork) -> float:
    """Seconds that a stage may take."""
    return workspace.stage_timeout * max(1.0, work.audio_seconds / 3600)


def _checkpoint(stage: str, key: str, job: Job[Any], seconds: float) -> Checkpoint:
    return Checkpoint(
        stage=stage,
        key=key,
        outputs={},
        seconds=seconds,
        recording=job.request.recording_sha256 or "",
        name=job.request.name,
        job=job.id,
    )


def _kept(workspace: Workspace, stage: str, key: str) -> Checkpoint | None:
    try:
        return workspace.checkpoints.find(stage, key)
    except DamagedObject as error:
        _log.warning("%s: %s; running it again", stage, error)
        note(f"{stage} runs again: {error}")
        return None


def _scratch(workspace: Workspace) -> AbstractContextManager[str]:
    return tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="stage-")
