"""What an edge asks for when it has recordings transcribed."""

import pytest

from trax.cli.batch import Batch
from trax.errors import InvalidOption, MissingPart, MissingRooms, ModelUnavailable
from trax.service.checks import checked_options
from trax.service.recordings import upload
from trax.service.submission import run
from trax.settings import load_settings
from trax.stages.options import TranscribeOptions

OPTIONS = TranscribeOptions(formats=("txt",))


@pytest.fixture
def settings(home):
    """Settings of a home of the test's own."""
    return load_settings()


class TestOptions:
    def test_plain_values_become_options(self, settings):
        """As a form or a command line has them."""
        options = checked_options({"recognition": {"language": "de"}, "formats": ["srt"]}, settings)
        assert options.recognition.language == "de"
        assert options.formats == ("srt",)

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"diarization": {"speakers": 0}}, "speakers: "),
            ({"recognition": {"beam_size": "many"}}, "beam_size: "),
            ({"formats": ["pdf"]}, "formats: there is no format 'pdf'"),
            ({"colour": "red"}, "colour: "),
        ],
    )
    def test_a_value_that_makes_no_sense_is_named(self, settings, values, message):
        """In one sentence, without pydantic's words around it."""
        with pytest.raises(InvalidOption) as caught:
            checked_options(values, settings)
        assert str(caught.value).startswith(message)
        assert "Value error" not in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_translation_needs_a_language_model(self, settings, monkeypatch):
        """Nobody is told after an hour that there is none."""
        asked = {"enhancement": {"tasks": ["translate"], "language": "de"}}
        with pytest.raises(MissingPart, match="none is configured"):
            checked_options(asked, settings)
        monkeypatch.setenv("TRAX_LLM_BASE_URL", "http://127.0.0.1:9/v1")
        monkeypatch.setenv("TRAX_LLM_MODEL", "m")
        assert checked_options(asked, load_settings()).enhancement.language == "de"
        assert checked_options({"enhancement": {"tasks": ["summary"]}}, settings)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"recognition": {"model": "large-v9"}}, ModelUnavailable, "large-v9"),
            ({"recognition": {"model": "packaged"}}, InvalidOption, "is a model for diarization"),
            ({"recognition": {"passes": [{"models": ["x", "y"]}]}}, ModelUnavailable, "x or y"),
            ({"diarization": {"model": "nobody"}}, ModelUnavailable, "nobody"),
            ({"diarization": {"model": "community-1"}}, ModelUnavailable, "community-1"),
        ],
    )
    def test_a_model_that_cannot_be_had_is_refused(self, settings, values, error, message):
        """Before the first stage, not after minutes of work."""
        with pytest.raises(error, match=message):
            checked_options(values, settings)

    def test_a_model_that_is_here_or_may_be_fetched_is_not(self, settings, tmp_path):
        """A package, a folder, or the hub."""
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "model.bin").write_bytes(b"weights")
        for name in ("tiny.en", str(tmp_path / "mine")):
            assert checked_options({"recognition": {"model": name}}, settings)
        online = settings.model_copy(update={"offline": False})
        assert checked_options({"recognition": {"model": "large-v3"}}, online)


class TestRunning:
    def test_a_file_is_transcribed_in_plain_python(self, settings, workspace, recording):
        """Where the settings say so."""
        result = run(workspace, settings, str(recording), OPTIONS)
        assert workspace.repository.get(result.transcript_id).text == "hello there."

    def test_an_upload_is_transcribed_from_the_store(self, settings, workspace, recording):
        """Its place is no path; the folder's vocabulary is not looked for."""
        source = upload(workspace, recording, "talk.wav")
        recording.unlink()
        result = run(workspace, settings, source, OPTIONS)
        assert workspace.jobs.get(result.job_id).source == source
        assert workspace.repository.get(result.transcript_id).recording.name == "talk.wav"

    def test_a_flow_that_is_not_installed_is_said_to_be(
        self, settings, workspace, recording, tmp_path
    ):
        """And not silently replaced by plain Python."""
        asked = settings.model_copy(update={"runner": "prefect", "rooms": tmp_path})
        with pytest.raises(MissingRooms, match="none are installed"):
            run(workspace, asked, str(recording), OPTIONS)

    def test_the_folder_s_vocabulary_counts(self, settings, workspace, recording):
        """It is another job than the recording without it."""
        plain = run(workspace, settings, str(recording), OPTIONS)
        (recording.parent / "vocabulary.txt").write_text("Cintra")
        named = run(workspace, settings, str(recording), OPTIONS)
        assert named.job_id != plain.job_id
        job = workspace.jobs.get(named.job_id)
        assert job.options["recognition"]["hotwords"] == ["Cintra"]


class TestNames:
    def test_files_are_called_after_the_recording(self, home, tmp_path):
        """By its stem; by more of the path where two would be the same."""
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        paths = [tmp_path / "a" / "talk.wav", tmp_path / "a" / "talk.mp3", tmp_path / "b" / "x.wav"]
        for path in paths:
            path.write_bytes(b"RIFF")
        batch = Batch.prepare(paths, {}, "txt", tmp_path / "out")
        assert list(batch.targets.values()) == ["talk.wav", "talk.mp3", "x"]
        deeper = [tmp_path / "a" / "x.wav", tmp_path / "b" / "x.wav"]
        deeper[0].write_bytes(b"RIFF")
        names = list(Batch.prepare(deeper, {}, "txt", tmp_path / "out").targets.values())
        assert names[0].endswith("a-x.wav")
        assert names[1].endswith("b-x.wav")

    def test_places_that_are_no_paths_stay_as_they_are(self, home, tmp_path):
        """A retried job may lie in a bucket or in the object store."""
        sources = ["s3://calls/2026/monday.mp3", "object:uploads/abc/talk.wav"]
        batch = Batch.prepare(sources, {}, "txt", tmp_path / "out")
        assert batch.targets == dict(zip(sources, ["monday", "talk"], strict=True))

    def test_a_folder_gives_its_recordings_sorted(self, home, tmp_path):
        """What is no recording is left out; a folder without any is refused."""
        for name in ("b.wav", "a.mp3", "notes.txt"):
            (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
            (tmp_path / "in" / name).write_bytes(b"x")
        batch = Batch.prepare([tmp_path / "in"], {}, "txt", tmp_path / "out")
        assert list(batch.targets.values()) == ["a", "b"]
        (tmp_path / "empty").mkdir()
        with pytest.raises(InvalidOption, match="holds no audio or video file"):
            Batch.prepare([tmp_path / "empty"], {}, "txt", tmp_path / "out")
