"""How transcription does: speed, certainty, failures, cost, and what is to be reached."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request

from trax.service.analytics.answers import Analytics
from trax.service.analytics.now import Watcher
from trax.service.analytics.period import USUAL, Period
from trax.service.analytics.speed import JobKey, StageKey
from trax.service.analytics.storage import StorageKey
from trax.web.asking import Administrator, TheService
from trax.web.views import analytics as views

router = APIRouter(prefix="/v1/analytics", tags=["analytics"])


def _analytics(service: TheService) -> Analytics:
    return Analytics(service.workspace.database, service.settings)


async def _watcher(request: Request) -> Watcher:
    found: Watcher = request.app.state.watcher
    return found


def _period(
    since: Annotated[
        date | None, Query(description="First day (UTC); 30 days up to the last if not given.")
    ] = None,
    until: Annotated[date | None, Query(description="Last day (UTC); today if not given.")] = None,
) -> Period:
    return Period.between(since, until, USUAL)


Answers = Annotated[Analytics, Depends(_analytics)]
TheWatcher = Annotated[Watcher, Depends(_watcher)]
About = Annotated[Period, Depends(_period)]


@router.get("/stages", summary="Show how fast stages were")
def stages(
    answers: Answers,
    period: About,
    _caller: Administrator,
    by: Annotated[list[StageKey], Query(description="What to tell apart.")] = ["stage"],  # noqa: B006
) -> views.StageAnswer:
    """How long they took, how often results were at hand, and the memory they needed."""
    found = answers.stages(period, by)
    items = [views.StageFiguresView.model_validate(each) for each in found]
    return views.StageAnswer(**views.about(period), items=items)


@router.get("/jobs", summary="Show how jobs ended")
def jobs(
    answers: Answers,
    period: About,
    _caller: Administrator,
    by: Annotated[list[JobKey], Query(description="What to tell apart.")] = ["status"],  # noqa: B006
) -> views.JobAnswer:
    """How many, how long they waited, and how long they took; by day, that is throughput."""
    found = answers.jobs(period, by)
    items = [views.JobFiguresView.model_validate(each) for each in found]
    return views.JobAnswer(**views.about(period), items=items)


@router.get("/now", summary="Show what is at work and what waits")
def now(watcher: TheWatcher, _caller: Administrator) -> views.NowView:
    """The machine that answers, its engines and GPUs, jobs at work and the head of the queue."""
    return views.NowView.model_validate(watcher.look())


@router.get("/failures", summary="Show failures that are alike")
def failures(answers: Answers, period: About, _caller: Administrator) -> views.FailureAnswer:
    """Jobs that failed and were not begun again, by cause and place, with what to do."""
    items = [views.PatternView.model_validate(each) for each in answers.failures(period)]
    return views.FailureAnswer(**views.about(period), items=items)


@router.get("/accuracy", summary="Show how sure transcripts were")
def accuracy(
    answers: Answers,
    period: About,
    _caller: Administrator,
    by: Annotated[
        list[Literal["plan", "language", "made", "week"]],
        Query(description="What to tell apart; `made` is with which Trax."),
    ] = ["plan"],  # noqa: B006
) -> views.AccuracyAnswer:
    """How many words are probably wrong, and how many people put right."""
    found = answers.accuracy(period, by)
    return views.AccuracyAnswer(
        **views.about(period),
        certainties=[views.CertaintyView.model_validate(each) for each in found.certainties],
        corrected=views.PutRightView.model_validate(found.corrected),
    )


@router.get("/drift", summary="Show what has become worse")
def drift(answers: Answers, period: About, _caller: Administrator) -> views.DriftAnswer:
    """Expected errors and doubts of speakers that rose since a change of version, or lately."""
    items = [views.DriftView.model_validate(each) for each in answers.drifts(period)]
    return views.DriftAnswer(**views.about(period), items=items)


@router.get("/bottlenecks", summary="Show what bounds throughput")
def bottlenecks(answers: Answers, period: About, _caller: Administrator) -> views.BoundsAnswer:
    """What bounds throughput of the machine that answers, what a change would bring, and what came
    of the advice that was given.
    """
    found = answers.bounds(period)
    return views.BoundsAnswer(
        **views.about(period),
        items=[views.BottleneckView.model_validate(each) for each in found.bottlenecks],
        advice=[views.AdviceView.model_validate(each) for each in found.advice],
    )


@router.get("/costs", summary="Show what transcription cost")
def costs(answers: Answers, period: About, _caller: Administrator) -> views.CostAnswer:
    """Work of machines, and language models."""
    found = answers.costs(period)
    return views.CostAnswer(
        **views.about(period),
        cpu_seconds=found.cpu_seconds,
        gpu_seconds=found.gpu_seconds,
        machines=found.machines,
        models=[views.SpentView.model_validate(each) for each in found.models],
        audio_seconds=found.audio_seconds,
        jobs=found.jobs,
        total=found.total,
        a_job=found.a_job,
        an_audio_hour=found.an_audio_hour,
    )


@router.get("/storage", summary="Show what is stored")
def storage(
    answers: Answers,
    period: About,
    _caller: Administrator,
    by: Annotated[list[StorageKey], Query(description="What to tell apart.")] = ["kind"],  # noqa: B006
) -> views.StorageAnswer:
    """Bytes and objects, as they were counted last in the period; by day, on each of its days."""
    found = answers.storage(period, by)
    items = [views.StorageFiguresView.model_validate(each) for each in found]
    return views.StorageAnswer(**views.about(period), items=items)


@router.get("/targets", summary="Show whether targets are met")
def targets(answers: Answers, period: About, _caller: Administrator) -> views.TargetAnswer:
    """What the settings say is to be reached."""
    items = [views.TargetView.model_validate(each) for each in answers.targets(period)]
    return views.TargetAnswer(**views.about(period), items=items)
