"""The questions themselves: each reads what it needs, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from trax.service.analytics import accuracy, costs, drift, failures, speed, storage, targets
from trax.service.analytics.advice import Adviser, Bounds
from trax.service.analytics.load import Host
from trax.service.analytics.period import Period
from trax.settings import Settings
from trax.store import Database
from trax.store.days import Days
from trax.store.holdings import Holdings
from trax.store.questions import Questions

_TRANSCRIPTS = 20_000  # newest, by which certainty is judged
_REVISED = 500
_FAILURES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How sure transcripts were, and what people put right."""

    certainties: tuple[accuracy.Certainty, ...]
    corrected: accuracy.Corrected


class Analytics:
    """Answers questions about a period.

    Args:
        settings: of this machine, with what is to be reached.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._days = Days(database)
        self._questions = Questions(database)
        self._holdings = Holdings(database)
        self._config = settings.targets
        self._database, self._settings = database, settings

    def advise(self) -> None:
        """Keep advice that is given now, and check what was given before."""
        self._adviser().keep(datetime.now(UTC))

    def bounds(self, period: Period) -> Bounds:
        """What bounds throughput of this machine, and what came of advice."""
        return self._adviser().bounds(period.start, period.end)

    def _adviser(self) -> Adviser:
        return Adviser(self._database, Host.this(self._settings))

    def stages(
        self, period: Period, by: Sequence[speed.StageKey] = ("stage",)
    ) -> list[speed.StageFigures]:
        """How fast stages were, how often their results were at hand, and what they took."""
        return speed.stage_figures(self._days.stages(period.since, period.until), by)

    def jobs(
        self, period: Period, by: Sequence[speed.JobKey] = ("status",)
    ) -> list[speed.JobFigures]:
        """How jobs ended, how long they waited, and how long they took."""
        return speed.job_figures(self._days.jobs(period.since, period.until), by)

    def failures(self, period: Period) -> list[failures.Pattern]:
        """Failures that are alike."""
        found = self._questions.failures(period.start, period.end, _FAILURES)
        return failures.patterns(found)

    def accuracy(self, period: Period, by: Sequence[str] = ("plan",)) -> Accuracy:
        """How many words are probably wrong, and how many people put right."""
        expected = self._questions.expectations(period.start, period.end, _TRANSCRIPTS)
        revised = self._questions.revised(period.start, period.end, _REVISED)
        return Accuracy(
            certainties=tuple(accuracy.certainties(expected, by)),
            corrected=accuracy.corrected(revised),
        )

    def drifts(self, period: Period) -> list[drift.Drift]:
        """What has become worse since a change of version, or lately."""
        found = self._questions.expectations(period.start, period.end, _TRANSCRIPTS)
        return drift.drifts(found)

    def costs(self, period: Period) -> costs.Costs:
        """What it cost."""
        stages = self._days.stages(period.since, period.until)
        jobs = self._days.jobs(period.since, period.until)
        spent = self._questions.spent(period.start, period.end)
        return costs.costs(stages, jobs, spent, self._config.machine_hour)

    def storage(
        self, period: Period, by: Sequence[storage.StorageKey] = ("kind",)
    ) -> list[storage.StorageFigures]:
        """What the stores held, as it was counted last in the period, or on each day."""
        return storage.storage_figures(self._holdings.between(period.since, period.until), by)

    def targets(self, period: Period) -> list[targets.Target]:
        """What is to be reached, and whether it is."""
        stages = self._days.stages(period.since, period.until)
        jobs = self._days.jobs(period.since, period.until)
        expected = self._questions.expectations(period.start, period.end, _TRANSCRIPTS)
        spent = self._questions.spent(period.start, period.end)
        known = costs.costs(stages, jobs, spent, self._config.machine_hour)
        return targets.targets(self._config, stages, jobs, expected, known)
