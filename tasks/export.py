"""Exports as a task."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.artifacts import acreate_link_artifact

from trax.compose import process_workspace
from trax.export import FORMATS, known_formats
from trax.service.exports import in_language, store_files, write_files


@task(name="export", description="Write a transcript's files.", result_serializer="json")
async def write_exports(
    transcript: str, formats: Sequence[str], language: str, folder: str
) -> list[str]:
    """Write files to *folder*, or to the object store if it is empty; return links to them.

    Raises:
        NotFound: there is no such transcript, format or translation.
        StoreError: a file cannot be written.
    """
    links = await asyncio.to_thread(_links, transcript, known_formats(formats), language, folder)
    for name, link in links.items():
        await acreate_link_artifact(link, link_text=f"{name}: {FORMATS[name].summary}")
    return list(links.values())


def _links(reference: str, formats: Sequence[str], language: str, folder: str) -> dict[str, str]:
    workspace = process_workspace()
    if not folder:
        return store_files(workspace, reference, formats, language)
    document = in_language(workspace.repository.get(reference), language)
    files = write_files(workspace.database, document, formats, Path(folder))
    return {name: file.resolve().as_uri() for name, file in files.items()}
