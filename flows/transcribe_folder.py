"""A look into a watched folder."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks.ending import in_a_sentence
from tasks.names import named_by
from tasks.watch import look_into


@in_a_sentence
@flow(
    name="transcribe-folder",
    description="Submit what is new in a watched folder, put away what has ended.",
    flow_run_name=named_by("folder"),
    result_serializer="json",
)
async def transcribe_folder(
    folder: str = "", quiet: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 10.0
) -> dict[str, int]:
    """Look once into a folder in which recordings are dropped; gives how many files are in which
    state.

    Args:
        folder: Path that this worker and those of the pool gpu can read, or s3://bucket/prefix;
            what `trax prefect setup --folder` set, if it is empty.
        quiet: Seconds for which a file must stay the same, from one look to another, until it is
            taken to be whole.
    """
    return await look_into(folder, quiet)
