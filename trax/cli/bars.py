"""Stages as bars in the terminal."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from trax.cli.edge import err
from trax.pipelines.all import PIPELINES
from trax.pipelines.transcribe import TRANSCRIBE
from trax.progress import Advanced, Event, Finished, Noted, StageRun, Started

_SLOW = frozenset(
    stage.name
    for pipeline in PIPELINES.values()
    for stage in pipeline.stages
    if stage.where == "device"
)
"""Stages whose speed against real time says something."""


class _Speed(ProgressColumn):
    """How many times faster than real time a stage works; where it came from the cache, that."""

    def render(self, task: Task) -> Text:
        """The cell."""
        if task.fields.get("outcome"):
            return Text(task.fields["outcome"], style="dim")
        seconds, done = task.fields.get("audio_seconds") or 0.0, (task.percentage or 0.0) / 100
        if not seconds or not task.elapsed or not done or task.fields.get("quick"):
            return Text("")
        return Text(f"{seconds * done / task.elapsed:.1f}x real time", style="cyan")


Left = Callable[[float, Mapping[str, float]], float | None]
"""Given the recording's length and how much of each stage is done, the seconds that are left, if
that can be said.
"""

_ALL = "all"
_MINUTE, _HOUR = 60, 3600  # seconds


def unknown(_duration: float, _shares: Mapping[str, float]) -> float | None:
    """Nothing can be said."""
    return None


def time_left(seconds: float) -> str:
    """Roughly how long it will take, for people.

    >>> time_left(20), time_left(200), time_left(4000)
    ('less than a minute left', 'about 3 min left', 'about 1 h 7 min left')
    """
    if seconds < _MINUTE:
        return "less than a minute left"
    minutes = round(seconds / _MINUTE)
    if seconds < _HOUR:
        return f"about {minutes} min left"
    hours, rest = divmod(minutes, _MINUTE)
    return f"about {hours} h {rest} min left"


class LiveReporter:
    """Shows a bar a stage; on a terminal it moves, elsewhere a line tells when a stage ends.

    Args:
        left: foretells how long it will take.
        stages: names of those there will be.
    """

    def __init__(
        self, title: str, left: Left = unknown, stages: Sequence[str] = TRANSCRIBE.names
    ) -> None:
        self._progress = Progress(
            TextColumn("{task.description:11}"),
            BarColumn(24),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            _Speed(),
            console=err(),
            transient=True,
        )
        self._title, self._bars, self._audio_seconds = title, dict[str, TaskID](), 0.0
        self._left, self._began = left, time.monotonic()
        self._stages = stages
        self._shares: dict[str, float] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        if err().is_terminal:
            err().print(f"[bold]{self._title}[/]", markup=True)
            self._progress.start()
            self._bars = {
                stage: self._progress.add_task(stage, total=1.0, start=False)
                for stage in self._stages
            }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if err().is_terminal:
            self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Show an event; a failure is shown once the job ends."""
        match event:
            case Started(stage):
                if stage in self._bars:
                    self._progress.start_task(self._bars[stage])
            case Advanced(stage, share):
                self._foretell(stage, share)
                if stage in self._bars:
                    self._progress.update(
                        self._bars[stage], completed=share, audio_seconds=self._audio_seconds
                    )
            case Finished(run):
                self._finish(run)
            case Noted(message):
                _print_note(self._title, message)

    def _finish(self, run: StageRun) -> None:
        """Fill the stage's bar, or print a line if there are none."""
        self._audio_seconds = max(self._audio_seconds, run.audio_seconds)
        self._foretell(run.stage, 1.0)
        if run.stage in self._bars:
            bar = self._bars[run.stage]
            self._progress.update(
                bar,
                completed=1.0,
                outcome=run.outcome,
                quick=run.stage not in _SLOW,
                audio_seconds=self._audio_seconds,
            )
            self._progress.stop_task(bar)
        elif not err().is_terminal:
            with self._lock:
                how = run.outcome or f"{run.seconds:.1f} s"
                err().print(f"{self._title}: {run.stage} {how}", markup=False, soft_wrap=True)

    def _foretell(self, stage: str, share: float) -> None:
        """Say how long it will still take, once that is known."""
        self._shares[stage] = share
        if not self._bars or not self._audio_seconds:
            return
        seconds = self._left(self._audio_seconds, self._shares)
        if seconds is None:
            return
        if _ALL not in self._bars:
            self._bars[_ALL] = self._progress.add_task(_ALL, total=1.0)
        elapsed = time.monotonic() - self._began
        done = elapsed / max(elapsed + seconds, 1e-9)
        self._progress.update(self._bars[_ALL], completed=done, outcome=time_left(seconds))


class BatchView:
    """One bar for many recordings, and one for each that is worked on; on no terminal, nothing."""

    def __init__(self, count: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(24),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=err(),
            transient=True,
        )
        self._all = self._progress.add_task("all recordings", total=count, detail=f"0 of {count}")
        self._count, self._done, self._lock = count, 0, threading.Lock()

    def __enter__(self) -> Self:
        if err().is_terminal:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def reporter(self, title: str) -> "BatchReporter":
        """Who shows how one of the recordings goes."""
        return BatchReporter(self, title)

    def begun(self, title: str) -> TaskID:
        """Show a bar for a recording."""
        return self._progress.add_task(title, total=len(TRANSCRIBE.stages), detail="")

    def moved(self, bar: TaskID, done: float, detail: str) -> None:
        """Show how far a recording is."""
        self._progress.update(bar, completed=done, detail=detail)

    def ended(self, bar: TaskID) -> None:
        """Take a recording's bar away."""
        with self._lock:
            self._done += 1
            self._progress.remove_task(bar)
            self._progress.update(
                self._all, completed=self._done, detail=f"{self._done} of {self._count}"
            )


class BatchReporter:
    """Shows one recording among many."""

    def __init__(self, view: BatchView, title: str) -> None:
        self._view, self._title = view, title
        self._shares: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._bar = self._view.begun(self._title)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._view.ended(self._bar)

    def __call__(self, event: Event) -> None:
        """Move the recording's bar; a failure is shown once the job ends."""
        match event:
            case Started(stage):
                self._move(stage, 0.0)
            case Advanced(stage, share):
                self._move(stage, share)
            case Finished(run):
                self._move(run.stage, 1.0)
            case Noted(message):
                _print_note(self._title, message)

    def _move(self, stage: str, share: float) -> None:
        self._shares[stage] = share
        self._view.moved(self._bar, sum(self._shares.values()), stage)


def _print_note(title: str, message: str) -> None:
    """A line above the bars."""
    err().print(f"{title}: {message}", markup=False, soft_wrap=True, style="dim")
