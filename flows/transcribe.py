"""One recording to a transcript that says who said what."""

import asyncio
from typing import Annotated, Any, Literal

from prefect import flow
from pydantic import Field

from tasks.annotate import annotate
from tasks.browse import browse
from tasks.diarize import diarize
from tasks.enhance import enhance
from tasks.ingest import ingest
from tasks.job import working_on
from tasks.merge import merge
from tasks.publish import publish
from tasks.recognise import recognise
from trax.pipelines.transcribe import JobResult
from trax.stages.options import TranscribeOptions


@flow(
    name="transcribe",
    description="Recognise and diarize one recording, enhance and merge both, publish the "
    "transcript.",
    flow_run_name="{recording}",
    validate_parameters=True,
    result_serializer="json",
)
async def transcribe(
    recording: Annotated[str, Field(min_length=1, examples=["/recordings/interview.mp3"])],
    options: TranscribeOptions = TranscribeOptions(),  # noqa: B008 - frozen
    redo_from: Literal["ingest", "recognise", "diarize", "enhance", "merge", "annotate", "publish"]
    | None = None,
) -> JobResult:
    """Transcribe one recording; stages that were done before for the same bytes and options are not
    done again.

    Args:
        recording: Path of an audio or video file that the worker can read, or s3://bucket/key.
        options: Models, number of speakers, what a language model does, formats. What is left out
            is found out.
        redo_from: A stage to do again, with those after it, although its result is kept.
    """
    async with working_on(recording, options, redo_from) as job:
        audio: Any = ingest.submit(job)
        spoken: Any = recognise.submit(job, audio)
        turns: Any = diarize.submit(job, audio)
        better: Any = enhance.submit(job, spoken)
        merged: Any = merge.submit(job, audio, better, turns)
        annotated: Any = annotate.submit(job, merged, turns)
        published: Any = publish.submit(job, annotated)
        submitted = (audio, spoken, turns, better, merged, annotated, published)
        stages = [await asyncio.to_thread(stage.result) for stage in submitted]
        return await browse(job, stages)
