"""What a run leaves to look at in the Prefect UI."""

import base64
from collections.abc import Sequence
from pathlib import PurePath

from prefect import task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from tasks.artifacts import leave_file
from trax.compose import process_workspace
from trax.export import FORMATS
from trax.pipelines.transcribe import JobResult, job_result
from trax.progress import StageRun
from trax.service.exports import link_or_place
from trax.stages.options import TranscribeOptions
from trax.store import ObjectRef, ObjectStore
from trax.transcript import Enhancement, Transcript
from trax.work.patient import patient
from trax.work.running import load
from trax.work.values import Job, StageResult

_MOST_ROWS = 1000  # of an artifact
_MOST_BYTES = 500_000  # of one artifact: the server refuses far larger ones, and nobody reads them


@task(name="browse", description="Leave transcript, picture, stage table and links in the UI.")
async def browse(job: Job[TranscribeOptions], stages: Sequence[StageResult]) -> JobResult:
    """Leave artifacts under keys that stay the same for a recording, so that it has a history; each
    says which recording it is of.
    """
    workspace = patient(process_workspace())
    results = {stage.run.stage: stage for stage in stages}
    result = job_result(workspace, job, results)
    transcript = load(workspace, Transcript, results["annotate"], "transcript.json")
    key = transcript.recording.sha256[:8]
    name = transcript.recording.name
    await acreate_markdown_artifact(
        _shortened(transcript), key=f"transcript-{key}", description=f"{name}: who said what"
    )
    await acreate_markdown_artifact(
        _picture(transcript), key=f"timeline-{key}", description=f"{name}: who spoke when"
    )
    await acreate_table_artifact(
        [stage_row(run) for run in result.runs],
        key=f"stages-{key}",
        description=f"{name}: how the stages went",
    )
    work = transcript.enhancement
    if work is not None and work.edits:
        description = f"{name}: what {work.model} changed; {work.usage}"
        await acreate_table_artifact(_edits(work), key=f"edits-{key}", description=description)
    await _leave_audio(workspace.objects, results["ingest"].outputs["audio"], name, key)
    for kind, ref in result.exports.items():
        summary = FORMATS[kind].summary
        place = link_or_place(workspace.objects, ref, name, kind)
        await leave_file(place, f"{kind}: {summary}", f"{name}: {summary}", f"export-{kind}-{key}")
    return result


async def _leave_audio(objects: ObjectStore, audio: ObjectRef, name: str, key: str) -> None:
    link = objects.link(audio, f"{PurePath(name).stem}.flac", "audio/flac")
    text = "the audio, 16 kHz mono"
    await leave_file(link or objects.place(audio), text, f"{name}: {text}", f"audio-{key}")


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
    """Who spoke when, as Markdown that holds the picture itself: no file server is needed."""
    svg = base64.b64encode(FORMATS["svg"].render(transcript)).decode()
    return f"![Who spoke when](data:image/svg+xml;base64,{svg})\n"
