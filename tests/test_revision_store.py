"""What people changed, in a database of every kind: kept for ever, documents as needed."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import text

from trax.errors import Conflict, InvalidDocument, NotFound
from trax.revision import Delete, Join, Rename, Replace, Split, apply
from trax.service.revisions import edit, edits_here, restore_version, undo
from trax.store import RevisionRepository
from trax.store.memory import DocumentMemory
from trax.testing import transcript


@pytest.fixture
def revisions(database) -> RevisionRepository:
    found = RevisionRepository(database)
    found.transcripts.save(transcript())
    return found


def spoken(number: int) -> Replace:
    return Replace(word=transcript().words[0].id, text=f"w{number}")


def test_a_version_is_made_again_from_its_changes(revisions, database):
    """Though its document was dropped; nothing but the newest is found by search."""
    for number in range(4):
        edit(edits_here(revisions), "latest", [spoken(number)])
    database.memory = DocumentMemory()
    assert [each.version for each in revisions.transcripts.versions("latest")] == [5, 1]
    for version in range(2, 6):
        first = revisions.transcripts.get("latest", version).words[0].text
        assert first == f"w{version - 2}"
    with database.reading() as session:
        assert session.scalar(text("select count(distinct version) from segments")) == 2
    with pytest.raises(NotFound):
        revisions.transcripts.get("latest", 6)


def test_every_version_is_found_by_what_is_said_in_it(revisions):
    """Whatever was changed: a word, who speaks, where segments begin."""
    words = transcript().words
    edits = edits_here(revisions)
    edit(edits, "latest", [Replace(word=words[0].id, text="first")])
    edit(edits, "latest", [Replace(word=words[0].id, text="zebra")])
    edit(edits, "latest", [Split(before=words[4].id)])
    edit(edits, "latest", [Replace(word=words[-1].id, text="giraffe")])
    edit(edits, "latest", [Join(word=words[4].id), Delete(words=(words[1].id,))])
    found = revisions.transcripts.search
    assert [hit.version for hit in found("zebra")] == [6]
    assert [hit.version for hit in found("giraffe")] == [6]
    assert found("first") == found("good") == []
    assert [hit.text for hit in found("budget")] == [
        each.text for each in revisions.transcripts.get("latest").segments if "budget" in each.text
    ]


def test_a_named_version_keeps_its_document(revisions):
    """And is found under its name."""
    edit(edits_here(revisions), "latest", [spoken(1)], name="as printed")
    edit(edits_here(revisions), "latest", [spoken(2)])
    assert [each.version for each in revisions.transcripts.versions("latest")] == [3, 2, 1]
    assert revisions.get("latest", 2).name == "as printed"


def test_history_is_read_back_as_it_was_written(revisions):
    """Operations, their inverse, who and what kind; `None` where no operations say it."""
    made = edit(
        edits_here(revisions), "latest", [spoken(1), Rename(speaker="SPEAKER_00", name="A")]
    )
    assert made.operations[0] == spoken(1)
    back = undo(edits_here(revisions), "latest", made.version)
    assert back.operations == made.inverse
    restored = restore_version(edits_here(revisions), "latest", made.version)
    assert (restored.operations, restored.inverse, restored.restored) == (None, None, 2)
    assert revisions.since("latest", 1) == [made, back, restored]


def test_of_many_writers_of_one_version_one_succeeds(revisions):
    """The others learn that it was changed meanwhile, and nothing of theirs is kept."""
    edits = replace(edits_here(revisions), base_version=1)

    def write(number: int) -> bool:
        with suppress(Conflict):
            edit(edits, "latest", [spoken(number)])
            return True
        return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(write, range(6))) == 1
    assert [each.version for each in revisions.newest("latest")] == [2]


def test_changes_that_make_another_document_are_damage(revisions, database):
    """Nobody is shown a version that was not there."""
    for number in range(3):
        edit(edits_here(revisions), "latest", [spoken(number)])
    with database.writing() as session:
        session.execute(text("update revisions set digest = 'other' where version = 3"))
    database.memory = DocumentMemory()
    with pytest.raises(InvalidDocument, match="cannot be made again"):
        revisions.transcripts.get("latest", 3)


def test_what_is_remembered_is_bounded():
    """By words; what was used last stays."""
    words = len(transcript().words)
    memory = DocumentMemory(2 * words)
    keys = [("t", number, "d") for number in range(3)]
    for key in keys:
        memory.put(key, transcript())
    assert [memory.get(key) is not None for key in keys] == [False, True, True]


def test_a_segment_that_versions_share_is_counted_once():
    """A small change of a long transcript costs little, and its versions stay remembered."""
    base = transcript()
    memory = DocumentMemory(len(base.words) + len(base.segments[0].words))
    memory.put(("t", 1, "d"), base)
    for number in range(2, 5):
        memory.put(("t", number, "d"), apply(base, spoken(number)))
    found = [memory.get(("t", number, "d")) is not None for number in range(1, 5)]
    assert found == [False, False, True, True]


def test_a_version_made_again_is_remembered(revisions, database, monkeypatch):
    """It costs as much as all that was done since the last one that is kept."""
    for number in range(4):
        edit(edits_here(revisions), "latest", [spoken(number)])
    database.memory = DocumentMemory()
    made = revisions.transcripts.get("latest", 3)
    monkeypatch.setattr("trax.store.transcripts.replayed", None)
    assert revisions.transcripts.get("latest", 3) == made
