"""A transcript through the language model once more."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.transcribe import transcribe
from tasks.again import job_of
from tasks.ending import in_a_sentence
from tasks.names import named_by
from trax.enhance import EnhancementOptions
from trax.pipelines.transcribe import JobResult


@in_a_sentence
@flow(
    name="enhance-again",
    description="Enhance and annotate a transcript again, with another model or for other tasks.",
    flow_run_name=named_by("transcript"),
    validate_parameters=False,  # by `job_of` and `transcribe`, which explain what is wrong
    result_serializer="json",
)
async def enhance_again(
    transcript: Annotated[str, Field(min_length=1, examples=["15f435e38097", "latest"])],
    enhancement: EnhancementOptions | None = None,
) -> JobResult:
    """Enhance a transcript again; what was recognised and who spoke are kept.

    Args:
        transcript: Id, or the beginning of it; latest for the newest.
        enhancement: What the language model is to do; what it did before where nothing is said.
    """
    recording, options = await job_of(transcript, enhancement)
    return await transcribe(recording, options, "enhance")
