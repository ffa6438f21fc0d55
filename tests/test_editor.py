"""What the browser's editor makes of typing, applied here: both say the same."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from trax.export import FORMATS
from trax.revision import apply, inverse, operation_from
from trax.testing import transcript
from trax.transcript import Transcript
from trax.transcript.codec import from_json, to_json

# Written by web/src/transcript/editor/fixture.test.ts; another file of its kind can be named here.
FILE = os.environ.get("EDITS", str(Path(__file__).parent / "data" / "edits.json"))
EDITED = json.loads(Path(FILE).read_text(encoding="utf-8"))
ENOUGH = 30  # documents are written in every format


def document(fields: dict) -> Transcript:
    """The transcript of a fixture, whose fields are those that the editor knows."""
    raw = json.loads(to_json(transcript()))
    recording = raw["recording"] | fields["recording"]
    notes = {"model": "m"} | fields["notes"]
    raw |= fields | {"recording": recording, "notes": notes}
    return from_json(Transcript, json.dumps(raw).encode(), "fixture")


def applied(each: dict) -> tuple[Transcript, Transcript, list]:
    """A transcript before and after its operations, and what takes them back."""
    before = current = document(each["base"])
    back = []
    for number, raw in enumerate(each["operations"]):
        operation = operation_from(raw, f"operation {number}")
        back.append(inverse(current, operation))
        current = apply(current, operation)
    return before, current, back


def compared(document: Transcript) -> Transcript:
    """Without how long people speak, which the editor does not count."""
    return replace(document, speakers=tuple(replace(s, speech=0.0) for s in document.speakers))


def test_operations_of_the_browser_give_what_the_browser_shows():
    """To the last field of the last word."""
    for each in EDITED:
        _before, after, _back = applied(each)
        assert compared(after) == compared(document(each["after"]))


def test_words_that_nobody_touched_are_what_they_were():
    """Same text, same time, same confidence."""
    for each in EDITED:
        before, after, _back = applied(each)
        former = {(word.id, word.text): word for word in before.words}
        for word in after.words:
            known = former.get((word.id, word.text))
            if known is not None:
                assert (word.start, word.end) == (known.start, known.end)
                assert word.confidence == known.confidence


def test_their_inverses_give_the_first_version_again():
    """Done the other way round."""
    for each in EDITED:
        before, current, back = applied(each)
        for operation in reversed(back):
            current = apply(current, operation)
        assert current == before


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_they_leave_can_be_exported(name):
    """In every format, even where all words went."""
    for each in EDITED[:ENOUGH]:
        _before, after, _back = applied(each)
        FORMATS[name].render(after)
