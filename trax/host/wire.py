"""What is said between a task and an engine process: a request, then a line an event."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trax import errors
from trax.errors import EngineError, TraxError
from trax.progress import Advanced, Event, Heard, Noted
from trax.store import JobRequest
from trax.work.values import StageResult

LineKind = Literal[
    "waiting", "started", "advanced", "noted", "heard", "beat", "finished", "failed", "refused"
]

FINAL: frozenset[LineKind] = frozenset(("finished", "failed", "refused"))
"""After a line of one of these kinds nothing more is said."""


class StageRequest(BaseModel):
    """A stage to be run.

    Attributes:
        stage: its name in the pipeline that the job's request names.
        inputs: results that the stage reads, by role.
        alone: nothing else may run meanwhile: the stage may have brought an engine down.
        trace: the span that asks, as W3C's ``traceparent``; empty if none is recorded.
    """

    model_config = ConfigDict(frozen=True)

    stage: str
    request: JobRequest
    redo: frozenset[str] = frozenset()
    inputs: Mapping[str, StageResult]
    alone: bool = False
    trace: str = ""


class Failure(BaseModel):
    """An error of Trax as its class and arguments, from which it can be made again."""

    model_config = ConfigDict(frozen=True)

    kind: str
    arguments: tuple[str | float | bool, ...]

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """Serialise *error*; unknown exceptions become EngineError."""
        if not isinstance(error, TraxError):
            error = EngineError(f"{type(error).__name__}: {error}")
        return cls(kind=type(error).__name__, arguments=error.args)

    def error(self) -> TraxError:
        """The error."""
        kind = getattr(errors, self.kind, None)
        if isinstance(kind, type) and issubclass(kind, TraxError):
            return kind(*self.arguments)
        return EngineError(*self.arguments)


class Line(BaseModel):
    """One event of a stage on the wire: those of `trax.progress`, and what happens in the queue.

    Attributes:
        ahead: of ``waiting``: how many stages come before this one.
        process: of ``started``: id of the process in which the stage works.
        share: of ``advanced``: how much is done, 0 to 1.
        message: of ``noted`` and ``refused``; of ``heard`` what was recognised.
        start, end: of ``heard``: where, in seconds.
        result: of ``finished``.
        failure: of ``failed``.
    """

    model_config = ConfigDict(frozen=True)

    kind: LineKind
    ahead: int = 0
    process: int = 0
    share: float = 0.0
    message: str = ""
    start: float = 0.0
    end: float = 0.0
    result: StageResult | None = None
    failure: Failure | None = None

    def encoded(self) -> bytes:
        """The line as JSON, with a newline at the end."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"

    def event(self, stage: str) -> Event | None:
        """The event of *stage* that a reporter is to see; ``None`` for other lines."""
        if self.kind == "advanced":
            return Advanced(stage, self.share)
        if self.kind == "noted":
            return Noted(self.message)
        if self.kind == "heard":
            return Heard(self.start, self.end, self.message)
        return None


class EngineStatus(BaseModel):
    """The state of an engine process.

    Attributes:
        device: its name, such as ``cuda-0``.
        process: process id.
        trax: version of Trax; the stages of another version may give another result.
        store: identifies the place in which it keeps objects.
        running: stages at work, by job and stage.
        waiting: how many stages wait for a seat.
        finished: how many stages ended well, by stage.
        failed: how many did not.
        loads: how often each model was loaded since the process began.
        loaded: models in memory, with their sizes in bytes.
        seconds: since the process began.
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
