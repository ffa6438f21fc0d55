"""What a transcript was made of, as a task."""

from prefect import task

from trax.compose import process_workspace
from trax.enhance import EnhancementOptions
from trax.stages.options import TranscribeOptions


@task(name="find", description="Find the job that made a transcript.", persist_result=False)
async def job_of(
    transcript: str, enhancement: EnhancementOptions | None
) -> tuple[str, TranscribeOptions]:
    """The recording of a transcript, and the options that it had, with *enhancement* in the place
    of its own.

    Raises:
        NotFound: there is no such transcript, or no job made it.
    """
    workspace = process_workspace()
    job = workspace.jobs.of_transcript(workspace.repository.get(transcript).id)
    options = TranscribeOptions.model_validate(job.options)
    return job.source, options.model_copy(
        update={"enhancement": enhancement}
    ) if enhancement else options
