"""What travels between stages: the job, its stages' results, and work about to be done."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from trax.progress import Progress, StageRun
from trax.store import JobRequest, ObjectRef

Options = TypeVar("Options", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[Options]):
    """One run of a pipeline on one subject.

    Attributes:
        redo: names of stages to run again although their results are kept.
    """

    request: JobRequest
    options: Options
    redo: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """A short name, the same for the same subject and options."""
        return self.request.id


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What a stage gives the next: references, and how it went.

    Attributes:
        outputs: what it made, by name.
    """

    outputs: dict[str, ObjectRef]
    run: StageRun

    @property
    def digest(self) -> str:
        """SHA-256 over the outputs' names and digests; part of the keys of stages that read
        them.
        """
        text = json.dumps({name: ref.sha256 for name, ref in sorted(self.outputs.items())})
        return hashlib.sha256(text.encode()).hexdigest()


Results = Mapping[str, StageResult]
"""Results of stages, by the stage's name."""

Outputs = Mapping[str, Path | ObjectRef]
"""What a stage made, by name: a file yet to be stored, or a reference to what is stored already."""


def always_whole(_folder: Path) -> bool:
    """Every result is complete."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWork:
    """One stage about to run: what decides its result, and how to make it.

    Attributes:
        inputs: digests, options and fingerprints: the checkpoint's key.
        make: given a folder for files and a progress function, makes the outputs.
        audio_seconds: length of the recording; 0 if there is none.
        engine: fingerprint of the model that works, as in `StageRun`.
        is_whole: whether the outputs in a folder are complete; incomplete ones serve this run
            alone.
    """

    inputs: Mapping[str, object]
    make: Callable[[Path, Progress], Outputs]
    audio_seconds: float = 0.0
    engine: str = ""
    is_whole: Callable[[Path], bool] = field(default=always_whole)
