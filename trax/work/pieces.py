"""Pieces of a stage's result, each kept as a checkpoint of its own: a change makes few again."""

import logging
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from trax.errors import DamagedObject
from trax.progress import note
from trax.store import Checkpoint, checkpoint_key
from trax.work.values import Job, Outputs
from trax.work.workspace import Workspace

_log = logging.getLogger("trax")


def piece(
    workspace: Workspace,
    job: Job[Any],
    kind: str,
    inputs: Mapping[str, object],
    make: Callable[[Path], Outputs],
) -> Checkpoint:
    """The kept piece of that *kind* for the same inputs, or a new one.

    Pieces are kept beside the checkpoints of stages, and verified as these are. They are made again
    where the job is to run the stage called *kind* again.

    Args:
        kind: the name under which such pieces are kept.
        make: given a folder for files, makes the piece's outputs.
    """
    whose = {"account": job.request.whose} if job.request.whose else {}
    key = checkpoint_key(kind, 1, **inputs, **whose)
    kept = None if kind in job.redo else _kept(workspace, kind, key)
    return kept or _made(workspace, job, kind, key, make)


def _kept(workspace: Workspace, kind: str, key: str) -> Checkpoint | None:
    try:
        return workspace.checkpoints.find(kind, key)
    except DamagedObject as error:
        _log.warning("%s: %s; making it again", kind, error)
        note(f"a piece of {kind} is made again: {error}")
        return None


def _made(
    workspace: Workspace, job: Job[Any], kind: str, key: str, make: Callable[[Path], Outputs]
) -> Checkpoint:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="piece-") as folder:
        outputs = make(Path(folder))
        checkpoint = Checkpoint(
            stage=kind,
            key=key,
            outputs={},
            seconds=time.perf_counter() - began,
            recording=job.request.recording_sha256 or "",
            name=job.request.name,
            job=job.id,
        )
        return workspace.checkpoints.keep(checkpoint, outputs)
