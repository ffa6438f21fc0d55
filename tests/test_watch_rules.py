"""The rules of watching, each by itself: scripted places and runs, no engine, no audio."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import Path, PurePosixPath

import pytest

from trax.errors import InvalidDocument
from trax.export.files import numbered
from trax.pipelines.runs import LIVING, RunState
from trax.store import WatchedState
from trax.store.tables import utc_now
from trax.watch import Entry, Watcher
from trax.watch.places import Outcome, is_recording, is_unfinished
from trax.watch.rules import options_for


class ScriptedPlace:
    """A place whose entries the test decides; recordings lie in *folder*."""

    name = "scripted"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stamps: dict[str, str] = {}
        self.whole: dict[str, bool] = {}
        self.files: dict[str, bytes] = {}
        self.put: list[tuple[str, str]] = []

    def drop(self, path: str, stamp: str = "1", data: bytes = b"sound") -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(data)
        self.stamps[path] = stamp

    def entries(self) -> Iterable[Entry]:
        return [Entry(path, stamp, self.whole.get(path)) for path, stamp in self.stamps.items()]

    def uri(self, path: str) -> str:
        return str(self.folder / path)

    def read(self, path: PurePosixPath) -> bytes | None:
        return self.files.get(str(path))

    def put_away(self, path: str, outcome: Outcome, files: Mapping[str, bytes]) -> str:
        self.put.append((path, outcome))
        self.stamps.pop(path, None)
        return f"{outcome}/{path}"


class ScriptedRuns:
    """Remembers what was submitted; every run goes on."""

    def __init__(self) -> None:
        self.submitted: list[str] = []
        self.options: list[object] = []

    def submit(self, recording: str, options: object, key: str) -> str:
        self.submitted.append(recording.rpartition("/")[2])
        self.options.append(options)
        return key

    def states(self, runs: Collection[str]) -> dict[str, RunState]:
        return dict.fromkeys(runs, LIVING)


@pytest.fixture
def place(tmp_path):
    return ScriptedPlace(tmp_path / "dropped")


@pytest.fixture
def runs():
    return ScriptedRuns()


@pytest.fixture
def later(workspace):
    """Makes everything that is known of the place older."""

    def age(seconds: float) -> None:
        from sqlalchemy import update

        from trax.store.tables import WatchedRow

        with workspace.database.writing() as session:
            moment = utc_now() - timedelta(seconds=seconds)
            session.execute(update(WatchedRow).values(seen_at=moment))

    return age


class TestWhenAFileIsWhole:
    def test_one_look_is_not_enough(self, workspace, place, runs, later):
        """Size and time must be the same in a later look."""
        place.drop("talk.wav")
        watcher = Watcher(workspace, place, runs, quiet=10.0)
        assert watcher.look().growing == ["talk.wav"]
        later(9.0)
        assert watcher.look().growing == ["talk.wav"]
        later(11.0)
        assert watcher.look().submitted == ["talk.wav"]

    def test_a_file_that_changed_begins_again(self, workspace, place, runs, later):
        """However long it was there before."""
        place.drop("talk.wav", "1")
        watcher = Watcher(workspace, place, runs, quiet=10.0)
        watcher.look()
        later(60.0)
        place.drop("talk.wav", "2")
        assert watcher.look().growing == ["talk.wav"]
        assert runs.submitted == []

    def test_another_name_is_no_change(self, workspace, place, runs, later):
        """A program that renames its finished file need not wait again."""
        place.drop("talk.wav.part", "1")
        place.whole["talk.wav.part"] = False
        watcher = Watcher(workspace, place, runs, quiet=10.0)
        later(60.0)
        assert watcher.look().growing == ["talk.wav.part"]
        later(60.0)
        assert watcher.look().growing == ["talk.wav.part"]
        del place.stamps["talk.wav.part"]
        place.drop("talk.wav", "1")
        assert watcher.look().submitted == ["talk.wav"]

    def test_a_place_may_say_that_it_is_whole(self, workspace, place, runs):
        """As a bucket does: nobody waits."""
        place.drop("talk.wav")
        place.whole["talk.wav"] = True
        assert Watcher(workspace, place, runs, quiet=1e9).look().submitted == ["talk.wav"]

    def test_a_file_that_went_away_is_forgotten(self, workspace, place, runs):
        """It was never submitted."""
        place.drop("talk.wav")
        watcher = Watcher(workspace, place, runs, quiet=10.0)
        watcher.look()
        del place.stamps["talk.wav"]
        assert watcher.look().settled
        assert workspace.watched.newest(place.name, 10) == []

    def test_what_is_submitted_is_submitted_once(self, workspace, place, runs):
        """Every later look finds it in work."""
        place.drop("talk.wav")
        watcher = Watcher(workspace, place, runs, quiet=0.0)
        looks = [watcher.look() for _ in range(3)]
        assert runs.submitted == ["talk.wav"]
        assert [look.working for look in looks] == [[], ["talk.wav"], ["talk.wav"]]


class TestNames:
    @pytest.mark.parametrize("name", ["a.wav", "b/c.MP3", "Ä/ö.flac", "a.b.m4a"])
    def test_recordings_are_known_by_their_suffix(self, name):
        """In any folder, in any case."""
        assert is_recording(PurePosixPath(name))

    @pytest.mark.parametrize(
        "name",
        [".a.wav", ".git/a.wav", "b/.hidden/a.wav", "done/a.wav", "failed/b/a.wav", "a.txt", "wav"],
    )
    def test_hidden_names_and_what_was_put_away_are_ignored(self, name):
        """So are files of other kinds."""
        assert not is_recording(PurePosixPath(name))

    @pytest.mark.parametrize(
        ("name", "unfinished"),
        [
            ("a.wav.part", True),
            ("a.mp3.crdownload", True),
            ("a.wav~", True),
            ("a.tmp", True),
            ("a.wav", False),
            ("done/a.part", False),
        ],
    )
    def test_programs_name_what_they_have_not_finished(self, name, unfinished):
        """Such a file is not whole, however long it rests."""
        assert is_unfinished(PurePosixPath(name)) is unfinished

    def test_names_that_are_taken_get_a_number(self):
        """The first has none."""
        assert [numbered("talk", number) for number in (1, 2, 3)] == ["talk", "talk-2", "talk-3"]


class TestRules:
    def test_the_nearest_folder_decides(self, place):
        """What it leaves out is as in the folders above."""
        place.files = {
            "trax.toml": b'language = "de"\nformats = ["txt"]\nspeakers = 2\n',
            "team/trax.toml": b'language = "en"\n',
            "team/weekly/trax.toml": b"speakers = 5\n",
        }
        found = {
            folder: options_for(place, PurePosixPath(folder))
            for folder in (".", "team", "team/weekly", "other/deep")
        }
        languages = {folder: each.recognition.language for folder, each in found.items()}
        speakers = {folder: each.diarization.speakers for folder, each in found.items()}
        assert languages == {".": "de", "team": "en", "team/weekly": "en", "other/deep": "de"}
        assert speakers == {".": 2, "team": 2, "team/weekly": 5, "other/deep": 2}
        assert {each.formats for each in found.values()} == {("txt",)}

    def test_terms_of_the_folder_are_added_to_its_vocabulary(self, place):
        """Each once, the rules' first."""
        place.files = {
            "trax.toml": b'vocabulary = ["Aachen", "Trax"]\n',
            "vocabulary.txt": b"Trax\nMinIO\n",
        }
        hotwords = options_for(place, PurePosixPath()).recognition.hotwords
        assert list(hotwords) == ["Aachen", "Trax", "MinIO"]

    def test_a_language_to_translate_into_is_a_task(self, place):
        """Beside those that are named, or beside correction."""
        place.files = {"trax.toml": b'translate = "fr"\n'}
        enhancement = options_for(place, PurePosixPath()).enhancement
        assert "translate" in enhancement.tasks
        assert "correct" in enhancement.tasks
        assert enhancement.language == "fr"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (b"language = ", "no TOML"),
            (b"\xff\xfe", "no TOML"),
            (b'colour = "red"\n', "colour"),
            (b'speakers = "many"\n', "speakers"),
            (b'formats = ["pdf"]\n', "pdf"),
        ],
    )
    def test_rules_that_make_no_sense_name_their_file(self, place, text, message):
        """And what is wrong in it."""
        place.files = {"team/trax.toml": text}
        with pytest.raises(InvalidDocument, match=message) as caught:
            options_for(place, PurePosixPath("team/weekly"))
        assert "trax.toml" in str(caught.value)

    def test_rules_that_make_no_sense_hold_recordings_back(self, workspace, place, runs):
        """Until they are put right; other folders go on."""
        place.drop("team/a.wav", "1", b"one")
        place.drop("b.wav", "2", b"two")
        place.files = {"team/trax.toml": b"speakers = -1\n"}
        watcher = Watcher(workspace, place, runs, quiet=0.0)
        look = watcher.look()
        assert look.submitted == ["b.wav"]
        assert "speakers" in look.held["team/a.wav"]
        (held,) = (
            file
            for file in workspace.watched.newest(place.name, 10)
            if file.state is WatchedState.HELD
        )
        assert held.path == "team/a.wav"
        place.files = {"team/trax.toml": b"speakers = 3\n"}
        assert watcher.look().submitted == ["team/a.wav"]
        assert runs.options[-1].diarization.speakers == 3


def test_what_cannot_be_read_is_put_away_at_once(workspace, place, runs):
    """With the reason; nothing is submitted."""
    place.drop("empty.wav", data=b"")
    look = Watcher(workspace, place, runs, quiet=0.0).look()
    assert "empty" in look.failed["empty.wav"]
    assert place.put == [("empty.wav", "failed")]
    assert runs.submitted == []
