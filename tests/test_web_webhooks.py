"""Webhooks over HTTP and from the command line: signed, listed, sent again."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError
from test_webhooks import ALL, kinds
from typer.testing import CliRunner

from trax.cli import app
from trax.testing import tone, write_audio
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until


class Receiver:
    """A receiver as anybody could write one; it forgets nothing."""

    def __init__(self):
        self.got: list[tuple[bytes, dict]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status < 300:
                    receiver.got.append((body, dict(self.headers)))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[dict]:
        wait_until(lambda: len(self.got) >= count, what=f"{count} deliveries")
        return [json.loads(body) for body, _headers in self.got]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    started = Receiver()
    yield started
    started.close()


@pytest.fixture(scope="module")
def server_arguments():
    """One that goes to this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAX_INSIDE_TARGETS", "127.0.0.1")
        yield ("--jobs", "4")


def submit(client, folder, seconds: float, **more) -> dict:
    data = write_audio(folder / f"{seconds}.wav", tone(seconds)).read_bytes()
    upload = client.put("/v1/uploads/secret-name.wav", content=data).json()["id"]
    answer = client.post("/v1/jobs", json={"upload": upload, **more})
    assert answer.status_code in (200, 202), answer.text
    return answer.json()


@pytest.mark.server
class TestOverHttp:
    def test_a_message_is_signed_as_the_standard_has_it(self, client, receiver, tmp_path):
        """The standard's own library takes it, and nothing that was changed."""
        made = client.post("/v1/webhooks", json={"url": receiver.url}).json()
        job = submit(client, tmp_path, 2.0)["id"]
        (told,) = receiver.wait(1)
        body, headers = receiver.got[0]
        assert Verifier(made["secret"]).verify(body, headers) == told
        assert (told["type"], told["data"]["job_id"]) == ("job.completed", job)
        transcript = told["data"]["transcript"]
        assert client.get(f"/v1/transcripts/{transcript['id']}").status_code == 200
        for changed in (body + b" ", body.replace(b"completed", b"failed")):
            with pytest.raises(WebhookVerificationError):
                Verifier(made["secret"]).verify(changed, headers)
        shown = client.get(f"/v1/webhooks/{made['id']}").json()
        assert "secret" not in shown
        assert client.delete(f"/v1/webhooks/{made['id']}").status_code == 204

    def test_a_receiver_may_change_its_secret_at_any_time(self, client, receiver):
        """While a message has both signatures; the standard's own library takes either. At once,
        if the old secret is to count no more.
        """
        made = client.post("/v1/webhooks", json={"url": receiver.url}).json()
        path = f"/v1/webhooks/{made['id']}"
        second = client.post(f"{path}/secret", json={}).json()
        client.post(f"{path}/test")
        receiver.wait(1)
        body, headers = receiver.got[0]
        for secret in (made["secret"], second["secret"]):
            Verifier(secret).verify(body, headers)
        assert "old_secret" not in second
        third = client.post(f"{path}/secret", json={"hours": 0}).json()
        client.post(f"{path}/test")
        receiver.wait(2)
        body, headers = receiver.got[1]
        Verifier(third["secret"]).verify(body, headers)
        for secret in (made["secret"], second["secret"]):
            with pytest.raises(WebhookVerificationError):
                Verifier(secret).verify(body, headers)
        assert client.post(f"{path}/secret", json={"hours": 1000}).status_code == 422
        client.delete(path)

    def test_a_receiver_is_left_alone_as_long_as_it_asks_for(self, client, receiver):
        """By `Retry-After`."""
        made = client.post("/v1/webhooks", json={"url": receiver.url}).json()
        path = f"/v1/webhooks/{made['id']}"
        receiver.status, receiver.headers = 429, {"Retry-After": "600"}
        client.post(f"{path}/test")
        wait_until(lambda: client.get(path).json()["rests_until"], what="a rest")
        client.delete(path)

    def test_a_job_tells_one_address(self, client, receiver, tmp_path):
        """Asked for with the job; the secret is in the answer, once."""
        hook = {"url": receiver.url, "events": list(ALL)}
        made = submit(client, tmp_path, 2.1, webhook=hook)
        again = submit(client, tmp_path, 2.1, webhook=hook)
        assert again["webhook"] is None
        told = receiver.wait(16)
        assert kinds(told)[0] == "job.queued"
        assert kinds(told)[-1] == "job.completed"
        assert {each["data"]["job_id"] for each in told} == {made["id"]}
        body, headers = receiver.got[-1]
        Verifier(made["webhook"]["secret"]).verify(body, headers)
        assert client.get("/v1/webhooks").json()["items"] == []

    def test_what_was_sent_is_listed_and_sent_again(self, client, receiver):
        """With the id that it had; also after it has failed."""
        made = client.post("/v1/webhooks", json={"url": receiver.url}).json()
        path = f"/v1/webhooks/{made['id']}"
        sent = client.post(f"{path}/test").json()
        receiver.wait(1)
        again = client.post(f"{path}/deliveries/{sent['id']}/replay")
        assert again.status_code == 202
        receiver.wait(2)
        ids = {headers["webhook-id"] for _body, headers in receiver.got}
        assert ids == {sent["message_id"]}
        for _ in range(2):
            client.post(f"{path}/test")
        page = client.get(f"{path}/deliveries", params={"limit": 2}).json()
        rest = client.get(f"{path}/deliveries", params={"cursor": page["next_cursor"]}).json()
        assert len({each["id"] for each in page["items"] + rest["items"]}) == 3
        assert client.post(f"{path}/deliveries/99999/replay").status_code == 404
        client.delete(path)
        assert client.get(f"{path}/deliveries").status_code == 404

    @pytest.mark.parametrize(
        "body",
        [
            {"url": "http://169.254.169.254/"},
            {"url": "http://localhost:8700/"},
            {"url": "https://good.example/", "events": ["everything"]},
            {"url": "https://good.example/", "events": []},
            {"url": "x" * 3000},
            {},
        ],
    )
    def test_a_webhook_that_makes_no_sense_is_refused(self, client, body, tmp_path):
        """And a job with one is not queued."""
        answer = client.post("/v1/webhooks", json=body)
        assert (answer.status_code, answer.json()["status"]) == (422, 422)
        before = client.get("/v1/jobs").json()
        data = write_audio(tmp_path / "x.wav", tone(2.9)).read_bytes()
        upload = client.put("/v1/uploads/x.wav", content=data).json()["id"]
        answer = client.post("/v1/jobs", json={"upload": upload, "webhook": body})
        assert answer.status_code == 422
        assert client.get("/v1/jobs").json() == before

    def test_messages_outlive_a_kill(self, tmp_path, receiver, monkeypatch):
        """They are sent after the restart, in order."""
        monkeypatch.setenv("TRAX_INSIDE_TARGETS", "127.0.0.1")
        server = WebServer(tmp_path / "home")
        receiver.status = 503
        with httpx.Client(base_url=server.url, timeout=60) as client:
            hook = {"url": receiver.url, "events": ["job.queued", "job.completed"]}
            job = submit(client, tmp_path, 2.0, webhook=hook)["id"]
            client.get(f"/v1/jobs/{job}", params={"wait": 60})
        server.kill()
        receiver.status = 204
        server.start()
        try:
            told = receiver.wait(2)
        finally:
            server.kill()
        assert kinds(told)[:2] == ["job.queued", "job.completed"]

    def test_the_command_line_manages_them(self, server, receiver, monkeypatch):
        """Of the same database; the service that runs sends."""
        home = server.process.args[3]
        monkeypatch.setenv("TRAX_HOME", home)
        monkeypatch.setenv("TRAX_INSIDE_TARGETS", "127.0.0.1")

        def trax(*arguments: str) -> str:
            done = CliRunner().invoke(app, ["webhooks", *arguments])
            assert done.exit_code == 0, done.output
            return done.stdout

        secret = trax("add", receiver.url).strip().splitlines()[0]
        (shown,) = json.loads(trax("list", "--json"))
        assert "secret" not in shown
        assert "has arrived, with status 204" in trax("test", shown["id"])
        Verifier(secret).verify(*receiver.got[0])
        (sent,) = json.loads(trax("deliveries", shown["id"], "--json"))
        assert "1 to be sent again" in trax("replay", shown["id"], str(sent["id"]))
        receiver.wait(2)
        assert "in use" in trax("enable", shown["id"])
        fresh = trax("rotate", shown["id"], "--hours", "0").strip().splitlines()[0]
        (rotated,) = json.loads(trax("list", "--json"))
        assert (fresh != secret, "old_secret" in rotated) == (True, False)
        trax("remove", shown["id"])
        assert "no webhooks yet" in trax()
        with suppress(httpx.HTTPError):
            assert httpx.get(f"{server.url}/healthz").status_code == 200
