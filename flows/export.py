"""A transcript in other formats."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from tasks.ending import in_a_sentence
from tasks.export import write_exports
from tasks.names import named_by
from trax.stages.options import FormatName


@in_a_sentence
@flow(
    name="export",
    description="Write a transcript in other formats, in the object store or a folder, with links.",
    flow_run_name=named_by("transcript"),
    validate_parameters=True,
    result_serializer="json",
)
async def export(
    transcript: Annotated[str, Field(min_length=1, examples=["15f435e38097", "latest"])],
    formats: Annotated[tuple[FormatName, ...], Field(min_length=1)] = ("docx",),
    language: str = "",
    folder: str = "",
) -> list[str]:
    """Write a transcript's newest version, and give where the files are.

    Args:
        transcript: Id, or the beginning of it; latest for the newest.
        formats: txt, md, json, srt, vtt, tsv, csv, rttm, ctm, stm, docx, svg.
        language: Code of a language that it was translated to; as spoken where nothing is said.
        folder: Where this worker writes the files; the object store where nothing is said.
    """
    return await write_exports(transcript, formats, language, folder)
