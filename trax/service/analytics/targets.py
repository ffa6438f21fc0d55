"""What is to be reached, and whether it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from trax.service.analytics.accuracy import Certainty, certainties
from trax.service.analytics.costs import Costs
from trax.service.analytics.speed import JobFigures, StageFigures, job_figures, stage_figures
from trax.settings import TargetsConfig
from trax.store import JobStatus
from trax.store.days import JobDay, StageDay
from trax.store.questions import Expectation

_FIVE_MINUTES = 300.0
_LEAST = 3  # jobs before anything is said

State = Literal["met", "not met", "not measurable"]
Name = Literal["five minutes", "memory", "speakers", "words", "cost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing that is to be reached.

    Attributes:
        wanted: in *unit*.
        found: likewise; ``None`` if nothing is known.
        unit: ``s``, ``GB``, ``%`` or ``$``.
        note: how it was measured, or why it was not.
    """

    name: Name
    wanted: float
    found: float | None
    unit: str
    state: State
    note: str


def targets(
    config: TargetsConfig,
    stages: Iterable[StageDay],
    jobs: Iterable[JobDay],
    expectations: Sequence[Expectation],
    costs: Costs,
) -> list[Target]:
    """Whether each is met."""
    done = [day for day in jobs if day.status == JobStatus.COMPLETED]
    speed = next(iter(job_figures([d for d in done if d.pipeline == "transcribe"])), None)
    used = next(iter(stage_figures(stages, by=())), None)
    sure = next(iter(certainties(expectations, by=())), None)
    return [
        _five_minutes(config, speed),
        _memory(config, used),
        _speakers(config, sure),
        _words(config, sure),
        _cost(config, costs),
    ]


def _five_minutes(config: TargetsConfig, found: JobFigures | None) -> Target:
    pace = found.pace if found and found.jobs >= _LEAST else None
    return _at_most(
        "five minutes",
        config.five_minutes,
        pace.middle * _FIVE_MINUTES if pace else None,
        "s",
        f"as half of {found.jobs} jobs did it; nine of ten in {pace.high * _FIVE_MINUTES:.0f} s"
        if found and pace
        else f"fewer than {_LEAST} recordings were transcribed",
    )


def _memory(config: TargetsConfig, found: StageFigures | None) -> Target:
    peak = found.peak_memory_bytes if found else 0
    return _at_most(
        "memory",
        config.memory_gb,
        peak / 1e9 if peak else None,
        "GB",
        "the most that a process that ran a stage has taken" if peak else "no stage has run",
    )


def _speakers(config: TargetsConfig, found: Certainty | None) -> Target:
    share = found.speaker_confidence if found else None
    note = "as expected from confidence, not compared with a reference"
    return _at_least("speakers", config.speakers, share, note)


def _words(config: TargetsConfig, found: Certainty | None) -> Target:
    errors = found.expected_errors if found else None
    note = "as expected from calibrated confidence, not compared with a reference"
    return _at_least("words", config.words, None if errors is None else 1.0 - errors, note)


def _cost(config: TargetsConfig, costs: Costs) -> Target:
    counted = "language models and machines" if config.machine_hour else "language models alone"
    known = costs.a_job
    note = f"{counted}, a recording" if known is not None else "nothing was transcribed"
    return _at_most("cost", config.cost, known, "$", note)


def _at_most(name: Name, wanted: float, found: float | None, unit: str, note: str) -> Target:
    state: State = "not measurable"
    if found is not None:
        state = "met" if found <= wanted else "not met"
    return Target(name=name, wanted=wanted, found=found, unit=unit, state=state, note=note)


def _at_least(name: Name, wanted: float, share: float | None, note: str) -> Target:
    if share is None:
        return Target(
            name=name,
            wanted=100 * wanted,
            found=None,
            unit="%",
            state="not measurable",
            note="no transcript says how sure it is",
        )
    state: State = "met" if share >= wanted else "not met"
    return Target(
        name=name, wanted=100 * wanted, found=100 * share, unit="%", state=state, note=note
    )
