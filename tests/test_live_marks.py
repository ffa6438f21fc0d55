"""Moments that were marked while somebody spoke, once the session is a transcript."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from test_live_outcome import HEARD, final, live

from trax.errors import StoreUnavailable
from trax.live.events import Corrected, Marked
from trax.live.keeping import Header, Kept
from trax.live.options import LiveOptions
from trax.service import conflicts, live_here
from trax.service.live_endings import carry_into
from trax.service.live_here import Here
from trax.settings import load_settings
from trax.store.comments import CommentRepository
from trax.store.revisions import author_here
from trax.work import retry

MARK = Marked(at=1.2, text="the budget")
RIGHT = Corrected(word="live3", text="Lisbon")


@pytest.fixture
def finished(workspace, tmp_path, monkeypatch):
    """Ends a session of this process that became a transcript."""
    monkeypatch.setattr(live_here, "recording", lambda *_given: SimpleNamespace(source="here"))

    def finish(document, *decisions) -> str:
        workspace.repository.save(document)
        run = SimpleNamespace(transcript_id=document.id)
        monkeypatch.setattr(live_here, "run", lambda *_given: run)
        header = Header(id="aa", began=0.0, options=LiveOptions())
        kept = Kept.create(tmp_path / "live", header)
        session = SimpleNamespace(kept=kept, captions=live(*HEARD, decisions=decisions))
        return Here(workspace, load_settings()).finish(session)

    return finish


def test_a_mark_is_a_comment_on_what_was_said_then(workspace, finished):
    """With the sentence."""
    reference = finished(final(*HEARD), MARK)
    (found,) = CommentRepository(workspace.database).of(reference)
    assert (found.text, "sintra" in found.quote) == ("the budget", True)
    assert conflicts.listed(workspace, reference) == []


def test_what_fits_nowhere_is_kept_as_a_conflict(workspace, finished):
    """Of a mark when it was made and what it says, though the better model heard no word."""
    silent = replace(final(*HEARD), segments=(), turns=(), exclusive_turns=(), speakers=())
    reference = finished(silent, MARK, RIGHT)
    found = [each.reason for each in conflicts.listed(workspace, reference)]
    assert len(found) == 2
    assert any("1.2 s" in each and "the budget" in each for each in found)


def test_a_store_that_was_away_is_waited_for(workspace, finished, monkeypatch):
    """What was done before it went is not done twice."""
    add = CommentRepository.add
    tries = []

    def away_at_first(repository, comment):
        tries.append(comment)
        if len(tries) == 1:
            raise StoreUnavailable("away")
        add(repository, comment)

    monkeypatch.setattr(CommentRepository, "add", away_at_first)
    monkeypatch.setattr(retry, "RETRY_DELAYS", [0.0])
    reference = finished(final(*HEARD), RIGHT, MARK)
    assert len(CommentRepository(workspace.database).of(reference)) == 1
    assert [each.version for each in workspace.repository.versions(reference)] == [2, 1]
    assert conflicts.listed(workspace, reference) == []


def test_what_was_carried_over_before_is_known_again(workspace):
    """With the words that are the same, though the version is not the newest any more."""
    document = final(*HEARD)
    workspace.repository.save(document)
    captions = live(*HEARD, decisions=[RIGHT])
    first = carry_into(workspace, captions, document.id, 1, author_here())
    assert carry_into(workspace, captions, document.id, 1, author_here()) == first
    assert first.words
    assert len(workspace.revisions.newest(document.id)) == 1
