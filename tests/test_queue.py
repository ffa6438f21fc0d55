"""The queue of jobs: each is taken once, and none is lost."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trax.errors import InvalidOption, TooManyRequests
from trax.progress import Heard
from trax.store import JobQueue, JobRepository, JobRequest, JobStatus, Key, new_owner

REQUEST = JobRequest(
    pipeline="transcribe",
    key="ab" * 32,
    recording_sha256="cd" * 32,
    name="x.wav",
    source="object:uploads/x",
    size_bytes=7,
    options={"formats": ["txt"]},
)


def request(number: int) -> JobRequest:
    return replace(REQUEST, key=f"{number:064x}"[::-1])


@pytest.fixture
def queue(database):
    return JobQueue(database)


@pytest.fixture
def jobs(database):
    return JobRepository(database)


def dead(owner: str) -> str:
    """The same owner, in a process that has ended."""
    host, _process, rest = owner.split("/")
    return f"{host}/{2**22 - 1}/{rest}"


def test_those_that_have_waited_longest_come_first(queue):
    """And nothing comes twice."""
    for number in range(3):
        assert queue.put(request(number))
    assert [queue.take("me").request.id for _ in range(3)] == [request(at).id for at in range(3)]
    assert queue.take("me") is None


def test_what_is_taken_is_what_was_put(queue, jobs):
    """With the recording's size; the first attempt at it."""
    queue.put(REQUEST)
    taken = queue.take("me")
    assert (taken.request, taken.attempt) == (REQUEST, 1)
    assert jobs.get(REQUEST.id).status is JobStatus.RUNNING


def test_several_take_from_it_at_once(queue):
    """Every job is taken by one of them."""
    for number in range(24):
        queue.put(request(number))

    def take_all(_worker: int) -> list[str]:
        taken = []
        while (found := queue.take(new_owner())) is not None:
            taken.append(found.request.id)
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [job for some in pool.map(take_all, range(4)) for job in some]
    assert sorted(taken) == sorted(request(at).id for at in range(24))


def test_a_job_that_is_done_is_not_done_again(queue, jobs):
    """Unless somebody says so."""
    queue.put(REQUEST)
    queue.take("me")
    jobs.complete(REQUEST.id, "me")
    assert not queue.put(REQUEST)
    assert queue.take("me") is None
    assert queue.put_again(REQUEST.id)
    assert queue.take("me").attempt == 2


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_job_that_failed_is_done_again_when_it_is_asked_for(queue, jobs, status):
    """Or was cancelled."""
    queue.put(REQUEST)
    queue.take("me")
    jobs.fail(REQUEST.id, "me", {"error": "no"}, status)
    assert queue.put(REQUEST)
    job = jobs.get(REQUEST.id)
    assert (job.status, job.error) == (JobStatus.QUEUED, None)


def test_what_a_dead_process_has_left_is_queued_again(queue, jobs):
    """At its old place; what a living one works on is not."""
    for number in range(3):
        queue.put(request(number))
    queue.take(dead(new_owner()))
    living = queue.take(new_owner())
    assert queue.take_back() == [request(0).id]
    assert queue.take("me").request.id == request(0).id
    assert jobs.get(living.request.id).status is JobStatus.RUNNING


def test_what_was_to_be_cancelled_is_not_done_after_all(queue, jobs):
    """Its process died before it could stop."""
    queue.put(REQUEST)
    queue.take(dead(new_owner()))
    jobs.cancel(REQUEST.id)
    queue.take_back()
    assert jobs.get(REQUEST.id).status is JobStatus.CANCELLED
    assert queue.take("me") is None


def test_work_of_other_commands_is_left_to_them(queue, jobs):
    """A job that nobody queued is nobody's business here, even if it is lost."""
    jobs.claim(REQUEST, dead(new_owner()))
    assert queue.take_back() == []
    assert not queue.put(REQUEST)
    assert queue.take_back() == [REQUEST.id]


def test_a_key_is_remembered_for_whoever_used_it(queue):
    """It stands for the first request; another caller may use the same."""
    mine, theirs = Key("me", "k"), Key("them", "k")
    assert queue.put(REQUEST, mine)
    assert not queue.put(REQUEST, mine)
    with pytest.raises(InvalidOption, match="another request"):
        queue.put(request(1), mine)
    assert queue.put(request(1), theirs)
    assert (queue.known(mine), queue.known(theirs)) == (REQUEST.id, request(1).id)


def test_an_old_key_is_forgotten(queue):
    """And may stand for another request."""
    key = Key("me", "k")
    queue.put(REQUEST, key)
    queue.forget_keys_before(datetime.now(UTC) - timedelta(minutes=1))
    assert queue.known(key) == REQUEST.id
    queue.forget_keys_before(datetime.now(UTC) + timedelta(minutes=1))
    assert queue.put(request(1), key)


def test_a_request_under_a_known_key_starts_nothing(queue, jobs):
    """Not even if the job has failed meanwhile."""
    queue.put(REQUEST, Key("me", "k"))
    queue.take("me")
    jobs.fail(REQUEST.id, "me", {"error": "no"})
    assert not queue.put(REQUEST, Key("me", "k"))
    assert jobs.get(REQUEST.id).status is JobStatus.FAILED


def test_events_say_when_a_job_was_queued(queue, jobs):
    """Each time."""
    queue.put(REQUEST)
    queue.take(dead(new_owner()))
    queue.take_back()
    told = [(event.kind, event.attempt) for event in jobs.events(REQUEST.id)]
    assert told == [("queued", 0), ("queued", 1)]


def test_what_was_recognised_is_known_until_the_job_ends(queue, jobs):
    """Each passage once, however often it is told; work that begins anew hears anew."""
    queue.put(request(0))
    job_id = queue.take("me").request.id
    passages = [Heard(0.0, 1.0, "good"), Heard(1.0, 2.0, "day")]
    jobs.keep(job_id, 1, (), (), passages[:1], 0)
    jobs.keep(job_id, 1, (), (), passages, 0)
    assert (jobs.heard(job_id), jobs.heard(job_id, 1)) == (passages, passages[1:])
    assert jobs.standing() == {job_id: ("", 0.0, 2)}
    queue.give_back(job_id, "me")
    queue.take("me")
    assert jobs.heard(job_id) == []
    jobs.keep(job_id, 2, (), (), passages[:1], 0)
    jobs.complete(job_id, "me")
    assert (jobs.heard(job_id), jobs.standing()) == ([], {})


def test_what_was_recognised_is_forgotten_however_a_job_ends(queue, jobs):
    """Cancelled while it waited again, or by nobody; nothing is added once it has ended."""
    passage = [Heard(0.0, 1.0, "good")]
    for number, owner in enumerate(("me", dead(new_owner()))):
        queue.put(request(number))
        job_id = queue.take(owner).request.id
        jobs.keep(job_id, 1, (), (), passage)
        assert jobs.heard(job_id) == passage
        if owner == "me":
            queue.give_back(job_id, owner)
        jobs.cancel(job_id)
        queue.take_back()
        assert jobs.get(job_id).status is JobStatus.CANCELLED
        assert jobs.heard(job_id) == []
        jobs.keep(job_id, 1, (), (), passage)
        assert jobs.heard(job_id) == []


def test_several_at_once_are_as_many_as_one_may_have(queue, jobs):
    """Whoever asks for twenty jobs in the same moment, in several services, has the three that
    they may; one that is there already is none more.
    """
    asked = [replace(request(each), account="anna") for each in range(20)]

    def put(each) -> bool:
        try:
            return queue.put(each, most=3)
        except TooManyRequests as error:
            assert error.seconds > 0
            return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(put, asked)) == 3
    there = [each for each in asked if jobs.known([each.id])]
    assert len(there) == 3
    assert queue.put(there[0], most=3) is False
    jobs.cancel(there[0].id)
    assert queue.put(replace(request(20), account="anna"), most=3)
