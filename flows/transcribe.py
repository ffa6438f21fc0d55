"""One recording to a transcript that says who said what."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks.browse import browse
from tasks.ending import in_a_sentence
from tasks.job import working_on
from tasks.names import named_by
from tasks.stages import (
    Submitted,
    annotate,
    diarize,
    enhance,
    ingest,
    merge,
    publish,
    recognise,
    results_of,
)
from trax.pipelines.transcribe import JobResult, StageName
from trax.stages.options import TranscribeOptions


@in_a_sentence
@flow(
    name="transcribe",
    description="Recognise and diarize one recording, enhance and merge both, publish the "
    "transcript.",
    flow_run_name=named_by("recording"),
    validate_parameters=False,  # by `working_on`, which explains what is wrong
    result_serializer="json",
)
async def transcribe(
    recording: Annotated[str, Field(min_length=1, examples=["/recordings/interview.mp3"])],
    options: TranscribeOptions = TranscribeOptions(),  # noqa: B008 - frozen
    redo_from: StageName | None = None,
    account: str = "",
) -> JobResult:
    """Transcribe one recording; stages with kept results for the same bytes and options do not run.

    Args:
        recording: Path of an audio or video file that the worker can read, or s3://bucket/key.
        options: Models, number of speakers, what a language model does, formats. What is left out
            is found out.
        redo_from: A stage to run again, with those after it, although its result is kept.
        account: Whose job of a service it is; nobody's if empty.
    """
    async with working_on(recording, options, redo_from, account) as job:
        audio: Submitted = ingest.submit(job)
        words: Submitted = recognise.submit(job, audio=audio)
        turns: Submitted = diarize.submit(job, audio=audio)
        better: Submitted = enhance.submit(job, words=words)
        merged: Submitted = merge.submit(job, audio=audio, words=better, turns=turns)
        annotated: Submitted = annotate.submit(job, transcript=merged, turns=turns)
        published: Submitted = publish.submit(job, transcript=annotated)
        submitted = (audio, words, turns, better, merged, annotated, published)
        stages = await results_of(submitted)
        return await browse(job, stages)
