"""Notes that rest on text that people changed since they were made."""

from dataclasses import replace

import pytest

from trax.revision import Delete, Replace, relabelled
from trax.service.revisions import edit, edits_here
from trax.testing import transcript
from trax.testing.web_server import serving
from trax.transcript import Chapter, Notes, identified


@pytest.fixture
def base(workspace):
    chapters = (Chapter(start=0.0, title="Hello"), Chapter(start=5.0, title="Budget"))
    notes = Notes(model="scripted", summary="They meet.", chapters=chapters)
    made = identified(replace(transcript(), notes=notes))
    workspace.repository.save(made)
    return made


def stale(client, base) -> tuple[bool, list[float]]:
    found = client.get(f"/v1/transcripts/{base.id}/notes/stale").json()
    return found["summary"], found["chapters"]


def test_notes_are_stale_once_their_text_was_changed(workspace, base):
    """The summary, and the chapter of the words; another speaker changes none."""
    with serving(workspace) as client:
        assert stale(client, base) == (False, [])
        edits = edits_here(workspace.revisions)
        edit(edits, base.id, [relabelled([base.words[0].id], base.segments[1].speaker)])
        assert stale(client, base) == (False, [])
        last = next(word for word in base.words if word.start >= 5.0)
        edit(edits, base.id, [Replace(word=last.id, text="No,")])
        assert stale(client, base) == (True, [5.0])


def test_a_change_makes_every_chapter_stale_that_it_touches(workspace, base):
    """Words that went from the end of one chapter to the beginning of the next are one change."""
    edits = edits_here(workspace.revisions)
    first, second = (segment.words for segment in base.segments[:2])
    assert first[-1].start < 5.0 <= second[0].start
    for words in (first[-2:], second[:2]):
        edit(edits, base.id, [Delete(words=tuple(word.id for word in words))])
    with serving(workspace) as client:
        assert stale(client, base) == (True, [0.0, 5.0])
