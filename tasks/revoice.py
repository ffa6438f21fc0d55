"""The stages of voice replacement as tasks, and what a run leaves to listen to."""

import base64
from collections.abc import Sequence
from pathlib import PurePath

from prefect import task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from tasks.artifacts import leave_file
from tasks.browse import stage_row
from tasks.stages import StageTask
from trax.audio.browsers import MADE_TYPES, UNKNOWN
from trax.compose import process_workspace
from trax.pipelines.revoice import REVOICE, RevoiceResult, report_of, revoice_result
from trax.stages.replacement import RevoiceOptions
from trax.store import ObjectRef, ObjectStore
from trax.voice.picture import picture
from trax.voice.report import Report
from trax.work.patient import patient
from trax.work.values import Job, StageResult

_MOST_ROWS = 1000  # of an artifact

ingest = StageTask(REVOICE.stage("ingest"))
recognise = StageTask(REVOICE.stage("recognise"))
diarize = StageTask(REVOICE.stage("diarize"))
enhance = StageTask(REVOICE.stage("enhance"))
merge = StageTask(REVOICE.stage("merge"))
select = StageTask(REVOICE.stage("select"))
separate = StageTask(REVOICE.stage("separate"))
synthesise = StageTask(REVOICE.stage("synthesise"))
check = StageTask(REVOICE.stage("check"))
reconstruct = StageTask(REVOICE.stage("reconstruct"))


@task(name="listen", description="Leave utterances, picture, stage table and links in the UI.")
async def listen(job: Job[RevoiceOptions], stages: Sequence[StageResult]) -> RevoiceResult:
    """Leave artifacts under keys that stay the same for a recording, so that it has a history; each
    says which recording it is of.
    """
    workspace = patient(process_workspace())
    results = {stage.run.stage: stage for stage in stages}
    result = revoice_result(job, results)
    report = report_of(workspace, result)
    key, name = report.recording[:8], report.name
    await acreate_table_artifact(
        _rows(report), key=f"revoiced-{key}", description=f"{name}: what was said again"
    )
    await acreate_markdown_artifact(
        _picture(report), key=f"places-{key}", description=f"{name}: where voices were replaced"
    )
    await acreate_table_artifact(
        [stage_row(run) for run in result.runs],
        key=f"revoice-stages-{key}",
        description=f"{name}: how the stages went",
    )
    before = results["ingest"].outputs["audio"]
    await _leave(workspace.objects, before, f"{name}: before", f"before-{key}")
    after = result.video or result.audio
    await _leave(workspace.objects, after, f"{name}: after", f"after-{key}")
    return result


async def _leave(objects: ObjectStore, ref: ObjectRef, text: str, key: str) -> None:
    file = PurePath(ref.key)
    link = objects.link(ref, file.name, MADE_TYPES.get(file.suffix, UNKNOWN))
    await leave_file(link or objects.place(ref), text, text, key)


def _rows(report: Report) -> list[dict[str, str | float]]:
    """Utterances that were said again, and after them what was not."""
    said: list[dict[str, str | float]] = [
        {
            "at": row.start,
            "speaker": report.speakers[row.speaker],
            "text": row.text,
            "heard": row.heard,
            "errors": row.errors,
            "attempts": row.attempts,
            "stretch": row.stretch,
        }
        for row in report.utterances
    ]
    left: list[dict[str, str | float]] = [
        {
            "at": each.start,
            "speaker": report.speakers[each.speaker],
            "text": each.text,
            "heard": f"not replaced: {each.why}",
        }
        for each in report.left
    ]
    return (said + left)[:_MOST_ROWS]


def _picture(report: Report) -> str:
    """Where voices were replaced, as Markdown that holds the picture itself."""
    svg = base64.b64encode(picture(report)).decode()
    return f"![Where voices were replaced](data:image/svg+xml;base64,{svg})\n"
