"""The flow on a real Prefect server, with scripted engines: states, retries, artifacts, the
form.
"""

import asyncio
import base64
import json
import os
import sys
import threading
import uuid
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.sorting import LogSort
from prefect.flow_engine import run_flow_async
from prefect.flows import load_flow_from_entrypoint

from trax import compose
from trax.errors import EngineError, StoreUnavailable, TraxError, UnreadableAudio
from trax.export import FORMATS
from trax.orchestration.flows import flow_entrypoint
from trax.pipelines.transcribe import TRANSCRIBE
from trax.stages.options import TranscribeOptions
from trax.store import Database, FolderStore
from trax.store.s3 import S3Store
from trax.testing import ScriptedModel
from trax.testing.servers import S3Server
from trax.work import retry as patience
from trax.work.hold import take

ROOT = Path(__file__).resolve().parents[1]
FLOWS = sorted((ROOT / "flows").glob("*.py"))

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def flow(workspace, monkeypatch):
    """The flow, with the test's workspace in every task, and no waiting between tries."""
    monkeypatch.syspath_prepend(str(ROOT))
    from flows.transcribe import transcribe

    use(monkeypatch, workspace)
    tasks = import_module("tasks.stages")
    for name in TRANSCRIBE.names:
        monkeypatch.setattr(getattr(tasks, name).task, "retry_delay_seconds", [0.0])
    return transcribe


def use(monkeypatch, workspace) -> None:
    """Let every task work in *workspace*."""
    for name in ("stages", "browse", "job"):
        monkeypatch.setattr(import_module(f"tasks.{name}"), "process_workspace", lambda: workspace)


def run(flow, recording: Path, **options):
    """The flow's result."""
    return asyncio.run(flow(str(recording), TranscribeOptions(**options)))


def states(run_name: str) -> dict[str, str]:
    """The final state's name of each task of the newest flow run called *run_name*."""

    async def ask() -> dict[str, str]:
        async with get_client() as client:
            runs = await client.read_flow_runs(limit=200)
            newest = max(
                (each for each in runs if each.name == run_name), key=lambda each: each.start_time
            )
            for _ in range(100):
                tasks = await client.read_task_runs(
                    flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[newest.id])), limit=50
                )
                if tasks and all(task.state and task.state.is_final() for task in tasks):
                    break
                await asyncio.sleep(0.1)
            return {task.name.rsplit("-", 1)[0]: task.state.name for task in tasks}

    return asyncio.run(ask())


def artifacts(run_name: str) -> dict[str, object]:
    """The artifacts of the newest flow run called *run_name*, by key."""

    async def ask() -> dict[str, object]:
        async with get_client() as client:
            runs = await client.read_flow_runs(limit=200)
            newest = max(
                (each for each in runs if each.name == run_name), key=lambda each: each.start_time
            )
            wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[newest.id]))
            found = await client.read_artifacts(artifact_filter=wanted, limit=100)
            return {artifact.key or str(uuid.uuid4()): artifact for artifact in found}

    return asyncio.run(ask())


class TestFlow:
    def test_a_recording_becomes_a_transcript(self, flow, workspace, recording):
        """The same result as plain Python gives."""
        result = run(flow, recording, formats=("txt", "srt"))
        assert workspace.repository.get(result.transcript_id).text == "hello there."
        assert set(result.exports) == {"txt", "srt"}
        assert [stage.stage for stage in result.runs] == list(TRANSCRIBE.names)
        found = states(str(recording))
        assert {name for name, state in found.items() if state == "Skipped"} == {
            "enhance",
            "annotate",
        }
        assert set(found.values()) == {"Completed", "Skipped"}

    def test_what_a_language_model_did_is_an_artifact(self, flow, recording, engines):
        """Edits that were made, edits that were not, and what it cost."""
        engines.confidence = 0.4
        engines.model = ScriptedModel(
            lambda _question: '{"edits": ["1: there => their", "1: hello => zebra"]}'
        )
        run(flow, recording)
        (made,) = [
            each for key, each in artifacts(str(recording)).items() if key.startswith("edits-")
        ]
        assert [row["made"] for row in json.loads(made.data)] == ["yes", "it sounds different"]
        assert "1 request" in made.description

    def test_a_second_run_is_cached_and_the_ui_says_so(self, flow, recording, engines):
        """Each stage's state is named Cached; no engine is asked."""
        run(flow, recording)
        run(flow, recording)
        found = states(str(recording))
        assert {name for name, state in found.items() if state == "Cached"} == {
            "ingest",
            "recognise",
            "diarize",
            "merge",
            "publish",
        }
        assert len(engines.calls) == 2

    def test_a_transient_error_is_tried_again(self, flow, recording, engines):
        """The store was away for a moment."""
        engines.recognise_errors = [StoreUnavailable("away"), StoreUnavailable("still away"), None]
        run(flow, recording)
        assert engines.calls.count("recognise") == 3
        assert engines.calls.count("diarize") == 1

    def test_any_other_error_is_not(self, flow, recording, engines):
        """Bad input stays bad; the first cause is what the caller gets."""
        engines.diarize_errors = [EngineError("out of memory")]
        with pytest.raises(EngineError, match="out of memory"):
            run(flow, recording)
        assert engines.calls.count("diarize") == 1

    def test_what_is_no_audio_fails_with_its_sentence(self, flow, tmp_path, engines):
        """Nothing after ingest runs."""
        (tmp_path / "text.mp3").write_text("Dear all,\n" * 100)
        with pytest.raises(UnreadableAudio, match="no audio or video format"):
            run(flow, tmp_path / "text.mp3")
        assert engines.calls == []

    def test_a_failed_run_picks_up_where_it_stopped(self, flow, recording, engines):
        """Finished stages are not repeated."""
        engines.diarize_errors = [EngineError("once")]
        with pytest.raises(EngineError):
            run(flow, recording)
        result = run(flow, recording)
        assert {stage.stage for stage in result.runs if stage.cached} - {"enhance"} == {
            "ingest",
            "recognise",
        }

    def test_a_failed_run_leaves_its_report(self, flow, recording, engines, workspace):
        """As an artifact under the recording's key, and in the job's row with the run's id."""
        engines.diarize_errors = [EngineError("out of memory")]
        with pytest.raises(EngineError):
            run(flow, recording)
        (job,) = workspace.jobs.newest()
        report = artifacts(str(recording))[f"failure-{job.recording_sha256[:8]}"].data
        assert "out of memory" in report
        assert "retry the job" in report
        assert job.id in report
        assert uuid.UUID(job.flow_run_id)
        assert (job.status, job.stage) == ("failed", "diarize")

    def test_a_stage_can_be_done_again_from_the_form(self, flow, recording, engines):
        """With those after it."""
        run(flow, recording)
        result = asyncio.run(flow(str(recording), TranscribeOptions(), "diarize"))
        assert {stage.stage for stage in result.runs if not stage.cached} == {
            "diarize",
            "merge",
            "annotate",
            "publish",
        }
        assert engines.calls.count("recognise") == 1

    def test_two_runs_of_one_recording_are_one_job(self, flow, recording, engines, workspace):
        """The second waits for the first."""

        async def both():
            return await asyncio.gather(
                *(flow(str(recording), TranscribeOptions()) for _ in range(2))
            )

        first, second = asyncio.run(both())
        assert first.transcript_id == second.transcript_id
        assert sorted(engines.calls) == ["diarize", "recognise"]
        assert len(workspace.jobs.newest()) == 1

    def test_retries_are_counted(self, flow, recording, engines, workspace):
        """In the stage's row."""
        engines.recognise_errors = [StoreUnavailable("away"), None]
        result = run(flow, recording)
        runs = {stage.stage: stage.retries for stage in workspace.jobs.stage_runs(result.job_id)}
        assert runs["recognise"] == 1
        assert runs["diarize"] == 0

    def test_recognition_and_diarization_are_submitted_together(self, flow, recording, engines):
        """Each waits for the other to have begun."""
        barrier = threading.Barrier(2, timeout=60)
        recognise, begin = engines.recognise, engines.begin
        engines.recognise = lambda *arguments: (barrier.wait(), recognise(*arguments))[1]
        engines.begin = lambda *arguments: (barrier.wait(), begin(*arguments))[1]
        assert run(flow, recording).transcript_id


class TestOutages:
    def test_postgres_may_go_and_come_back(
        self, flow, workspace, recording, tmp_path, monkeypatch, new_postgres
    ):
        """Prefect waits and tries again; one job, one transcript."""
        import tasks.stages

        server = new_postgres()
        database = Database(server.new_database())
        database.upgrade()
        monkeypatch.setattr(tasks.stages.publish.task, "retry_delay_seconds", [5.0])
        monkeypatch.setattr(patience, "RETRY_DELAYS", [1.0] * 20)
        together = replace(workspace, database=database)
        use(monkeypatch, together)
        recognise = together.engines.recognise

        def interrupting(*arguments):
            server.stop()
            threading.Timer(2.0, server.start).start()
            return recognise(*arguments)

        together.engines.recognise = interrupting
        result = run(flow, recording)
        assert states(str(recording))["publish"] == "Completed"
        (job,) = together.jobs.newest()
        assert (job.status, job.transcript_id, job.attempts) == (
            "completed",
            result.transcript_id,
            1,
        )
        assert len(together.repository.summaries()) == 1
        assert len(together.jobs.stage_runs(job.id)) == 7
        database.close()

    def test_an_object_store_may_be_away_for_long(
        self, flow, workspace, recording, tmp_path, monkeypatch
    ):
        """Nothing is computed again, and no task is retried: what was made waits for the store."""
        server = S3Server(tmp_path / "s3")
        store = S3Store(server.config(), FolderStore(tmp_path / "cache"))
        together = replace(workspace, objects=store)
        monkeypatch.setattr(patience, "RETRY_DELAYS", [0.1] * 3)
        use(monkeypatch, together)
        begin = together.engines.begin

        def interrupting(*arguments):
            server.stop()
            threading.Timer(2.0, server.start).start()
            return begin(*arguments)

        together.engines.begin = interrupting
        result = run(flow, recording)
        server.stop()
        assert sorted(together.engines.calls) == ["diarize", "recognise"]
        assert {run.retries for run in result.runs} == {0}
        assert set(states(str(recording)).values()) <= {"Completed", "Cached", "Skipped"}


class TestWaiting:
    def test_a_run_says_whom_it_waits_for(self, flow, workspace, recording, monkeypatch):
        """In its log, at once; the job's events say who waits."""
        from trax.pipelines.transcribe import identify

        said = []
        monkeypatch.setattr("tasks.policy.get_run_logger", lambda: _Log(said))
        hold = take(workspace, identify(workspace, recording, TranscribeOptions()))
        threading.Timer(3.0, hold.end).start()
        run(flow, recording)
        assert [text for text in said if text.startswith(f"another process (process {os.getpid()}")]
        (job,) = workspace.jobs.newest()
        assert any(
            f"process {os.getpid()}" in event.text and "waits for this" in event.text
            for event in workspace.jobs.events(job.id)
        )


class _Log:
    def __init__(self, said):
        self._said = said

    def info(self, message):
        self._said.append(message)


class TestArtifacts:
    @pytest.fixture
    def left(self, flow, recording):
        run(flow, recording, formats=("txt", "docx"))
        return artifacts(str(recording))

    def by_type(self, left, kind):
        return [artifact for artifact in left.values() if artifact.type == kind]

    def test_the_transcript_can_be_read(self, left):
        """As Markdown, under a key that stays the same for the recording."""
        (artifact,) = (found for key, found in left.items() if key.startswith("transcript-"))
        assert artifact.type == "markdown"
        assert "**Speaker 1** (0:00)" in artifact.data

    def test_stages_are_a_table(self, left):
        """Seconds, speed, memory, cache."""
        (artifact,) = self.by_type(left, "table")
        for column in (
            "stage",
            "seconds",
            "from cache",
            "times faster than real time",
            "peak memory (MB)",
        ):
            assert column in artifact.data

    def test_who_spoke_when_is_a_picture(self, left):
        """Inside the artifact: no file server is needed."""
        (artifact,) = (found for key, found in left.items() if key.startswith("timeline-"))
        assert artifact.type == "markdown"
        picture = artifact.data.removeprefix("![Who spoke when](").removesuffix(")\n")
        assert b"<svg" in base64.b64decode(picture.removeprefix("data:image/svg+xml;base64,"))

    def test_exports_in_a_folder_are_named(self, left):
        """A path to copy for each format, since browsers follow no link to a file."""
        exports = {key: found for key, found in left.items() if key.startswith("export-")}
        assert {key.split("-")[1] for key in exports} == {"txt", "docx"}
        for found in exports.values():
            assert found.type == "markdown"
            assert Path(found.data.split("```")[1].strip()).is_file()

    def test_exports_on_a_server_are_linked(
        self, flow, recording, workspace, s3_server, tmp_path, monkeypatch
    ):
        """The browser shows them under the recording's name."""
        objects = S3Store(s3_server.config(), FolderStore(tmp_path / "cache"))
        use(monkeypatch, replace(workspace, objects=objects))
        run(flow, recording, formats=("srt", "docx"))
        shown = {}
        for key, artifact in artifacts(str(recording)).items():
            if not key.startswith(("export-", "audio-")):
                continue
            with urlopen(artifact.data.split("(", 1)[1].rstrip(")")) as answer:
                saved = answer.headers["Content-Disposition"].rpartition("'")[2]
                shown[saved] = answer.headers["Content-Type"]
        assert shown.keys() >= {"recording.srt", "recording.flac", "recording.docx"}
        assert shown["recording.srt"] == "text/plain; charset=utf-8"
        assert shown["recording.flac"] == "audio/flac"
        assert "wordprocessingml" in shown["recording.docx"]

    def test_each_names_its_recording(self, left):
        """In a list of artifacts of many runs."""
        assert left
        named = [found for found in left.values() if found.type]
        assert len(named) >= 6
        assert all(found.description.startswith("recording.wav: ") for found in named)

    def test_a_slow_stage_shows_its_progress(self, flow, recording, engines, monkeypatch):
        """A bar that ends at a hundred."""
        import tasks.policy

        monkeypatch.setattr(tasks.policy, "_EVERY", 0.0)
        run(flow, recording)
        shown = [each for each in artifacts(str(recording)).values() if each.type == "progress"]
        assert len(shown) >= 2
        assert all(float(each.data) == 100.0 for each in shown)

    def test_a_server_that_is_away_costs_no_work(self, flow, recording, monkeypatch):
        """Progress is for looking at."""
        import httpx

        import tasks.policy

        def away(*_arguments, **_options):
            raise httpx.ConnectError("away")

        monkeypatch.setattr(tasks.policy, "_EVERY", 0.0)
        monkeypatch.setattr(tasks.policy, "create_progress_artifact", away)
        assert run(flow, recording).transcript_id


class TestForm:
    def test_parameters_have_titles_descriptions_and_bounds(self, flow):
        """A person fills this in."""
        schema = flow.parameters.model_dump()
        assert all(field["description"] for field in schema["properties"].values())
        assert schema["properties"]["recording"]["minLength"] == 1
        assert schema["required"] == ["recording"]
        recognition = schema["definitions"]["RecognitionOptions"]["properties"]
        assert recognition["plan"]["enum"] == ["fast", "balanced", "accurate"]
        assert {"passes", "hotwords", "multilingual"} <= recognition.keys()

    def test_the_stages_to_choose_from_are_those_there_are(self, flow):
        """No list of its own."""
        (choice, _none) = flow.parameters.model_dump()["properties"]["redo_from"]["anyOf"]
        assert choice["enum"] == list(TRANSCRIBE.names)

    def test_formats_are_chosen_from_those_there_are(self, flow):
        """The server refuses any other before a worker is asked."""
        schema = flow.parameters.model_dump()
        options = schema["definitions"]["TranscribeOptions"]["properties"]
        assert options["formats"]["items"]["enum"] == list(FORMATS)
        from flows.export import export

        formats = export.parameters.model_dump()["properties"]["formats"]
        assert formats["items"]["enum"] == list(FORMATS)


BAD_OPTIONS = [
    ({"recognition": {"beam_size": 99}}, "beam_size: "),
    ({"diarization": {"min_speakers": 5, "max_speakers": 2}}, "at least must not exceed at most"),
    ({"formats": ["pdf"]}, "formats: there is no format 'pdf'"),
    ({"recognition": {"model": "large-v9"}}, "model 'large-v9' is not available"),
    ({"diarization": {"model": "nobody"}}, "model 'nobody' is not available"),
    ({"colour": "red"}, "colour: "),
]


def run_named(name: str):
    """The newest flow run called *name*."""

    async def ask():
        async with get_client() as client:
            runs = await client.read_flow_runs(limit=200)
            return max((each for each in runs if each.name == name), key=lambda run: run.start_time)

    return asyncio.run(ask())


def logged(name: str) -> list[str]:
    """What the Logs tab shows of the newest flow run called *name*, its tasks' lines included."""
    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_named(name).id]))

    async def ask() -> list[str]:
        async with get_client() as client:
            for _ in range(100):
                found = await client.read_logs(wanted, limit=200, sort=LogSort.TIMESTAMP_ASC)
                ends = [line for line in found if "Finished in state" in line.message]
                if any(line.task_run_id is None for line in ends):
                    break
                await asyncio.sleep(0.1)
            return [line.message for line in found]

    return asyncio.run(ask())


class TestEnds:
    """A run that cannot succeed says why in one sentence: in its state, its log, an artifact."""

    def ended(self, flow, recording, options=None) -> tuple[str, list[str], str]:
        """Message, log and failure artifact of a run that fails."""
        with pytest.raises(TraxError):
            asyncio.run(flow(str(recording), options or {}))
        state = run_named(str(recording)).state
        assert state.name == "Failed"
        left = artifacts(str(recording))
        (report,) = (found.data for key, found in left.items() if key.startswith("failure-"))
        return state.message, logged(str(recording)), report

    @pytest.mark.parametrize(("options", "sentence"), BAD_OPTIONS)
    def test_options_that_make_no_sense(self, flow, recording, engines, options, sentence):
        """Before any stage runs."""
        message, log, report = self.ended(flow, recording, options)
        assert sentence in message
        assert "\n" not in message
        assert message in log
        assert "Traceback" not in "".join(log)
        assert message in log[-1]
        assert sentence in report
        assert engines.calls == []

    @pytest.mark.parametrize(
        ("name", "data", "sentence"),
        [
            ("missing.wav", None, "no such file"),
            ("empty.wav", b"", "the file is empty"),
            ("text.mp3", b"Dear all,\n" * 100, "no audio or video format"),
        ],
    )
    def test_recordings_that_are_none(self, flow, tmp_path, name, data, sentence):
        """Whichever step finds out."""
        if data is not None:
            (tmp_path / name).write_bytes(data)
        message, log, report = self.ended(flow, tmp_path / name)
        assert message.startswith("cannot read audio from")
        assert sentence in message
        assert "Traceback" not in "".join(log)
        assert message in log[-1]
        assert sentence in report
        assert name in report

    def test_a_stage_that_fails_says_so(self, flow, recording, engines):
        """What could not run then is not left pending, what could has ended."""
        engines.recognise_errors = [EngineError("out of memory")]
        message, log, _report = self.ended(flow, recording)
        assert message == "out of memory"
        assert "Traceback" not in "".join(log)
        assert states(str(recording)) == {
            "ingest": "Completed",
            "recognise": "Failed",
            "diarize": "Completed",
        }

    def test_a_defect_shows_where_it_is(self, flow, recording, engines):
        """That is not for people to correct."""
        engines.recognise_errors = [ZeroDivisionError("division by zero")]
        with pytest.raises(ZeroDivisionError):
            run(flow, recording)
        assert "Traceback" in "".join(logged(str(recording)))


class TestNames:
    def test_a_name_that_somebody_gave_is_kept(self, flow, recording):
        """A run that Prefect has named is called by its recording."""

        async def create(name: str | None):
            async with get_client() as client:
                return await client.create_flow_run(
                    flow, parameters={"recording": str(recording)}, name=name
                )

        made_up = (None, "upsilon6-zacpeten-anomaly")  # the second by the form, which fills one in
        kept = ("Board of May", "alpha-centauri")
        names = [*((each, each) for each in kept), *((each, str(recording)) for each in made_up)]
        for given, expected in names:
            created = asyncio.run(create(given))
            asyncio.run(run_flow_async(flow, flow_run=created, parameters=created.parameters))
            assert run_named(expected).id == created.id


class TestRooms:
    @pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.stem)
    def test_every_flow_loads_as_prefect_loads_it(self, file, monkeypatch):
        """From the repository's root, by its entrypoint."""
        monkeypatch.chdir(ROOT)
        entrypoint = f"flows/{file.name}:{file.stem}"
        assert load_flow_from_entrypoint(
            entrypoint, use_placeholder_flow=False
        ).name == file.stem.replace("_", "-")

    @pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.stem)
    def test_no_flow_hides_a_standard_module(self, file):
        """`flows/` becomes the first place Python looks in."""
        assert file.stem not in sys.stdlib_module_names

    @pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.stem)
    def test_flows_define_no_classes(self, file):
        """Prefect loads the file a second time under another name."""
        assert "\nclass " not in file.read_text()

    def test_flows_are_found_beside_the_library(self, tmp_path):
        """Or where TRAX_ROOMS says; nowhere else."""
        assert flow_entrypoint(None, "transcribe") == ROOT / "flows" / "transcribe.py"
        assert flow_entrypoint(tmp_path, "transcribe") is None

    def test_tasks_use_the_workspace_of_the_process(self):
        """So that models stay loaded between runs."""
        import tasks.stages

        assert tasks.stages.process_workspace is compose.process_workspace


class TestClean:
    def test_the_clean_up_is_a_flow(self, workspace, home, recording, flow, monkeypatch):
        """With a table of what went."""
        import tasks.clean
        from flows.retention import retention

        monkeypatch.setattr(tasks.clean, "process_workspace", lambda: workspace)
        run(flow, recording)
        workspace.objects.put_bytes("checkpoints/merge/x/orphan.json", b"{}")
        old = workspace.objects.path("checkpoints/merge/x/orphan.json")
        os.utime(old, (0, 0))
        assert asyncio.run(retention(True)) == 1
        assert old.exists()
        assert asyncio.run(retention()) == 1
        assert not old.exists()
        assert "orphan" in artifacts("retention")["clean"].data


@pytest.mark.parametrize(
    "deployment",
    yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"],
    ids=lambda each: each["name"],
)
def test_every_deployment_loads(deployment, monkeypatch):
    """Its flow is where it says, with a word on what it does."""
    monkeypatch.chdir(ROOT)
    assert load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    assert deployment["description"]
