"""One recording to a transcript that says who said what."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from pydantic import Field

from tasks.browse import browse
from tasks.diarize import diarize
from tasks.ingest import ingest
from tasks.merge import merge
from tasks.publish import publish
from tasks.recognise import recognise
from trax.pipeline import JobResult, TranscribeOptions


@flow(
    name="transcribe",
    description="Recognise and diarize one recording, merge both, publish the transcript.",
    flow_run_name="{recording}",
    validate_parameters=True,
)
async def transcribe(
    recording: Annotated[str, Field(min_length=1, examples=["/recordings/interview.mp3"])],
    options: TranscribeOptions = TranscribeOptions(),  # noqa: B008 - frozen
) -> JobResult:
    """Transcribe one recording; stages that were done before for the same bytes and options are not done again.

    Args:
        recording: Path of an audio or video file that the worker can read.
        options: Models, number of speakers, formats. Left as they are, everything is found out.
    """
    audio: Any = ingest.submit(recording)
    spoken: Any = recognise.submit(audio, options.recognition)
    turns: Any = diarize.submit(audio, options.diarization)
    merged: Any = merge.submit(audio, spoken, turns, Path(recording).name, options)
    published = publish.submit(merged, options.formats, [audio, spoken, turns, merged])
    stages = [await asyncio.to_thread(stage.result) for stage in (audio, spoken, turns, merged, published)]
    return await browse(stages)
