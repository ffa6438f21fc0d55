"""What tasks and engine processes say to each other."""

import inspect
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax import errors
from trax.errors import EngineError, TraxError
from trax.host.wire import FINAL, Failure, Line, StageRequest
from trax.progress import Advanced, Heard, Noted, StageRun
from trax.store import JobRequest, ObjectRef
from trax.work.values import StageResult

ARGUMENTS = {
    "StageTimeout": ("recognise", 3.5),
    "NoAnswer": ("why", True),
    "NotFound": ("format", "pdf", "a hint"),
    "NotReady": (0.5,),
}
"""Of errors whose arguments are not one or two texts."""


def arguments_of(kind):
    if kind.__name__ in ARGUMENTS:
        return ARGUMENTS[kind.__name__]
    if kind.__init__ is Exception.__init__:
        return ("a sentence",)
    names = list(inspect.signature(kind).parameters)
    return tuple(f"text {number}" for number in range(len(names)))


def kinds():
    found = vars(errors).values()
    return [each for each in found if isinstance(each, type) and issubclass(each, TraxError)]


def result() -> StageResult:
    run = StageRun(
        stage="ingest",
        key="k",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        seconds=1.5,
        cached=False,
        audio_seconds=60.0,
        peak_memory_bytes=1,
    )
    ref = ObjectRef("recordings/a/audio.flac", sha256="a" * 64, size_bytes=7)
    return StageResult(outputs={"audio": ref}, run=run)


def request(**changes) -> StageRequest:
    job = JobRequest(
        pipeline="transcribe",
        key="b" * 64,
        recording_sha256="a" * 64,
        name="Gespräch 会議.wav",
        source="s3://calls/x.wav",
        size_bytes=7,
        options={"formats": ["txt"], "recognition": {"hotwords": ["Łódź"]}},
    )
    return StageRequest(stage="recognise", request=job, inputs={"audio": result()}, **changes)


class TestErrors:
    @pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
    def test_every_error_arrives_as_it_was(self, kind):
        """With its class, its arguments and its sentence."""
        error = kind(*arguments_of(kind))
        back = Failure.model_validate_json(Failure.of(error).model_dump_json()).error()
        assert type(back) is kind
        assert (back.args, str(back)) == (error.args, str(error))

    @given(st.text(), st.text())
    def test_whatever_the_texts_are(self, path, reason):
        """Quotes, newlines, other scripts."""
        error = errors.UnreadableAudio(path, reason)
        line = Line(kind="failed", failure=Failure.of(error)).encoded()
        assert line.count(b"\n") == 1
        assert str(Line.model_validate_json(line).failure.error()) == str(error)

    def test_an_unknown_exception_is_the_engine_s_failure(self):
        """Its class stands in the sentence."""
        back = Failure.of(ZeroDivisionError("by zero")).error()
        assert type(back) is EngineError
        assert str(back) == "ZeroDivisionError: by zero"

    @pytest.mark.parametrize("name", ["Nothing", "ClassVar", "__doc__"])
    def test_a_class_that_is_no_error_of_ours_is_not_made(self, name):
        """Whatever a process of another version says."""
        assert type(Failure(kind=name, arguments=("x",)).error()) is EngineError


class TestRequests:
    def test_a_request_arrives_as_it_was(self):
        """The job's options as JSON, the inputs by role."""
        sent = request(redo=frozenset({"merge"}), alone=True)
        back = StageRequest.model_validate_json(sent.model_dump_json())
        assert back == sent
        assert back.inputs["audio"].digest == result().digest

    def test_a_request_carries_references_alone(self):
        """Audio does not travel."""
        assert len(request().model_dump_json()) < 1500


class TestLines:
    def test_progress_and_notes_are_events_of_the_stage(self):
        """The others are the queue's, or the end."""
        assert Line(kind="advanced", share=0.5).event("recognise") == Advanced("recognise", 0.5)
        assert Line(kind="noted", message="why").event("recognise") == Noted("why")
        heard = Line(kind="heard", start=1.0, end=2.0, message="so")
        assert heard.event("recognise") == Heard(1.0, 2.0, "so")
        for kind in ("waiting", "started", "beat", "refused", "finished", "failed"):
            assert Line(kind=kind).event("recognise") is None

    def test_after_a_final_line_nothing_is_said(self):
        """These three, and no other."""
        assert {"finished", "failed", "refused"} == FINAL

    def test_what_is_default_is_not_sent(self):
        """A sign of life is a few bytes."""
        assert Line(kind="beat").encoded() == b'{"kind":"beat"}\n'

    def test_a_result_arrives_as_it_was(self):
        """References and figures."""
        back = Line.model_validate_json(Line(kind="finished", result=result()).encoded())
        assert back.result == result()
