"""What a run leaves to look at in the Prefect UI."""

import base64
from collections.abc import Sequence

from prefect import task
from prefect.artifacts import (
    acreate_image_artifact,
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_table_artifact,
)

from trax.compose import process_workspace
from trax.export import FORMATS
from trax.pipelines.transcribe import JobResult, job_result
from trax.progress import StageRun
from trax.stages.options import TranscribeOptions
from trax.transcript import Enhancement, Transcript
from trax.work.running import load
from trax.work.values import Job, StageResult

_MOST_ROWS = 1000  # of an artifact
_MOST_BYTES = 500_000  # of one artifact: the server refuses far larger ones, and nobody reads them


@task(name="browse", description="Leave transcript, picture, stage table and links in the UI.")
async def browse(job: Job[TranscribeOptions], stages: Sequence[StageResult]) -> JobResult:
    """Leave artifacts under keys that stay the same for a recording, so that it has a history."""
    workspace = process_workspace()
    results = {stage.run.stage: stage for stage in stages}
    result = job_result(workspace, job, results)
    transcript = load(workspace, Transcript, results["annotate"], "transcript.json")
    key = transcript.recording.sha256[:8]
    await acreate_markdown_artifact(
        _shortened(transcript), key=f"transcript-{key}", description="Who said what"
    )
    await acreate_image_artifact(
        _picture(transcript), key=f"timeline-{key}", description="Who spoke when"
    )
    await acreate_table_artifact(
        [stage_row(run) for run in result.runs],
        key=f"stages-{key}",
        description="How the stages went",
    )
    work = transcript.enhancement
    if work is not None and work.edits:
        description = f"What {work.model} changed; {work.usage}"
        await acreate_table_artifact(_edits(work), key=f"edits-{key}", description=description)
    await acreate_link_artifact(
        workspace.objects.url(results["ingest"].outputs["audio"]),
        link_text="the audio, 16 kHz mono",
        key=f"audio-{key}",
    )
    for name, ref in result.exports.items():
        await acreate_link_artifact(
            workspace.objects.url(ref),
            link_text=f"{name}: {FORMATS[name].summary}",
            key=f"export-{name}-{key}",
        )
    return result


def stage_row(run: StageRun) -> dict[str, str | float]:
    """One stage as a row of a table for people."""
    return {
        "stage": run.stage,
        "seconds": round(run.seconds, 2),
        "from cache": "yes" if run.cached else "no",
        "times faster than real time": "" if run.cached else round(run.speed_factor, 1),
        "peak memory (MB)": round(run.peak_memory_bytes / 1e6),
        "engine": run.engine,
    }


def _edits(work: Enhancement) -> list[dict[str, str | float]]:
    """What a language model asked for, the edits that were made first."""
    rows = (*work.made, *work.refused)[:_MOST_ROWS]
    return [
        {
            "at": edit.start,
            "before": edit.before,
            "after": edit.after,
            "made": edit.rejected or "yes",
        }
        for edit in rows
    ]


def _shortened(transcript: Transcript) -> str:
    text = FORMATS["md"].render(transcript)
    if len(text) <= _MOST_BYTES:
        return text.decode()
    return text[:_MOST_BYTES].decode(errors="ignore") + "\n\n*The rest is in the exports.*\n"


def _picture(transcript: Transcript) -> str:
    return (
        "data:image/svg+xml;base64," + base64.b64encode(FORMATS["svg"].render(transcript)).decode()
    )
