"""Reports on jobs that failed."""

import json
import re
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from trax import __version__
from trax.errors import Cancelled, InputError, InvalidOption, TraxError, code_of, known_codes
from trax.work.values import Job

_USER_INFO = re.compile(r"(?<=://)[^/\s@]+@")
_ENDINGS = {"revoice": "keeps its voices", "adapt": "taught nothing"}
"""How the title of a report ends, by the job's pipeline."""

UNFORESEEN = "unforeseen"
"""The code of errors that are not Trax's own."""

Remedy = Literal["correct-options", "replace-recording", "retry", "fix-cause"]
"""What to do about a failure."""

_ADVICE: dict[Remedy, str] = {
    "correct-options": "Correct the options, then start it again.",
    "replace-recording": "Fix or replace the recording, then retry the job.",
    "retry": "Retry the job: it continues after the stages that are kept.",
    "fix-cause": "Fix the cause, then retry the job: it continues after the stages that are kept.",
}

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureReport:
    """What failed, where, why, and how to continue.

    Attributes:
        stage: the stage that failed; empty if none was running.
        error: one sentence for people.
        causes: the errors behind it, the one raised last first, each with its class.
        where: file and line of the innermost step of Trax.
        attempts: how often work on the job has begun.
        kept: stages whose results are kept.
        resume: what to do.
        version: of Trax.
    """

    job_id: str
    recording: str
    source: str
    stage: str
    error: str
    causes: tuple[str, ...]
    where: str
    attempts: int
    options: dict[str, Any]
    kept: tuple[str, ...]
    resume: str
    at: str
    pipeline: str = "transcribe"
    version: str = __version__

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def failure_report(
    job: Job[Any], error: BaseException, stage: str, attempts: int, kept: Sequence[str]
) -> FailureReport:
    """The report on *job*, whose *stage* raised *error*."""
    return FailureReport(
        job_id=job.id,
        pipeline=job.request.pipeline,
        recording=job.request.name,
        source=job.request.source,
        stage=stage,
        error=_sentence(error),
        causes=tuple(f"{type(each).__name__}: {_sentence(each)}" for each in _chain(error)),
        where=_where(error),
        attempts=attempts,
        options=job.request.options,
        kept=tuple(dict.fromkeys(kept)),
        resume=_advice(error),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def refusal_report(source: str, error: BaseException) -> FailureReport:
    """The report on a recording at *source* of which no job could be made."""
    return FailureReport(
        job_id="",
        recording=source.rsplit("/", 1)[-1] or source,
        source=source,
        stage="",
        error=_sentence(error),
        causes=tuple(f"{type(each).__name__}: {_sentence(each)}" for each in _chain(error)),
        where=_where(error),
        attempts=0,
        options={},
        kept=(),
        resume=_advice(error),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def render_failure(report: dict[str, Any]) -> str:
    """A report as Markdown; fields that an older one lacks are left out."""
    facts = {
        "Stage": report.get("stage"),
        "Where": report.get("where"),
        "Recording": report.get("source"),
        "Attempts": report.get("attempts"),
        "Kept": ", ".join(report.get("kept", ())),
        "Job": report.get("job_id"),
        "When": report.get("at"),
        "To continue": report.get("resume"),
    }
    ending = _ENDINGS.get(report.get("pipeline", ""), "was not transcribed")
    lines = [f"# {report.get('recording') or 'Recording'} {ending}", ""]
    lines += [f"**{report.get('error', '')}**", ""]
    lines += [f"- {name}: {fact}" for name, fact in facts.items() if fact]
    causes = report.get("causes", ())
    if len(causes) > 1:
        lines += ["", "## Causes", ""]
        lines += [f"{number}. {cause}" for number, cause in enumerate(causes, start=1)]
    options = report.get("options", {})
    if options:
        lines += ["", "## Options", ""]
        lines += [f"- {name}: {json.dumps(value)}" for name, value in options.items()]
    return "\n".join(lines) + "\n"


def failure_code(report: dict[str, Any]) -> str:
    """Which error a report is of, as programs know it."""
    causes = report.get("causes") or ("",)
    code = code_of(str(causes[0]).partition(":")[0])
    return code if code in known_codes() else UNFORESEEN


def remedy_of(report: dict[str, Any]) -> Remedy:
    """What a report says to do, as programs know it."""
    said = report.get("resume")
    return next((each for each, text in _ADVICE.items() if text == said), "fix-cause")


def _advice(error: BaseException) -> str:
    return _ADVICE[_remedy(error)]


def _remedy(error: BaseException) -> Remedy:
    if isinstance(error, InvalidOption):
        return "correct-options"
    if isinstance(error, InputError):
        return "replace-recording"
    if isinstance(error, Cancelled) or (isinstance(error, TraxError) and error.transient):
        return "retry"
    return "fix-cause"


def _chain(error: BaseException) -> list[BaseException]:
    """An error and those behind it, as a traceback shows them."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        if current.__cause__ is not None:
            current = current.__cause__
        elif current.__suppress_context__:
            current = None
        else:
            current = current.__context__
    return chain


def _where(error: BaseException) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE):
            return f"trax/{path.relative_to(_PACKAGE).as_posix()}:{frame.lineno} in {frame.name}"
    return ""


def _sentence(error: BaseException) -> str:
    """An error in one line, without what an address says of its user."""
    return _USER_INFO.sub("", " ".join(str(error).split())) or type(error).__name__
