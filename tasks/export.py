"""Exports as a task."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.artifacts import acreate_link_artifact

from trax.compose import process_workspace
from trax.errors import StoreError
from trax.export import FORMATS, known_formats
from trax.export.translation import translated
from trax.stages.voices import exports_of


@task(name="export", description="Write a transcript's files.", result_serializer="json")
async def write_exports(
    transcript: str, formats: Sequence[str], language: str, folder: str
) -> list[str]:
    """Write files, leave a link to each, and give the links.

    Raises:
        NotFound: there is no such transcript, format or translation.
        StoreError: a file cannot be written.
    """
    links = await asyncio.to_thread(_written, transcript, known_formats(formats), language, folder)
    for name, link in links.items():
        await acreate_link_artifact(link, link_text=f"{name}: {FORMATS[name].summary}")
    return list(links.values())


def _written(reference: str, formats: Sequence[str], language: str, folder: str) -> dict[str, str]:
    workspace = process_workspace()
    document = workspace.repository.get(reference)
    if language:
        document = translated(document, language)
    made = {name: FORMATS[name].render(document) for name in formats}
    if folder:
        stem = Path(document.recording.name).stem or document.id
        return {name: _file(Path(folder), f"{stem}.{name}", data) for name, data in made.items()}
    version = workspace.repository.versions(document.id)[0].version
    stem = f"{exports_of(document.id)}{version}{'.' + language if language else ''}"
    return {
        name: workspace.objects.url(workspace.objects.put_bytes(f"{stem}.{name}", data))
        for name, data in made.items()
    }


def _file(folder: Path, name: str, data: bytes) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    except OSError as error:
        raise StoreError(f"cannot write {folder / name}: {error.strerror}") from error
    return (folder / name).resolve().as_uri()
