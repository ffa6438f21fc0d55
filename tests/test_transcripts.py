"""Transcripts as rows, on SQLite and on Postgres: versions, search, summaries, many writers."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from trax.errors import Conflict, InvalidOption, NotFound, StoreError, StoreUnavailable
from trax.store import Database, TranscriptRepository, Wanted
from trax.store.audit import newest_entries
from trax.testing import transcript
from trax.transcript import Edit, EditKind, Enhancement, Transcript
from trax.transcript.codec import from_json, to_json
from trax.transcript.document import ExpectedErrors
from trax.transcript.identity import without_ids


@pytest.fixture
def repository(database) -> TranscriptRepository:
    return TranscriptRepository(database)


def counted(database, table: str) -> int:
    with database.reading() as session:
        return session.scalar(text(f"select count(*) from {table}"))


class TestVersions:
    def test_a_transcript_comes_back_equal(self, repository):
        """Whole or by the beginning of its id."""
        assert repository.save(transcript()) == 1
        assert repository.get(transcript().id) == transcript()
        assert repository.get("0123") == transcript()
        assert repository.get("latest") == transcript()

    def test_another_document_is_another_version(self, repository):
        """The first one stays as it was."""
        changed = replace(transcript(), warnings=("new",))
        assert [repository.save(transcript()), repository.save(changed)] == [1, 2]
        assert repository.get("latest") == changed
        assert repository.get(transcript().id, 1) == transcript()
        assert [summary.version for summary in repository.versions("latest")] == [2, 1]

    def test_the_same_document_is_not_kept_twice(self, repository, database):
        """Not its segments either."""
        assert [repository.save(transcript()), repository.save(transcript())] == [1, 1]
        assert counted(database, "transcripts") == 1
        assert counted(database, "segments") == len(transcript().segments)

    def test_an_older_version_saved_again_stays_the_older_one(self, repository):
        """A job done again does not come before what was made of its transcript since."""
        numbers = [
            repository.save(replace(transcript(), warnings=warnings))
            for warnings in ((), ("new",), ())
        ]
        assert numbers == [1, 2, 1]
        assert [summary.version for summary in repository.versions("latest")] == [2, 1]
        assert repository.get("latest").warnings == ("new",)

    def test_a_version_from_before_words_had_ids_is_read_with_them(self, repository, database):
        """Its row stays as it is, and the same document with ids is no other version."""
        repository.save(without_ids(transcript()))
        assert repository.get("latest") == transcript()
        assert repository.save(transcript()) == 1
        with database.reading() as session:
            kept = session.scalar(text("select document from transcripts"))
        assert "1.4" not in str(kept)

    def test_a_document_as_it_is_kept_is_the_document(self, repository):
        """Unless something has to be added: ids of words, or of what a language model edited."""
        document = transcript()
        edit = Edit(0.0, 1.0, EditKind.WORDING, "correct", "was", "is")
        edited = replace(document, enhancement=Enhancement(edits=(edit,)))
        assert repository.save(document) == 1
        assert repository.save(edited) == 2
        kept = repository.written(document.id, 1)
        assert kept is not None
        assert from_json(Transcript, kept, "kept") == document
        assert json.loads(kept) == json.loads(to_json(document))
        assert repository.written(document.id, 2) is None
        assert repository.written(document.id, 4) is None

    def test_a_document_without_ids_is_not_given_as_it_is_kept(self, repository):
        """Readers always find an id on every word."""
        repository.save(without_ids(transcript()))
        assert repository.written(transcript().id, 1) is None

    def test_versions_are_never_changed(self, repository, database):
        """The database itself refuses."""
        repository.save(transcript())
        with pytest.raises(StoreError, match="never changed"), database.writing() as session:
            session.execute(text("update transcripts set language = 'xx'"))
        assert repository.get("latest").language == "en"

    def test_a_version_is_whole_or_not_there(self, repository, database, monkeypatch):
        """What fails at its end leaves nothing of its beginning."""
        import trax.store.rows

        def fails(*_arguments, **_details):
            raise DBAPIError("statement", {}, Exception("the connection is gone"))

        monkeypatch.setattr(trax.store.rows, "add_entry", fails)
        with pytest.raises(StoreError):
            repository.save(transcript())
        assert {
            table: counted(database, table) for table in ("transcripts", "segments", "recordings")
        } == {
            "transcripts": 0,
            "segments": 0,
            "recordings": 0,
        }

    def test_a_version_that_is_not_there_is_said_so(self, repository):
        """With the transcript that was found."""
        repository.save(transcript())
        with pytest.raises(NotFound, match=rf"version '7'; transcript {transcript().id} has no"):
            repository.get("latest", 7)

    def test_saving_is_in_the_audit_log(self, repository, database):
        """Who, what, when."""
        repository.save(transcript())
        with database.reading() as session:
            entry = newest_entries(session, 1)[0]
        assert (entry.action, entry.subject, entry.details["version"]) == (
            "transcript.saved",
            transcript().id,
            1,
        )
        assert "@" in entry.actor
        assert entry.at.tzinfo is not None

    def test_the_audit_log_only_grows(self, repository, database):
        """Neither changed nor emptied."""
        repository.save(transcript())
        for statement in ("update audit_log set actor = 'nobody'", "delete from audit_log"):
            with pytest.raises(StoreError, match="never changed"), database.writing() as session:
                session.execute(text(statement))
        assert counted(database, "audit_log") > 0


class TestFinding:
    def test_latest_is_the_newest(self, repository):
        """By when it was made."""
        repository.save(transcript())
        repository.save(replace(transcript(), id="ffff"))
        assert repository.get("latest").id == "ffff"
        assert [summary.id for summary in repository.summaries()] == ["ffff", transcript().id]
        assert repository.count() == 2

    def test_an_unknown_id_is_said_to_be_unknown(self, repository):
        """By the name that was asked for."""
        with pytest.raises(NotFound, match="no transcript 'abc'"):
            repository.get("abc")

    def test_wild_cards_are_letters(self, repository):
        """An id is no pattern."""
        repository.save(transcript())
        with pytest.raises(NotFound):
            repository.get("%")

    def test_an_ambiguous_beginning_is_refused(self, repository):
        """Never a guess; a whole id is none."""
        repository.save(transcript())
        repository.save(replace(transcript(), id="0123456789abcd"))
        with pytest.raises(InvalidOption, match="several"):
            repository.get("012")
        assert repository.get("0123456789ab").id == "0123456789ab"

    def test_lists_have_what_is_wanted(self, repository):
        """By name, language, speaker, their number and time; signs of patterns are letters."""
        first, other = transcript(), replace(transcript(), id="ffff", language="de")
        recording = replace(first.recording, sha256="cd" * 32, name="50% off.wav")
        named = replace(other.speakers[0], name="Ilse Marten")
        repository.save(first)
        repository.save(replace(other, recording=recording, speakers=(named,)))

        def ids(**wanted: object) -> list[str]:
            return [each.id for each in repository.summaries(wanted=Wanted(**wanted))]

        assert ids() == ["ffff", first.id]
        assert ids(name="MORNING") == [first.id]
        assert ids(name="%") == ids(language="de") == ids(speaker="marten") == ["ffff"]
        assert ids(speakers=2) == [first.id]
        assert ids(most_speakers=1) == ["ffff"]
        assert ids(since=datetime.now(UTC) + timedelta(hours=1)) == []
        assert len(ids(since=datetime.now(UTC) - timedelta(hours=1))) == 2

    def test_lists_say_how_many_words_are_probably_wrong(self, repository):
        """As the document does, without anybody reading it."""
        errors = ExpectedErrors(rate=0.07, low=0.05, high=0.1)
        repository.save(replace(transcript(), expected_errors=errors))
        assert repository.summaries()[0].expected_error_rate == 0.07

    def test_summaries_count(self, repository):
        """What lists show, once a transcript."""
        repository.save(transcript())
        repository.save(replace(transcript(), warnings=("new",)))
        (summary,) = repository.summaries()
        assert (summary.speakers, summary.words, summary.duration) == (
            2,
            len(transcript().words),
            15.0,
        )
        assert (summary.version, summary.pipeline_version) == (2, "0")
        assert summary.created_at.tzinfo is not None


@pytest.mark.slow
class TestManyWriters:
    def test_a_change_of_an_earlier_version_is_a_conflict(self, repository):
        """Whoever made it has not seen what somebody else did."""
        one, other = (replace(transcript(), warnings=(name,)) for name in ("one", "other"))
        assert repository.save(transcript(), base_version=0) == 1
        assert repository.save(one, base_version=1) == 2
        with pytest.raises(Conflict, match="made on version 1, and the newest is version 2"):
            repository.save(other, base_version=1)
        assert repository.get("latest") == one
        assert repository.save(other, base_version=2) == 3

    def test_what_was_never_saved_has_no_base(self, repository):
        """Nor is there anything to overwrite twice."""
        with pytest.raises(Conflict, match="the newest is version 0"):
            repository.save(transcript(), base_version=1)
        repository.save(transcript(), base_version=0)
        with pytest.raises(Conflict, match="made on version 0"):
            repository.save(transcript(), base_version=0)

    def test_of_two_who_change_the_same_version_one_wins(self, repository, database_url):
        """Even at the same moment."""
        repository.save(transcript())

        def change(name: str) -> str:
            database = Database(database_url)
            try:
                changed = replace(transcript(), warnings=(name,))
                TranscriptRepository(database).save(changed, base_version=1)
            except Conflict:
                return ""
            finally:
                database.close()
            return name

        with ThreadPoolExecutor(4) as writers:
            saved = [name for name in writers.map(change, "abcd") if name]
        assert len(saved) == 1
        assert repository.get("latest").warnings == tuple(saved)
        assert [each.version for each in repository.versions("latest")] == [2, 1]

    def test_many_processes_may_write_at_once(self, database_url):
        """Writers wait for each other; nothing is lost, the first one's tables serve all."""
        command = [sys.executable, "-c", WRITE_SOME, database_url]
        workers = [
            subprocess.Popen([*command, str(worker)], stderr=subprocess.PIPE, text=True)
            for worker in range(4)
        ]
        errors = [worker.communicate(timeout=120)[1] for worker in workers]
        assert [worker.returncode for worker in workers] == [0] * 4, errors
        database = Database(database_url)
        assert counted(database, "transcripts") == 40 + 1
        assert counted(database, "recordings") == 1
        database.close()


WRITE_SOME = """
import sys
from dataclasses import replace
from trax.store import Database, TranscriptRepository, Wanted
from trax.testing import transcript
url, worker = sys.argv[1:]
repository = TranscriptRepository(Database(url))
for number in range(10):
    repository.save(replace(transcript(), id=f"{worker}-{number}"))
    repository.save(replace(transcript(), id="shared"))
"""


class TestBadDatabases:
    def test_rows_hold_to_their_references(self, repository, database):
        """SQLite checks foreign keys only when told to."""
        with pytest.raises(StoreError, match=r"(?i)foreign key"), database.writing() as session:
            session.execute(text("insert into speakers values ('nobody', 1, 'x', null, 0, null)"))

    def test_a_file_that_is_no_database_is_an_error_of_ours(self, tmp_path):
        """One sentence, no traceback."""
        (tmp_path / "trax.db").write_bytes(b"this is not a database at all" * 100)
        with pytest.raises(StoreError, match="database"):
            TranscriptRepository(Database(f"sqlite:///{tmp_path / 'trax.db'}")).summaries()

    def test_a_database_that_does_not_answer_is_transient(self, tmp_path):
        """Trying again may help."""
        (tmp_path / "folder").mkdir()
        with pytest.raises(StoreUnavailable):
            TranscriptRepository(Database(f"sqlite:///{tmp_path / 'folder'}")).summaries()

    def test_a_server_that_is_not_there_is_transient(self):
        """And its password is not told."""
        database = Database("postgresql://trax:geheim@127.0.0.1:1/trax")
        with pytest.raises(StoreUnavailable, match="does not answer") as caught:
            TranscriptRepository(database).summaries()
        assert "geheim" not in str(caught.value)

    @pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "postgresql+asyncpg", "://", ""])
    def test_other_databases_are_refused(self, url):
        """With what would do, and without what was given: it may hold a password."""
        with pytest.raises(InvalidOption, match=r"postgresql:// or sqlite:///"):
            Database(url)

    def test_a_folder_that_cannot_be_made_is_an_error_of_ours(self, tmp_path):
        """A file stands where the home should be."""
        (tmp_path / "home").touch()
        with pytest.raises(StoreUnavailable, match="cannot make the folder"):
            TranscriptRepository(Database(f"sqlite:///{tmp_path / 'home' / 'trax.db'}")).summaries()
