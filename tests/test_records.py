"""`trax jobs`, `checkpoints`, `search`, `db`, `clean`, `prefect`, and doing stages again."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from typer.testing import Result

from trax.cli import batch as batch_module
from trax.compose import open_database, open_jobs, open_objects
from trax.errors import EngineError
from trax.settings import load_settings
from trax.store import FolderStore, JobRequest
from trax.store.schema import NEWEST
from trax.testing import ScriptedEngines
from trax.testing.v1 import fill_v1


@pytest.fixture
def scripted(home, workspace, monkeypatch) -> ScriptedEngines:
    """Scripted engines behind the command, data where the commands look."""
    from dataclasses import replace

    settings = load_settings()
    together = replace(workspace, database=open_database(settings), objects=open_objects(settings))
    monkeypatch.setattr(batch_module, "process_workspace", lambda: together)
    return workspace.engines


@pytest.fixture
def failed(trax, scripted, recording) -> str:
    """The id of a job that failed."""
    scripted.diarize_errors = [EngineError("out of memory")]
    assert trax("transcribe", recording).exit_code == 4
    return json.loads(trax("jobs", "--json").stdout)[0]["id"]


class TestAgain:
    def stages(self, result: Result) -> set[str]:
        """Those that were not kept."""
        return {
            stage
            for stage, run in json.loads(result.stdout)[0]["stages"].items()
            if not run["cached"]
        }

    @pytest.mark.parametrize(
        ("arguments", "redone"),
        [
            ((), set()),
            (("--from", "diarize"), {"diarize", "merge", "annotate", "publish"}),
            (("--from", "recognise"), {"recognise", "enhance", "merge", "annotate", "publish"}),
            (("--from", "publish"), {"publish"}),
            (
                ("--fresh",),
                {"ingest", "recognise", "diarize", "enhance", "merge", "annotate", "publish"},
            ),
        ],
    )
    def test_a_stage_is_done_again_with_those_after_it(
        self, trax, scripted, recording, arguments, redone
    ):
        """And no other."""
        trax("transcribe", recording)
        assert self.stages(trax("transcribe", recording, "--json", *arguments)) == redone
        assert len(json.loads(trax("jobs", "--json").stdout)) == 1

    def test_doing_it_again_makes_no_version_where_nothing_changed(self, trax, scripted, recording):
        """A version where something did."""
        trax("transcribe", recording)
        trax("transcribe", recording, "--fresh")
        assert trax("show", "latest", "--versions").stdout.count("transcribed") == 1
        scripted.text = "good bye."
        trax("transcribe", recording, "--from", "recognise")
        assert trax("show", "latest", "--versions").stdout.count("transcribed") == 2
        assert "bye." in trax("show", "latest").stdout
        assert "hello" in trax("show", "latest", "--version", 1).stdout

    def test_a_stage_that_is_none_is_refused(self, trax, scripted, recording):
        """Before any work."""
        result = trax("transcribe", recording, "--from", "publsh")
        assert result.exit_code == 2
        assert "stages are ingest, recognise" in result.stderr
        assert scripted.calls == []


class TestJobs:
    def test_without_jobs_the_way_on_is_told(self, trax):
        """No empty table."""
        assert "trax transcribe FILE" in trax("jobs").stdout
        assert "no such jobs" in trax("jobs", "--failed").stdout

    def test_failed_jobs_are_listed_with_why(self, trax, failed):
        """Those that went well are not."""
        listed = trax("jobs", "--failed").stdout
        assert failed in listed
        assert "diarize: out of memory" in listed
        assert trax("jobs", "--running").stdout.startswith("There are no such jobs")

    def test_a_job_shows_its_report(self, trax, failed):
        """Stages, causes, options, how to go on."""
        shown = trax("jobs", "show", failed[:4]).stdout
        for part in (
            "recording.wav",
            "failed",
            "ingest",
            "out of memory",
            f"trax jobs retry {failed}",
            "- Attempts: 1",
        ):
            assert part in shown
        assert (
            json.loads(trax("jobs", "show", failed, "--json").stdout)["error"]["stage"] == "diarize"
        )

    def test_one_job_is_done_again(self, trax, failed):
        """With its options; finished stages are kept."""
        result = trax("jobs", "retry", failed)
        assert result.exit_code == 0
        assert Path("transcripts/recording.txt").is_file()
        (job,) = json.loads(trax("jobs", "--json").stdout)
        assert (job["status"], job["attempts"]) == ("completed", 2)

    def test_all_failed_jobs_are_done_again(self, trax, failed, scripted):
        """One by one; what fails again says so and stays in the list."""
        scripted.diarize_errors = [EngineError("again")]
        assert trax("jobs", "retry", "--all", "--quiet").exit_code == 4
        assert "again" in trax("jobs", "--failed").stdout
        assert trax("jobs", "retry", "--all", "--quiet").exit_code == 0
        assert "nothing to do again" in trax("jobs", "retry", "--all").stdout

    def test_a_recording_that_is_gone_is_told(self, trax, failed, recording):
        """With where it was."""
        recording.unlink()
        result = trax("jobs", "retry", failed)
        assert result.exit_code == 2
        assert "there is no such file" in result.stderr

    @pytest.mark.parametrize("arguments", [(), ("abc", "--all")])
    def test_which_jobs_must_be_clear(self, trax, arguments):
        """Named, or all."""
        assert trax("jobs", "retry", *arguments).exit_code == 2


class TestFollowing:
    def test_what_happened_is_a_line_each(self, trax, failed):
        """From the first event to the end, then how it ended."""
        lines = trax("jobs", "follow", failed).stdout.splitlines()
        assert "started   ingest" in lines[0]
        assert any("failed    diarize: out of memory" in line for line in lines)
        assert lines[-1].startswith("failed")

    def test_a_job_shows_what_was_noted(self, trax, failed):
        """On its page, and whole in the JSON."""
        assert "failed    diarize: out of memory" in trax("jobs", "show", failed).stdout
        events = json.loads(trax("jobs", "show", failed, "--json").stdout)["events"]
        assert {"started", "finished", "failed"} <= {event["kind"] for event in events}
        assert all(event["at"] for event in events)

    def test_an_unknown_job_is_refused(self, trax, failed):
        """With where to look."""
        result = trax("jobs", "follow", "ffff")
        assert result.exit_code == 2
        assert "`trax jobs` lists those there are" in " ".join(result.stderr.split())


class TestCancelling:
    def test_a_job_that_runs_elsewhere_is_asked_to_stop(self, trax, scripted, recording):
        """Its process sees the request; until then the list says so."""
        trax("transcribe", recording)
        (job,) = json.loads(trax("jobs", "--json").stdout)
        repository = open_jobs(load_settings())
        request = JobRequest(
            pipeline="transcribe",
            key="d" * 64,
            recording_sha256=job["recording_sha256"],
            name="other.wav",
            source="/other.wav",
            size_bytes=1,
            options=job["options"],
        )
        repository.claim(request, "elsewhere/1/x")
        result = trax("jobs", "cancel", "dddd")
        assert result.exit_code == 0
        assert "stops at its next step" in result.stdout
        assert "being cancelled" in trax("jobs", "--running").stdout

    def test_a_job_that_has_ended_is_refused(self, trax, failed):
        """It says how it ended."""
        result = trax("jobs", "cancel", failed)
        assert result.exit_code == 2
        assert "has ended already: it is failed" in " ".join(result.stderr.split())


class TestCheckpoints:
    def test_they_are_listed(self, trax, scripted, recording):
        """With what they belong to."""
        assert "no checkpoints" in trax("checkpoints").stdout
        trax("transcribe", recording)
        listed = trax("checkpoints").stdout
        assert listed.count("recording.wav") == 7
        assert trax("checkpoints", "--stage", "merge").stdout.count("recording.wav") == 1
        assert len(json.loads(trax("checkpoints", "--json").stdout)) == 7
        assert trax("checkpoints", "--stage", "nothing").exit_code == 2

    def test_damaged_ones_are_shown_as_such(self, trax, scripted, recording):
        """Not hidden."""
        trax("transcribe", recording)
        open_objects(load_settings()).put_bytes("checkpoints/merge/x.json", b"?")
        assert "damaged" in trax("checkpoints").stdout

    def test_pruning_removes_what_is_old_enough(self, trax, scripted, recording):
        """Of one stage, of one recording; a dry run removes nothing."""
        trax("transcribe", recording)
        assert trax("checkpoints", "prune").stdout.startswith("removed 0")
        assert trax("checkpoints", "prune", "--older-than", 0, "--dry-run").stdout.startswith(
            "would remove 7"
        )
        assert trax(
            "checkpoints", "prune", "--older-than", 0, "--recording", "other.wav"
        ).stdout.startswith("removed 0")
        assert trax(
            "checkpoints", "prune", "--older-than", 0, "--stage", "merge"
        ).stdout.startswith("removed 1")
        assert trax(
            "checkpoints", "prune", "--older-than", 0, "--recording", "recording.wav"
        ).stdout.startswith("removed 6")
        assert "checkpoint.pruned" in trax("db", "log").stdout
        assert trax("transcribe", recording).exit_code == 0


class TestSearch:
    def test_hits_are_shown_with_where(self, trax, scripted, recording):
        """And what was said."""
        trax("transcribe", recording)
        shown = trax("search", "HELLO").stdout
        assert "recording.wav" in shown
        assert "0:00" in shown
        assert json.loads(trax("search", "hel*", "--json").stdout)[0]["text"] == "hello"
        assert "Nobody said that" in trax("search", "nothing").stdout

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (("hello", "-grain"), 1),
            (("hello", "-there"), 0),
            (("-there", "hello"), 0),
            (("-h2o", "hello", "--most", "3"), 1),
            (("--most=3", "hello", "-most"), 1),
            (("--", "hello", "-there"), 0),
        ],
    )
    def test_a_word_after_a_minus_is_left_out(self, trax, scripted, recording, query, found):
        """It is no option, wherever it stands and whatever it begins with."""
        scripted.text = "hello there"
        trax("transcribe", recording, "--speakers", "1")
        result = trax("search", "--json", *query)
        assert result.exit_code == 0
        assert len(json.loads(result.stdout)) == found

    def test_an_unknown_option_is_refused(self, trax, scripted):
        """It may be a slip of the pen."""
        assert trax("search", "hello", "--mots", "3").exit_code == 2
        assert "Find what was said" in trax("search", "hello", "-h").stdout

    def test_a_query_without_words_is_refused(self, trax, scripted):
        """With one sentence."""
        result = trax("search", "***")
        assert result.exit_code == 2
        assert "at least one word" in result.stderr


class TestDatabase:
    def test_status_says_which_and_whether(self, trax, scripted):
        """Revision and number."""
        assert trax("db", "status").stdout.startswith(f"sqlite, revision {NEWEST}")

    def test_a_database_of_v1_goes_there_and_back(self, trax, home):
        """With a report each way; a job before it says what to run."""
        home.mkdir(parents=True)
        engine = create_engine(f"sqlite:///{home / 'trax.db'}")
        with engine.begin() as connection:
            fill_v1(connection, 60)
        engine.dispose()
        assert trax("db", "status").exit_code == 3
        assert "run `trax db upgrade`" in trax("show").stderr.replace("\n", " ")
        trial = trax("db", "upgrade", "--dry-run").stdout
        assert "60  v1 transcripts" in trial
        assert f"would go from v1 to revision {NEWEST}" in trial
        assert trax("db", "upgrade").stdout.endswith(f"went from v1 to revision {NEWEST}.\n")
        assert "already" in trax("db", "upgrade").stdout
        assert "v1-" in trax("show").stdout
        assert "v1's again" in trax("db", "back-to-v1").stdout

    def test_the_log_says_what_was_done(self, trax, scripted, recording):
        """By whom."""
        trax("transcribe", recording)
        assert "transcript.saved" in trax("db", "log").stdout
        assert json.loads(trax("db", "log", "--json", "--most", 1).stdout)[0]["actor"]


class TestClean:
    def test_what_is_old_goes(self, trax, scripted, recording):
        """A dry run first."""
        trax("transcribe", recording)
        store = open_objects(load_settings())
        assert isinstance(store, FolderStore)
        old = (datetime.now(UTC) - timedelta(days=31)).timestamp()
        for found in list(store.list("checkpoints/")):
            os.utime(store.path(found.key), (old, old))
        assert "would remove 15 objects" in trax("clean", "--dry-run").stdout
        first = trax("clean").stdout
        assert "expired checkpoint" in first
        assert [
            found.key for found in store.list("checkpoints/") if found.key.count("/") == 2
        ] == []
        assert "removed 0 objects" in trax("clean").stdout
