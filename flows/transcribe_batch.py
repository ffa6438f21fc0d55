"""Every recording of a folder."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from flows.transcribe import transcribe
from tasks.batch import conclude, recordings_in, some_at_a_time
from tasks.ending import in_a_sentence
from tasks.names import named_by
from trax.stages.options import TranscribeOptions


@in_a_sentence
@flow(
    name="transcribe-batch",
    description="Transcribe all recordings of a folder, some at a time; one that fails does not "
    "stop the "
    "rest.",
    flow_run_name=named_by("folder"),
    validate_parameters=False,  # by `recordings_in`, which explains what is wrong
    result_serializer="json",
)
async def transcribe_batch(
    folder: Annotated[
        str, Field(min_length=1, examples=["/recordings/2026", "s3://recordings/2026"])
    ],
    options: TranscribeOptions = TranscribeOptions(),  # noqa: B008 - frozen
    parallel: Annotated[int, Field(ge=1, le=64)] = 2,
) -> State[Any]:
    """Transcribe a folder; what was done before for the same bytes and options is not done again.

    Args:
        folder: Path of a folder that the worker can read, or s3://bucket/prefix.
        options: Models, number of speakers, what a language model does, formats; for all of them.
        parallel: How many at a time.
    """
    found = await recordings_in(folder, options)
    ended = await some_at_a_time(transcribe, found, options, parallel)
    return await conclude(folder, ended)
