"""What a transcript was made of, as a task."""

from collections.abc import Mapping
from typing import Any

from prefect import task

from trax.compose import process_workspace
from trax.enhance import EnhancementOptions


@task(name="find", description="Find the job that made a transcript.", persist_result=False)
async def job_of(
    transcript: str, enhancement: Mapping[str, Any] | EnhancementOptions | None
) -> tuple[str, Any]:
    """The recording of a transcript, and the options that it had, with *enhancement* in the place
    of its own; they are not checked yet.

    Raises:
        NotFound: there is no such transcript, or no job made it.
    """
    workspace = process_workspace()
    job = workspace.jobs.of_transcript(workspace.repository.get(transcript).id)
    if enhancement is None:
        return job.source, job.options
    return job.source, {**job.options, "enhancement": enhancement}
