"""A process that dies while people type and while it saves: another goes on."""

import signal
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("pycrdt")
from test_coediting_rooms import service

from trax.coediting import documents
from trax.service import coediting, leases, saving
from trax.store import DocumentRepository
from trax.testing import transcript
from trax.testing.coediting import Writer
from trax.testing.engine_server import scripted_workspace
from trax.transcript import identified

_WORDS = 12

_SAVES_AND_HANGS = """
import sys, time
from datetime import timedelta
from trax.service import leases
from trax.store import Database

leases.LEASE = timedelta(seconds=2)
with leases.leased(Database(sys.argv[1]), sys.argv[2]) as lease:
    print(lease.holder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def database(postgres, postgres_template):
    return postgres.new_database(postgres_template)


@pytest.fixture
def workspace(tmp_path, database):
    return scripted_workspace(tmp_path / "one", database)


@pytest.fixture
def base(workspace):
    made = identified(transcript())
    workspace.repository.save(made, None)
    return made


class Typist(threading.Thread):
    """Types words, one after the other."""

    def __init__(self, writer: Writer, number: int) -> None:
        super().__init__(daemon=True)
        self.writer = writer
        self.words = [f"w{number}x{at}z" for at in range(_WORDS)]

    def run(self) -> None:
        for word in self.words:
            with self.writer.lock:
                self.writer.text().insert(1, f"{word} ")
            time.sleep(0.05)

    def acknowledged(self) -> list[str]:
        """Words that are kept; the first messages with content only made the copies equal."""
        return self.words[: max(0, self.writer.stored.get("0", 0) - 1)]


def text_of(workspace, document_id: str) -> str:
    """What is kept of a document now."""
    rooms = coediting.loaded(DocumentRepository(workspace.database).load(document_id))
    return str(documents.text_of(rooms["0"]))


def test_nothing_acknowledged_is_lost_to_a_service_that_is_killed(
    tmp_path, workspace, database, base
):
    """Ten type at two services on one Postgres; one dies; all go on at the other with one text."""
    options = ("--database", database)
    with (
        service(tmp_path / "one", *options) as (first, process),
        service(tmp_path / "two", *options) as (second, _other),
    ):
        writers = [Writer((first, second)[at % 2], base.id) for at in range(10)]
        typists = [Typist(writer, at) for at, writer in enumerate(writers)]
        for typist in typists:
            typist.start()
        assert writers[0].until(lambda: writers[0].stored.get("0", 0) > 4)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for typist in typists:
            typist.join()
        acknowledged = [typist.acknowledged() for typist in typists]  # more are, by and by
        kept = text_of(workspace, writers[0].document)
        assert all(acknowledged)
        assert [each for words in acknowledged for each in words if each not in kept] == []
        for writer in writers[::2]:
            assert writer.until(lambda writer=writer: writer.code is not None)
            writer.url = second
            writer.connect()
        typed = {word for typist in typists for word in typist.words}
        for writer in writers:
            assert writer.until(lambda writer=writer: typed <= set(writer.said().split()))
        for writer in writers:
            assert writer.until(lambda writer=writer: writer.said() == writers[0].said())
        assert writers[1].until(lambda: is_saved(workspace, base, typed))
        for writer in writers:
            writer.close()


def is_saved(workspace, base, typed: set[str]) -> bool:
    """Whether the newest version has all that was typed."""
    newest = workspace.repository.versions(base.id)[0].version
    made = workspace.repository.get(base.id, newest)
    return typed <= {word.text for word in made.words}


def test_a_document_whose_saver_was_killed_is_saved_by_another(workspace, database, base):
    """As soon as its lease is over, and not before."""
    opened = coediting.open_document(workspace, base.id)
    process = subprocess.Popen(
        [sys.executable, "-c", _SAVES_AND_HANGS, database, opened.document.id],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline().strip()
        time.sleep(2.5)
        assert saving.save(workspace, opened.document.id) is None
    finally:
        process.kill()
        process.wait()
    assert saving.save(workspace, opened.document.id) is None
    ends = time.monotonic() + 20
    while (saved := saving.save(workspace, opened.document.id)) is None:
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert saved.version == opened.base
    with leases.leased(workspace.database, opened.document.id) as lease:
        assert lease is not None
