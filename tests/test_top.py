"""What is at work is seen live, here and over the network."""

import json

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
