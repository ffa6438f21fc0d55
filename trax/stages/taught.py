"""What is kept of trainings: examples with a recording's sound, and weights learnt from it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from trax.stages.gather import GATHER
from trax.stages.train import MATRICES, RECORDINGS, SAVED, TRAIN, TRAINING
from trax.store.checkpoints import KeptCheckpoint
from trax.work.workspace import Workspace


def forget_taught(workspace: Workspace, sha256: str) -> list[str]:
    """Remove examples that have parts of a recording, and weights that were learnt from it, of
    trainings that were broken off, too; give the keys. Installed adapters stay.

    Weights that do not say what they were learnt from go with them.
    """
    gone = []
    for kept in [*gathered(workspace, sha256), *_learnt(workspace, sha256)]:
        gone += _keys(kept)
        workspace.checkpoints.remove(kept)
    for saved in list(workspace.objects.scratch.glob(f"{SAVED}*")):
        if not _is_free_of(_text(saved / RECORDINGS), sha256):
            shutil.rmtree(saved, ignore_errors=True)
    return gone


def forget_weights(workspace: Workspace, fingerprint: str) -> None:
    """Remove what training left of an adapter's matrices.

    Args:
        fingerprint: how the SHA-256 of the matrices begins.
    """
    for kept in list(workspace.checkpoints.all(TRAIN.name)):
        matrices = kept.checkpoint.outputs.get(MATRICES) if kept.checkpoint else None
        if matrices is not None and matrices.sha256.startswith(fingerprint):
            workspace.checkpoints.remove(kept)


def gathered(workspace: Workspace, sha256: str) -> Iterator[KeptCheckpoint]:
    """Examples that adapters were made from and that have parts of a recording."""
    for kept in list(workspace.checkpoints.all(GATHER.name)):
        if sha256 in (_output(workspace, kept, "examples.json") or ""):
            yield kept


def _learnt(workspace: Workspace, sha256: str) -> Iterator[KeptCheckpoint]:
    """Weights that may have been learnt from a recording."""
    for kept in list(workspace.checkpoints.all(TRAIN.name)):
        if not _is_free_of(_output(workspace, kept, TRAINING), sha256):
            yield kept


def _is_free_of(facts: str | None, sha256: str) -> bool:
    """Whether facts say what was learnt from, and that it was not this recording."""
    try:
        return sha256 not in json.loads(facts or "")["recordings"]
    except (ValueError, KeyError, TypeError):
        return False


def _output(workspace: Workspace, kept: KeptCheckpoint, name: str) -> str | None:
    ref = kept.checkpoint.outputs.get(name) if kept.checkpoint else None
    data = workspace.objects.read(ref.key) if ref else None
    return None if data is None else data.decode(errors="replace")


def _keys(kept: KeptCheckpoint) -> list[str]:
    return [ref.key for ref in kept.checkpoint.outputs.values()] if kept.checkpoint else []


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return None
