"""What is at work is seen live, here and over the network."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from trax.cli import top as command
from trax.cli.edge import out
from trax.store import Database, JobQueue, JobRequest
from trax.store.figures import FigureRepository
from trax.testing.web_server import serving


def request(number: int) -> JobRequest:
    key = f"{number:x}" * 64
    return JobRequest(
        pipeline="transcribe",
        key=key,
        recording_sha256=key,
        name=f"talk [{number}].wav",
        source=f"/recordings/{number}.wav",
        size_bytes=1000,
        options={},
    )


@pytest.fixture
def queued(home):
    """Three jobs, the first of which was begun."""
    database = Database(f"sqlite:///{home / 'trax.db'}")
    queue = JobQueue(database)
    for number in range(3):
        queue.put(request(number))
    queue.take("here/1/a")
    yield
    database.close()


class TestTop:
    def test_jobs_at_work_and_the_queue_are_told(self, trax, queued):
        """For scripts, in JSON."""
        found = json.loads(trax("top", "--once", "--json").stdout)
        assert [job["name"] for job in found["running"]] == ["talk [0].wav"]
        assert [job["name"] for job in found["waiting"]] == ["talk [1].wav", "talk [2].wav"]
        assert found["queued"] == 2
        assert 0 < found["machine"]["memory"] < 1

    def test_people_see_names_as_they_are(self, trax, queued):
        """Brackets are no markup."""
        shown = trax("top", "--once").stdout
        assert "talk [0].wav" in shown
        assert "Waiting: 2" in shown

    def test_an_empty_installation_has_nothing_to_show(self, trax):
        """And says so without an error."""
        result = trax("top", "--once")
        assert result.exit_code == 0
        assert "At work: 0" in result.stdout

    def test_nobody_answers(self, trax):
        """One sentence, no traceback."""
        result = trax("top", "--once", "--server", "http://127.0.0.1:9")
        assert result.exit_code == 2
        assert "does not answer" in result.stderr

    def test_the_service_reads_past_figures_once_for_all_who_ask(self, workspace, monkeypatch):
        """They are the dear part of the answer, and change little in a minute."""
        read = FigureRepository.newest
        reads = []

        def newest(repository, *given):
            reads.append(repository)
            return read(repository, *given)

        monkeypatch.setattr(FigureRepository, "newest", newest)
        with serving(workspace) as client:
            for _ in range(3):
                assert client.get("/v1/analytics/now").status_code == 200
        assert len(reads) == 1

    def test_the_service_says_the_same(self, workspace, capsys):
        """What the command draws, whoever was asked."""
        with serving(workspace) as client:
            found = client.get("/v1/analytics/now").json()
        assert found["queued"] == 0
        out.cache_clear()
        out().print(command.drawn(found))
        out.cache_clear()
        assert found["machine"]["name"] in capsys.readouterr().out


PROBLEM = "application/problem+json"


def problem(kind: str, detail: str) -> str:
    return json.dumps({"type": f"urn:trax:error:{kind}", "detail": detail})


@pytest.fixture
def stranger() -> Iterator[Callable[..., str]]:
    """Starts something that gives one answer to every request, and says where."""
    started = []

    def start(status: int, kind: str, body: str, **headers: str) -> str:
        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": kind, **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_about: object) -> None:
                """Nothing is logged."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


OTHERS = [
    (200, "text/html", "<html>Welcome to nginx!</html>", 2, "answered with something else"),
    (200, "application/json", "{}", 2, "answered with something else"),
    (200, "application/json", "[]", 2, "answered with something else"),
    (200, "application/json", '{"machine": {"name": "here"}}', 2, "or one of another version"),
    (200, "application/json", "", 2, "answered with something else"),
    (302, "text/html", "", 2, "sends elsewhere, to https://sign-in.example/"),
    (401, "text/html", "Sign in", 2, "answered 401 Unauthorized: is it a Trax service?"),
    (401, PROBLEM, problem("unidentified", "who are you"), 7, "who are you; set TRAX_TOKEN"),
    (403, PROBLEM, problem("access-denied", "not you"), 7, "not you; set TRAX_TOKEN"),
    (404, "text/html", "<h1>Not Found</h1>", 2, "answered 404 Not Found: is it a Trax service?"),
    (404, PROBLEM, problem("not-found", "x"), 2, "no /v1/analytics/now: its Trax is older"),
    (404, PROBLEM, "<html>", 2, "answered 404 Not Found: is it a Trax service?"),
    (418, PROBLEM, problem("teapot", "no \x1b[31mtea"), 2, "answered: no [31mtea"),
    (429, PROBLEM, problem("too-many-requests", "too often"), 7, "too often; try again in 1 s"),
    (502, "text/html", "<h1>Bad Gateway</h1>", 2, "a proxy is there, and the service behind it"),
    (503, PROBLEM, problem("store-unavailable", "the store is away"), 5, "the store is away"),
    (599, "text/plain", "odd", 2, "answered 599: is it a Trax service?"),
]


class TestOthers:
    @pytest.mark.parametrize(("status", "kind", "body", "code", "sentence"), OTHERS)
    def test_an_answer_that_was_not_asked_for_is_refused_in_one_sentence(
        self, status, kind, body, code, sentence, stranger, trax
    ):
        """Whoever gave it: another program, a proxy, an older version."""
        server = stranger(status, kind, body, Location="https://sign-in.example/")
        result = trax("top", "--once", "--server", server)
        assert (result.exit_code, result.stdout) == (code, "")
        assert sentence in result.stderr
        assert result.stderr.count("\n") == 1

    @pytest.mark.parametrize("token", ["secret\nX-Other: 1", "sécret", "two words"])
    def test_a_token_that_cannot_be_sent_is_not_shown(self, token, stranger, trax, monkeypatch):
        """Nor sent."""
        monkeypatch.setenv("TRAX_TOKEN", token)
        result = trax("top", "--once", "--server", stranger(200, "text/html", ""))
        assert result.exit_code == 7
        assert "cret" not in result.stderr
        assert "two" not in result.stderr

    def test_what_a_newer_service_says_more_is_left_out(self, stranger, trax, queued):
        """Its figures are shown all the same."""
        found = json.loads(trax("top", "--once", "--json").stdout)
        server = stranger(200, "application/json", json.dumps(found | {"moon": "full"}))
        shown = trax("top", "--once", "--json", "--server", server)
        assert json.loads(shown.stdout) == found

    @pytest.mark.parametrize("server", ["127.0.0.1:8700", "http://[::1", "nonsense"])
    def test_an_address_that_is_none_is_refused(self, server, trax):
        """In one sentence."""
        result = trax("top", "--once", "--server", server)
        assert result.exit_code == 2
        assert "does not answer" in result.stderr
        assert result.stderr.count("\n") == 1
