"""The service over HTTP: a real process, with scripted engines."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from asking import done, sound, submit, upload
from prometheus_client.parser import text_string_to_metric_families

from trax.testing.waiting import wait_until

pytestmark = pytest.mark.server

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def server_arguments():
    return ("--jobs", "4")


class TestFolders:
    def test_where_nobody_signs_in_folders_work_too(self, client, tmp_path):
        """For what is added to one, and for what is put there later."""
        folder = client.post("/v1/folders", json={"name": "harbour"}).json()["id"]
        body = {"upload": upload(client, sound(2.9, tmp_path)), "folder": folder}
        job = client.post("/v1/jobs", json=body, params={"wait": 60}).json()
        other = submit(client, sound(2.95, tmp_path), wait=60).json()
        moved = f"/v1/transcripts/{other['transcript']['id']}/folder"

        def inside() -> set[str]:
            found = client.get("/v1/transcripts", params={"folder": folder}).json()["items"]
            return {each["id"] for each in found}

        assert inside() == {job["transcript"]["id"]}
        assert client.put(moved, json={"folder": folder}).is_success
        assert inside() == {job["transcript"]["id"], other["transcript"]["id"]}
        assert client.put(moved, json={"folder": None}).is_success
        assert inside() == {job["transcript"]["id"]}


class TestJobs:
    def test_a_recording_becomes_a_transcript(self, client, tmp_path):
        """From its bytes to who said what, with nothing but requests."""
        job = submit(client, sound(2.0, tmp_path), wait=60).json()
        assert (job["status"], job["failure"]) == ("completed", None)
        document = client.get(f"/v1/transcripts/{job['transcript']['id']}").json()
        assert [word["text"] for segment in document["segments"] for word in segment["words"]] == [
            "hello",
            "there.",
        ]
        stages = client.get(f"/v1/jobs/{job['id']}").json()["stages"]
        assert [stages[0]["stage"], stages[-1]["stage"]] == ["ingest", "publish"]

    def test_the_same_again_is_the_same_job(self, client, tmp_path):
        """Known by content and options: 202 for the first, 200 for the others."""
        data = sound(2.1, tmp_path)
        first = submit(client, data)
        job = first.json()["id"]
        assert (first.status_code, first.headers["location"]) == (202, f"/v1/jobs/{job}")
        done(client, job)
        second = submit(client, data)
        assert (second.status_code, second.json()["id"]) == (200, job)
        assert second.json()["attempts"] == 1
        other = submit(client, data, prompt="Cintra")
        assert (other.status_code, other.json()["id"] == job) == (202, False)

    def test_many_equal_requests_at_once_are_one_job(self, client, tmp_path):
        """Sent by an impatient client with one key."""
        body = {"upload": upload(client, sound(2.2, tmp_path))}
        with ThreadPoolExecutor(20) as pool:
            sent = [
                pool.submit(client.post, "/v1/jobs", json=body, headers={"Idempotency-Key": "k"})
                for _ in range(100)
            ]
            answers = [each.result() for each in sent]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert sorted({answer.status_code for answer in answers}) == [200, 202]
        job = done(client, answers[0].json()["id"])
        assert (job["status"], job["attempts"]) == ("completed", 1)

    def test_a_key_stands_for_one_request(self, client, tmp_path):
        """Another with the same key is refused, and no job is made of it."""
        data = sound(2.3, tmp_path)
        assert submit(client, data, **{"Idempotency-Key": "one"}).status_code == 202
        refused = submit(client, data, prompt="other", **{"Idempotency-Key": "one"})
        assert refused.status_code == 422
        assert "used for another request" in refused.json()["detail"]

    def test_jobs_are_listed_in_pages(self, client, tmp_path):
        """Each once, the newest first."""
        for at in range(5):
            submit(client, sound(3.0 + at / 10, tmp_path))
        found, cursor = [], ""
        while cursor is not None:
            page = client.get("/v1/jobs", params={"limit": 2, "cursor": cursor}).json()
            assert len(page["items"]) <= 2
            found += page["items"]
            cursor = page["next_cursor"]
        ids = [job["id"] for job in found]
        assert len(ids) == len(set(ids)) >= 5
        times = [job["created_at"] for job in found]
        assert times == sorted(times, reverse=True)

    def test_jobs_are_found_by_how_they_stand(self, client, tmp_path):
        """Several at once."""
        job = submit(client, sound(2.4, tmp_path), wait=60).json()
        for wanted, there in (("completed", True), ("failed", False)):
            page = client.get("/v1/jobs", params={"status": [wanted, "lost"], "limit": 200})
            assert (job["id"] in [each["id"] for each in page.json()["items"]]) is there

    def test_a_failed_job_says_why_and_is_run_again(self, client):
        """Bytes that are no recording."""
        job = submit(client, b"no recording", wait=60).json()
        assert job["status"] == "failed"
        assert job["failure"]["stage"] == "ingest"
        assert "cannot read audio" in job["failure"]["detail"]
        assert "/" not in job["failure"]["detail"].partition(":")[0]
        again = client.post(f"/v1/jobs/{job['id']}/retry")
        assert (again.status_code, again.json()["failure"]) == (202, None)
        assert done(client, job["id"])["attempts"] == 2

    def test_a_running_job_is_cancelled_and_its_place_is_free(self, client, tmp_path):
        """It stops at its next step, and can be run again."""
        job = submit(client, sound(2.5, tmp_path), prompt="slow 60").json()
        wait_until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["stages"])
        assert client.post(f"/v1/jobs/{job['id']}/cancel").status_code == 200
        assert done(client, job["id"])["status"] == "cancelled"
        assert client.post(f"/v1/jobs/{job['id']}/cancel").status_code == 422

    def test_a_waiting_job_is_cancelled_at_once(self, own, tmp_path):
        """And those that wait know how many come before them."""
        server = own("--jobs", "1")
        with httpx.Client(base_url=server.url) as client:
            first = submit(client, sound(2.0, tmp_path), prompt="slow 60").json()
            wait_until(lambda: client.get(f"/v1/jobs/{first['id']}").json()["stages"])
            second = submit(client, sound(2.1, tmp_path)).json()
            third = submit(client, sound(2.2, tmp_path)).json()
            assert client.get(f"/v1/jobs/{third['id']}").json()["ahead"] == 1
            cancelled = client.post(f"/v1/jobs/{second['id']}/cancel").json()
            assert cancelled["status"] == "cancelled"
            client.post(f"/v1/jobs/{first['id']}/cancel")
            assert done(client, third["id"])["status"] == "completed"


class TestUploads:
    def test_a_form_and_a_body_keep_the_same_bytes_once(self, client, tmp_path):
        """By digest; each has an id of its own."""
        data = sound(2.6, tmp_path)
        body = client.put("/v1/uploads/a%20b.wav", content=data).json()
        form = client.post("/v1/uploads", files={"file": ("a b.wav", data)}).json()
        assert body["sha256"] == form["sha256"]
        assert (body["name"], body["size_bytes"]) == ("a b.wav", len(data))
        assert form["name"] == "a b.wav"
        assert body["id"] != form["id"]
        assert client.get(f"/v1/uploads/{body['id']}").json() == body

    @pytest.mark.parametrize(
        "send",
        [
            lambda client: client.put("/v1/uploads/x.wav", content=b""),
            lambda client: client.post("/v1/uploads", files={"other": b"x"}),
            lambda client: client.post("/v1/uploads", files={"file": b""}),
            lambda client: client.post("/v1/uploads", json={}),
            lambda client: client.post(
                "/v1/uploads",
                content=b"--x\r\nbroken",
                headers={"Content-Type": "multipart/form-data; boundary=x"},
            ),
        ],
    )
    def test_what_is_no_recording_is_refused(self, client, send):
        """Empty, missing, no form, broken off."""
        answer = send(client)
        assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
        assert answer.json()["detail"]

    def test_an_upload_that_breaks_off_leaves_nothing(self, own, tmp_path):
        """No part of it is kept."""
        server = own()

        def broken():
            yield b"RIFF" * (1 << 18)
            raise InterruptedError

        with suppress(InterruptedError, httpx.HTTPError):
            httpx.put(f"{server.url}/v1/uploads/x.wav", content=broken())
        kept = tmp_path / "home" / "objects"
        wait_until(lambda: not [path for path in kept.rglob("*") if path.is_file()])


class TestTranscripts:
    @pytest.fixture
    def made(self, client, tmp_path) -> str:
        return submit(client, sound(2.7, tmp_path), wait=60).json()["transcript"]["id"]

    def test_what_is_known_is_not_sent_again(self, client, made):
        """By ETag, which a new version changes."""
        first = client.get(f"/v1/transcripts/{made}")
        tag = first.headers["etag"]
        again = client.get(f"/v1/transcripts/{made}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert tag.startswith('"1-')

    @pytest.mark.parametrize("name", ["txt", "srt", "vtt", "json", "docx", "html", "svg"])
    def test_a_transcript_comes_in_every_format(self, client, made, name):
        """As the export of the same name."""
        answer = client.get(f"/v1/transcripts/{made}/exports/{name}")
        assert answer.status_code == 200
        shown = answer.headers["content-disposition"]
        assert f"call.{name}" in shown
        assert shown.startswith("attachment" if name == "html" else "inline")
        assert answer.content

    def test_a_transcript_comes_as_a_note(self, client, made):
        """By a template that the settings name, with links to its page; in Markdown alone."""
        assert client.get("/v1/settings").json()["templates"][0] == "note"
        path = f"/v1/transcripts/{made}/exports"
        note = client.get(f"{path}/md", params={"template": "note"})
        assert note.text.startswith("---\ntitle: ")
        assert f"/t/{made}#t=" in note.text
        assert client.get(f"{path}/md", params={"template": "none"}).status_code == 404
        assert client.get(f"{path}/txt", params={"template": "note"}).status_code == 422

    def test_versions_and_lists_show_it(self, client, made):
        """With its only version."""
        (version,) = client.get(f"/v1/transcripts/{made}/versions").json()["items"]
        assert (version["id"], version["version"], version["words"]) == (made, 1, 2)
        newest = client.get("/v1/transcripts", params={"limit": 1}).json()
        assert len(newest["items"]) == 1

    def test_what_was_said_is_found(self, client, made):
        """With its time."""
        hits = client.get("/v1/search", params={"q": "hel*", "limit": 200}).json()["items"]
        assert made in {hit["transcript_id"] for hit in hits}


class TestProblems:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/v1/jobs/none", 404),
            ("GET", "/v1/transcripts/none", 404),
            ("GET", "/v1/transcripts/none/exports/pdf", 404),
            ("GET", "/v1/uploads/none", 404),
            ("GET", "/v1/jobs?limit=0", 422),
            ("GET", "/v1/jobs?cursor=%00", 422),
            ("GET", "/v1/search?q=-", 422),
            ("GET", "/nothing", 404),
            ("DELETE", "/v1/jobs", 405),
            ("POST", "/v1/jobs/none/cancel", 404),
        ],
    )
    def test_every_error_is_a_problem(self, client, method, path, status):
        """That names itself, its request, and says in a sentence what is wrong."""
        answer = client.request(method, path, headers={"X-Request-ID": "mine"})
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
        told = answer.json()
        assert told["status"] == status
        assert told["detail"]
        assert told["request_id"] == answer.headers["x-request-id"] == "mine"
        assert "Traceback" not in answer.text

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"upload": "x", "uri": "s3://a/b"},
            {"uri": "/etc/passwd"},
            {"uri": "http://127.0.0.1/"},
            {"uri": "s3://a/b"},
            {"upload": "x", "options": {"recognition": {"plan": "best"}}},
            {"upload": "x", "other": 1},
        ],
    )
    def test_a_job_that_makes_no_sense_is_refused(self, client, body):
        """Nothing is made of it."""
        answer = client.post("/v1/jobs", json=body)
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == PROBLEM

    def test_a_body_that_is_too_large_is_not_read(self, client):
        """Whether it says so or not."""
        large = b" " * (2 << 20)
        said = client.post("/v1/jobs", content=large)
        unsaid = client.post("/v1/jobs", content=iter([large, large]))
        assert [said.status_code, unsaid.status_code] == [413, 413]


class TestWhoMay:
    def test_pages_of_other_sites_are_kept_out(self, client, server):
        """By the origin that a browser sends, and by the name they use for this machine."""
        foreign = {"Origin": "http://elsewhere.example"}
        assert client.get("/v1/jobs", headers=foreign).status_code == 403
        rebound = {"Host": "elsewhere.example"}
        assert client.get("/v1/jobs", headers=rebound).status_code == 403
        assert client.get("/v1/jobs", headers={"Origin": server.url}).status_code == 200
        with_token = rebound | {"Authorization": "Bearer anything"}
        assert client.get("/v1/jobs", headers=with_token).status_code == 403

    def test_where_no_token_is_needed_any_will_do(self, client):
        """Clients of other services cannot go without one."""
        headers = {"Authorization": "Bearer -"}
        assert client.get("/v1/me", headers=headers).json()["id"] == "local"

    def test_a_token_is_asked_for(self, own):
        """By everything but what tells whether the service lives."""
        server = own("--token", "secret")
        with httpx.Client(base_url=server.url) as client:
            assert client.get("/healthz").status_code == 200
            for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "secret"}):
                refused = client.get("/v1/jobs", headers=headers)
                assert refused.status_code == 401
                assert refused.headers["www-authenticate"].startswith("Bearer")
            allowed = client.get("/v1/jobs", headers={"Authorization": "Bearer secret"})
            assert allowed.status_code == 200

    def test_a_recording_without_a_token_is_not_taken_in(self, own, tmp_path):
        """Refused before its bytes are read."""
        server = own("--token", "secret")
        read = []

        def body():
            for _ in range(1000):
                read.append(1)
                yield b"x" * (1 << 16)

        with suppress(httpx.HTTPError):
            answer = httpx.put(f"{server.url}/v1/uploads/x.wav", content=body())
            assert answer.status_code == 401
        assert not list((tmp_path / "home").rglob("upload-*"))


def test_the_log_says_nothing_of_recordings(own, tmp_path, capfd):
    """The route and how it was answered; no name, no id, no token, no word."""
    server = own("--token", "canary-token")
    headers = {"Authorization": "Bearer canary-token"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        sent = upload(client, sound(2.0, tmp_path), "canary-name.wav")
        job = client.post("/v1/jobs", json={"upload": sent}, params={"wait": 60}).json()
        client.get(f"/v1/transcripts/{job['transcript']['id']}/exports/txt")
        client.get("/v1/search", params={"q": "canary-word"})
    server.stop()
    log = capfd.readouterr().err
    assert "PUT /v1/uploads/{name}" in log
    for secret in ("canary", job["recording_sha256"], job["transcript"]["id"], "hello"):
        assert secret not in log


class TestMetrics:
    def test_requests_and_jobs_are_counted(self, client, tmp_path):
        """By the route's own name, however often it is asked and for what."""
        job = submit(client, sound(2.8, tmp_path), wait=60).json()
        for path in (f"/v1/jobs/{job['id']}", "/v1/jobs/none", "/nothing", "/nothing/else"):
            client.get(path)
        client.request("BREW", "/v1/jobs")
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        figures = {
            f"{family.name} {sorted(sample.labels.items())}": sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }
        routes = [name for name in figures if "trax_http_requests" in name]
        assert any("('resource', '/v1/jobs')" in name and "4xx" in name for name in routes)
        assert any("('resource', 'none')" in name for name in routes)
        assert "BREW" not in answer.text
        assert figures["trax_jobs [('status', 'completed')]"] >= 1
        assert figures["trax_stage_runs [('stage', 'recognise')]"] >= 1
        assert len(figures) <= 300

    def test_they_say_nothing_of_recordings(self, client, tmp_path):
        """No name, no word, no id."""
        data = sound(2.9, tmp_path)
        body = {"upload": upload(client, data, "canary-name.wav")}
        job = client.post("/v1/jobs", json=body, params={"wait": 60}).json()
        client.get("/v1/search", params={"q": "canary-word"})
        told = client.get("/metrics").text
        for secret in ("canary", job["id"], job["recording_sha256"], "hello"):
            assert secret not in told


def test_the_description_is_openapi_3_1(client):
    """Every route has a tag, a summary and a sentence; every answer is described."""
    described = client.get("/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    tags = {tag["name"] for tag in described["tags"]}
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            where = f"{method} {path}"
            assert set(route["tags"]) <= tags, where
            assert route["summary"], where
            assert route["description"], where
    assert json.dumps(described).count("HTTPValidationError") == 0
