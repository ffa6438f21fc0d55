"""What is made on a Prefect server, and what its deployments do there."""

import asyncio
import hashlib
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.events.schemas.automations import AutomationCore
from prefect.variables import Variable

from trax.enhance import EnhancementOptions
from trax.errors import InvalidDocument, InvalidOption, NotFound, SetupError
from trax.orchestration.runs import PrefectRuns
from trax.orchestration.setup import Choices, Plan, set_up
from trax.orchestration.slots import device_limit, device_slot
from trax.stages.options import TranscribeOptions
from trax.testing import ScriptedModel, tone, write_audio
from trax.testing.history import plant
from trax.watch import Watcher
from trax.watch.local import LocalPlace

ROOT = Path(__file__).resolve().parents[1]
CONFIG = yaml.safe_load((ROOT / "prefect.yaml").read_text())
PLAN = Plan.model_validate(yaml.safe_load((ROOT / "deployments" / "setup.yaml").read_text()))
DEPLOYMENTS = {each["name"]: each for each in CONFIG["deployments"]}

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


def asked(question):
    """What the server answers to a coroutine of its client."""

    async def ask():
        async with get_client() as client:
            return await question(client)

    return asyncio.run(ask())


@pytest.fixture
def made(home):
    return set_up(
        ROOT, home, Choices(devices=["cpu", "cuda-0"], variables={"trax_folder": "/recordings"})
    )


@pytest.fixture
def tasks_in(workspace, monkeypatch):
    """Every task works in the test's workspace, and waits for nothing."""
    from importlib import import_module

    monkeypatch.syspath_prepend(str(ROOT))
    for name in ("stages", "browse", "job", "watch", "again", "export", "report"):
        monkeypatch.setattr(import_module(f"tasks.{name}"), "process_workspace", lambda: workspace)
    return workspace


def tables(name):
    """The newest artifact of a key, as rows."""
    from prefect.artifacts import Artifact

    artifact = asyncio.run(Artifact.aget(name))
    assert artifact is not None
    return json.loads(artifact.data) if artifact.type == "table" else artifact.data


def automation(name):
    """One that does nothing."""
    trigger = {"type": "event", "posture": "Reactive", "expect": ["x"], "threshold": 1}
    return AutomationCore.model_validate(
        {"name": name, "trigger": trigger | {"within": 0}, "actions": [{"type": "do-nothing"}]}
    )


class TestSetup:
    def test_everything_is_made(self, made):
        """Pools with their queues, a limit a device, variables."""
        queues = {
            queue.name: queue.priority
            for queue in asked(lambda c: c.read_work_queues(work_pool_name="gpu"))
        }
        assert {"high": 1, "normal": 2, "batch": 3}.items() <= queues.items()
        assert asked(lambda c: c.read_work_pool("cpu")).type == "trax"
        for device in ("cpu", "cuda-0"):
            name = device_limit(device)
            limit = asked(lambda c, name=name: c.read_global_concurrency_limit_by_name(name))
            assert limit.limit == PLAN.seats
        assert asyncio.run(Variable.aget("trax_folder")) == "/recordings"
        assert len(made) >= 13

    def test_again_it_changes_nothing_of_the_users(self, made, home):
        """Values of variables and types of pools stay, what is not Trax's is left alone."""
        asyncio.run(Variable.aset("trax_cuda_devices", "1", overwrite=True))
        set_up(ROOT, home, Choices(devices=["cpu"], seats=3))
        assert asyncio.run(Variable.aget("trax_cuda_devices")) == "1"
        assert asyncio.run(Variable.aget("trax_folder")) == "/recordings"
        assert asked(lambda c: c.read_global_concurrency_limit_by_name("trax-cpu")).limit == 3

    def test_automations_of_earlier_versions_are_removed(self, home):
        """They called living runs crashed."""
        for name in PLAN.removed_automations:
            asked(lambda c, name=name: c.create_automation(automation(name)))
        lines = set_up(ROOT, home, Choices(devices=["cpu"]))
        assert sum(line.startswith("removed") for line in lines) == len(PLAN.removed_automations)
        for name in PLAN.removed_automations:
            assert asked(lambda c, name=name: c.read_automations_by_name(name)) == []

    def test_a_pool_of_another_type_is_said_to_be_one(self, made, home):
        """With what to do."""
        with pytest.raises(SetupError, match="work-pool delete gpu"):
            set_up(ROOT, home, Choices(pool_type="docker"))

    def test_a_plan_that_makes_no_sense_is_said_to_make_none(self, home, tmp_path):
        """With the part that is wrong."""
        (tmp_path / "deployments" / "pools").mkdir(parents=True)
        (tmp_path / "deployments" / "pools" / "trax.yaml").write_text("{}")
        (tmp_path / "deployments" / "setup.yaml").write_text("pools: 3\n")
        with pytest.raises(InvalidDocument, match=r"setup.yaml: pools"):
            set_up(tmp_path, home, Choices())

    def test_blocks_are_kept_where_that_is_asked(self, home):
        """With their secrets hidden."""
        fields = {
            "host": "db",
            "port": 5432,
            "name": "trax",
            "user": "trax",
            "password": "only-for-tests",
        }
        set_up(ROOT, home, Choices(blocks={"TranscriptDatabase": fields}))
        document = asked(
            lambda c: c.read_block_document_by_name("main", "trax-transcript-database", False)
        )
        assert document.data["host"] == "db"
        assert "only-for-tests" not in str(document.data)


class TestDefinitions:
    @pytest.mark.parametrize("name", DEPLOYMENTS)
    def test_every_deployment_is_complete(self, name):
        """What it does, its tags, its queue in a pool that setup makes."""
        each = DEPLOYMENTS[name]
        pool = each["work_pool"]
        assert each["description"].endswith(".")
        assert "trax" in each["tags"]
        assert pool["work_queue_name"] in PLAN.pools[pool["name"]].queues
        scheduled = "schedules" in each  # two at once would only do the same
        assert ("concurrency_limit" in each) == scheduled
        assert (ROOT / each["entrypoint"].split(":")[0]).is_file()

    def test_there_is_one_for_each_flow(self):
        """And no flow without."""
        files = {path.stem.replace("_", "-") for path in (ROOT / "flows").glob("*.py")}
        assert files == set(DEPLOYMENTS)

    def test_a_process_pool_gives_prefects_worker_a_job(self):
        """By Prefect's own reading of the template."""
        from prefect.workers.process import ProcessJobConfiguration

        template = yaml.safe_load((ROOT / "deployments" / "pools" / "process.yaml").read_text())
        made = asyncio.run(
            ProcessJobConfiguration.from_template_and_values(template, {"env": {"A": "b"}})
        )
        assert made.command == "python -m prefect.engine"
        assert made.env["A"] == "b"
        assert "TRAX_CUDA_DEVICES" in made.env  # read when the run begins


class TestDevices:
    def test_a_device_has_as_many_stages_as_seats(self, tasks_in, made, recording, engines):
        """Whoever comes later waits for a slot, and gets it."""
        from flows.transcribe import transcribe

        asked(lambda c: c.upsert_global_concurrency_limit_by_name("trax-cpu", 1))
        at_once, most, lock = [0], [0], threading.Lock()
        recognise, begin = engines.recognise, engines.begin

        def counted(call):
            def one(*arguments):
                with lock:
                    at_once[0] += 1
                    most[0] = max(most[0], at_once[0])
                result = call(*arguments)
                threading.Event().wait(0.2)
                with lock:
                    at_once[0] -= 1
                return result

            return one

        engines.recognise, engines.begin = counted(recognise), counted(begin)
        asyncio.run(transcribe(str(recording), TranscribeOptions()))
        assert most[0] == 1
        assert (
            asked(lambda c: c.read_global_concurrency_limit_by_name("trax-cpu")).active_slots == 0
        )

    def test_leaked_slots_are_given_back(self, tasks_in, made):
        """Taken by somebody that is no more, on a server that has forgotten the lease."""
        from flows.report import report

        asked(
            lambda c: c.update_global_concurrency_limit(
                "trax-cpu", GlobalConcurrencyLimitUpdate(active_slots=1)
            )
        )
        assert asyncio.run(report()) == 0
        assert (
            asked(lambda c: c.read_global_concurrency_limit_by_name("trax-cpu")).active_slots == 0
        )
        assert "cpu: 1" in tables("trax-report")

    def test_a_report_has_figures_and_pictures(self, tasks_in, made, workspace):
        """Targets as a table, and a picture of each figure that the browser draws."""
        from flows.report import report

        plant(workspace.database, 10)
        asyncio.run(report())
        assert tables("trax-targets")[0]["target"] == "five minutes"
        assert tables("trax-failures").startswith("data:image/svg+xml;base64,")
        assert "disk full" in tables("trax-report")

    def test_a_report_may_look_back_beyond_the_calendar(self, tasks_in, made):
        """Nothing is stuck for so long."""
        from flows.report import report

        assert asyncio.run(report(10**15)) == 0

    def test_a_slot_that_is_held_is_not_given_back_by_others(self, made):
        """The lease is what counts."""
        with device_slot("cpu", lambda: None):
            assert (
                asked(lambda c: c.read_global_concurrency_limit_by_name("trax-cpu")).active_slots
                == 1
            )


class TestFlows:
    def test_a_batch_goes_on_after_a_failure(self, tasks_in, tmp_path):
        """Its table says how each went, its state that one failed."""
        from flows.transcribe_batch import transcribe_batch

        for at in range(3):
            (tmp_path / "in").mkdir(exist_ok=True)
            write_audio(tmp_path / "in" / f"{at}.wav", tone(1 + at / 10))
        (tmp_path / "in" / "broken.mp3").write_text("no sound")
        state = asyncio.run(transcribe_batch(str(tmp_path / "in"), return_state=True))
        assert state.is_failed()
        assert "3 of 4" in state.message
        key = state.message.split("artifact ")[1].split()[0]
        assert sorted(row["state"] for row in tables(key)) == [
            "Completed",
            "Completed",
            "Completed",
            "Failed",
        ]
        assert len(tasks_in.repository.summaries()) == 3

    def test_a_transcript_is_enhanced_again(self, tasks_in, recording, engines):
        """With what was recognised kept."""
        from flows.enhance_again import enhance_again
        from flows.transcribe import transcribe

        first = asyncio.run(transcribe(str(recording), TranscribeOptions()))
        engines.model = ScriptedModel(lambda _question: '{"title": "Of tones"}')
        again = asyncio.run(
            enhance_again(first.transcript_id, EnhancementOptions(tasks=("title",)))
        )
        assert tasks_in.repository.get(again.transcript_id).notes.title == "Of tones"
        assert engines.calls.count("recognise") == 1

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"formats": ["pdf"]}, "no format 'pdf'"),
            ({"recognition": {"model": "large-v9"}}, "model 'large-v9' is not available"),
            ({"diarization": {"min_speakers": 5, "max_speakers": 2}}, "must not exceed"),
        ],
    )
    def test_options_that_make_no_sense_end_every_flow(
        self, tasks_in, recording, engines, options, sentence
    ):
        """With the sentence that counts, before anything is done."""
        from flows.transcribe_batch import transcribe_batch

        state = asyncio.run(transcribe_batch(str(recording.parent), options, return_state=True))
        assert state.is_failed()
        assert sentence in state.message
        assert "\n" not in state.message
        assert engines.calls == []

    def test_an_enhancement_that_makes_no_sense_is_refused(self, tasks_in, recording):
        """What the form gives is checked with the rest."""
        from flows.enhance_again import enhance_again
        from flows.transcribe import transcribe

        first = asyncio.run(transcribe(str(recording), TranscribeOptions()))
        with pytest.raises(InvalidOption, match="0: "):
            asyncio.run(enhance_again(first.transcript_id, {"tasks": ["sing"]}))
        with pytest.raises(NotFound, match="no transcript 'zzz'"):
            asyncio.run(enhance_again("zzz"))

    def test_an_export_of_nothing_says_so(self, tasks_in):
        """In one sentence."""
        from flows.export import export

        state = asyncio.run(export("zzz", return_state=True))
        assert state.message == "there is no transcript 'zzz'"

    def test_the_form_refuses_what_is_no_format(self, tasks_in):
        """Before a worker has it."""
        from prefect.utilities.schema_tools import is_valid_schema, validate
        from prefect.utilities.schema_tools.validation import ValidationError

        from flows.transcribe import transcribe

        schema = transcribe.parameters.model_dump()
        is_valid_schema(schema)
        good = {"recording": "a.wav", "options": TranscribeOptions().model_dump(mode="json")}
        validate(good, schema, raise_on_error=True)
        bad = {"recording": "a.wav", "options": {"formats": ["pdf"]}}
        with pytest.raises(ValidationError, match="pdf"):
            validate(bad, schema, raise_on_error=True)

    def test_a_transcript_is_exported(self, tasks_in, recording, tmp_path):
        """To the object store, or a folder."""
        from flows.export import export
        from flows.transcribe import transcribe

        asyncio.run(transcribe(str(recording), TranscribeOptions(formats=("txt",))))
        (link,) = asyncio.run(export("latest", ("rttm",)))
        assert Path(link.removeprefix("file://")).read_bytes().startswith(b"SPEAKER")
        asyncio.run(export("latest", ("docx", "srt"), folder=str(tmp_path / "out")))
        assert {path.name for path in (tmp_path / "out").iterdir()} == {
            "recording.docx",
            "recording.srt",
        }

    def test_the_report_says_what_is_stuck(self, tasks_in, recording, engines):
        """Jobs whose process is gone, and what failed last."""
        from flows.report import report
        from trax.errors import EngineError
        from trax.pipelines.transcribe import identify, transcribe

        lost = identify(tasks_in, recording, TranscribeOptions())
        tasks_in.jobs.claim(lost.request, "elsewhere/999999/x")
        with tasks_in.database.writing() as session:
            from sqlalchemy import text

            session.execute(text("UPDATE jobs SET heartbeat_at = '2020-01-01 00:00:00'"))
        engines.recognise_errors = [EngineError("out of memory")]
        with pytest.raises(EngineError):
            transcribe(
                tasks_in, write_audio(recording.with_name("b.wav"), tone(3.0)), TranscribeOptions()
            )
        assert asyncio.run(report()) == 1
        text_ = tables("trax-report")
        assert lost.id in text_
        assert "out of memory" in text_

    def test_looking_into_a_folder_leaves_a_table(self, tasks_in, home, tmp_path, monkeypatch):
        """Of its files and their states, under a key that stays the same."""
        from flows.transcribe_folder import transcribe_folder

        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "empty.wav").touch()
        counts = asyncio.run(transcribe_folder(str(tmp_path / "in"), 0.0))
        assert counts == {"failed": 1}
        key = "folder-" + hashlib.sha256(str(tmp_path / "in").encode()).hexdigest()[:8]
        (row,) = tables(key)
        assert (row["file"], row["state"]) == ("empty.wav", "failed")

    def test_a_look_that_changes_nothing_leaves_no_version(self, tasks_in, home, tmp_path):
        """The table's history is that of the folder, not of the clock."""
        from flows.transcribe_folder import transcribe_folder

        folder = tmp_path / "in"
        folder.mkdir()
        key = "folder-" + hashlib.sha256(str(folder).encode()).hexdigest()[:8]

        def versions() -> int:
            wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
            return len(asked(lambda client: client.read_artifacts(artifact_filter=wanted)))

        def look() -> int:
            asyncio.run(transcribe_folder(str(folder), 0.0))
            return versions()

        assert [look(), look()] == [1, 1]
        (folder / "trax.toml").write_text("speakers = -1")
        write_audio(folder / "talk.wav", tone(1.0))
        assert [look(), look()] == [2, 2]
        (folder / "empty.wav").touch()
        assert [look(), look(), look()] == [3, 3, 3]

    def test_the_folder_is_read_when_the_run_begins(self, tasks_in, tmp_path):
        """It may be named after the deployments were made."""
        from flows.transcribe_folder import transcribe_folder

        write_audio(tmp_path / "talk.wav", tone(1.0))
        asyncio.run(Variable.aset("trax_folder", str(tmp_path), overwrite=True))
        try:
            assert asyncio.run(transcribe_folder()) == {"seen": 1}
        finally:
            asyncio.run(Variable.aset("trax_folder", "", overwrite=True))

    def test_no_folder_is_nothing_to_do(self, tasks_in):
        """The schedule may run before one is named."""
        from flows.transcribe_folder import transcribe_folder

        asyncio.run(Variable.aset("trax_folder", "", overwrite=True))
        assert asyncio.run(transcribe_folder("")) == {}

    def test_a_run_that_takes_its_process_down_ends(self, tasks_in, recording, monkeypatch):
        """After some starts: it would be started again for ever."""
        import tasks.job
        from flows.transcribe import transcribe
        from trax.errors import EngineError

        monkeypatch.setattr(tasks.job, "MOST_STARTS", 0)
        with pytest.raises(EngineError, match="process went away"):
            asyncio.run(transcribe(str(recording), TranscribeOptions()))


class TestRuns:
    def test_a_missing_deployment_is_said_to_be_missing(self, home):
        """With the command that makes it."""
        with pytest.raises(SetupError, match="prefect deploy"):
            PrefectRuns(home).submit("a.wav", TranscribeOptions(), "key")

    def test_runs_that_nobody_knows_are_lost(self, home):
        """Of another server, or of a process that has ended."""
        states = PrefectRuns(home).states(["local-3", "2f5e7a52-9c9d-4a53-9d53-0d4f5a0d3c9e"])
        assert {state.kind for state in states.values()} == {"lost"}

    def test_a_run_that_has_not_begun_is_cancelled(self, home):
        """By its id; one that nobody knows, or has ended, is no error."""

        async def deploy(client):
            from flows.transcribe import transcribe

            flow_id = await client.create_flow(transcribe)
            await client.create_deployment(
                flow_id, name="transcribe", enforce_parameter_schema=False
            )

        asked(deploy)
        runs = PrefectRuns(home)
        run = runs.submit("a.wav", TranscribeOptions(), "to be cancelled")
        assert runs.states([run])[run].kind == "living"
        for _ in range(2):
            runs.cancel(run)
        assert runs.states([run])[run].kind == "ended"
        runs.cancel("2f5e7a52-9c9d-4a53-9d53-0d4f5a0d3c9e")

    def test_one_key_is_one_run(self, home, tmp_path, workspace):
        """However often it is submitted: a folder's copies of one recording are one run."""

        async def deploy(client):
            from flows.transcribe import transcribe

            flow_id = await client.create_flow(transcribe)
            await client.create_deployment(
                flow_id, name="transcribe", enforce_parameter_schema=False
            )

        asked(deploy)
        (tmp_path / "in").mkdir()
        for name in ("a.wav", "b.wav"):
            write_audio(tmp_path / "in" / name, tone(1.0))
        look = Watcher(workspace, LocalPlace(tmp_path / "in"), PrefectRuns(home), 0.0).look()
        assert sorted(look.submitted) == ["a.wav", "b.wav"]
        files = workspace.watched.unfinished(LocalPlace(tmp_path / "in").name)
        assert len({file.run for file in files.values()}) == 1
        assert replace(files["a.wav"], path="") == replace(
            files["b.wav"],
            path="",
            stamp=files["a.wav"].stamp,
            seen_at=files["a.wav"].seen_at,
            updated_at=files["a.wav"].updated_at,
        )
