"""What is seen of Trax from outside: logs, traces, reports, figures; and what never is."""

import gzip
import io
import json
import logging
import re
import shutil
import subprocess
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from trax.errors import InvalidOption, StoreError
from trax.progress import StageRun
from trax.service.workers import Worked
from trax.telemetry.ids import bound, current_ids
from trax.telemetry.logs import FIELDS, JsonLines, PlainLines, described, without_words
from trax.telemetry.reports import start_reports
from trax.telemetry.reports import without_words as report_without_words
from trax.testing import tone, write_audio
from trax.testing.servers import WebServer
from trax.web.metrics import Metrics

SECRETS = ("canaryword", "Canaryname", "canaryfile", "canarytoken")


def raised(error: Exception) -> Exception:
    """The error once it was raised here."""
    try:
        raise error
    except type(error) as caught:
        return caught


def lines(formatter: logging.Formatter, log) -> list[str]:
    """What a formatter makes of what *log* logs."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    handler.addFilter(without_words)
    logger = logging.Logger("trax.test")
    logger.addHandler(handler)
    log(logger)
    return stream.getvalue().splitlines()


class TestLogs:
    def test_a_line_is_json_with_the_ids_that_are_bound(self):
        """And the fields that the call gives."""

        def log(logger):
            with bound(request="r1"), bound(job="j1"):
                logger.info("a job is %s", "queued", extra={FIELDS: {"ms": 3}})

        (line,) = map(json.loads, lines(JsonLines(), log))
        assert line.pop("time").endswith("+00:00")
        assert line == {
            "level": "info",
            "logger": "trax.test",
            "message": "a job is queued",
            "request": "r1",
            "job": "j1",
            "ms": 3,
        }
        assert current_ids() == {}

    @pytest.mark.parametrize("formatter", [JsonLines(), PlainLines()])
    def test_an_error_is_logged_without_what_it_says(self, formatter):
        """Its class, those behind it, and where it was raised; however it is logged."""
        error = raised(StoreError("cannot write canaryfile"))
        error.__cause__ = OSError("canaryfile")

        def log(logger):
            logger.warning("the queue is not read: %s", error)
            logger.error("the job failed", exc_info=error)

        said = "\n".join(lines(formatter, log))
        assert said.count("StoreError from OSError") == 2
        assert "tests/test_telemetry.py" in said
        assert "canary" not in said

    def test_a_line_for_people_is_short(self):
        """Time, level, message, ids."""

        def log(logger):
            with bound(job="j1"):
                logger.info("done")

        (line,) = lines(PlainLines(), log)
        assert line[8:] == " info done job=j1"

    def test_a_place_does_not_say_where_trax_is_installed(self):
        """Paths begin where the code does."""
        assert described(raised(ValueError("x"))).startswith(
            "ValueError at tests/test_telemetry.py:"
        )


class TestReports:
    def test_what_leaves_is_named_one_by_one(self):
        """Whatever the library comes to put into events."""
        frame = {"function": "f", "lineno": 3, "vars": {"text": "canaryword"}, "module": "trax.x"}
        event = {
            "event_id": "1",
            "level": "error",
            "logentry": {"message": "%s", "params": ["canaryword"]},
            "request": {"url": "http://x/v1/search?q=canaryword"},
            "extra": {"words": "canaryword"},
            "exception": {
                "values": [{"type": "E", "value": "canaryword", "stacktrace": {"frames": [frame]}}]
            },
        }
        sent = report_without_words(event, "service")
        assert "canary" not in json.dumps(sent)
        (value,) = sent["exception"]["values"]
        assert value["stacktrace"]["frames"] == [{"function": "f", "module": "trax.x", "lineno": 3}]

    def test_what_is_no_defect_is_not_reported(self):
        """A line of a log without an error."""
        assert report_without_words({"logentry": {"message": "canaryword"}}, "service") is None

    def test_an_address_that_is_none_is_refused(self):
        """In one sentence."""
        pytest.importorskip("sentry_sdk")
        with pytest.raises(InvalidOption, match="no DSN"):
            start_reports("nonsense", "test", "service")


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes whatever is posted; its address without a scheme, and the bodies."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            encoding = self.headers.get("Content-Encoding", "")
            if encoding == "gzip":
                body = gzip.decompress(body)
            elif encoding == "deflate":
                body = zlib.decompress(body)
            bodies.append(body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.server
class TestCanary:
    """Real failures of a real service, which is watched in every way."""

    @pytest.fixture
    def watched(self, tmp_path, monkeypatch, capfd):
        """Drives a service; gives its log, spans, reports, figures and events."""
        pytest.importorskip("sentry_sdk")
        with receiver() as (traces, spans), receiver() as (sentry, reports):
            monkeypatch.setenv("TRAX_OTLP_ENDPOINT", f"http://{traces}")
            monkeypatch.setenv("TRAX_SENTRY_DSN", f"http://key@{sentry}/1")
            monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
            server = WebServer(tmp_path / "home", "--token", "canarytoken")
            headers = {"Authorization": "Bearer canarytoken", "X-Request-ID": "request-1"}
            with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
                jobs = list(self.failures(client, tmp_path))
                figures = client.get("/metrics").text
                events = [self.events(client, job["id"]) for job in jobs]
            assert server.stop() == 0
            log = capfd.readouterr().err
            yield {
                "log": log,
                "spans": b"\n".join(spans).decode(errors="replace"),
                "reports": b"\n".join(reports).decode(errors="replace"),
                "figures": figures,
                "events": "\n".join(events),
                "jobs": jobs,
                "bodies": spans,
            }

    def failures(self, client, folder) -> Iterator[dict]:
        """One job that succeeds, two that fail; other requests that name secrets."""
        for at, order in enumerate(("heard canaryword", "defect canaryword", "refuse canaryword")):
            name = f"canaryfile-{at}.wav"
            sound = write_audio(folder / name, tone(2.0 + at)).read_bytes()
            sent = client.put(f"/v1/uploads/{name}", content=sound).json()["id"]
            options = {"recognition": {"prompt": order}, "diarization": {"names": []}}
            body = {"upload": sent, "options": options}
            yield client.post("/v1/jobs", json=body, params={"wait": 60}).json()
        client.get("/v1/search", params={"q": "canaryword"})
        client.get("/v1/transcripts/Canaryname")
        client.get("/v1/me", headers={"Authorization": "Bearer canarytoken-of-another"})
        client.post("/v1/jobs", json={"uri": "s3://canaryfile/Canaryname"})

    def events(self, client, job_id: str) -> str:
        """What is kept of a job's events, besides why it failed: its owner sees that alone."""
        with client.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
            kept = [line for line in answer.iter_lines() if '"kind"' in line]
        return "\n".join(line for line in kept if '"kind":"failed"' not in line)

    def test_no_word_name_file_or_token_is_ever_seen(self, watched):
        """And yet it is seen what was done, by whom it was asked for, and what failed where."""
        for where in ("log", "spans", "reports", "figures", "events"):
            for secret in SECRETS:
                assert secret not in watched[where], where
        assert [job["status"] for job in watched["jobs"]] == ["completed", "failed", "failed"]
        logged = [json.loads(line) for line in watched["log"].splitlines()]
        (queued, *_) = [line for line in logged if line["message"] == "a job is queued"]
        assert (queued["request"], queued["job"]) == ("request-1", watched["jobs"][0]["id"])
        (defect,) = [line for line in logged if line["level"] == "error"]
        assert defect["job"] == watched["jobs"][1]["id"]
        assert defect["error"].startswith("ValueError at trax/testing/engine_server.py")
        assert watched["reports"].count('"ValueError"') == 1
        assert watched["jobs"][1]["id"] in watched["reports"]

    def test_a_trace_leads_from_the_request_to_the_stages(self, watched):
        """Each part of the one before it, with the job's id."""
        service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
        found = []
        for body in watched["bodies"]:
            for part in service.ExportTraceServiceRequest.FromString(body).resource_spans:
                found += [span for scope in part.scope_spans for span in scope.spans]
        by_id = {span.span_id: span for span in found}
        published = [span for span in found if span.name == "publish"]
        (stage,) = published
        job = by_id[stage.parent_span_id]
        request = by_id[job.parent_span_id]
        assert (job.name, request.name) == ("job", "POST /v1/jobs")
        said = {each.key: each.value.string_value for each in stage.attributes}
        assert said == {
            "trax.job": watched["jobs"][0]["id"],
            "trax.stage": "publish",
            "trax.request": "request-1",
        }


DEPLOYMENTS = Path(__file__).resolve().parents[1] / "deployments"
DASHBOARD = DEPLOYMENTS / "grafana" / "trax.json"
RULES = DEPLOYMENTS / "prometheus" / "rules.yaml"


@pytest.mark.server
class TestFigures:
    @pytest.fixture(scope="class")
    def figures(self, tmp_path_factory) -> str:
        """Of a service that has done something."""
        folder = tmp_path_factory.mktemp("figures")
        server = WebServer(folder / "home")
        with httpx.Client(base_url=server.url, timeout=60) as client:
            sound = write_audio(folder / "x.wav", tone(2.0)).read_bytes()
            sent = client.put("/v1/uploads/x.wav", content=sound).json()["id"]
            client.post("/v1/jobs", json={"upload": sent}, params={"wait": 60})
            text = client.get("/metrics").text
        server.stop()
        return text

    @pytest.fixture
    def promtool(self) -> str:
        found = shutil.which("promtool")
        if found is None:
            pytest.skip("promtool is not installed (Debian: prometheus)")
        return found

    @pytest.mark.parametrize("file", [DASHBOARD, RULES], ids=lambda file: file.name)
    def test_every_figure_that_is_shown_or_watched_exists(self, figures, file):
        """In what the service gives."""
        named = set(re.findall(r"\b(?:trax|process)_[a-z_]+\b", file.read_text()))
        given = set(re.findall(r"^([a-z_]+)[ {]", figures, re.MULTILINE))
        assert named <= given

    def test_there_are_never_more_than_three_hundred_series(self, figures):
        """Were every resource answered in every way."""
        description = json.loads((DEPLOYMENTS.parent / "docs" / "openapi.json").read_text())
        resources = {"/".join(path.split("/")[:3]) for path in description["paths"]} | {"none"}
        others = [line for line in figures.splitlines() if not line.startswith(("#", "trax_http_"))]
        http = [line for line in figures.splitlines() if line.startswith("trax_http_request_")]
        assert len(others) + len(http) + 1 + 4 * len(resources) <= 300

    def test_a_dashboard_has_panels_that_do_not_overlap(self):
        """Each with a query, a title and a place of its own."""
        panels = json.loads(DASHBOARD.read_text())["panels"]
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
        assert len(places) == len(panels) == len({panel["id"] for panel in panels})
        assert all(panel["title"] and panel["targets"] for panel in panels)

    def test_figures_are_as_prometheus_wants_them(self, figures, promtool):
        """Names, units, help."""
        command = [promtool, "check", "metrics"]
        checked = subprocess.run(command, input=figures, text=True, capture_output=True)
        assert (checked.returncode, checked.stderr) == (0, "")

    def test_rules_can_be_read(self, promtool):
        """By Prometheus itself."""
        checked = subprocess.run([promtool, "check", "rules", RULES], capture_output=True)
        assert checked.returncode == 0, checked.stdout

    def test_a_database_that_is_away_is_a_figure(self, workspace):
        """Nothing else is missing but what it would say."""

        def away() -> dict[str, int]:
            raise StoreError("away")

        queue = SimpleNamespace(counts=away)
        workers = SimpleNamespace(worked=dict)
        service = SimpleNamespace(
            workspace=SimpleNamespace(queue=queue), workers=workers, is_ready=lambda: True
        )
        told = Metrics().rendered(service).decode()
        assert "trax_database_up 0.0" in told
        assert "trax_ready 1.0" in told
        assert "trax_jobs" not in told


def test_results_at_hand_are_no_runs():
    """They took no work, and say nothing of speed or of what was busy."""
    worked = Worked()
    run = StageRun(
        stage="recognise",
        key="",
        started_at=datetime.now(UTC),
        seconds=4.0,
        cached=False,
        audio_seconds=60.0,
        peak_memory_bytes=1,
        processor_seconds=7.0,
        gpu_busy_seconds=2.0,
    )
    worked.count(run)
    worked.count(replace(run, cached=True))
    assert worked == Worked(1, 4.0, 60.0, kept=1, processor_seconds=7.0, gpu_busy_seconds=2.0)
    service = SimpleNamespace(
        workspace=SimpleNamespace(queue=SimpleNamespace(counts=dict, longest_wait=float)),
        workers=SimpleNamespace(worked=lambda: {"recognise": worked}),
        is_ready=lambda: True,
    )
    told = Metrics().rendered(service).decode()
    for name, value in (("runs", 1), ("kept", 1), ("processor_seconds", 7), ("failures", 0)):
        assert f'trax_stage_{name}_total{{stage="recognise"}} {value}.0' in told
