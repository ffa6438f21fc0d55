"""Watched folders: nothing half-written is read, nothing is transcribed twice, everything is
explained.
"""

import errno
import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from trax.errors import Cancelled, EngineError, InvalidOption, StoreUnavailable
from trax.pipelines.runs import LIVING, LOST, RunState
from trax.pipelines.transcribe import transcribe
from trax.progress import reporting, silent
from trax.stages.options import TranscribeOptions
from trax.store import Database, FolderStore, JobStatus, WatchedState
from trax.store.s3 import S3Store, connect
from trax.testing import ScriptedEngines, tone, write_audio
from trax.watch import LocalRuns, Watcher
from trax.watch.bucket import BucketPlace
from trax.watch.local import LocalPlace

NOTHING = b"RIFF\0\0\0\0WAVEnot a sound at all"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "watched"
    made.mkdir()
    return made


@pytest.fixture
def runs(workspace):
    made = LocalRuns(workspace, 4)
    yield made
    made.close()


def sound(path: Path, seconds: float) -> Path:
    """A recording that no other length is like."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_audio(path, tone(seconds))


def settle(watcher, most=200):
    """Look until nothing is left, and give every look."""
    looks = []
    for _ in range(most):
        looks.append(watcher.look())
        if looks[-1].settled:
            return looks
        time.sleep(0.02)
    raise AssertionError(f"it does not settle: {looks[-1]}")


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


class TestFolder:
    def test_a_recording_lies_beside_its_transcript_in_the_end(self, workspace, folder, runs):
        """And nothing is left where it was dropped."""
        sound(folder / "talk.wav", 1.0)
        settle(Watcher(workspace, LocalPlace(folder), runs, 0.0))
        assert files(folder) == {
            f"done/talk.{ending}" for ending in ("wav", "txt", "md", "json", "srt", "vtt")
        }
        assert "hello" in (folder / "done" / "talk.txt").read_text()
        (job,) = workspace.jobs.newest()
        assert job.source == str(folder / "done" / "talk.wav")

    def test_what_cannot_be_transcribed_is_explained(self, workspace, folder, runs, engines):
        """Broken files, empty files, engines that fail: each with a text, and the command that
        tells more.
        """
        (folder / "broken.mp3").write_bytes(NOTHING)
        (folder / "empty.wav").touch()
        sound(folder / "talk.wav", 1.0)
        engines.diarize_errors = [EngineError("out of memory")]
        details = "More: trax jobs show {job}"
        look = settle(Watcher(workspace, LocalPlace(folder), runs, 0.0, details))
        failed = {path: why for each in look for path, why in each.failed.items()}
        assert failed.keys() == {"broken.mp3", "empty.wav", "talk.wav"}
        assert "the file is empty" in (folder / "failed" / "empty.txt").read_text()
        assert "trax jobs show" in (folder / "failed" / "talk.txt").read_text()
        assert files(folder) == {
            f"failed/{name}"
            for name in (
                "broken.mp3",
                "broken.txt",
                "empty.wav",
                "empty.txt",
                "talk.wav",
                "talk.txt",
            )
        }

    def test_what_failed_is_tried_again_when_it_is_put_back(self, workspace, folder, runs, engines):
        """As its text says."""
        sound(folder / "talk.wav", 1.0)
        engines.diarize_errors = [EngineError("out of memory")]
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        settle(watcher)
        (folder / "failed" / "talk.wav").rename(folder / "talk.wav")
        settle(watcher)
        assert (folder / "done" / "talk.txt").exists()

    def test_the_same_content_is_transcribed_once(self, workspace, folder, runs, engines):
        """Whatever it is called, whenever it comes; each copy has its exports."""
        first = sound(folder / "a.wav", 1.0)
        shutil.copy(first, folder / "b.wav")
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        settle(watcher)
        shutil.copy(folder / "done" / "a.wav", folder / "c.wav")
        settle(watcher)
        assert engines.calls.count("recognise") == 1
        assert {"done/a.txt", "done/b.txt", "done/c.txt"} <= files(folder)
        assert len(workspace.repository.summaries()) == 1

    def test_a_growing_file_waits(self, workspace, folder, runs, engines):
        """Size and time must stay the same for a while, from one look to another."""
        whole = sound(folder.parent / "whole.wav", 2.0).read_bytes()
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.3)
        for end in range(len(whole) // 4, len(whole), len(whole) // 4):
            (folder / "talk.wav").write_bytes(whole[:end])
            assert watcher.look().growing == ["talk.wav"]
            time.sleep(0.1)
        (folder / "talk.wav").write_bytes(whole)
        settle(watcher)
        assert workspace.repository.get("latest").recording.duration == 2.0
        assert engines.calls.count("recognise") == 1

    def test_an_unfinished_name_waits_for_its_rename(self, workspace, folder, runs):
        """However long it lies there; then the time that it lay there counts."""
        sound(folder / "talk.wav", 1.0).rename(folder / "talk.wav.part")
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.3)
        watcher.look()
        time.sleep(0.4)
        assert watcher.look().growing == ["talk.wav.part"]
        (folder / "talk.wav.part").rename(folder / "talk.wav")
        assert watcher.look().submitted == ["talk.wav"]

    def test_nested_folders_and_names_of_any_kind(self, workspace, folder, runs):
        """Their place in the folder is kept; hidden files and other kinds of files are left
        alone.
        """
        names = [
            "2026/März/Gespräch mit Ö.wav",
            "会議/録音.wav",
            "a b/'quoted' \"name\".wav",
            "x.WAV",
        ]
        for at, name in enumerate(names):
            sound(folder / Path(name).with_suffix(".wav"), 1 + at / 10).rename(folder / name)
        for name in (".hidden.wav", "notes.txt", ".git/a.wav"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("x")
        settle(Watcher(workspace, LocalPlace(folder), runs, 0.0))
        assert {f"done/{name}" for name in names} <= files(folder)
        assert {".hidden.wav", "notes.txt", ".git/a.wav"} <= files(folder)

    def test_what_lies_there_under_the_same_name_stays(self, workspace, folder, runs):
        """The other recording gets a number."""
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        for seconds in (1.0, 1.5):
            sound(folder / "talk.wav", seconds)
            settle(watcher)
        assert {"done/talk.wav", "done/talk.txt", "done/talk-2.wav", "done/talk-2.txt"} <= files(
            folder
        )

    def test_exports_of_another_recording_stay(self, workspace, folder, runs):
        """Though that recording was taken away; the same exports are written again."""
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        for seconds in (1.0, 1.5, 1.5):
            sound(folder / "talk.wav", seconds)
            settle(watcher)
            for put_away in (folder / "done").glob("*.wav"):
                put_away.unlink()
        named = {name for name in files(folder) if name.endswith(".json")}
        assert named == {"done/talk.json", "done/talk-2.json"}

    @pytest.mark.parametrize("stem", ["0" * 251, "é" * 125, "会" * 83])
    def test_a_name_as_long_as_can_be(self, workspace, folder, runs, stem):
        """The recording keeps it, its exports have a shortened one; a number has room."""
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        for seconds in (1.0, 1.5):
            sound(folder / "talk.wav", seconds).rename(folder / f"{stem}.wav")
            settle(watcher)
        names = files(folder)
        assert f"done/{stem}.wav" in names
        assert len(names) == 12
        (folder / f"{stem}.wav").write_bytes(NOTHING)
        assert settle(watcher)[-1].failed

    def test_nothing_half_written_stays(self, workspace, folder, runs, monkeypatch):
        """A disk that is full: the recording waits with all of its exports."""
        place = LocalPlace(folder)
        watcher = Watcher(workspace, place, runs, 0.0)
        sound(folder / "talk.wav", 1.0)
        write = Path.write_bytes

        def full(path, data):
            if path.parent.name == "done" and len(data) > 500:
                write(path, data[:500])
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(path, data)

        monkeypatch.setattr(Path, "write_bytes", full)
        watcher.look()
        runs.wait()
        assert "No space left" in watcher.look().held["talk.wav"]
        assert files(folder) == {"talk.wav"}
        monkeypatch.undo()
        settle(watcher)
        assert "done/talk.json" in files(folder)

    @pytest.mark.parametrize("absolute", [True, False])
    def test_a_link_still_points_where_it_did(self, workspace, folder, runs, absolute):
        """Wherever it is put away; its own name is the recording's."""
        content = sound(folder.parent / "archive" / "abc.wav", 1.0)
        link = folder / "Interview.wav"
        link.symlink_to(content if absolute else Path("..", "archive", "abc.wav"))
        settle(Watcher(workspace, LocalPlace(folder), runs, 0.0))
        assert (folder / "done" / "Interview.wav").resolve() == content
        assert (folder / "done" / "Interview.md").read_text().startswith("# Interview.wav")

    def test_a_file_that_is_taken_away_is_forgotten(self, workspace, folder, runs):
        """And one that changes while it is transcribed is another recording."""
        watcher = Watcher(workspace, LocalPlace(folder), runs, 60.0)
        sound(folder / "talk.wav", 1.0)
        watcher.look()
        (folder / "talk.wav").unlink()
        assert watcher.look().settled
        assert workspace.watched.unfinished(LocalPlace(folder).name) == {}

    def test_a_folder_that_is_not_there_is_an_error(self, workspace, runs, tmp_path):
        """With its path."""
        with pytest.raises(InvalidOption, match="nowhere"):
            Watcher(workspace, LocalPlace(tmp_path / "nowhere"), runs).look()


class TestRules:
    def rules(self, folder, text):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "trax.toml").write_text(text)

    def test_each_folder_has_its_own(self, workspace, folder, runs):
        """What is left out is as in the folder above; a vocabulary lies beside."""
        self.rules(folder, 'language = "de"\nformats = ["srt"]\nvocabulary = ["Cintra"]\n')
        self.rules(
            folder / "en", 'language = "en"\nspeakers = 3\nplan = "fast"\ntranslate = "fr"\n'
        )
        (folder / "en" / "vocabulary.txt").write_text("Lord Byron\n")
        sound(folder / "a.wav", 1.0)
        sound(folder / "en" / "deep" / "b.wav", 1.1)
        sound(folder / "en" / "c.wav", 1.2)
        settle(Watcher(workspace, LocalPlace(folder), runs, 0.0))
        options = {Path(job.source).name: job.options for job in workspace.jobs.newest()}
        assert options["a.wav"]["recognition"]["language"] == "de"
        assert options["b.wav"]["recognition"]["language"] == "en"
        assert options["b.wav"]["recognition"]["hotwords"] == ["Cintra"]
        assert options["c.wav"]["recognition"]["hotwords"] == ["Cintra", "Lord Byron"]
        assert options["c.wav"]["diarization"]["speakers"] == 3
        assert options["c.wav"]["enhancement"]["language"] == "fr"
        assert "translate" in options["c.wav"]["enhancement"]["tasks"]
        assert {"done/a.srt", "done/en/c.srt", "done/en/deep/b.srt"} <= files(folder)
        assert "done/a.txt" not in files(folder)

    @pytest.mark.parametrize(
        "text", ['langage = "de"', "speakers = 3\nmin_speakers = 2", "no rules", "f = ['x']"]
    )
    def test_rules_that_make_no_sense_hold_recordings_back(self, workspace, folder, runs, text):
        """Until they are mended."""
        self.rules(folder, text)
        sound(folder / "a.wav", 1.0)
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        assert "trax.toml" in watcher.look().held["a.wav"]
        assert workspace.watched.newest(LocalPlace(folder).name, 9)[0].state is WatchedState.HELD
        self.rules(folder, "")
        settle(watcher)
        assert "done/a.txt" in files(folder)


class Crash(BaseException):
    """The watcher is killed."""


class TestRestarts:
    @pytest.mark.parametrize("step", ["put", "submit", "put_away", "moved", "put_last"])
    def test_a_watcher_that_is_killed_goes_on_where_it_was(
        self, workspace, folder, runs, engines, step, monkeypatch
    ):
        """At any step: one transcript, put away once."""
        sound(folder / "talk.wav", 1.0)
        place = LocalPlace(folder)
        crash = {"armed": True}

        def dying(call, when=lambda *_arguments: True):
            def die(*arguments):
                result = call(*arguments)
                if crash["armed"] and when(*arguments):
                    crash["armed"] = False
                    raise Crash
                return result

            return die

        from trax.store import JobRepository, WatchedRepository

        if step == "submit":
            monkeypatch.setattr(runs, "submit", dying(runs.submit))
        elif step == "put_away":
            monkeypatch.setattr(place, "put_away", dying(place.put_away))
        elif step == "moved":
            monkeypatch.setattr(JobRepository, "moved", dying(JobRepository.moved))
        else:
            last = step == "put_last"
            put = WatchedRepository.put

            def counted(self, found):
                found = list(found)
                put(self, found)
                if crash["armed"] and found and (not last or found[0].state is WatchedState.DONE):
                    crash["armed"] = False
                    raise Crash

            monkeypatch.setattr(WatchedRepository, "put", counted)
        watcher = Watcher(workspace, place, runs, 0.0)
        with pytest.raises(Crash):
            settle(watcher)
        settle(Watcher(workspace, place, runs, 0.0))
        assert engines.calls.count("recognise") == 1
        assert {name for name in files(folder) if name.endswith(".wav")} == {"done/talk.wav"}
        assert "done/talk.txt" in files(folder)

    def test_runs_that_nobody_goes_on_with_are_submitted_again(self, workspace, folder):
        """A process that was killed has lost its runs."""
        sound(folder / "talk.wav", 1.0)
        Watcher(workspace, LocalPlace(folder), fixed_runs(LIVING), 0.0).look()
        after = LocalRuns(workspace, 1)
        settle(Watcher(workspace, LocalPlace(folder), after, 0.0))
        assert "done/talk.txt" in files(folder)
        after.close()

    def test_a_watcher_that_is_stopped_goes_on_where_it_was(self, workspace, folder, engines):
        """Nothing has failed: the recording is taken up again, by the next or by the same."""
        sound(folder / "talk.wav", 1.0)
        stop, begin, begun = threading.Event(), engines.begin, threading.Event()

        def interrupted(*arguments):
            begun.set()
            stop.wait(5)
            return begin(*arguments)

        engines.begin = interrupted
        runs = LocalRuns(workspace, 1)
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        with reporting(silent, stop):
            watcher.look()
        assert begun.wait(5)
        stop.set()
        runs.close()
        assert workspace.jobs.newest()[0].status is JobStatus.CANCELLED
        assert not watcher.look().failed
        engines.begin = begin
        after = LocalRuns(workspace, 1)
        looks = settle(Watcher(workspace, LocalPlace(folder), after, 0.0))
        after.close()
        assert not any(look.failed for look in looks)
        assert "done/talk.txt" in files(folder)

    def test_a_job_that_somebody_cancelled_is_put_away(self, workspace, folder, engines):
        """It is not taken up again."""
        sound(folder / "talk.wav", 1.0)
        begin = engines.begin

        def cancelled(*arguments):
            workspace.jobs.cancel(workspace.jobs.newest()[0].id)
            time.sleep(0.1)
            raise Cancelled("somebody asked")

        engines.begin = cancelled
        runs = LocalRuns(workspace, 1)
        looks = settle(Watcher(workspace, LocalPlace(folder), runs, 0.0))
        runs.close()
        engines.begin = begin
        assert looks[-1].failed or any(look.failed for look in looks)
        assert "failed/talk.wav" in files(folder)

    @pytest.mark.parametrize("ended", [EngineError("boom"), Cancelled("via cancel scope")])
    def test_a_run_that_will_be_tried_again_has_not_failed(
        self, workspace, folder, engines, recording, ended
    ):
        """Though its job has: the recording stays where the next try looks for it."""
        shutil.copy(recording, folder / "talk.wav")
        runs = fixed_runs(LIVING)
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.0)
        watcher.look()
        engines.diarize_errors = [ended]
        with pytest.raises(type(ended)):
            transcribe(workspace, folder / "talk.wav", TranscribeOptions())
        assert watcher.look().working == ["talk.wav"]
        transcribe(workspace, folder / "talk.wav", TranscribeOptions())
        assert watcher.look().done == ["talk.wav"]

    def test_a_run_that_ended_without_a_job_says_why(self, workspace, folder):
        """Such as one that was cancelled before it began."""
        sound(folder / "talk.wav", 1.0)
        watcher = Watcher(
            workspace, LocalPlace(folder), fixed_runs(RunState("ended", "cancelled by Ann")), 0.0
        )
        watcher.look()
        assert watcher.look().failed == {"talk.wav": "cancelled by Ann"}

    def test_a_server_that_is_away_holds_recordings_back(self, workspace, folder):
        """And does not fail them."""
        sound(folder / "talk.wav", 1.0)
        away = fixed_runs(LOST)
        away.submit = lambda *_arguments: (_ for _ in ()).throw(
            StoreUnavailable("the server is away")
        )
        assert Watcher(workspace, LocalPlace(folder), away, 0.0).look().held == {
            "talk.wav": "the server is away"
        }


def fixed_runs(state):
    class Fixed:
        def submit(self, recording, options, key):
            return "run"

        def states(self, runs):
            return dict.fromkeys(runs, state)

    return Fixed()


class TestMany:
    @pytest.mark.slow
    @pytest.mark.parametrize("each", [1, pytest.param(10, marks=pytest.mark.soak)])
    def test_many_files_of_every_kind(self, workspace, folder, runs, engines, home, each):
        """Some grow, some are renamed in, some are the same, some are broken: one transcript a
        good content. Twenty files, or two hundred.
        """
        plain, renamed, same, broken, growing = (each * share for share in (11, 4, 2, 1, 2))
        source = folder.parent / "source"
        watcher = Watcher(workspace, LocalPlace(folder), runs, 0.25)
        grown = [
            sound(source / f"grown-{at}.wav", 1 + at / 100).read_bytes() for at in range(growing)
        ]

        def drop():
            for at in range(plain):
                sound(folder / f"day-{at % 7}" / f"plain-{at}.wav", 2 + at / 100)
            for at in range(renamed):
                sound(source / "r.wav", 4 + at / 100).rename(folder / f"renamed-{at}.wav.part")
                (folder / f"renamed-{at}.wav.part").rename(folder / f"renamed-{at}.wav")
            original = sound(source / "same.wav", 6.0)
            for at in range(same):
                shutil.copy(original, folder / f"same-{at}.wav")
            for at in range(broken):
                (folder / f"broken-{at}.mp3").write_bytes(NOTHING + bytes([at]))
            for part in range(1, 6):
                for at, data in enumerate(grown):
                    with (folder / f"grown-{at}.wav").open("ab") as file:
                        file.write(data[len(data) * (part - 1) // 5 : len(data) * part // 5])
                time.sleep(0.1)

        dropping = threading.Thread(target=drop)
        dropping.start()
        while dropping.is_alive():
            watcher.look()
            time.sleep(0.05)
        settle(watcher, 2000)
        # Some of the copies may have come when the first was done: it is one job all the same.
        contents = plain + renamed + 1 + growing
        assert engines.calls.count("recognise") == contents
        assert len(workspace.repository.summaries(1000)) == contents
        names = files(folder)
        good = plain + renamed + same + growing
        for suffix in (".wav", ".srt"):
            done = [name for name in names if name.startswith("done/") and name.endswith(suffix)]
            assert len(done) == good
        for at in range(broken):
            assert "broken" in (folder / "failed" / f"broken-{at}.txt").read_text()
        assert all(name.startswith(("done/", "failed/")) for name in names)
        assert workspace.watched.counts(LocalPlace(folder).name) == {"done": good, "failed": broken}


class TestBucket:
    @pytest.fixture
    def bucket(self, s3_server, tmp_path):
        """A workspace on the server, and a bucket that is not Trax's own."""
        config = s3_server.config()
        client = connect(config)
        name = f"incoming-{os.urandom(4).hex()}"
        client.make_bucket(name)
        workspace_store = S3Store(config, FolderStore(tmp_path / "cache"))
        return client, name, workspace_store

    def test_a_prefix_is_watched_like_a_folder(self, bucket, tmp_path):
        """What is put there is whole; it is put away on the server, rules included."""
        client, name, store = bucket
        workspace = replace(_workspace(tmp_path), objects=store)
        client.fput_object(name, "in/März/a.wav", str(sound(tmp_path / "a.wav", 1.0)))
        client.fput_object(name, "in/b.wav", str(sound(tmp_path / "b.wav", 1.0)))
        client.fput_object(name, "elsewhere/c.wav", str(sound(tmp_path / "c.wav", 1.5)))
        (tmp_path / "bad.mp3").write_bytes(NOTHING)
        client.fput_object(name, "in/bad.mp3", str(tmp_path / "bad.mp3"))
        (tmp_path / "trax.toml").write_text('formats = ["txt"]\n')
        client.fput_object(name, "in/trax.toml", str(tmp_path / "trax.toml"))
        runs = LocalRuns(workspace, 2)
        watcher = Watcher(workspace, BucketPlace(f"s3://{name}/in", store.config), runs)
        looks = settle(watcher)
        runs.close()
        keys = {found.object_name for found in client.list_objects(name, recursive=True)}
        assert keys == {
            "in/done/März/a.wav",
            "in/done/März/a.txt",
            "in/done/b.wav",
            "in/done/b.txt",
            "in/failed/bad.mp3",
            "in/failed/bad.txt",
            "in/trax.toml",
            "elsewhere/c.wav",
        }
        (why,) = [why for look in looks for why in look.failed.values()]
        assert why.startswith("cannot read audio from s3://")
        assert len(workspace.repository.summaries()) == 1

    def test_a_bucket_that_is_not_there_is_an_error(self, bucket, workspace, runs):
        """And is not made."""
        _client, _name, store = bucket
        with pytest.raises(InvalidOption, match="no bucket"):
            Watcher(workspace, BucketPlace("s3://not-there-at-all/x", store.config), runs).look()


def _workspace(tmp_path):
    from trax.work.workspace import Workspace

    return Workspace(
        objects=FolderStore(tmp_path / "store"),
        database=Database(f"sqlite:///{tmp_path / 'bucket.db'}"),
        engines=ScriptedEngines(),
    )


class TestCommand:
    def test_watching_once_ends_when_all_is_put_away(self, trax, folder, workspace, monkeypatch):
        """And its exit code says whether all went well."""
        monkeypatch.setattr("trax.compose.process_workspace", lambda: workspace)
        sound(folder / "talk.wav", 1.0)
        done = trax("watch", folder, "--once", "--settle", 0)
        assert done.exit_code == 0, done.output
        assert "talk.wav" in done.stdout
        (folder / "broken.mp3").write_bytes(NOTHING)
        failed = trax("watch", folder, "--once", "--quiet", 0)
        assert failed.exit_code == 1
        assert "broken.mp3" in failed.stdout

    def test_what_will_never_be_whole_is_not_waited_for(self, trax, folder, workspace, monkeypatch):
        """A download that was given up; it is named, and stays."""
        monkeypatch.setattr("trax.compose.process_workspace", lambda: workspace)
        sound(folder / "talk.wav", 1.0)
        for name in ("old.wav.part", "old.tmp", "film.mp4.crdownload"):
            (folder / name).write_bytes(b"RIFF")
        done = trax("watch", folder, "--once", "--settle", 0.1)
        assert done.exit_code == 0, done.output
        assert "old.wav.part is not finished" in done.stderr
        assert {"old.wav.part", "old.tmp", "film.mp4.crdownload", "done/talk.txt"} <= files(folder)

    def test_rules_that_make_no_sense_end_it(self, trax, folder, workspace, monkeypatch):
        """Only people can correct them."""
        monkeypatch.setattr("trax.compose.process_workspace", lambda: workspace)
        sound(folder / "talk.wav", 1.0)
        (folder / "trax.toml").write_text("speakers = -1")
        held = trax("watch", folder, "--once", "--settle", 0)
        assert held.exit_code == 1
        assert "speakers" in held.stdout
        assert "talk.wav" in files(folder)

    def test_a_folder_that_is_not_there_is_told_in_a_sentence(self, trax, tmp_path):
        """Exit code 2."""
        result = trax("watch", tmp_path / "nowhere", "--once")
        assert result.exit_code == 2
        assert "there is no folder" in result.stderr
