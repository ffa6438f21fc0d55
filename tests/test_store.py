"""Objects, checkpoints and rows."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from trax.errors import DamagedObject, InvalidOption, NotFound, StoreError, StoreUnavailable
from trax.store import Checkpoints, FolderStore, ObjectRef, StageRun, TranscriptRepository, checkpoint_key
from trax.store.objects import file_digest
from trax.testing import transcript

RUN = StageRun(
    stage="recognise", key="k", seconds=2.0, cached=False, audio_seconds=10.0, peak_memory_bytes=1, engine="e"
)


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def repository(tmp_path: Path) -> TranscriptRepository:
    return TranscriptRepository(f"sqlite:///{tmp_path / 'db' / 'trax.db'}")


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class TestObjects:
    def test_bytes_come_back(self, objects):
        """With their digest and size."""
        ref = objects.put_bytes("a/b.txt", b"hello")
        assert ref == ObjectRef("a/b.txt", hashlib.sha256(b"hello").hexdigest(), 5)
        assert objects.local_path(ref).read_bytes() == b"hello"
        assert objects.read("a/b.txt") == b"hello"

    def test_files_come_back(self, objects, tmp_path):
        """Copied: the source may go away."""
        source = tmp_path / "source"
        source.write_bytes(os.urandom(100_000))
        digest = file_digest(source)
        ref = objects.put_file("x", source)
        source.unlink()
        assert ref.sha256 == digest == file_digest(objects.local_path(ref))

    def test_what_is_not_there_is_none(self, objects):
        """Looking is no error."""
        assert objects.read("no/such/key") is None
        objects.put_bytes("a/b", b"")
        assert objects.read("a") is None
        assert objects.read("a/b/c") is None

    def test_putting_again_replaces(self, objects):
        """The last one counts."""
        old = objects.put_bytes("k", b"old")
        new = objects.put_bytes("k", b"new")
        assert objects.read("k") == b"new"
        assert objects.local_path(new).exists()
        with pytest.raises(DamagedObject):
            objects.local_path(old)

    def test_a_flipped_byte_is_seen(self, objects):
        """Verified whenever it is read with its reference."""
        ref = objects.put_bytes("k", b"hello")
        objects.local_path(ref).write_bytes(b"hellp")
        with pytest.raises(DamagedObject, match="differ from their digest"):
            objects.local_path(ref)

    def test_a_missing_object_is_seen(self, objects):
        """And told apart from a damaged one."""
        ref = objects.put_bytes("k", b"hello")
        objects.local_path(ref).unlink()
        with pytest.raises(DamagedObject, match="missing"):
            objects.local_path(ref)

    @pytest.mark.parametrize("key", ["", "/", "/etc/passwd", "a//b", "../x", "a/../../x", "a/./b", "a/"])
    def test_keys_stay_inside_the_store(self, objects, key):
        """No key reaches another folder."""
        with pytest.raises(ValueError, match="not a key"):
            objects.put_bytes(key, b"")

    def test_a_failed_write_leaves_nothing(self, objects, tmp_path):
        """Neither a half object nor a temporary file."""
        with pytest.raises(StoreUnavailable):
            objects.put_file("k", tmp_path / "missing")
        assert objects.read("k") is None
        assert files_under(tmp_path / "objects") == []

    def test_a_full_disk_is_an_error_of_ours(self, objects, monkeypatch):
        """Transient: space may come back."""

        def full(*_args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StoreUnavailable, match="No space left") as caught:
            objects.put_bytes("k", b"data")
        assert caught.value.transient
        assert objects.read("k") is None

    def test_links_can_be_opened(self, objects):
        """By a person, in a browser."""
        assert objects.url(objects.put_bytes("a b", b"")).startswith("file:///")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


class TestKeys:
    @given(st.dictionaries(st.sampled_from("abcdef"), json_values, max_size=5))
    def test_order_does_not_matter(self, inputs):
        """The same inputs are the same key."""
        backwards = dict(reversed(inputs.items()))
        assert checkpoint_key("stage_", 1, **inputs) == checkpoint_key("stage_", 1, **backwards)

    def test_everything_else_does(self):
        """Stage, version, names and values."""
        keys = {
            checkpoint_key("a", 1, x=1),
            checkpoint_key("b", 1, x=1),
            checkpoint_key("a", 2, x=1),
            checkpoint_key("a", 1, y=1),
            checkpoint_key("a", 1, x=2),
            checkpoint_key("a", 1, x="1"),
            checkpoint_key("a", 1),
        }
        assert len(keys) == 7


class TestCheckpoints:
    @pytest.fixture
    def checkpoints(self, objects) -> Checkpoints:
        return Checkpoints(objects)

    @pytest.fixture
    def made(self, tmp_path) -> Path:
        (tmp_path / "result.json").write_bytes(b"{}")
        return tmp_path / "result.json"

    def test_what_is_kept_is_found(self, checkpoints, objects, made):
        """With its outputs, wherever they lie."""
        audio = objects.put_bytes("recordings/x/audio.flac", b"sound")
        kept = checkpoints.keep("ingest", "k1", {"audio": audio, "result.json": made}, 1.5)
        assert checkpoints.find("ingest", "k1") == kept
        assert kept.outputs["audio"] == audio
        assert kept.outputs["result.json"].key == "checkpoints/ingest/k1/result.json"

    def test_nothing_is_found_where_nothing_was_kept(self, checkpoints, made):
        """Keys and stages do not mix."""
        checkpoints.keep("ingest", "k1", {"result.json": made}, 0.0)
        assert checkpoints.find("ingest", "k2") is None
        assert checkpoints.find("merge", "k1") is None

    @pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
    @pytest.mark.parametrize("victim", ["manifest", "output"])
    def test_damage_is_never_used(self, checkpoints, objects, made, tmp_path, damage, victim):
        """Every byte of manifest and outputs is covered by a digest."""
        kept = checkpoints.keep("ingest", "k1", {"result.json": made}, 0.0)
        paths = {
            "manifest": tmp_path / "objects" / "checkpoints" / "ingest" / "k1.json",
            "output": objects.local_path(kept.outputs["result.json"]),
        }
        path = paths[victim]
        data = path.read_bytes()
        if damage == "remove":
            path.unlink()
        else:
            path.write_bytes(data[:-1] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
        if (victim, damage) == ("manifest", "remove"):
            assert checkpoints.find("ingest", "k1") is None
        else:
            with pytest.raises(DamagedObject):
                checkpoints.find("ingest", "k1")

    def test_every_byte_of_a_manifest_counts(self, checkpoints, made, tmp_path):
        """Flipping any one is seen."""
        checkpoints.keep("ingest", "k1", {"result.json": made}, 0.0)
        path = tmp_path / "objects" / "checkpoints" / "ingest" / "k1.json"
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            with pytest.raises(DamagedObject):
                checkpoints.find("ingest", "k1")

    def test_a_manifest_under_another_key_is_refused(self, checkpoints, made, tmp_path):
        """A copied file is no checkpoint."""
        checkpoints.keep("ingest", "k1", {"result.json": made}, 0.0)
        folder = tmp_path / "objects" / "checkpoints" / "ingest"
        (folder / "k2.json").write_bytes((folder / "k1.json").read_bytes())
        with pytest.raises(DamagedObject, match="something else"):
            checkpoints.find("ingest", "k2")


class TestRepository:
    def test_a_transcript_comes_back_equal(self, repository):
        """Whole or by the beginning of its id."""
        repository.save(transcript(), [RUN])
        assert repository.get(transcript().id) == transcript()
        assert repository.get("0123") == transcript()
        assert repository.get("latest") == transcript()

    def test_saving_again_replaces_the_document(self, repository):
        """One id, one transcript."""
        repository.save(transcript(), [RUN])
        changed = replace(transcript(), warnings=("new",))
        repository.save(changed, [RUN])
        assert len(repository.summaries()) == 1
        assert repository.get("latest").warnings == ("new",)

    def test_latest_is_the_newest(self, repository):
        """By when it was made."""
        repository.save(transcript(), [])
        repository.save(replace(transcript(), id="ffff"), [])
        assert repository.get("latest").id == "ffff"
        assert [summary.id for summary in repository.summaries()] == ["ffff", transcript().id]

    def test_an_unknown_id_is_said_to_be_unknown(self, repository):
        """With a way on."""
        with pytest.raises(NotFound, match="no transcript 'abc'; `trax show` lists"):
            repository.get("abc")

    def test_wild_cards_are_letters(self, repository):
        """An id is no pattern."""
        repository.save(transcript(), [])
        with pytest.raises(NotFound):
            repository.get("%")

    def test_an_ambiguous_beginning_is_refused(self, repository):
        """Never a guess."""
        repository.save(transcript(), [])
        repository.save(replace(transcript(), id="0124"), [])
        with pytest.raises(InvalidOption, match="several"):
            repository.get("012")

    def test_summaries_count(self, repository):
        """What lists show."""
        repository.save(transcript(), [RUN])
        summary = repository.summaries()[0]
        assert (summary.speakers, summary.words, summary.duration) == (2, len(transcript().words), 15.0)
        assert summary.created_at.tzinfo is not None

    def test_stage_runs_are_those_of_the_newest_run(self, repository):
        """A cached run after a real one shows as cached."""
        repository.save(transcript(), [RUN, replace(RUN, stage="diarize")])
        repository.save(transcript(), [replace(RUN, cached=True, seconds=0.1)])
        runs = {run.stage: run.cached for run in repository.stage_runs(transcript().id)}
        assert runs == {"recognise": True, "diarize": False}

    def test_speed_is_audio_over_work(self):
        """Five times faster than real time."""
        assert RUN.speed_factor == 5.0
        assert replace(RUN, seconds=0.0).speed_factor == 0.0

    def test_rows_hold_to_their_references(self, repository, tmp_path):
        """SQLite checks foreign keys only when told to."""
        repository.save(transcript(), [RUN])
        engine = repository._engine
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"

    def test_a_file_that_is_no_database_is_an_error_of_ours(self, tmp_path):
        """One sentence, no traceback."""
        (tmp_path / "trax.db").write_bytes(b"this is not a database at all" * 100)
        with pytest.raises(StoreError, match="database"):
            TranscriptRepository(f"sqlite:///{tmp_path / 'trax.db'}").summaries()

    def test_a_database_that_does_not_answer_is_transient(self, tmp_path):
        """Trying again may help."""
        (tmp_path / "folder").mkdir()
        with pytest.raises(StoreUnavailable):
            TranscriptRepository(f"sqlite:///{tmp_path / 'folder'}").summaries()

    def test_a_folder_that_cannot_be_made_is_an_error_of_ours(self, tmp_path):
        """A file stands where the home should be."""
        (tmp_path / "home").touch()
        with pytest.raises(StoreUnavailable, match="cannot make the folder"):
            TranscriptRepository(f"sqlite:///{tmp_path / 'home' / 'trax.db'}").summaries()

    def test_many_processes_may_write_at_once(self, tmp_path):
        """Writers wait for each other; nothing is lost, the first one's tables serve all."""
        url = f"sqlite:///{tmp_path / 'trax.db'}"
        command = [sys.executable, "-c", WRITE_SOME, url]
        workers = [subprocess.Popen([*command, str(worker)], stderr=subprocess.PIPE, text=True) for worker in range(4)]
        errors = [worker.communicate(timeout=120)[1] for worker in workers]
        assert [worker.returncode for worker in workers] == [0] * 4, errors
        with create_engine(url).connect() as connection:
            assert connection.execute(text("select count(*) from transcripts")).scalar() == 40
            assert connection.execute(text("select count(*) from stage_runs")).scalar() == 40


WRITE_SOME = """
import sys
from dataclasses import replace
from trax.store import TranscriptRepository
from trax.testing import transcript
url, worker = sys.argv[1:]
from trax.store import StageRun
run = StageRun(stage="s", key="k", seconds=2.0, cached=False, audio_seconds=10.0, peak_memory_bytes=1)
repository = TranscriptRepository(url)
for number in range(10):
    repository.save(replace(transcript(), id=f"{worker}-{number}"), [run])
"""
