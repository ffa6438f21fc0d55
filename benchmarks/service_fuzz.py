"""Requests that nobody would make, by the service's own description: no answer may be a failure of
the service, and its log may hold no traceback.

    python -m benchmarks.service fuzz [CASES [FILE]]

Rounds are kept in FILE, so that cases can be made in several sittings.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.report import write_figures
from trax.testing import tone, write_audio
from trax.testing.servers import WebServer

TOKEN = "fuzz"
_EXAMPLES = 5  # of each route and round, besides those that cover what a schema says
_SEQUENCES = 100
_ENDLESS = "/v1/events"  # a stream that goes on as long as somebody listens
_PATIENCE = 60.0  # seconds that one answer may take; the first without personal data loads much
TRACEBACKS = ("Traceback (most recent call last)", '"level": "error"')
_CASES = re.compile(r"(\d[\d,]*) generated")
_HOOKS = """
import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
"""
_NOTES = [
    "schemathesis over the description of a live service with scripted engines, and a token that "
    "may do everything. Of three rounds, two have ids that exist, one of them never deletes. Then "
    "sequences of requests, each with what the last one answered.",
    "Failures: answers with a status of 500 or above, or none. Tracebacks: in the service's log.",
    "Not ready: 503 with a problem that says so, to who asked for sound that has to be prepared, "
    "and did not wait for it. That is no failure.",
]


@dataclass(frozen=True)
class Found:
    """What a run has found.

    Attributes:
        failures: how each request that failed can be made again.
    """

    cases: int
    failures: list[str]
    tracebacks: int


def main(arguments: list[str]) -> None:
    """Make about as many cases as asked for, then sequences, and write down what they found."""
    wanted = int(arguments[0]) if arguments else 5000
    with tempfile.TemporaryDirectory(prefix="trax-") as folder:
        file = Path(arguments[1]) if len(arguments) > 1 else Path(folder) / "rounds"
        while sum(each.cases for each in rounds(file)) < wanted:
            make_round(file)
        found = rounds(file)
    sequences = fuzz(3, _SEQUENCES, "stateful")
    every = [*found, sequences]
    told = [failure for each in every for failure in each.failures]
    failures = [each for each in told if not is_not_ready(each)]
    print(*failures, sep="\n")
    figures = {
        "cases": sum(each.cases for each in found),
        "cases_in_sequences": sequences.cases,
        "failures": len(failures),
        "not_ready": len(told) - len(failures),
        "tracebacks": sum(each.tracebacks for each in every),
    }
    write_figures("service-fuzz", figures, _NOTES)


def is_not_ready(failure: str) -> bool:
    """Whether it is what whoever does not wait is told of sound that is still being prepared."""
    route = failure.partition(":")[0]
    return "[503]" in failure and route.endswith(("/audio", "/peaks"))


def make_round(file: Path) -> None:
    """One more round, kept in *file*."""
    found = fuzz(seed=len(rounds(file)) + 1, examples=_EXAMPLES)
    with file.open("a") as kept:
        kept.write(json.dumps(asdict(found)) + "\n")
    print(found.cases, *found.failures, found.tracebacks, sep="\n", flush=True)


def rounds(file: Path) -> list[Found]:
    """Those that *file* keeps."""
    if not file.exists():
        return []
    return [Found(**json.loads(line)) for line in file.read_text().splitlines()]


def fuzz(
    seed: int, examples: int, phases: str = "coverage,fuzzing", tags: Sequence[str] = ()
) -> Found:
    """One run against a service of its own. Every third seed knows no ids that exist; the one
    after it deletes nothing.

    Args:
        tags: of the routes that are asked; none: all.
    """
    with tempfile.TemporaryDirectory(prefix="trax-") as name:
        folder = Path(name)
        with logged(folder / "log"), served(folder) as url:
            ids = known(url, folder) if seed % 3 else {}
            only = [part for tag in tags for part in ("--include-tag", tag)]
            options = ["--seed", str(seed), "--max-examples", str(examples), "--phases", phases]
            kept = ["--exclude-method", "DELETE"] if seed % 3 == 1 else []
            done = schemathesis(folder, url, ids, [*options, *only, *kept])
        log = (folder / "log").read_text(errors="replace")
        return Found(
            cases=_count(done),
            failures=_failures(done),
            tracebacks=sum(log.count(sign) for sign in TRACEBACKS),
        )


def schemathesis(folder: Path, url: str, ids: Mapping[str, str], options: Sequence[str]) -> str:
    """What schemathesis prints."""
    given = [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in ids.items()]
    config = folder / "schemathesis.toml"
    config.write_text("\n".join(["[parameters]", *given, ""]))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)]
    always = {
        "--header": f"Authorization: Bearer {TOKEN}",
        "--checks": "not_a_server_error",
        "--request-timeout": str(_PATIENCE),
        "--exclude-path": _ENDLESS,
        "--suppress-health-check": "all",
        "--warnings": "off",
    }
    flat = [part for option in always.items() for part in option]
    command += ["run", f"{url}/v1/openapi.json", *flat, *options, "--continue-on-failure"]
    (folder / "fuzz_hooks.py").write_text(_HOOKS)
    environ = {**os.environ, "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(folder)}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environ, check=False
    )
    return done.stdout + done.stderr


@contextlib.contextmanager
def logged(path: Path) -> Iterator[None]:
    """Have what processes write to standard error in a file."""
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """A service with scripted engines."""
    server = WebServer(folder / "home", "--token", TOKEN, "--drain", "0")
    try:
        yield server.url
    finally:
        server.stop()


def known(url: str, folder: Path) -> dict[str, str]:
    """Ids of things that exist."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        data = write_audio(folder / "call.wav", tone(2.0)).read_bytes()
        upload = client.put("/v1/uploads/call.wav", content=data).json()
        job: dict[str, Any] = client.post(
            "/v1/jobs", json={"upload": upload["id"]}, params={"wait": 60}
        ).json()
        hook = client.post("/v1/webhooks", json={"url": "http://93.184.215.14/"}).json()
        shelf = client.post("/v1/folders", json={"name": "calls"}).json()
        link = client.post(f"/v1/transcripts/{job['transcript']['id']}/links", json={}).json()
    return {
        "path.label": "SPEAKER_00",
        "path.version": "1",
        "path.folder_id": shelf["id"],
        "path.link_id": link["id"],
        "path.upload_id": upload["id"],
        "path.job_id": job["id"],
        "path.transcript_id": job["transcript"]["id"],
        "path.recording_id": job["recording_sha256"],
        "path.webhook_id": hook["id"],
    }


def _count(said: str) -> int:
    found = _CASES.search(said)
    if found is None:
        raise SystemExit(f"schemathesis did not run:\n{said[-2000:]}")
    return int(found[1].replace(",", ""))


def _failures(said: str) -> list[str]:
    """What schemathesis says of each request that failed."""
    parts = re.split(r"\n_{5,} (.*) _{5,}\n", said)
    told = zip(parts[1::2], parts[2::2], strict=True)
    return [f"{title}: {text[:1000]}" for title, text in told]
