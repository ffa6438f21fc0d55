"""Answers of analytics, as the service gives them."""

from datetime import date, datetime

from pydantic import Field

from trax.service.analytics.period import Period
from trax.web.views.base import View


class PeriodView(View):
    """The days that an answer is about, both included (UTC)."""

    since: date
    until: date


class SpreadView(View):
    """Where values lie."""

    middle: float = Field(description="Half of the values are below it.")
    high: float = Field(description="Nine of ten are.")
    highest: float = Field(description="99 of 100 are.")


class StageFiguresView(View):
    """How runs of stages went."""

    by: dict[str, str] = Field(
        description="What they have in common.", examples=[{"stage": "recognise"}]
    )
    runs: int
    cached: int = Field(description="Runs that a checkpoint supplied.")
    skipped: int = Field(description="Runs that had nothing to do.")
    retries: int = Field(description="How often a stage was begun again.")
    seconds: float = Field(description="Worked in all.")
    audio_seconds: float = Field(description="Of the recordings that were worked on.")
    speed_factor: float | None = Field(description="Seconds of audio a second of work.")
    peak_memory_bytes: int
    peak_device_memory_bytes: int
    processor_seconds: float = Field(
        description="That processors worked: twice the seconds if two did."
    )
    gpu_busy_seconds: float = Field(description="For which a GPU was busy.")
    written_bytes: int = Field(description="To disks.")
    took: SpreadView | None = Field(description="Seconds of a run.")
    pace: SpreadView | None = Field(description="Seconds of a run a second of audio.")


class StageAnswer(PeriodView):
    """How fast stages were."""

    items: list[StageFiguresView]


class JobFiguresView(View):
    """How jobs ended."""

    by: dict[str, str] = Field(
        description="What they have in common.", examples=[{"status": "completed"}]
    )
    jobs: int
    attempts: int = Field(description="How often they were begun.")
    audio_seconds: float = Field(description="Of their recordings.")
    waited: SpreadView | None = Field(description="Seconds until work began.")
    took: SpreadView | None = Field(description="Seconds from then on.")
    pace: SpreadView | None = Field(description="Likewise, a second of audio.")


class JobAnswer(PeriodView):
    """How jobs ended."""

    items: list[JobFiguresView]


class GpuView(View):
    """How much is made of a GPU."""

    busy: float = Field(description="Share of the time for which it worked lately.")
    taken: float = Field(description="Share of its memory.")


class MachineView(View):
    """The machine that answers."""

    name: str
    processors: int
    load: float = Field(description="Processes that ran at a time in the last minute.")
    memory: float = Field(description="Share that is taken.")
    free_disk_bytes: int
    gpus: list[GpuView]


class EngineView(View):
    """A process that keeps models loaded."""

    device: str
    state: str
    running: list[str] = Field(description="Stages at work, by job and stage.")
    waiting: int = Field(description="Stages that wait for a seat.")
    models: list[str]


class OpenWorkView(View):
    """A job that is not done."""

    id: str
    name: str
    pipeline: str
    stages: dict[str, float] = Field(description="How much of each that has begun is done.")
    started_at: datetime | None
    left: float | None = Field(description="Seconds of work that are left, as usual.")
    left_at_most: float | None = Field(description="Likewise, as in nine of ten jobs.")


class NowView(View):
    """How things stand."""

    at: datetime
    machine: MachineView
    engines: list[EngineView]
    running: list[OpenWorkView]
    waiting: list[OpenWorkView] = Field(description="The head of the queue, in its order.")
    queued: int = Field(description="How many wait in all.")
    longest_wait: float = Field(description="Seconds that the first has waited.")


class PatternView(View):
    """Failures that are alike."""

    cause: str = Field(examples=["disk full"])
    stage: str
    where: str = Field(description="In the code of Trax.")
    advice: str = Field(description="What to do.")
    jobs: int
    share: float = Field(description="Of all failures.")
    first: datetime
    last: datetime
    share_before: float = Field(description="Of the failures in the first half of the time.")
    share_after: float = Field(description="Of those in the second half.")
    common: dict[str, str] = Field(description="What nearly all have in common.")
    examples: list[str] = Field(description="The newest jobs.")
    said: str = Field(description="What the newest says.")


class FailureAnswer(PeriodView):
    """Failures that are alike."""

    items: list[PatternView]


class CertaintyView(View):
    """How sure transcripts were."""

    by: dict[str, str]
    transcripts: int
    words: int
    expected_errors: float | None = Field(description="Share of words that is probably wrong.")
    speaker_confidence: float | None = Field(
        description="Share of speech that probably has the right speaker."
    )


class PutRightView(View):
    """What people put right, in transcripts that they changed."""

    transcripts: int
    words: int
    changed: int = Field(description="Words that were replaced, put in or deleted.")
    share: float | None = Field(description="Of all words: the least that was wrong.")
    expected: float | None = Field(description="Share that was expected to be wrong before.")


class AccuracyAnswer(PeriodView):
    """How many words are probably wrong, and how many people put right."""

    certainties: list[CertaintyView]
    corrected: PutRightView


class DriftView(View):
    """Something that has risen."""

    measure: str = Field(examples=["expected errors"])
    plan: str
    language: str
    what: str = Field(description="What changed then, if it is known.", examples=["version 4.1"])
    at: datetime = Field(description="Of the first recording since.")
    before: float = Field(description="Mean share before.")
    after: float = Field(description="Mean share since.")
    recordings: tuple[int, int] = Field(description="Before, and since.")
    chance: float = Field(description="Probability of that if nothing had changed.")


class DriftAnswer(PeriodView):
    """What has become worse."""

    items: list[DriftView]


class BottleneckView(View):
    """What bounds throughput."""

    kind: str | None = Field(
        description="What a change would be of; null if figures name none.", examples=["jobs"]
    )
    bound: str = Field(description="What bounds.", examples=["jobs at once: 2"])
    evidence: str = Field(description="The figures that prove it.")
    change: str = Field(description="What to change.", examples=["3 jobs at once"])
    gain: float | None = Field(
        description="By what throughput would be multiplied.", examples=[1.5]
    )


class AdviceView(View):
    """Advice that was given, and what came of it."""

    kind: str = Field(examples=["jobs"])
    setting: str = Field(description="The setting it was about, as it was.", examples=["2"])
    change: str = Field(description="What to change.", examples=["3 jobs at once"])
    evidence: str = Field(description="The figures it was taken from.")
    rate: float = Field(description="Seconds of audio a second of work then.")
    gain: float = Field(description="By what it said that multiplies.", examples=[1.5])
    version: str = Field(description="Of Trax, then.")
    given_at: datetime
    changed_at: datetime | None = Field(description="When the change was first seen.")
    checked_at: datetime | None
    brought: float | None = Field(
        description="By what the rate was multiplied; null until enough jobs ran."
    )
    state: str = Field(
        description="`open`, `changed`, `brought`, or `withdrawn` if it was wrong.",
        examples=["brought"],
    )


class BoundsAnswer(PeriodView):
    """What bounds throughput, and what came of advice."""

    items: list[BottleneckView]
    advice: list[AdviceView]


class SpentView(View):
    """What a language model took for one kind of task."""

    model: str
    task: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float = Field(description="US dollars.")


class CostAnswer(PeriodView):
    """What transcription cost."""

    cpu_seconds: float
    gpu_seconds: float
    machines: float = Field(description="US dollars for these seconds; 0 if no price is set.")
    models: list[SpentView]
    audio_seconds: float = Field(description="Of the recordings that were done.")
    jobs: int
    total: float = Field(description="US dollars.")
    a_job: float | None = Field(description="US dollars a job.")
    an_audio_hour: float | None = Field(description="US dollars an hour of audio.")


class StorageFiguresView(View):
    """What was stored."""

    by: dict[str, str] = Field(
        description="What it has in common.", examples=[{"kind": "recordings"}]
    )
    objects: int = Field(description="How many there were.")
    size_bytes: int


class StorageAnswer(PeriodView):
    """What the stores held."""

    items: list[StorageFiguresView]


class TargetView(View):
    """Something that is to be reached."""

    name: str = Field(examples=["five minutes"])
    wanted: float
    found: float | None
    unit: str = Field(examples=["s"])
    state: str = Field(examples=["met"])
    note: str = Field(description="How it was measured, or why it was not.")


class TargetAnswer(PeriodView):
    """What is to be reached, and whether it is."""

    items: list[TargetView]


def about(period: Period) -> dict[str, date]:
    """What every answer says of its period."""
    return {"since": period.since, "until": period.until}
