"""One recording after another through the flow, with what people and scripts want to see."""

import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from rich.markup import escape

from trax.audio import SUFFIXES
from trax.cli.bars import BatchReporter, BatchView, LiveReporter
from trax.cli.edge import err, names, out, print_json, printable, sentence, tell
from trax.cli.tables import UncutTable, table
from trax.cli.transcripts import facts, print_text, print_warnings
from trax.compose import process_workspace
from trax.errors import InvalidOption, StoreError, TraxError
from trax.export import known_formats
from trax.pipelines.transcribe import TRANSCRIBE, JobResult
from trax.progress import Reporter, reporting, silent
from trax.service.checks import checked_options
from trax.service.exports import copy_files
from trax.service.forecast import Figures, exactly
from trax.service.neighbour import send
from trax.service.submission import run
from trax.settings import Settings, load_settings
from trax.stages.options import TranscribeOptions
from trax.transcript import Enhancement, Transcript, Usage, format_clock
from trax.transcript.codec import from_json
from trax.work.workspace import Workspace

View = Literal["live", "quiet", "json"]


@dataclass(frozen=True, slots=True)
class Done:
    """How one recording ended.

    Attributes:
        recording: where it lies.
        files: where each export went, by format.
        error: what went wrong; ``None`` where nothing did.
        seconds: from start to end.
    """

    recording: str
    seconds: float
    result: JobResult | None = None
    transcript: Transcript | None = None
    files: Mapping[str, Path] | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Recordings to transcribe with the same options.

    Attributes:
        targets: where each recording lies, with the name of its files.
        folder: for the files.
        service: the address of the service that does the work; ``None`` if this process does.
    """

    targets: Mapping[str, str]
    options: TranscribeOptions
    folder: Path
    settings: Settings
    redo_from: str | None = None
    parallel: int = 1
    service: str | None = None

    @classmethod
    def prepare(
        cls,
        recordings: Sequence[Path | str],
        options: Mapping[str, Any],
        formats: str,
        folder: Path,
        redo_from: str | None = None,
        parallel: int = 1,
        service: str | None = None,
    ) -> "Batch":
        """Check everything that can be checked before work begins.

        Raises:
            InputError: an option or format makes no sense, or a folder holds no recording.
            MissingPart: a package is not installed that the language model's tasks want.
            StoreError: the output folder cannot be made.
        """
        settings = load_settings()
        wanted = known_formats(names(formats, "format"))
        chosen = checked_options({**options, "formats": wanted}, settings)
        if redo_from is not None:
            _check_stage(redo_from)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make the folder {folder}: {error.strerror}") from error
        targets = _targets(_expanded(recordings))
        return cls(targets, chosen, folder, settings, redo_from, parallel, service)

    def run(self, view: View) -> int:
        """Transcribe them all; a failure does not stop the rest. Gives the exit code."""
        stop = threading.Event()
        previous = signal.signal(signal.SIGINT, _stopper(stop))
        alone = len(self.targets) == 1
        done = []
        try:
            with (
                BatchView(len(self.targets))
                if view == "live" and not alone
                else nullcontext() as bars
            ):
                for ended in self._each(view, stop, bars):
                    done.append(ended)
                    _told(ended, view, alone=alone)
        finally:
            signal.signal(signal.SIGINT, previous)
        done.sort(key=lambda each: list(self.targets).index(each.recording))
        if view == "json":
            print_json([_summary(each) for each in done])
        elif view == "live" and len(self.targets) > 1:
            out().print(_table(done))
        return _exit_code(done)

    def _each(self, view: View, stop: threading.Event, bars: BatchView | None) -> Iterator[Done]:
        """Every recording as it ends, some at a time; those that had not begun when it was stopped
        are left out.
        """

        def one(recording: str, name: str) -> Done | None:
            if stop.is_set():
                return None
            return self._one(recording, name, self._reporter(recording, view, bars), stop)

        if self.parallel == 1 or len(self.targets) == 1:
            ended = (one(recording, name) for recording, name in self.targets.items())
            yield from filter(None, ended)
            return
        with ThreadPoolExecutor(self.parallel) as pool:
            submitted = [
                pool.submit(one, recording, name) for recording, name in self.targets.items()
            ]
            yield from filter(None, (future.result() for future in as_completed(submitted)))

    def _reporter(self, recording: str, view: View, bars: BatchView | None) -> Reporter:
        title = printable(_base_name(recording))
        if bars is not None:
            return bars.reporter(title)
        return LiveReporter(title, self._left) if view == "live" else silent

    def _left(self, duration: float, shares: Mapping[str, float]) -> float | None:
        """How long a recording will still take, by how long others took."""
        found = _figures().left(TRANSCRIBE, self._chosen, exactly(duration), shares)
        return None if found is None else found.middle

    @property
    def _chosen(self) -> dict[str, Any]:
        return self.options.model_dump(mode="json")

    def _one(self, recording: str, name: str, reporter: Reporter, stop: threading.Event) -> Done:
        began = time.perf_counter()
        shown = reporter if isinstance(reporter, LiveReporter | BatchReporter) else nullcontext()
        try:
            with reporting(reporter, stop), shown:
                result = self._result(recording)
                return self._kept(recording, name, result, time.perf_counter() - began)
        except Exception as error:  # noqa: BLE001 - the edge of one job: the next must go on
            return Done(recording, time.perf_counter() - began, error=error)

    def _result(self, recording: str) -> JobResult:
        """What the service makes of a recording, or else this process."""
        workspace = process_workspace()
        if self.service is not None:
            result = send(workspace, self.settings.home, recording, self.options)
            if result is not None:
                return result
        return run(workspace, self.settings, recording, self.options, self.redo_from)

    def _kept(self, recording: str, name: str, result: JobResult, seconds: float) -> Done:
        """Copy the exports to where the user wants them."""
        workspace: Workspace = process_workspace()
        data = workspace.objects.local_path(result.transcript).read_bytes()
        document = from_json(Transcript, data, "transcript")
        sha256 = document.recording.sha256
        files = copy_files(workspace, result.exports, self.folder, name, sha256)
        return Done(recording, seconds, result, document, files)


@cache
def _figures() -> Figures:
    """How long stages took; none where the database cannot be read."""
    with suppress(TraxError):
        return Figures(process_workspace().figures.newest())
    return Figures(())


def _check_stage(name: str) -> None:
    try:
        TRANSCRIBE.stage(name)
    except InvalidOption as error:
        raise InvalidOption(f"--from: {error}") from error


def _expanded(recordings: Iterable[Path | str]) -> Iterator[str]:
    """Recordings as given, and those in folders, sorted."""
    for recording in recordings:
        folder = Path(recording)
        if not folder.is_dir():
            yield str(recording)
            continue
        files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
        found = [str(file) for file in files if file.is_file()]
        if not found:
            raise InvalidOption(f"{folder} holds no audio or video file")
        yield from found


def _targets(recordings: Iterable[str]) -> dict[str, str]:
    """A name for each recording's files: its stem; if two are the same, more of the path."""
    unique = list(dict.fromkeys(recordings))
    stems = Counter(Path(each).stem for each in unique)
    names = Counter(_base_name(each) for each in unique)
    chosen = {}
    for recording in unique:
        path = Path(recording)
        if stems[path.stem] == 1:
            chosen[recording] = path.stem
        elif names[path.name] == 1:
            chosen[recording] = path.name
        else:
            parts = [part for part in path.parts if part not in ("/", "..", ".")]
            chosen[recording] = "-".join(parts)
    return chosen


def _base_name(recording: str) -> str:
    return recording.rsplit("/", 1)[-1]


def _stopper(stop: threading.Event) -> Any:
    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        err().print("stopping after this step; Ctrl-C again stops at once", style="yellow")

    return ask


def _told(done: Done, view: View, *, alone: bool) -> None:
    if done.error is not None:
        tell(done.error)
    elif view == "live" and done.transcript is not None and done.files is not None:
        _show(done.transcript, done.files, done.seconds, with_text=alone)


def _show(
    transcript: Transcript, files: Mapping[str, Path], seconds: float, *, with_text: bool
) -> None:
    if with_text:
        print_text(transcript)
        if not transcript.words:
            out().print("[dim]Nobody speaks in this recording.[/]\n")
    print_warnings(transcript)
    duration = transcript.recording.duration
    people = len(transcript.speakers)
    out().print(
        f"[bold]{escape(transcript.recording.name)}[/]  {format_clock(duration)}, "
        f"{people} speaker{'s' * (people != 1)}, "
        f"{len(transcript.words)} "
        f"words{', ' + transcript.language if transcript.language else ''}; "
        f"{seconds:.1f} s, {duration / seconds:.1f} times real time"
    )
    models = " + ".join(re.findall(r"([^/+]+)@", transcript.provenance.recogniser))
    out().print(
        f"transcript {transcript.id}  models {models}  speakers by {transcript.provenance.diarizer}"
    )
    for fact in facts(transcript):
        out().print(fact)
    for kind, path in files.items():
        out().print(f"  {kind:5} {escape(str(path))}")


def _table(done: Sequence[Done]) -> UncutTable:
    columns = ("recording", "speakers", "words", "length", "seconds", "state")
    return table(columns, map(_row, done), right=columns[1:-1])


def _row(done: Done) -> tuple[str, ...]:
    name = escape(printable(_base_name(done.recording)))
    seconds = f"{done.seconds:.1f}"
    transcript = done.transcript
    if transcript is None:
        state = f"[red]{escape(sentence(done.error or TraxError()))}[/]"
        return name, "", "", "", seconds, state
    return (
        name,
        str(len(transcript.speakers)),
        str(len(transcript.words)),
        format_clock(transcript.recording.duration),
        seconds,
        f"[green]done[/] {transcript.id}",
    )


def _summary(done: Done) -> dict[str, object]:
    summary: dict[str, object] = {
        "recording": printable(done.recording),
        "seconds": round(done.seconds, 3),
    }
    if done.error is not None:
        return {**summary, "state": "failed", "error": sentence(done.error)}
    if done.transcript is None or done.result is None:
        return summary
    return {
        **summary,
        "state": "done",
        "job": done.result.job_id,
        "transcript": done.transcript.id,
        "language": done.transcript.language,
        "speakers": len(done.transcript.speakers),
        "words": len(done.transcript.words),
        "duration": done.transcript.recording.duration,
        "warnings": list(done.transcript.warnings),
        "expected_error_rate": done.transcript.expected_errors.rate
        if done.transcript.expected_errors
        else None,
        "removed": len(done.transcript.removed),
        "enhancement": _enhancement(done.transcript),
        "exports": {kind: str(path) for kind, path in (done.files or {}).items()},
        "stages": {
            run.stage: {
                "seconds": round(run.seconds, 3),
                "cached": run.cached,
                "engine": run.engine,
            }
            for run in done.result.runs
        },
    }


def _enhancement(transcript: Transcript) -> dict[str, object]:
    """What a language model did, for programs."""
    work, notes = transcript.enhancement or Enhancement(), transcript.notes
    usage = work.usage + (notes.usage if notes else Usage())
    return {
        "model": work.model or (notes.model if notes else ""),
        "skipped": work.skipped,
        "domain": transcript.provenance.domain.name if transcript.provenance.domain else None,
        "edits": len(work.made),
        "refused": len(work.refused),
        "unfinished": len(work.unfinished) + (len(notes.unfinished) if notes else 0),
        "requests": usage.requests,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost": round(usage.cost, 6),
    }


def _exit_code(done: Sequence[Done]) -> int:
    """0 where all went well, the error's own code where all failures share it, else 1."""
    errors = [each.error for each in done if each.error is not None]
    codes = {error.exit_code if isinstance(error, TraxError) else 1 for error in errors}
    return 0 if not codes else codes.pop() if len(codes) == 1 else 1
