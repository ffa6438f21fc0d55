"""What is said between a task and an engine process: a request, then an event a line until the last
one.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from trax import errors
from trax.errors import EngineError, TraxError
from trax.work.job import Job
from trax.work.running import StageResult

EventKind = Literal["waiting", "running", "advanced", "noted", "beat", "done", "failed", "refused"]

FINAL: frozenset[EventKind] = frozenset(("done", "failed", "refused"))
"""After one of these nothing more is said."""


class StageRequest(BaseModel):
    """A stage to be run.

    Attributes:
        alone: nothing else may run meanwhile: it may have brought an engine down.
    """

    model_config = ConfigDict(frozen=True)

    stage: Literal["recognise", "diarize"]
    job: Job
    audio: StageResult
    alone: bool = False


class Failure(BaseModel):
    """An error of ours as its class and its arguments, of which it can be made again."""

    model_config = ConfigDict(frozen=True)

    kind: str
    arguments: tuple[str | float | bool, ...]

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """What is to be known of *error*; one that is none of ours is a failure of the engine."""
        if not isinstance(error, TraxError):
            error = EngineError(f"{type(error).__name__}: {error}")
        return cls(kind=type(error).__name__, arguments=error.args)

    def error(self) -> TraxError:
        """The error."""
        kind = getattr(errors, self.kind, EngineError)
        return (
            kind(*self.arguments) if issubclass(kind, TraxError) else EngineError(*self.arguments)
        )


class Event(BaseModel):
    """Something that happens to a stage.

    Attributes:
        ahead: of ``waiting``: how many come before it.
        share: of ``advanced``: what is done, 0 to 1.
        message: of ``noted`` and ``refused``.
        result: of ``done``.
        failure: of ``failed``.
    """

    model_config = ConfigDict(frozen=True)

    kind: EventKind
    ahead: int = 0
    share: float = 0.0
    message: str = ""
    result: StageResult | None = None
    failure: Failure | None = None

    def line(self) -> bytes:
        """As JSON, with its line's end."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"


class EngineStatus(BaseModel):
    """How an engine process is.

    Attributes:
        device: its name, such as ``cuda-0``.
        trax: its version: another one's stages may give another result.
        store: tells whether a caller keeps objects in the same place.
        running: stages at work, by job and stage.
        waiting: how many wait for their turn.
        finished: how many stages ended well, by stage.
        failed: how many did not.
        loads: how often each model was loaded since the process began.
        loaded: models in memory, with the bytes that they take.
        seconds: since it began.
    """

    model_config = ConfigDict(frozen=True)

    device: str
    state: Literal["ready", "draining"]
    process: int
    trax: str
    store: str
    running: tuple[str, ...] = ()
    waiting: int = 0
    finished: dict[str, int] = {}
    failed: int = 0
    loads: dict[str, int] = {}
    loaded: dict[str, int] = {}
    seconds: float = 0.0
    peak_memory_bytes: int = 0
