"""The service as its callers see it: what it adds to recognition, and requests a second.

    python -m benchmarks.service [CLIPS]
    python -m benchmarks.service fuzz [CASES]
    python -m benchmarks.service files [COUNT]
    python -m benchmarks.service uploads [MEGABYTES]
    python -m benchmarks.service crowd [JOBS]
    python -m benchmarks.service streams [COUNT]

Everything runs on this machine: service, engine, database, callers. Clips are ten seconds, cut from
the sample that ships; plan fast, packaged models.
"""

import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import httpx
import soundfile

from benchmarks.machine import conditions
from benchmarks.report import write_figures
from trax.store import Database
from trax.testing.servers import PostgresServer

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "conversation.flac"
_SECONDS = 10
_STEP = 0.5  # seconds from one clip to the next
_AT_ONCE = 4
_ASKING = 5.0  # seconds for which statuses are asked for
_CALLERS = 4
_callers = threading.local()

_PARTS = ("fuzz", "files", "uploads", "crowd", "streams")

_NOTES = [
    "Clips of ten seconds, each with another content, from samples/conversation.flac; plan fast.",
    "Added: from request to answer, less what recognition took. Recognition and diarization run "
    "side by side, so that diarization counts as far as it takes longer.",
]


def main() -> None:
    """Measure one part, or clips one at a time, clips at once, and statuses."""
    if len(sys.argv) > 1 and sys.argv[1] in _PARTS:
        part = import_module(f"benchmarks.service_{sys.argv[1]}")
        part.main(sys.argv[2:])
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    notes = [conditions(), *_NOTES]
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        with service(Path(folder) / "sqlite", {}) as url:
            clips = [clip(Path(folder), at) for at in range(2 * count)]
            found |= one_at_a_time(url, clips[:count])
            found |= at_once(url, clips[count:])
            found["statuses_a_second_sqlite"] = statuses(url)
        with postgres(Path(folder)) as database, service(Path(folder) / "other", database) as url:
            send(url, clips[0])
            found["statuses_a_second_postgres"] = statuses(url)
    write_figures("service", found, notes)


def one_at_a_time(url: str, clips: list[Path]) -> dict[str, Any]:
    """Clips one after another, with warm models."""
    send(url, clips[0])  # loads them
    walls, runs = [], []
    for each in clips[1:]:
        began = time.perf_counter()
        send(url, each)
        walls.append(time.perf_counter() - began)
        runs.append(stages(url))
    recognised = [run["recognise"] for run in runs]
    longer = [max(run["recognise"], run["diarize"]) for run in runs]
    added = [wall - each for wall, each in zip(walls, recognised, strict=True)]
    besides = [wall - each for wall, each in zip(walls, longer, strict=True)]
    names = runs[0]
    by_stage = {f"{name}_ms_median": _median_ms([run[name] for run in runs]) for name in names}
    return {
        **by_stage,
        "clips": len(walls),
        "seconds_median": round(median(walls), 3),
        "seconds_p95": round(quantiles(walls, n=20)[-1], 3),
        "added_ms_median": _median_ms(added),
        "added_to_the_longer_of_both_ms_median": _median_ms(besides),
    }


def _median_ms(seconds: list[float]) -> int:
    return round(1000 * median(seconds))


def at_once(url: str, clips: list[Path]) -> dict[str, Any]:
    """Several callers with clips."""
    began = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda each: send(url, each), clips))
    seconds = time.perf_counter() - began
    return {"callers": _AT_ONCE, "clips_a_minute": round(60 * len(clips) / seconds, 1)}


def statuses(url: str) -> float:
    """Answers a second to the question how a job stands."""
    job = httpx.get(f"{url}/v1/jobs", params={"limit": 1}).json()["items"][0]["id"]
    counts = [0] * _CALLERS
    over = threading.Event()

    def ask(caller: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        while not over.is_set():
            connection.request("GET", f"/v1/jobs/{job}")
            answer = connection.getresponse()
            answer.read()
            counts[caller] += answer.status == 200

    threads = [threading.Thread(target=ask, args=(caller,)) for caller in range(_CALLERS)]
    for thread in threads:
        thread.start()
    time.sleep(_ASKING)
    over.set()
    for thread in threads:
        thread.join()
    return round(sum(counts) / _ASKING, 1)


def send(url: str, recording: Path) -> str:
    """The text of a recording."""
    with recording.open("rb") as file:
        answer = _caller().post(
            f"{url}/v1/audio/transcriptions",
            files={"file": (recording.name, file)},
            data={"model": "fast"},
            timeout=300,
        )
    answer.raise_for_status()
    return str(answer.json()["text"])


def _caller() -> httpx.Client:
    """A thread's own, so that making it does not count."""
    if not hasattr(_callers, "client"):
        _callers.client = httpx.Client()
    client: httpx.Client = _callers.client
    return client


def stages(url: str) -> dict[str, float]:
    """How long each stage of the newest job took."""
    job = httpx.get(f"{url}/v1/jobs", params={"limit": 1}).json()["items"][0]["id"]
    details = httpx.get(f"{url}/v1/jobs/{job}").json()
    return {stage["stage"]: stage["seconds"] for stage in details["stages"]}


def clip(folder: Path, number: int) -> Path:
    """Ten seconds of the sample, other ones for every number."""
    samples, rate = soundfile.read(SAMPLE)
    room = len(samples) - _SECONDS * rate
    start = int(number * _STEP * rate) % room
    path = folder / f"clip-{number}.wav"
    soundfile.write(path, samples[start : start + _SECONDS * rate], rate)
    return path


@contextmanager
def service(home: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """A service in *home*, ready for work; gives its address."""
    home.mkdir(parents=True)
    base = {"TRAX_HOME": str(home), "TRAX_ENGINES_DIR": str(home / "e"), "TRAX_OFFLINE": "1"}
    command = [sys.executable, "-m", "trax.cli", "serve", "--port", "0"]
    environ = {**os.environ, **base, "COLUMNS": "200", **environment}
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    url = process.stderr.readline().split("answers on ")[1].split(";")[0]
    threading.Thread(target=process.stderr.read, daemon=True).start()
    while httpx.get(f"{url}/readyz", timeout=60).status_code != 200:
        time.sleep(0.2)
    try:
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def postgres(folder: Path) -> Iterator[dict[str, str]]:
    """A Postgres with Trax's tables, as the environment names it."""
    server = PostgresServer(folder / "postgres")
    url = server.new_database()
    database = Database(url)
    database.upgrade()
    database.close()
    try:
        yield {"TRAX_DATABASE_URL": url}
    finally:
        server.close()


if __name__ == "__main__":
    main()
