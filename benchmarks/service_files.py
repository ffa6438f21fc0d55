"""Damaged recordings of every kind, sent to a live service: each is transcribed or refused with a
sentence, and nothing fails.

    python -m benchmarks.service files [COUNT]
"""

import math
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.report import write_figures
from benchmarks.service_fuzz import TOKEN, TRACEBACKS, logged, served
from trax.testing import CONTAINERS, encode, mutants, tone

_SEED = 1
_WAIT = 60  # seconds for a job
_NOTES = [
    "A service with scripted engines; trax.testing.mutants breaks a tone in each container "
    "that can be written, and each file is sent as a body.",
    "A job that fails at ingest was refused for what its file is; the others are counted by where "
    "they ended. Tracebacks: in the service's log.",
]


def main(arguments: list[str]) -> None:
    """Send so many files, and write down how each ended."""
    count = int(arguments[0]) if arguments else 300
    with tempfile.TemporaryDirectory(prefix="trax-") as name:
        folder = Path(name)
        with logged(folder / "log"), served(folder) as url:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            with httpx.Client(base_url=url, headers=headers, timeout=2 * _WAIT) as client:
                ends = Counter(end(client, *file) for file in damaged(folder, count))
        log = (folder / "log").read_text(errors="replace")
    found = sum(log.count(sign) for sign in TRACEBACKS)
    write_figures("service-files", {**dict(sorted(ends.items())), "tracebacks": found}, _NOTES)


def damaged(folder: Path, count: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of *count* files, as many of each container as of any other."""
    each = math.ceil(count / len(CONTAINERS))
    left = count
    for kind in CONTAINERS:
        data = encode(folder / f"whole.{kind}", tone(3.0)).read_bytes()
        for number, broken in enumerate(mutants(data, min(each, left), _SEED)):
            yield f"{number}.{kind}", broken
        left -= min(each, left)


def end(client: httpx.Client, name: str, data: bytes) -> str:
    """How the service took a file."""
    upload = client.put(f"/v1/uploads/{name}", content=data)
    if upload.is_error:
        return _refusal("upload", upload)
    given = {"upload": upload.json()["id"]}
    answer = client.post("/v1/jobs", json=given, params={"wait": _WAIT})
    if answer.is_error:
        return _refusal("job", answer)
    job: dict[str, Any] = answer.json()
    if job["status"] == "failed":
        return f"job failed at {job['failure']['stage']}"
    return f"job {job['status']}"


def _refusal(what: str, answer: httpx.Response) -> str:
    return f"{what} refused with {answer.status_code}"
