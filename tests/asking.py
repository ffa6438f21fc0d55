"""What tests ask of a service."""

import json
from collections.abc import Iterator
from pathlib import Path

from trax.testing import tone, write_audio


def sound(seconds: float, folder: Path) -> bytes:
    """A tone as bytes; other bytes for other seconds."""
    return write_audio(folder / f"{seconds}.wav", tone(seconds)).read_bytes()


def upload(client, data: bytes, name: str = "call.wav") -> str:
    answer = client.put(f"/v1/uploads/{name}", content=data)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def submit(client, data: bytes, prompt: str = "", wait: float = 0, **headers: str):
    body = {"upload": upload(client, data), "options": {"recognition": {"prompt": prompt}}}
    return client.post("/v1/jobs", json=body, params={"wait": wait}, headers=headers)


def done(client, job_id: str) -> dict:
    """The job once it has ended."""
    return client.get(f"/v1/jobs/{job_id}", params={"wait": 60}).json()


def events(client, path: str, last: str = "") -> Iterator[dict]:
    """Server-sent events: id, kind and data."""
    headers = {"Last-Event-ID": last} if last else {}
    with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        event: dict = {}
        for line in answer.iter_lines():
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            elif event:
                yield event | {"data": json.loads(event.get("data", "null"))}
                event = {}
