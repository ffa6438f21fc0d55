"""Pipelines as values: nothing but the graph knows the stages' names."""

import ast
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from trax.errors import EngineError, InvalidOption, StoreUnavailable
from trax.pipelines.all import PIPELINES
from trax.pipelines.runner import run_stages
from trax.pipelines.transcribe import TRANSCRIBE
from trax.progress import Finished, reporting
from trax.store import JobRequest, JobStatus
from trax.testing import Recorder
from trax.work.graph import Pipeline, Stage
from trax.work.hold import holding
from trax.work.values import Job, StageWork

ROOT = Path(__file__).resolve().parents[1]


class Options(BaseModel):
    """Options of the scripted pipeline."""

    model_config = ConfigDict(frozen=True)

    word: str = "training"


def scripted(name, made, **work):
    """A stage that writes the options' word, its own name, and what it reads."""

    def prepare(_workspace, job, **inputs):
        def make(folder, progress):
            progress(0.5)
            made.append(name)
            file = folder / "text"
            file.write_text(" ".join([job.options.word, name, *sorted(inputs)]))
            return {"text": file}

        digests = {role: result.digest for role, result in inputs.items()}
        return StageWork(inputs={"word": job.options.word, **digests}, make=make, **work)

    return Stage(name=name, version=1, summary=f"Do {name}.", prepare=prepare)


@pytest.fixture
def made():
    """Names of the stages that were computed, in order."""
    return []


@pytest.fixture
def adapt(made):
    """A second pipeline, whose subject is no recording."""
    return Pipeline(
        name="adapt",
        options=Options,
        stages=(
            scripted("gather", made),
            scripted("train", made).reading(texts="gather"),
            scripted("judge", made).reading(adapter="train", texts="gather"),
        ),
    )


def job_of(pipeline, options=None, redo=()):
    options = options or Options()
    request = JobRequest(
        pipeline=pipeline.name,
        key=f"{options.word:x<64}",
        recording_sha256=None,
        name="orders of coffee",
        source="transcripts of March",
        size_bytes=0,
        options=options.model_dump(mode="json"),
    )
    return Job(request=request, options=options, redo=frozenset(redo))


def text(workspace, result):
    return workspace.objects.local_path(result.outputs["text"]).read_text()


class TestSecondPipeline:
    def test_it_runs_without_a_recording(self, workspace, adapt):
        """Results are asked for by name; each stage sees what it reads under its roles."""
        results = run_stages(adapt, workspace, job_of(adapt))
        assert text(workspace, results["judge"]) == "training judge adapter texts"
        assert list(results) == ["gather", "train", "judge"]

    def test_its_stages_are_kept_like_any(self, workspace, adapt, made):
        """The same options make nothing again; a redone stage takes those after it along."""
        run_stages(adapt, workspace, job_of(adapt))
        run_stages(adapt, workspace, job_of(adapt))
        assert made == ["gather", "train", "judge"]
        run_stages(adapt, workspace, job_of(adapt, redo=adapt.following("train")))
        assert made == ["gather", "train", "judge", "train", "judge"]

    def test_its_job_is_a_row_like_any(self, workspace, adapt):
        """With the pipeline's name, its own subject, and figures of its stages."""
        job = job_of(adapt)
        with holding(workspace, job):
            run_stages(adapt, workspace, job)
        row = workspace.jobs.get(job.id)
        assert (row.pipeline, row.recording_sha256, row.name) == ("adapt", None, "orders of coffee")
        assert row.status is JobStatus.COMPLETED
        assert [run.stage for run in workspace.jobs.stage_runs(job.id)] == list(adapt.names)

    def test_what_is_incomplete_serves_its_run_alone(self, workspace, made):
        """The next run computes the stage again."""
        part = Pipeline(
            name="part",
            options=Options,
            stages=(scripted("gather", made, is_whole=lambda _folder: False),),
        )
        run_stages(part, workspace, job_of(part))
        run_stages(part, workspace, job_of(part))
        assert made == ["gather", "gather"]

    def test_stages_that_do_not_wait_for_each_other_run_at_once(self, workspace, made):
        """Each waits for the other to have begun: one after the other would wait for ever."""
        meeting = threading.Barrier(2, timeout=20)

        def meet(stage):
            def prepare(workspace, job, **inputs):
                meeting.wait()
                return stage.prepare(workspace, job, **inputs)

            return replace(stage, prepare=prepare)

        both = tuple(meet(scripted(name, made)) for name in ("left", "right"))
        run_stages(Pipeline(name="both", options=Options, stages=both), workspace, job_of(adapt_))
        assert sorted(made) == ["left", "right"]

    def test_a_transient_error_is_tried_again(self, workspace, made, impatient):
        """Nothing else is."""
        errors = [StoreUnavailable("away"), StoreUnavailable("away")]

        def fail(stage):
            def prepare(workspace, job, **inputs):
                if errors:
                    raise errors.pop()
                return stage.prepare(workspace, job, **inputs)

            return replace(stage, prepare=prepare)

        one = Pipeline(name="one", options=Options, stages=(fail(scripted("gather", made)),))
        recorder = Recorder()
        with reporting(recorder):
            run_stages(one, workspace, job_of(one))
        assert recorder.failed == ["gather", "gather"]
        assert recorder.finished == ["gather"]
        errors.append(EngineError("broken"))
        with pytest.raises(EngineError):
            run_stages(one, workspace, job_of(one))

    def test_the_first_failure_in_order_is_raised(self, workspace, made):
        """Whichever ended first; stages that would read it do not begin."""

        def broken(name):
            def prepare(_workspace, _job, **_inputs):
                raise EngineError(f"{name} broke")

            return replace(scripted(name, made), prepare=prepare)

        stages = (broken("left"), broken("right"), scripted("join", made).reading(a="left"))
        recorder = Recorder()
        with reporting(recorder), pytest.raises(EngineError, match="left broke"):
            run_stages(
                Pipeline(name="x", options=Options, stages=stages), workspace, job_of(adapt_)
            )
        assert made == []
        assert "join" not in recorder.started


adapt_ = Pipeline(name="adapt", options=Options, stages=())


class TestGraph:
    def test_names_are_unique_and_reads_come_before(self, made):
        """A graph with a circle, or with a stage that is not there, cannot be made."""
        gather = scripted("gather", made)
        with pytest.raises(ValueError, match="two stages of x are called gather"):
            Pipeline(name="x", options=Options, stages=(gather, gather))
        with pytest.raises(ValueError, match="train reads gather, which does not come before it"):
            Pipeline(
                name="x",
                options=Options,
                stages=(scripted("train", made).reading(texts="gather"), gather),
            )

    def test_an_unknown_stage_is_named_with_those_there_are(self, adapt):
        """For whoever mistyped it."""
        with pytest.raises(InvalidOption, match="no stage 'trian'; stages are gather, train, jud"):
            adapt.stage("trian")
        with pytest.raises(InvalidOption, match="no stage"):
            adapt.following("trian")

    @pytest.mark.parametrize(
        ("stage", "following"),
        [
            ("ingest", TRANSCRIBE.names),
            ("recognise", ("recognise", "enhance", "merge", "annotate", "publish")),
            ("diarize", ("diarize", "merge", "annotate", "publish")),
            ("enhance", ("enhance", "merge", "annotate", "publish")),
            ("merge", ("merge", "annotate", "publish")),
            ("annotate", ("annotate", "publish")),
            ("publish", ("publish",)),
        ],
    )
    def test_what_follows_is_what_reads(self, stage, following):
        """Directly or through others."""
        assert TRANSCRIBE.following(stage) == following

    @given(st.data())
    def test_following_is_transitive(self, data):
        """What follows a stage that follows is among what follows."""
        count = data.draw(st.integers(1, 8))
        stages = []
        for number in range(count):
            before = data.draw(st.sets(st.integers(0, number - 1))) if number else set()
            roles = {f"r{each}": f"s{each}" for each in before}
            stages.append(scripted(f"s{number}", []).reading(**roles))
        pipeline = Pipeline(name="x", options=Options, stages=tuple(stages))
        for name in pipeline.names:
            following = pipeline.following(name)
            assert following[0] == name
            for each in following:
                assert set(pipeline.following(each)) <= set(following)

    def test_versions_are_as_their_checkpoints_know_them(self):
        """A new number makes every kept result of the stage useless: raise it on purpose."""
        assert TRANSCRIBE.versions == {
            "ingest": 3,
            "recognise": 2,
            "diarize": 3,
            "enhance": 1,
            "merge": 8,
            "annotate": 1,
            "publish": 3,
        }


class TestFlow:
    """The flow is written by hand, since it reads like a sentence."""

    @pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=lambda each: each.name)
    def test_its_edges_are_the_graph_s(self, pipeline):
        """Every stage is submitted once, with the results that the graph says under their roles."""
        calls = {}
        stages = {}  # names of variables, with the stages whose futures they hold
        for variable, call in _submissions((ROOT / "flows" / f"{pipeline.name}.py").read_text()):
            name = call.func.value.id
            stages[variable] = name
            roles = {each.arg: stages[each.value.id] for each in call.keywords}
            assert name not in calls
            calls[name] = roles
        assert calls == {stage.name: dict(stage.reads) for stage in pipeline.stages}

    def test_no_other_module_lists_the_stages(self):
        """Whoever needs them asks the graph; a stage's own module and task may name it."""
        listing = re.compile(r"[\"']recognise[\"'],\s*[\"']diarize[\"']")
        for room in ("trax", "tasks", "flows"):
            for path in (ROOT / room).rglob("*.py"):
                assert not listing.search(path.read_text()), path


def _submissions(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr == "submit":
                yield node.target.id, node.value


def test_a_finished_event_carries_the_figures(workspace, adapt):
    """Whoever looks sees how long each stage took, and whether it was kept."""
    recorder = Recorder()
    with reporting(recorder):
        run_stages(adapt, workspace, job_of(adapt))
        run_stages(adapt, workspace, job_of(adapt))
    runs = [event.run for event in recorder.events if isinstance(event, Finished)]
    assert [run.cached for run in runs] == [False] * 3 + [True] * 3
    assert all(run.outcome == ("kept from before" if run.cached else "") for run in runs)
