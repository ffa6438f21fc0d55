"""A recording with speakers' words spoken again in other voices."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks.ending import in_a_sentence
from tasks.job import revoicing
from tasks.names import named_by
from tasks.revoice import (
    check,
    diarize,
    enhance,
    ingest,
    listen,
    merge,
    recognise,
    reconstruct,
    select,
    separate,
    synthesise,
)
from tasks.stages import Submitted, results_of
from trax.pipelines.revoice import RevoiceResult, RevoiceStage
from trax.stages.replacement import RevoiceOptions


@in_a_sentence
@flow(
    name="revoice",
    description="Transcribe one recording, say a speaker's words again in another voice, put them "
    "back.",
    flow_run_name=named_by("recording"),
    validate_parameters=False,  # by `revoicing`, which explains what is wrong
    result_serializer="json",
)
async def revoice(
    recording: Annotated[str, Field(min_length=1, examples=["/recordings/interview.mp3"])],
    options: RevoiceOptions,
    redo_from: RevoiceStage | None = None,
    account: str = "",
) -> RevoiceResult:
    """Replace voices in one recording; what is kept of a transcription with the same options is
    used.

    Args:
        recording: Path of an audio or video file that the worker can read, or s3://bucket/key.
        options: Whose words are said again, and in which voice.
        redo_from: A stage to run again, with those after it, although its result is kept.
        account: Whose job of a service it is; nobody's if empty.
    """
    async with revoicing(recording, options, redo_from, account) as job:
        audio: Submitted = ingest.submit(job)
        words: Submitted = recognise.submit(job, audio=audio)
        turns: Submitted = diarize.submit(job, audio=audio)
        better: Submitted = enhance.submit(job, words=words)
        merged: Submitted = merge.submit(job, audio=audio, words=better, turns=turns)
        selection: Submitted = select.submit(job, transcript=merged)
        voices: Submitted = separate.submit(job, selection=selection)
        takes: Submitted = synthesise.submit(job, selection=selection, voices=voices)
        checked: Submitted = check.submit(job, selection=selection, voices=voices, takes=takes)
        made: Submitted = reconstruct.submit(
            job, selection=selection, voices=voices, checked=checked
        )
        submitted = (
            audio,
            words,
            turns,
            better,
            merged,
            selection,
            voices,
            takes,
            checked,
            made,
        )
        stages = await results_of(submitted)
        return await listen(job, stages)
