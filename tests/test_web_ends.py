"""A service that ends or is killed: nothing that was asked for is lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from asking import done, events, sound, submit

from trax.store import Database, JobRepository, JobStatus
from trax.testing.waiting import wait_until

pytestmark = pytest.mark.server


def send_and_stop(url: str, place: str, data: bytes, over: threading.Event) -> None:
    """Send *data* of an upload that is said to be longer, and then nothing until it is *over*."""

    def parts() -> Iterator[bytes]:
        yield data
        over.wait(60)

    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    with suppress(httpx.HTTPError):
        httpx.patch(f"{url}{place}", headers=headers, content=parts(), timeout=5)


class TestEnds:
    def test_nothing_is_lost_when_it_is_killed(self, own, tmp_path):
        """Those that ran and those that waited are done after the restart, each once."""
        server = own("--jobs", "1")
        ids = []
        with httpx.Client(base_url=server.url) as client:
            for at in range(4):
                prompt = "slow 2" if at == 0 else ""
                ids.append(submit(client, sound(2.0 + at / 10, tmp_path), prompt).json()["id"])
            wait_until(lambda: client.get(f"/v1/jobs/{ids[0]}").json()["stages"])
        server.kill()
        server.start()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            jobs = [done(client, job) for job in ids]
        assert [job["status"] for job in jobs] == ["completed"] * 4
        assert [job["attempts"] for job in jobs] == [2, 1, 1, 1]
        assert jobs[0]["stages"][0]["cached"]

    def test_it_ends_in_good_order(self, own, tmp_path):
        """What has begun may finish; whoever waits is told how it stands; no more is begun."""
        server = own("--jobs", "1", "--drain", "30")
        with httpx.Client(base_url=server.url, timeout=60) as client:
            running = submit(client, sound(2.0, tmp_path), prompt="slow 2").json()["id"]
            waiting = submit(client, sound(2.1, tmp_path)).json()["id"]
            wait_until(lambda: client.get(f"/v1/jobs/{running}").json()["stages"])
            told = []
            waiter = threading.Thread(target=lambda: told.append(done(client, waiting)))
            waiter.start()
            time.sleep(0.3)
            assert server.stop() == 0
            waiter.join()
        assert told[0]["status"] == "queued"
        jobs = JobRepository(Database(f"sqlite:///{tmp_path / 'home' / 'trax.db'}"))
        assert jobs.get(running).status is JobStatus.COMPLETED
        assert jobs.get(waiting).status is JobStatus.QUEUED

    def test_uploads_and_streams_end_and_uploads_go_on_after_the_restart(self, own, tmp_path):
        """Each stream is closed, and what has come of an upload is kept."""
        server = own()
        data = sound(150.0, tmp_path)
        half = len(data) // 2
        tus = {"Tus-Resumable": "1.0.0"}
        with httpx.Client(base_url=server.url, timeout=60) as client:
            made = client.post("/v1/uploads", headers=tus | {"Upload-Length": str(len(data))})
            place = made.headers["location"].removeprefix(server.url)
            followed = threading.Thread(target=lambda: list(events(client, "/v1/events")))
            over = threading.Event()
            sent = (server.url, place, data[:half], over)
            sending = threading.Thread(target=send_and_stop, args=sent)
            followed.start()
            sending.start()
            wait_until(lambda: int(client.head(place, headers=tus).headers["upload-offset"]))
            assert server.stop() == 0
            over.set()
            followed.join()
            sending.join()
        server.start()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            come = int(client.head(place, headers=tus).headers["upload-offset"])
            assert 0 < come <= half
            rest = tus | {"Upload-Offset": str(come)}
            rest |= {"Content-Type": "application/offset+octet-stream"}
            answer = client.patch(place, headers=rest, content=data[come:])
            assert answer.headers["upload-offset"] == str(len(data))

    def test_what_takes_too_long_goes_on_after_the_restart(self, own, tmp_path):
        """It is queued again, not cancelled."""
        server = own("--drain", "0")
        with httpx.Client(base_url=server.url, timeout=60) as client:
            job = submit(client, sound(2.0, tmp_path), prompt="slow 5").json()["id"]
            wait_until(lambda: client.get(f"/v1/jobs/{job}").json()["stages"])
        server.stop()
        jobs = JobRepository(Database(f"sqlite:///{tmp_path / 'home' / 'trax.db'}"))
        assert jobs.get(job).status is JobStatus.QUEUED
        server.start()
        with httpx.Client(base_url=server.url, timeout=60) as client:
            assert done(client, job)["status"] == "completed"
