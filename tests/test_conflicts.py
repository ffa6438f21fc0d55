"""Decisions that do not fit a transcript made anew: kept, listed, settled one by one."""

from dataclasses import replace

import pytest

from trax.errors import InvalidOption, NotFound
from trax.revision import Delete, Misfit, Relabel, Replace, apply, insisted, rebase, relabelled
from trax.service.again import carry_over
from trax.service.conflicts import Keep, listed, settle
from trax.service.revisions import edit, edits_here
from trax.testing import transcript
from trax.testing.web_server import serving
from trax.transcript import Span, Transcript

AGAIN = "ba9876543210"


def anew(old: Transcript) -> Transcript:
    """The recording read once more: its second word is another, a bit later."""
    first = old.segments[0]
    words = list(first.words)
    second = words[1]
    words[1] = replace(second, text="unlike", id="other", start=second.start + 0.01)
    segments = (replace(first, words=tuple(words)), *old.segments[1:])
    return replace(old, id=AGAIN, segments=segments, notes=None, enhancement=None)


@pytest.fixture
def made(workspace) -> Transcript:
    """A transcript made anew, to which a decision on a word that it lacks was carried over."""
    old = transcript()
    workspace.repository.save(old)
    workspace.repository.save(anew(old))
    wishes = [
        Replace(word=old.words[0].id, text="Well"),
        Replace(word=old.words[1].id, text="mended"),
    ]
    edits = edits_here(workspace.revisions)
    edit(edits, old.id, wishes)
    carry_over(workspace, edits, AGAIN, old.id)
    return workspace.repository.get(AGAIN)


class TestSilence:
    def test_what_was_silenced_stays_silent_if_its_word_is_gone(self):
        """By its time; what is said there now is for people to decide."""
        old = transcript()
        word = old.words[1]
        found = rebase([Delete(words=(word.id,), silenced=True)], old, anew(old))
        assert found.transcript.silenced == (Span(word.start, word.end),)
        (misfit,) = found.misfits
        assert misfit.span == Span(word.start, word.end)

    def test_what_is_insisted_on_is_silenced_once_more(self):
        """With the word that stands there now."""
        old = transcript()
        word = old.words[1]
        gone = Delete(words=(word.id,), silenced=True)
        (misfit,) = rebase([gone], old, anew(old)).misfits
        after = apply(anew(old), insisted(misfit, anew(old)))
        assert "other" not in {each.id for each in after.words}


class TestInsisting:
    def test_a_speaker_is_given_to_what_is_said_then(self):
        """Whatever its words are."""
        old = transcript()
        label = old.speakers[-1].label
        (misfit,) = rebase([relabelled([old.words[1].id], label)], old, anew(old)).misfits
        found = insisted(misfit, anew(old))
        assert isinstance(found, Relabel)
        assert [(each.word, each.speaker) for each in found.labels] == [("other", label)]

    def test_nothing_is_done_where_nothing_is_said(self):
        """One sentence says so."""
        misfit = Misfit(operation=Replace(word="x", text="y"), reason="", span=Span(5e3, 6e3))
        with pytest.raises(InvalidOption, match="nothing is said at"):
            insisted(misfit, transcript())


class TestConflicts:
    def test_what_does_not_fit_is_listed(self, workspace, made):
        """With what stands there; what fits is done."""
        assert made.words[0].text == "Well"
        (one,) = listed(workspace, AGAIN)
        assert (one.number, one.kind, one.wanted, one.stands) == (1, "replace", "mended", "unlike")
        assert one.can_keep_mine

    def test_mine_is_done_by_time_and_settled(self, workspace, made):
        """As one change that can be taken back."""
        settle(workspace, edits_here(workspace.revisions), AGAIN, 1, Keep.MINE)
        assert workspace.repository.get(AGAIN).words[1].text == "mended"
        assert listed(workspace, AGAIN) == []
        with pytest.raises(NotFound, match="settled"):
            settle(workspace, edits_here(workspace.revisions), AGAIN, 1, Keep.NEW)

    def test_a_second_try_lists_it_once(self, workspace, made):
        """In place of the first."""
        carry_over(workspace, edits_here(workspace.revisions), AGAIN, transcript().id)
        assert len(listed(workspace, AGAIN)) == 1

    def test_why_nothing_was_carried_over_is_listed(self, workspace, made):
        """And can only be left."""
        workspace.conflicts.put_problem(AGAIN, transcript().id, "changed meanwhile")
        (one,) = listed(workspace, AGAIN)
        assert (one.reason, one.kind, one.can_keep_mine) == ("changed meanwhile", "", False)

    def test_over_http(self, workspace, made, home):
        """The new is left, and nothing is changed."""
        with serving(workspace) as client:
            client.headers["If-Match"] = "*"
            url = f"/v1/transcripts/{AGAIN}/conflicts"
            (item,) = client.get(url).json()["items"]
            assert item["stands"] == "unlike"
            told = client.post(f"{url}/{item['number']}", json={"keep": "new"})
            assert (told.status_code, told.json()) == (200, {"revision": None})
            assert client.get(url).json()["items"] == []
            assert client.post(f"{url}/7", json={"keep": "mine"}).status_code == 404
