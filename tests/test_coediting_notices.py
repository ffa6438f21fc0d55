"""What other services keep of a document that is open, or just being opened, in this one."""

import asyncio
import json

import pytest

pytest.importorskip("pycrdt")
from trax.coediting import documents
from trax.service import coediting, saving
from trax.store.documents import DocumentRepository, RoomUpdate
from trax.store.revisions import Author
from trax.testing import transcript
from trax.transcript import identified
from trax.web.coediting.open_documents import OpenDocuments


@pytest.fixture
def document(workspace):
    made = identified(transcript())
    workspace.repository.save(made, None)
    return coediting.open_document(workspace, made.id).document.id


def keep(store: DocumentRepository, document: str, word: str) -> str:
    """Keep a word as another service does; gives the notice of it."""
    doc = coediting.loaded(store.load(document))["0"]
    before = doc.get_state()
    documents.text_of(doc).insert(1, f"{word} ")
    update = RoomUpdate(room="0", data=doc.get_update(before), author=Author("ben", "Ben"))
    kept = store.put(document, [update], "another")
    return json.dumps(["another", document, [each.seq for each in kept]])


async def said(opened, word: str) -> None:
    async with asyncio.timeout(30):
        while word not in str(documents.text_of(opened._rooms["0"])):
            await asyncio.sleep(0.01)


def test_what_comes_while_a_document_is_opened_is_taken(workspace, document, monkeypatch):
    """After it was read, and before it is open."""
    here = OpenDocuments(workspace)
    store = DocumentRepository(workspace.database)
    load = DocumentRepository.load

    async def opened() -> None:
        loop = asyncio.get_running_loop()

        def loads(self, *asked):
            found = load(self, *asked)
            monkeypatch.setattr(DocumentRepository, "load", load)
            heard = here._heard(keep(store, document, "between"))
            asyncio.run_coroutine_threadsafe(heard, loop).result()
            return found

        monkeypatch.setattr(DocumentRepository, "load", loads)
        await said(await here._opened(document), "between")
        await here.close()

    asyncio.run(opened())


def test_what_is_a_state_before_it_is_read_is_taken(workspace, document):
    """Others may put a state in the place of updates before their notice is heard."""
    here = OpenDocuments(workspace)
    store = DocumentRepository(workspace.database)

    async def opened() -> None:
        found = await here._opened(document)
        notice = keep(store, document, "early")
        for number in range(300):
            keep(store, document, f"w{number}")
        saving.save(workspace, document)
        assert coediting.compact(workspace, document)
        await here._heard(notice)
        await said(found, "early")
        await here.close()

    asyncio.run(opened())
