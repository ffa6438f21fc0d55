"""Many recordings through one flow."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, cast

from prefect import Flow, task
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from trax.compose import open_place
from trax.errors import InvalidOption
from trax.service.checks import checked_options
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions


async def recordings_in(folder: str, options: Mapping[str, Any] | TranscribeOptions) -> list[str]:
    """Where the recordings in *folder* lie, sorted, if they can be transcribed with *options*.

    Raises:
        InvalidOption: there is none, or an option makes no sense.
        ModelUnavailable: a model is named that is unknown, or nowhere to be had.
    """
    await asyncio.to_thread(checked_options, options, load_settings())
    return await _listed(folder)


@task(name="list", description="Find the recordings of a folder.", result_serializer="json")
async def _listed(folder: str) -> list[str]:
    place = open_place(load_settings(), folder)
    entries = await asyncio.to_thread(lambda: sorted(place.entries(), key=lambda entry: entry.path))
    found = [place.uri(entry.path) for entry in entries if entry.whole is not False]
    if not found:
        raise InvalidOption(f"{folder} holds no audio or video file")
    return found


async def some_at_a_time(
    flow: Flow[..., Any], recordings: Sequence[str], options: TranscribeOptions, parallel: int
) -> list[tuple[str, State[Any]]]:
    """Each recording with the state in which its run of *flow* ended, *parallel* of them at a
    time.
    """
    turns = asyncio.Semaphore(max(1, parallel))

    async def one(recording: str) -> tuple[str, State[Any]]:
        async with turns:
            state: State[Any] = await cast(Any, flow)(recording, options, return_state=True)
            return recording, state

    return list(await asyncio.gather(*map(one, recordings)))


async def conclude(folder: str, ended: Sequence[tuple[str, State[Any]]]) -> State[Any]:
    """Leave a table of how each ended, and give the state of the whole: failed where one of them
    did.
    """
    rows = [
        {"recording": name, "state": state.name, "why": state.message or ""}
        for name, state in ended
    ]
    key = f"batch-{hashlib.sha256(folder.encode()).hexdigest()[:8]}"
    failed = sum(not state.is_completed() for _name, state in ended)
    summary = f"{len(ended) - failed} of {len(ended)} recordings transcribed"
    await acreate_table_artifact(rows, key=key, description=f"{folder}: {summary}")
    return (
        Failed(message=f"{summary}; the artifact {key} says why")
        if failed
        else Completed(message=summary)
    )
