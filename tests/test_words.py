"""What the service says by codes has words in every language of the pages."""

import re
from pathlib import Path

import pytest

from trax.errors import UnreadableAudio, code_of, known_codes
from trax.pipelines.all import STAGES
from trax.web.views.jobs import Failure
from trax.work.failure import UNFORESEEN, failure_code, refusal_report, remedy_of

WEB = Path(__file__).resolve().parents[1] / "web" / "src"

needs_sources = pytest.mark.skipif(not WEB.is_dir(), reason="the pages' sources are not here")


@needs_sources
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_stage_has_a_name_on_the_pages(language):
    """A stage that is added is named in both languages."""
    text = (WEB / "library" / "messages" / f"{language}.ts").read_text()
    named = set(re.findall(r"^  stage_(\w+):", text, re.MULTILINE))
    assert set(STAGES) <= named


def test_a_failure_names_its_kind_for_programs():
    """By the error's class, as its report keeps it; whatever is not Trax's own is unforeseen."""
    report = refusal_report("x", UnreadableAudio("x", "it is empty")).to_dict()
    assert (failure_code(report), remedy_of(report)) == ("unreadable-audio", "replace-recording")
    other = refusal_report("x", ZeroDivisionError("y")).to_dict()
    assert (failure_code(other), remedy_of(other)) == (UNFORESEEN, "fix-cause")
    assert failure_code({}) == UNFORESEEN


def test_every_error_is_in_the_description():
    """So that a page without words for a new one does not compile."""
    told = Failure.model_json_schema()["properties"]["code"]["enum"]
    assert told == [*known_codes(), UNFORESEEN]
    assert code_of("UnreadableAudio") in told
