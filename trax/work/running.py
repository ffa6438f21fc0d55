"""What runs a stage: once for the same inputs, where its models are, told to whoever wants to
know.
"""

import hashlib
import json
import logging
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from trax.errors import DamagedObject
from trax.hardware import peak_device_memory, peak_memory
from trax.progress import Progress, StageRun, current_reporter, stage_progress
from trax.store import Checkpoint, ObjectRef, checkpoint_key
from trax.transcript.codec import Document, from_json
from trax.work.job import Job
from trax.work.workspace import Workspace

STAGES = {
    "ingest": 2,
    "recognise": 2,
    "diarize": 2,
    "enhance": 1,
    "merge": 4,
    "annotate": 1,
    "publish": 2,
}
"""Every stage in order, with its version. Raise one when its code comes to give another result."""

Params = ParamSpec("Params")

_log = logging.getLogger("trax")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What a stage gives the next: references, and how it went.

    Attributes:
        outputs: what it made, by name.
        digest: of its outputs; part of the keys of the stages that read them.
    """

    outputs: dict[str, ObjectRef]
    run: StageRun

    @property
    def digest(self) -> str:
        """SHA-256 over the outputs' names and digests."""
        text = json.dumps({name: ref.sha256 for name, ref in sorted(self.outputs.items())})
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWork:
    """One stage about to run: what decides its result, and how to make it.

    Attributes:
        inputs: digests, options and fingerprints: the checkpoint's key.
        make: given a folder for files and a progress function, gives the outputs.
        is_whole: whether outputs are all that the stage is to give; others are kept for this run
            alone.
    """

    stage: str
    inputs: Mapping[str, object]
    make: Callable[[Path, Progress], Mapping[str, Path | ObjectRef]]
    audio_seconds: float = 0.0
    engine: str = ""
    is_whole: Callable[[Path], bool] = lambda _folder: True


def reported(run: Callable[Params, StageResult]) -> Callable[Params, StageResult]:
    """A stage that tells when it begins and when it fails; it bears its function's name."""

    @wraps(run)
    def told(*args: Params.args, **kwargs: Params.kwargs) -> StageResult:
        reporter = current_reporter()
        reporter.started(run.__name__)
        try:
            return run(*args, **kwargs)
        except BaseException as error:
            reporter.failed(run.__name__, error)
            raise

    return told


def on_device(
    run: Callable[[Workspace, Job, StageResult], StageResult],
) -> Callable[[Workspace, Job, StageResult], StageResult]:
    """A stage that goes to the process that keeps its models loaded, where there is one."""

    @wraps(run)
    def placed(workspace: Workspace, job: Job, audio: StageResult) -> StageResult:
        made = (
            workspace.device.run(run.__name__, job, audio, workspace.slot)
            if workspace.device
            else None
        )
        if made is None:
            with workspace.slot(workspace.here):
                return run(workspace, job, audio)
        current_reporter().finished(made.run)
        return made

    return placed


def load(workspace: Workspace, kind: type[Document], result: StageResult, name: str) -> Document:
    """One of a stage's outputs, read and checked."""
    ref = result.outputs[name]
    return from_json(kind, workspace.objects.local_path(ref).read_bytes(), ref.key)


def run_stage(workspace: Workspace, job: Job, work: StageWork) -> StageResult:
    """The checkpoint of *work*, or a new one."""
    key = checkpoint_key(work.stage, STAGES[work.stage], **work.inputs)
    started_at, began = datetime.now(UTC), time.perf_counter()
    checkpoint = None if work.stage in job.redo else _kept(workspace, work.stage, key)
    cached = checkpoint is not None
    if checkpoint is None:
        limit = workspace.stage_timeout * max(1.0, work.audio_seconds / 3600)
        with _scratch(workspace) as folder:
            outputs = work.make(Path(folder), stage_progress(work.stage, limit))
            made = Checkpoint(
                stage=work.stage,
                key=key if work.is_whole(Path(folder)) else _unfindable(),
                outputs={},
                seconds=time.perf_counter() - began,
                recording=job.request.recording_sha256,
                name=job.request.name,
            )
            checkpoint = workspace.checkpoints.keep(made, outputs)
    run = StageRun(
        stage=work.stage,
        key=key,
        started_at=started_at,
        seconds=time.perf_counter() - began,
        cached=cached,
        audio_seconds=work.audio_seconds,
        peak_memory_bytes=peak_memory(),
        peak_device_memory_bytes=peak_device_memory(),
        engine=work.engine,
    )
    current_reporter().finished(run)
    return StageResult(outputs=checkpoint.outputs, run=run)


def _unfindable() -> str:
    """A key that no later run looks for."""
    return f"part-{uuid.uuid4().hex}"


def _kept(workspace: Workspace, stage: str, key: str) -> Checkpoint | None:
    try:
        return workspace.checkpoints.find(stage, key)
    except DamagedObject as error:
        _log.warning("%s: %s; doing it again", stage, error)
        current_reporter().noted(f"{stage} is done again: {error}")
        return None


def _scratch(workspace: Workspace) -> AbstractContextManager[str]:
    return tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="stage-")
