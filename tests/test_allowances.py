"""How much each user or token may ask for."""

import time
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from trax.errors import StoreUnavailable, TooManyRequests
from trax.service import tokens
from trax.service.access import Caller
from trax.service.allowances import Allowances, check_minutes
from trax.service.counting import Requests
from trax.service.opening import allowances_for, find_caller
from trax.settings import Settings
from trax.store.request_counts import RequestCountRepository
from trax.testing import tone, write_audio
from trax.testing.web_server import scripted_service
from trax.web.app import create_app


@pytest.fixture
def service(tmp_path):
    return scripted_service(tmp_path / "home", token="owner")


def client_of(service, secret: str) -> TestClient:
    headers = {"Authorization": f"Bearer {secret}"}
    return TestClient(create_app(service), base_url="http://localhost", headers=headers)


def secret_of(service, name: str) -> str:
    return tokens.create(service.workspace.tokens, name, ["read", "jobs"]).secret


def test_who_asks_too_often_must_wait(service):
    """And is told how long; every answer says what is left. Others are not concerned, nor is the
    service's own token.
    """
    service = replace(service, allowances=Allowances(requests=3))
    app = create_app(service)

    def ask(secret):
        client = TestClient(app, base_url="http://localhost")
        return client.get("/v1/jobs", headers={"Authorization": f"Bearer {secret}"})

    one, other = secret_of(service, "one"), secret_of(service, "other")
    answers = [ask(one) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"requests";r=2;t=')
    refused = answers[-1]
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert (refused.json()["transient"], refused.json()["status"]) == (True, 429)
    assert ask(other).status_code == 200
    assert {ask("owner").status_code for _ in range(5)} == {200}


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is put forward, thirty seconds before a minute ends."""
    at = [60_000_030.0]
    monkeypatch.setattr(time, "time", lambda: at[0])
    return at


@pytest.fixture
def anna():
    return Caller(id="anna", name="anna", scopes=frozenset({"read"}))


def asked(requests: Requests, caller: Caller, times: int) -> int:
    """How many of so many requests were answered."""
    return sum(not requests.count(caller).is_refused for _ in range(times))


def test_several_services_count_together(database, anna):
    """Who has asked all they may in one of them is refused by the others; what they have asked
    there is counted once.
    """
    shared = RequestCountRepository(database)
    here, there = (Requests(Allowances(requests=10), shared) for _ in range(2))
    assert (asked(here, anna, 4), asked(there, anna, 1)) == (4, 1)
    for _ in range(3):
        here.exchange()
        there.exchange()
    assert asked(there, anna, 3) == 3
    there.exchange()
    assert asked(here, anna, 1) == 1
    here.exchange()
    assert (asked(here, anna, 2), asked(there, anna, 1)) == (1, 1)
    here.exchange()
    there.exchange()
    assert (asked(here, anna, 1), asked(there, anna, 1)) == (0, 0)
    ben = replace(anna, id="ben")
    assert asked(here, ben, 11) == 10


def test_a_service_counts_alone_while_the_database_is_away(database, anna, monkeypatch):
    """And tells the others afterwards."""
    shared = RequestCountRepository(database)
    here, there = (Requests(Allowances(requests=10), shared) for _ in range(2))
    with monkeypatch.context() as away:
        away.setattr(shared, "add", raising(StoreUnavailable("away", "short")))
        assert asked(here, anna, 9) == 9
        here.exchange()
        assert asked(here, anna, 2) == 1
    here.exchange()
    assert asked(there, anna, 1) == 1
    there.exchange()
    assert asked(there, anna, 1) == 0


def raising(error):
    def fail(*_given):
        raise error

    return fail


@pytest.mark.parametrize("before", [0, 1, 3, 5])
def test_who_waits_as_long_as_they_were_told_is_answered(clock, database, anna, before):
    """However much was asked the minute before, here or elsewhere; and not much sooner."""
    shared = RequestCountRepository(database)
    here, there = (Requests(Allowances(requests=5), shared) for _ in range(2))
    asked(there, anna, before)
    there.exchange()
    clock[0] += 60
    asked(here, anna, 5)
    left = here.count(anna)
    assert (left.is_refused, left.remaining) == (True, 0)
    clock[0] += left.seconds
    assert asked(here, anna, 1) == 1


def test_so_many_jobs_at_a_time(service, tmp_path):
    """One more is refused until one has ended; a job that is known is shown all the same."""
    service = replace(service, allowances=Allowances(jobs=1))
    client = client_of(service, secret_of(service, "one"))

    def submit(seconds):
        data = write_audio(tmp_path / "a.wav", tone(seconds)).read_bytes()
        upload = client.put("/v1/uploads/a.wav", content=data).json()["id"]
        return client.post("/v1/jobs", json={"upload": upload})

    first = submit(2.0)
    assert first.status_code == 202
    refused = submit(2.1)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert submit(2.0).json()["id"] == first.json()["id"]
    url = f"/v1/jobs/{first.json()['id']}"
    client.post(f"{url}/cancel")
    assert submit(2.1).status_code == 202
    assert client.post(f"{url}/retry").status_code == 429
    assert client.post("/v1/jobs/retry", json={"jobs": []}).status_code == 429
    assert client.get(url).json()["status"] == "cancelled"
    assert client_of(service, "owner").post(f"{url}/retry").status_code == 202


def test_so_many_minutes_a_day_and_month(service, tmp_path, monkeypatch):
    """By how long recordings were; tomorrow there are more."""
    secret = secret_of(service, "one")
    from trax.service.opening import Known

    caller = find_caller(Known.of(service.workspace), secret)
    jobs = service.workspace.jobs
    monkeypatch.setattr(type(jobs), "duration", lambda *_: 59.0)
    for allowances in (Allowances(day_minutes=1), Allowances(month_minutes=1)):
        check_minutes(allowances, jobs, caller)
    monkeypatch.setattr(type(jobs), "duration", lambda *_: 60.0)
    with pytest.raises(TooManyRequests, match="today") as refused:
        check_minutes(Allowances(day_minutes=1), jobs, caller)
    assert 0 < refused.value.seconds <= 86_400
    with pytest.raises(TooManyRequests, match="this month"):
        check_minutes(Allowances(month_minutes=1), jobs, caller)


def test_minutes_are_those_of_ones_own_recordings(database):
    """Since the time that is asked for."""
    from datetime import UTC, datetime, timedelta

    from trax.store import JobQueue, JobRepository, JobRequest
    from trax.store.rows import put_recording

    request = JobRequest(
        pipeline="transcribe",
        key="k" * 64,
        recording_sha256="a",
        name="a",
        source="a",
        size_bytes=1,
        options={},
        account="anna",
    )
    JobQueue(database).put(request)
    with database.writing() as session:
        put_recording(session, "a", "a", 1, 90.0)
    jobs, today = JobRepository(database), datetime.now(UTC) - timedelta(hours=1)
    assert (jobs.duration("anna", today), jobs.duration("bea", today)) == (90.0, 0.0)
    assert jobs.duration("anna", datetime.now(UTC) + timedelta(hours=1)) == 0.0


def test_a_laptop_has_no_limits(monkeypatch):
    """Unless the settings say so; any other service has sensible ones."""
    settings = Settings()
    assert allowances_for("127.0.0.1", settings) == Allowances()
    assert allowances_for("0.0.0.0", settings) == Allowances(requests=1200, jobs=200)
    monkeypatch.setenv("TRAX_SERVICE_REQUESTS", "0")
    monkeypatch.setenv("TRAX_SERVICE_DAY_MINUTES", "600")
    set_ones = allowances_for("0.0.0.0", Settings())
    assert set_ones == Allowances(jobs=200, day_minutes=600)
