"""Uploads that are resumed: tus 1.0, by an unmodified client and by hand."""

import base64
import hashlib
import random
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from tusclient.client import TusClient

from trax.errors import NotFound
from trax.pipelines.transcribe import job_request
from trax.service import resumable
from trax.service.uploads import KEPT, Receiving
from trax.stages.options import TranscribeOptions
from trax.store import Upload
from trax.store.tables import utc_now
from trax.testing import tone, write_audio
from trax.testing.engine_server import scripted_workspace

pytestmark = pytest.mark.server

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = TUS | {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def file(tmp_path):
    """A recording of some hundred kilobytes."""
    return write_audio(tmp_path / "call.wav", tone(6.0))


def begin(client, size_bytes: int, name: str = "call.wav", **headers: str) -> httpx.Response:
    said = f"filename {base64.b64encode(name.encode()).decode()}"
    length = {"Upload-Length": str(size_bytes), "Upload-Metadata": said}
    return client.post("/v1/uploads", headers=TUS | length | headers)


def send(client, path: str, data: bytes, at: int, **headers: str) -> httpx.Response:
    return client.patch(path, content=data, headers=BYTES | {"Upload-Offset": str(at)} | headers)


def come(client, path: str) -> int:
    return int(client.head(path, headers=TUS).headers["upload-offset"])


def test_an_unmodified_client_uploads_and_a_job_is_made_of_it(client, server, file):
    """In parts; the bytes are the file's."""
    sender = TusClient(f"{server.url}/v1/uploads").uploader(
        str(file), chunk_size=50_000, metadata={"filename": "call.wav"}
    )
    sender.upload()
    upload = sender.url.rpartition("/")[2]
    shown = client.get(f"/v1/uploads/{upload}").json()
    assert (shown["name"], shown["size_bytes"]) == ("call.wav", file.stat().st_size)
    assert shown["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    job = client.post("/v1/jobs", json={"upload": upload}, params={"wait": 60}).json()
    assert job["status"] == "completed"


def test_what_has_come_outlives_cuts_and_kills(server, file):
    """Whoever goes on where it was sends nothing twice, and the bytes are the same."""
    data, dice = file.read_bytes(), random.Random(1)
    with httpx.Client(base_url=server.url) as client:
        path = begin(client, len(data)).headers["location"]
    for at_cut in range(8):
        with httpx.Client(base_url=server.url) as client:
            at = come(client, path)
            until = at + dice.randrange(1, len(data) // 6)

            def cut(start: int = at, end: int = until):
                yield data[start:end]
                time.sleep(0.3)  # a server that hears of the cut first forgets what it has not read
                raise InterruptedError

            with suppress(InterruptedError):
                client.patch(path, content=cut(), headers=BYTES | {"Upload-Offset": str(at)})
        if at_cut == 4:
            server.kill()
            server.start()
    with httpx.Client(base_url=server.url) as client:
        at = come(client, path)
        assert 0 < at < len(data)
        assert send(client, path, data[at:], at).status_code == 204
        sha256 = client.get(path).json()["sha256"]
    assert sha256 == hashlib.sha256(data).hexdigest()


def test_the_first_bytes_may_come_with_the_beginning(client, file):
    """And a recording in one request."""
    data = file.read_bytes()
    headers = BYTES | {"Upload-Length": str(len(data))}
    part = client.post("/v1/uploads", content=data[:1000], headers=headers)
    assert (part.status_code, part.headers["upload-offset"]) == (201, "1000")
    assert send(client, part.headers["location"], data[1000:], 1000).status_code == 204
    whole = client.post("/v1/uploads", content=data, headers=headers)
    assert client.get(whole.headers["location"]).json()["size_bytes"] == len(data)


def test_bytes_that_do_not_go_on_are_refused(client):
    """Before them, after them, more than said; nothing of them is kept."""
    path = begin(client, 10).headers["location"]
    assert send(client, path, b"12345", 0).headers["upload-offset"] == "5"
    for at in (0, 4, 6):
        assert send(client, path, b"x", at).status_code == 409
    assert send(client, path, b"123456", 5).status_code == 413
    assert come(client, path) == 5


def test_a_checksum_is_checked(client):
    """Bytes that differ are forgotten."""
    path = begin(client, 6).headers["location"]
    right = base64.b64encode(hashlib.sha1(b"123").digest()).decode()
    assert send(client, path, b"124", 0, **{"Upload-Checksum": f"sha1 {right}"}).status_code == 460
    assert come(client, path) == 0
    assert send(client, path, b"123", 0, **{"Upload-Checksum": f"sha1 {right}"}).status_code == 204
    assert send(client, path, b"123", 3, **{"Upload-Checksum": "crc32 x"}).status_code == 422


def test_an_upload_is_removed(client):
    """Also by a client that can only POST."""
    for remove in (
        lambda path: client.delete(path, headers=TUS),
        lambda path: client.post(path, headers=TUS | {"X-HTTP-Method-Override": "DELETE"}),
    ):
        path = begin(client, 10).headers["location"]
        assert remove(path).status_code == 204
        assert client.head(path, headers=TUS).status_code == 404


def test_an_upload_that_is_not_complete_makes_no_job(client):
    """It says so."""
    upload = begin(client, 10).headers["location"].rpartition("/")[2]
    refused = client.post("/v1/jobs", json={"upload": upload})
    assert (refused.status_code, "not complete" in refused.json()["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": ""}, 422),
        ({"Upload-Length": "-1"}, 422),
        ({"Upload-Length": "9" * 17}, 413),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Metadata": "filename ???"}, 422),
    ],
)
def test_what_is_not_tus_is_refused(client, headers, status):
    """Each answer names the version that is spoken."""
    answer = begin(client, 10, **headers)
    assert answer.status_code == status
    assert answer.headers["tus-resumable"] == "1.0.0"


def test_what_is_spoken_is_said(client):
    """With the extensions."""
    answer = client.options("/v1/uploads")
    assert (answer.status_code, answer.headers["tus-version"]) == (204, "1.0.0")
    assert "checksum" in answer.headers["tus-extension"]


class TestForgetting:
    def upload(self, workspace, data: bytes, name: str = "call.wav") -> Upload:
        receiving = Receiving(workspace, name)
        receiving.write(data)
        made = receiving.finish("me")
        receiving.close()
        return made

    @pytest.fixture
    def workspace(self, tmp_path, database, store):
        return replace(scripted_workspace(tmp_path), database=database, objects=store)

    def kept(self, workspace) -> int:
        return len(list(workspace.objects.list("uploads/")))

    def expire(self, workspace, monkeypatch) -> None:
        later = utc_now() + KEPT + timedelta(minutes=1)
        monkeypatch.setattr(resumable, "utc_now", lambda: later)
        resumable.remove_expired(workspace)

    def test_expired_uploads_give_back_their_bytes(self, workspace, monkeypatch):
        """All of them, once the last upload that has them is forgotten."""
        first = self.upload(workspace, b"RIFF1")
        self.upload(workspace, b"RIFF1")
        resumable.remove(workspace, first)
        assert self.kept(workspace) == 1
        self.expire(workspace, monkeypatch)
        assert self.kept(workspace) == 0

    def test_a_job_keeps_its_recording(self, workspace, monkeypatch):
        """When its upload is forgotten."""
        made = self.upload(workspace, b"RIFF2")
        request = job_request(made.source, made.sha256, made.size_bytes, TranscribeOptions())
        workspace.queue.put(request)
        self.expire(workspace, monkeypatch)
        assert self.kept(workspace) == 1
        with pytest.raises(NotFound):
            workspace.uploads.get(made.id, "me")
