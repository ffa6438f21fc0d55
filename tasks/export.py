"""Exports as a task."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from prefect import task

from tasks.artifacts import leave_file
from trax.compose import process_workspace
from trax.export import FORMATS, known_formats
from trax.service.exports import in_language, rendered, store_files, write_files
from trax.transcript import Transcript


@task(name="export", description="Write a transcript's files.", result_serializer="json")
async def write_exports(
    transcript: str, formats: Sequence[str], language: str, folder: str
) -> list[str]:
    """Write files to *folder*, or to the object store if it is empty; return where they are.

    Raises:
        NotFound: there is no such transcript, format or translation.
        StoreError: a file cannot be written.
    """
    document = await asyncio.to_thread(process_workspace().repository.get, transcript)
    places = await asyncio.to_thread(_places, document, known_formats(formats), language, folder)
    for name, place in places.items():
        summary = FORMATS[name].summary
        await leave_file(place, f"{name}: {summary}", f"{document.recording.name}: {summary}")
    return list(places.values())


def _places(
    document: Transcript, formats: Sequence[str], language: str, folder: str
) -> dict[str, str]:
    """Where each format is: a link, or a path of this machine."""
    workspace = process_workspace()
    if not folder:
        return store_files(workspace, document.id, formats, language)
    translated = in_language(document, language)
    data = rendered(translated, formats)
    files = write_files(workspace.database, translated, data, Path(folder))
    return {name: str(file.resolve()) for name, file in files.items()}
