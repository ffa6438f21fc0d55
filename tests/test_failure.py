"""Reports on jobs that failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.errors import Cancelled, EngineError, StoreUnavailable, UnreadableAudio
from trax.stages.options import TranscribeOptions
from trax.store import JobRequest
from trax.work.failure import failure_report, render_failure
from trax.work.values import Job

OPTIONS = TranscribeOptions(formats=("txt",))
REQUEST = JobRequest(
    pipeline="transcribe",
    key="c" * 64,
    recording_sha256="a" * 64,
    name="call.wav",
    source="/calls/call.wav",
    size_bytes=7,
    options=OPTIONS.model_dump(mode="json"),
)
JOB = Job(request=REQUEST, options=OPTIONS)


def reported(error, stage="diarize", kept=("ingest",)):
    return failure_report(JOB, error, stage, attempts=2, kept=kept)


def raised(action):
    with pytest.raises(EngineError) as caught:
        action()
    return caught.value


class TestCauses:
    def test_the_chain_is_told_from_the_last_error_to_the_first(self):
        """As a traceback shows it: causes before contexts."""

        def fail():
            try:
                raise KeyError("frame")
            except KeyError as first:
                raise ValueError("no such frame") from first

        def wrap():
            try:
                fail()
            except ValueError as error:
                raise EngineError("the model broke") from error

        causes = reported(raised(wrap)).causes
        assert causes == (
            "EngineError: the model broke",
            "ValueError: no such frame",
            "KeyError: 'frame'",
        )

    def test_a_context_that_was_put_aside_is_not_told(self):
        """``raise … from None`` means it."""

        def fail():
            try:
                raise KeyError("frame")
            except KeyError:
                raise EngineError("the model broke") from None

        assert reported(raised(fail)).causes == ("EngineError: the model broke",)

    def test_errors_that_lead_to_each_other_end(self):
        """However somebody linked them."""
        first, second = EngineError("a"), EngineError("b")
        first.__cause__, second.__cause__ = second, first
        assert reported(first).causes == ("EngineError: a", "EngineError: b")


class TestSentences:
    def test_an_error_is_one_line(self):
        """Whatever a library wrote."""
        assert reported(EngineError("two\n  lines\there")).error == "two lines here"

    def test_an_error_without_words_has_its_class(self):
        """Better than nothing."""
        assert reported(RuntimeError()).error == "RuntimeError"

    def test_passwords_in_addresses_are_left_out(self):
        """In the sentence and in the causes."""
        report = reported(StoreUnavailable("postgresql://anna:secret@db/trax does not answer"))
        assert report.error == "postgresql://db/trax does not answer"
        assert "secret" not in "".join(report.causes)

    @given(st.text())
    def test_any_error_makes_a_report(self, text):
        """In one line, with something to read."""
        report = reported(EngineError(text))
        assert report.error
        assert "\n" not in report.error


class TestAdvice:
    @pytest.mark.parametrize(
        ("error", "advice"),
        [
            (UnreadableAudio("x", "empty"), "Fix or replace the recording"),
            (StoreUnavailable("away"), "Retry the job: it continues"),
            (Cancelled("stopped"), "Retry the job: it continues"),
            (EngineError("out of memory"), "Fix the cause"),
            (ZeroDivisionError("x"), "Fix the cause"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_what_to_do_fits_the_error(self, error, advice):
        """And names no command: a browser shows it too."""
        resume = reported(error).resume
        assert resume.startswith(advice)
        assert "`" not in resume


class TestRendering:
    def test_a_report_is_markdown(self):
        """Title, sentence, facts, causes if there are several, options."""
        error = EngineError("broken")
        error.__cause__ = ValueError("why")
        text = render_failure(reported(error, kept=("ingest", "recognise", "ingest")).to_dict())
        assert text.startswith("# call.wav was not transcribed\n\n**broken**\n")
        assert "- Stage: diarize\n" in text
        assert "- Kept: ingest, recognise\n" in text
        assert "1. EngineError: broken\n2. ValueError: why\n" in text
        assert '- formats: ["txt"]\n' in text

    def test_the_title_is_that_of_the_pipeline(self):
        """Nobody wanted a transcript of a voice replacement."""
        report = reported(EngineError("broken")).to_dict() | {"pipeline": "revoice"}
        assert render_failure(report).startswith("# call.wav keeps its voices\n")

    def test_one_cause_is_no_list(self):
        """It is the sentence already."""
        assert "## Causes" not in render_failure(reported(EngineError("broken")).to_dict())

    def test_a_report_that_knows_less_is_shown(self):
        """One that an earlier version kept."""
        assert render_failure({"error": "it broke"}) == (
            "# Recording was not transcribed\n\n**it broke**\n\n"
        )
