"""Who last changed each word, and when."""

import pytest

from trax.revision import Delete, Insert, Replace, Split, apply, inverse, relabelled
from trax.service.blame import last_changes
from trax.service.revisions import Edits, edit, restore_version, undo
from trax.store.revisions import Author, Change, RevisionKind, RevisionRepository
from trax.testing import transcript
from trax.testing.engine_server import scripted_workspace
from trax.testing.web_server import serving
from trax.transcript import Word, identified

ANN, BEN = Author("a", "Ann"), Author("b", "Ben")


@pytest.fixture
def base(workspace):
    made = identified(transcript())
    workspace.repository.save(made)
    return made


def by(workspace, author: Author) -> Edits:
    return Edits(revisions=workspace.revisions, author=author)


def said(workspace, base, version: int | None = None) -> list[tuple[str, str]]:
    found = last_changes(workspace.revisions, base.id, version)
    return [(each.text, each.revision.author.name) for each in found]


def test_the_last_who_changed_a_word_is_named(workspace, base):
    """Of every version as it was then; what only stands elsewhere since was not changed."""
    words = base.words
    edit(by(workspace, ANN), base.id, [Replace(word=words[0].id, text="Very")])
    new = Word(words[1].start, words[1].start, "good", id="new")
    edit(by(workspace, ANN), base.id, [Insert(words=(new,), after=words[0].id)])
    assert said(workspace, base) == [("Very", "Ann"), ("good", "Ann")]
    edit(by(workspace, BEN), base.id, [Replace(word=words[0].id, text="So")])
    label = base.segments[1].words[0].speaker
    edit(by(workspace, BEN), base.id, [relabelled([words[-1].id], label)])
    now = [("So", "Ben"), ("good", "Ann"), (words[-1].text, "Ben")]
    assert said(workspace, base) == now
    edit(by(workspace, ANN), base.id, [Split(before=base.segments[1].words[1].id)])
    edit(by(workspace, ANN), base.id, [Delete(words=(words[1].id,))])
    assert said(workspace, base) == now
    assert said(workspace, base, 3) == [("Very", "Ann"), ("good", "Ann")]


def test_who_takes_back_or_restores_changed_the_words(workspace, base):
    """Though no operations say what a restored version changed."""
    words = base.words
    edit(by(workspace, ANN), base.id, [Replace(word=words[0].id, text="Very")])
    edit(by(workspace, ANN), base.id, [Replace(word=words[2].id, text="but")])
    undo(by(workspace, BEN), base.id, 2)
    assert said(workspace, base) == [(words[0].text, "Ben"), ("but", "Ann")]
    restore_version(by(workspace, BEN), base.id, 1)
    assert said(workspace, base) == [(words[0].text, "Ben"), (words[2].text, "Ben")]


def test_few_changes_are_held_at_a_time(workspace, base, monkeypatch):
    """However long the history is, and none once every word has its last one."""
    words = base.words
    for number in range(50):
        edit(by(workspace, ANN), base.id, [Replace(word=words[number % 2].id, text=f"w{number}")])
    read = workspace.revisions.newest
    asked = []

    def newest(reference, most=50, before=None):
        asked.append(most)
        return read(reference, most, before)

    monkeypatch.setattr(RevisionRepository, "newest", lambda _self, *given: newest(*given))
    found = last_changes(workspace.revisions, base.id)
    assert [(each.text, each.revision.version) for each in found] == [("w48", 50), ("w49", 51)]
    assert all(each.revision.operations is None for each in found)
    assert max(asked) <= 20
    edit(by(workspace, BEN), base.id, [Replace(word=each.id, text="all") for each in words])
    asked.clear()
    assert said(workspace, base) == [(" ".join(["all"] * len(words)), "Ben")]
    assert len(asked) == 1


def joint(workspace, base):
    """Save a version that two people made together."""
    document = identified(base)
    operation = Replace(word=base.words[0].id, text="Very")
    change = Change(
        document=apply(document, operation),
        kind=RevisionKind.EDIT,
        author=Author("", "Ann, Ben"),
        authors=(ANN, BEN),
        operations=(operation,),
        inverse=(inverse(document, operation),),
    )
    return workspace.revisions.save(change, 1)


def test_a_version_of_several_names_them_all(workspace, base):
    """In its history and at its words."""
    joint(workspace, base)
    both = [{"id": each[0].lower(), "name": each, "guest": False} for each in ("Ann", "Ben")]
    with serving(workspace) as client:
        path = f"/v1/transcripts/{base.id}"
        (listed,) = client.get(f"{path}/revisions").json()["items"]
        assert listed["authors"] == both
        found = client.get(f"{path}/blame").json()
        assert found["version"] == 2
        (blamed,) = found["items"]
        assert (blamed["authors"], blamed["text"], blamed["version"]) == (both, "Very", 2)
        assert blamed["words"] == [base.words[0].id]
        assert client.get(f"{path}/blame", params={"version": 1}).json()["items"] == []


def test_the_command_line_names_them_too(home, trax):
    """With the versions, and with the words."""
    workspace = scripted_workspace(home)
    base = identified(transcript())
    workspace.repository.save(base)
    joint(workspace, base)
    assert "Ann, Ben" in trax("show", base.id, "--versions").stdout
    assert "Ann, Ben" in trax("show", base.id, "--blame").stdout
    alone = trax("show", base.id, "--blame", "--version", 1).stdout
    assert "Nobody has changed" in alone
