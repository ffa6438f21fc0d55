"""Many clients with many jobs, on Postgres, while the service is killed again and again.

python -m benchmarks.service crowd [JOBS] [CLIENTS]
"""

import http.client
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import func, select

from benchmarks.machine import conditions
from benchmarks.report import write_figures
from trax.store import Database, JobQueue
from trax.store.tables import JobRow, TranscriptRow
from trax.testing import tone, write_audio
from trax.testing.servers import PostgresServer, WebServer, free_ports

_AT_ONCE = "8"
_KILLS = (0.2, 0.5, 0.8)  # when so much is done
_LONGEST = 1800.0  # seconds for all jobs
_LOOK = 0.1
_NOTES = [
    f"Scripted engines, Postgres. The service works on {_AT_ONCE} jobs at a time.",
    "Accepted: from the first request to the last answer, recordings being there already.",
    "Kills: of the service (-9) while jobs ran; it was started again each time.",
    "Cancel: from the answer until the job that waited for the place runs.",
]


def main(arguments: list[str]) -> None:
    """Submit jobs, kill the service, count what came of them."""
    count = int(arguments[0]) if arguments else 1000
    clients = int(arguments[1]) if len(arguments) > 1 else 200
    notes = [conditions(), *_NOTES]
    with tempfile.TemporaryDirectory(prefix="trax-") as name:
        folder = Path(name)
        with served(folder) as (server, database):
            uploads = upload_all(server.url, folder, count)
            figures = submit_all(server.url, uploads, clients)
            figures |= survive(server, database, count)
            figures |= equal_keys(server.url, uploads[0])
        figures["cancel_seconds"] = cancel(folder)
    write_figures("service-crowd", figures, notes)


@contextmanager
def served(folder: Path) -> Iterator[tuple[WebServer, Database]]:
    """A service that comes back at the same address, and its database."""
    postgres = PostgresServer(folder / "postgres")
    try:
        url = postgres.new_database()
        database = Database(url)
        database.upgrade()
        port = str(free_ports(1)[0])
        options = ["--jobs", _AT_ONCE, "--database", url, "--port", port]
        server = WebServer(folder / "home", *options, "--drain", "0")
        try:
            yield server, database
        finally:
            server.kill()
            database.close()
    finally:
        postgres.stop()


def upload_all(url: str, folder: Path, count: int) -> list[str]:
    """Ids of recordings, each with another content."""
    found = []
    with httpx.Client(base_url=url, timeout=60) as client:
        for number in range(count):
            file = write_audio(folder / "call.wav", tone(0.5 + number / 16_000))
            answer = client.put(f"/v1/uploads/{number}.wav", content=file.read_bytes())
            found.append(answer.raise_for_status().json()["id"])
    return found


def submit_all(url: str, uploads: list[str], clients: int) -> dict[str, Any]:
    """Have every recording transcribed, by many clients at once."""
    address = urlsplit(url).netloc
    own = threading.local()

    def submit(upload: str) -> int:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(address, timeout=120)
        body = json.dumps({"upload": upload})
        headers = {"Content-Type": "application/json", "Idempotency-Key": upload}
        own.connection.request("POST", "/v1/jobs", body, headers)
        answer = own.connection.getresponse()
        answer.read()
        return int(answer.status)

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        statuses = list(pool.map(submit, uploads))
    seconds = time.perf_counter() - began
    return {
        "jobs": len(uploads),
        "clients": clients,
        "accepted": statuses.count(202),
        "accepted_in_seconds": round(seconds, 2),
    }


def survive(server: WebServer, database: Database, count: int) -> dict[str, Any]:
    """Kill the service while it works, and count what came of its jobs."""
    queue = JobQueue(database)
    began = time.monotonic()
    for share in (*_KILLS, 1.0):
        while queue.counts().get("completed", 0) < share * count:
            if time.monotonic() - began > _LONGEST:
                raise SystemExit(f"jobs hang: {queue.counts()}")
            time.sleep(_LOOK)
        if share < 1.0:
            server.kill()
            server.start()
    with database.reading() as session:
        versions = session.scalar(select(func.count()).select_from(TranscriptRow))
        transcripts = session.scalar(select(func.count(TranscriptRow.id.distinct())))
        again = session.scalar(select(func.count()).where(JobRow.attempts > 1))
    return {
        "kills": len(_KILLS),
        "completed": queue.counts().get("completed", 0),
        "transcripts": transcripts,
        "versions": versions,
        "begun_again_after_a_kill": again,
        "done_in_seconds": round(time.monotonic() - began, 1),
    }


def equal_keys(url: str, upload: str) -> dict[str, Any]:
    """A hundred equal requests at once, for a job that there is not yet."""
    body = {"upload": upload, "options": {"recognition": {"prompt": "other"}}}
    headers = {"Idempotency-Key": "equal"}

    def ask(_number: int) -> str:
        answer = httpx.post(f"{url}/v1/jobs", json=body, headers=headers, timeout=60)
        return str(answer.raise_for_status().json()["id"])

    with ThreadPoolExecutor(100) as pool:
        jobs = set(pool.map(ask, range(100)))
    return {"equal_keys": 100, "jobs_of_equal_keys": len(jobs)}


def cancel(folder: Path) -> float:
    """Seconds until the place of a cancelled job is another's."""
    server = WebServer(folder / "other", "--jobs", "1", "--drain", "0")
    try:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            first, second = (_slow(client, folder, number) for number in range(2))
            while not client.get(f"/v1/jobs/{first}").json()["stages"]:
                time.sleep(_LOOK)
            client.post(f"/v1/jobs/{first}/cancel").raise_for_status()
            began = time.perf_counter()
            while client.get(f"/v1/jobs/{second}").json()["status"] != "running":
                time.sleep(_LOOK / 10)
            return round(time.perf_counter() - began, 2)
    finally:
        server.kill()


def _slow(client: httpx.Client, folder: Path, number: int) -> str:
    """The id of a job that takes a minute."""
    file = write_audio(folder / "slow.wav", tone(1.0 + number))
    upload = client.put("/v1/uploads/slow.wav", content=file.read_bytes()).json()["id"]
    options = {"recognition": {"prompt": "slow 60"}}
    job = client.post("/v1/jobs", json={"upload": upload, "options": options})
    return str(job.raise_for_status().json()["id"])
