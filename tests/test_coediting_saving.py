"""What was written together becomes a version."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

pytest.importorskip("pycrdt")
from pycrdt import Map
from sqlalchemy import delete, update

from trax.coediting import documents
from trax.errors import NotFound
from trax.pipelines.transcribe import transcribe
from trax.revision import Delete
from trax.service import coediting, conflicts, leases, saving
from trax.service.recordings import upload
from trax.service.revisions import edit, edits_here, undo
from trax.stages.options import TranscribeOptions
from trax.store import DocumentRepository
from trax.store.document_tables import DocumentRow, DocumentStateRow, DocumentUpdateRow
from trax.store.documents import RoomUpdate
from trax.store.revisions import Author
from trax.testing import tone, transcript, write_audio
from trax.transcript import Span, identified
from trax.web.coediting import open_documents

ANN, BEN = Author("a", "Ann"), Author("b", "Ben")


def typed(workspace, document_id: str, author: Author, place: int, text: str, **attributes):
    """Somebody types in the first part."""
    store = DocumentRepository(workspace.database)
    rooms = coediting.loaded(store.load(document_id))
    updates: list[bytes] = []
    rooms["0"].observe(lambda event: updates.append(event.update))
    documents.text_of(rooms["0"]).insert(place, text, attributes)
    made = [RoomUpdate(room="0", data=each, author=author) for each in updates]
    store.put(document_id, made)


def test_words_that_were_typed_are_looked_for_in_the_sound(workspace, tmp_path, monkeypatch):
    """Once, for everybody: their times are told with the version, and stay."""

    class Says:
        def align(self, _window, texts, _language):
            return [Span(0.11 * at, 0.11 * at + 0.05) for at, _ in enumerate(texts)]

    monkeypatch.setattr(workspace.engines, "aligner", lambda _language: Says(), raising=False)
    file = write_audio(tmp_path / "call.wav", tone(6.0))
    source = upload(workspace, file, file.name)
    name = transcribe(workspace, source, TranscribeOptions()).transcript_id
    base = workspace.repository.get(name)
    opened = coediting.open_document(workspace, name)
    place = len(base.words[0].text) + 1
    typed(workspace, opened.document.id, ANN, place, " hm", w="ffffffffffff")
    asked = []
    import trax.service.typed_together as together

    kept = together.typed_times

    def looked(*arguments):
        asked.append(kept(*arguments))
        return asked[-1]

    monkeypatch.setattr(together, "typed_times", looked)
    saved = saving.save(workspace, opened.document.id)
    (found,) = asked
    assert found.heard
    made = workspace.repository.get(name, saved.version)
    word = next(each for each in made.words if each.id == "ffffffffffff")
    assert Span(word.start, word.end) == found.spans[0]
    assert saved.words == [("ffffffffffff", word.start, word.end)]
    assert saving.save(workspace, opened.document.id).version == saved.version
    assert len(asked) == 1


def test_a_version_names_all_who_wrote(workspace):
    """And a second one those who wrote since."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    typed(workspace, opened.document.id, ANN, 1, "Oh ")
    typed(workspace, opened.document.id, BEN, 1, "So ")
    saving.save(workspace, opened.document.id)
    typed(workspace, opened.document.id, BEN, 1, "Well ")
    saving.save(workspace, opened.document.id)
    second, first = workspace.revisions.newest(base.id)
    assert first.author.name == "Ann, Ben"
    assert first.authors == (ANN, BEN)
    assert (second.author, second.authors) == (BEN, (BEN,))
    assert workspace.repository.get(base.id).text.startswith("Well So Oh Good morning")


@pytest.fixture
def short(monkeypatch):
    """Leases that are soon over."""
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=0.4))


def test_one_at_a_time_saves_however_long_that_takes(workspace, monkeypatch, short):
    """The lease is renewed meanwhile; whoever comes second leaves it to the first."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    typed(workspace, opened.document.id, ANN, 1, "Oh ")
    author = saving._authors
    others = []

    def slowly(*given):
        for _ in range(5):
            time.sleep(0.2)
            with leases.leased(workspace.database, opened.document.id) as lease:
                others.append(lease)
        return author(*given)

    monkeypatch.setattr(saving, "_authors", slowly)
    assert saving.save(workspace, opened.document.id).version == 2
    assert others == [None] * 5
    with leases.leased(workspace.database, opened.document.id) as lease:
        assert lease is not None


def test_who_lost_the_lease_saves_nothing(workspace, monkeypatch, short):
    """A process that stood still for long finds that another has saved: there is one version."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    typed(workspace, opened.document.id, ANN, 1, "Oh ")
    monkeypatch.setattr(leases, "_RENEWALS", 1e-9)
    author = saving._authors
    others = []

    def stands_still(*given):
        monkeypatch.setattr(saving, "_authors", author)
        time.sleep(0.5)
        others.append(saving.save(workspace, opened.document.id))
        return author(*given)

    monkeypatch.setattr(saving, "_authors", stands_still)
    assert saving.save(workspace, opened.document.id) is None
    assert [each.version for each in others] == [2]
    assert workspace.repository.versions(base.id)[0].version == 2
    assert workspace.repository.get(base.id).text.startswith("Oh Good morning")
    assert saving.save(workspace, opened.document.id).version == 2


def test_what_a_service_left_is_saved_by_another_and_old_documents_go(workspace, monkeypatch):
    """What nobody has opened for a month is made anew of its newest version."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    typed(workspace, opened.document.id, ANN, 1, "Oh ")
    saving.take_over(workspace, timedelta(minutes=1))
    assert workspace.repository.versions(base.id)[0].version == 1
    saving.take_over(workspace)
    saving.drop_unused(workspace)
    assert workspace.repository.get(base.id).text.startswith("Oh Good")
    assert coediting.open_document(workspace, base.id).document.id == opened.document.id
    monkeypatch.setattr(saving, "_UNUSED", -saving._UNUSED)
    saving.drop_unused(workspace)
    again = coediting.open_document(workspace, base.id)
    assert again.document.id != opened.document.id
    assert again.base == 2


def test_what_fits_nowhere_in_a_version_of_others_is_kept_as_a_conflict(workspace):
    """A word was corrected that another program deletes meanwhile: what was typed is not lost."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    word = base.words[1]
    place = 1 + len(base.words[0].text) + 1
    typed(workspace, opened.document.id, ANN, place + 1, "zz", w=word.id)
    edit(edits_here(workspace.revisions), base.id, [Delete(words=(word.id,))])
    saved = saving.save(workspace, opened.document.id)
    assert word.id not in {each.id for each in workspace.repository.get(base.id).words}
    (found,) = conflicts.listed(workspace, base.id)
    assert "zz" in found.wanted
    assert found.span is not None
    assert saving.save(workspace, opened.document.id).version == saved.version
    assert len(conflicts.listed(workspace, base.id)) == 1


def test_who_lost_the_lease_notes_no_conflict(workspace, monkeypatch):
    """Whoever has it by now finds what fits nowhere, and notes it once."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    word = base.words[1]
    place = 1 + len(base.words[0].text) + 1
    typed(workspace, opened.document.id, ANN, place + 1, "zz", w=word.id)
    edit(edits_here(workspace.revisions), base.id, [Delete(words=(word.id,))])
    held = saving.rebase

    def loses(*given):
        with workspace.database.writing() as session:
            session.execute(update(DocumentRow).values(saving_by="another"))
        return held(*given)

    with monkeypatch.context() as patched:
        patched.setattr(saving, "rebase", loses)
        assert saving.save(workspace, opened.document.id) is None
    assert conflicts.listed(workspace, base.id) == []
    with workspace.database.writing() as session:
        session.execute(update(DocumentRow).values(saving_by="", saving_until=None))
    saving.save(workspace, opened.document.id)
    assert len(conflicts.listed(workspace, base.id)) == 1


def test_a_document_that_goes_while_it_is_saved_is_gone(workspace, monkeypatch):
    """Nobody else saves it: whoever has it open learns that, and opens the transcript again."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    typed(workspace, opened.document.id, ANN, 1, "Oh ")
    authors = saving._authors

    def goes(*given):
        with workspace.database.writing() as session:
            for table in (DocumentUpdateRow, DocumentStateRow, DocumentRow):
                session.execute(delete(table))
        return authors(*given)

    monkeypatch.setattr(saving, "_authors", goes)
    with pytest.raises(NotFound, match="replaced"):
        saving.save(workspace, opened.document.id)
    assert workspace.repository.versions(base.id)[0].version == 1


def test_a_version_that_a_service_saved_before_it_died_is_not_saved_twice(workspace, monkeypatch):
    """Nor is what was typed put in twice, though its letters had no word yet."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    typed(workspace, opened.document.id, ANN, 1, "Oh ")

    def dies(*_arguments, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(DocumentRepository, "put", dies)
        with pytest.raises(KeyboardInterrupt):
            saving.save(workspace, opened.document.id)
    made = workspace.repository.get(base.id)
    assert saving.save(workspace, opened.document.id).version == 2
    assert workspace.repository.get(base.id) == made
    assert conflicts.listed(workspace, base.id) == []


@pytest.mark.parametrize(
    ("room", "name", "key", "value"),
    [
        (documents.META, "state", "base", "x"),
        (documents.META, "state", "base", 10**9),
        (documents.META, "speakers", "SPEAKER_00", {"name": "A\0nn"}),
        (documents.META, "speakers", "new\0", {"name": "Ann"}),
        ("0", "", "w", "a\0"),
    ],
)
def test_whatever_a_page_writes_what_others_typed_is_saved(workspace, room, name, key, value):
    """No page keeps a document from being saved or opened."""
    base = identified(transcript())
    workspace.repository.save(base)
    opened = coediting.open_document(workspace, base.id)
    store = DocumentRepository(workspace.database)
    doc = coediting.loaded(store.load(opened.document.id))[room]
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    if name:
        doc.get(name, type=Map)[key] = value
    else:
        documents.text_of(doc).insert(1, "hey ", {key: value})
    made = [RoomUpdate(room=room, data=each, author=BEN) for each in updates]
    store.put(opened.document.id, made)
    typed(workspace, opened.document.id, ANN, 1, "Oh ")
    saved = saving.save(workspace, opened.document.id)
    assert workspace.repository.get(base.id).text.startswith("Oh ")
    assert saving.save(workspace, opened.document.id).version == saved.version
    assert coediting.open_document(workspace, base.id).base == saved.version


def test_one_that_cannot_be_saved_keeps_no_other_from_it(workspace, monkeypatch):
    """Whatever goes wrong with it."""
    first = identified(transcript())
    second = replace(first, id="ba9876543210")
    for each in (first, second):
        workspace.repository.save(each)
    ids = [coediting.open_document(workspace, each.id).document.id for each in (first, second)]
    for each in ids:
        typed(workspace, each, ANN, 1, "Oh ")
    kept = saving.save

    def save(workspace, document_id):
        if document_id == ids[0]:
            raise RuntimeError("broken")
        return kept(workspace, document_id)

    monkeypatch.setattr(saving, "save", save)
    monkeypatch.setattr(open_documents, "_GLANCE", 0.01)

    async def watched() -> bool:
        held = open_documents.OpenDocuments(workspace)
        for each in ids:
            await held._opened(each)
        watching = asyncio.create_task(held.watch())
        for _ in range(500):
            await asyncio.sleep(0.02)
            if watching.done() or workspace.repository.versions(second.id)[0].version == 2:
                break
        is_going_on = not watching.done()
        watching.cancel()
        await held.close()
        return is_going_on

    assert asyncio.run(watched())
    assert workspace.repository.get(second.id).text.startswith("Oh ")


def test_one_that_takes_long_to_save_holds_up_no_other(workspace, monkeypatch):
    """Each is looked after by itself."""
    first = identified(transcript())
    second = replace(first, id="ba9876543210")
    for each in (first, second):
        workspace.repository.save(each)
    ids = [coediting.open_document(workspace, each.id).document.id for each in (first, second)]
    for each in ids:
        typed(workspace, each, ANN, 1, "Oh ")
    kept = saving.save
    is_saved = threading.Event()

    def save(workspace, document_id):
        if document_id == ids[0]:
            assert is_saved.wait(30)
        found = kept(workspace, document_id)
        if document_id == ids[1]:
            is_saved.set()
        return found

    monkeypatch.setattr(saving, "save", save)
    monkeypatch.setattr(open_documents, "_GLANCE", 0.01)

    async def watched() -> None:
        held = open_documents.OpenDocuments(workspace)
        for each in ids:
            await held._opened(each)
        watching = asyncio.create_task(held.watch())
        await asyncio.to_thread(is_saved.wait, 30)
        watching.cancel()
        await held.close()

    asyncio.run(watched())
    assert [workspace.repository.versions(each.id)[0].version for each in (first, second)] == [2, 2]


def test_what_was_taken_back_elsewhere_stays_taken_back(workspace):
    """The version in between may be listed no more, since its changes make it again."""
    base = identified(transcript())
    workspace.repository.save(base, None)
    opened = coediting.open_document(workspace, base.id)
    edits = edits_here(workspace.revisions)
    line = tuple(word.id for word in base.segments[1].words)
    removed = edit(edits, base.id, [Delete(words=line, silenced=True)])
    assert saving.save(workspace, opened.document.id).version == removed.version
    back = undo(edits, base.id, removed.version)
    assert saving.save(workspace, opened.document.id).version == back.version
    assert workspace.repository.get(base.id).segments == base.segments
