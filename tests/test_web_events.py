"""Jobs as they are followed over HTTP: without gap, without repeat, to their end."""

import json
import threading
from functools import partial

import httpx
import pytest
from asking import events, sound, submit

from trax.pipelines.transcribe import identify, transcribe
from trax.stages.options import TranscribeOptions
from trax.testing import tone, write_audio
from trax.testing.engine_server import scripted_workspace
from trax.testing.waiting import wait_until

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server_arguments():
    return ("--jobs", "4")


def expected(client, job_id: str) -> dict | None:
    return client.get(f"/v1/jobs/{job_id}").json()["expected"]


class TestEvents:
    def test_a_job_is_followed_to_its_end(self, client, tmp_path):
        """Its stages in order, how far it is meanwhile, and at last the job."""
        job = submit(client, sound(3.1, tmp_path), prompt="slow 1").json()["id"]
        seen = list(events(client, f"/v1/jobs/{job}/events"))
        kinds = [each["event"] for each in seen]
        assert (kinds[0], kinds[-1]) == ("queued", "done")
        assert seen[-1]["data"]["status"] == "completed"
        assert [each["data"]["text"] for each in seen if each["event"] == "ended"] == ["completed"]
        shares = [each["data"]["progress"] for each in seen if each["event"] == "progress"]
        assert any(0 < share < 1 for share in shares)
        finished = [each for each in seen if each["event"] == "finished"]
        assert len(finished) == 7
        ids = [int(each["id"]) for each in seen if "id" in each]
        assert ids == sorted(set(ids))

    def test_whoever_was_cut_off_goes_on_without_gap_or_repeat(self, client, tmp_path):
        """After any event, by its id."""
        job = submit(client, sound(3.2, tmp_path), wait=60).json()["id"]
        path = f"/v1/jobs/{job}/events"
        whole = [each for each in events(client, path) if "id" in each]
        for at, event in enumerate(whole):
            rest = [each for each in events(client, path, event["id"]) if "id" in each]
            assert rest == whole[at + 1 :]

    def test_what_is_recognised_is_told_at_once_and_never_kept(self, client, tmp_path):
        """While the stage goes on; whoever comes late gets all of it, and afterwards nothing."""
        job = submit(client, sound(3.6, tmp_path), prompt="heard good day and slow 1").json()["id"]
        path = f"/v1/jobs/{job}/events"
        seen = list(events(client, path))
        (told,) = [each for each in seen if each["event"] == "partial"]
        assert "id" not in told
        (passage,) = told["data"]["passages"]
        assert passage == {"start": 0.0, "end": 1.0, "text": "good day"}
        over = next(each for each in seen if "recognise:" in each["data"].get("text", ""))
        assert seen.index(told) < seen.index(over)
        assert "good day" not in json.dumps([each for each in seen if "id" in each])
        assert "partial" not in [each["event"] for each in events(client, path)]

    def test_all_jobs_are_followed_at_once(self, client, tmp_path):
        """From now on, or from where one was."""
        first = submit(client, sound(3.3, tmp_path), wait=60).json()["id"]
        start = [each for each in events(client, f"/v1/jobs/{first}/events") if "id" in each][-1]
        jobs = {submit(client, sound(6.4 + at / 10, tmp_path)).json()["id"] for at in (0, 1)}
        for event in events(client, "/v1/events", start["id"]):
            if event["event"] == "ended":
                jobs.discard(event["data"]["job_id"])
            if not jobs:
                break

    def test_when_a_job_will_have_ended_is_told_once_others_have(self, own, tmp_path):
        """In its details and with its progress; before, and of one that has ended, nothing."""
        server = own("--jobs", "1")
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for at in range(3):
                job = submit(client, sound(1.0 + at / 10, tmp_path), wait=60).json()["id"]
                assert client.get(f"/v1/jobs/{job}").json()["expected"] is None
            jobs = [
                submit(client, sound(2.0 + at, tmp_path), "slow 2").json()["id"] for at in (0, 1)
            ]
            views = [wait_until(partial(expected, client, each)) for each in jobs]
            for view in views:
                assert view["earliest"] <= view["end"] <= view["latest"]
            assert views[0]["end"] <= views[1]["end"]
            seen = list(events(client, f"/v1/jobs/{jobs[1]}/events"))
        assert any(each["data"].get("expected") for each in seen if each["event"] == "progress")

    def test_a_job_of_another_process_is_followed_too(self, own, tmp_path):
        """Whoever works on it writes the same events, and what is recognised; when it will have
        ended is told by what was done before, wherever that was.
        """
        server = own()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for at in range(3):
                submit(client, sound(2.0 + at / 10, tmp_path), wait=60)
            workspace = scripted_workspace(tmp_path / "home")
            file = write_audio(tmp_path / "other.wav", tone(2.5))
            prompt = "heard good day and slow 1"
            options = TranscribeOptions.model_validate({"recognition": {"prompt": prompt}})
            job = identify(workspace, file, options)
            working = threading.Thread(target=transcribe, args=(workspace, file, options))
            working.start()
            wait_until(lambda: client.get(f"/v1/jobs/{job.id}").status_code == 200)
            seen = list(events(client, f"/v1/jobs/{job.id}/events"))
            working.join()
        assert seen[-1]["event"] == "done"
        (told,) = [each for each in seen if each["event"] == "partial"]
        assert told["data"]["passages"] == [{"start": 0.0, "end": 1.0, "text": "good day"}]
        assert any(each["data"].get("expected") for each in seen if each["event"] == "progress")
        assert workspace.jobs.heard(job.id) == []
        assert [each["event"] for each in seen].count("finished") == 7

    def test_whoever_leaves_in_the_middle_is_not_missed(self, own, tmp_path, capfd):
        """The log has no word of it, though much was to be told."""
        server = own()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for at in range(3):
                submit(client, sound(2.0 + at / 10, tmp_path), wait=60)
            for _ in range(20):
                headers = {"Last-Event-ID": "0"}
                with client.stream("GET", "/v1/events", headers=headers) as answer:
                    next(answer.iter_bytes(10))
        server.stop()
        log = capfd.readouterr().err
        assert "Traceback" not in log
        assert '"level": "error"' not in log

    @pytest.mark.parametrize(
        ("path", "last", "status"), [("/v1/jobs/none/events", "", 404), ("/v1/events", "x", 422)]
    )
    def test_what_cannot_be_followed_is_a_problem(self, client, path, last, status):
        """Before the stream begins."""
        answer = client.get(path, headers={"Last-Event-ID": last} if last else {})
        assert (answer.status_code, answer.headers["content-type"]) == (
            status,
            "application/problem+json",
        )
