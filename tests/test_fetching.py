"""Recordings by URL: fetched where allowed, on from where the connection broke."""

import asyncio
import hashlib
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from trax.audio import Limits
from trax.errors import (
    InvalidOption,
    LimitExceeded,
    RefusedTarget,
    TraxError,
    Unreachable,
    UnreadableAudio,
)
from trax.service import fetching
from trax.service.fetching import Fetcher
from trax.service.reaching import Reaching
from trax.service.targets import Targets
from trax.testing import tone, write_audio
from trax.testing.engine_server import scripted_workspace
from trax.testing.servers import WebServer

DATA = b"RIFF" + random.Random(1).randbytes(300_000)


class Source:
    """A server of recordings that breaks off on demand."""

    def __init__(self):
        self.asked: list[tuple[str, str]] = []
        self.data = DATA
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                ranged = self.headers.get("Range", "")
                source.asked.append((self.path, ranged))
                getattr(self, self.path.strip("/").split(".")[0].split("/")[0])(ranged)

            def whole(self, ranged, etag='"1"'):
                self.part(0, len(source.data), etag)

            def cut(self, ranged):
                start = int(ranged.removeprefix("bytes=").rstrip("-") or 0)
                self.part(start, start + 90_000)

            def forgetful(self, ranged):
                self.part(0, 90_000)

            def changed(self, ranged):
                """Another recording than when it was first asked for."""
                start = int(ranged.removeprefix("bytes=").rstrip("-") or 0)
                is_same = self.headers.get("If-Range", '"2"') == '"2"'
                self.part(start if is_same else 0, start + 90_000, '"2"' if start else '"1"')

            def weak(self, ranged):
                """By a tag that does not promise the same bytes."""
                start = int(ranged.removeprefix("bytes=").rstrip("-") or 0)
                assert "If-Range" not in self.headers
                self.part(start, start + 90_000, 'W/"1"')

            def part(self, start, end, etag='"1"'):
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(source.data) - start))
                if start:
                    last = len(source.data) - 1
                    total = len(source.data)
                    self.send_header("Content-Range", f"bytes {start}-{last}/{total}")
                self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(source.data[start:end])

            def moved(self, ranged):
                self.to("/whole/call.wav")

            def inside(self, ranged):
                self.to("http://169.254.169.254/latest")

            def file(self, ranged):
                self.to("file:///etc/passwd")

            def round(self, ranged):
                self.to("/round")

            def to(self, place):
                self.send_response(302)
                self.send_header("Location", place)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def missing(self, ranged):
                self.send_error(404)

            def broken(self, ranged):
                self.send_error(503)

            def page(self, ranged):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b" <!DOCTYPE html><html></html>")

            def huge(self, ranged):
                self.send_response(200)
                self.send_header("Content-Length", str(1 << 40))
                self.end_headers()

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def source():
    started = Source()
    yield started
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture
def workspace(tmp_path):
    return scripted_workspace(tmp_path / "home")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(fetching, "_PAUSE", 0.01)


def fetch(workspace, url: str, *, is_allowed: bool = True, targets: str = "127.0.0.1"):
    async def go():
        reaching = Reaching(Targets(targets))
        try:
            return await Fetcher(workspace, reaching, is_allowed=is_allowed).fetch(url, "me")
        finally:
            await reaching.close()

    return asyncio.run(go())


@pytest.mark.parametrize("path", ["whole", "cut", "weak", "moved"])
def test_a_recording_is_fetched_byte_for_byte(workspace, source, path):
    """In one go, over broken connections, from where it has moved to."""
    upload = fetch(workspace, f"{source.url}/{path}/a%20call.wav")
    assert upload.sha256 == hashlib.sha256(DATA).hexdigest()
    assert (upload.name, upload.size_bytes) == ("a call.wav", len(DATA))
    assert workspace.uploads.get(upload.id, "me") == upload


def test_nothing_is_fetched_twice(workspace, source):
    """Each connection goes on where the last one broke."""
    fetch(workspace, f"{source.url}/cut/call.wav")
    ranges = [ranged for _path, ranged in source.asked]
    assert ranges == ["", "bytes=90000-", "bytes=180000-", "bytes=270000-"]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("inside", RefusedTarget),
        ("file", RefusedTarget),
        ("round", RefusedTarget),
        ("missing", InvalidOption),
        ("broken", Unreachable),
        ("page", UnreadableAudio),
        ("huge", LimitExceeded),
        ("forgetful", InvalidOption),
        ("changed", InvalidOption),
    ],
)
def test_what_is_no_recording_leaves_nothing(workspace, source, path, error):
    """A place inside, no place, a page, too much, one that cannot be gone on with or is
    another one meanwhile.
    """
    with pytest.raises(error):
        fetch(workspace, f"{source.url}/{path}")
    assert not list(workspace.objects.scratch.iterdir())
    assert not list(workspace.objects.list("uploads/"))


def test_what_says_nothing_of_its_size_is_limited_too(workspace, source):
    """While it comes."""
    from dataclasses import replace

    small = replace(workspace, limits=Limits(size_bytes=10))
    with pytest.raises(LimitExceeded):
        fetch(small, f"{source.url}/page")


@pytest.mark.parametrize(("is_allowed", "targets"), [(False, "127.0.0.1"), (True, "")])
def test_nothing_is_fetched_unless_it_is_allowed(workspace, source, is_allowed, targets):
    """By the service, and by where it lies."""
    with pytest.raises(TraxError):
        fetch(workspace, f"{source.url}/whole", is_allowed=is_allowed, targets=targets)
    assert source.asked == []


@pytest.mark.server
def test_a_job_is_made_of_what_lies_at_a_url(tmp_path, source, monkeypatch):
    """By its address, or as an upload first."""
    source.data = write_audio(tmp_path / "call.wav", tone(2.0)).read_bytes()
    monkeypatch.setenv("TRAX_INSIDE_TARGETS", "127.0.0.1")
    monkeypatch.setenv("TRAX_URL_UPLOADS", "true")
    server = WebServer(tmp_path / "home")
    url = f"{source.url}/whole/call.wav"
    try:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            answer = client.post("/v1/jobs", json={"uri": url}, params={"wait": 60})
            assert answer.json()["status"] == "completed", answer.text
            uploaded = client.post("/v1/uploads", json={"url": url})
            assert uploaded.status_code == 201
            assert uploaded.json()["sha256"] == hashlib.sha256(source.data).hexdigest()
            again = client.post("/v1/jobs", json={"upload": uploaded.json()["id"]}).json()
            assert again["id"] == answer.json()["id"]
            for body in ({"url": "http://10.0.0.1/"}, {"url": 1}, {}, []):
                assert client.post("/v1/uploads", json=body).status_code == 422
    finally:
        server.kill()
