"""Artifacts that lead to files, and tables that have a version for every change."""

import json
from collections.abc import Sequence

from prefect.artifacts import (
    Artifact,
    acreate_link_artifact,
    acreate_markdown_artifact,
    acreate_table_artifact,
)


async def leave_file(place: str, text: str, description: str, key: str | None = None) -> None:
    """Leave an artifact that leads to a file: a link, or its place to copy where there is none.

    Args:
        place: a link, or where the file lies on the worker's machine.
        text: what the file is.
    """
    if place.startswith(("http://", "https://")):
        await acreate_link_artifact(place, link_text=text, key=key, description=description)
        return
    page = f"{text}, on the worker's machine:\n\n```\n{place}\n```\n"
    await acreate_markdown_artifact(page, key=key, description=description)


async def leave_table(rows: Sequence[dict[str, str]], key: str, description: str) -> None:
    """Leave a table under *key*, unless the newest one there is the same."""
    newest = await Artifact.aget(key)
    if newest is None or (newest.description, newest.data) != (description, json.dumps(list(rows))):
        await acreate_table_artifact(list(rows), key=key, description=description)
