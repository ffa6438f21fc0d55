"""Jobs as people ask for them: a pipeline, a recording, options."""

import hashlib
import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from trax.audio import check_file
from trax.store import JobRequest
from trax.store.objects import file_digest
from trax.work.graph import Pipeline
from trax.work.patient import patient
from trax.work.recordings import located, recording_file
from trax.work.values import Job
from trax.work.workspace import Workspace

Options = TypeVar("Options", bound=BaseModel)


def identify_job(
    pipeline: Pipeline[Options],
    workspace: Workspace,
    source: Path | str,
    options: Options,
    redo_from: str | None = None,
    account: str = "",
) -> Job[Options]:
    """The run of *pipeline* on the recording at *source* with *options*.

    Args:
        source: a path, or ``s3://bucket/key`` on the S3 server that is configured.
        redo_from: a stage; its kept result, and those of the stages after it, are not used.
        account: whose it is; empty if it is nobody's.

    Raises:
        UnreadableAudio: there is no such file, or it cannot be read.
        LimitExceeded: it is larger than allowed.
        InvalidOption: there is no such stage.
    """
    redo = pipeline.following(redo_from) if redo_from is not None else ()
    place = located(source)
    with recording_file(patient(workspace), place) as file:
        size_bytes = check_file(file, workspace.limits)
        sha256 = file_digest(file)
    asked = request_of(pipeline, place, sha256, size_bytes, options, account)
    return Job(request=workspace.jobs.own(asked), options=options, redo=frozenset(redo))


def request_of(
    pipeline: Pipeline[Options],
    place: str,
    sha256: str,
    size_bytes: int,
    options: Options,
    account: str = "",
) -> JobRequest:
    """The request to run *pipeline*, with *options*, on the recording whose bytes lie at *place*.

    Args:
        account: whose it is; empty if it is nobody's.
    """
    chosen = options.model_dump(mode="json")
    made_of = [sha256, chosen, account] if account else [sha256, chosen]
    key = json.dumps(made_of, sort_keys=True)
    return JobRequest(
        pipeline=pipeline.name,
        key=hashlib.sha256(key.encode()).hexdigest(),
        recording_sha256=sha256,
        name=place.rsplit("/", 1)[-1],
        source=place,
        size_bytes=size_bytes,
        options=chosen,
        account=account,
    )
