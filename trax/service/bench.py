"""This machine, measured on the recording that Trax ships."""

import json
import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import trax
from trax.errors import EngineError, MissingPart, TraxError
from trax.pipelines.transcribe import JobResult, transcribe
from trax.progress import StageRun
from trax.scoring import Scores, read_scorable, score
from trax.scoring.documents import scorable
from trax.service.checks import checked
from trax.stages.options import TranscribeOptions
from trax.store import Database, FolderStore
from trax.transcript import Transcript
from trax.work.workspace import Workspace

PLANS = ("fast", "balanced")
"""What is measured unless told otherwise: a few minutes on two processors."""

Make = Callable[[], Workspace]
"""Makes a workspace with engines of its own; another process has to be able to unpickle it."""

_REFERENCE = Path(__file__).with_name("bench_reference.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures:
    """How one plan did, models loaded for it included.

    Attributes:
        seconds: that its stages worked.
        speed_factor: seconds of audio a second.
        processors: busy on average.
        device: ``gpu`` if a stage held memory of one, else ``cpu``.
        wer: words that are wrong, as a share; ``None`` where measures are not installed.
        der: speech with the wrong speaker, likewise.
    """

    plan: str
    seconds: float
    speed_factor: float
    processors: float
    peak_memory_bytes: int
    peak_device_memory_bytes: int
    device: str
    wer: float | None
    der: float | None


def sample() -> Path:
    """The recording that is shipped; its reference lies beside it.

    Raises:
        MissingPart: it was not installed.
    """
    package = Path(trax.__file__).parent
    for folder in (package / "samples", package.parent / "samples"):
        path = folder / "conversation.flac"
        if path.exists():
            return path
    raise MissingPart("the sample recording is not installed; install Trax again")


def measured(make: Make, plans: Sequence[str] = PLANS) -> Iterator[PlanFigures]:
    """How each plan does here, as soon as it is known. Nothing is kept.

    Each has a process of its own: it finds no model loaded, no library imported and no memory taken
    by the plan before.

    Raises:
        InvalidOption: there is no such plan; nothing is measured then.
        ModelUnavailable: a plan's models are nowhere to be had; likewise.
        MissingPart: the sample is not installed; likewise.
        EngineError: the process ended under a plan.
        TraxError: whatever a stage raises.
    """
    sample()
    wanted = [(plan, _options(plan)) for plan in plans]
    _find_models(make(), [options for _plan, options in wanted])
    for plan, options in wanted:
        yield _in_a_process(make, plan, options)


def kept_figures() -> dict[str, PlanFigures]:
    """The figures that Trax ships, by plan, to compare with; empty if there are none."""
    if not _REFERENCE.exists():
        return {}
    known = {each.name for each in fields(PlanFigures)}
    shipped = [
        {name: value for name, value in each.items() if name in known}
        for each in json.loads(_REFERENCE.read_text())
    ]
    return {each["plan"]: PlanFigures(**each) for each in shipped}


def _options(plan: str) -> TranscribeOptions:
    return checked(TranscribeOptions, {"recognition": {"plan": plan}, "formats": ["json"]})


def _find_models(workspace: Workspace, wanted: Iterable[TranscribeOptions]) -> None:
    """Have the models that are needed at hand; what is missing is got before anything is timed."""
    workspace.database.close()
    for options in wanted:
        workspace.engines.recogniser(options.recognition)
        workspace.engines.diarizer(options.diarization)


def _in_a_process(make: Make, plan: str, options: TranscribeOptions) -> PlanFigures:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(theirs, make, plan, options), daemon=True)
    process.start()
    theirs.close()
    try:
        found = ours.recv()
    except EOFError:
        raise EngineError(f"measuring the plan {plan} ended early: out of memory?") from None
    finally:
        ours.close()
        process.terminate()
        process.join()
    if isinstance(found, TraxError):
        raise found
    figures: PlanFigures = found
    return figures


def _tell(found: Connection, make: Make, plan: str, options: TranscribeOptions) -> None:
    """Measure in this process, and send the figures, or the error."""
    try:
        with suppress(KeyboardInterrupt), tempfile.TemporaryDirectory() as folder:
            found.send(_measured(_apart(make(), Path(folder)), plan, options))
    except TraxError as error:
        found.send(error)
    except Exception as error:  # noqa: BLE001 - the edge of a process: the other one raises it
        found.send(EngineError(f"{type(error).__name__}: {error}"))


def _apart(workspace: Workspace, folder: Path) -> Workspace:
    """The workspace with stores of its own, so that nothing is at hand."""
    database = Database(f"sqlite:///{folder / 'trax.db'}")
    return replace(workspace, objects=FolderStore(folder / "store"), database=database, host=None)


def _measured(workspace: Workspace, plan: str, options: TranscribeOptions) -> PlanFigures:
    try:
        done = transcribe(workspace, sample(), options)
        made = workspace.repository.get(done.transcript_id)
    finally:
        workspace.database.close()
    scores = _scores(made)
    return PlanFigures(
        plan=plan,
        wer=scores.wer.rate if scores.wer else None,
        der=scores.der.rate if scores.der else None,
        **_used(done, made.recording.duration),
    )


def _used(done: JobResult, duration: float) -> dict[str, Any]:
    runs: Sequence[StageRun] = done.runs
    began = min(run.started_at for run in runs).timestamp()
    seconds = max(run.started_at.timestamp() + run.seconds for run in runs) - began
    device_memory = max(run.peak_device_memory_bytes for run in runs)
    return {
        "seconds": seconds,
        "speed_factor": duration / seconds,
        "processors": sum(run.processor_seconds for run in runs) / seconds,
        "peak_memory_bytes": max(run.peak_memory_bytes for run in runs),
        "peak_device_memory_bytes": device_memory,
        "device": "gpu" if device_memory else "cpu",
    }


def _scores(made: Transcript) -> Scores:
    """What can be measured with what is installed."""
    reference = read_scorable(sample().with_suffix(".seglst.json"))
    try:
        return score(scorable(made), reference)
    except MissingPart:
        return Scores()
