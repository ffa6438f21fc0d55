"""Documents that several people have open in a running service."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import httpx
import pytest

pytest.importorskip("pycrdt")
from trax.coediting import documents
from trax.store import DocumentRepository
from trax.testing import transcript
from trax.testing.coediting import Writer, opened
from trax.testing.engine_server import scripted_workspace
from trax.transcript import identified


@contextmanager
def service(home, *arguments: str):
    """The address of a service of its own process, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "trax.testing.web_server", str(home), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TRAX_HOME": str(home)},
    )
    try:
        yield process.stdout.readline().strip(), process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("together") / "home"


@pytest.fixture(scope="module")
def workspace(home):
    return scripted_workspace(home)


@pytest.fixture(scope="module")
def server(home, workspace):
    with service(home) as (url, _process):
        yield url


@pytest.fixture
def base(workspace, request):
    """A transcript of this test's own."""
    name = f"{abs(hash(request.node.name)):012x}"[:12]
    made = identified(transcript())
    made = type(made)(**{**{f: getattr(made, f) for f in made.__slots__}, "id": name})
    workspace.repository.save(made, None)
    return made


def test_what_one_types_the_other_sees_and_a_version_keeps(server, workspace, base):
    """By whom it was typed, with the times of the words that nobody touched."""
    ann, ben = Writer(server, base.id), Writer(server, base.id)
    with ann.lock:
        ann.text().insert(5, "est")
    with ben.lock:
        ben.text().insert(1, "Very ")
    assert ann.until(lambda: "Very Goodest" in ann.said().replace("Goodest", "Goodest"))
    assert ben.until(lambda: ann.said() == ben.said())
    assert ann.until(ann.is_kept)
    assert ann.until(lambda: any(each["type"] == "saved" for each in ann.told))
    newest = workspace.repository.versions(base.id)[0]
    made = workspace.repository.get(base.id, newest.version)
    assert made.text.startswith("Very Goodest morning,")
    assert made.words[2:] == base.words[1:]
    ann.close()
    ben.close()


def test_who_comes_back_brings_what_was_typed_meanwhile(server, base):
    """Two who were both away have one text in the end, with what both typed."""
    ann, ben = Writer(server, base.id), Writer(server, base.id)
    ann.close()
    ben.close()
    ann.until(lambda: ann.code is not None)
    ben.until(lambda: ben.code is not None)
    for writer, word in ((ann, "ANN "), (ben, "BEN ")):
        with writer.lock:
            for _ in range(50):
                writer.text().insert(1, word)
    ann.connect()
    ben.connect()
    assert ann.until(lambda: ann.said().count("BEN") == 50)
    assert ben.until(lambda: ben.said() == ann.said())
    assert ann.said().count("ANN") == 50
    ann.close()
    ben.close()


def test_nothing_that_was_acknowledged_is_lost_to_a_kill(tmp_path):
    """A service killed while people type has all that it said it had."""
    home = tmp_path / "home"
    workspace = scripted_workspace(home)
    base = identified(transcript())
    workspace.repository.save(base, None)
    with service(home) as (url, process):
        writers = [Writer(url, base.id) for _ in range(3)]
        for number in range(40):
            for writer in writers:
                with writer.lock:
                    writer.text().insert(1, f"{chr(65 + number % 26)} ")
            if number == 30:
                writers[0].until(lambda: sum(writers[0].stored.values()) > 10)
                process.send_signal(signal.SIGKILL)
                process.wait()
        kept = [sum(writer.stored.values()) for writer in writers]
    with service(home) as (url, _process):
        for writer in writers:
            writer.until(lambda writer=writer: writer.code is not None)
            writer.url = url
            writer.connect()
        for writer in writers:
            assert writer.until(lambda writer=writer: writer.said() == writers[0].said())
        assert all(kept)
        assert len(writers[0].said()) == len(Writer(url, base.id).said())
        assert writers[0].said().count(" ") >= 120
        for writer in writers:
            writer.close()


def test_what_is_deleted_with_its_sound_elsewhere_is_told(server, workspace, base):
    """Whoever has it open hears it no more without opening it anew; undone, they hear it again."""
    ann = Writer(server, base.id)
    word = base.words[1]
    body = {"operations": [{"kind": "delete", "words": [word.id], "silenced": True}]}
    path = f"{server}/v1/transcripts/{base.id}/revisions"
    made = httpx.post(path, json=body, headers={"If-Match": "*"}).raise_for_status().json()

    def is_told(spans: list[list[float]]) -> bool:
        return any(each.get("silenced") == spans for each in ann.told)

    assert ann.until(lambda: is_told([[word.start, word.end]]))
    assert ann.until(lambda: word.text not in ann.said().split()[:3])
    undo = f"{path}/{made['version']}/undo"
    httpx.post(undo, headers={"If-Match": "*"}).raise_for_status()
    assert ann.until(lambda: is_told([]))
    ann.close()


def test_a_damaged_message_harms_nobody(server, base):
    """Whoever sends it is sent away; the others go on."""
    ann, ben = Writer(server, base.id), Writer(server, base.id)
    ann.socket.send(b"\x010\x00\x02\x05\xff\xff\xff\xff\xff")
    ann.socket.send(b"\xff\xff\xff")
    assert ann.until(lambda: ann.code is not None)
    with ben.lock:
        ben.text().insert(1, "still ")
    assert ben.until(ben.is_kept)
    ann.connect()
    assert ann.until(lambda: ann.said() == ben.said())
    ann.close()
    ben.close()


def test_many_updates_become_a_state_and_no_number_is_used_twice(server, workspace, base):
    """What is opened afterwards says the same."""
    ann = Writer(server, base.id)
    store = DocumentRepository(workspace.database)
    for number in range(250):
        with ann.lock:
            ann.text().insert(1, f"{number} ")
    assert ann.until(ann.is_kept)
    assert ann.until(lambda: any(each["type"] == "saved" for each in ann.told))
    ann.until(lambda: len(store.load(ann.document).updates) < 10, 5)
    kept = store.load(ann.document)
    assert len(kept.updates) < 10
    with ann.lock:
        ann.text().insert(1, "x ")
    assert ann.until(ann.is_kept)
    newer = store.load(ann.document)
    assert newer.seq > 250
    ben = Writer(server, base.id)
    assert ben.said() == ann.said()
    ann.close()
    ben.close()


def test_a_version_made_in_another_way_comes_into_the_document(server, workspace, base):
    """And whoever has it open sees it."""
    from trax.revision import Replace
    from trax.service.revisions import edit, edits_here

    ann = Writer(server, base.id)
    with ann.lock:
        ann.text().insert(1, "Oh ")
    edit(edits_here(workspace.revisions), base.id, [Replace(word=base.words[2].id, text="but")])
    assert ann.until(lambda: "morning, but thank" in ann.said())
    assert "Oh Good" in ann.said()
    ann.close()


def test_who_opens_first_makes_the_document_once(server, base):
    """However many open it at the same moment."""
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(opened(server, base.id)["document"]))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 6
    writer = Writer(server, base.id)
    assert writer.said().count("budget") == 1
    assert documents.META in writer.rooms
    writer.close()


@pytest.mark.slow
def test_two_services_on_one_database_serve_one_document(tmp_path, postgres):
    """Who types at one is seen at the other, and one version is made of both."""
    database = postgres.new_database()
    workspace = scripted_workspace(tmp_path / "one", database)
    workspace.database.upgrade()
    base = identified(transcript())
    workspace.repository.save(base, None)
    options = ("--database", database)
    with (
        service(tmp_path / "one", *options) as (first, _one),
        service(tmp_path / "two", *options) as (second, _other),
    ):
        ann, ben = Writer(first, base.id), Writer(second, base.id)
        for writer, word in ((ann, "ANN "), (ben, "BEN ")):
            with writer.lock:
                writer.text().insert(1, word)
        assert ann.until(lambda: "BEN" in ann.said())
        assert ben.until(lambda: "ANN" in ben.said())
        assert ann.said() == ben.said()
        for writer in (ann, ben):
            assert writer.until(lambda writer=writer: any("version" in e for e in writer.told))
        assert len(workspace.repository.versions(base.id)) == 2
        ann.close()
        ben.close()
