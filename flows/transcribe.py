"""One recording to a transcript that says who said what."""

import asyncio
from typing import Annotated, Any

from prefect import flow
from pydantic import Field

from tasks.browse import browse
from tasks.job import working_on
from tasks.stages import annotate, diarize, enhance, ingest, merge, publish, recognise
from trax.pipelines.transcribe import JobResult, StageName
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
    redo_from: StageName | None = None,
) -> JobResult:
    """Transcribe one recording; stages with kept results for the same bytes and options do not run.

    Args:
        recording: Path of an audio or video file that the worker can read, or s3://bucket/key.
        options: Models, number of speakers, what a language model does, formats. What is left out
            is found out.
        redo_from: A stage to run again, with those after it, although its result is kept.
    """
    async with working_on(recording, options, redo_from) as job:
        audio: Any = ingest.submit(job)
        words: Any = recognise.submit(job, audio=audio)
        turns: Any = diarize.submit(job, audio=audio)
        better: Any = enhance.submit(job, words=words)
        merged: Any = merge.submit(job, audio=audio, words=better, turns=turns)
        annotated: Any = annotate.submit(job, transcript=merged, turns=turns)
        published: Any = publish.submit(job, transcript=annotated)
        submitted = (audio, words, turns, better, merged, annotated, published)
        stages = [await asyncio.to_thread(stage.result) for stage in submitted]
        return await browse(job, stages)
